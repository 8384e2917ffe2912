//! What each route asks of whoever calls it, decided before the handler runs.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use gis_data::Permission;

use crate::error::{ApiError, ApiResult};
use crate::extract::origin;
use crate::identity::{Known, Presented, is_same_site};
use crate::rate::Asking;
use crate::state::AppState;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Anybody who reaches the server.
    Public,
    /// Somebody signed in, also one who still has to change a first password.
    Newcomer,
    /// Somebody signed in. What they see is cut to their scopes.
    SignedIn,
    /// Somebody with one of these permissions.
    Any(&'static [Permission]),
}

/// Lets a request through, with [`Known`] beside it where somebody is needed.
pub(crate) async fn guard(
    State((state, rule)): State<(AppState, Rule)>,
    mut request: Request,
    next: Next,
) -> ApiResult<Response> {
    if request.uri().path_and_query().is_some_and(|asked| asked.as_str().contains("%00")) {
        return Err(ApiError::nul());
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if rule == Rule::Public {
        state.limits.count(&address(&request), is_read)?;
        return Ok(next.run(request).await);
    }
    let city = state.city().ok_or_else(ApiError::not_ready)?;
    let Some(presented) = Presented::in_headers(request.headers()) else {
        state.limits.count(&address(&request), is_read)?;
        return Err(ApiError::not_signed_in());
    };
    let is_upgrade = request.headers().contains_key("sec-websocket-key");
    // A WebSocket is opened by GET from any page, and no rule of one origin keeps it from reading.
    if matches!(presented, Presented::Cookie(_))
        && (!is_read || is_upgrade)
        && !is_same_site(request.headers())
    {
        return Err(foreign_page());
    }
    let Some(known) = city.identity.known(&presented).await? else {
        // Each guess asks the database.
        state.limits.count(&address(&request), is_read)?;
        return Err(ApiError::not_signed_in());
    };
    state.limits.count(&Asking::User(known.account.user_id), is_read)?;
    if let Err(refusal) = judge(rule, &known) {
        let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let asked = format!("{} {path}", request.method());
        let from = origin(request.extensions(), request.headers());
        city.identity.log_refusal(&known, &asked, &from).await?;
        return Err(refusal);
    }
    request.extensions_mut().insert(Arc::clone(&known));
    Ok(next.run(request).await)
}

fn address(request: &Request) -> Asking {
    Asking::Address(origin(request.extensions(), request.headers()).address)
}

fn judge(rule: Rule, known: &Known) -> ApiResult<()> {
    if known.account.must_change_password && rule != Rule::Newcomer {
        return Err(ApiError::password_change_needed());
    }
    match rule {
        Rule::Any(needed) if !known.account.may_any(needed) => Err(ApiError::not_allowed(needed)),
        _ => Ok(()),
    }
}

fn foreign_page() -> ApiError {
    ApiError::forbidden(
        "foreign-page",
        ("来源不受信任", "Not from our page"),
        (
            "带登录状态的操作只能由本系统的页面发起；程序请使用令牌",
            "with a session, only pages of this server may do this; programs use tokens",
        ),
    )
}
