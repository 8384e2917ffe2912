//! What the fields of requests and orders alone cannot say: the request decides, the ledger of duties is posted to, and the
//! request goes along with its orders.

use gis_data::{FeatureId, OrgId};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use time::{Duration, OffsetDateTime};

use super::queries;
use crate::dates::{minute_text, moment, moment_text};
use crate::definition::{FieldFault, Form};
use crate::document::{Act, lacking};
use crate::ledger::duty::{self, Corridor, Duty, Given};
use crate::{DocId, ModuleError, Result};

const REQUEST: &str = "vehicle_request";
/// The longest journey: a wrong year would excuse whatever the vehicle does in it.
const LONGEST: Duration = Duration::days(31);
/// How far the clock of whoever types a time may be ahead.
const AHEAD: Duration = Duration::minutes(10);

/// The end is after the beginning, and not in another month.
pub(super) fn ends_after_it_begins(form: &Form<'_>, faults: &mut Vec<FieldFault>) {
    let at = |name: &str| form.body.get(name).and_then(Json::as_str).and_then(moment);
    if let (Some(from), Some(until)) = (at("from"), at("until")) {
        faults.extend(wrong_period("body.until", Given { from, until }));
    }
}

/// What the odometer counted, once it was read twice.
pub(super) fn driven(body: &mut Map<String, Json>, _lines: &[Json]) {
    let read = |name: &str| body.get(name)?.as_str()?.parse::<Decimal>().ok();
    match (read("odometer_out"), read("odometer_in")) {
        (Some(out), Some(back)) => {
            let km = (back - out).normalize().to_string();
            body.insert("actual_km".to_owned(), json!(km));
        }
        _ => drop(body.remove("actual_km")),
    }
}

/// An order is of an approved request, and says what that says where it says nothing itself.
pub(super) async fn as_requested(act: &mut Act<'_>) -> Result<()> {
    let doc_id = DocId(act.key("request").ok_or_else(|| lacking("request"))?);
    let request = act.other(doc_id).await?.filter(|r| r.kind == REQUEST);
    let Some(request) = request else {
        return Err(fault("body.request", "请选择一份用车申请", "choose a request for a vehicle"));
    };
    if !matches!(request.state.as_str(), "approved" | "dispatched") {
        let number = request.number.as_deref().unwrap_or("草稿");
        return Err(fault(
            "body.request",
            &format!("用车申请 {number} 未批准或已办结，不能派车；请另选待派车的申请"),
            &format!(
                "request {number} is not approved, or done: choose one that waits for a vehicle"
            ),
        ));
    }
    for field in ["from", "until", "destination", "destination_place", "org", "reason"] {
        if let (None, Some(said)) = (act.content.body.get(field), request.body.get(field)) {
            act.set(field, said.clone());
        }
    }
    match wrong_period("body.until", given(act)?) {
        Some(fault) => Err(ModuleError::Invalid(vec![fault])),
        None => Ok(()),
    }
}

/// 派车: the vehicle is given, and the request has one.
pub(super) async fn dispatch(act: &mut Act<'_>) -> Result<()> {
    approve(act, "dispatch").await?;
    let request = DocId(act.key("request").ok_or_else(|| lacking("request"))?);
    let is_waiting = act.other(request).await?.is_some_and(|r| r.state == "approved");
    if is_waiting { act.take_along(request, "dispatch").await } else { Ok(()) }
}

/// 变更: another time, driver, destination or distance.
pub(super) async fn change(act: &mut Act<'_>) -> Result<()> {
    if act.patch.keys().all(|name| name == "why") {
        return Err(fault("patch", "请至少变更一项", "change something"));
    }
    if let Some(fault) = wrong_period("patch.until", given(act)?) {
        return Err(ModuleError::Invalid(vec![fault]));
    }
    approve(act, "change").await
}

/// 出车.
pub(super) fn depart(act: &mut Act<'_>) -> Result<()> {
    happened(act, "departed_at").map(drop)
}

