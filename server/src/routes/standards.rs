//! Every limit that a rule goes by, with the days on which it holds and where it comes from.

use axum::Json;
use serde::Deserialize;
use serde_json::{Value, json};
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiQuery, Asker, Loaded};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AtParams {
    /// A day, `2026-11-24`; today in Beijing if it is left out.
    at: Option<String>,
}

pub(crate) async fn list_standards(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<AtParams>,
) -> ApiResult<Json<Value>> {
    let at = params.at.as_deref().map_or_else(|| Ok(today()), day)?;
    let sets = modules::list_standards(&city.store, &viewer, at).await?;
    Ok(Json(json!({"at": at.to_string(), "sets": sets})))
}

fn day(text: &str) -> ApiResult<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).map_err(|error| {
        ApiError::bad_request(
            &format!("“{text}”不是日期，应如 2026-11-24"),
            &format!("{text:?} is not a day like 2026-11-24: {error}"),
        )
    })
}

/// The day in Beijing, which has no summer time.
fn today() -> Date {
    let beijing = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    OffsetDateTime::now_utc().to_offset(beijing).date()
}
