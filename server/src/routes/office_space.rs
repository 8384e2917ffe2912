//! Questions about office space: who uses what, what is vacant, who has too much, what a body may have.

use std::time::Instant;

use axum::Json;
use axum::http::StatusCode;
use gis_data::{FeatureId, OrgId};
use modules::{BuildingForm, NewClosing, VacantQuestion};
use serde::Deserialize;
use serde_json::{Value, json};

use super::features::must_see;
use super::standards::day_or_today;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiQuery, Asker, Loaded};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoomParams {
    feature: i64,
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuildingParams {
    building: i64,
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerParams {
    ledger: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VacantParams {
    people: u32,
    org: i64,
    near: Option<i64>,
    radius_m: Option<f64>,
    rank: Option<String>,
    on: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OverParams {
    org: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntitlementParams {
    org: i64,
    form: Option<BuildingForm>,
    on: Option<String>,
}

pub(crate) async fn get_space_ledger(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<RoomParams>,
) -> ApiResult<Json<Value>> {
    let room = FeatureId(params.feature);
    must_see(&mut city.store.as_viewer(&viewer).await?, &viewer, room).await?;
    let at = day_or_today(params.at.as_deref())?;
    let ledger = city.modules.room_ledger(&viewer, room, at).await?;
    let mut told = json!(ledger);
    // What people call the kind and the purpose of each entry.
    for entry in told["entries"].as_array_mut().into_iter().flatten() {
        let kind = entry["kind"].as_str().unwrap_or_default();
        entry["kind_title"] =
            json!(city.modules.registry().kind(kind).map(|k| k.title.clone()).ok());
        entry["purpose"] = purpose(entry["purpose"].as_str().unwrap_or_default());
    }
    Ok(Json(told))
}

fn purpose(name: &str) -> Value {
    let (zh, en) = match name {
        "register" => ("登记面积", "Area registered"),
        "allocate" => ("配置", "Allocated"),
        "release" => ("腾退", "Released"),
        "retire" => ("处置", "Retired"),
        "rearrange" => ("拆分合并", "Rearranged"),
        other if other.starts_with("reverse") => ("冲回", "Reversed"),
        other => (other, other),
    };
    json!({"zh": zh, "en": en})
}

pub(crate) async fn get_stacking(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<BuildingParams>,
) -> ApiResult<Json<Value>> {
    let building = FeatureId(params.building);
    must_see(&mut city.store.as_viewer(&viewer).await?, &viewer, building).await?;
    let at = day_or_today(params.at.as_deref())?;
    Ok(Json(json!({"floors": city.modules.stacking(&viewer, building, at).await?})))
}

pub(crate) async fn get_reconciliation(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<BuildingParams>,
) -> ApiResult<Json<Value>> {
    let building = FeatureId(params.building);
    must_see(&mut city.store.as_viewer(&viewer).await?, &viewer, building).await?;
    Ok(Json(json!({"items": city.modules.reconciliation(&viewer, building).await?})))
}

pub(crate) async fn list_closings(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<LedgerParams>,
) -> ApiResult<Json<Value>> {
    Ok(Json(json!({"items": city.modules.closings(&viewer, &params.ledger).await?})))
}

pub(crate) async fn close_period(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiJson(new): ApiJson<NewClosing>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let items = city.modules.close_period(&viewer, &new).await?;
    Ok((StatusCode::CREATED, Json(json!({"items": items}))))
}

pub(crate) async fn find_vacant(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<VacantParams>,
) -> ApiResult<Json<Value>> {
    let radius_m = params.radius_m.unwrap_or(1_000.0);
    if !(1..=10_000).contains(&params.people) || !(1.0..=100_000.0).contains(&radius_m) {
        return Err(ApiError::bad_request(
            "人数应为 1 至 10000，半径应为 1 至 100000 米",
            "people from 1 to 10000, radius_m from 1 to 100000",
        ));
    }
    let began = Instant::now();
    let asked = VacantQuestion {
        people: params.people,
        org: OrgId(params.org),
        rank: params.rank,
        near: params.near.map(FeatureId),
        radius_m,
        on: day_or_today(params.on.as_deref())?,
    };
    let mut told = json!(city.modules.vacant(&viewer, &asked).await?);
    told["took_ms"] = json!((began.elapsed().as_secs_f64() * 10_000.0).round() / 10.0);
    Ok(Json(told))
}

pub(crate) async fn list_over_standard(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<OverParams>,
) -> ApiResult<Json<Value>> {
    Ok(Json(json!({"items": city.modules.over_standard(&viewer, params.org.map(OrgId)).await?})))
}

pub(crate) async fn get_entitlement(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<EntitlementParams>,
) -> ApiResult<Json<Value>> {
    let form = params.form.unwrap_or(BuildingForm::MultiStorey);
    let on = day_or_today(params.on.as_deref())?;
    Ok(Json(json!(city.modules.entitlement(&viewer, OrgId(params.org), form, on).await?)))
}
