//! One box for names, codes, plates and room numbers, in Chinese, pinyin or initials.

use std::time::Instant;

use axum::Json;
use gis_data::{FeatureId, feature};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiQuery, Asker, Loaded};

const LIMIT: usize = 50;
const QUESTION_CHARS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    q: String,
    limit: Option<usize>,
}

pub(crate) async fn search_features(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<Params>,
) -> ApiResult<Json<Value>> {
    let length = params.q.chars().count();
    if length > QUESTION_CHARS {
        return Err(ApiError::bad_request(
            &format!("搜索词有 {length} 个字，最多 {QUESTION_CHARS} 个"),
            &format!("the question has {length} characters, the limit is {QUESTION_CHARS}"),
        ));
    }
    let started = Instant::now();
    let found = city.search.find(&params.q, params.limit.unwrap_or(20).min(LIMIT), &viewer);
    let ids: Vec<FeatureId> = found.iter().map(|f| f.feature_id).collect();
    let mut tx = city.store.as_viewer(&viewer).await?;
    let items: Vec<Value> = feature::briefs(&mut tx, &viewer, &ids)
        .await?
        .into_iter()
        .filter_map(|brief| {
            let matched = found.iter().find(|f| f.feature_id == brief.feature_id)?.matched;
            let mut subtitle = brief.within.clone();
            subtitle.extend(brief.org.as_ref().map(|o| o.name.clone()));
            let mut item = serde_json::to_value(&brief).ok()?;
            item["matched"] = json!(matched);
            item["subtitle"] = json!(subtitle.join(" · "));
            Some(item)
        })
        .collect();
    Ok(Json(json!({"items": items, "took_ms": started.elapsed().as_secs_f64() * 1_000.0})))
}
