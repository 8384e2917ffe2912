//! Filters that people keep.

use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::ApiResult;
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewParams {
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewView {
    kind: String,
    name: String,
    query: Value,
    #[serde(default)]
    shared: bool,
}

pub(crate) async fn list_views(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ViewParams>,
) -> ApiResult<Json<Value>> {
    let items = city.modules.saved_views(&viewer, &params.kind).await?;
    Ok(Json(json!({"items": items})))
}

pub(crate) async fn create_view(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiJson(new): ApiJson<NewView>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let id = city.modules.save_view(&viewer, &new.kind, &new.name, &new.query, new.shared).await?;
    Ok((StatusCode::CREATED, Json(json!({"view_id": id}))))
}

pub(crate) async fn delete_view(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<StatusCode> {
    city.modules.delete_view(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
