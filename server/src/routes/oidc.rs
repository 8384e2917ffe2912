//! To the identity provider and back.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiQuery, Caller, Loaded};
use crate::identity::{ProviderFault, ROUND_TRIP, cookie_named, session_cookie};
use crate::state::AppState;

const COOKIE: &str = "onemap_oidc";
const PATH: &str = "/api/v1/session/oidc";
/// The provider's redirect comes from another site, and a strict cookie that it brings is not sent on. A page of our
/// own, which goes on by itself, is where the session begins.
const INSIDE: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0;url=/\"><title>机关事务一张图</title><p><a href=\"/\">正在进入…</a></p></html>";

#[derive(Deserialize)]
pub(crate) struct CallbackParams {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

pub(crate) async fn get_oidc(
    State(state): State<AppState>,
    Loaded(city): Loaded,
    Caller(origin): Caller,
) -> ApiResult<Response> {
    let provider = city.identity.provider().ok_or_else(no_provider)?;
    match city.identity.send_off(provider).await {
        Ok((url, carried)) => {
            let cookie = carried_cookie(&carried, ROUND_TRIP.as_secs(), state.is_tls)?;
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&url)).into_response())
        }
        Err(fault) => {
            city.identity.log_provider_fault("", &fault, &origin).await?;
            Ok(back(&fault))
        }
    }
}

pub(crate) async fn get_oidc_callback(
    State(state): State<AppState>,
    Loaded(city): Loaded,
    Caller(origin): Caller,
    headers: HeaderMap,
    ApiQuery(params): ApiQuery<CallbackParams>,
) -> ApiResult<Response> {
    let provider = city.identity.provider().ok_or_else(no_provider)?;
    let carried = cookie_named(&headers, COOKIE).unwrap_or_default();
    let said = match (params.code, params.state, params.error) {
        (Some(code), Some(state), None) => {
            city.identity.who_came(provider, &carried, (code, &state)).await
        }
        (_, _, error) => Err(ProviderFault::Refused(error.unwrap_or_else(|| "no code".to_owned()))),
    };
    let gone = carried_cookie("", 0, state.is_tls)?;
    let mut response = match said {
        Ok(login) => match city.identity.sign_in_as(&login, &origin).await? {
            Some(signed_in) => {
                let cookie = session_cookie(&signed_in.secret, state.is_tls)
                    .ok_or_else(ApiError::not_signed_in)?;
                ([(header::SET_COOKIE, cookie)], Html(INSIDE)).into_response()
            }
            None => Redirect::to("/sign-in?fault=oidc-no-account").into_response(),
        },
        Err(fault) => {
            city.identity.log_provider_fault("", &fault, &origin).await?;
            back(&fault)
        }
    };
    response.headers_mut().append(header::SET_COOKIE, gone);
    Ok(response)
}

fn back(fault: &ProviderFault) -> Response {
    Redirect::to(match fault {
        ProviderFault::Unavailable(_) => "/sign-in?fault=oidc-unavailable",
        ProviderFault::Refused(_) => "/sign-in?fault=oidc-refused",
    })
    .into_response()
}

fn carried_cookie(value: &str, seconds: u64, is_tls: bool) -> ApiResult<HeaderValue> {
    let secure = if is_tls { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={value}; Path={PATH}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&cookie).map_err(|error| ApiError::internal(&error))
}

fn no_provider() -> ApiError {
    ApiError::not_found("没有配置统一身份认证", "no identity provider is configured")
}
