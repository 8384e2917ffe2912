//! Tests of the whole: oracles of other systems, recorded drives, random ones.

mod halves;
mod movingpandas;
mod recorded;
mod relay;
mod rules;
mod traccar;

use gis_data::LonLat;

use super::{Driving, Finding, Open, Stop, Trip, TripRules};
use crate::point::Point;

/// Metres of a degree of the equator, and of a meridian where it crosses it.
const EAST_M: f64 = 111_319.490_793;
const NORTH_M: f64 = 110_574.275_5;

const MINUTE: i64 = 60_000;

/// So many metres east and north of where the equator meets 20 degrees east.
fn at(ms: i64, (east_m, north_m): (f64, f64)) -> Point {
    let place = LonLat::new_checked(20.0 + east_m / EAST_M, north_m / NORTH_M).unwrap();
    Point::bare(ms, place)
}

/// Along the equator: minutes and metres.
fn along(way: &[(i64, f64)]) -> Vec<Point> {
    way.iter().map(|(minute, m)| at(minute * MINUTE, (*m, 0.0))).collect()
}

/// All that is found, and what is open at the end.
struct Told {
    trips: Vec<Trip>,
    stops: Vec<Stop>,
    open: Option<Open>,
}

impl Told {
    /// Of each stop, the one that is open included, its beginning and end in milliseconds.
    fn stops_ms(&self) -> Vec<(i64, i64)> {
        let open = match &self.open {
            Some(Open::Standing(stop)) => Some(stop),
            _ => None,
        };
        self.stops.iter().chain(open).map(|stop| (stop.start_ms, stop.end_ms)).collect()
    }

    /// The same in minutes.
    fn stops_min(&self) -> Vec<(i64, i64)> {
        self.stops_ms().into_iter().map(|(start, end)| (start / MINUTE, end / MINUTE)).collect()
    }

    /// Of each trip, the one that is under way included, its beginning and end in minutes.
    fn trips_min(&self) -> Vec<(i64, i64)> {
        let open = match &self.open {
            Some(Open::Driving(trip)) => Some(trip),
            _ => None,
        };
        let trips = self.trips.iter().chain(open);
        trips.map(|trip| (trip.start_ms / MINUTE, trip.end_ms / MINUTE)).collect()
    }
}

fn told(points: &[Point], rules: &TripRules) -> Told {
    let mut state = Driving::default();
    let (mut trips, mut stops) = (Vec::new(), Vec::new());
    for point in points {
        for finding in state.step(point, rules).findings {
            match finding {
                Finding::Trip(trip) => trips.push(trip),
                Finding::Stop(stop) => stops.push(stop),
                Finding::Refuel(_) => {}
            }
        }
    }
    Told { trips, stops, open: state.open() }
}
