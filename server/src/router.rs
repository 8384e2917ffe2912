//! The table of routes becomes a service, with what holds for every answer.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use tower::ServiceBuilder;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::client;
use crate::guard::guard;
use crate::routes::table::table;
use crate::state::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Forms are small; files have routes of their own.
pub(crate) const BODY_BYTES: usize = 256 * 1024;

/// The whole service.
pub(crate) fn router(state: AppState) -> Router {
    let (mut answers, mut as_they_are) = (Router::new(), Router::new());
    for route in table() {
        let guarded = route.handler.layer(from_fn_with_state((state.clone(), route.rule), guard));
        if route.passes_as_is {
            as_they_are = as_they_are.route(route.path, guarded);
        } else {
            answers = answers.route(route.path, guarded);
        }
    }
    let answers = answers
        .fallback(client::serve)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(30)))
        .layer(CompressionLayer::new());
    let always = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    // RFC 6797, for half a year, and only where TLS is ours to promise.
    let transport =
        state.is_tls.then(|| always(header::STRICT_TRANSPORT_SECURITY, "max-age=15552000"));
    answers.merge(as_they_are).with_state(state).layer(option_layer(transport)).layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
            .layer(TraceLayer::new_for_http().on_failure(()))
            .layer(PropagateRequestIdLayer::new(REQUEST_ID))
            .layer(CatchPanicLayer::new())
            .layer(always(header::CONTENT_SECURITY_POLICY, client::CONTENT_SECURITY_POLICY))
            .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(always(header::X_FRAME_OPTIONS, "DENY"))
            .layer(always(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
            // What one person may see must not wait in a cache for the next.
            .layer(always(header::CACHE_CONTROL, "private, no-cache"))
            .layer(always(header::VARY, "cookie, authorization"))
            .layer(always(header::REFERRER_POLICY, "same-origin")),
    )
}
