//! Vehicles: where they are, and where they were.

use axum::Json;
use gis_data::{FeatureId, Permission, Personal, Viewer};
use serde::Deserialize;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, OffsetDateTime};
use vehicle_tracker::archive;
use vehicle_tracker::vehicles::{self, VehicleFilter};
use vehicle_tracker::{LiveVehicle, Status, TrackerError};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, ApiQuery, Asker, Loaded};
use crate::live::now_ms;

const LIST_LIMIT: usize = 1_000;
const TRACK_LIMIT: usize = 20_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    q: Option<String>,
    status: Option<String>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrackParams {
    from: Option<String>,
    to: Option<String>,
}

pub(crate) async fn list_vehicles(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let status: Option<Status> =
        params.status.as_deref().map(str::parse).transpose().map_err(|fault: String| {
            ApiError::bad_request(&format!("状态参数无效：{fault}"), &fault)
        })?;
    let limit = Some(params.limit.unwrap_or(LIST_LIMIT).min(LIST_LIMIT));
    let filter = VehicleFilter { q: params.q, status, org: None, limit };
    let found = vehicles::list(&city.live, &viewer, &filter);
    let items: Vec<Value> = found.items.iter().map(|v| shown(v, &viewer)).collect();
    Ok(Json(json!({"total": found.total, "by_status": found.by_status, "items": items})))
}

pub(crate) async fn get_vehicle(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Value>> {
    let vehicle = vehicles::one(&city.live, &viewer, FeatureId(id)).ok_or_else(|| unknown(id))?;
    let mut told = shown(&vehicle, &viewer);
    if viewer.may(Permission::Track, vehicle.info.scope) {
        let until = vehicles::sealed_until(&city.store, FeatureId(id)).await?;
        told["sealed_until"] = json!(until.and_then(|at| at.format(&Rfc3339).ok()));
    }
    Ok(Json(told))
}

/// The last half hour when no period is given; at most a week.
pub(crate) async fn get_track(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(params): ApiQuery<TrackParams>,
) -> ApiResult<Json<Value>> {
    let vehicle = vehicles::one(&city.live, &viewer, FeatureId(id)).ok_or_else(|| unknown(id))?;
    if !viewer.may(Permission::Track, vehicle.info.scope) {
        return Err(ApiError::not_allowed(&[Permission::Track]));
    }
    let to = params.to.map(|t| moment(&t)).transpose()?.unwrap_or_else(OffsetDateTime::now_utc);
    let from = params.from.map(|t| moment(&t)).transpose()?.unwrap_or(to - Duration::minutes(30));
    if from > to || to - from > Duration::days(7) {
        return Err(ApiError::bad_request(
            "轨迹时段须在 7 天以内，且开始时间不晚于结束时间",
            "a track covers at most 7 days, and begins before it ends",
        ));
    }
    let points =
        vehicles::track(&city.store, &viewer, FeatureId(id), from..to, TRACK_LIMIT).await?;
    let points: Vec<Value> =
        points.iter().map(|p| json!([p.lon, p.lat, p.fix_ms, p.speed_kmh])).collect();
    // An empty answer for such a day does not mean that the vehicle was nowhere.
    let days = archive::days_away(&city.store, &(from..to)).await?;
    let archived: Vec<String> = days.iter().map(Date::to_string).collect();
    Ok(Json(json!({"points": points, "archived_days": archived})))
}

impl From<TrackerError> for ApiError {
    fn from(error: TrackerError) -> Self {
        match error {
            TrackerError::Store(ground) => ground.into(),
            other => Self::internal(&other),
        }
    }
}

pub(super) fn shown(v: &LiveVehicle, viewer: &Viewer) -> Value {
    let p = v.position;
    json!({
        "feature_id": v.info.feature_id,
        "plate": viewer.shown(Personal::Plate, v.info.scope, &v.info.plate),
        "name": v.info.name,
        "kind_title": &*v.info.vehicle_type,
        "org": v.info.org.as_ref().map(|(id, name)| json!({"org_id": id, "name": &**name})),
        "terminal_id": v.info.terminal_id,
        "status": v.status.name(),
        "lon": p.map(|p| p.place.lon()),
        "lat": p.map(|p| p.place.lat()),
        "heading": p.and_then(|p| p.heading_deg),
        "speed_kmh": p.and_then(|p| p.speed_kmh),
        "fix_ms": p.map(|p| p.fix_ms),
        "age_s": p.map(|p| (now_ms() - p.fix_ms) / 1_000),
    })
}

pub(super) fn moment(text: &str) -> ApiResult<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_source| {
        ApiError::bad_request(
            &format!("“{text}”不是带时区的时间，例如 2026-11-23T08:00:00+08:00"),
            &format!("{text:?} is not a time with a zone such as 2026-11-23T08:00:00+08:00"),
        )
    })
}

pub(super) fn unknown(id: i64) -> ApiError {
    ApiError::not_found(
        &format!("没有编号为 {id} 的车辆，或您无权查看"),
        &format!("no vehicle {id}, or none that you may see"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn random_times_are_taken_with_a_zone_only(text in prop_oneof![
            "\\PC{0,40}",
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?",
        ]) {
            if moment(&text).is_ok() {
                let has_zone = text.to_uppercase().ends_with('Z') || text.chars().rev().nth(5).is_some_and(|c| matches!(c, '+' | '-'));
                prop_assert!(has_zone, "{text}");
            }
        }

        #[test]
        fn random_moments_are_read_back(seconds in 0_i64..253_402_300_799) {
            let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            prop_assert_eq!(moment(&at.format(&Rfc3339).unwrap()).ok(), Some(at));
        }
    }
}
