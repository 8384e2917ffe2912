//! The cases of movingpandas' tests of its stop detector, with its numbers: metres and seconds.
//! Its diameter is our radius, measured from where the rest began.

use super::*;

fn rules(diameter_m: f64, seconds: i64) -> TripRules {
    TripRules {
        stop_radius_m: diameter_m,
        stop_ms: seconds * 1_000,
        trip_m: diameter_m,
        trip_ms: seconds * 1_000,
        ..TripRules::default()
    }
}

fn way(nodes: &[(i64, f64, f64)]) -> Vec<Point> {
    nodes.iter().map(|(second, x, y)| at(second * 1_000, (*x, *y))).collect()
}

fn stops_s(nodes: &[(i64, f64, f64)], rules: &TripRules) -> Vec<(i64, i64)> {
    let stops = told(&way(nodes), rules).stops_ms();
    stops.into_iter().map(|(start, end)| (start / 1_000, end / 1_000)).collect()
}

#[test]
fn a_stop_in_the_middle_is_found_with_its_median() {
    let nodes = [
        (0, 0.0, 0.0),
        (1, 0.0, 10.0),
        (2, 0.0, 20.0),
        (4, 0.0, 21.0),
        (6, 0.0, 22.0),
        (8, 0.0, 30.0),
        (10, 0.0, 40.0),
        (15, 1.0, 50.0),
    ];
    assert_eq!(stops_s(&nodes, &rules(3.0, 2)), [(2, 6)]);
    let told = told(&way(&nodes), &rules(3.0, 2));
    let median = at(0, (0.0, 21.0)).place;
    assert!((told.stops[0].place.lat() - median.lat()).abs() < 1e-7);
    assert!((told.stops[0].place.lon() - median.lon()).abs() < 1e-7);
    assert_eq!(told.stops[0].duration_ms(), 4_000);
    assert_eq!(told.stops[0].points, 3);
}

const START: [(i64, f64, f64); 4] = [(0, 0.0, 0.0), (1, 0.0, 1.0), (2, 0.0, 2.0), (3, 0.0, 1.0)];
const END: [(i64, f64, f64); 3] = [(8, 0.0, 30.0), (10, 0.0, 31.0), (15, 1.0, 32.0)];

#[test]
fn a_stop_at_the_beginning_is_found() {
    let rest = [(4, 0.0, 22.0), (8, 0.0, 30.0), (10, 0.0, 40.0), (15, 1.0, 50.0)];
    assert_eq!(stops_s(&[&START[..], &rest].concat(), &rules(3.0, 2)), [(0, 3)]);
}

#[test]
fn a_stop_at_the_end_is_found() {
    let begin = [(0, 0.0, -100.0), (1, 0.0, -10.0), (2, 0.0, 2.0), (3, 0.0, 1.0), (4, 0.0, 22.0)];
    let rules = TripRules { drift_kmh: 400.0, ..rules(3.0, 2) };
    assert_eq!(stops_s(&[&begin[..], &END].concat(), &rules), [(8, 15)]);
}

#[test]
fn two_stops_are_found_with_and_without_a_position_between_them() {
    let between = [(4, 0.0, 22.0)];
    let rules = rules(3.0, 2);
    assert_eq!(stops_s(&[&START[..], &between, &END].concat(), &rules), [(0, 3), (8, 15)]);
    assert_eq!(stops_s(&[&START[..], &END].concat(), &rules), [(0, 3), (8, 15)]);
}

#[test]
fn a_circle_of_a_metre_holds_no_stop() {
    let nodes = [&START[..], &[(4, 0.0, 22.0)], &END].concat();
    // Positions are kept to a centimetre, so the steps of a metre are one give or take that.
    assert_eq!(stops_s(&nodes, &rules(0.99, 1)), []);
}
