//! Documents as spreadsheets, out and in.

use axum::Json;
use axum::body::Bytes;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use gis_data::Permission;
use modules::{Lang, Sheet};
use serde::Deserialize;
use serde_json::{Value, json};

use super::documents::ListParams;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, ApiQuery, Asker, Loaded};

/// The largest workbook.
pub(crate) const WORKBOOK_BYTES: usize = 40 * 1024 * 1024;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateParams {
    kind: String,
    #[serde(default)]
    lang: Lang,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportParams {
    kind: String,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    lang: Lang,
}

pub(crate) async fn export_documents(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Response> {
    let lang = params.lang.unwrap_or_default();
    let filter = params.into_filter()?;
    let name = filter.kind.clone().unwrap_or_default();
    Ok(workbook(&name, city.modules.export(&viewer, &filter, lang).await?))
}

pub(crate) async fn get_template(
    Loaded(city): Loaded,
    Asker(_viewer): Asker,
    ApiQuery(params): ApiQuery<TemplateParams>,
) -> ApiResult<Response> {
    Ok(workbook(&params.kind, city.modules.template(&params.kind, params.lang)?))
}

pub(crate) async fn import_documents(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ImportParams>,
    body: Bytes,
) -> ApiResult<Json<Value>> {
    if viewer.scopes_for(Permission::Record).is_some_and(|scopes| scopes.is_empty()) {
        return Err(ApiError::not_allowed(&[Permission::Record]));
    }
    let sheet = tokio::task::spawn_blocking(move || Sheet::read(body.to_vec()))
        .await
        .map_err(|e| ApiError::internal(&e))??;
    let outcome =
        city.modules.import(&viewer, &params.kind, &sheet, params.dry_run, params.lang).await?;
    let report = outcome.report_id.map(|id| format!("/api/v1/documents/import/{id}"));
    let mut json = json!(outcome);
    json["report"] = json!(report);
    Ok(Json(json))
}

pub(crate) async fn get_import_report(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Response> {
    Ok(workbook("report", city.modules.import_report(&viewer, id).await?))
}

fn workbook(name: &str, content: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}.xlsx\"");
    ([(header::CONTENT_TYPE, XLSX.to_owned()), (header::CONTENT_DISPOSITION, disposition)], content)
        .into_response()
}
