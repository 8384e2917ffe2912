//! Commands to the terminals of vehicles.

use axum::Json;
use axum::http::StatusCode;
use gis_data::{FeatureId, Permission, Personal, Viewer};
use serde::Deserialize;
use serde_json::{Value, json};
use vehicle_tracker::command::{
    self, CommandFilter, CommandOnFile, CommandPlan, Decision, DecisionFault, MOST_TEXT,
    PlanProblem,
};
use vehicle_tracker::vehicles;

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded, Signed};
use crate::state::City;

const LIST_LIMIT: i64 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    vehicle: Option<i64>,
    state: Option<String>,
    before: Option<i64>,
    limit: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decided {
    decision: Decision,
    #[serde(default)]
    note: String,
}

/// The newest first; `next` asks for those after.
pub(crate) async fn list_commands(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let limit = params.limit.unwrap_or(100).clamp(1, LIST_LIMIT);
    let filter = CommandFilter {
        vehicle: params.vehicle.map(FeatureId),
        state: params.state,
        before: params.before,
        limit,
    };
    let found = command::commands(&city.store, &viewer, &filter).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == limit);
    let next = found.last().filter(|_| is_full).map(|command| command.command_id);
    let items: Vec<Value> = found.iter().map(|command| shown(&city, &viewer, command)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

pub(crate) async fn ask_command(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiJson(plan): ApiJson<CommandPlan>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let actor = known.account.login.as_str();
    let kept = command::ask(&city.store, &viewer, actor, &plan).await?;
    let kept = kept.map_err(|problem| refused(plan.vehicle_id, problem))?;
    Ok((StatusCode::CREATED, Json(shown(&city, &viewer, &kept))))
}

pub(crate) async fn decide_command(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    Signed(known): Signed,
    ApiPath(id): ApiPath<i64>,
    ApiJson(decided): ApiJson<Decided>,
) -> ApiResult<Json<Value>> {
    let actor = known.account.login.as_str();
    let asked = (id, decided.decision, decided.note.as_str());
    match command::decide(&city.store, &viewer, actor, asked).await? {
        Ok(kept) => Ok(Json(shown(&city, &viewer, &kept))),
        Err(DecisionFault::Unknown) => Err(ApiError::not_found(
            &format!("没有编号为 {id} 的指令，或您无权查看"),
            &format!("no command {id}, or none that you may see"),
        )),
        Err(DecisionFault::NotAllowed) => Err(ApiError::not_allowed(&[Permission::Command])),
        Err(DecisionFault::OwnCommand) => Err(ApiError::new(
            StatusCode::CONFLICT,
            "own-command",
            ("不能审批自己的指令", "Nobody approves their own command"),
            (
                "该指令由您本人申请，请由另一位有权限的人员审批",
                "you asked for this command yourself; somebody else with the permission has to approve it",
            ),
        )),
        Err(DecisionFault::OutOfTurn) => Err(ApiError::new(
            StatusCode::CONFLICT,
            "command-out-of-turn",
            ("指令的状态已变", "The command has moved on"),
            (
                "该指令已被他人处理、已发出或已过期，请刷新后查看",
                "somebody else has decided on it, it was sent, or it has expired; look again",
            ),
        )),
    }
}

fn shown(city: &City, viewer: &Viewer, command: &CommandOnFile) -> Value {
    let vehicle = vehicles::one(&city.live, viewer, FeatureId(command.vehicle_id));
    json!({
        "command_id": command.command_id,
        "vehicle": vehicle.map(|v| json!({
            "feature_id": command.vehicle_id,
            "plate": viewer.shown(Personal::Plate, v.info.scope, &v.info.plate),
            "name": v.info.name,
        })),
        "terminal_id": command.terminal_id,
        "kind": command.kind,
        "body": command.body,
        "reason": command.reason,
        "state": command.state,
        "requested_by": command.requested_by,
        "requested_ms": command.requested_ms,
        "expires_ms": command.expires_ms,
        "events": command.events,
    })
}

fn refused(vehicle: i64, problem: PlanProblem) -> ApiError {
    match problem {
        PlanProblem::Unknown => super::vehicles::unknown(vehicle),
        PlanProblem::NotAllowed => ApiError::not_allowed(&[Permission::Command]),
        PlanProblem::NoTerminal => ApiError::bad_request(
            "该车辆没有车载终端，无法下发指令",
            "the vehicle carries no terminal to be commanded",
        ),
        PlanProblem::Kind => ApiError::bad_request(
            &format!(
                "指令内容无效：文本须为 1 至 {MOST_TEXT} 字、不含控制字符且不以 # * < 开头，汇报间隔 1 至 3600 秒，限速 10 至 200 km/h"
            ),
            &format!(
                "a text has 1 to {MOST_TEXT} characters without control characters and does not begin with # * <, an interval is 1 to 3600 s, a speed limit 10 to 200 km/h"
            ),
        ),
        PlanProblem::Reason => ApiError::bad_request(
            "事由须为 1 至 500 字",
            "a reason of 1 to 500 characters is needed",
        ),
        PlanProblem::Valid => ApiError::bad_request(
            "有效期须为 1 分钟至 24 小时",
            "a command is valid for 1 minute to 24 hours",
        ),
    }
}
