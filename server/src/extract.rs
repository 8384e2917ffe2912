//! What handlers ask for: the loaded city, the viewer, and parameters whose faults are problems.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use gis_data::Viewer;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::identity::{Known, Origin};
use crate::listener::Peer;
use crate::router::BODY_BYTES;
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
    let peer = extensions.get::<ConnectInfo<Peer>>();
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        address: peer
            .map_or_else(|| "unknown".to_owned(), |p| p.0.0.ip().to_canonical().to_string()),
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
pub(crate) struct ApiJson<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let limited = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(limited, state).await?;
        if has_escaped_nul(&bytes) {
            return Err(ApiError::nul());
        }
        let whole = Request::from_parts(parts, Body::from(bytes));
        Ok(Self(axum::Json::from_request(whole, state).await?.0))
    }
}

/// Whether a text in this JSON has the character NUL, which no text in the database can hold. In JSON it is always
/// escaped, and a backslash stands nowhere but in a text.
fn has_escaped_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|b| *b == b'\\') {
        let escape = rest.get(at + 1..).unwrap_or_default();
        if escape.starts_with(b"u0000") {
            return true;
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body-too-large",
                ("请求内容过大", "Body too large"),
                (
                    &format!("请求内容最大 {} KB", BODY_BYTES / 1024),
                    &format!("a body has at most {} KiB", BODY_BYTES / 1024),
                ),
            );
        }
        Self::bad_request("请求内容没有完整到达", &rejection.body_text())
    }
}

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn random_texts_are_refused_for_a_nul_and_nothing_else(text in any::<String>(), is_cut in any::<bool>()) {
            let json = serde_json::to_vec(&text).unwrap();
            prop_assert_eq!(has_escaped_nul(&json), text.contains('\0'));
            let with_nul = serde_json::to_vec(&format!("{text}\\\0")).unwrap();
            let end = if is_cut { with_nul.len() - 1 } else { with_nul.len() };
            prop_assert!(has_escaped_nul(&with_nul[..end]));
        }
    }
}
