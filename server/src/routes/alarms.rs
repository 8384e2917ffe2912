//! Alarms of vehicles, and what people do about them.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use gis_data::feature::{Site, sites_at};
use gis_data::{FeatureId, LonLat, OrgId, Permission, Personal, Viewer};
use modules::{DocId, DocumentTitle};
use serde::Deserialize;
use serde_json::{Value, json};
use vehicle_tracker::alarm::RULES;
use vehicle_tracker::vehicles::{
    self, ActFault, AlarmFilter, AlarmOnFile, Deed, Pending, State, ThresholdFault, ThresholdPlan,
    act_on_alarm, alarms,
};

use super::vehicles::moment;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded, Signed};
use crate::state::City;

const LIST_LIMIT: i64 = 500;
const NOTE_LIMIT: usize = 2_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    vehicle: Option<i64>,
    org: Option<i64>,
    rule: Option<String>,
    pending: Option<bool>,
    state: Option<State>,
    level: Option<i16>,
    from: Option<String>,
    to: Option<String>,
    before: Option<i64>,
    limit: Option<i64>,
}

/// The newest first; `next` asks for those after. The first page says how many there are.
pub(crate) async fn list_alarms(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let limit = params.limit.unwrap_or(100).clamp(1, LIST_LIMIT);
    let filter = AlarmFilter {
        vehicle: params.vehicle.map(FeatureId),
        org: params.org.map(OrgId),
        rule: params.rule,
        pending: if params.pending == Some(true) { Pending::Only } else { Pending::Either },
        state: params.state,
        level: params.level,
        from: params.from.map(|t| moment(&t)).transpose()?,
        to: params.to.map(|t| moment(&t)).transpose()?,
        before: params.before,
        limit,
    };
    let found = alarms(&city.store, &viewer, &filter).await?;
    let is_full = i64::try_from(found.items.len()).is_ok_and(|count| count == limit);
    let next = found.items.last().filter(|_| is_full).map(|alarm| alarm.alarm_id);
    let items = shown(&city, &viewer, &found.items).await?;
    Ok(Json(json!({
        "items": items,
        "next": next,
        "total": found.total.map(|total| total.count),
        "is_total_capped": found.total.is_some_and(|total| total.is_capped),
    })))
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

/// The numbers that are set, and that so are not the defaults.
pub(crate) async fn list_thresholds(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
) -> ApiResult<Json<Value>> {
    let found = vehicles::thresholds(&city.store, &viewer).await?;
    let items = found.iter().map(|set| {
        json!({
            "name": set.name,
            "value": set.value,
            "org": set.org_id.map(|id| json!({"org_id": id, "name": set.org_name})),
            "vehicle": set.vehicle_id.and_then(|id| named(&city, &viewer, id)),
            "changed_by": set.changed_by,
            "changed_ms": set.changed_ms,
        })
    });
    Ok(Json(json!({"items": items.collect::<Vec<_>>()})))
}

pub(crate) async fn put_threshold(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiJson(plan): ApiJson<ThresholdPlan>,
) -> ApiResult<StatusCode> {
    let actor = known.account.login.as_str();
    match vehicles::set_threshold(&city.store, &viewer, actor, &plan).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(ThresholdFault::NotAllowed) => Err(ApiError::not_allowed(&[Permission::Command])),
        Err(ThresholdFault::Name) => {
            let shown: String = plan.name.chars().take(60).collect();
            Err(ApiError::bad_request(
                &format!("没有名为“{shown}”的参数，可用的参数见 /api/v1/alarms/rules"),
                &format!("no rule goes by {shown:?}; /api/v1/alarms/rules tells which there are"),
            ))
        }
        Err(ThresholdFault::Value) => Err(ApiError::bad_request(
            "参数须在 0 至 1000000 之间；级别须为 0（停用）、1、2 或 3",
            "a number is 0 to 1000000; a level is 0 (off), 1, 2 or 3",
        )),
        Err(ThresholdFault::Whose) => Err(ApiError::bad_request(
            "单位或车辆不存在或您无权查看；二者只能选其一",
            "no such organisation or vehicle, or none that you may see; only one of them is named",
        )),
    }
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
        Ok(alarm) => Ok(Json(shown(&city, &viewer, &[alarm]).await?.pop().unwrap_or_default())),
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

/// A vehicle as far as the viewer may see it.
fn named(city: &City, viewer: &Viewer, id: i64) -> Option<Value> {
    let vehicle = vehicles::one(&city.live, viewer, FeatureId(id))?;
    let info = &vehicle.info;
    Some(json!({
        "feature_id": info.feature_id,
        "plate": viewer.shown(Personal::Plate, info.scope, &info.plate),
        "name": info.name,
    }))
}

/// With names of what they are about and of where they were, as far as the viewer may read them.
async fn shown(city: &City, viewer: &Viewer, alarms: &[AlarmOnFile]) -> ApiResult<Vec<Value>> {
    let ids: Vec<DocId> = alarms.iter().filter_map(AlarmOnFile::order).map(DocId).collect();
    let orders: BTreeMap<DocId, DocumentTitle> = city
        .modules
        .titles(viewer, &ids)
        .await?
        .into_iter()
        .map(|order| (order.doc_id, order))
        .collect();
    let place = |alarm: &AlarmOnFile| LonLat::new_checked(alarm.lon?, alarm.lat?);
    let places: Vec<Option<LonLat>> = alarms.iter().map(place).collect();
    let mut tx = city.store.as_viewer(viewer).await?;
    let sites = sites_at(&mut tx, viewer, &places).await?;
    drop(tx);
    let told = alarms.iter().zip(sites).map(|(alarm, site)| {
        let order = alarm.order().and_then(|id| orders.get(&DocId(id)));
        one(city, viewer, alarm, order, site.as_ref())
    });
    Ok(told.collect())
}

fn one(
    city: &City,
    viewer: &Viewer,
    alarm: &AlarmOnFile,
    order: Option<&DocumentTitle>,
    site: Option<&Site>,
) -> Value {
    let rule = RULES.iter().find(|rule| rule.code == alarm.rule);
    let fence = alarm.fence().zip(alarm.fence_name.as_deref());
    json!({
        "alarm_id": alarm.alarm_id,
        "vehicle": named(city, viewer, alarm.vehicle_id),
        "rule": alarm.rule,
        "title": rule.map(|rule| json!({"zh": rule.zh, "en": rule.en})),
        "about": alarm.about,
        "level": alarm.level,
        "started_ms": alarm.started_ms,
        "ended_ms": alarm.ended_ms,
        "place": alarm.lon.zip(alarm.lat).map(|(lon, lat)| [lon, lat]),
        "site": site,
        "fence": fence.map(|(id, name)| json!({"fence_id": id, "name": name})),
        "order": order,
        "evidence": alarm.evidence,
        "state": alarm.state,
        "assignee": alarm.assignee,
        "acts": alarm.acts,
    })
}
