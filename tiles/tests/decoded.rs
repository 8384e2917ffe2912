//! Tiles read by another author's decoder.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, where a panic is the report"
)]
#![allow(clippy::many_single_char_names, reason = "sides and points of the compass")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::PI;
use std::sync::Arc;

use fast_mvt::{MvtFeatureRef, MvtReaderRef, MvtValueRef};
use geo::{BoundingRect as _, GeodesicArea as _};
use geo_types::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon};
use gis_data::{
    AttributeType, FeatureId, GeometryType, LonLat, OwnedFeature, ScopeId, Snapshot, Value, Viewer,
    World,
};
use support::{Fixed, asked, asked_for, source, source_with, tile};
use tiles::{MERGED, Source, TileCoord, TileError, Tiles, Wish, tilejson};

const LON: f64 = 116.203_4;
const LAT: f64 = 36.104_5;

/// An L of 60 by 40 metres with a courtyard, by degrees.
fn building() -> Polygon<f64> {
    let (m_lon, m_lat) = (1.0 / (111_320.0 * LAT.to_radians().cos()), 1.0 / 110_950.0);
    let ring = |points: &[(f64, f64)]| {
        LineString::from(
            points.iter().map(|(e, n)| (LON + e * m_lon, LAT + n * m_lat)).collect::<Vec<_>>(),
        )
    };
    Polygon::new(
        ring(&[(0.0, 0.0), (60.0, 0.0), (60.0, 20.0), (30.0, 20.0), (30.0, 40.0), (0.0, 40.0)]),
        vec![ring(&[(5.0, 5.0), (5.0, 15.0), (25.0, 15.0), (25.0, 5.0)])],
    )
}

fn feature(id: i64, scope: i32, geometry: &Geometry<f64>, values: [Value; 3]) -> OwnedFeature {
    OwnedFeature::new(FeatureId(id), ScopeId(scope), geometry, values.into()).unwrap()
}

fn values(name: &str, ordinal: i64, area_m2: f64) -> [Value; 3] {
    [Value::Text(Arc::from(name)), Value::Int(ordinal), Value::Float(area_m2)]
}

fn buildings() -> Fixed {
    let shape = Geometry::from(MultiPolygon::from(building()));
    source(
        "buildings",
        GeometryType::Polygon,
        (12, 16),
        vec![
            feature(7, 1, &shape, values("综合楼", -1, 2000.5)),
            feature(8, 2, &shape, [Value::Null, Value::Int(3), Value::Float(f64::NAN)]),
        ],
    )
}

fn here(z: u8) -> TileCoord {
    TileCoord::at(z, World::from_lonlat(LonLat::new_checked(LON, LAT).unwrap())).unwrap()
}

fn address(coord: TileCoord) -> (u8, u32, u32) {
    (coord.z(), coord.x(), coord.y())
}

