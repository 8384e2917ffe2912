//! Where vehicles were, for a replay of many at once.

use std::collections::BTreeSet;

use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use gis_data::FeatureId;
use serde::Deserialize;
use time::{Date, Duration};
use vehicle_tracker::{archive, vehicles};

use super::vehicles::moment;
use crate::error::{ApiError, ApiResult};
use crate::extract::{ApiQuery, Asker, Loaded};

/// The encoding is told by [`vehicles::Tracks::encode`].
const TRACKS: &str = "application/vnd.onemap.tracks";
/// Days, with commas, of which positions are in the archive: that nothing is told of them does not mean that nobody drove.
const ARCHIVED_DAYS: &str = "onemap-archived-days";
const MOST_VEHICLES: usize = 200;
const LONGEST: Duration = Duration::hours(24);
/// Hours of one vehicle, over all of them: at a position a second one and a half million.
const MOST_VEHICLE_HOURS: i64 = 400;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TracksParams {
    /// Numbers, separated by commas.
    vehicles: String,
    from: String,
    to: String,
}

/// Vehicles that the viewer may not track are left out, as are those that do not exist.
pub(crate) async fn get_tracks(
    Loaded(city): Loaded,
    Asker(viewer): Asker,
    ApiQuery(params): ApiQuery<TracksParams>,
) -> ApiResult<Response> {
    let ids = numbers(&params.vehicles)?;
    let (from, to) = (moment(&params.from)?, moment(&params.to)?);
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let longest =
        LONGEST.min(Duration::hours(MOST_VEHICLE_HOURS) / i32::try_from(count.max(1)).unwrap_or(1));
    if from > to || to - from > longest {
        let hours = longest.whole_hours();
        return Err(ApiError::bad_request(
            &format!(
                "回放 {count} 辆车时，一次最多取 {hours} 小时，且开始时间不晚于结束时间；请分段取"
            ),
            &format!(
                "of {count} vehicles at most {hours} h are told at a time, and the window begins before it ends; ask for it in pieces"
            ),
        ));
    }
    let found = vehicles::tracks(&city.store, &viewer, &ids, from..to).await?;
    let found = found.ok_or_else(|| {
        let most = vehicles::MOST_POSITIONS;
        ApiError::bad_request(
            &format!("该时段的定位超过 {most} 条，请缩短时段或减少车辆"),
            &format!("there are more than {most} positions; ask for less time or fewer vehicles"),
        )
    })?;
    let days = archive::days_away(&city.store, &(from..to)).await?;
    let days: Vec<String> = days.iter().map(Date::to_string).collect();
    let headers = [
        (CONTENT_TYPE, TRACKS.to_owned()),
        (HeaderName::from_static(ARCHIVED_DAYS), days.join(",")),
    ];
    Ok((headers, found.encode()).into_response())
}

fn numbers(list: &str) -> ApiResult<BTreeSet<FeatureId>> {
    let parsed: Result<BTreeSet<i64>, _> =
        list.split(',').map(|number| number.trim().parse()).collect();
    let ids = parsed.ok().filter(|ids| (1..=MOST_VEHICLES).contains(&ids.len()));
    let ids = ids.ok_or_else(|| {
        let shown: String = list.chars().take(60).collect();
        ApiError::bad_request(
            &format!("车辆编号“{shown}”无效：请用逗号分隔 1 至 {MOST_VEHICLES} 个编号"),
            &format!(
                "{shown:?} is not 1 to {MOST_VEHICLES} numbers of vehicles, separated by commas"
            ),
        )
    })?;
    Ok(ids.into_iter().map(FeatureId).collect())
}
