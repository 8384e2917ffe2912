//! One rule a test.

use super::*;
use crate::quality::Quality;
use crate::trip::{Begun, Refuel};

const SECOND: i64 = 1_000;

/// Every ten seconds: so many positions, so many metres apart, after the last one.
fn then(points: &mut Vec<Point>, count: usize, step_m: f64) {
    let (mut ms, mut m) = points.last().map_or((0, 0.0), |last| {
        (last.fix_ms + 10 * SECOND, (last.place.lon() - 20.0) * EAST_M + step_m)
    });
    for _ in 0..count {
        points.push(at(ms, (m, 0.0)));
        (ms, m) = (ms + 10 * SECOND, m + step_m);
    }
}

/// Ten minutes of rest, 5 km at 60 km/h in five minutes, ten minutes of rest.
fn errand() -> Vec<Point> {
    let mut points = Vec::new();
    then(&mut points, 60, 0.0);
    then(&mut points, 30, 5_000.0 / 30.0);
    then(&mut points, 60, 0.0);
    points
}

fn qualities(points: &[Point]) -> Vec<Quality> {
    let mut state = Driving::default();
    points.iter().map(|point| state.step(point, &TripRules::default()).quality).collect()
}

#[test]
fn a_stop_begins_when_the_vehicle_came_to_rest() {
    let told = told(&errand(), &TripRules::default());
    let trip = &told.trips[0];
    assert_eq!((trip.start_ms, trip.end_ms), (590 * SECOND, 890 * SECOND));
    assert_eq!((told.stops[0].end_ms, told.stops[0].begun), (590 * SECOND, Begun::FirstSeen));
    let Some(Open::Standing(stop)) = &told.open else { panic!("{:?}", told.open) };
    assert_eq!((stop.start_ms, stop.end_ms), (890 * SECOND, 1_490 * SECOND));
    assert_eq!((stop.begun, stop.points, trip.points), (Begun::Arrived, 61, 31));
    assert!((trip.distance_m - 5_000.0).abs() < 0.5, "{}", trip.distance_m);
    assert_eq!((trip.moving_ms, trip.line.len()), (300 * SECOND, 2));
}

#[test]
fn a_single_wild_position_is_drift_and_no_distance() {
    let mut points = errand();
    points[70].place = LonLat::new_checked(20.5, 0.5).unwrap();
    points[120].place = LonLat::new_checked(20.5, 0.5).unwrap();
    let flagged = qualities(&points);
    let drifted: Vec<usize> =
        (0..points.len()).filter(|i| flagged[*i].has(Quality::DRIFT)).collect();
    assert_eq!(drifted, [70, 120]);
    let told = told(&points, &TripRules::default());
    assert!((told.trips[0].distance_m - 5_000.0).abs() < 0.5);
}

#[test]
fn three_positions_that_agree_show_that_the_kept_one_was_wrong() {
    let mut points = errand();
    points[0].place = LonLat::new_checked(25.0, 5.0).unwrap();
    let flagged = qualities(&points);
    let drift = Quality::GOOD.with(Quality::DRIFT);
    assert_eq!(flagged[..5], [Quality::GOOD, drift, drift, Quality::GOOD, Quality::GOOD]);
    let told = told(&points, &TripRules::default());
    assert_eq!(told.stops[0].start_ms, 30 * SECOND);
    assert!((told.trips[0].distance_m - 5_000.0).abs() < 0.5);
}

#[test]
fn a_drift_flag_from_before_is_judged_anew() {
    let mut points = errand();
    for point in &mut points {
        point.quality = point.quality.with(Quality::DRIFT);
    }
    assert!(qualities(&points).iter().all(|quality| *quality == Quality::GOOD));
}

#[test]
fn a_position_without_a_fix_is_passed_over() {
    let mut points = errand();
    points[70] = Point { quality: Quality::NO_FIX, ..at(points[70].fix_ms, (99.0, 99.0)) };
    let told = told(&points, &TripRules::default());
    assert!((told.trips[0].distance_m - 5_000.0).abs() < 0.5);
    assert_eq!(told.trips[0].points, 30);
}

