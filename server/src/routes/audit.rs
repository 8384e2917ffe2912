//! The audit log, for the auditor.

use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::audit::{self, ACTIONS, Question, Verdict};
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiQuery, Caller, Loaded, Signed};

const LIST_LIMIT: i64 = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    action: Option<String>,
    actor: Option<String>,
    before: Option<i64>,
    limit: Option<i64>,
}

pub(crate) async fn list_audit(
    Loaded(city): Loaded,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let asked = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
    };
    let (action, actor) = (asked(&params.action), asked(&params.actor));
    let question = Question {
        action: action.as_deref(),
        actor: actor.as_deref(),
        before: params.before,
        limit: params.limit.unwrap_or(100).clamp(1, LIST_LIMIT),
    };
    let (items, next) = audit::list(&city.store, &question).await?;
    let actions: Vec<Value> =
        ACTIONS.iter().map(|a| json!({"name": a.0, "title": {"zh": a.1, "en": a.2}})).collect();
    Ok(Json(json!({"items": items, "next_before": next, "actions": actions})))
}

pub(crate) async fn verify_audit(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
) -> ApiResult<Json<Verdict>> {
    let verdict =
        audit::verify(&city.store).await.map_err(|cause| ApiError::internal(cause.as_ref()))?;
    city.identity.log_verification(&known.account, &verdict, &origin).await?;
    Ok(Json(verdict))
}
