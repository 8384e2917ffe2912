//! Every limit that a rule goes by, with the days on which it holds and where it comes from.

use axum::Json;
use axum::http::StatusCode;
use modules::NewEdition;
use serde::Deserialize;
use serde_json::{Value, json};
use time::Date;
use time::macros::format_description;

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiJson, ApiPath, ApiQuery, Asker, Loaded};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtParams {
    /// A day, `2026-11-24`; today in Beijing if it is left out.
    at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteBody {
    note: String,
}

pub(crate) async fn list_standards(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<AtParams>,
) -> ApiResult<Json<Value>> {
    let at = day_or_today(params.at.as_deref())?;
    let sets = modules::list_standards(&city.store, &viewer, at).await?;
    Ok(Json(json!({"at": at.to_string(), "sets": sets})))
}

pub(crate) async fn create_standard(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiJson(new): ApiJson<NewEdition>,
) -> ApiResult<(StatusCode, Json<Value>)> {
    let id = city.modules.add_standard(&viewer, new).await?;
    Ok((StatusCode::CREATED, Json(json!({"standard_param_id": id}))))
}

pub(crate) async fn confirm_standard(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiPath(id): ApiPath<i64>,
    ApiJson(body): ApiJson<NoteBody>,
) -> ApiResult<StatusCode> {
    city.modules.confirm_standard(&viewer, id, &body.note).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The day of a parameter, or today.
pub(super) fn day_or_today(text: Option<&str>) -> ApiResult<Date> {
    text.map_or_else(|| Ok(modules::today()), day)
}

pub(super) fn day(text: &str) -> ApiResult<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).map_err(|error| {
        ApiError::bad_request(
            &format!("“{text}”不是日期，应如 2026-11-24"),
            &format!("{text:?} is not a day like 2026-11-24: {error}"),
        )
    })
}
