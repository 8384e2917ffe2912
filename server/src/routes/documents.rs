//! Business documents: list, create, read, act.

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use gis_data::{FeatureId, Permission};
use modules::{
    ActRequest, Attachment, DocId, Document, Filter, Lang, ModuleError, NewDocument, Phase,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded};

const LIST_LIMIT: u32 = 200;
/// The most documents that are acted on at once.
const BULK_LIMIT: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    kind: Option<String>,
    state: Option<String>,
    phase: Option<Phase>,
    feature: Option<i64>,
    q: Option<String>,
    filter: Option<String>,
    sort: Option<String>,
    limit: Option<u32>,
    after: Option<u32>,
    /// Of exports: the language of their headings.
    pub(super) lang: Option<Lang>,
}

impl ListParams {
    pub(super) fn into_filter(self) -> ApiResult<Filter> {
        let conditions = match self.filter.as_deref().filter(|f| !f.is_empty()) {
            Some(text) => serde_json::from_str(text).map_err(|error| {
                ApiError::bad_request(
                    &format!("筛选条件应为 JSON 数组，如 [{{\"field\":\"state\",\"op\":\"eq\",\"value\":\"open\"}}]：{error}"),
                    &format!("filter must be a JSON array of field, op and value: {error}"),
                )
            })?,
            None => Vec::new(),
        };
        Ok(Filter {
            kind: self.kind,
            state: self.state,
            phase: self.phase,
            feature_id: self.feature.map(FeatureId),
            q: self.q,
            conditions,
            sort: self.sort,
            limit: Some(self.limit.unwrap_or(50).clamp(1, LIST_LIMIT)),
            after: self.after,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkAct {
    items: Vec<BulkItem>,
    #[serde(default)]
    patch: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BulkItem {
    doc_id: DocId,
    revision: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommentBody {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileParams {
    name: String,
}

pub(crate) async fn list_documents(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<modules::Page>> {
    Ok(Json(city.modules.list(&viewer, &params.into_filter()?).await?))
}

pub(crate) async fn create_document(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiJson(new): ApiJson<NewDocument>,
) -> ApiResult<(StatusCode, Json<Document>)> {
    Ok((StatusCode::CREATED, Json(city.modules.create(&viewer, new).await?)))
}

pub(crate) async fn get_document(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Document>> {
    Ok(Json(city.modules.get(&viewer, DocId(id)).await?))
}

pub(crate) async fn act_on_document(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath((id, action)): ApiPath<(i64, String)>,
    ApiJson(request): ApiJson<ActRequest>,
) -> ApiResult<Json<Document>> {
    Ok(Json(city.modules.act(&viewer, DocId(id), &action, request).await?))
}

pub(crate) async fn act_on_documents(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(action): ApiPath<String>,
    ApiJson(bulk): ApiJson<BulkAct>,
) -> ApiResult<Json<Value>> {
    if bulk.items.len() > BULK_LIMIT {
        return Err(ApiError::bad_request(
            &format!("一次最多处理 {BULK_LIMIT} 份单据"),
            &format!("at most {BULK_LIMIT} documents at once"),
        ));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for BulkItem { doc_id, revision } in bulk.items {
        let request = ActRequest { revision, patch: bulk.patch.clone(), ..ActRequest::default() };
        match city.modules.act(&viewer, doc_id, &action, request).await {
            Ok(_) => done.push(doc_id),
            Err(error) => {
                failed.push(json!({"doc_id": doc_id, "problem": ApiError::from(error).problem()}));
            }
        }
    }
    Ok(Json(json!({"done": done, "failed": failed})))
}

pub(crate) async fn comment_on_document(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<CommentBody>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let id = city.modules.comment(&viewer, DocId(id), &body.text).await?;
    Ok((StatusCode::CREATED, Json(json!({"comment_id": id}))))
}

pub(crate) async fn attach_to_document(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    ApiQuery(params): ApiQuery<FileParams>,
    headers: HeaderMap,
    content: Bytes,
) -> ApiResult<(StatusCode, Json<Attachment>)> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let media_type = said.filter(|t| t.len() <= 100).unwrap_or("application/octet-stream");
    let attached =
        city.modules.attach(&viewer, DocId(id), &params.name, media_type, &content).await?;
    Ok((StatusCode::CREATED, Json(attached)))
}

/// Always as a download: what somebody has uploaded is never shown as a page of ours.
pub(crate) async fn get_attachment(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath((id, sha256)): ApiPath<(i64, String)>,
) -> ApiResult<Response> {
    let (about, content) = city.modules.attachment(&viewer, DocId(id), &sha256).await?;
    let disposition = format!("attachment; filename*=UTF-8''{}", percent(&about.name));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, content).into_response())
}

/// As RFC 5987 writes names in headers.
fn percent(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// What stands in the way of a posting or of a closing of periods.
fn closing(error: &ModuleError, zh: &str, en: &str) -> ApiError {
    let (code, title) = match error {
        ModuleError::PeriodClosed { .. } => {
            ("period-closed", ("台账已结账", "The period is closed"))
        }
        ModuleError::NotOverAll => {
            let title = ("超出管理范围", "Beyond what you answer for");
            return ApiError::forbidden("not-over-all", title, (zh, en));
        }
        _ => ("ledger-unsound", ("台账核对不平", "The ledger does not add up")),
    };
    ApiError::new(StatusCode::CONFLICT, code, title, (zh, en))
}

impl From<ModuleError> for ApiError {
    fn from(error: ModuleError) -> Self {
        let told = error.told();
        let (zh, en) = (told.zh, told.en);
        let conflict = |code, title: (&str, &str), zh: &str| {
            Self::new(StatusCode::CONFLICT, code, title, (zh, &en))
        };
        match error {
            ModuleError::UnknownKind(kind) => {
                Self::bad_request(&format!("没有“{kind}”这种单据"), &en)
            }
            ModuleError::UnknownState { state, .. } => {
                Self::bad_request(&format!("没有“{state}”这种状态"), &en)
            }
            ModuleError::Invalid(faults) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-document",
                ("填写有误", "Invalid document"),
                (&format!("有 {} 处填写不符合要求", faults.len()), &en),
            )
            .with_errors(json!(faults)),
            ModuleError::NotFound(id) => {
                Self::not_found(&format!("没有编号为 {id} 的单据，或您无权查看"), &en)
            }
            ModuleError::NotAllowed(_) | ModuleError::NoAccount => {
                Self::not_allowed(&[Permission::Record])
            }
            ModuleError::RevisionConflict { .. } => conflict(
                "revision-conflict",
                ("单据已被他人更新", "Changed by someone else"),
                "您看到的不是最新内容，请刷新后再操作",
            ),
            ModuleError::ActionNotAllowed { .. } => conflict(
                "action-not-allowed",
                ("当前状态不允许此操作", "Not allowed in this state"),
                "单据的当前状态不允许此操作",
            ),
            ModuleError::UnknownFeature(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "unknown-feature",
                    ("关联的位置不存在", "Unknown place"),
                    (&format!("没有编号为 {} 的要素，或您无权查看", ids.join("、")), &en),
                )
            }
            ModuleError::Space(_) => {
                conflict("space-conflict", ("房间面积冲突", "The room does not hold it"), &zh)
            }
            ModuleError::PeriodClosed { .. }
            | ModuleError::LedgerUnsound(_)
            | ModuleError::NotOverAll => closing(&error, &zh, &en),
            ModuleError::NoStandard { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "no-standard",
                ("没有适用的标准", "No standard holds"),
                (&zh, &en),
            ),
            ModuleError::UnderApproval(_) => {
                conflict("under-approval", ("正在审批", "Under approval"), &zh)
            }
            ModuleError::Refused(_) => {
                conflict("deed-refused", ("不能这样办理", "Not possible now"), &zh)
            }
            ModuleError::AttachedAlready => {
                conflict("attached-already", ("附件已存在", "Attached already"), &zh)
            }
            ModuleError::NoApproval(_) | ModuleError::Nothing(_) => Self::not_found(&zh, &en),
            ModuleError::BadSheet(_) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "bad-sheet",
                ("表格无法使用", "The spreadsheet cannot be used"),
                (&zh, &en),
            ),
            ModuleError::Ground(ground) => ground.into(),
            other => Self::internal(&other),
        }
    }
}
