//! Every path of the program in one table.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::routing::{get, post};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::routes::{
    documents, features, health, layers, live, orgs, overview, search, styles, tiles, vehicles,
};
use crate::state::AppState;
use crate::{client, metrics};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The whole service.
pub(crate) fn router(state: AppState) -> Router {
    let answers = Router::new()
        .route("/healthz", get(health::get_healthz))
        .route("/readyz", get(health::get_readyz))
        .route("/metrics", get(metrics::get_metrics))
        .route("/tiles/{layers}", get(tiles::get_tilejson))
        .route("/tiles/{layers}/{z}/{x}/{y}", get(tiles::get_tile))
        .route("/styles/{name}", get(styles::get_style))
        .route("/api/v1/layers", get(layers::list_layers))
        .route("/api/v1/features/{id}", get(features::get_feature))
        .route("/api/v1/features/{id}/children", get(features::list_children))
        .route("/api/v1/features/{id}/records", get(features::list_records))
        .route("/api/v1/search", get(search::search_features))
        .route("/api/v1/vehicles", get(vehicles::list_vehicles))
        .route("/api/v1/vehicles/{id}", get(vehicles::get_vehicle))
        .route("/api/v1/vehicles/{id}/track", get(vehicles::get_track))
        .route("/api/v1/overview", get(overview::get_overview))
        .route("/api/v1/orgs", get(orgs::list_orgs))
        .route("/api/v1/documents", get(documents::list_documents).post(documents::create_document))
        .route("/api/v1/documents/{id}", get(documents::get_document))
        .route("/api/v1/documents/{id}/actions/{action}", post(documents::act_on_document))
        .fallback(client::serve)
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, Duration::from_secs(30)))
        .layer(CompressionLayer::new());
    // The stream stays open for weeks: neither time limit nor compression.
    let stream = Router::new().route("/api/v1/live", get(live::get_live));
    let always = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    answers.merge(stream).with_state(state).layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
            .layer(TraceLayer::new_for_http().on_failure(()))
            .layer(PropagateRequestIdLayer::new(REQUEST_ID))
            .layer(CatchPanicLayer::new())
            .layer(always(header::CONTENT_SECURITY_POLICY, client::CONTENT_SECURITY_POLICY))
            .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(always(header::REFERRER_POLICY, "same-origin")),
    )
}
