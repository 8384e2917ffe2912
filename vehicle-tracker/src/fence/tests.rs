//! Vehicles drive past, into and out of fences.

use gis_data::LonLat;
use proptest::prelude::*;

use super::plane::metres_per_degree;
use super::*;
use crate::point::Point;
use crate::quality::Quality;

const HOME: (f64, f64) = (105.0, 36.0);

/// Metres east and north of home.
fn off(east_m: f64, north_m: f64) -> LonLat {
    let (x_m, y_m) = metres_per_degree(HOME.1);
    LonLat::new_checked(HOME.0 + east_m / x_m, HOME.1 + north_m / y_m).unwrap()
}

/// A rectangle, metres from home.
fn area(id: i64, [west, south, east, north]: [f64; 4]) -> Fence {
    let corners = [(west, south), (east, south), (east, north), (west, north)];
    let ring = corners.map(|(x, y)| off(x, y)).map(|place| (place.lon(), place.lat()));
    let polygon = geo::Polygon::new(geo::LineString::from(ring.to_vec()), vec![]);
    let shape = Shape::areas_checked(&geo::MultiPolygon(vec![polygon])).unwrap();
    Fence::new(FenceId(id), shape)
}

/// Seconds and metres east of home.
fn drive(index: &FenceIndex, fixes: &[(i64, f64)]) -> Vec<(i64, CrossingKind, i64)> {
    let points = fixes.iter().map(|&(s, x)| Point::bare(s * 1000, off(x, 0.0)));
    told(index, &points.collect::<Vec<_>>())
}

fn told(index: &FenceIndex, points: &[Point]) -> Vec<(i64, CrossingKind, i64)> {
    let mut state = FenceState::default();
    let told = points.iter().flat_map(|point| step(&mut state, point, index));
    told.map(|crossing| (crossing.fence.0, crossing.kind, crossing.at_ms)).collect()
}

fn one() -> FenceIndex {
    FenceIndex::new([area(7, [0.0, -500.0, 1000.0, 500.0])])
}

use CrossingKind::{Dwell, Enter, Inside, Leave};

#[test]
fn entering_and_leaving_are_told_at_the_edge_and_not_at_the_fix() {
    let told = drive(&one(), &[(0, -100.0), (10, 100.0), (20, 300.0), (30, 900.0), (40, 1100.0)]);
    assert_eq!(told, [(7, Enter, 5_000)]);
    let told = drive(&one(), &[(0, 900.0), (40, 1100.0), (50, 1300.0), (60, 1500.0)]);
    assert_eq!(told, [(7, Inside, 0), (7, Leave, 20_000)]);
}

#[test]
fn a_first_fix_inside_is_no_entering() {
    assert_eq!(drive(&one(), &[(5, 500.0), (10, 510.0)]), [(7, Inside, 5_000)]);
}

#[test]
fn noise_along_an_edge_is_told_once() {
    let fixes: Vec<_> = (0..60).map(|i| (i * 10, if i % 2 == 0 { 8.0 } else { -12.0 })).collect();
    assert_eq!(drive(&one(), &fixes), [(7, Inside, 0)]);
    let fixes: Vec<_> = (0..60).map(|i| (i * 10, if i % 2 == 0 { -12.0 } else { 8.0 })).collect();
    assert_eq!(drive(&one(), &fixes), []);
}

#[test]
fn one_fix_beyond_the_edge_is_noise_and_two_are_not() {
    let spike = [(0, 500.0), (10, 500.0), (20, 1100.0), (30, 500.0), (40, 500.0)];
    assert_eq!(drive(&one(), &spike), [(7, Inside, 0)]);
    let gone = [(0, 500.0), (10, 500.0), (20, 1500.0), (30, 1500.0)];
    assert_eq!(drive(&one(), &gone), [(7, Inside, 0), (7, Leave, 15_000)]);
}