/// 收车: what is left of the time is not approved any more.
pub(super) async fn bring_back(act: &mut Act<'_>) -> Result<()> {
    let at = happened(act, "returned_at")?;
    if let Some(left) = act.moment("departed_at").filter(|left| *left > at) {
        let left = minute_text(left);
        return Err(fault(
            "patch.returned_at",
            &format!("收车时间不能早于出车时间 {left}"),
            &format!("it left at {left}, and comes back after that"),
        ));
    }
    if let (Some(out), Some(back)) = (act.decimal("odometer_out"), act.decimal("odometer_in"))
        && back < out
    {
        return Err(fault(
            "patch.odometer_in",
            &format!("收车读数不能小于出车读数 {out}"),
            &format!("the odometer said {out} when it left, and counts on from there"),
        ));
    }
    end(act, "return", at).await?;
    settle(act, Served::Yes).await
}

/// 改派: the vehicle is free from now on, and the request waits for another one.
pub(super) async fn reassign(act: &mut Act<'_>) -> Result<()> {
    end(act, "reassign", to_the_minute(OffsetDateTime::now_utc())).await?;
    settle(act, Served::No).await
}

/// 取消派车: as if it had not been approved.
pub(super) async fn cancel(act: &mut Act<'_>) -> Result<()> {
    let vehicle = vehicle(act)?;
    if duty::hold(act.tx, vehicle, act.doc_id).await?.is_some() {
        let posting = act.posting("cancel");
        duty::void(act.tx, act.viewer, &posting).await?;
    }
    settle(act, Served::No).await
}

/// Posts what the order gives, as it now is.
async fn approve(act: &mut Act<'_>, purpose: &str) -> Result<()> {
    let (vehicle, given) = (vehicle(act)?, given(act)?);
    let before = duty::hold(act.tx, vehicle, act.doc_id).await?;
    let now = OffsetDateTime::now_utc();
    let is_late = duty::is_late(before.as_ref().map(|b| b.given), given, now);
    if is_late && before.is_none() && act.text("late_reason").is_none() {
        return Err(fault(
            "body.late_reason",
            &format!("核准时间自 {} 已开始，属补单，须填写补单原因", minute_text(given.from)),
            &format!(
                "it began at {} already: say why the order is after the fact",
                minute_text(given.from)
            ),
        ));
    }
    let is_late = is_late || before.as_ref().is_some_and(|b| b.is_late);
    act.set("is_late", json!(is_late));
    // An account is of the driver who was named with it.
    let driver = text(act, "driver");
    if before.is_some_and(|b| b.driver != driver) {
        act.content.body.remove("driver_account");
    }
    let duty = Duty {
        vehicle,
        given,
        driver,
        driver_id: act.key("driver_account"),
        org: act.key("org").map(OrgId),
        purpose: text(act, "reason"),
        destination: text(act, "destination"),
        destination_id: act.key("destination_place").map(FeatureId),
        corridor: corridor(act).await?,
        limit_km: act.decimal("limit_km"),
        is_late,
    };
    let posting = act.posting(purpose);
    duty::post(act.tx, act.viewer, &posting, &duty).await
}

/// The approved way: from where the journey begins through the lines to the destination.
async fn corridor(act: &mut Act<'_>) -> Result<Option<Corridor>> {
    let metres = act.key("corridor_m").and_then(|m| i32::try_from(m).ok());
    let (Some(metres), Some(request)) = (metres, act.key("request")) else { return Ok(None) };
    let place = |line: &Json| line.get("place")?.as_i64().map(FeatureId);
    let between: Vec<FeatureId> = act.lines().iter().filter_map(place).collect();
    let mut through: Vec<FeatureId> =
        queries::beginning(act.tx, DocId(request)).await?.into_iter().collect();
    through.extend(between);
    through.extend(act.key("destination_place").map(FeatureId));
    Ok(Some(Corridor { through, metres }))
}

/// The order ends at a moment; where that is before it began, nothing of it was approved.
async fn end(act: &mut Act<'_>, purpose: &str, at: OffsetDateTime) -> Result<()> {
    let vehicle = vehicle(act)?;
    let Some(present) = duty::hold(act.tx, vehicle, act.doc_id).await? else { return Ok(()) };
    let posting = act.posting(purpose);
    if at <= present.given.from {
        duty::void(act.tx, act.viewer, &posting).await
    } else if at < present.given.until {
        duty::shorten(act.tx, act.viewer, &posting, at).await
    } else {
        Ok(())
    }
}

/// Whether the journey was made with this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Served {
    Yes,
    No,
}

