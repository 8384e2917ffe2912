//! What people have to decide, and deciding it.

use axum::Json;
use modules::Document;
use modules::approval::{DeedRequest, Inbox, InboxPage, TaskKey};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded};

/// The most tasks that are decided at once.
const MOST: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InboxParams {
    state: Option<Inbox>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkDeed {
    items: Vec<TaskKey>,
    deed: String,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeopleParams {
    q: Option<String>,
    limit: Option<u32>,
}

pub(crate) async fn list_tasks(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<InboxParams>,
) -> ApiResult<Json<InboxPage>> {
    let which = params.state.unwrap_or(Inbox::Open);
    Ok(Json(city.modules.inbox(&viewer, which, params.limit.unwrap_or(100)).await?))
}

pub(crate) async fn decide_task(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(approval): ApiPath<i64>,
    ApiJson(request): ApiJson<DeedRequest>,
) -> ApiResult<Json<Document>> {
    Ok(Json(city.modules.decide(&viewer, approval, request).await?))
}

pub(crate) async fn decide_tasks(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiJson(bulk): ApiJson<BulkDeed>,
) -> ApiResult<Json<Value>> {
    if bulk.items.len() > MOST || !matches!(bulk.deed.as_str(), "agree" | "refuse") {
        return Err(ApiError::bad_request(
            &format!("批量办理一次最多 {MOST} 项，且只能同意或拒绝"),
            &format!("at most {MOST} tasks at once, to agree or to refuse"),
        ));
    }
    let (mut done, mut failed) = (0, Vec::new());
    for item in bulk.items {
        let request = DeedRequest {
            deed: bulk.deed.clone(),
            task: Some(item.task_id),
            comment: bulk.comment.clone(),
            ..DeedRequest::default()
        };
        match city.modules.decide(&viewer, item.approval_id, request).await {
            Ok(_) => done += 1,
            Err(error) => failed
                .push(json!({"approval_id": item.approval_id, "task_id": item.task_id,
                "problem": ApiError::from(error).problem()})),
        }
    }
    Ok(Json(json!({"done": done, "failed": failed})))
}

pub(crate) async fn list_people(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<PeopleParams>,
) -> ApiResult<Json<Value>> {
    let q = params.q.unwrap_or_default();
    let items = city.modules.people(&viewer, &q, params.limit.unwrap_or(20)).await?;
    Ok(Json(json!({"items": items})))
}
