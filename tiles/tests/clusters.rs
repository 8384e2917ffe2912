//! Points that stand together are all counted, each once, and only for those who see them.
#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod support;

use std::sync::Arc;

use fast_mvt::{MvtReaderRef, MvtValueRef};
use geo_types::{Geometry, Point};
use gis_data::{FeatureId, GeometryType, LonLat, OwnedFeature, ScopeId, Value, Viewer, World};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use support::{Fixed, source, waited};
use tiles::{POINT_COUNT, Source, TileCoord, tile};

const WEST: f64 = 116.2;
const SOUTH: f64 = 36.1;

/// So many hydrants in a square of some kilometres, every third of another organisation.
fn hydrants(count: i64) -> Fixed {
    let mut random = StdRng::seed_from_u64(11);
    let features = (1..=count).map(|id| {
        let place =
            Point::new(WEST + random.random_range(0.0..0.1), SOUTH + random.random_range(0.0..0.1));
        let name = Value::Text(Arc::from(format!("消火栓{id}")));
        let scope = ScopeId(i32::from(id % 3 == 0) + 1);
        let values = vec![name, Value::Int(id), Value::Null];
        OwnedFeature::new(FeatureId(id), scope, &Geometry::from(place), values).unwrap()
    });
    let mut layer = source("hydrants", GeometryType::Point, (8, 16), features.collect());
    layer.layer.style = json!({ "cluster_below": 14 });
    layer
}

/// What all tiles of a zoom show: features by id, and the numbers of clusters.
fn shown(layer: &Fixed, z: u8, viewer: &Viewer) -> (Vec<u64>, Vec<i64>) {
    let corner = |lon, lat| World::from_lonlat(LonLat::new_checked(lon, lat).unwrap());
    let from = TileCoord::at(z, corner(WEST, SOUTH + 0.1)).unwrap();
    let to = TileCoord::at(z, corner(WEST + 0.1, SOUTH)).unwrap();
    let (mut ids, mut counts) = (Vec::new(), Vec::new());
    for x in from.x()..=to.x() {
        for y in from.y()..=to.y() {
            let coord = TileCoord::new_checked(z, x, y).unwrap();
            let bytes = waited(tile(&[layer as &dyn Source], coord, viewer)).unwrap();
            let bytes = bytes.unwrap_or_default();
            let reader = MvtReaderRef::new(&bytes).unwrap();
            for feature in reader.layers().flat_map(|l| l.features().collect::<Vec<_>>()) {
                let count = feature.properties().find_map(|property| match property.unwrap() {
                    (POINT_COUNT, MvtValueRef::Int(n)) => Some(n),
                    (POINT_COUNT, MvtValueRef::UInt(n)) => i64::try_from(n).ok(),
                    _ => None,
                });
                ids.extend(feature.id());
                counts.extend(count);
                assert_ne!(feature.id().is_some(), count.is_some(), "a feature or a cluster");
            }
        }
    }
    ids.sort_unstable();
    (ids, counts)
}

#[test]
fn everybody_is_counted_once_at_every_zoom() {
    let layer = hydrants(3_000);
    for z in 8..14 {
        let (ids, counts) = shown(&layer, z, &Viewer::program());
        let alone = i64::try_from(ids.len()).unwrap();
        assert_eq!(counts.iter().sum::<i64>() + alone, 3_000, "zoom {z}");
        assert!(counts.iter().all(|count| *count > 1), "one alone is itself");
        let most = 64 * (1 + (1 << (2 * (z - 8))));
        assert!(counts.len() + ids.len() <= most, "zoom {z}: a cell shows one thing");
    }
}

#[test]
fn near_enough_each_stands_for_itself() {
    let layer = hydrants(300);
    let (mut ids, counts) = shown(&layer, 14, &Viewer::program());
    ids.dedup();
    assert_eq!((ids, counts), ((1..=300).collect(), vec![]));
}

#[test]
fn at_the_last_zoom_each_stands_for_itself_whatever_the_style_asks_for() {
    let mut layer = hydrants(300);
    layer.layer.style = json!({ "cluster_below": 22 });
    let (mut ids, counts) = shown(&layer, layer.layer.max_zoom, &Viewer::program());
    ids.dedup();
    assert_eq!((ids, counts), ((1..=300).collect(), vec![]));
}

#[test]
fn who_may_not_see_a_point_does_not_count_it() {
    let layer = hydrants(3_000);
    let (ids, counts) = shown(&layer, 10, &Viewer::of_scopes("one", [ScopeId(2)]));
    assert_eq!(counts.iter().sum::<i64>() + i64::try_from(ids.len()).unwrap(), 1_000);
    assert!(ids.iter().all(|id| id % 3 == 0));
}
