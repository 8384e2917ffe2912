//! Signing in, being somebody, signing out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use gis_data::Personal;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, Caller, Loaded, Signed};
use crate::identity::{
    Account, By, Credentials, DEMO_ACCOUNTS, ROLES, session_cookie, without_cookie,
};
use crate::state::AppState;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInBody {
    login: String,
    password: String,
    code: Option<String>,
}

/// What the sign-in page shows before anybody is known.
pub(crate) async fn get_session_options(Loaded(city): Loaded) -> Json<Value> {
    let accounts: Vec<Value> = DEMO_ACCOUNTS
        .iter()
        .filter(|_| city.demo_password.is_some())
        .map(|account| {
            let role = ROLES.iter().find(|r| r.role_id == account.role_id);
            let titles: Vec<Value> =
                role.map(|r| json!({"zh": r.title.0, "en": r.title.1})).into_iter().collect();
            json!({"login": account.login, "name": account.name, "roles": titles})
        })
        .collect();
    Json(json!({
        "demo_accounts": accounts,
        "demo_password": city.demo_password,
        "notice": city.notice,
        "oidc": city.identity.provider().map(|provider| json!({"title": provider.title})),
    }))
}

pub(crate) async fn get_session(Signed(known): Signed) -> Json<Value> {
    Json(shown(&known.account, known.expires_at(), known.unmasked_until()))
}

pub(crate) async fn create_session(
    State(state): State<AppState>,
    Loaded(city): Loaded,
    Caller(origin): Caller,
    ApiJson(body): ApiJson<SignInBody>,
) -> ApiResult<Response> {
    let typed = Credentials { login: body.login, password: body.password, code: body.code };
    let signed_in = city.identity.sign_in(typed, &origin).await?;
    let cookie =
        session_cookie(&signed_in.secret, state.is_tls).ok_or_else(ApiError::not_signed_in)?;
    let body = Json(shown(&signed_in.account, signed_in.expires_at, None));
    Ok(([(header::SET_COOKIE, cookie)], body).into_response())
}

pub(crate) async fn delete_session(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
) -> ApiResult<Response> {
    if let By::Session(id) = known.by {
        city.identity.end_sessions(&known.account, Some(id), &origin).await?;
    }
    Ok(gone())
}

/// Answered to whoever has just ended the session they came with.
pub(crate) fn gone() -> Response {
    let cookie: HeaderValue = without_cookie();
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnmaskBody {
    reason: String,
}

pub(crate) async fn unmask(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiJson(body): ApiJson<UnmaskBody>,
) -> ApiResult<Json<Value>> {
    let until = city.identity.unmask(&known, &body.reason, &origin).await?;
    Ok(Json(json!({"unmasked_until": until.format(&Rfc3339).ok()})))
}

pub(crate) async fn mask_again(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
) -> ApiResult<StatusCode> {
    city.identity.mask_again(&known, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(
    account: &Account,
    expires_at: OffsetDateTime,
    unmasked_until: Option<OffsetDateTime>,
) -> Value {
    let masked: Vec<Personal> = Personal::ALL
        .into_iter()
        .filter(|field| unmasked_until.is_none() && !account.may_any(field.clear_with()))
        .collect();
    json!({
        "user": {
            "user_id": account.user_id,
            "login": account.login,
            "name": account.name,
            "org": account.org,
        },
        "roles": account.grants,
        "permissions": account.permissions,
        "must_change_password": account.must_change_password,
        "has_second_factor": account.has_second_factor,
        "expires_at": expires_at.format(&Rfc3339).ok(),
        "masked": masked,
        "unmasked_until": unmasked_until.and_then(|until| until.format(&Rfc3339).ok()),
    })
}

/// The session's number, for those who came with one.
pub(crate) fn session_id(by: By) -> Option<i64> {
    match by {
        By::Session(id) => Some(id),
        By::Token(_) => None,
    }
}
