//! Business documents: list, create, read, act.

use axum::Json;
use axum::http::StatusCode;
use gis_data::{FeatureId, Permission};
use modules::space::SpaceFault;
use modules::{DocId, Document, Filter, ModuleError, NewDocument};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded};

const LIST_LIMIT: u32 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListParams {
    kind: Option<String>,
    state: Option<String>,
    feature: Option<i64>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActBody {
    revision: i32,
    #[serde(default)]
    patch: Value,
}

pub(crate) async fn list_documents(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<modules::Page>> {
    let filter = Filter {
        kind: params.kind,
        state: params.state,
        feature_id: params.feature.map(FeatureId),
        limit: Some(params.limit.unwrap_or(50).clamp(1, LIST_LIMIT)),
        before: None,
    };
    Ok(Json(modules::list(&city.store, &viewer, &filter).await?))
}

pub(crate) async fn create_document(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiJson(new): ApiJson<NewDocument>,
) -> ApiResult<(StatusCode, Json<Document>)> {
    Ok((StatusCode::CREATED, Json(modules::create(&city.store, &viewer, new).await?)))
}

pub(crate) async fn get_document(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
) -> ApiResult<Json<Document>> {
    Ok(Json(modules::get(&city.store, &viewer, DocId(id)).await?))
}

pub(crate) async fn act_on_document(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath((id, action)): ApiPath<(i64, String)>,
    ApiJson(body): ApiJson<ActBody>,
) -> ApiResult<Json<Document>> {
    let patch = if body.patch.is_null() { json!({}) } else { body.patch };
    Ok(Json(modules::act(&city.store, &viewer, DocId(id), &action, body.revision, patch).await?))
}

/// What a room would not hold, with the limit and the day.
fn space_zh(fault: &SpaceFault) -> String {
    let m2 = |cm2: i64| format!("{}.{:04}", cm2 / 10_000, cm2 % 10_000);
    match *fault {
        SpaceFault::Full { room, on, over } => {
            format!(
                "房间 {room} 自 {on} 起可用面积不足，超出 {} 平方米；请减少面积或另选房间",
                m2(over)
            )
        }
        SpaceFault::Lacking { room, on, lacking } => {
            format!("房间 {room} 自 {on} 起台账面积比要减去的少 {} 平方米；请核对台账", m2(lacking))
        }
        SpaceFault::Uneven { room, has, parts } => {
            format!(
                "房间 {room} 面积为 {} 平方米，拆分后合计 {} 平方米；两者应相等",
                m2(has),
                m2(parts)
            )
        }
        SpaceFault::Unsteady { room, on } => {
            format!("房间 {room} 的面积在 {on} 之后还有变更；请改用变更之后的日期")
        }
    }
}

impl From<ModuleError> for ApiError {
    fn from(error: ModuleError) -> Self {
        let en = error.to_string();
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
            ModuleError::NotAllowed(_) => Self::not_allowed(&[Permission::Record]),
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
            ModuleError::Space(fault) => conflict(
                "space-conflict",
                ("房间面积冲突", "The room does not hold it"),
                &space_zh(&fault),
            ),
            ModuleError::NoStandard { code, level, rank, on } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "no-standard",
                ("没有适用的标准", "No standard holds"),
                (
                    &format!(
                        "{on} 没有适用于“{level} {rank}”的标准 {code}，请在标准中心登记后再办理"
                    ),
                    &en,
                ),
            ),
            ModuleError::Ground(ground) => ground.into(),
            other => Self::internal(&other),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_full_room_says_by_how_much_and_from_when() {
        let fault =
            SpaceFault::Full { room: FeatureId(7), on: date!(2026 - 11 - 24), over: 123_456 };
        assert_eq!(
            space_zh(&fault),
            "房间 7 自 2026-11-24 起可用面积不足，超出 12.3456 平方米；请减少面积或另选房间"
        );
    }
}
