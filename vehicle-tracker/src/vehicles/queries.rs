//! Tracks, figures and registration.

use std::ops::Range;

use gis_data::{FeatureId, Tx, Viewer};
use sqlx::FromRow;
use time::OffsetDateTime;

use super::{Registration, Today, TrackPoint};
use crate::error::{Result, TrackerError};

#[derive(FromRow)]
struct TrackRow {
    lon: f64,
    lat: f64,
    fix_time: OffsetDateTime,
    speed_kmh: Option<f32>,
}

/// Numbers the points and keeps every n-th of them, and the last.
pub(super) async fn track(
    tx: &mut Tx,
    viewer: &Viewer,
    id: FeatureId,
    span: Range<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<TrackPoint>> {
    let rows: Vec<TrackRow> = sqlx::query_as(
        "select lon, lat, fix_time, speed_kmh from (
            select p.lon, p.lat, p.fix_time, p.speed_kmh, p.content_hash,
                row_number() over (order by p.fix_time, p.content_hash) - 1 as place,
                count(*) over () as total
            from position p join feature f on f.feature_id = p.vehicle_id
            where p.vehicle_id = $1 and p.fix_time >= $2 and p.fix_time < $3 and p.quality = 0
                and ($5::int[] is null or f.scope_id = any($5))
        ) numbered
        where total <= $4 or place = total - 1 or place % ((total + $4 - 2) / ($4 - 1)) = 0
        order by fix_time, content_hash",
    )
    .bind(id)
    .bind(span.start)
    .bind(span.end)
    .bind(limit)
    .bind(viewer.scope_array())
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read a track"))?;
    Ok(rows
        .into_iter()
        .map(|row| TrackPoint {
            lon: row.lon,
            lat: row.lat,
            fix_ms: i64::try_from(row.fix_time.unix_timestamp_nanos() / 1_000_000)
                .unwrap_or_default(),
            speed_kmh: row.speed_kmh,
        })
        .collect())
}

/// Counts the batches since a moment, not the positions: there are a thousand times fewer.
pub(super) async fn today(tx: &mut Tx, midnight: OffsetDateTime) -> Result<Today> {
    let (stored, rejected): (i64, i64) = sqlx::query_as(
        "select (select coalesce(sum(position_count), 0)::bigint from position_batch
                where committed_at >= $1),
            (select count(*) from position_reject where received_at >= $1)",
    )
    .bind(midnight)
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("count today's positions"))?;
    Ok(Today { stored, rejected })
}

/// Registers a vehicle with its terminal; answers its feature, the old one where the terminal is
/// registered already.
pub(super) async fn register(tx: &mut Tx, vehicle: &Registration) -> Result<FeatureId> {
    let known: Option<(FeatureId,)> =
        sqlx::query_as("select vehicle_id from terminal where terminal_id = $1")
            .bind(vehicle.terminal.as_str())
            .fetch_optional(&mut **tx)
            .await
            .map_err(TrackerError::query("find a terminal"))?;
    if let Some((id,)) = known {
        return Ok(id);
    }
    let (id,): (FeatureId,) = sqlx::query_as(
        "with identity as (
            insert into feature (kind, scope_id)
            values ('vehicle', scope_for(array_remove(array[$1], null), '{}', 0::smallint, 'vehicle'))
            returning feature_id
        ), registered as (
            insert into vehicle (feature_id, plate, name, vehicle_type, org_id)
            select feature_id, $2, $3, $4, $1 from identity
            returning feature_id
        )
        insert into terminal (terminal_id, vehicle_id)
        select $5, feature_id from registered
        returning vehicle_id",
    )
    .bind(vehicle.org)
    .bind(&vehicle.plate)
    .bind(&vehicle.name)
    .bind(&vehicle.vehicle_type)
    .bind(vehicle.terminal.as_str())
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("register a vehicle"))?;
    Ok(id)
}