/// The request of an order that is over: done, or waiting again, unless another order of it is under way.
async fn settle(act: &mut Act<'_>, served: Served) -> Result<()> {
    let Some(request) = act.key("request").map(DocId) else { return Ok(()) };
    // Held before its orders are read: of two orders that end at one time the second sees the first.
    let is_dispatched = act.other(request).await?.is_some_and(|r| r.state == "dispatched");
    if !is_dispatched {
        return Ok(());
    }
    let others = queries::other_orders(act.tx, request, act.doc_id).await?;
    let any = |states: &[&str]| others.iter().any(|state| states.contains(&state.as_str()));
    if any(&["dispatched", "out"]) {
        return Ok(());
    }
    let is_served = served == Served::Yes || any(&["returned"]);
    act.take_along(request, if is_served { "finish" } else { "reopen" }).await
}

/// The time of something that has happened, now where none was typed; written into the order.
fn happened(act: &mut Act<'_>, field: &str) -> Result<OffsetDateTime> {
    let now = OffsetDateTime::now_utc();
    let at = act.patch.get(field).and_then(Json::as_str).and_then(moment);
    let at = at.unwrap_or_else(|| to_the_minute(now));
    if at > now + AHEAD {
        return Err(fault(
            &format!("patch.{field}"),
            "不能填写将来的时间",
            "what has happened was not in the future",
        ));
    }
    act.set(field, json!(moment_text(at)));
    Ok(at)
}

fn to_the_minute(at: OffsetDateTime) -> OffsetDateTime {
    moment(&moment_text(at)).unwrap_or(at)
}

fn vehicle(act: &Act<'_>) -> Result<FeatureId> {
    act.places.first().copied().ok_or_else(|| lacking("feature_ids"))
}

fn given(act: &Act<'_>) -> Result<Given> {
    let at = |field: &str| act.moment(field).ok_or_else(|| lacking(field));
    Ok(Given { from: at("from")?, until: at("until")? })
}

fn text(act: &Act<'_>, field: &str) -> String {
    act.text(field).unwrap_or_default().to_owned()
}

fn wrong_period(field: &str, given: Given) -> Option<FieldFault> {
    let Given { from, until } = given;
    if until <= from {
        return Some(FieldFault::new(
            field,
            Some(json!(moment_text(from))),
            "结束时间应晚于开始时间",
            "it must end after it begins",
        ));
    }
    (until - from > LONGEST).then(|| {
        let days = LONGEST.whole_days();
        FieldFault::new(
            field,
            Some(json!(days)),
            &format!("一次用车不超过 {days} 天，请检查起止时间"),
            &format!("a journey takes at most {days} days: look at the times again"),
        )
    })
}

fn fault(field: &str, zh: &str, en: &str) -> ModuleError {
    ModuleError::Invalid(vec![FieldFault::new(field, None, zh, en)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Registry;

    fn faults(from: &str, until: &str) -> Vec<String> {
        let body = json!({"org": 1, "rider": "赵示例", "category": "official", "reason": "会议", "people": 2,
            "from": from, "until": until, "destination": "示例县", "is_out_of_town": true});
        let kinds = Registry::shipped();
        let found = kinds.kind(REQUEST).unwrap().judge("用车", &body, &[], 1);
        found.into_iter().map(|f| f.message.zh).collect()
    }

    #[test]
    fn a_journey_ends_after_it_begins_and_within_a_month() {
        let from = "2026-11-25T09:00+08:00";
        assert!(faults(from, "2026-11-25T12:00+08:00").is_empty());
        assert_eq!(faults(from, from), ["结束时间应晚于开始时间"]);
        let another_year = faults(from, "2027-11-25T12:00+08:00");
        assert_eq!(another_year, ["一次用车不超过 31 天，请检查起止时间"]);
        assert_eq!(
            faults(from, "明天")[0],
            "用车结束时间应为日期和时间，如 2026-11-25T09:30+08:00"
        );
    }

    #[test]
    fn the_odometer_counts_between_its_two_readings() {
        let mut body = Map::new();
        body.insert("odometer_out".to_owned(), json!("1024.5"));
        driven(&mut body, &[]);
        assert_eq!(body.get("actual_km"), None);
        body.insert("odometer_in".to_owned(), json!("1100.0"));
        driven(&mut body, &[]);
        assert_eq!(body["actual_km"], "75.5");
    }
}
