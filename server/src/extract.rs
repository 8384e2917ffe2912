//! What handlers ask for: the loaded city, the viewer, and parameters whose faults are problems.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use gis_data::Viewer;
use std::sync::Arc;

use crate::error::ApiError;
use crate::state::{AppState, City};

/// The mirrors and services, once they are loaded; before that, a 503.
pub(crate) struct Loaded(pub(crate) Arc<City>);

impl FromRequestParts<AppState> for Loaded {
    type Rejection = ApiError;

    async fn from_request_parts(_parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        state.city().map(Self).ok_or_else(ApiError::not_ready)
    }
}

/// Who asks. There are no accounts yet: everyone who reaches the server sees everything.
pub(crate) struct Asker(pub(crate) Viewer);

impl FromRequestParts<AppState> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(_parts: &mut Parts, _state: &AppState) -> Result<Self, ApiError> {
        Ok(Self(Viewer::everyone()))
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