#[test]
fn the_jitter_of_a_red_light_is_no_distance() {
    let mut points = Vec::new();
    then(&mut points, 1, 0.0);
    then(&mut points, 10, 200.0);
    for i in 0..12_i32 {
        then(&mut points, 1, if i % 2 == 0 { 5.0 } else { -5.0 });
    }
    then(&mut points, 10, 200.0);
    let told = told(&points, &TripRules::default());
    let Some(Open::Driving(trip)) = &told.open else { panic!("{:?}", told.open) };
    assert!((trip.distance_m - 4_000.0).abs() < 0.5, "{}", trip.distance_m);
    assert_eq!(trip.moving_ms, 200 * SECOND);
    // The line stays where the vehicle waited for as long as it waited.
    let times: Vec<i64> = trip.line.iter().map(|vertex| vertex.at_ms / SECOND).collect();
    assert_eq!(times, [0, 100, 220, 320]);
}

#[test]
fn what_a_parked_receiver_dreams_up_does_not_end_a_stop() {
    let mut points = errand();
    for (at, place) in [(20, 200.0), (21, 150.0), (40, -120.0)] {
        points[at] = super::at(points[at].fix_ms, (place, 30.0));
    }
    let told = told(&points, &TripRules::default());
    assert_eq!(told.stops.len(), 1);
    assert_eq!((told.stops[0].start_ms, told.stops[0].end_ms), (0, 590 * SECOND));
    assert_eq!(told.trips.len(), 1);
}

#[test]
fn a_move_about_the_yard_is_no_trip_and_the_stop_goes_on() {
    let mut points = errand();
    then(&mut points, 3, 100.0);
    then(&mut points, 60, 0.0);
    let told = told(&points, &TripRules::default());
    assert_eq!((told.trips.len(), told.stops.len()), (1, 1));
    let Some(Open::Standing(stop)) = &told.open else { panic!("{:?}", told.open) };
    assert_eq!((stop.start_ms, stop.end_ms), (890 * SECOND, 2_120 * SECOND));
}

#[test]
fn an_engine_that_runs_at_rest_is_counted_in_seconds() {
    let mut points = errand();
    for point in &mut points[..30] {
        point.ignition = Some(true);
    }
    for point in &mut points[30..60] {
        point.ignition = Some(false);
    }
    let told = told(&points, &TripRules::default());
    assert_eq!(told.stops[0].ignition_on_ms, Some(300 * SECOND));
}

#[test]
fn a_trip_knows_its_odometer_and_its_fuel() {
    let mut points = errand();
    let mut level = 40.0;
    for (i, point) in points.iter_mut().enumerate() {
        let way_km = ((point.place.lon() - 20.0) * EAST_M / 1_000.0).max(0.0);
        point.odometer_km = Some(12_345.6 + way_km);
        level =
            if i == 100 { 60.0 } else { level - if (60..90).contains(&i) { 0.02 } else { 0.0 } };
        point.fuel_l = Some(level);
    }
    let mut state = Driving::default();
    let found: Vec<Finding> =
        points.iter().flat_map(|p| state.step(p, &TripRules::default()).findings).collect();
    let trip = found.iter().find_map(|found| match found {
        Finding::Trip(trip) => Some(trip),
        _ => None,
    });
    let trip = trip.unwrap();
    assert_eq!(trip.odometer_m, Some(5_000.0));
    assert!((trip.fuel_used_l.unwrap() - 0.56).abs() < 0.05, "{:?}", trip.fuel_used_l);
    let refuels: Vec<&Refuel> = found
        .iter()
        .filter_map(|found| match found {
            Finding::Refuel(refuel) => Some(refuel),
            _ => None,
        })
        .collect();
    assert_eq!(refuels.len(), 1);
    assert!((refuels[0].litres - 20.6).abs() < 0.001, "{refuels:?}");
    assert_eq!((refuels[0].start_ms, refuels[0].end_ms), (1_010 * SECOND, 1_020 * SECOND));
}

#[test]
fn an_odometer_that_was_exchanged_tells_no_difference() {
    let mut points = errand();
    for (i, point) in points.iter_mut().enumerate() {
        point.odometer_km = Some(if i < 75 { 90_000.0 } else { 1.0 });
    }
    assert_eq!(told(&points, &TripRules::default()).trips[0].odometer_m, None);
}

