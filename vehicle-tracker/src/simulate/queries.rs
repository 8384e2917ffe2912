//! What the database holds of the terminals of a run.

use gis_data::{FeatureId, Tx};
use sqlx::FromRow;
use time::OffsetDateTime;

use crate::error::{Result, TrackerError};

/// Where a run begins.
#[derive(Debug, Clone, Copy, FromRow)]
pub(super) struct Beginning {
    /// By the database's clock.
    pub(super) at: OffsetDateTime,
    /// The newest rejection of before.
    pub(super) reject_id: i64,
}

/// A row of `position`.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Stored {
    pub(super) fix_time: OffsetDateTime,
    pub(super) content_hash: i64,
    /// WGS 84.
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) speed_kmh: Option<f32>,
    pub(super) heading_deg: Option<f32>,
    pub(super) received_at: OffsetDateTime,
}

/// A row of `position_reject`.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Rejected {
    pub(super) reject_id: i64,
    pub(super) terminal_id: String,
    pub(super) reason: String,
    pub(super) payload: Vec<u8>,
    pub(super) received_at: OffsetDateTime,
}

pub(super) async fn beginning(tx: &mut Tx) -> Result<Beginning> {
    sqlx::query_as(
        "select clock_timestamp() as at, coalesce(
            (select reject_id from position_reject order by reject_id desc limit 1), 0) as reject_id",
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("see where a run begins"))
}

/// The vehicles of terminals; one that is not registered has none.
pub(super) async fn vehicles(tx: &mut Tx, terminals: &[&str]) -> Result<Vec<(String, FeatureId)>> {
    sqlx::query_as("select terminal_id, vehicle_id from terminal where terminal_id = any($1)")
        .bind(terminals)
        .fetch_all(&mut **tx)
        .await
        .map_err(TrackerError::query("find the vehicles of a run"))
}

/// Positions of a vehicle between two moments, both included, by time.
pub(super) async fn stored(
    tx: &mut Tx,
    vehicle: FeatureId,
    (from, to): (OffsetDateTime, OffsetDateTime),
) -> Result<Vec<Stored>> {
    sqlx::query_as(
        "select fix_time, content_hash, lon, lat, speed_kmh, heading_deg, received_at from position
        where vehicle_id = $1 and fix_time >= $2 and fix_time <= $3
        order by fix_time, content_hash",
    )
    .bind(vehicle)
    .bind(from)
    .bind(to)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read what is stored of a run"))
}

/// The next rejections of these terminals after a number.
pub(super) async fn rejected(
    tx: &mut Tx,
    terminals: &[&str],
    after: i64,
    limit: i64,
) -> Result<Vec<Rejected>> {
    sqlx::query_as(
        "select reject_id, terminal_id, reason, payload, received_at from position_reject
        where reject_id > $1 and terminal_id = any($2) order by reject_id limit $3",
    )
    .bind(after)
    .bind(terminals)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read what was rejected of a run"))
}
