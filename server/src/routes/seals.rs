//! Seals: times in which vehicles must stand.

use axum::Json;
use axum::http::StatusCode;
use gis_data::{FeatureId, Permission, Personal, Viewer};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vehicle_tracker::vehicles::{
    self, SealEnd, SealFault, SealFilter, SealOnFile, SealPlan, SealProblem, SealState,
};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded, Signed};
use crate::state::City;

const LIST_LIMIT: i64 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    state: Option<SealState>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// The last to begin first; `next` asks for those after.
pub(crate) async fn list_seals(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let limit = params.limit.unwrap_or(100).clamp(1, LIST_LIMIT);
    let after = params.cursor.as_deref().map(read_cursor).transpose()?;
    let filter = SealFilter { state: params.state, after, limit };
    let found = vehicles::seals(&city.store, &viewer, &filter).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().filter(|_| is_full).map(cursor);
    let items: Vec<Value> = found.iter().map(|seal| shown(&city, &viewer, seal)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

/// Of this year and of the next.
pub(crate) async fn list_holidays(Loaded(city): Loaded) -> ApiResult<Json<Value>> {
    let year = OffsetDateTime::now_utc().year();
    let found = vehicles::holidays(&city.store, year).await?;
    let items: Vec<Value> = found
        .iter()
        .map(|h| json!({"name": h.name, "from": h.from.to_string(), "to": h.to.to_string()}))
        .collect();
    Ok(Json(json!({"items": items})))
}

pub(crate) async fn add_seal(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiJson(plan): ApiJson<SealPlan>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let actor = known.account.login.as_str();
    let kept = vehicles::seal(&city.store, &viewer, actor, &plan).await?;
    let kept = kept.map_err(|fault| refused(0, &fault))?;
    Ok((StatusCode::CREATED, Json(shown(&city, &viewer, &kept))))
}

pub(crate) async fn lift_seal(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Value>> {
    ended(&city, &viewer, &known.account.login, id, SealEnd::Lift).await
}

pub(crate) async fn withdraw_seal(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Value>> {
    ended(&city, &viewer, &known.account.login, id, SealEnd::Withdraw).await
}

async fn ended(
    city: &City,
    viewer: &Viewer,
    actor: &str,
    id: i64,
    end: SealEnd,
) -> ApiResult<Json<Value>> {
    let kept = vehicles::end_seal(&city.store, viewer, actor, id, end).await?;
    Ok(Json(shown(city, viewer, &kept.map_err(|fault| refused(id, &fault))?)))
}

fn shown(city: &City, viewer: &Viewer, seal: &SealOnFile) -> Value {
    let text = |at: OffsetDateTime| at.format(&Rfc3339).ok();
    let named = |id: &i64| {
        let vehicle = vehicles::one(&city.live, viewer, FeatureId(*id))?;
        let plate = viewer.shown(Personal::Plate, vehicle.info.scope, &vehicle.info.plate);
        Some(json!({"feature_id": id, "name": plate}))
    };
    json!({
        "seal_id": seal.seal_id,
        "org": {"org_id": seal.org_id, "name": seal.org_name},
        "vehicles": seal.vehicles.iter().filter_map(named).collect::<Vec<_>>(),
        "is_whole": seal.vehicles.is_empty(),
        "vehicle_count": seal.vehicle_count,
        "starts_at": text(seal.starts_at),
        "ends_at": text(seal.ends_at),
        "spares_orders": seal.spares_orders,
        "reason": seal.reason,
        "state": seal.state(OffsetDateTime::now_utc()).name(),
        "lifted_at": seal.lifted_at.and_then(text),
        "made_by": seal.made_by,
        "made_at": text(seal.made_at),
        "ended_by": seal.ended_by,
        "alarms": seal.alarms,
        "may_end": viewer.may(Permission::Command, seal.scope()),
    })
}

fn cursor(seal: &SealOnFile) -> String {
    format!("{}.{}", seal.starts_at.unix_timestamp_nanos() / 1_000, seal.seal_id)
}

fn read_cursor(text: &str) -> ApiResult<(OffsetDateTime, i64)> {
    let read = || {
        let (micros, id) = text.split_once('.')?;
        let at = OffsetDateTime::from_unix_timestamp_nanos(micros.parse::<i128>().ok()? * 1_000);
        Some((at.ok()?, id.parse().ok()?))
    };
    read().ok_or_else(|| {
        ApiError::bad_request(
            &format!("参数 cursor 的值“{text}”无效，请使用上一页给出的 next"),
            &format!("{text:?} is no cursor; take it from the page before, under next"),
        )
    })
}

fn refused(id: i64, fault: &SealFault) -> ApiError {
    match fault {
        SealFault::Unknown => ApiError::not_found(
            &format!("没有编号为 {id} 的封存，或您无权查看"),
            &format!("no seal {id}, or none that you may see"),
        ),
        SealFault::NotAllowed => ApiError::not_allowed(&[Permission::Command]),
        SealFault::OutOfTurn(state) => {
            let (zh, en) = match state {
                SealState::Upcoming => ("尚未生效，可以作废", "has not begun; it may be withdrawn"),
                SealState::Standing => ("正在封存", "holds"),
                SealState::Over => ("已到期结束", "has ended"),
                SealState::Lifted => ("已解封", "was lifted already"),
                SealState::Withdrawn => ("已作废", "was withdrawn already"),
            };
            ApiError::new(
                StatusCode::CONFLICT,
                "seal-out-of-turn",
                ("封存的状态已变", "The seal has moved on"),
                (&format!("该封存{zh}，请刷新后查看"), &format!("the seal {en}; look again")),
            )
        }
        SealFault::Wrong(problems) => {
            let (zh, en): (Vec<String>, Vec<String>) = problems.iter().map(told).unzip();
            ApiError::bad_request(&zh.join("；"), &en.join("; "))
        }
    }
}

/// In Chinese and in English.
fn told(problem: &SealProblem) -> (String, String) {
    match problem {
        SealProblem::Org(id) => (
            format!("没有编号为 {id} 的单位，或您无权查看"),
            format!("no organisation {id}, or none that you may see"),
        ),
        SealProblem::Period(days) => (
            format!("封存时段须为 1 分钟至 {days} 天，且结束晚于开始"),
            format!("a seal ends after it begins and lasts from 1 minute to {days} days"),
        ),
        SealProblem::Past(days) => (
            format!("封存的开始时间最多早于现在 {days} 天：此前的行驶记录不再重新判定"),
            format!(
                "a seal begins at most {days} days ago: what was driven before is not judged again"
            ),
        ),
        SealProblem::Reason(most) => {
            (format!("事由须为 1 至 {most} 字"), format!("the reason has 1 to {most} characters"))
        }
        SealProblem::TooMany(most) => (
            format!("一次最多指定 {most} 辆车；请改按单位封存"),
            format!("a seal lists at most {most} vehicles; name an organisation instead"),
        ),
        SealProblem::Vehicles(ids) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_that_nobody_gave_is_refused_in_words() {
        assert_eq!(
            read_cursor("1790784000000000.12").ok(),
            Some((OffsetDateTime::from_unix_timestamp(1_790_784_000).unwrap(), 12))
        );
        for text in ["", ".", "1", "1.", ".1", "99999999999999999999999999.1", "a.b"] {
            assert!(read_cursor(text).is_err(), "{text}");
        }
    }
}
