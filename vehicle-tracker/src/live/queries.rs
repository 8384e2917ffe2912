//! What the live state reads: the register, the latest positions, and the batches that follow.

use gis_data::{FeatureId, LonLat, OrgId, ScopeId, Tx};
use sqlx::FromRow;
use time::OffsetDateTime;

use super::{LivePosition, VehicleInfo};
use crate::error::{Result, TrackerError};
use crate::fix::epoch_ms;

#[derive(FromRow)]
struct InfoRow {
    feature_id: i64,
    scope_id: i32,
    plate: String,
    name: String,
    vehicle_type: String,
    org_id: Option<i64>,
    org_name: Option<String>,
    terminal_id: Option<String>,
}

/// Every vehicle of the register.
pub(super) async fn register(tx: &mut Tx) -> Result<Vec<VehicleInfo>> {
    let rows: Vec<InfoRow> = sqlx::query_as(
        "select v.feature_id, f.scope_id, v.plate, v.name, v.vehicle_type, v.org_id,
            o.name as org_name, t.terminal_id
        from vehicle v
        join feature f using (feature_id)
        left join org o on o.org_id = v.org_id
        left join (select vehicle_id, min(terminal_id) as terminal_id from terminal
            group by vehicle_id) t on t.vehicle_id = v.feature_id
        order by v.feature_id",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the register of vehicles"))?;
    Ok(rows.into_iter().map(InfoRow::into_info).collect())
}

impl InfoRow {
    fn into_info(self) -> VehicleInfo {
        VehicleInfo {
            feature_id: FeatureId(self.feature_id),
            scope: ScopeId(self.scope_id),
            plate: self.plate,
            name: self.name,
            vehicle_type: self.vehicle_type,
            org: self.org_id.map(OrgId).zip(self.org_name),
            terminal_id: self.terminal_id,
        }
    }
}

#[derive(FromRow)]
struct LatestRow {
    vehicle_id: i64,
    fix_time: OffsetDateTime,
    lon: f64,
    lat: f64,
    speed_kmh: Option<f32>,
    heading_deg: Option<f32>,
    received_at: OffsetDateTime,
}

/// Where every vehicle was last.
pub(super) async fn latest(tx: &mut Tx) -> Result<Vec<(FeatureId, LivePosition)>> {
    let rows: Vec<LatestRow> = sqlx::query_as(
        "select vehicle_id, fix_time, lon, lat, speed_kmh, heading_deg, received_at
        from vehicle_latest",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the latest positions"))?;
    Ok(rows.into_iter().filter_map(LatestRow::into_position).collect())
}

impl LatestRow {
    fn into_position(self) -> Option<(FeatureId, LivePosition)> {
        let position = LivePosition {
            place: LonLat::new_checked(self.lon, self.lat)?,
            speed_kmh: self.speed_kmh,
            heading_deg: self.heading_deg,
            fix_ms: epoch_ms(self.fix_time),
            received_ms: epoch_ms(self.received_at),
        };
        Some((FeatureId(self.vehicle_id), position))
    }
}

/// Up to where batches are in the latest positions, and those from there on that are in them already;
/// `None` where nothing was written by a cursor yet: then all are in them.
pub(crate) async fn latest_cursor(tx: &mut Tx) -> Result<Option<(String, Vec<i64>)>> {
    sqlx::query_as(
        "select latest_xid, latest_applied from driving_cursor where latest_xid is not null",
    )
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("read the cursor of the latest positions"))
}

/// A batch that has not been applied.
#[derive(Debug, FromRow)]
pub(crate) struct BatchRow {
    pub(crate) batch_id: i64,
    pub(crate) format: i16,
    pub(crate) payload: Vec<u8>,
}

/// What one look at the batches found.
#[derive(Debug)]
pub(crate) struct Look {
    /// The new batches.
    pub(crate) batches: Vec<BatchRow>,
    /// Every visible batch from the new cursor onward, known or new.
    pub(crate) at_or_after: Vec<i64>,
    /// Transactions below this are over; those from here on may still commit.
    pub(crate) cursor: String,
}

/// Reads, in the caller's snapshot, every visible batch of transactions from the cursor onward that
/// is not among `applied`. With `None` for the cursor, only finds where to begin.
pub(crate) async fn look(tx: &mut Tx, cursor: Option<&str>, applied: &[i64]) -> Result<Look> {
    let (next,): (String,) = sqlx::query_as("select pg_snapshot_xmin(pg_current_snapshot())::text")
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("find the batch cursor"))?;
    let batches = match cursor {
        None => Vec::new(),
        Some(cursor) => sqlx::query_as(
            "select batch_id, format, payload from position_batch
            where xid >= $1::text::xid8 and batch_id <> all($2) order by xid, batch_id",
        )
        .bind(cursor)
        .bind(applied)
        .fetch_all(&mut **tx)
        .await
        .map_err(TrackerError::query("read new batches"))?,
    };
    let at_or_after: Vec<(i64,)> =
        sqlx::query_as("select batch_id from position_batch where xid >= $1::text::xid8")
            .bind(&next)
            .fetch_all(&mut **tx)
            .await
            .map_err(TrackerError::query("read batch ids"))?;
    let at_or_after = at_or_after.into_iter().map(|(id,)| id).collect();
    Ok(Look { batches, at_or_after, cursor: next })
}
