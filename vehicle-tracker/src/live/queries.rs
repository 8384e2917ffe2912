//! What the live state reads: the register, the latest positions, and the batches that follow.

use std::collections::HashSet;
use std::sync::Arc;

use futures::TryStreamExt as _;
use gis_data::{FeatureId, LonLat, OrgId, ScopeId, Tx};
use sqlx::FromRow;
use time::OffsetDateTime;

use super::{About, LivePosition, VehicleInfo};
use crate::error::{Result, TrackerError};
use crate::fix::epoch_ms;

/// A fleet is read in parts of so many, so that it is never held twice.
const PART: usize = 1_000;

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

/// Names that many vehicles have, each held once.
#[derive(Debug, Default)]
struct Names(HashSet<Arc<str>>);

impl Names {
    fn of(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let name = Arc::from(name);
        self.0.insert(Arc::clone(&name));
        name
    }
}

/// What the register says of some vehicles, or of all, told in parts; those that it does not hold are not told of.
pub(super) async fn register(
    tx: &mut Tx,
    only: Option<&[FeatureId]>,
    mut tell: impl FnMut(Vec<VehicleInfo>),
) -> Result<()> {
    let only: Option<Vec<i64>> = only.map(|ids| ids.iter().map(|id| id.0).collect());
    let mut names = Names::default();
    let rows = sqlx::query_as(
        "select v.feature_id, f.scope_id, v.plate, v.name, v.vehicle_type, v.org_id,
            o.name as org_name,
            (select min(t.terminal_id) from terminal t where t.vehicle_id = v.feature_id)
                as terminal_id
        from vehicle v
        join feature f using (feature_id)
        left join org o on o.org_id = v.org_id
        where $1::bigint[] is null or v.feature_id = any($1)
        order by v.feature_id",
    )
    .bind(only)
    .fetch(&mut **tx);
    let mut parts = rows.map_ok(|row: InfoRow| row.into_info(&mut names)).try_chunks(PART);
    while let Some(part) = parts
        .try_next()
        .await
        .map_err(|e| TrackerError::query("read the register of vehicles")(e.1))?
    {
        tell(part);
    }
    Ok(())
}

impl InfoRow {
    fn into_info(self, names: &mut Names) -> VehicleInfo {
        let org_name = self.org_name.map(|name| names.of(&name));
        VehicleInfo {
            feature_id: FeatureId(self.feature_id),
            scope: ScopeId(self.scope_id),
            plate: self.plate,
            name: self.name,
            vehicle_type: names.of(&self.vehicle_type),
            org: self.org_id.map(OrgId).zip(org_name),
            terminal_id: self.terminal_id,
        }
    }
}

/// Where an outbox is followed to: transactions below the cursor are over, and what is visible of those from there on is read.
#[derive(Debug, Default)]
pub(super) struct OutboxCursor {
    xid: String,
    read: Vec<i64>,
}

/// Where the outbox of the register stands in the caller's snapshot.
pub(super) async fn register_cursor(tx: &mut Tx) -> Result<OutboxCursor> {
    cursor(
        tx,
        "with cursor as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xid)
        select xid::text, array(select register_change_id from register_change r where r.xid >= c.xid)
        from cursor c",
        "find the cursor of the register",
    )
    .await
}

/// Where the outbox of alarms and seals stands in it.
pub(super) async fn fleet_cursor(tx: &mut Tx) -> Result<OutboxCursor> {
    cursor(
        tx,
        "with cursor as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xid)
        select xid::text, array(select fleet_change_id from fleet_change f where f.xid >= c.xid)
        from cursor c",
        "find the cursor of alarms",
    )
    .await
}

async fn cursor(tx: &mut Tx, statement: &'static str, doing: &'static str) -> Result<OutboxCursor> {
    let found = sqlx::query_as(statement).fetch_one(&mut **tx).await;
    let (xid, read) = found.map_err(TrackerError::query(doing))?;
    Ok(OutboxCursor { xid, read })
}

