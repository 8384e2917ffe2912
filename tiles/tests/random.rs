//! Questions and geometries that nobody meant: every answer is an error that says why, or bytes that another author's
//! decoder reads.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use fast_mvt::MvtReaderRef;
use geo::CoordsIter as _;
use geo_types::{
    Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};
use gis_data::{FeatureId, GeometryType, LonLat, OwnedFeature, ScopeId, Value, Viewer, World};
use proptest::collection::vec;
use proptest::num;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use support::{source, tile};
use tiles::{MAX_LAYERS, MAX_ZOOM, MERGED, Source, TileCoord, TileError, Tiles, tilejson};

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// The corners of the earth, a few metres of one place, and everywhere.
fn place() -> impl Strategy<Value = Coord<f64>> {
    let edge = select(vec![-180.0, 180.0, 0.0, 179.999_999_9, -90.0, 90.0, 85.051_2]);
    let edges = (edge.clone(), edge).prop_map(|(x, y)| (x, f64::clamp(y, -90.0, 90.0)));
    let near = (0..8_u8, 0..8_u8)
        .prop_map(|(x, y)| (116.2 + f64::from(x) * 1e-4, 36.1 + f64::from(y) * 1e-4));
    let hair = (-1e-7..1e-7, -1e-7..1e-7).prop_map(|(x, y)| (116.2 + x, 36.1 + y));
    prop_oneof![2 => edges, 4 => near, 1 => hair, 2 => (-180.0..=180.0, -90.0..=90.0)]
        .prop_map(Coord::from)
}

fn line(most: usize) -> impl Strategy<Value = LineString<f64>> {
    vec(place(), 0..most).prop_map(LineString::new)
}

fn polygon() -> impl Strategy<Value = Polygon<f64>> {
    (line(9), vec(line(6), 0..3)).prop_map(|(outer, holes)| Polygon::new(outer, holes))
}

fn shape() -> impl Strategy<Value = Geometry<f64>> {
    prop_oneof![
        1 => place().prop_map(|c| Point(c).into()),
        1 => vec(place(), 0..5).prop_map(|all| MultiPoint(all.into_iter().map(Point).collect()).into()),
        1 => line(9).prop_map(Geometry::from),
        1 => vec(line(6), 0..4).prop_map(|all| MultiLineString(all).into()),
        2 => polygon().prop_map(Geometry::from),
        2 => vec(polygon(), 0..4).prop_map(|all| MultiPolygon(all).into()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Int),
        num::f64::ANY.prop_map(Value::Float),
        vec(any::<char>(), 0..9).prop_map(|all| Value::Text(Arc::from(String::from_iter(all)))),
    ]
}

fn features() -> impl Strategy<Value = Vec<OwnedFeature>> {
    vec((any::<i64>(), shape(), vec(value(), 3)), 1..5).prop_map(|all| {
        all.into_iter()
            .filter_map(|(id, shape, values)| {
                OwnedFeature::new(FeatureId(id), ScopeId(1), &shape, values)
            })
            .collect()
    })
}

fn doubled_area(ring: &LineString<i32>) -> i64 {
    ring.lines()
        .map(|e| {
            i64::from(e.start.x) * i64::from(e.end.y) - i64::from(e.end.x) * i64::from(e.start.y)
        })
        .sum()
}

/// Every ring has area, on the side where MVT 2.1 wants it.
fn is_wound(polygons: &[Polygon<i32>]) -> Result<(), TestCaseError> {
    for polygon in polygons {
        prop_assert!(doubled_area(polygon.exterior()) > 0, "{polygon:?}");
        for hole in polygon.interiors() {
            prop_assert!(doubled_area(hole) < 0, "{polygon:?}");
        }
    }
    Ok(())
}

fn is_readable(bytes: &[u8], coord: TileCoord, kind: GeometryType) -> Result<(), TestCaseError> {
    let reader = MvtReaderRef::new(bytes).map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert_eq!(reader.layer_count(), 1);
    let layer = reader.layers().next().unwrap();
    prop_assert_eq!((layer.version(), layer.extent()), (2, u32::from(coord.extent())));
    prop_assert!(!layer.is_empty());
    let (least, most) =
        (-i32::from(coord.buffer()), i32::from(coord.extent()) + i32::from(coord.buffer()));
    for feature in layer.features() {
        let shape = feature.geometry().map_err(|e| TestCaseError::fail(e.to_string()))?;
        let within = |c: Coord<i32>| (least..=most).contains(&c.x) && (least..=most).contains(&c.y);
        prop_assert!(shape.coords_iter().all(within), "{shape:?}");
        match (kind, &shape) {
            (GeometryType::Point, Geometry::Point(_) | Geometry::MultiPoint(_)) => {}
            (GeometryType::Line, Geometry::LineString(line)) => prop_assert!(line.0.len() > 1),
            (GeometryType::Line, Geometry::MultiLineString(lines)) => {
                prop_assert!(lines.iter().all(|line| line.0.len() > 1));
            }
            (GeometryType::Polygon, Geometry::Polygon(one)) => is_wound(std::slice::from_ref(one))?,
            (GeometryType::Polygon, Geometry::MultiPolygon(all)) => is_wound(&all.0)?,
            // Stands for those that are hidden, where no square does.
            (GeometryType::Polygon, Geometry::Point(_)) => prop_assert!(feature.id().is_none()),
            _ => prop_assert!(false, "{shape:?} in a layer of {kind:?}"),
        }
        for property in feature.properties() {
            let (name, _) = property.map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert!(["name", "ordinal", "area_m2", MERGED].contains(&name));
        }
    }
    Ok(())
}

