//! The index against looking at every vehicle.
#![allow(clippy::many_single_char_names, reason = "vectors and sines as formulas have them")]

use std::collections::{BTreeMap, BTreeSet};

use geo::{Distance as _, Geodesic, point};
use gis_data::Bbox;
use proptest::prelude::*;

use super::*;

type Model = BTreeMap<Handle, LonLat>;

fn at(lon: f64, lat: f64) -> LonLat {
    LonLat::new_checked(lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0)).unwrap()
}

/// On the ellipsoid, as a textbook has it.
fn in_space(place: LonLat) -> [f64; 3] {
    let (a, e2) = (6_378_137.0, 0.006_694_379_990_141_316);
    let (lat, lon) = (place.lat().to_radians(), place.lon().to_radians());
    let n: f64 = a / (1.0 - e2 * lat.sin().powi(2)).sqrt();
    [n * lat.cos() * lon.cos(), n * lat.cos() * lon.sin(), n * (1.0 - e2) * lat.sin()]
}

fn metres(a: LonLat, b: LonLat) -> f64 {
    let (a, b) = (in_space(a), in_space(b));
    let chord = (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt();
    2.0 * 6_378_137.0 * (chord / (2.0 * 6_378_137.0)).min(1.0).asin()
}

/// What rounding may make of a distance; on the far side of the earth the arc forgives less.
fn hair(metres: f64) -> f64 {
    if metres > 1.9e7 { 1.0 } else { 1e-5 }
}

/// Crowds, both poles, both sides of the antimeridian, edges of cells, doubles, and anywhere.
fn place() -> impl Strategy<Value = LonLat> {
    let corner = prop::sample::select(vec![-180.0, -90.0, 0.0, 45.0, 90.0, 180.0]);
    prop_oneof![
        3 => (103.70..103.72, 36.05..36.07).prop_map(|(x, y)| at(x, y)),
        2 => (0..4_u8, 0..3_u8).prop_map(|(x, y)| at(103.7 + f64::from(x) * 0.01, 36.0 + f64::from(y))),
        2 => (100.0..106.0, 34.0..39.0).prop_map(|(x, y)| at(x, y)),
        1 => (-180.0..180.0, 89.9..90.1).prop_map(|(x, y)| at(x, y)),
        1 => (-180.0..180.0, -90.1..-89.9).prop_map(|(x, y)| at(x, y)),
        1 => (179.9..180.1, -80.0..80.0).prop_map(|(x, y)| at(x, y)),
        1 => (-180.1..-179.9, -80.0..80.0).prop_map(|(x, y)| at(x, y)),
        1 => (corner.clone(), corner).prop_map(|(x, y)| at(x, y)),
        1 => (-180.0..180.0, -90.0..90.0).prop_map(|(x, y)| at(x, y)),
    ]
}

#[derive(Debug, Clone)]
enum Act {
    Put(u32, LonLat),
    Drive(u32, f64, f64),
    Remove(u32),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let id = 0..150_u32;
    let act = prop_oneof![
        4 => (id.clone(), place()).prop_map(|(id, to)| Act::Put(id, to)),
        4 => (id.clone(), -0.002..0.002, -0.002..0.002).prop_map(|(id, x, y)| Act::Drive(id, x, y)),
        1 => id.prop_map(Act::Remove),
    ];
    prop::collection::vec(act, 0..400)
}

fn act_on(index: &mut MovingIndex, model: &mut Model, act: &Act) {
    match *act {
        Act::Put(id, to) => {
            let step = index.put(Handle(id), to);
            let was = model.insert(Handle(id), to);
            assert_eq!(step == Step::Entered, was.is_none());
        }
        Act::Drive(id, x, y) => {
            if let Some(place) = model.get_mut(&Handle(id)) {
                *place = at(place.lon() + x, place.lat() + y);
                assert_ne!(index.put(Handle(id), *place), Step::Entered);
            }
        }
        Act::Remove(id) => {
            assert_eq!(index.remove(Handle(id)), model.remove(&Handle(id)));
        }
    }
}

fn built(acts: &[Act]) -> (MovingIndex, Model) {
    let (mut index, mut model) = Default::default();
    for act in acts {
        act_on(&mut index, &mut model, act);
    }
    index.tree.sanity_check();
    (index, model)
}

fn check_nearest(index: &MovingIndex, model: &Model, from: LonLat, k: usize, max_m: f64) {
    let keep = |id: Handle| !id.0.is_multiple_of(3);
    let found = index.nearest(from, k, max_m, keep);
    let kept = model.iter().filter(|(id, _)| keep(**id));
    let mut all: Vec<f64> = kept.map(|(_, &place)| metres(from, place)).collect();
    all.sort_by(f64::total_cmp);
    let least = all.iter().filter(|&&m| m <= max_m - hair(m)).count().min(k);
    let most = all.iter().filter(|&&m| m <= max_m + hair(m)).count().min(k);
    assert!((least..=most).contains(&found.len()), "{} of {least} to {most}", found.len());
    for (&(id, m), &truth) in found.iter().zip(&all) {
        assert!(keep(id));
        assert!((m - truth).abs() < hair(m), "{m} for {truth}");
        assert!((m - metres(from, model[&id])).abs() < hair(m));
    }
    let ids: BTreeSet<Handle> = found.iter().map(|f| f.0).collect();
    assert_eq!(ids.len(), found.len());
    assert!(found.is_sorted_by(|a, b| a.1 <= b.1));
}

fn check_within(index: &MovingIndex, model: &Model, from: LonLat, radius_m: f64) {
    let mut found = BTreeMap::new();
    index.visit_within(from, radius_m, |id, m| assert!(found.insert(id, m).is_none()));
    for (id, &place) in model {
        let truth = metres(from, place);
        match found.get(id) {
            Some(m) => assert!((m - truth).abs() < hair(truth) && truth <= radius_m + hair(truth)),
            None => assert!(truth > radius_m - hair(truth), "{truth} is within {radius_m}"),
        }
    }
}

fn check_box(index: &MovingIndex, model: &Model, a: LonLat, b: LonLat) {
    let (west, east) = (a.lon().min(b.lon()), a.lon().max(b.lon()));
    let (south, north) = (a.lat().min(b.lat()), a.lat().max(b.lat()));
    let bbox = Bbox::new_checked([west, south, east, north]).unwrap();
    let mut found = Model::new();
    index.visit_box(&bbox, |id, place| assert!(found.insert(id, place).is_none()));
    let inside = model.iter().filter(|(_, place)| bbox.contains(**place));
    assert_eq!(found, inside.map(|(&id, &place)| (id, place)).collect());
}

/// The nearest place of a great circle of normals by trial: coarse, then closer and closer.
fn off_by_trial(route: &[LonLat], from: LonLat) -> f64 {
    let unit = |p: LonLat| {
        let (lat, lon) = (p.lat().to_radians(), p.lon().to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let mut best = metres(from, route[0]);
    for leg in route.windows(2) {
        let (a, b) = (unit(leg[0]), unit(leg[1]));
        let turn = (metres(leg[0], leg[1]) / 6_371_000.0).max(1e-12);
        let on_leg = |t: f64| {
            let (s, e) = (((1.0 - t) * turn).sin(), (t * turn).sin());
            let [x, y, z] = [0, 1, 2].map(|i: usize| s * a[i] + e * b[i]);
            at(y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees())
        };
        let off = |t: f64| metres(from, on_leg(t.clamp(0.0, 1.0)));
        let (mut middle, mut reach) = (0.5, 0.5);
        while reach * turn > 1e-9 {
            let tries = (-8..=8).map(|i| (middle + reach * f64::from(i) / 8.0).clamp(0.0, 1.0));
            middle = tries.min_by(|&s, &t| off(s).total_cmp(&off(t))).unwrap();
            reach /= 3.0;
        }
        best = best.min(off(middle));
    }
    best
}

fn check_along(index: &MovingIndex, model: &Model, route: &[LonLat], radius_m: f64) {
    let found = index.along(route, radius_m);
    assert!(found.is_sorted_by(|a, b| a.at_m <= b.at_m));
    let by_id: BTreeMap<Handle, OnRoute> = found.iter().map(|f| (f.id, *f)).collect();
    assert_eq!(by_id.len(), found.len());
    for (id, &place) in model {
        let truth = off_by_trial(route, place);
        let hair = truth * 1e-4 + 0.02;
        match by_id.get(id) {
            Some(on) => {
                assert!((on.off_m - truth).abs() < hair, "{} for {truth}", on.off_m);
                assert!(on.off_m <= radius_m + 1e-5);
            }
            None => assert!(truth > radius_m - hair, "{truth} is within {radius_m} of the route"),
        }
    }
}

proptest! {
    #[test]
    fn searches_find_what_looking_at_all_finds(
        acts in acts(),
        more in acts(),
        from in place(),
        to in place(),
        k in 0_usize..30,
        radius_m in prop_oneof![0.0..5e3, 0.0..2e7, Just(f64::INFINITY)],
    ) {
        let (mut index, mut model) = built(&acts);
        for some in std::iter::once(&more[..0]).chain(more.chunks(50)) {
            for act in some {
                act_on(&mut index, &mut model, act);
            }
            index.tree.sanity_check();
            prop_assert_eq!(index.len(), model.len());
            check_nearest(&index, &model, from, k, radius_m);
            check_within(&index, &model, from, radius_m);
            check_box(&index, &model, from, to);
        }
        for (&id, &place) in &model {
            prop_assert_eq!(index.get(id), Some(place));
        }
    }

    #[test]
    fn vehicles_along_a_route_are_those_near_its_legs(
        acts in acts(),
        start in place(),
        turns in prop::collection::vec((-0.3..0.3_f64, -0.3..0.3_f64), 0..5),
        radius_m in 0.0..50e3,
    ) {
        let (index, model) = built(&acts);
        let mut route = vec![start];
        for (x, y) in turns {
            let last = route[route.len() - 1];
            let lon: f64 = last.lon() + x;
            let lon = if lon.abs() > 180.0 { lon - 360.0_f64.copysign(lon) } else { lon };
            route.push(at(lon, last.lat() + y));
        }
        check_along(&index, &model, &route, radius_m);
    }
}

#[test]
fn a_vehicle_that_stays_in_its_cell_changes_no_cell() {
    let mut index = MovingIndex::default();
    for i in 0..40 {
        index.put(Handle(i), at(103.0 + f64::from(i) * 0.01, 36.0));
    }
    assert_eq!(index.put(Handle(7), at(103.070_1, 36.000_1)), Step::Within);
    assert_eq!(index.put(Handle(7), at(110.0, 30.0)), Step::Across);
    assert_eq!(index.put(Handle(40), at(110.0, 30.0)), Step::Entered);
    assert_eq!(index.get(Handle(7)), Some(at(110.0, 30.0)));
}

#[test]
fn a_depot_in_which_all_stand_at_one_place_can_be_filled_and_left() {
    let (mut index, mut model) = (MovingIndex::default(), Model::new());
    let ids = || (0..500).map(Handle);
    for id in ids() {
        index.put(id, at(103.8, 36.06));
        model.insert(id, at(103.8, 36.06));
    }
    index.tree.sanity_check();
    check_nearest(&index, &model, at(103.8, 36.06), 20, 1.0);
    let first: Vec<u32> =
        index.nearest(at(103.9, 36.0), 5, 1e6, |_| true).iter().map(|f| f.0.0).collect();
    assert_eq!(first, [0, 1, 2, 3, 4]);
    for id in ids().step_by(3).chain(ids().skip(1).step_by(3)).chain(ids().skip(2).step_by(3)) {
        assert_eq!(index.remove(id), Some(at(103.8, 36.06)));
        index.tree.sanity_check();
    }
    assert!(index.is_empty());
}

#[test]
fn the_shortest_way_may_lead_over_the_pole_or_the_antimeridian() {
    let mut index = MovingIndex::default();
    index.put(Handle(1), at(180.0, 0.0));
    index.put(Handle(2), at(10.0, 89.9));
    index.put(Handle(3), at(-178.0, 0.5));
    let ids = |from| {
        index.nearest(from, 9, f64::INFINITY, |_| true).iter().map(|f| f.0.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(at(-179.9, 0.0)), [1, 3, 2]);
    assert_eq!(ids(at(-170.0, 89.95))[0], 2);
    let along = index.along(&[at(179.0, 0.0), at(-179.0, 0.0)], 10.0);
    assert_eq!((along.len(), along[0].id), (1, Handle(1)));
    assert!((along[0].at_m - 111_319.5).abs() < 1.0 && along[0].off_m < 1e-6);
    assert_eq!(index.along(&[at(10.0, 89.0), at(-170.0, 89.0)], 1.0)[0].id, Handle(2));
}

#[test]
fn a_place_off_the_route_is_as_far_as_the_geodesic_says() {
    let mut index = MovingIndex::default();
    let route = [at(103.0, 36.0), at(103.0, 37.0), at(104.0, 37.0)];
    index.put(Handle(1), at(103.3, 36.5));
    index.put(Handle(2), at(102.9, 35.9));
    let found = index.along(&route, 50e3);
    let truth = |a: (f64, f64), b: (f64, f64)| Geodesic.distance(point!(a), point!(b));
    assert_eq!(found.iter().map(|f| f.id.0).collect::<Vec<_>>(), [2, 1]);
    assert!((found[0].off_m - truth((103.0, 36.0), (102.9, 35.9))).abs() < 0.01);
    let foot = (0..10_000).map(|i| truth((103.3, 36.5), (103.0, 36.49 + f64::from(i) * 2e-6)));
    assert!((found[1].off_m - foot.fold(f64::MAX, f64::min)).abs() < 0.1);
    assert!(index.along(&[], 50e3).is_empty());
    assert_eq!(index.along(&route[..1], 20e3).len(), 1);
}
