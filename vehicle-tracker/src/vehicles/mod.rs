//! The register of vehicles as others ask for it: lists, one vehicle, its track, today's figures.
//! Lists are answered from the live state, which holds the whole register; tracks from the database.

mod alarms;
mod fences;
mod near;
mod queries;
mod register;
mod samples;
mod seals;
mod thresholds;
mod tracks;
mod trips;
mod usage;

use std::collections::BTreeMap;

use gis_data::{FeatureId, OrgId, Personal, Store, Viewer};
use time::{Date, OffsetDateTime, Time, UtcOffset};

use crate::error::Result;
use crate::live::{Live, LiveVehicle, Status};

pub use alarms::{
    Act, ActFault, AlarmFilter, AlarmList, AlarmOnFile, Deed, Pending, State, Total, act_on_alarm,
    alarms,
};
pub use fences::{
    Area, FenceOnFile, FencePlan, PlanFault, Wrong, fences, keep_fence, retire_fence,
};
pub use near::{Along, Inside, Near, Statuses, along, inside, nearest};
pub use register::{Registration, register};
pub use samples::{SILENCE, Sample, Told, first_seen, roving, samples, told, were_somewhere};
pub use seals::{
    Holiday, SealEnd, SealFault, SealFilter, SealOnFile, SealPlan, SealProblem, SealState,
    end_seal, holidays, seal, sealed_until, seals,
};
pub use thresholds::{ThresholdFault, ThresholdOnFile, ThresholdPlan, set_threshold, thresholds};
pub use tracks::{MOST_POSITIONS, Tracks, tracks};
pub use trips::{Journeys, journeys};
pub use usage::{By, Usage, UsageFilter, UsageRow, usage};

/// The clock that days of the product follow: China Standard Time.
const DAY_OFFSET: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// Which vehicles are asked for; empty asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VehicleFilter {
    /// A part of the plate, the name or the terminal, in any case.
    pub q: Option<String>,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this organisation's own.
    pub org: Option<OrgId>,
    /// At most this many.
    pub limit: Option<usize>,
}

/// The answer to a filter.
#[derive(Debug, Clone, PartialEq)]
pub struct VehicleList {
    /// How many match, whether listed or beyond the limit.
    pub total: usize,
    /// How many match by status, were none asked for.
    pub by_status: BTreeMap<&'static str, usize>,
    /// The first of them by plate, as far as it is read in clear.
    pub items: Vec<LiveVehicle>,
}

/// One point of a track.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackPoint {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// When.
    pub fix_ms: i64,
    /// Over ground.
    pub speed_kmh: Option<f32>,
}

/// What has come in since midnight in China.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    /// Positions that were new.
    pub stored: i64,
    /// Rejections.
    pub rejected: i64,
}

/// The vehicles that match, as far as the viewer may see them.
pub fn list(live: &Live, viewer: &Viewer, filter: &VehicleFilter) -> VehicleList {
    let needle = filter.q.as_deref().map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty());
    let is_asked = |vehicle: &LiveVehicle| {
        let is_of_org =
            filter.org.is_none_or(|org| vehicle.info.org.as_ref().is_some_and(|o| o.0 == org));
        is_of_org && needle.as_deref().is_none_or(|needle| is_named(vehicle, viewer, needle))
    };
    let seen = live.look();
    let mut found: Vec<&LiveVehicle> =
        seen.all().filter(|v| viewer.sees(v.info.scope) && is_asked(v)).collect();
    let mut by_status: BTreeMap<_, _> = Status::ALL.map(|s| (s.name(), 0)).into();
    for vehicle in &found {
        *by_status.entry(vehicle.status.name()).or_default() += 1;
    }
    if let Some(status) = filter.status {
        found.retain(|v| v.status == status);
    }
    let total = found.len();
    // By number where plates are masked: their order would tell them.
    let by_order = |a: &&LiveVehicle, b: &&LiveVehicle| order(a, viewer).cmp(&order(b, viewer));
    if let Some(limit) = filter.limit.filter(|limit| *limit < total) {
        // Of a large fleet little is listed, and only that is copied.
        if limit > 0 {
            found.select_nth_unstable_by(limit - 1, by_order);
        }
        found.truncate(limit);
    }
    found.sort_unstable_by(by_order);
    VehicleList { total, by_status, items: found.into_iter().cloned().collect() }
}

fn order<'v>(vehicle: &'v LiveVehicle, viewer: &Viewer) -> (bool, &'v str, FeatureId) {
    let is_clear = viewer.reads(Personal::Plate, vehicle.info.scope);
    let plate = if is_clear { vehicle.info.plate.as_str() } else { "" };
    (!is_clear, plate, vehicle.info.feature_id)
}

/// One vehicle; `None` when there is none or the viewer may not see it.
pub fn one(live: &Live, viewer: &Viewer, id: FeatureId) -> Option<LiveVehicle> {
    live.get(id).filter(|v| viewer.sees(v.info.scope))
}

/// Where a vehicle was from one moment up to another, in the order of time. Beyond `limit` points
/// the track is thinned evenly, first and last point kept. Empty when the viewer may not see it.
pub async fn track(
    store: &Store,
    viewer: &Viewer,
    id: FeatureId,
    span: std::ops::Range<OffsetDateTime>,
    limit: usize,
) -> Result<Vec<TrackPoint>> {
    let mut tx = store.as_viewer(viewer).await?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX).max(2);
    queries::track(&mut tx, viewer, id, span, limit).await
}

/// Today's figures, counted in the database.
pub async fn today(store: &Store) -> Result<Today> {
    let date: Date = OffsetDateTime::now_utc().to_offset(DAY_OFFSET).date();
    let midnight = date.with_time(Time::MIDNIGHT).assume_offset(DAY_OFFSET);
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    queries::today(&mut tx, midnight).await
}

/// Who does not read plates finds a vehicle by its whole plate only.
fn is_named(vehicle: &LiveVehicle, viewer: &Viewer, needle: &str) -> bool {
    let info = &vehicle.info;
    let plate = info.plate.to_lowercase();
    let is_of_plate = if viewer.reads(Personal::Plate, info.scope) {
        plate.contains(needle)
    } else {
        plate == needle
    };
    let names = [Some(&info.name), info.terminal_id.as_ref()];
    is_of_plate || names.into_iter().flatten().any(|name| name.to_lowercase().contains(needle))
}
