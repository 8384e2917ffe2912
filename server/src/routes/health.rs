//! Alive, and ready.

use axum::Json;
use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::extract::Loaded;

pub(crate) async fn get_healthz() -> &'static str {
    "ok"
}

/// Ready means: every layer is in memory and the database answers.
pub(crate) async fn get_readyz(Loaded(city): Loaded) -> ApiResult<Json<Value>> {
    if !city.store.is_alive().await {
        return Err(ApiError::not_ready());
    }
    let layers: Vec<&str> =
        city.mirrors.in_order().iter().map(|m| m.layer().layer_id.as_str()).collect();
    Ok(Json(json!({"ready": true, "layers": layers})))
}
