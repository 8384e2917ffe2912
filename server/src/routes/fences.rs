//! Fences of vehicles.

use axum::Json;
use axum::http::StatusCode;
use gis_data::Permission;
use serde::Deserialize;
use serde_json::{Value, json};
use vehicle_tracker::fence::FenceFault;
use vehicle_tracker::vehicles::{self, FenceOnFile, FencePlan, PlanFault, Wrong};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded, Signed};

/// Twice what the most vertices take.
pub(crate) const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The version that the change is made from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionParams {
    version: i32,
}

pub(crate) async fn list_fences(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
) -> ApiResult<Json<Value>> {
    let found = vehicles::fences(&city.store, &viewer).await?;
    Ok(Json(json!({"items": found.iter().map(shown).collect::<Vec<_>>()})))
}

pub(crate) async fn add_fence(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiJson(plan): ApiJson<FencePlan>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let actor = known.account.login.as_str();
    let kept = vehicles::keep_fence(&city.store, &viewer, actor, None, &plan).await?;
    let fence = kept.map_err(|fault| refused(0, &fault))?;
    Ok((StatusCode::CREATED, Json(shown(&fence))))
}

pub(crate) async fn change_fence(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(params): ApiQuery<VersionParams>,
    ApiJson(plan): ApiJson<FencePlan>,
) -> ApiResult<Json<Value>> {
    let (actor, from) = (known.account.login.as_str(), Some((id, params.version)));
    let kept = vehicles::keep_fence(&city.store, &viewer, actor, from, &plan).await?;
    Ok(Json(shown(&kept.map_err(|fault| refused(id, &fault))?)))
}

pub(crate) async fn retire_fence(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<StatusCode> {
    let actor = known.account.login.as_str();
    let retired = vehicles::retire_fence(&city.store, &viewer, actor, id).await?;
    retired.map_err(|fault| refused(id, &fault))?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(fence: &FenceOnFile) -> Value {
    json!({
        "fence_id": fence.fence_id,
        "name": fence.name,
        "geometry": fence.geometry,
        "metres": fence.metres,
        "feature_id": fence.feature_id,
        "org": {"org_id": fence.org_id, "name": fence.org_name},
        "asks": fence.asks,
        "dwell_limit_s": fence.dwell_limit_s,
        "limit_kmh": fence.limit_kmh,
        "is_parking": fence.is_parking,
        "vehicles": fence.vehicles,
        "version": fence.version,
        "changed_by": fence.changed_by,
        "changed_ms": fence.changed_ms,
    })
}

fn refused(id: i64, fault: &PlanFault) -> ApiError {
    match fault {
        PlanFault::Unknown => ApiError::not_found(
            &format!("没有编号为 {id} 的围栏，或您无权查看"),
            &format!("no fence {id}, or none that you may see"),
        ),
        PlanFault::NotAllowed => ApiError::not_allowed(&[Permission::Command]),
        PlanFault::Stale => ApiError::new(
            StatusCode::CONFLICT,
            "fence-changed",
            ("围栏已被他人修改", "The fence has been changed"),
            (
                "该围栏在您打开之后已被修改，请刷新后再改",
                "somebody changed this fence after you opened it; look again before you change it",
            ),
        ),
        PlanFault::Wrong(wrong) => {
            let (zh, en): (Vec<String>, Vec<String>) = wrong.iter().map(told).unzip();
            ApiError::bad_request(&zh.join("；"), &en.join("; "))
        }
    }
}

/// In Chinese and in English.
fn told(wrong: &Wrong) -> (String, String) {
    match wrong {
        Wrong::Name(most) => {
            (format!("围栏名称须为 1 至 {most} 字"), format!("the name has 1 to {most} characters"))
        }
        Wrong::Org(id) => (
            format!("没有编号为 {id} 的单位，或您无权查看"),
            format!("no organisation {id}, or none that you may see"),
        ),
        Wrong::Drawn(fault) => {
            (format!("所绘图形不能作为围栏：{}", drawn_fault(fault)), fault.to_string())
        }
        Wrong::Place(id) => (
            format!("编号为 {id} 的场所不存在、没有边界，或您无权查看"),
            format!("no place {id} with an outline, or none that you may see"),
        ),
        Wrong::Dwell(most) => (
            format!("停留时限须为 1 至 {most} 秒；选择停留报警时必须填写"),
            format!(
                "the limit of staying is 1 to {most} s, and is needed where staying is to be told of"
            ),
        ),
        Wrong::Limit(most) => {
            (format!("限速须为 1 至 {most} km/h"), format!("the speed limit is 1 to {most} km/h"))
        }
        Wrong::Idle => (
            "围栏没有用途：请选择报警条件、限速或定点停放".to_owned(),
            "the fence asks nothing, limits nothing and is no car park".to_owned(),
        ),
        Wrong::TooMany(most) => (
            format!("一个围栏最多指定 {most} 辆车；请改按单位设置"),
            format!("a fence lists at most {most} vehicles; name an organisation instead"),
        ),
        Wrong::Vehicles(ids) => {
            let shown: Vec<String> = ids.iter().take(20).map(ToString::to_string).collect();
            let shown = shown.join(", ");
            (
                format!("以下车辆不属于该单位，或您无权查看：{shown}"),
                format!(
                    "these vehicles are not the organisation's, or you may not see them: {shown}"
                ),
            )
        }
    }
}

pub(super) fn drawn_fault(fault: &FenceFault) -> String {
    match fault {
        FenceFault::Empty => "没有任何部分".to_owned(),
        FenceFault::Ring { ring, points } => {
            format!("第 {} 个环只有 {points} 个不同的点，至少需要 3 个", ring + 1)
        }
        FenceFault::Line { points } => format!("走廊中线只有 {points} 个不同的点，至少需要 2 个"),
        FenceFault::Place { lon, lat } => format!("经度 {lon}、纬度 {lat} 不在地球上"),
        FenceFault::TooMany { count, most } => format!("共 {count} 个顶点，最多 {most} 个"),
        FenceFault::Size { metres, most } => format!("半径或宽度 {metres} 米，须为 1 至 {most} 米"),
    }
}
