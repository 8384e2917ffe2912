//! Terminals and their credentials.

use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::ApiResult;
use crate::extract::{ApiPath, ApiQuery, Caller, Loaded, Signed};

const LIST_LIMIT: i64 = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    q: Option<String>,
    limit: Option<i64>,
}

pub(crate) async fn list_terminals(
    Loaded(city): Loaded,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let q = params.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let limit = params.limit.unwrap_or(200).clamp(1, LIST_LIMIT);
    Ok(Json(city.identity.terminals(q, limit).await?))
}

pub(crate) async fn issue_credential(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath(id): ApiPath<String>,
) -> ApiResult<Json<Value>> {
    let secret = city.identity.issue_credential(&known.account, &id, &origin).await?;
    Ok(Json(json!({"terminal_id": id, "secret": secret})))
}

pub(crate) async fn delete_credential(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath(id): ApiPath<String>,
) -> ApiResult<StatusCode> {
    city.identity.revoke_credential(&known.account, &id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
