//! The cases of Traccar's tests of both its trip logics, with its numbers: minutes and metres. Where
//! ours is another answer, both stand here with the reason.

use super::*;

fn newer(minimum_m: f64, minutes: i64) -> TripRules {
    TripRules {
        stop_radius_m: minimum_m,
        stop_ms: minutes * MINUTE,
        trip_m: minimum_m,
        trip_ms: minutes * MINUTE,
        ..TripRules::default()
    }
}

/// Moving before minute 0, so that the case begins on a trip.
fn moving_before(way: &[(i64, f64)]) -> Vec<Point> {
    along(&[&[(-3, -3_000.0), (-2, -2_000.0), (-1, -1_000.0)], way].concat())
}

#[test]
fn a_jump_of_600_m_after_rest_is_a_trip() {
    let told = told(&along(&[(0, 0.0), (2, 0.0), (4, 0.0), (5, 600.0)]), &newer(500.0, 5));
    // Traccar too dates the departure back to the last moment at rest.
    assert_eq!((told.stops_min(), told.trips_min()), (vec![(0, 4)], vec![(4, 5)]));
}

#[test]
fn within_100_m_for_six_minutes_is_a_stop_from_its_beginning() {
    let way = moving_before(&[(0, 0.0), (2, 100.0), (4, 100.0), (6, 100.0)]);
    let told = told(&way, &newer(500.0, 5));
    // Traccar: stopped at minute 6, the end of the quiet time. The vehicle was at rest from minute 0.
    assert_eq!(told.stops_min(), [(0, 6)]);
    assert_eq!(told.trips_min(), [(-3, 0)]);
}

#[test]
fn two_quiet_minutes_are_no_stop_of_five() {
    let told = told(&moving_before(&[(0, 0.0), (1, 100.0), (2, 100.0)]), &newer(500.0, 5));
    assert_eq!((told.stops_min(), told.trips_min()), (vec![], vec![(-3, 2)]));
}

#[test]
fn a_trip_goes_on_over_a_jump() {
    let told = told(&moving_before(&[(0, 0.0), (2, 0.0), (3, 600.0)]), &newer(500.0, 5));
    assert_eq!((told.stops_min(), told.trips_min()), (vec![], vec![(-3, 3)]));
}

#[test]
fn ten_minutes_for_1200_m_are_a_trip() {
    let told = told(&along(&[(0, 0.0), (10, 1_200.0)]), &newer(500.0, 5));
    assert_eq!((told.stops_min(), told.trips_min()), (vec![], vec![(0, 10)]));
}

#[test]
fn a_silence_that_ends_13_km_away_is_a_trip_of_its_own() {
    let told = told(&moving_before(&[(0, 0.0), (120, 13_000.0)]), &newer(500.0, 5));
    // Traccar: stopped at 0, moving at 0, stopped at 120.
    assert_eq!(told.trips_min(), [(-3, 0), (0, 120)]);
    assert_eq!(told.stops_min(), [(120, 120)]);
    assert_eq!((told.trips[1].gaps, told.trips[1].gap_ms), (1, 120 * MINUTE));
    assert!((told.trips[1].distance_m - 13_000.0).abs() < 1.0);
}

#[test]
fn a_parked_vehicle_that_speaks_again_13_km_away_made_a_trip() {
    let told = told(&along(&[(-5, 0.0), (0, 0.0), (120, 13_000.0)]), &newer(500.0, 5));
    assert_eq!((told.stops_min(), told.trips_min()), (vec![(-5, 0), (120, 120)], vec![(0, 120)]));
}

#[test]
fn a_silence_that_ends_100_m_away_is_a_stop_from_its_beginning() {
    let told = told(&moving_before(&[(0, 0.0), (120, 100.0)]), &newer(500.0, 5));
    // Traccar: stopped at 120, two hours late.
    assert_eq!((told.stops_min(), told.trips_min()), (vec![(0, 120)], vec![(-3, 0)]));
}

#[test]
fn to_and_fro_within_minutes_is_one_trip() {
    let metres = [0.0, 0.0, 0.0, 100.0, 220.0, 0.0, 60.0, 320.0];
    let way: Vec<(i64, f64)> = (0..).zip(metres).collect();
    let told = told(&along(&way), &newer(200.0, 3));
    // Traccar: moving at 2, stopped at 6, moving at 7. The departure is the same. Its stop is none: in
    // the three minutes before it the vehicle went 500 m, and one slow minute is no stop of three.
    assert_eq!(told.stops_min(), [(0, 2)]);
    assert_eq!(told.trips_min(), [(2, 7)]);
}

/// Knots to km/h.
const KNOT: f64 = 1.852;

/// Distance from the first of the case's total distances, speed in knots.
fn older(way: &[(i64, f32, f64)]) -> Vec<Point> {
    let point = |&(minute, knots, m): &(i64, f32, f64)| Point {
        speed_kmh: Some(knots * 1.852),
        ..at(minute * MINUTE, (m, 0.0))
    };
    way.iter().map(point).collect()
}

fn older_rules(trip_s: i64, stop_s: i64) -> TripRules {
    TripRules {
        trip_m: 500.0,
        trip_ms: trip_s * 1_000,
        stop_ms: stop_s * 1_000,
        silence_ms: 900_000,
        ..TripRules::default()
    }
}

