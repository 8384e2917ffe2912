//! What an import does with files that nobody meant: noise, and good files in which something was changed.
//! Everything up to the database takes part: recognising, reading, judging.

mod formats;
#[path = "../../../tests/import/pbf.rs"]
mod pbf;

use std::io::Write as _;
use std::path::Path;

use geo::{CoordsIter as _, Validation as _};
use geo_types::Geometry;
use geozero::ToGeo as _;
use geozero::wkb::Wkb;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::assemble::assemble;
use super::format::{Asked, format_of};
use super::input::Input;
use super::judge::{Tally, judge};
use super::run::{Judge, read};
use super::shape::{GoodRow, Position, Row, Shape};
use super::{ImportError, ImportLayer};
use crate::crs::{Crs, Projector};
use crate::{FeatureId, OwnedFeature, ScopeId, noise};
use pbf::Osm;

fn rows_of(bytes: &[u8], layer: ImportLayer) -> Result<Vec<Row>, ImportError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    rows_in(file.path(), layer)
}

fn rows_in(file: &Path, layer: ImportLayer) -> Result<Vec<Row>, ImportError> {
    let input = Input::open(file)?;
    let format = format_of(&input)?;
    let (sender, mut batches) = mpsc::channel(64);
    let asked = Asked { layer, crs: None, table: None };
    read(format, &input, &asked, Judge::new(layer, sender))?;
    let mut rows = Vec::new();
    while let Ok(batch) = batches.try_recv() {
        rows.extend(batch);
    }
    Ok(rows)
}

/// Either every row is fit, or the refusal says why in two languages.
fn is_answered(
    read: Result<Vec<Row>, ImportError>,
    layer: ImportLayer,
) -> Result<(), TestCaseError> {
    match read {
        Ok(rows) => rows.iter().try_for_each(|row| is_fit(row, layer)),
        Err(ImportError::Reader(lost)) => Err(TestCaseError::fail(lost.to_string())),
        Err(refused) => {
            prop_assert!(!refused.to_string().is_empty());
            let in_chinese = refused.message_zh().chars().any(|c| ('一'..='龥').contains(&c));
            prop_assert!(in_chinese, "{refused}");
            Ok(())
        }
    }
}

/// What is written to the database is fit for it, and for the mirror that reads it back.
fn is_fit(row: &Row, layer: ImportLayer) -> Result<(), TestCaseError> {
    prop_assert!(!row.source_ref.contains('\0'), "{row:?}");
    match &row.verdict {
        Ok(good) => {
            is_on_earth(&good.geometry, layer)?;
            is_within_limits(good)?;
            prop_assert_eq!(&Wkb(good.wkb.as_slice()).to_geo().unwrap(), &good.geometry);
        }
        Err(problems) => {
            prop_assert!(!problems.is_empty(), "{row:?}");
            for problem in problems {
                for message in [problem.message(), problem.message_zh()] {
                    prop_assert!(!message.is_empty() && !message.contains('\0'), "{problem:?}");
                }
            }
        }
    }
    Ok(())
}

fn is_on_earth(geometry: &Geometry<f64>, layer: ImportLayer) -> Result<(), TestCaseError> {
    let is_point = matches!(geometry, Geometry::Point(_));
    let is_area = matches!(geometry, Geometry::MultiPolygon(_));
    prop_assert!(if layer == ImportLayer::Facilities { is_point } else { is_area }, "{geometry:?}");
    let on_earth = geometry.coords_iter().all(|c| c.x.abs() <= 180.0 && c.y.abs() <= 90.0);
    prop_assert!(on_earth, "{geometry:?}");
    let mirrored = OwnedFeature::new(FeatureId(1), ScopeId(1), geometry, Vec::new());
    prop_assert!(mirrored.is_some(), "{geometry:?}");
    Ok(())
}

fn is_within_limits(good: &GoodRow) -> Result<(), TestCaseError> {
    let it = &good.attributes;
    let texts = [&it.code, &it.name, &it.term, &it.address, &it.certificate_no];
    for text in texts.into_iter().flatten() {
        prop_assert!(!text.contains('\0') && !text.trim().is_empty(), "{text:?}");
    }
    prop_assert!(it.height_m.is_none_or(|m| (0.0..2_000.0).contains(&m)), "{it:?}");
    let floors = [it.floors_above, it.floors_below];
    prop_assert!(floors.into_iter().flatten().all(|n| (0..=300).contains(&n)), "{it:?}");
    prop_assert!(it.built_year.is_none_or(|y| (1000..=2200).contains(&y)), "{it:?}");
    Ok(())
}

