//! The audit log, for the auditor.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::audit::{self, ACTIONS, Question, Verdict};
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiQuery, Caller, Loaded, Signed};

const LIST_LIMIT: i64 = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    action: Option<String>,
    actor: Option<String>,
    before: Option<i64>,
    limit: Option<i64>,
}

pub(crate) async fn list_audit(
    Loaded(city): Loaded,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Value>> {
    let (action, actor) = (trimmed(params.action.as_deref()), trimmed(params.actor.as_deref()));
    let question = Question {
        action: action.as_deref(),
        actor: actor.as_deref(),
        before: params.before,
        limit: params.limit.unwrap_or(100).clamp(1, LIST_LIMIT),
    };
    let (items, next) = audit::list(&city.store, &question).await?;
    let actions: Vec<Value> =
        ACTIONS.iter().map(|a| json!({"name": a.0, "title": {"zh": a.1, "en": a.2}})).collect();
    Ok(Json(json!({"items": items, "next_before": next, "actions": actions})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportParams {
    action: Option<String>,
    actor: Option<String>,
    lang: Option<String>,
}

/// What the list shows, all of it, as CSV for a spreadsheet: it grows while it is read.
pub(crate) async fn export_audit(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
    ApiQuery(params): ApiQuery<ExportParams>,
) -> ApiResult<Response> {
    let (action, actor) = (trimmed(params.action.as_deref()), trimmed(params.actor.as_deref()));
    let asked = json!({"action": action, "actor": actor});
    city.identity.log_export(&known.account, asked, &origin).await?;
    let is_zh = params.lang.as_deref() != Some("en");
    let head = Bytes::from(csv_head(is_zh));
    let pages = stream::try_unfold(Some(None), move |next: Option<Option<i64>>| {
        let (city, action, actor) = (Arc::clone(&city), action.clone(), actor.clone());
        async move {
            let Some(before) = next else { return Ok::<_, ApiError>(None) };
            let question = Question {
                action: action.as_deref(),
                actor: actor.as_deref(),
                before,
                limit: LIST_LIMIT,
            };
            let (items, next) = audit::list(&city.store, &question).await?;
            let lines: String = items.iter().map(|item| csv_line(item, is_zh)).collect();
            Ok(Some((Bytes::from(lines), next.map(Some))))
        }
    });
    let body = Body::from_stream(stream::once(async { Ok(head) }).chain(pages));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"onemap-audit.csv\""),
    ];
    Ok((headers, body).into_response())
}

/// With the mark by which spreadsheets know UTF-8.
fn csv_head(is_zh: bool) -> String {
    let titles = if is_zh {
        ["序号", "时间", "账号", "操作", "对象", "结果", "来源地址", "详情"]
    } else {
        ["number", "at", "account", "action", "target", "outcome", "address", "detail"]
    };
    format!("\u{feff}{}\r\n", titles.join(","))
}

fn csv_line(item: &Value, is_zh: bool) -> String {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let title = &item["title"][if is_zh { "zh" } else { "en" }];
    let fields = [
        &item["audit_id"],
        &item["at"],
        &item["actor"],
        title,
        &item["target"],
        &item["outcome"],
        &item["address"],
        &item["detail"],
    ];
    let cells: Vec<String> = fields.iter().map(|field| csv_cell(&text(field))).collect();
    format!("{}\r\n", cells.join(","))
}

/// RFC 4180; what a spreadsheet would compute stays text.
fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn trimmed(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}

pub(crate) async fn verify_audit(
    Loaded(city): Loaded,
    Signed(known): Signed,
    Caller(origin): Caller,
) -> ApiResult<Json<Verdict>> {
    let verdict =
        audit::verify(&city.store).await.map_err(|cause| ApiError::internal(cause.as_ref()))?;
    city.identity.log_verification(&known.account, &verdict, &origin).await?;
    Ok(Json(verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_read_back_as_it_was_and_never_computed() {
        assert_eq!(csv_cell("张三"), "张三");
        assert_eq!(csv_cell("a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
        assert_eq!(csv_cell("=1+1"), "'=1+1");
        assert_eq!(csv_cell("@x,y"), "\"'@x,y\"");
    }
}
