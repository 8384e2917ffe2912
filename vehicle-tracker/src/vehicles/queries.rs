//! Tracks, figures and registration.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};

use gis_data::{FeatureId, Permission, Tx, Viewer};
use sqlx::FromRow;
use time::OffsetDateTime;

use super::samples::{SILENCE, Sample, Told};
use super::tracks::TrackRow;
use super::trips::{RefuelRow, StopRow, TripRow};
use super::{Registration, Today, TrackPoint};
use crate::error::{Result, TrackerError};

#[derive(FromRow)]
struct PointRow {
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
    let rows: Vec<PointRow> = sqlx::query_as(
        "select lon, lat, fix_time, speed_kmh from (
            select p.lon, p.lat, p.fix_time, p.speed_kmh, p.content_hash,
                row_number() over (order by p.fix_time, p.content_hash) - 1 as place,
                count(*) over () as total
            from position p join feature f on f.feature_id = p.vehicle_id
            where p.vehicle_id = $1 and p.fix_time >= $2 and p.fix_time < $3 and p.quality & 3 = 0
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

/// The vehicles among these that the viewer may track, in their order.
pub(super) async fn tracked(
    tx: &mut Tx,
    viewer: &Viewer,
    ids: &BTreeSet<FeatureId>,
) -> Result<Vec<FeatureId>> {
    sqlx::query_scalar(
        "select v.feature_id from vehicle v join feature f using (feature_id)
        where v.feature_id = any($1) and ($2::int[] is null or f.scope_id = any($2))
        order by v.feature_id",
    )
    .bind(ids.iter().map(|id| id.0).collect::<Vec<_>>())
    .bind(viewer.scopes_for(Permission::Track))
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look for vehicles"))
}

/// Vehicle, fix time, longitude, latitude, speed in km/h, heading: told apart by their places, because
/// there are hundreds of thousands.
type TrackColumns = (i64, OffsetDateTime, f64, f64, Option<f32>, Option<f32>);

/// Where they were, vehicle by vehicle in the order of time.
pub(super) async fn tracks(
    tx: &mut Tx,
    ids: &[FeatureId],
    span: Range<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<TrackRow>> {
    let rows: Vec<TrackColumns> = sqlx::query_as(
        "select v.id, p.fix_time, p.lon, p.lat, p.speed_kmh, p.heading_deg
        from unnest($1::bigint[]) v(id) cross join lateral (
            select fix_time, lon, lat, speed_kmh, heading_deg from position
            where vehicle_id = v.id and fix_time >= $2 and fix_time < $3 and quality & 3 = 0
            order by fix_time, content_hash
        ) p limit $4",
    )
    .bind(ids)
    .bind(span.start)
    .bind(span.end)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read tracks"))?;
    let mut found: Vec<TrackRow> = rows
        .into_iter()
        .map(|(vehicle_id, at, lon, lat, speed_kmh, heading_deg)| {
            let offset_ms = (at - span.start).whole_milliseconds();
            TrackRow::new(vehicle_id, offset_ms, (lon, lat), (speed_kmh, heading_deg))
        })
        .collect();
    // Each vehicle's own are in order; that the vehicles are is only usual.
    found.sort_by_key(|row| row.vehicle_id);
    Ok(found)
}

/// Kept positions of a vehicle, in the order of time; of several of one moment the first.
pub(super) async fn samples(
    tx: &mut Tx,
    id: FeatureId,
    span: RangeInclusive<OffsetDateTime>,
    limit: i64,
) -> Result<Vec<Sample>> {
    sqlx::query_as(
        "select distinct on (fix_time) fix_time, lon, lat, speed_kmh, heading_deg, altitude_m, odometer_km,
            fuel_l, ignition
        from position where vehicle_id = $1 and fix_time >= $2 and fix_time <= $3 and quality & 3 = 0
        order by fix_time, content_hash limit $4",
    )
    .bind(id)
    .bind(span.start())
    .bind(span.end())
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read positions"))
}

/// Which values the last thousand positions of a window have.
pub(super) async fn told(
    tx: &mut Tx,
    id: FeatureId,
    span: RangeInclusive<OffsetDateTime>,
) -> Result<Told> {
    sqlx::query_as(
        "select coalesce(bool_or(speed_kmh is not null), false) as speed,
            coalesce(bool_or(heading_deg is not null), false) as heading,
            coalesce(bool_or(altitude_m is not null), false) as altitude,
            coalesce(bool_or(odometer_km is not null), false) as odometer,
            coalesce(bool_or(fuel_l is not null), false) as fuel,
            coalesce(bool_or(ignition is not null), false) as ignition
        from (
            select speed_kmh, heading_deg, altitude_m, odometer_km, fuel_l, ignition from position
            where vehicle_id = $1 and fix_time >= $2 and fix_time <= $3 and quality & 3 = 0
            order by fix_time desc limit 1000
        ) last",
    )
    .bind(id)
    .bind(span.start())
    .bind(span.end())
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("look at what a terminal tells"))
}

/// Those that had a position in the window, or one on either side of it that belong together. Asked vehicle by vehicle: `exists`
/// would let PostgreSQL read everybody's positions of the window.
pub(super) async fn were_somewhere(
    tx: &mut Tx,
    ids: &[FeatureId],
    span: RangeInclusive<OffsetDateTime>,
) -> Result<Vec<FeatureId>> {
    let (start, end) = span.into_inner();
    sqlx::query_scalar(
        "select v.id from unnest($1::bigint[]) with ordinality v(id, nth)
        where (select true from position
                where vehicle_id = v.id and fix_time >= $2 and fix_time <= $3 and quality & 3 = 0 limit 1)
            or (select min(fix_time) from position
                where vehicle_id = v.id and fix_time > $3 and fix_time <= $4 and quality & 3 = 0)
            - (select max(fix_time) from position
                where vehicle_id = v.id and fix_time < $2 and fix_time >= $5 and quality & 3 = 0)
            <= make_interval(secs => $6)
        order by v.nth",
    )
    .bind(ids)
    .bind(start)
    .bind(end)
    .bind(start.saturating_add(SILENCE))
    .bind(end.saturating_sub(SILENCE))
    .bind(SILENCE.as_seconds_f64())
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look who was somewhere"))
}

/// The first kept position of each.
pub(super) async fn first_seen(
    tx: &mut Tx,
    ids: &[FeatureId],
) -> Result<BTreeMap<FeatureId, OffsetDateTime>> {
    let rows: Vec<(FeatureId, OffsetDateTime)> = sqlx::query_as(
        "select v.id, p.fix_time from unnest($1::bigint[]) v(id) cross join lateral (
            select fix_time from position where vehicle_id = v.id and quality & 3 = 0
            order by fix_time limit 1
        ) p",
    )
    .bind(ids)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look for first positions"))?;
    Ok(rows.into_iter().collect())
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

/// Whether the viewer sees the vehicle.
pub(super) async fn is_visible(tx: &mut Tx, id: FeatureId) -> Result<bool> {
    sqlx::query_scalar("select exists (select from vehicle where feature_id = $1)")
        .bind(id.0)
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("look for a vehicle"))
}

/// Trips that touch a window, in the order of time.
pub(super) async fn trips(
    tx: &mut Tx,
    id: FeatureId,
    span: &Range<OffsetDateTime>,
) -> Result<Vec<TripRow>> {
    sqlx::query_as(
        "select (extract(epoch from started_at) * 1000)::bigint as start_ms,
            (extract(epoch from ended_at) * 1000)::bigint as end_ms, distance_m, max_kmh, moving_s,
            odometer_m, fuel_l, position_count, gap_count, gap_s, leap_count,
            array(select st_x(p.geom) from st_dumppoints(line) p order by p.path) as lons,
            array(select st_y(p.geom) from st_dumppoints(line) p order by p.path) as lats,
            line_times
        from trip where vehicle_id = $1 and started_at < $3 and ended_at >= $2 order by started_at",
    )
    .bind(id.0)
    .bind(span.start)
    .bind(span.end)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read trips"))
}

/// Stops that touch a window, in the order of time.
pub(super) async fn stops(
    tx: &mut Tx,
    id: FeatureId,
    span: &Range<OffsetDateTime>,
) -> Result<Vec<StopRow>> {
    sqlx::query_as(
        "select (extract(epoch from started_at) * 1000)::bigint as start_ms,
            (extract(epoch from ended_at) * 1000)::bigint as end_ms, st_x(place) as lon,
            st_y(place) as lat, is_arrival_seen, ignition_on_s, position_count
        from stop where vehicle_id = $1 and started_at < $3 and ended_at >= $2 order by started_at",
    )
    .bind(id.0)
    .bind(span.start)
    .bind(span.end)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read stops"))
}

/// Refuels that touch a window, in the order of time.
pub(super) async fn refuels(
    tx: &mut Tx,
    id: FeatureId,
    span: &Range<OffsetDateTime>,
) -> Result<Vec<RefuelRow>> {
    sqlx::query_as(
        "select (extract(epoch from started_at) * 1000)::bigint as start_ms,
            (extract(epoch from ended_at) * 1000)::bigint as end_ms, st_x(place) as lon,
            st_y(place) as lat, litres
        from refuel where vehicle_id = $1 and started_at < $3 and ended_at >= $2 order by started_at",
    )
    .bind(id.0)
    .bind(span.start)
    .bind(span.end)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read refuels"))
}