fn layer() -> impl Strategy<Value = ImportLayer> {
    select(&ImportLayer::ALL)
}

fn word() -> impl Strategy<Value = Value> {
    let words = [
        "12,5 m",
        "4.5",
        "1994-05",
        "办公",
        "apartments",
        "12层",
        "48米",
        "40'",
        "-3",
        "",
        " ",
        "1e9",
        "99999999999",
        "0x10",
        "12.",
        ".",
        "²",
        "yes",
    ];
    prop_oneof![
        select(words.to_vec()).prop_map(Value::from),
        noise::text(8).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
    ]
}

fn properties() -> impl Strategy<Value = Value> {
    let names = [
        "name",
        "building",
        "height",
        "building:levels",
        "start_date",
        "用途",
        "层数",
        "高度",
        "landuse",
        "amenity",
        "addr:street",
        "addr:housenumber",
        "addr:city",
        "编号",
        "证书号",
        "id",
    ];
    vec((select(names.to_vec()), word()), 0..6)
        .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A rectangle, with a hole or without.
fn polygon() -> impl Strategy<Value = Value> {
    let sides = (-179.0..178.0_f64, -89.0..88.0_f64, 0.001..1.0_f64, 0.001..1.0_f64);
    (sides, any::<bool>()).prop_map(|((x, y, w, h), has_hole)| {
        let ring = |x: f64, y: f64, w: f64, h: f64| {
            json!([[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]])
        };
        let hole = ring(x + w / 4.0, y + h / 4.0, w / 2.0, h / 2.0);
        let mut rings = vec![ring(x, y, w, h)];
        rings.extend(has_hole.then_some(hole));
        json!({"type": "Polygon", "coordinates": rings})
    })
}

fn collection() -> impl Strategy<Value = Value> {
    let feature = (any::<u16>(), properties(), polygon()).prop_map(|(id, properties, geometry)| {
        json!({"type": "Feature", "id": id, "properties": properties, "geometry": geometry})
    });
    vec(feature, 1..4)
        .prop_map(|features| json!({"type": "FeatureCollection", "features": features}))
}

/// Any small JSON.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        word(),
        select(vec!["Point", "Polygon", "MultiPolygon", "GeometryCollection", "Feature"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = select(vec!["type", "coordinates", "geometry", "properties", "id", "crs", "x"]);
        prop_oneof![
            3 => vec(inner.clone(), 0..4).prop_map(Value::from),
            1 => vec((key, inner), 0..4).prop_map(|pairs| {
                pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            }),
        ]
    })
}

/// Puts something else in the place of one of the values of a tree.
fn put_somewhere(tree: &mut Value, at: Index, new: Value) {
    fn count(tree: &Value) -> usize {
        let below: usize = match tree {
            Value::Array(all) => all.iter().map(count).sum(),
            Value::Object(all) => all.values().map(count).sum(),
            _ => 0,
        };
        1 + below
    }
    fn find(tree: &mut Value, mut skip: usize) -> Option<&mut Value> {
        if skip == 0 {
            return Some(tree);
        }
        skip -= 1;
        let below: Vec<&mut Value> = match tree {
            Value::Array(all) => all.iter_mut().collect(),
            Value::Object(all) => all.values_mut().collect(),
            _ => return None,
        };
        for value in below {
            let here = count(value);
            if skip < here {
                return find(value, skip);
            }
            skip -= here;
        }
        None
    }
    let at = at.index(count(tree));
    if let Some(place) = find(tree, at) {
        *place = new;
    }
}

fn broken_collection() -> impl Strategy<Value = Vec<u8>> {
    (collection(), vec((any::<Index>(), anything()), 1..4)).prop_map(|(mut tree, changes)| {
        for (at, new) in changes {
            put_somewhere(&mut tree, at, new);
        }
        tree.to_string().into_bytes()
    })
}