const KINDS: [GeometryType; 3] = [GeometryType::Point, GeometryType::Line, GeometryType::Polygon];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_geometries_become_tiles_that_another_decoder_reads(
        features in features(),
        at in any::<Index>(),
        z in 0..=MAX_ZOOM,
        last in 0..=MAX_ZOOM,
    ) {
        if features.is_empty() {
            return Ok(());
        }
        let feature = at.get(&features).as_ref();
        let coord = TileCoord::at(z, *at.get(feature.geometry.points())).unwrap();
        for kind in KINDS {
            let layer = source("any", kind, (0, last.max(z)), features.clone());
            let bytes = tile(&[&layer], coord);
            let bytes = bytes.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
            // A vertex of it lies on this very tile.
            prop_assert!(kind != GeometryType::Point || bytes.is_some());
            if let Some(bytes) = bytes {
                is_readable(&bytes, coord, kind)?;
            }
        }
    }

    #[test]
    fn random_questions_are_answered_or_refused_for_a_reason(
        names in prop_oneof![
            vec(select(vec!["a", "b", "", "A", " a", "a\0", "建筑", "..", "%2e"]), 0..4).prop_map(|all| all.join(",")),
            vec(select(vec!["a", "b"]), 0..40).prop_map(|all| all.join(",")),
            vec(any::<char>(), 0..40).prop_map(String::from_iter),
        ],
        z in prop_oneof![0..30_u8, any::<u8>()],
        x in prop_oneof![0..70_000_u32, any::<u32>()],
        y in prop_oneof![0..70_000_u32, any::<u32>()],
        deep in 0..32_u8,
    ) {
        let here = Geometry::from(Point::new(116.2, 36.1));
        let feature = OwnedFeature::new(FeatureId(1), ScopeId(1), &here, vec![Value::Null; 3]).unwrap();
        let layer = |id: &str, zooms| -> Arc<dyn Source> {
            Arc::new(source(id, GeometryType::Point, zooms, vec![feature.clone()]))
        };
        let tiles = Arc::new(Tiles::new(vec![layer("a", (0, 22)), layer("b", (4, 10))]));
        let asked: Vec<&str> = names.split(',').collect();
        let known = asked.iter().take(MAX_LAYERS).all(|name| ["a", "b"].contains(name));
        for (z, x, y) in [(z, x, y), (z, x.checked_shr(deep.into()).unwrap_or(0), y.checked_shr(deep.into()).unwrap_or(0))] {
            let on_earth = z <= MAX_ZOOM && x >> z == 0 && y >> z == 0;
            match support::asked(&tiles, &names, (z, x, y), &Viewer::program()) {
                Ok(answer) => {
                    prop_assert!(known && on_earth && asked.len() <= MAX_LAYERS, "{names:?} {z}/{x}/{y}");
                    let coord = TileCoord::new_checked(z, x, y).unwrap();
                    let lies_here = TileCoord::at(z, World::from_lonlat(LonLat::new_checked(116.2, 36.1).unwrap())) == Some(coord);
                    prop_assert!(answer.is_some() || !lies_here);
                    prop_assert!(answer.is_none_or(|tile| !tile.bytes.is_empty() && tile.etag.starts_with('"')));
                }
                Err(TileError::UnknownLayer { name, .. }) => prop_assert!(!["a", "b"].contains(&name.as_str())),
                Err(TileError::TooManyLayers { asked: count }) => prop_assert_eq!(count, asked.len()),
                Err(TileError::OutsideEarth { .. }) => prop_assert!(!on_earth),
                Err(TileError::OutsideZooms { .. }) => prop_assert!(on_earth && !asked.contains(&"a") && z < 4),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }

    #[test]
    fn random_tile_addresses_exist_only_on_the_earth(z in any::<u8>(), x in any::<u32>(), y in any::<u32>(), place in (any::<u32>(), any::<u32>())) {
        if let Some(coord) = TileCoord::new_checked(z, x, y) {
            prop_assert!(z <= MAX_ZOOM && u64::from(x) < 1 << z && u64::from(y) < 1 << z);
            prop_assert_eq!(coord.to_string(), format!("{z}/{x}/{y}"));
        }
        let place = World { x: place.0, y: place.1 };
        match TileCoord::at(z, place) {
            Some(coord) => {
                let square = coord.buffered_box();
                prop_assert!(square.min.x <= place.x && place.x <= square.max.x);
                prop_assert!(square.min.y <= place.y && place.y <= square.max.y);
                prop_assert!(coord.parent().is_none_or(|p| Some(p) == TileCoord::at(z - 1, place)));
            }
            None => prop_assert!(z > MAX_ZOOM),
        }
    }

    #[test]
    fn random_texts_of_tilejson_stay_texts(
        base in vec(any::<char>(), 0..20).prop_map(String::from_iter),
        attribution in option::of(vec(any::<char>(), 0..20).prop_map(String::from_iter)),
        features in features(),
    ) {
        let layer = source("any", GeometryType::Polygon, (3, 9), features);
        let json = tilejson(&[&layer], &Viewer::program(), &base, attribution.as_deref());
        let back: serde_json::Value = serde_json::from_str(&json.to_string()).unwrap();
        prop_assert_eq!(back["tiles"][0].as_str().unwrap(), format!("{base}/tiles/any/{{z}}/{{x}}/{{y}}"));
        prop_assert_eq!(back["attribution"].as_str().unwrap(), attribution.unwrap_or_default());
        let bounds: Vec<f64> = back["bounds"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
        prop_assert!(bounds[0] <= bounds[2] && bounds[1] <= bounds[3], "{bounds:?}");
    }
}
