//! One's own account: password, second factor, sessions, tokens.

use std::collections::BTreeSet;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use gis_data::Permission;
use serde::Deserialize;
use serde_json::{Value, json};

use super::session::{gone, session_id};
use crate::error::ApiResult;
use crate::extract::{ApiJson, ApiPath, Caller, Loaded, Signed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordBody {
    current: String,
    new: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeBody {
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmBody {
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenBody {
    name: String,
    permissions: BTreeSet<Permission>,
    days: u16,
}

pub(crate) async fn list_sessions(
    Loaded(city): Loaded,
    Signed(known): Signed,
) -> ApiResult<Json<Value>> {
    Ok(Json(city.identity.sessions_of(&known.account, session_id(known.by)).await?))
}

pub(crate) async fn delete_one_session(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<StatusCode> {
    city.identity.end_sessions(&known.account, Some(id), &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn delete_all_sessions(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
) -> ApiResult<Response> {
    city.identity.end_sessions(&known.account, None, &origin).await?;
    Ok(gone())
}

pub(crate) async fn change_password(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiJson(body): ApiJson<PasswordBody>,
) -> ApiResult<StatusCode> {
    let keep = session_id(known.by);
    city.identity.change_password(&known.account, keep, body.current, body.new, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn offer_second_factor(
    Loaded(city): Loaded,
    Signed(known): Signed,
) -> ApiResult<Json<Value>> {
    let offer = city.identity.offer_second_factor(&known.account).await?;
    Ok(Json(json!({"secret": offer.base32, "uri": offer.uri, "qr_svg": offer.qr_svg})))
}

pub(crate) async fn confirm_second_factor(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiJson(body): ApiJson<CodeBody>,
) -> ApiResult<StatusCode> {
    city.identity.confirm_second_factor(&known.account, &body.code, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn delete_second_factor(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiJson(body): ApiJson<ConfirmBody>,
) -> ApiResult<StatusCode> {
    city.identity.drop_second_factor(&known.account, body.password, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn list_tokens(
    Loaded(city): Loaded,
    Signed(known): Signed,
) -> ApiResult<Json<Value>> {
    Ok(Json(city.identity.tokens_of(&known.account).await?))
}

pub(crate) async fn create_token(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiJson(body): ApiJson<TokenBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let (id, token) = city
        .identity
        .make_token(&known.account, &body.name, &body.permissions, body.days, &origin)
        .await?;
    Ok((StatusCode::CREATED, Json(json!({"token_id": id, "token": token}))))
}

pub(crate) async fn delete_token(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<StatusCode> {
    city.identity.revoke_token(&known.account, id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