/// Squares as ways, and a relation of two of them.
fn village() -> impl Strategy<Value = Vec<u8>> {
    let place = (-170.0..170.0_f64, -80.0..80.0_f64);
    let tags =
        [("building", "yes"), ("landuse", "forest"), ("amenity", "parking"), ("name", "示例")];
    let tag = vec(select(tags.to_vec()), 0..3);
    vec((place, tag), 1..4).prop_map(|squares| {
        let mut osm = Osm::default();
        let mut first = 1;
        for ((lon, lat), tags) in &squares {
            osm.corners(first, *lon, *lat, 0.01);
            osm.corners(first + 4, lon + 0.002, lat + 0.002, 0.002);
            osm.node(first + 8, *lon, *lat, tags);
            osm.way(first, &[first, first + 1, first + 2, first + 3, first], tags);
            osm.way(first + 1, &[first + 4, first + 5, first + 6, first + 7, first + 4], &[]);
            let mut area = vec![("type", "multipolygon"), ("building", "yes")];
            area.extend(tags);
            osm.relation(first, &[(first, "outer"), (first + 1, "inner")], &area);
            first += 9;
        }
        osm.file()
    })
}

fn grid() -> impl Strategy<Value = Position> {
    (0..6_i8, 0..6_i8).prop_map(|(x, y)| [f64::from(x), f64::from(y)])
}

proptest! {
    #![proptest_config(noise::config())]

    #[test]
    fn random_files_are_refused_or_judged_row_by_row(
        bytes in prop_oneof![
            2 => noise::bytes(300),
            3 => noise::damaged(collection().prop_map(|tree| tree.to_string().into_bytes())),
            5 => broken_collection(),
            6 => noise::damaged(village()),
        ],
        layer in layer(),
    ) {
        is_answered(rows_of(&bytes, layer), layer)?;
    }

    #[test]
    fn random_good_collections_have_only_good_rows(tree in collection()) {
        let features = tree["features"].as_array().unwrap().len();
        let rows = rows_of(tree.to_string().as_bytes(), ImportLayer::Parcels).unwrap();
        prop_assert_eq!(rows.len(), features);
        for row in &rows {
            prop_assert!(row.verdict.is_ok(), "{row:?}");
            is_fit(row, ImportLayer::Parcels)?;
        }
    }

    #[test]
    fn random_collections_cut_off_anywhere_are_refused(tree in collection(), at in any::<Index>()) {
        let whole = tree.to_string().into_bytes();
        let part = &whole[..at.index(whole.len())];
        let refused = rows_of(part, ImportLayer::Parcels).err();
        prop_assert!(
            matches!(refused, Some(ImportError::CutOff { .. } | ImportError::EmptyFile(_))),
            "{refused:?}"
        );
    }

    #[test]
    fn random_good_villages_have_only_good_rows(file in village(), layer in layer()) {
        for row in rows_of(&file, layer).unwrap() {
            prop_assert!(row.verdict.is_ok(), "{row:?}");
            is_fit(&row, layer)?;
        }
    }

    /// Rings on a grid of 6 by 6 touch, cross and lie on each other all the time. Another author's judge of
    /// validity agrees with everything that is accepted.
    #[test]
    fn random_rings_are_accepted_only_when_they_are_valid(
        parts in vec(vec(vec(grid(), 3..8), 1..3), 1..3),
        closed in proptest::bool::weighted(0.9),
    ) {
        let mut parts = parts;
        for ring in parts.iter_mut().flatten().filter(|_| closed) {
            ring.push(ring[0]);
        }
        let projector = Projector::new(Crs::WGS84).unwrap();
        let shape = Shape::Polygons(parts);
        match judge(shape.clone(), ImportLayer::Parcels, &projector, &mut Tally::default()) {
            Ok(geometry) => prop_assert!(geometry.is_valid(), "{geometry:?}"),
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
        if let Ok(point) = judge(shape, ImportLayer::Facilities, &projector, &mut Tally::default()) {
            is_on_earth(&point, ImportLayer::Facilities)?;
        }
    }

    /// Ways between the same few nodes: whatever they are, the rings made of them are closed.
    #[test]
    fn random_ways_become_closed_rings_or_faults(
        ways in vec((vec((0..5_u8, 0..5_u8), 2..8), any::<bool>()), 1..5)
    ) {
        let node = |(x, y): (u8, u8)| (i64::from(x) * 5 + i64::from(y), [f64::from(x), f64::from(y)]);
        let ways: Vec<Vec<_>> = ways
            .into_iter()
            .map(|(way, closes)| {
                let end = closes.then(|| way[0]);
                way.into_iter().chain(end).map(node).collect()
            })
            .collect();
        match assemble(&ways) {
            Ok(parts) => {
                for ring in parts.iter().flatten() {
                    prop_assert!(ring.len() > 3 && ring.first() == ring.last(), "{ring:?}");
                }
            }
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }
}