/// The vehicles that changed since a cursor.
pub(super) async fn register_changes(tx: &mut Tx, since: &OutboxCursor) -> Result<Vec<FeatureId>> {
    let ids: Vec<i64> = sqlx::query_scalar(
        "select distinct vehicle_id from register_change
        where xid >= $1::text::xid8 and register_change_id <> all($2)",
    )
    .bind(&since.xid)
    .bind(&since.read)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read what changed in the register"))?;
    Ok(ids.into_iter().map(FeatureId).collect())
}

/// Of whose vehicles alarms or seals changed since a cursor.
pub(super) async fn fleet_changes(
    tx: &mut Tx,
    since: &OutboxCursor,
) -> Result<Vec<(About, ScopeId)>> {
    let rows: Vec<(String, i32)> = sqlx::query_as(
        "select distinct about, scope_id from fleet_change
        where xid >= $1::text::xid8 and fleet_change_id <> all($2)",
    )
    .bind(&since.xid)
    .bind(&since.read)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read which alarms changed"))?;
    let known = |(about, scope): (String, i32)| Some((About::named(&about)?, ScopeId(scope)));
    Ok(rows.into_iter().filter_map(known).collect())
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

/// Where every vehicle was last, told in parts.
pub(super) async fn latest(
    tx: &mut Tx,
    mut tell: impl FnMut(Vec<(FeatureId, LivePosition)>),
) -> Result<()> {
    let rows = sqlx::query_as(
        "select vehicle_id, fix_time, lon, lat, speed_kmh, heading_deg, received_at
        from vehicle_latest",
    )
    .fetch(&mut **tx);
    let mut parts = rows.try_chunks(PART);
    while let Some(part) =
        parts.try_next().await.map_err(|e| TrackerError::query("read the latest positions")(e.1))?
    {
        tell(part.into_iter().filter_map(LatestRow::into_position).collect());
    }
    Ok(())
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

/// The same with at most so many positions, or those of one batch; and whether that was all. The new cursor stands where
/// the answer ends.
pub(crate) async fn look_some(
    tx: &mut Tx,
    cursor: &str,
    applied: &[i64],
    positions: i64,
) -> Result<(Look, bool)> {
    let mut pending: Vec<Pending> = sqlx::query_as(
        "select xid::text as xid, position_count from position_batch
        where xid >= $1::text::xid8 and batch_id <> all($2)
        order by position_batch.xid, batch_id limit $3",
    )
    .bind(cursor)
    .bind(applied)
    .bind(MOST_PENDING)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("count new batches"))?;
    let mut count = 0;
    let fits = |batch: &Pending| {
        count += i64::from(batch.position_count);
        count > positions
    };
    let end = pending.iter().position(fits).map_or(pending.len(), |end| end.max(1));
    if end == pending.len() && i64::try_from(end).is_ok_and(|end| end < MOST_PENDING) {
        return Ok((look(tx, Some(cursor), applied).await?, true));
    }
    pending.truncate(end);
    let last = pending.pop().map_or_else(|| cursor.to_owned(), |batch| batch.xid);
    let batches: Vec<BatchRow> = sqlx::query_as(
        "select batch_id, format, payload from position_batch
        where xid between $1::text::xid8 and $2::text::xid8 and batch_id <> all($3)
        order by xid, batch_id limit $4",
    )
    .bind(cursor)
    .bind(&last)
    .bind(applied)
    .bind(i64::try_from(end).unwrap_or(i64::MAX))
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read some new batches"))?;
    let known: Vec<i64> =
        batches.iter().map(|b| b.batch_id).chain(applied.iter().copied()).collect();
    let (next, at_or_after): (String, Vec<i64>) = sqlx::query_as(
        "select next::text, array(select batch_id from position_batch
            where xid >= next and batch_id = any($2))
        from least($1::text::xid8, pg_snapshot_xmin(pg_current_snapshot())) next",
    )
    .bind(&last)
    .bind(known)
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("find the next batch cursor"))?;
    Ok((Look { batches, at_or_after, cursor: next }, false))
}

/// Batches that are counted at one time.
const MOST_PENDING: i64 = 4_096;

#[derive(FromRow)]
struct Pending {
    xid: String,
    position_count: i32,
}
