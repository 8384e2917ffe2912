//! A mirror under changes is what its features would be if they were packed at once.

use std::collections::BTreeMap;

use geo_types::{Geometry, LineString, Polygon};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::layer::standard_layers;
use crate::{LonLat, World};

/// One step: houses that are put somewhere, houses that go, and whether a base is begun or put in place.
type Step = (Vec<(i64, u8)>, Vec<i64>, u8);

fn house(id: i64, place: u8) -> OwnedFeature {
    let ring = cell(place % 16, place / 16);
    let shape = Geometry::Polygon(Polygon::new(LineString::from(ring), Vec::new()));
    let values = vec![Value::Int(i64::from(place)), Value::Null, Value::Text(Arc::from("房屋"))];
    OwnedFeature::new(FeatureId(id), ScopeId(i32::from(place % 3)), &shape, values).unwrap()
}

/// A cell of a grid with crooked borders, which it shares with the cells around it.
fn cell(column: u8, row: u8) -> Vec<(f64, f64)> {
    let along = |from: (u8, u8), to: (u8, u8), n: u8| {
        let share =
            |a: u8, b: u8| f64::from(a) + (f64::from(b) - f64::from(a)) * f64::from(n) / 4.0;
        // The same from either end.
        let (low, at) = (from.min(to), if from < to { n } else { 4 - n });
        let mixed = u32::from(low.0) * 7 + u32::from(low.1) * 13 + u32::from(at) * 5;
        let crook = f64::from(mixed % 6) * if at == 0 || at == 4 { 0.0 } else { 0.02 };
        let (x, y) = (share(from.0, to.0), share(from.1, to.1));
        let (x, y) = if from.0 == to.0 { (x + crook, y) } else { (x, y + crook) };
        (105.0 + x * 1e-3, 36.0 + y * 1e-3)
    };
    let corners =
        [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1), (column, row)];
    let sides = corners.windows(2).flat_map(|side| (0..4).map(move |n| along(side[0], side[1], n)));
    let mut ring: Vec<(f64, f64)> = sides.collect();
    ring.push(ring[0]);
    ring
}

/// What a reader meets, in its order: ids, and 0 for those too small.
fn met(snapshot: &Snapshot, area: &WorldBox, viewer: &Viewer, zoom: u8) -> Vec<i64> {
    let mut met = Vec::new();
    snapshot.each_in_box(area, viewer, None, zoom, |m| {
        met.push(match m {
            Met::Shown(f) => f.id.0,
            Met::TooSmall(_) => 0,
        });
    });
    met
}

proptest! {
    #![proptest_config(crate::noise::config())]

    #[test]
    fn random_changes_before_and_while_a_base_is_packed_are_all_kept(
        steps in vec((vec((1..30_i64, any::<u8>()), 0..6), vec(1..30_i64, 0..3), 0..4_u8), 1..30),
        zoom in 8..18_u8,
    ) {
        let steps: Vec<Step> = steps;
        let mirror = Mirror::new(standard_layers().remove(4), Base::pack(Vec::new(), 16));
        let (mut truth, mut begun) = (BTreeMap::new(), None);
        for (put, gone, packing) in steps {
            let put: BTreeMap<i64, u8> = put.into_iter().collect();
            let gone: Vec<i64> = gone.into_iter().filter(|id| !put.contains_key(id)).collect();
            truth.retain(|id, _| !gone.contains(id));
            truth.extend(put.clone());
            let houses = put.into_iter().map(|(id, place)| house(id, place)).collect();
            mirror.apply(houses, &gone.into_iter().map(FeatureId).collect::<Vec<_>>());
            match (packing, begun.take()) {
                (0, None) => {
                    let before = mirror.snapshot();
                    begun = Some((before.packed(), before));
                }
                (1, Some((base, before))) => mirror.settle(&before, base),
                (_, other) => begun = other,
            }
        }
        let now = mirror.snapshot();
        let houses = truth.iter().map(|(id, place)| house(*id, *place)).collect();
        let at_once = Snapshot::of(houses, standard_layers().remove(4).max_zoom, 1);
        prop_assert_eq!(now.len(), truth.len());
        for (id, place) in &truth {
            let found = now.get(FeatureId(*id), &Viewer::program()).map(OwnedFeature::from);
            let packed = at_once.get(FeatureId(*id), &Viewer::program()).map(OwnedFeature::from);
            prop_assert_eq!(found.as_ref().map(|f| f.values.clone()), Some(house(*id, *place).values));
            prop_assert_eq!(found, packed);
        }
        let corner = |lon, lat| World::from_lonlat(LonLat::new_checked(lon, lat).unwrap());
        let half = WorldBox { min: corner(105.0, 36.02), max: corner(105.008, 36.0) };
        for viewer in [Viewer::program(), Viewer::of_scopes("one", [ScopeId(1)])] {
            prop_assert_eq!(met(&now, &half, &viewer, zoom), met(&at_once, &half, &viewer, zoom));
        }
    }
}
