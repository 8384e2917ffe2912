//! Accounts, roles, and who is granted what.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use gis_data::Permission;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Caller, Loaded, Signed};
use crate::identity::{Duty, NewGrant, NewUser, ROLES, UserAction, clearances};

const LIST_LIMIT: i64 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    q: Option<String>,
    limit: Option<i64>,
}

pub(crate) async fn list_users(
    Loaded(city): Loaded,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let q = params.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let limit = params.limit.unwrap_or(100).clamp(1, LIST_LIMIT);
    Ok(Json(city.identity.users(q, limit).await?))
}

pub(crate) async fn create_user(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiJson(new): ApiJson<NewUser>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let (user_id, first) = city.identity.create_user(&known.account, &new, &origin).await?;
    Ok((StatusCode::CREATED, Json(json!({"user_id": user_id, "first_password": first}))))
}

pub(crate) async fn act_on_user(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath((id, action)): ApiPath<(i64, String)>,
) -> ApiResult<Response> {
    let Some(action) = UserAction::named(&action) else {
        return Err(ApiError::not_found(
            &format!("账号没有“{action}”这种操作"),
            &format!("accounts have no action {action:?}"),
        ));
    };
    let first = city.identity.act_on_user(&known.account, id, action, &origin).await?;
    Ok(match first {
        Some(first) => Json(json!({"first_password": first})).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

pub(crate) async fn create_grant(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath(id): ApiPath<i64>,
    ApiJson(new): ApiJson<NewGrant>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let grant_id = city.identity.grant(&known.account, id, &new, &origin).await?;
    Ok((StatusCode::CREATED, Json(json!({"grant_id": grant_id}))))
}

pub(crate) async fn delete_grant(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<StatusCode> {
    city.identity.revoke(&known.account, id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn list_roles() -> Json<Value> {
    let roles: Vec<Value> = ROLES
        .iter()
        .map(|role| {
            json!({
                "role_id": role.role_id,
                "title": {"zh": role.title.0, "en": role.title.1},
                "duty": (role.duty != Duty::None).then_some(role.duty),
                "permissions": role.permissions,
            })
        })
        .collect();
    let permissions: Vec<Value> =
        Permission::ALL.iter().map(|p| json!({"name": p, "title": p.title()})).collect();
    let clearances: Vec<Value> = (0..)
        .zip(clearances())
        .map(|(n, title): (i16, _)| json!({"value": n, "title": title}))
        .collect();
    Json(json!({"items": roles, "permissions": permissions, "clearances": clearances}))
}
