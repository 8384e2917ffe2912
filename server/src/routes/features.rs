//! One place, what it contains, and the records that hang off it.

use axum::Json;
use gis_data::{FeatureId, Tx, Viewer, feature};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, ApiQuery, Asker, Loaded};

/// How many records come with a place; its counts are whole.
const RECORDS_LIMIT: u32 = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChildrenParams {
    kind: Option<String>,
}

pub(crate) async fn get_feature(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Value>> {
    let mut tx = city.store.as_viewer(&viewer).await?;
    let found =
        feature::detail(&mut tx, &viewer, FeatureId(id)).await?.ok_or_else(|| unknown(id))?;
    let title = found.brief.name.clone().or_else(|| found.brief.code.clone());
    let path = found.org_path.clone();
    let mut json = serde_json::to_value(found).map_err(|e| ApiError::internal(&e))?;
    json["title"] = json!(title);
    if let Some(org) = json["org"].as_object_mut() {
        org.insert("path".to_owned(), json!(path));
    }
    Ok(Json(json))
}

pub(crate) async fn list_children(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(params): ApiQuery<ChildrenParams>,
) -> ApiResult<Json<Value>> {
    let mut tx = city.store.as_viewer(&viewer).await?;
    must_see(&mut tx, &viewer, FeatureId(id)).await?;
    let items = feature::children(&mut tx, &viewer, FeatureId(id), params.kind.as_deref()).await?;
    Ok(Json(json!({"items": items})))
}

pub(crate) async fn list_records(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<modules::Records>> {
    must_see(&mut city.store.as_viewer(&viewer).await?, &viewer, FeatureId(id)).await?;
    Ok(Json(city.modules.records_of(&viewer, FeatureId(id), Some(RECORDS_LIMIT)).await?))
}

/// An empty list would say that the place is there.
pub(super) async fn must_see(tx: &mut Tx, viewer: &Viewer, id: FeatureId) -> ApiResult<()> {
    match feature::briefs(tx, viewer, &[id]).await?.as_slice() {
        [] => Err(unknown(id.0)),
        _ => Ok(()),
    }
}

fn unknown(id: i64) -> ApiError {
    ApiError::not_found(
        &format!("没有编号为 {id} 的要素，或您无权查看"),
        &format!("no feature {id}, or none that you may see"),
    )
}
