//! Where a vehicle was and what its terminal told there, a page at a time; and which vehicles were anywhere.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use gis_data::{FeatureId, Permission, Store, Viewer};
use sqlx::FromRow;
use time::{Duration, OffsetDateTime};

use super::queries;
use crate::error::Result;
use crate::live::{Live, LivePosition};

/// Two positions further apart in time say nothing of the time between them.
pub const SILENCE: Duration = Duration::hours(1);

/// A kept position: neither drift nor without a fix.
#[derive(Debug, Clone, Copy, PartialEq, FromRow)]
pub struct Sample {
    /// When.
    pub fix_time: OffsetDateTime,
    /// Degrees east of WGS 84.
    pub lon: f64,
    /// Degrees north of WGS 84.
    pub lat: f64,
    /// Over ground.
    pub speed_kmh: Option<f32>,
    /// Clockwise from north, below 360.
    pub heading_deg: Option<f32>,
    /// Above the sea.
    pub altitude_m: Option<f32>,
    /// What the vehicle has driven in its life.
    pub odometer_km: Option<f64>,
    /// What is in the tank.
    pub fuel_l: Option<f32>,
    /// Whether the ignition (ACC) is on.
    pub ignition: Option<bool>,
}

/// Which of the values the last positions of a vehicle have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "one for each value of a sample")]
pub struct Told {
    /// Over ground.
    pub speed: bool,
    /// Where it was headed.
    pub heading: bool,
    /// Above the sea.
    pub altitude: bool,
    /// What the vehicle has driven.
    pub odometer: bool,
    /// What is in the tank.
    pub fuel: bool,
    /// Whether the ignition is on.
    pub ignition: bool,
}

/// Positions of a vehicle in both moments and between them, one a moment, in the order of time and at most `limit`;
/// `None` when the viewer may not track it.
pub async fn samples(
    store: &Store,
    viewer: &Viewer,
    id: FeatureId,
    span: RangeInclusive<OffsetDateTime>,
    limit: usize,
) -> Result<Option<Vec<Sample>>> {
    let mut tx = store.as_viewer(viewer).await?;
    if queries::tracked(&mut tx, viewer, &[id].into()).await?.is_empty() {
        return Ok(None);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    queries::samples(&mut tx, id, span, limit).await.map(Some)
}

/// What the vehicle's last thousand positions within both moments tell; nothing when the viewer may not track it.
pub async fn told(
    store: &Store,
    viewer: &Viewer,
    id: FeatureId,
    span: RangeInclusive<OffsetDateTime>,
) -> Result<Told> {
    let mut tx = store.as_viewer(viewer).await?;
    if queries::tracked(&mut tx, viewer, &[id].into()).await?.is_empty() {
        return Ok(Told::default());
    }
    queries::told(&mut tx, id, span).await
}

/// The vehicles that have been somewhere and that the viewer may track, by number, with where they were last.
pub fn roving(live: &Live, viewer: &Viewer) -> Vec<(FeatureId, LivePosition)> {
    let seen = live.look();
    let mut found: Vec<(FeatureId, LivePosition)> = seen
        .all()
        .filter(|vehicle| viewer.sees(vehicle.info.scope))
        .filter(|vehicle| viewer.may(Permission::Track, vehicle.info.scope))
        .filter_map(|vehicle| Some((vehicle.info.feature_id, vehicle.position?)))
        .collect();
    found.sort_unstable_by_key(|(id, _)| *id);
    found
}

/// Those of the vehicles that the viewer may track and that were somewhere in both moments or between them: had a position
/// then, or one before and one after with no [`SILENCE`] between. In their order.
pub async fn were_somewhere(
    store: &Store,
    viewer: &Viewer,
    ids: &[FeatureId],
    span: RangeInclusive<OffsetDateTime>,
) -> Result<Vec<FeatureId>> {
    let mut tx = store.as_viewer(viewer).await?;
    let allowed = queries::tracked(&mut tx, viewer, &ids.iter().copied().collect()).await?;
    queries::were_somewhere(&mut tx, &allowed, span).await
}

/// When each of the vehicles that the viewer may track was first somewhere.
pub async fn first_seen(
    store: &Store,
    viewer: &Viewer,
    ids: &[FeatureId],
) -> Result<BTreeMap<FeatureId, OffsetDateTime>> {
    let mut tx = store.as_viewer(viewer).await?;
    let allowed = queries::tracked(&mut tx, viewer, &ids.iter().copied().collect()).await?;
    queries::first_seen(&mut tx, &allowed).await
}
