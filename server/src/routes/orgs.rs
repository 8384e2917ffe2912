//! The organisation tree.

use axum::Json;
use gis_data::feature;
use serde_json::{Value, json};

use crate::error::ApiResult;
use crate::extract::{Asker, Loaded};

pub(crate) async fn list_orgs(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
) -> ApiResult<Json<Value>> {
    let mut tx = city.store.as_viewer(&viewer).await?;
    Ok(Json(json!({"items": feature::orgs(&mut tx).await?})))
}
