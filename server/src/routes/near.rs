//! Vehicles by place, as they are now.

use axum::Json;
use gis_data::{LonLat, Viewer};
use serde::Deserialize;
use serde_json::{Value, json};
use vehicle_tracker::Status;
use vehicle_tracker::fence::Drawn;
use vehicle_tracker::vehicles::{self, Statuses};

use super::fences::drawn_fault;
use super::vehicles::shown;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiQuery, Asker, Loaded};

const COUNT: usize = 10;
const MOST: usize = 100;
/// A fifth of the way around the earth, at which the distances are still right to one in ten thousand.
const MOST_M: f64 = 2_500_000.0;
const MOST_LISTED: usize = 1_000;
const MOST_POINTS: usize = 1_000;
const MOST_ASIDE_M: f64 = 5_000.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NearestParams {
    lon: f64,
    lat: f64,
    count: Option<usize>,
    within_m: Option<f64>,
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Within {
    geometry: vehicle_tracker::fence::Outline,
    metres: Option<f64>,
    #[serde(default)]
    status: Vec<Status>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Along {
    line: Vec<[f64; 2]>,
    within_m: f64,
    #[serde(default)]
    status: Vec<Status>,
}

/// The ten nearest when no count is given.
pub(crate) async fn list_nearest(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<NearestParams>,
) -> ApiResult<Json<Value>> {
    let place = place([params.lon, params.lat])?;
    let count = params.count.unwrap_or(COUNT);
    if !(1..=MOST).contains(&count) {
        return Err(ApiError::bad_request(
            &format!("数量 {count} 须为 1 至 {MOST}"),
            &format!("count {count} is not 1 to {MOST}"),
        ));
    }
    let within_m = metres(params.within_m.unwrap_or(MOST_M), MOST_M)?;
    let statuses = params.status.as_deref().map(statuses).transpose()?.unwrap_or_default();
    let found = vehicles::nearest(&city.live, &viewer, place, (count, within_m), &statuses);
    let items = found.iter().map(|near| {
        let mut item = shown(&near.vehicle, &viewer);
        item["distance_m"] = json!(near.distance_m);
        item
    });
    Ok(Json(json!({"items": items.collect::<Vec<_>>()})))
}

pub(crate) async fn list_within(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiJson(asked): ApiJson<Within>,
) -> ApiResult<Json<Value>> {
    let area = Drawn { geometry: asked.geometry, metres: asked.metres };
    let area = area.to_shape().map_err(|fault| {
        ApiError::bad_request(&format!("所绘范围无效：{}", drawn_fault(&fault)), &fault.to_string())
    })?;
    let statuses = Statuses(asked.status);
    let found = vehicles::inside(&city.live, &viewer, &area, &statuses, MOST_LISTED);
    let items: Vec<Value> = found.vehicles.iter().map(|v| shown(v, &viewer)).collect();
    Ok(Json(json!({"total": found.total, "by_status": found.counts, "items": items})))
}

pub(crate) async fn list_along(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiJson(asked): ApiJson<Along>,
) -> ApiResult<Json<Value>> {
    let count = asked.line.len();
    if !(2..=MOST_POINTS).contains(&count) {
        return Err(ApiError::bad_request(
            &format!("路线有 {count} 个点，须为 2 至 {MOST_POINTS} 个"),
            &format!("the line has {count} points; it needs 2 to {MOST_POINTS}"),
        ));
    }
    let line = asked.line.into_iter().map(place).collect::<ApiResult<Vec<_>>>()?;
    let within_m = metres(asked.within_m, MOST_ASIDE_M)?;
    let statuses = Statuses(asked.status);
    let found = vehicles::along(&city.live, &viewer, &line, within_m, &statuses);
    let item = |on: &vehicles::Along, viewer: &Viewer| {
        let mut item = shown(&on.vehicle, viewer);
        item["along_m"] = json!(on.at_m);
        item["offset_m"] = json!(on.off_m);
        item
    };
    let items: Vec<Value> = found.iter().take(MOST_LISTED).map(|on| item(on, &viewer)).collect();
    Ok(Json(json!({"total": found.len(), "items": items})))
}

fn place([lon, lat]: [f64; 2]) -> ApiResult<LonLat> {
    LonLat::new_checked(lon, lat).ok_or_else(|| {
        ApiError::bad_request(
            &format!("经度 {lon}、纬度 {lat} 不在地球上"),
            &format!("longitude {lon}, latitude {lat} is not on the earth"),
        )
    })
}

fn metres(metres: f64, most: f64) -> ApiResult<f64> {
    if (1.0..=most).contains(&metres) {
        return Ok(metres);
    }
    Err(ApiError::bad_request(
        &format!("距离 {metres} 米须为 1 至 {most} 米"),
        &format!("{metres} m is not 1 to {most} m"),
    ))
}

fn statuses(list: &str) -> ApiResult<Statuses> {
    let parsed: Result<Vec<Status>, String> = list.split(',').map(str::parse).collect();
    parsed
        .map(Statuses)
        .map_err(|fault| ApiError::bad_request(&format!("状态参数无效：{fault}"), &fault))
}
