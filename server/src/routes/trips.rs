//! What a vehicle did: trips, stops, refuels.

use axum::Json;
use gis_data::{FeatureId, LonLat, Permission};
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use vehicle_tracker::trip::{Begun, Open, Refuel, Stop, Trip};
use vehicle_tracker::vehicles;

use super::vehicles::{moment, unknown};
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, ApiQuery, Asker, Loaded};

/// The longest window: a quarter and a day of time zones.
const WINDOW: Duration = Duration::days(93);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TripParams {
    from: Option<String>,
    to: Option<String>,
}

/// The last day when no window is given.
pub(crate) async fn list_trips(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(params): ApiQuery<TripParams>,
) -> ApiResult<Json<Value>> {
    let id = FeatureId(id);
    let vehicle = vehicles::one(&city.live, &viewer, id).ok_or_else(|| unknown(id.0))?;
    if !viewer.may(Permission::Track, vehicle.info.scope) {
        return Err(ApiError::not_allowed(&[Permission::Track]));
    }
    let to = params.to.map(|t| moment(&t)).transpose()?.unwrap_or_else(OffsetDateTime::now_utc);
    let from = params.from.map(|t| moment(&t)).transpose()?.unwrap_or(to - Duration::days(1));
    if from > to || to - from > WINDOW {
        return Err(ApiError::bad_request(
            "行程时段须在 93 天以内，且开始时间不晚于结束时间",
            "trips are asked for at most 93 days, and the window begins before it ends",
        ));
    }
    let found = vehicles::journeys(&city.store, &viewer, id, from..to).await?;
    let open = found.open.as_ref().map(|open| match open {
        Open::Driving(trip) => json!({"trip": shown_trip(trip)}),
        Open::Standing(stop) => json!({"stop": shown_stop(stop)}),
    });
    Ok(Json(json!({
        "trips": found.trips.iter().map(shown_trip).collect::<Vec<_>>(),
        "stops": found.stops.iter().map(shown_stop).collect::<Vec<_>>(),
        "refuels": found.refuels.iter().map(shown_refuel).collect::<Vec<_>>(),
        "open": open,
    })))
}

fn shown_trip(trip: &Trip) -> Value {
    json!({
        "start_ms": trip.start_ms,
        "end_ms": trip.end_ms,
        "start": degrees(trip.start),
        "end": degrees(trip.end),
        "distance_m": trip.distance_m,
        "max_kmh": trip.max_kmh,
        "average_kmh": trip.average_kmh(),
        "moving_ms": trip.moving_ms,
        "odometer_m": trip.odometer_m,
        "fuel_used_l": trip.fuel_used_l,
        "positions": trip.points,
        "gaps": trip.gaps,
        "gap_ms": trip.gap_ms,
        "leaps": trip.leaps,
        "line": trip.line.iter().map(|v| json!([v.place.lon(), v.place.lat(), v.at_ms])).collect::<Vec<_>>(),
    })
}

fn shown_stop(stop: &Stop) -> Value {
    json!({
        "start_ms": stop.start_ms,
        "end_ms": stop.end_ms,
        "place": degrees(stop.place),
        "arrival_seen": stop.begun == Begun::Arrived,
        "ignition_on_ms": stop.ignition_on_ms,
        "positions": stop.points,
    })
}

fn shown_refuel(refuel: &Refuel) -> Value {
    json!({
        "start_ms": refuel.start_ms,
        "end_ms": refuel.end_ms,
        "place": degrees(refuel.place),
        "litres": refuel.litres,
    })
}

/// Degrees (lon, lat).
fn degrees(place: LonLat) -> [f64; 2] {
    [place.lon(), place.lat()]
}
