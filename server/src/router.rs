//! The table of routes becomes a service, with what holds for every answer.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::client;
use crate::envelope::Envelope;
use crate::guard::guard;
use crate::routes::table::table;
use crate::state::AppState;

/// Forms are small; files have routes of their own.
pub(crate) const BODY_BYTES: usize = 256 * 1024;

/// The whole service.
pub(crate) fn router(state: AppState) -> Envelope<Router> {
    let is_tls = state.is_tls;
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
    Envelope::around(answers.merge(as_they_are).with_state(state), is_tls)
}
