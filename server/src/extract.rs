//! What handlers ask for: the loaded city, the viewer, and parameters whose faults are problems.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use gis_data::Viewer;

use crate::error::ApiError;
use crate::identity::{Known, Origin};
use crate::state::{AppState, City};

/// The mirrors and services, once they are loaded; before that, a 503.
pub(crate) struct Loaded(pub(crate) Arc<City>);

impl FromRequestParts<AppState> for Loaded {
    type Rejection = ApiError;

    async fn from_request_parts(_parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        state.city().map(Self).ok_or_else(ApiError::not_ready)
    }
}

/// Who asks. The guard of the route has put them there; a route without a guard answers nobody.
pub(crate) struct Asker(pub(crate) Viewer);

impl FromRequestParts<AppState> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let Signed(known) = Signed::from_request_parts(parts, state).await?;
        Ok(Self(known.account.viewer.clone()))
    }
}

/// Who asks, with their account.
pub(crate) struct Signed(pub(crate) Arc<Known>);

impl FromRequestParts<AppState> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, ApiError> {
        parts.extensions.get::<Arc<Known>>().cloned().map(Self).ok_or_else(ApiError::not_signed_in)
    }
}

/// Where the request comes from.
pub(crate) struct Caller(pub(crate) Origin);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Infallible> {
        Ok(Self(origin(&parts.extensions, &parts.headers)))
    }
}

/// The address of the connection: a header could say anything.
pub(crate) fn origin(extensions: &Extensions, headers: &HeaderMap) -> Origin {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        address: peer.map_or_else(|| "unknown".to_owned(), |p| p.0.ip().to_canonical().to_string()),
        agent: agent.unwrap_or_default().to_owned(),
    }
}

/// Path parameters.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(ApiError))]
pub(crate) struct ApiPath<T>(pub(crate) T);

/// Query parameters.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(ApiError))]
pub(crate) struct ApiQuery<T>(pub(crate) T);

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub(crate) struct ApiJson<T>(pub(crate) T);

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::not_found(
            &format!("地址中的参数无效：{}", rejection.body_text()),
            &rejection.body_text(),
        )
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(
            &format!("查询参数无效：{}", rejection.body_text()),
            &rejection.body_text(),
        )
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::bad_request(
            &format!("请求内容无效：{}", rejection.body_text()),
            &rejection.body_text(),
        )
    }
}
