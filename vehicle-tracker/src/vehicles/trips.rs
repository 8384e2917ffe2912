//! What a vehicle did: its trips, stops and refuels, and what it is at.

use std::ops::Range;

use gis_data::{FeatureId, LonLat, Store, Viewer};
use sqlx::FromRow;
use time::OffsetDateTime;

use super::queries;
use crate::error::Result;
use crate::keeper::{checkpoint_before, positions_after};
use crate::trip::{Begun, Driving, Open, Refuel, Stop, Trip, TripRules, Vertex};

/// What is on file of a window of time, in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Journeys {
    /// Those that touch the window.
    pub trips: Vec<Trip>,
    /// Those that touch the window.
    pub stops: Vec<Stop>,
    /// Those that touch the window.
    pub refuels: Vec<Refuel>,
    /// What the vehicle is at now, as far as it touches the window.
    pub open: Option<Open>,
}

/// Trips of a vehicle. Empty when the viewer may not see it.
pub async fn journeys(
    store: &Store,
    viewer: &Viewer,
    id: FeatureId,
    span: Range<OffsetDateTime>,
) -> Result<Journeys> {
    let mut tx = store.as_viewer(viewer).await?;
    if !queries::is_visible(&mut tx, id).await? {
        return Ok(Journeys {
            trips: Vec::new(),
            stops: Vec::new(),
            refuels: Vec::new(),
            open: None,
        });
    }
    let trips = queries::trips(&mut tx, id, &span).await?;
    let stops = queries::stops(&mut tx, id, &span).await?;
    let refuels = queries::refuels(&mut tx, id, &span).await?;
    drop(tx);
    let open = open(store, id).await?.filter(|open| touches(open, &span));
    Ok(Journeys {
        trips: trips.into_iter().filter_map(TripRow::into_trip).collect(),
        stops: stops.into_iter().filter_map(StopRow::into_stop).collect(),
        refuels: refuels.into_iter().filter_map(RefuelRow::into_refuel).collect(),
        open,
    })
}

/// From the last checkpoint on; the same whichever server is asked.
async fn open(store: &Store, id: FeatureId) -> Result<Option<Open>> {
    let mut snapshot = store.snapshot().await?;
    let checkpoint = checkpoint_before(&mut snapshot, id, i64::MAX).await?;
    let (mut after_ms, mut state) =
        checkpoint.map_or((i64::MIN, Driving::default()), |(ms, lane)| (ms, lane.into_driving()));
    loop {
        let page = positions_after(&mut snapshot, id, after_ms).await?;
        let Some(last) = page.last() else { return Ok(state.open()) };
        after_ms = last.fix_ms;
        for point in &page {
            // What becomes certain on the way is the keeper's to write.
            let _ = state.step(point, &TripRules::default());
        }
    }
}

fn touches(open: &Open, span: &Range<OffsetDateTime>) -> bool {
    let (start_ms, end_ms) = match open {
        Open::Standing(stop) => (stop.start_ms, stop.end_ms),
        Open::Driving(trip) => (trip.start_ms, trip.end_ms),
    };
    let ms = |at: OffsetDateTime| at.unix_timestamp_nanos() / 1_000_000;
    i128::from(start_ms) < ms(span.end) && i128::from(end_ms) >= ms(span.start)
}

/// A row of `trip`.
#[derive(FromRow)]
pub(super) struct TripRow {
    start_ms: i64,
    end_ms: i64,
    distance_m: f64,
    max_kmh: f64,
    moving_s: f64,
    odometer_m: Option<f64>,
    fuel_l: Option<f64>,
    position_count: i64,
    gap_count: i64,
    gap_s: f64,
    leap_count: i64,
    lons: Vec<f64>,
    lats: Vec<f64>,
    line_times: Vec<i64>,
}

/// A row of `stop`.
#[derive(FromRow)]
pub(super) struct StopRow {
    start_ms: i64,
    end_ms: i64,
    lon: f64,
    lat: f64,
    is_arrival_seen: bool,
    ignition_on_s: Option<f64>,
    position_count: i64,
}

/// A row of `refuel`.
#[derive(FromRow)]
pub(super) struct RefuelRow {
    start_ms: i64,
    end_ms: i64,
    lon: f64,
    lat: f64,
    litres: f64,
}

impl TripRow {
    fn into_trip(self) -> Option<Trip> {
        let places = self.lons.iter().zip(&self.lats);
        let places: Option<Vec<LonLat>> =
            places.map(|(lon, lat)| LonLat::new_checked(*lon, *lat)).collect();
        let times = self.line_times.into_iter();
        let line: Vec<Vertex> =
            times.zip(places?).map(|(at_ms, place)| Vertex { at_ms, place }).collect();
        Some(Trip {
            start_ms: self.start_ms,
            end_ms: self.end_ms,
            start: line.first()?.place,
            end: line.last()?.place,
            distance_m: self.distance_m,
            max_kmh: self.max_kmh,
            moving_ms: milliseconds(self.moving_s),
            odometer_m: self.odometer_m,
            fuel_used_l: self.fuel_l,
            points: self.position_count.unsigned_abs(),
            gaps: u32::try_from(self.gap_count).unwrap_or(u32::MAX),
            gap_ms: milliseconds(self.gap_s),
            leaps: u32::try_from(self.leap_count).unwrap_or(u32::MAX),
            line,
        })
    }
}

impl StopRow {
    fn into_stop(self) -> Option<Stop> {
        Some(Stop {
            start_ms: self.start_ms,
            end_ms: self.end_ms,
            place: LonLat::new_checked(self.lon, self.lat)?,
            begun: if self.is_arrival_seen { Begun::Arrived } else { Begun::FirstSeen },
            ignition_on_ms: self.ignition_on_s.map(milliseconds),
            points: self.position_count.unsigned_abs(),
        })
    }
}

impl RefuelRow {
    fn into_refuel(self) -> Option<Refuel> {
        let place = LonLat::new_checked(self.lon, self.lat)?;
        Some(Refuel { start_ms: self.start_ms, end_ms: self.end_ms, place, litres: self.litres })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "whole milliseconds of a trip, kept as seconds"
)]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}
