//! Alarms of vehicles, and what people do about them.

use axum::Json;
use axum::http::StatusCode;
use gis_data::{FeatureId, Permission, Personal, Viewer};
use serde::Deserialize;
use serde_json::{Value, json};
use vehicle_tracker::alarm::RULES;
use vehicle_tracker::vehicles::{
    self, ActFault, AlarmFilter, AlarmOnFile, Deed, Pending, act_on_alarm, alarms,
};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded, Signed};
use crate::state::City;

const LIST_LIMIT: i64 = 500;
const NOTE_LIMIT: usize = 2_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    vehicle: Option<i64>,
    rule: Option<String>,
    pending: Option<bool>,
    before: Option<i64>,
    limit: Option<i64>,
}

/// The newest first; `next` asks for those after.
pub(crate) async fn list_alarms(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let limit = params.limit.unwrap_or(100).clamp(1, LIST_LIMIT);
    let filter = AlarmFilter {
        vehicle: params.vehicle.map(FeatureId),
        rule: params.rule,
        pending: if params.pending == Some(true) { Pending::Only } else { Pending::Either },
        before: params.before,
        limit,
    };
    let found = alarms(&city.store, &viewer, &filter).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().filter(|_| is_full).map(|alarm| alarm.alarm_id);
    let items: Vec<Value> = found.iter().map(|alarm| shown(&city, &viewer, alarm)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

/// Every rule with its names and the numbers that it goes by.
pub(crate) async fn list_rules() -> Json<Value> {
    let rules = RULES.iter().map(|rule| {
        let numbers = rule.thresholds.iter().map(|t| json!({"name": t.name, "default": t.default}));
        json!({
            "code": rule.code,
            "title": {"zh": rule.zh, "en": rule.en},
            "level": rule.level,
            "explained": rule.explained,
            "thresholds": numbers.collect::<Vec<_>>(),
        })
    });
    Json(json!({"items": rules.collect::<Vec<_>>()}))
}

pub(crate) async fn act(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiPath(id): ApiPath<i64>,
    ApiJson(deed): ApiJson<Deed>,
) -> ApiResult<Json<Value>> {
    if deed.note.chars().count() > NOTE_LIMIT {
        return Err(ApiError::bad_request(
            &format!("说明最多 {NOTE_LIMIT} 字"),
            &format!("a note has at most {NOTE_LIMIT} characters"),
        ));
    }
    let actor = known.account.login.as_str();
    match act_on_alarm(&city.store, &viewer, actor, id, &deed).await? {
        Ok(alarm) => Ok(Json(shown(&city, &viewer, &alarm))),
        Err(ActFault::Unknown) => Err(ApiError::not_found(
            &format!("没有编号为 {id} 的报警，或您无权查看"),
            &format!("no alarm {id}, or none that you may see"),
        )),
        Err(ActFault::NotAllowed) => Err(ApiError::not_allowed(&[Permission::Command])),
        Err(ActFault::OutOfTurn) => Err(ApiError::new(
            StatusCode::CONFLICT,
            "alarm-out-of-turn",
            ("报警的状态已变", "The alarm has moved on"),
            (
                "该报警的状态已被他人更改，或不能这样处置，请刷新后再试",
                "somebody else was quicker, or this does not follow on its state; look again",
            ),
        )),
        Err(ActFault::Incomplete) => Err(ApiError::bad_request(
            "指派须写明承办人；申诉、办结和重开须写明原因",
            "an assignment names somebody; an appeal, a closing and a reopening say why",
        )),
    }
}

fn shown(city: &City, viewer: &Viewer, alarm: &AlarmOnFile) -> Value {
    let vehicle = vehicles::one(&city.live, viewer, FeatureId(alarm.vehicle_id));
    let rule = RULES.iter().find(|rule| rule.code == alarm.rule);
    json!({
        "alarm_id": alarm.alarm_id,
        "vehicle": vehicle.map(|v| json!({
            "feature_id": v.info.feature_id,
            "plate": viewer.shown(Personal::Plate, v.info.scope, &v.info.plate),
            "name": v.info.name,
        })),
        "rule": alarm.rule,
        "title": rule.map(|rule| json!({"zh": rule.zh, "en": rule.en})),
        "about": alarm.about,
        "level": alarm.level,
        "started_ms": alarm.started_ms,
        "ended_ms": alarm.ended_ms,
        "place": alarm.lon.zip(alarm.lat).map(|(lon, lat)| [lon, lat]),
        "evidence": alarm.evidence,
        "state": alarm.state,
        "assignee": alarm.assignee,
        "acts": alarm.acts,
    })
}