fn to_degrees(coord: TileCoord, c: Coord<i32>) -> Coord<f64> {
    let extent = f64::from(coord.extent());
    let units = f64::from(1_u32 << coord.z()) * extent;
    let x = (f64::from(coord.x()) * extent + f64::from(c.x)) / units;
    let y = (f64::from(coord.y()) * extent + f64::from(c.y)) / units;
    let lat = (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees();
    Coord { x: x * 360.0 - 180.0, y: lat }
}

fn polygons(geometry: fast_mvt::MvtGeometry) -> MultiPolygon<i32> {
    match geometry {
        Geometry::Polygon(p) => MultiPolygon(vec![p]),
        Geometry::MultiPolygon(p) => p,
        other => panic!("not polygons: {other:?}"),
    }
}

#[test]
fn a_building_comes_back_with_its_area_within_one_percent() {
    use geo::MapCoords as _;
    let truth = building().geodesic_area_signed().abs();
    for (z, allowed) in [(16, 0.01), (14, 0.05), (12, 0.2)] {
        let coord = here(z);
        let bytes = tile(&[&buildings()], coord).unwrap().unwrap();
        let reader = MvtReaderRef::new(&bytes).unwrap();
        let layer = reader.layers().next().unwrap();
        let found = layer.features().find(|f| f.id() == Some(7)).unwrap();
        let shape = polygons(found.geometry().unwrap()).map_coords(|c| to_degrees(coord, c));
        let area = shape.geodesic_area_signed().abs();
        assert!((area - truth).abs() < allowed * truth, "zoom {z}: {area} for {truth}");
    }
}

#[test]
fn layer_id_and_attributes_come_back_typed() {
    let bytes = tile(&[&buildings()], here(16)).unwrap().unwrap();
    let reader = MvtReaderRef::new(&bytes).unwrap();
    assert_eq!(reader.layer_count(), 1);
    let layer = reader.layers().next().unwrap();
    assert_eq!((layer.name(), layer.version(), layer.extent()), ("buildings", 2, 16384));
    let tags: Vec<(Option<u64>, BTreeMap<&str, MvtValueRef<'_>>)> =
        layer.features().map(|f| (f.id(), f.properties().map(Result::unwrap).collect())).collect();
    assert_eq!(tags[0].0, Some(7));
    assert_eq!(format!("{:?}", tags[0].1["name"]), r#""综合楼""#);
    assert_eq!(format!("{:?}", tags[0].1["area_m2"]), "2000.5 (double)");
    assert_eq!(format!("{:?}", tags[0].1["ordinal"]), "-1 (sint)");
    // What is absent or no number has no tag.
    assert_eq!(tags[1].1.keys().copied().collect::<Vec<_>>(), ["ordinal"]);
}

#[test]
fn a_hidden_scope_is_not_in_the_tile_and_has_another_entity_tag() {
    let tiles = Arc::new(Tiles::new(vec![Arc::new(buildings())]));
    let one = Viewer::of_scopes("one", [ScopeId(1)]);
    let none = Viewer::of_scopes("none", []);
    let seen = asked(&tiles, "buildings", address(here(16)), &one).unwrap().unwrap();
    let reader = MvtReaderRef::new(&seen.bytes).unwrap();
    let ids: Vec<_> = reader.layers().next().unwrap().features().map(MvtFeatureRef::id).collect();
    assert_eq!(ids, [Some(7)]);
    let all = asked(&tiles, "buildings", address(here(16)), &Viewer::program()).unwrap().unwrap();
    assert_ne!(seen.etag, all.etag);
    assert_eq!(asked(&tiles, "buildings", address(here(16)), &none).unwrap(), None);
}

#[test]
fn equal_data_make_equal_bytes_also_from_the_cache_and_in_another_order() {
    let mut turned = buildings();
    let mut features: Vec<OwnedFeature> = turned.snapshot.iter().map(OwnedFeature::from).collect();
    features.reverse();
    turned.snapshot = Arc::new(Snapshot::of(features, 16, 99));
    let make = |source: Fixed| Arc::new(Tiles::new(vec![Arc::new(source) as Arc<dyn Source>]));
    let (first, second) = (make(buildings()), make(turned));
    let ask = |t: &Arc<Tiles>| {
        asked(t, "buildings", address(here(15)), &Viewer::program()).unwrap().unwrap()
    };
    let answers = [ask(&first), ask(&first), ask(&second)];
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    let plain = tile(&[&buildings()], here(15)).unwrap().unwrap();
    assert_eq!(answers[0].bytes, plain);
}

#[test]
fn layers_come_in_the_order_asked_once_each_and_only_inside_their_zooms() {
    let points = Geometry::from(Point::new(LON, LAT));
    let facilities = source(
        "facilities",
        GeometryType::Point,
        (16, 16),
        vec![feature(9, 1, &points, values("门岗", 1, 0.0))],
    );
    let tiles = Arc::new(Tiles::new(vec![Arc::new(buildings()), Arc::new(facilities)]));
    let drawn = |names: &str, z: u8| -> Vec<String> {
        let made = asked(&tiles, names, address(here(z)), &Viewer::program()).unwrap().unwrap();
        let reader = MvtReaderRef::new(&made.bytes).unwrap();
        reader.layers().map(|l| l.name().to_owned()).collect()
    };
    assert_eq!(drawn("facilities,buildings", 16), ["facilities", "buildings"]);
    assert_eq!(drawn("buildings,facilities,buildings", 16), ["buildings", "facilities"]);
    assert_eq!(drawn("facilities,buildings", 13), ["buildings"]);
}

#[test]
fn what_may_be_asked_of_layers_does_not_depend_on_the_zoom() {
    let here_is = Geometry::from(Point::new(LON, LAT));
    let gates = vec![feature(9, 1, &here_is, [Value::Null, Value::Null, Value::Null])];
    let gates = source_with(
        &[("class", AttributeType::Text)],
        "gates",
        GeometryType::Point,
        (16, 16),
        gates,
    );
    let tiles = Arc::new(Tiles::new(vec![Arc::new(buildings()), Arc::new(gates)]));
    let keys = |properties: &[&str], z: u8| {
        let properties = Some(properties.iter().map(|name| (*name).to_owned()).collect());
        let wish = Wish { properties, ..Wish::default() };
        let (layers, program) = ("buildings,gates", Viewer::program());
        let made = asked_for(&tiles, layers, address(here(z)), &program, wish)?.unwrap();
        let reader = MvtReaderRef::new(&made.bytes).unwrap();
        let features: Vec<_> =
            reader.layers().flat_map(|l| l.features().collect::<Vec<_>>()).collect();
        let keys = features.iter().flat_map(|f| f.properties().map(|p| p.unwrap().0.to_owned()));
        Ok::<BTreeSet<String>, TileError>(keys.filter(|key| key != MERGED).collect())
    };
    for z in [13, 16] {
        assert_eq!(keys(&["name", "class"], z).unwrap(), BTreeSet::from(["name".to_owned()]));
        let refused = keys(&["colour"], z);
        assert!(matches!(refused, Err(TileError::UnknownProperty { name, known })
            if name == "colour" && known == ["name", "ordinal", "area_m2", "class"]));
    }
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let tiles = Arc::new(Tiles::new(vec![Arc::new(buildings())]));
    let ask = |names: &str, at| asked(&tiles, names, at, &Viewer::program());
    assert!(
        matches!(ask("nothing", (16, 0, 0)), Err(TileError::UnknownLayer { name, known }) if name == "nothing" && known == ["buildings"])
    );
    assert!(matches!(ask("", (16, 0, 0)), Err(TileError::UnknownLayer { .. })));
    assert!(matches!(
        ask("buildings", (3, 0, 8)),
        Err(TileError::OutsideEarth { z: 3, x: 0, y: 8 })
    ));
    assert!(matches!(ask("buildings", (40, 0, 0)), Err(TileError::OutsideEarth { .. })));
    assert!(matches!(ask("buildings", (11, 0, 0)), Err(TileError::OutsideZooms { .. })));
    let many = vec!["buildings"; 33].join(",");
    assert!(matches!(ask(&many, (16, 0, 0)), Err(TileError::TooManyLayers { asked: 33 })));
    assert_eq!(ask("buildings", (16, 0, 0)).unwrap(), None);
    let message = ask("buildings", (11, 0, 0)).unwrap_err().to_string();
    assert_eq!(message, "tile 11/0/0 is outside the zooms of its layers: buildings 12 to 16");
}

/// An encoder that leaves out the `MoveTo` of a ring or line that begins where the one before ended makes tiles which
/// decoders refuse.
#[test]
fn parts_that_meet_end_to_start_are_still_whole() {
    let square = |e: f64, n: f64| {
        let (w, s, d) = (LON + e, LAT + n, 0.0002);
        Polygon::new(
            LineString::from(vec![(w, s), (w + d, s), (w + d, s + d), (w, s + d), (w, s)]),
            vec![],
        )
    };
    let chain: Vec<Polygon<f64>> =
        (0..6).map(|i| square(f64::from(i) * 0.0002, f64::from(i) * 0.0002)).collect();
    let polygon = source(
        "parcels",
        GeometryType::Polygon,
        (9, 18),
        vec![feature(1, 1, &Geometry::from(MultiPolygon(chain)), values("", 0, 0.0))],
    );
    let lines = geo_types::MultiLineString(vec![
        LineString::from(vec![(LON, LAT), (LON + 0.001, LAT)]),
        LineString::from(vec![(LON + 0.001, LAT), (LON + 0.001, LAT + 0.001)]),
        LineString::from(vec![(LON, LAT + 0.0005), (LON + 0.0002, LAT + 0.0007)]),
    ]);
    let line = source(
        "roads",
        GeometryType::Line,
        (6, 18),
        vec![feature(2, 1, &Geometry::from(lines), values("", 0, 0.0))],
    );
    for z in 12..=18 {
        let bytes = tile(&[&polygon, &line], here(z)).unwrap().unwrap();
        let reader = MvtReaderRef::new(&bytes).unwrap();
        for layer in reader.layers() {
            for found in layer.features() {
                let geometry = found.geometry().unwrap();
                commands_are_whole(found.geometry_commands(), layer.name() == "parcels");
                assert!(geometry.bounding_rect().is_some());
            }
        }
    }
}

/// MVT 2.1 §4.3.4: every part is one `MoveTo`, one `LineTo` and, for rings, one `ClosePath`.
fn commands_are_whole(commands: &[u32], is_polygon: bool) {
    let mut kinds = Vec::new();
    let mut at = 0;
    while at < commands.len() {
        let (id, count) = (commands[at] & 7, commands[at] >> 3);
        assert!(id == 2 || count == 1, "{commands:?}");
        kinds.push(id);
        at += 1 + if id == 7 { 0 } else { 2 * count as usize };
    }
    let part: &[u32] = if is_polygon { &[1, 2, 7] } else { &[1, 2] };
    assert!(kinds.chunks(part.len()).all(|c| c == part), "{kinds:?}");
}

#[test]
fn a_small_building_still_shows_at_the_first_zoom_and_a_shed_does_not() {
    let square = |side_m: f64, at: f64| {
        let d = side_m / 111_320.0;
        let (w, s, e, n) = (LON + at, LAT, LON + at + d / LAT.to_radians().cos(), LAT + d);
        Geometry::from(Polygon::new(
            LineString::from(vec![(w, s), (e, s), (e, n), (w, n), (w, s)]),
            vec![],
        ))
    };
    let both = source(
        "buildings",
        GeometryType::Polygon,
        (12, 16),
        vec![
            feature(1, 1, &square(12.0, 0.0), values("", 0, 0.0)),
            feature(2, 1, &square(3.0, 0.001), values("", 0, 0.0)),
        ],
    );
    let ids = |z: u8| -> Vec<Option<u64>> {
        let bytes = tile(&[&both], here(z)).unwrap().unwrap();
        MvtReaderRef::new(&bytes)
            .unwrap()
            .layers()
            .next()
            .unwrap()
            .features()
            .map(MvtFeatureRef::id)
            .collect()
    };
    // What has no id counts the shed.
    assert_eq!(ids(12), [Some(1), None]);
    assert_eq!(ids(16), [Some(1), Some(2)]);
}

/// A town of small houses, 24 m apart: each zoom shows as much area as there is on the ground, all tiles of a zoom show
/// the same, what a zoom shows the next one shows too, and what is not shown is counted.
#[test]
fn small_houses_stand_for_each_other_and_all_of_them_are_counted() {
    let (m_lon, m_lat) = (1.0 / (111_320.0 * LAT.to_radians().cos()), 1.0 / 111_320.0);
    let house = |n: i32| {
        let (e, s) = (f64::from(n % 60) * 24.0 * m_lon, f64::from(n / 60) * 24.0 * m_lat);
        let (w, s) = (LON + e, LAT + s);
        let (e, n) = (w + 9.0 * m_lon, s + 7.0 * m_lat);
        Geometry::from(Polygon::new(
            LineString::from(vec![(w, s), (e, s), (e, n), (w, n), (w, s)]),
            vec![],
        ))
    };
    let houses = (0..3600).map(|n| feature(i64::from(n), 1, &house(n), values("", 0, 0.0)));
    let town = source("buildings", GeometryType::Polygon, (6, 16), houses.collect());
    let mut before: Vec<u64> = Vec::new();
    for z in 8..=16 {
        let corner = |lon, lat| {
            TileCoord::at(z, World::from_lonlat(LonLat::new_checked(lon, lat).unwrap())).unwrap()
        };
        let (from, to) = (here(z), corner(LON + 1440.0 * m_lon, LAT + 1440.0 * m_lat));
        let (mut drawn, mut merged, mut area) = (Vec::new(), 0, 0.0);
        for (x, y) in (from.x()..=to.x()).flat_map(|x| (to.y()..=from.y()).map(move |y| (x, y))) {
            let coord = TileCoord::new_checked(z, x, y).unwrap();
            let Some(bytes) = tile(&[&town], coord).unwrap() else { continue };
            let reader = MvtReaderRef::new(&bytes).unwrap();
            for feature in reader.layers().next().unwrap().features() {
                for property in feature.properties() {
                    if let (MERGED, MvtValueRef::Int(n)) = property.unwrap() {
                        merged += n;
                    }
                }
                if feature.id().is_none() {
                    continue;
                }
                let shape = polygons(feature.geometry().unwrap());
                let shape = geo::MapCoords::map_coords(&shape, |c| Coord {
                    x: f64::from(c.x),
                    y: f64::from(c.y),
                });
                let middle = shape.bounding_rect().unwrap().center();
                // Those of the buffer are counted by the tile in which they lie.
                let is_here = |v: f64| (0.0..f64::from(coord.extent())).contains(&v);
                if is_here(middle.x) && is_here(middle.y) {
                    drawn.push(feature.id().unwrap());
                    area += geo::Area::unsigned_area(&shape);
                }
            }
        }
        drawn.sort_unstable();
        drawn.dedup();
        assert!(before.iter().all(|id| drawn.binary_search(id).is_ok()), "zoom {z} lost a house");
        assert!(i64::try_from(drawn.len()).unwrap() + merged >= 3600, "zoom {z}: {merged}");
        // Where Mercator draws 1.24 times larger, on tiles whose units are counted.
        let unit_m = 40_075_016.7 / f64::from(1_u32 << z) / f64::from(from.extent());
        let ground = 3600.0 * 63.0 / LAT.to_radians().cos().powi(2) / (unit_m * unit_m);
        let allowed = if z < 10 { 0.5 } else { 0.15 };
        assert!((area / ground - 1.0).abs() < allowed, "zoom {z}: {area} for {ground}");
        before = drawn;
    }
    assert_eq!(before.len(), 3600);
}

#[test]
fn tilejson_says_where_what_and_from_which_zoom() {
    let layer = buildings();
    let json = tilejson(&[&layer], &Viewer::program(), "http://host", Some("示例数据（虚构）"));
    assert_eq!(json["tilejson"], "3.0.0");
    assert_eq!(json["tiles"][0], "http://host/tiles/buildings/{z}/{x}/{y}");
    assert_eq!((json["minzoom"].as_u64(), json["maxzoom"].as_u64()), (Some(12), Some(16)));
    assert_eq!(json["attribution"], "示例数据（虚构）");
    assert_eq!(json["vector_layers"][0]["id"], "buildings");
    assert!(json["vector_layers"][0]["fields"][MERGED].is_string());
    assert!(json["vector_layers"][0]["fields"]["ordinal"].as_str().unwrap().starts_with("Number"));
    let west = json["bounds"][0].as_f64().unwrap();
    assert!((west - LON).abs() < 1e-6, "{west}");
    let nobody = tilejson(&[&layer], &Viewer::of_scopes("none", []), "", None);
    assert_eq!(nobody["bounds"][0], -180.0);
}

#[test]
fn exteriors_have_positive_area_and_holes_negative_on_the_screen() {
    let bytes = tile(&[&buildings()], here(16)).unwrap().unwrap();
    let reader = MvtReaderRef::new(&bytes).unwrap();
    let found = reader.layers().next().unwrap().features().next().unwrap();
    let shape = polygons(found.geometry().unwrap());
    assert_eq!((shape.0.len(), shape.0[0].interiors().len()), (1, 1));
    // The surveyor's formula on y that runs down.
    let doubled = |l: &LineString<i32>| {
        l.lines().map(|e| e.start.x * e.end.y - e.end.x * e.start.y).sum::<i32>()
    };
    assert!(doubled(shape.0[0].exterior()) > 0);
    assert!(doubled(&shape.0[0].interiors()[0]) < 0);
}

#[test]
fn an_area_as_wide_as_a_continent_fills_the_tiles_of_every_zoom() {
    // A ring short and narrow enough to be tested for simplicity, unless its width is limited.
    let (west, east, north, south) = (90.0, 140.0, 60.0, 10.0);
    let wide = [(west, north), (LON, north), (east, north), (east, south), (west, south)];
    let shape = Geometry::from(Polygon::new(LineString::from(wide.to_vec()), vec![]));
    let source = source_with(
        &[],
        "seas",
        GeometryType::Polygon,
        (0, 22),
        vec![OwnedFeature::new(FeatureId(1), ScopeId(1), &shape, vec![]).unwrap()],
    );
    for z in 5..=22 {
        let coord = here(z);
        let bytes = tile(&[&source], coord).unwrap().expect("the tile lies within");
        let reader = MvtReaderRef::new(&bytes).unwrap();
        let found = reader.layers().next().unwrap().features().next().unwrap();
        let shape = polygons(found.geometry().unwrap());
        let (least, most) =
            (-i32::from(coord.buffer()), i32::from(coord.extent()) + i32::from(coord.buffer()));
        let corners: BTreeSet<(i32, i32)> =
            shape.0[0].exterior().coords().map(|c| (c.x, c.y)).collect();
        let all = [least, most].map(|x| [least, most].map(|y| (x, y)));
        assert_eq!(corners, all.into_iter().flatten().collect(), "zoom {z}");
    }
}