#[test]
fn a_standing_vehicle_whose_receiver_jumps_for_minutes_has_not_left() {
    let jump =
        |s: i64, x: f64| Point { speed_kmh: Some(0.0), ..Point::bare(s * 1000, off(x, 0.0)) };
    let parked = [jump(0, 900.0), jump(300, 1100.0), jump(600, 900.0)];
    assert_eq!(told(&one(), &parked), [(7, Inside, 0)]);
    let moving = parked.map(|point| Point { speed_kmh: Some(20.0), ..point });
    let told = told(&one(), &moving);
    assert_eq!(told, [(7, Inside, 0), (7, Leave, 150_000)]);
}

#[test]
fn a_whole_fence_between_two_fixes_is_entered_and_left() {
    let told = drive(&one(), &[(0, -1000.0), (30, 2000.0)]);
    assert_eq!(told, [(7, Enter, 10_000), (7, Leave, 20_000)]);
    let after_a_gap = drive(&one(), &[(0, -1000.0), (3_000, 2000.0)]);
    assert_eq!(after_a_gap, []);
}

#[test]
fn one_fix_inside_counts_when_the_way_led_through() {
    let told = drive(&one(), &[(0, -500.0), (6, 500.0), (12, 1500.0)]);
    assert_eq!(told, [(7, Enter, 3_000), (7, Leave, 9_000)]);
}

#[test]
fn of_two_fences_side_by_side_the_first_is_left_before_the_second_is_entered() {
    let index = FenceIndex::new([
        area(1, [1000.0, -500.0, 2000.0, 500.0]),
        area(2, [0.0, -500.0, 1000.0, 500.0]),
    ]);
    let told = drive(&index, &[(0, 500.0), (10, 1500.0), (20, 1600.0)]);
    assert_eq!(told, [(2, Inside, 0), (2, Leave, 5_000), (1, Enter, 5_000)]);
}

#[test]
fn staying_too_long_is_told_once_also_to_one_who_sleeps() {
    let index = FenceIndex::new([area(7, [0.0, -500.0, 1000.0, 500.0]).with_dwell_limit(60_000)]);
    let fixes: Vec<_> = (0..20).map(|i| (i * 10, 500.0)).collect();
    assert_eq!(drive(&index, &fixes), [(7, Inside, 0), (7, Dwell, 60_000)]);
    let mut state = FenceState::default();
    step(&mut state, &Point::bare(0, off(500.0, 0.0)), &index);
    assert_eq!(settle(&mut state, 59_999, &index), []);
    assert_eq!(settle(&mut state, 90_000, &index)[0].at_ms, 60_000);
    assert_eq!(settle(&mut state, 99_000, &index), []);
}

#[test]
fn an_inaccurate_fix_leaves_only_beyond_its_accuracy() {
    let fixes = |accuracy_m| {
        [(0, 900.0), (10, 900.0), (20, 1050.0), (30, 1060.0), (40, 1070.0)].map(|(s, x)| Point {
            accuracy_m: Some(accuracy_m),
            ..Point::bare(s * 1000, off(x, 0.0))
        })
    };
    assert_eq!(told(&one(), &fixes(5.0)).len(), 2);
    assert_eq!(told(&one(), &fixes(100.0)), [(7, Inside, 0)]);
}

#[test]
fn a_fence_that_is_drawn_about_a_vehicle_was_not_entered() {
    let mut state = FenceState::default();
    let at = |s: i64, x: f64| Point::bare(s * 1000, off(x, 0.0));
    assert_eq!(step(&mut state, &at(0, 500.0), &FenceIndex::new([])), []);
    let told = step(&mut state, &at(10, 501.0), &one());
    assert_eq!((told[0].kind, told.len()), (Inside, 1));
    assert_eq!(step(&mut state, &at(20, 501.0), &FenceIndex::new([])), []);
    assert_eq!(state.inside().count(), 0);
}

