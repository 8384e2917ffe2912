//! Documents as spreadsheets, out and in.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use futures::stream;
use gis_data::Permission;
use modules::{ImportOutcome, Lang, Sheet};
use serde::Deserialize;
use serde_json::{Value, json};

use super::documents::ListParams;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiPath, ApiQuery, Asker, Loaded};

/// The largest workbook.
pub(crate) const WORKBOOK_BYTES: usize = 40 * 1024 * 1024;
/// How often a client is told how far an import is.
const TELL_EVERY: Duration = Duration::from_millis(400);
const NDJSON: &str = "application/x-ndjson";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

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

/// The outcome; to whoever accepts NDJSON, lines with how far it is come first. Whoever hangs up takes the import back: it is
/// one transaction.
pub(crate) async fn import_documents(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ImportParams>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<Response> {
    if viewer.scopes_for(Permission::Record).is_some_and(|scopes| scopes.is_empty()) {
        return Err(ApiError::not_allowed(&[Permission::Record]));
    }
    let sheet = tokio::task::spawn_blocking(move || Sheet::read(body.to_vec()))
        .await
        .map_err(|e| ApiError::internal(&e))??;
    let rows = sheet.rows();
    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    let importing = async move {
        let how = (params.dry_run, params.lang);
        city.modules.import(&viewer, &params.kind, &sheet, how, &counted).await
    };
    let accepts = headers.get(header::ACCEPT).and_then(|a| a.to_str().ok()).unwrap_or_default();
    if !accepts.contains(NDJSON) {
        return Ok(Json(told(&importing.await?)).into_response());
    }
    let every = tokio::time::interval(TELL_EVERY);
    let lines = stream::unfold(Some((Box::pin(importing), every)), move |state| {
        let done = Arc::clone(&done);
        async move {
            let (mut importing, mut every) = state?;
            let (line, next) = tokio::select! {
                biased;
                outcome = &mut importing => (ended(outcome), None),
                _ = every.tick() => {
                    let progress = json!({"rows": rows, "done": done.load(Ordering::Relaxed)});
                    (progress, Some((importing, every)))
                }
            };
            Some((Ok::<_, Infallible>(format!("{line}\n")), next))
        }
    });
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(lines)).into_response())
}

/// The last line.
fn ended(outcome: modules::Result<ImportOutcome>) -> Value {
    match outcome {
        Ok(outcome) => json!({"outcome": told(&outcome)}),
        Err(error) => json!({"problem": ApiError::from(error).problem()}),
    }
}

fn told(outcome: &ImportOutcome) -> Value {
    let mut told = json!(outcome);
    told["report"] = json!(outcome.report_id.map(|id| format!("/api/v1/documents/import/{id}")));
    told
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