#[test]
fn a_position_out_of_order_changes_nothing() {
    let points = errand();
    let mut state = Driving::default();
    for point in &points {
        let _ = state.step(point, &TripRules::default());
    }
    let before = state.clone();
    let late = Point { fix_ms: 5, ..points[0] };
    assert_eq!(state.step(&late, &TripRules::default()).quality, Quality::GOOD);
    assert_eq!(state, before);
}

#[test]
fn a_long_way_has_a_bounded_line_near_its_positions() {
    let place = |i: u32| (f64::from(i) * 15.0, (f64::from(i) / 40.0).sin() * 900.0);
    let points: Vec<Point> = (0..10_000).map(|i| at(i64::from(i) * SECOND, place(i))).collect();
    let mut state = Driving::default();
    for point in &points {
        let _ = state.step(point, &TripRules::default());
    }
    let Some(Open::Driving(trip)) = state.open() else { panic!("no trip") };
    assert!(trip.line.len() > 200 && trip.line.len() <= 512, "{}", trip.line.len());
    assert!(serde_json::to_string(&state).unwrap().len() < 32_000);
    let mut worst = 0.0_f64;
    for point in &points {
        let after = trip.line.partition_point(|vertex| vertex.at_ms < point.fix_ms).max(1);
        let metres = |place: LonLat| ((place.lon() - 20.0) * EAST_M, place.lat() * NORTH_M);
        let (a, b) = (metres(trip.line[after - 1].place), metres(trip.line[after].place));
        let p = metres(point.place);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let part = ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / (dx * dx + dy * dy);
        let part = part.clamp(0.0, 1.0);
        worst = worst.max((p.0 - a.0 - part * dx).hypot(p.1 - a.1 - part * dy));
    }
    // Some 600 km of curves in 512 vertices: 5 m doubled until they fit.
    assert!(worst > 5.0 && worst < 80.0, "{worst}");
    let short = told(&points[..1_000], &TripRules::default());
    let Some(Open::Driving(trip)) = short.open else { panic!("no trip") };
    assert!(trip.line.len() > 20, "{}", trip.line.len());
}

/// What is open after a drive along the equator at 20 m/s with a place for each second of the tunnel,
/// in which the receiver does not follow from 20 s on and out of which it comes at 45 s.
fn after_tunnel(place: impl Fn(i32) -> f64) -> Trip {
    let m = |second| match second {
        20..45 => place(second),
        _ => f64::from(second) * 20.0,
    };
    let points: Vec<Point> =
        (0..100).map(|second| at(i64::from(second) * SECOND, (m(second), 0.0))).collect();
    match told(&points, &TripRules::default()).open {
        Some(Open::Driving(trip)) => trip,
        open => panic!("{open:?}"),
    }
}

#[test]
fn the_way_through_a_tunnel_in_which_the_receiver_hangs_is_counted() {
    let trip = after_tunnel(|_| 400.0);
    assert!((trip.distance_m - 1_980.0).abs() < 0.5, "{}", trip.distance_m);
    assert_eq!((trip.leaps, trip.moving_ms), (0, 99 * SECOND));
}

#[test]
fn what_a_hanging_receiver_dreams_up_in_a_tunnel_is_not_counted_beside_the_way() {
    let trip = after_tunnel(|second| if second == 30 { 408.0 } else { 400.0 });
    assert!((trip.distance_m - 1_980.0).abs() < 0.5, "{}", trip.distance_m);
    assert_eq!((trip.leaps, trip.moving_ms), (0, 99 * SECOND));
}

#[test]
fn numbers_that_no_terminal_should_tell_do_no_harm() {
    let mut points = errand();
    for (point, wild) in points.iter_mut().zip([f64::NAN, f64::MAX, f64::MIN, -1.0].iter().cycle())
    {
        point.odometer_km = Some(*wild);
        point.fuel_l = Some(if wild.is_nan() {
            f32::NAN
        } else if *wild > 0.0 {
            f32::MAX
        } else {
            f32::MIN
        });
        point.speed_kmh = point.fuel_l;
    }
    let told = told(&points, &TripRules::default());
    assert!((told.trips[0].distance_m - 5_000.0).abs() < 0.5);
    assert!(told.trips[0].fuel_used_l.is_some_and(|litres| litres >= 0.0));
}