fn is_near(ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() < 0.05, "{ours} {theirs}");
}

#[test]
fn a_simple_trip_and_its_two_stops() {
    let way = older(&[
        (0, 0.0, 0.0),
        (1, 0.0, 0.0),
        (2, 10.0, 0.0),
        (3, 10.0, 1_000.0),
        (4, 10.0, 2_000.0),
        (5, 0.0, 3_000.0),
        (15, 0.0, 3_000.0),
        (25, 0.0, 3_000.0),
    ]);
    let told = told(&way, &older_rules(300, 180));
    assert_eq!(told.trips_min(), [(2, 5)]);
    let trip = &told.trips[0];
    assert_eq!(trip.duration_ms(), 180_000);
    is_near(trip.distance_m, 3_000.0);
    is_near(trip.average_kmh() / KNOT, 32.4);
    is_near(trip.max_kmh / KNOT, 10.0);
    // The first of them is shorter than a stop, 120 s: what was before is not known, so it counts.
    assert_eq!(told.stops_min(), [(0, 2), (5, 25)]);
    assert_eq!(told.stops[0].duration_ms(), 120_000);
}

#[test]
fn a_moment_without_speed_does_not_end_a_trip() {
    let way = older(&[
        (0, 0.0, 0.0),
        (1, 0.0, 0.0),
        (2, 10.0, 0.0),
        (3, 10.0, 1_000.0),
        (4, 10.0, 2_000.0),
        (5, 10.0, 3_000.0),
        (6, 10.0, 4_000.0),
        (7, 0.0, 5_000.0),
        (8, 10.0, 6_000.0),
        (9, 0.0, 7_000.0),
        (19, 0.0, 7_000.0),
        (29, 0.0, 7_000.0),
    ]);
    let told = told(&way, &older_rules(300, 180));
    assert_eq!(told.trips_min(), [(2, 9)]);
    let trip = &told.trips[0];
    assert_eq!(trip.duration_ms(), 420_000);
    is_near(trip.distance_m, 7_000.0);
    is_near(trip.average_kmh() / KNOT, 32.4);
    is_near(trip.max_kmh / KNOT, 10.0);
    assert_eq!(told.stops_min(), [(0, 2), (9, 29)]);
}

#[test]
fn speeds_without_a_way_are_one_stop() {
    let way = [(0, 0.0), (1, 0.0), (2, 1.0), (3, 0.0), (4, 1.0), (5, 0.0)];
    let way: Vec<_> = way.iter().map(|(minute, knots)| (*minute, *knots, 0.0)).collect();
    assert_eq!(told(&older(&way), &older_rules(300, 200)).stops_min(), [(0, 5)]);
    let cut = [(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0), (4, 1.0), (5, 2.0)];
    let cut: Vec<_> = cut.iter().map(|(minute, knots)| (*minute, *knots, 0.0)).collect();
    assert_eq!(told(&older(&cut), &older_rules(300, 200)).stops_min(), [(0, 5)]);
}

#[test]
fn a_place_that_never_changes_is_a_stop_whatever_speed_is_told() {
    let way = [(0, 2.0, 0.0), (1, 1.0, 0.0), (2, 0.0, 0.0), (12, 0.0, 0.0), (32, 0.0, 0.0)];
    // Traccar: 2 to 32, because it believes the speeds of the first two minutes. The place did not
    // change in them, and a place that stays is the better witness.
    assert_eq!(told(&older(&way), &older_rules(300, 200)).stops_min(), [(0, 32)]);
    let moving = [(0, 2.0, -93.0), (1, 1.0, -31.0), (2, 0.0, 0.0), (12, 0.0, 0.0), (32, 0.0, 0.0)];
    let rules = TripRules { trip_m: 50.0, moving_kmh: 1.0, ..older_rules(300, 200) };
    let told = told(&older(&moving), &rules);
    assert_eq!((told.stops_min(), told.trips_min()), (vec![(2, 32)], vec![(0, 2)]));
}

#[test]
fn five_knots_for_five_minutes_are_no_stop() {
    let way = (0_i32..6).map(|minute| (i64::from(minute), 5.0, f64::from(minute) * 154.3));
    let way: Vec<_> = way.collect();
    // Traccar's case has no way at all: its totals stay 0 at 5 knots. Ours goes what it tells.
    assert_eq!(told(&older(&way), &older_rules(300, 200)).stops_min(), []);
}

#[test]
fn a_silence_in_one_place_is_a_stop_until_a_trip_is_certain() {
    let way = older(&[
        (0, 7.0, 100.0),
        (1, 7.0, 300.0),
        (2, 5.0, 500.0),
        (3, 5.0, 600.0),
        (4, 3.0, 700.0),
        (23, 2.0, 700.0),
        (24, 5.0, 800.0),
        (25, 5.0, 900.0),
    ]);
    let told = told(&way, &older_rules(200, 200));
    assert_eq!(told.trips_min(), [(0, 4)]);
    let trip = &told.trips[0];
    assert_eq!(trip.duration_ms(), 240_000);
    is_near(trip.distance_m, 600.0);
    is_near(trip.average_kmh() / KNOT, 4.86);
    is_near(trip.max_kmh / KNOT, 7.0);
    assert_eq!(told.stops_min(), [(4, 25)]);
}