#[test]
fn a_place_that_is_not_believed_and_a_fix_from_the_past_change_nothing() {
    let mut state = FenceState::default();
    step(&mut state, &Point::bare(50_000, off(500.0, 0.0)), &one());
    let before = state.clone();
    let drift = Point { quality: Quality::DRIFT, ..Point::bare(60_000, off(5000.0, 0.0)) };
    assert_eq!(step(&mut state, &drift, &one()), []);
    assert_eq!(step(&mut state, &Point::bare(40_000, off(5000.0, 0.0)), &one()), []);
    assert_eq!(state, before);
}

/// Fixes of some minutes about a handful of fences.
fn walk() -> impl Strategy<Value = Vec<Point>> {
    let leg =
        (1..60_i64, -400.0..400.0_f64, -400.0..400.0_f64, proptest::option::of(0.0_f32..60.0));
    proptest::collection::vec(leg, 1..60).prop_map(|legs| {
        let (mut ms, mut x, mut y) = (0, 0.0_f64, 0.0_f64);
        let mut points = Vec::new();
        for (seconds, dx, dy, speed_kmh) in legs {
            ms += seconds * 1000;
            (x, y) = ((x + dx).clamp(-2e3, 2e3), (y + dy).clamp(-2e3, 2e3));
            points.push(Point { speed_kmh, ..Point::bare(ms, off(x, y)) });
        }
        points
    })
}

fn handful() -> FenceIndex {
    let circle = Shape::circle_checked(off(-700.0, 300.0), 350.0).unwrap();
    let line = [off(-1500.0, -900.0), off(0.0, -600.0), off(1500.0, -1200.0)];
    let line = geo::LineString::from(line.map(|p| (p.lon(), p.lat())).to_vec());
    FenceIndex::new([
        area(1, [0.0, -500.0, 1000.0, 500.0]).with_dwell_limit(90_000),
        area(2, [800.0, -200.0, 1300.0, 700.0]),
        area(3, [-30.0, 600.0, 30.0, 1200.0]),
        Fence::new(FenceId(4), circle),
        Fence::new(FenceId(5), Shape::corridor_checked(&line, 120.0).unwrap()),
    ])
}

proptest! {
    #![proptest_config(crate::noise::config())]

    #[test]
    fn a_state_that_went_through_json_goes_on_the_same(points in walk(), cut in 0..60_usize) {
        let index = handful();
        let (mut straight, mut stored) = (FenceState::default(), FenceState::default());
        for (at, point) in points.iter().enumerate() {
            if at == cut {
                let text = serde_json::to_string(&stored).unwrap();
                prop_assert!(text.len() < 4_000);
                stored = serde_json::from_str(&text).unwrap();
            }
            prop_assert_eq!(step(&mut straight, point, &index), step(&mut stored, point, &index));
            prop_assert_eq!(&straight, &stored);
        }
    }

    #[test]
    fn what_is_skipped_would_have_said_nothing(points in walk()) {
        let index = handful();
        let (mut quick, mut thorough) = (FenceState::default(), FenceState::default());
        for point in &points {
            thorough.calm = None;
            prop_assert_eq!(step(&mut quick, point, &index), step(&mut thorough, point, &index));
        }
    }

    #[test]
    fn each_fence_is_entered_and_left_in_turn_and_the_end_is_where_the_vehicle_is(points in walk()) {
        let index = handful();
        let mut state = FenceState::default();
        let told: Vec<_> = points.iter().flat_map(|p| step(&mut state, p, &index)).collect();
        for fence in index.iter() {
            let mut inside = false;
            for crossing in told.iter().filter(|crossing| crossing.fence == fence.id) {
                match crossing.kind {
                    Enter | Inside => prop_assert!(!std::mem::replace(&mut inside, true)),
                    Leave => prop_assert!(std::mem::replace(&mut inside, false)),
                    Dwell => prop_assert!(inside),
                }
            }
            prop_assert_eq!(inside, state.inside().any(|id| id == fence.id));
        }
    }
}
