//! What the keeper of trips reads and writes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gis_data::{FeatureId, LonLat, Tx};
use sqlx::FromRow;
use sqlx::types::Json;
use time::OffsetDateTime;

use super::alarms;
use super::lane::{Came, Lane};
use crate::alarm::Finding as Alarm;
use crate::batch::Stored;
use crate::error::{Result, TrackerError};
use crate::point::Point;
use crate::quality::Quality;
use crate::trip::{Begun, Finding, Refuel, Stop, Trip};

/// Positions read at one time.
const PAGE: i64 = 20_000;
/// Positions of each vehicle read at first, where many are asked for.
const FEW: u16 = 64;

/// Up to where batches have become trips.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct Cursor {
    pub(super) xid: String,
    pub(super) applied: Vec<i64>,
}

/// What a pass writes.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// What became certain after these moments is void.
    void: Vec<(FeatureId, i64)>,
    trips: Vec<(FeatureId, i64, Trip)>,
    stops: Vec<(FeatureId, i64, Stop)>,
    refuels: Vec<(FeatureId, i64, Refuel)>,
    judged: Vec<(FeatureId, i64, Quality)>,
    alarms: Vec<(FeatureId, i64, Alarm)>,
    checkpoints: Vec<(FeatureId, i64, Lane)>,
}

impl Written {
    /// Adds what a vehicle came to.
    pub(super) fn take(&mut self, vehicle: FeatureId, void_after_ms: Option<i64>, came: Came) {
        self.void.extend(void_after_ms.map(|ms| (vehicle, ms)));
        for (certain_ms, finding) in came.found {
            match finding {
                Finding::Trip(trip) => self.trips.push((vehicle, certain_ms, trip)),
                Finding::Stop(stop) => self.stops.push((vehicle, certain_ms, stop)),
                Finding::Refuel(refuel) => self.refuels.push((vehicle, certain_ms, refuel)),
            }
        }
        self.judged.extend(came.judged.into_iter().map(|(ms, quality)| (vehicle, ms, quality)));
        self.alarms.extend(came.alarms.into_iter().map(|(ms, alarm)| (vehicle, ms, alarm)));
        self.checkpoints.extend(came.checkpoints.into_iter().map(|(ms, lane)| (vehicle, ms, lane)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.void.is_empty()
            && self.trips.is_empty()
            && self.stops.is_empty()
            && self.refuels.is_empty()
            && self.judged.is_empty()
            && self.alarms.is_empty()
            && self.checkpoints.is_empty()
    }
}

/// Makes the cursor of a database that has none: it begins with what is committed from now on. What is
/// older becomes trips when its vehicle is next heard of, and is among the latest positions.
pub(super) async fn make_cursor(tx: &mut Tx) -> Result<()> {
    sqlx::query(
        "insert into driving_cursor as c (xid, applied, latest_xid, latest_applied, duty_xid)
        select oldest::text, applied, oldest::text, applied, oldest::text
        from pg_snapshot_xmin(pg_current_snapshot()) oldest
        cross join lateral (select array(
            select batch_id from position_batch where xid >= oldest) as applied) visible
        on conflict (only_row) do update set latest_xid = excluded.latest_xid,
            latest_applied = excluded.latest_applied, duty_xid = excluded.duty_xid
        where c.latest_xid is null",
    )
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("make the cursor of trips"))?;
    Ok(())
}

/// The cursor, kept from every other server until the transaction ends; `None` while one has it. The lock
/// comes in a statement of its own, so that the next one sees what its last holder committed.
pub(super) async fn lock_cursor(tx: &mut Tx) -> Result<Option<Cursor>> {
    let failed = || TrackerError::query("take the cursor of trips");
    let is_ours: bool = sqlx::query_scalar(
        "select pg_try_advisory_xact_lock(hashtextextended('driving cursor', 0))",
    )
    .fetch_one(&mut **tx)
    .await
    .map_err(failed())?;
    if !is_ours {
        return Ok(None);
    }
    sqlx::query_as("select xid, applied from driving_cursor")
        .fetch_optional(&mut **tx)
        .await
        .map_err(failed())
}

/// Takes away batches that every server has followed long ago; positions stay.
pub(super) async fn prune_batches(tx: &mut Tx) -> Result<()> {
    sqlx::query(
        "delete from position_batch b using driving_cursor c
        where b.committed_at < now() - interval '2 days' and b.xid < c.xid::xid8
            and (c.latest_xid is null or b.xid < c.latest_xid::xid8)",
    )
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("take old batches away"))?;
    sqlx::query("delete from register_change where changed_at < now() - interval '1 day'")
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("empty the outbox of the register"))?;
    sqlx::query("delete from fleet_change where changed_at < now() - interval '1 day'")
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("empty the outbox of alarms"))?;
    Ok(())
}

/// Moves `vehicle_latest` forward, never backward, up to a cursor.
pub(super) async fn write_latest(
    tx: &mut Tx,
    latest: &BTreeMap<FeatureId, Stored>,
    cursor: &Cursor,
) -> Result<()> {
    let points = || latest.values().map(|stored| &stored.point);
    let failed = || TrackerError::query("write the latest positions");
    sqlx::query(
        "insert into vehicle_latest as l (vehicle_id, fix_time, lon, lat, speed_kmh, heading_deg,
            accuracy_m, received_at)
        select m.* from unnest($1::bigint[], $2::timestamptz[], $3::float8[], $4::float8[],
            $5::real[], $6::real[], $7::real[], $8::timestamptz[]) m(vehicle_id)
        where exists (select from vehicle where feature_id = m.vehicle_id)
        on conflict (vehicle_id) do update set fix_time = excluded.fix_time, lon = excluded.lon,
            lat = excluded.lat, speed_kmh = excluded.speed_kmh, heading_deg = excluded.heading_deg,
            accuracy_m = excluded.accuracy_m, received_at = excluded.received_at
        where excluded.fix_time > l.fix_time",
    )
    .bind(latest.keys().map(|id| id.0).collect::<Vec<_>>())
    .bind(points().map(|p| moment(p.fix_ms)).collect::<Vec<_>>())
    .bind(points().map(|p| p.place.lon()).collect::<Vec<_>>())
    .bind(points().map(|p| p.place.lat()).collect::<Vec<_>>())
    .bind(points().map(|p| p.speed_kmh).collect::<Vec<_>>())
    .bind(points().map(|p| p.heading_deg).collect::<Vec<_>>())
    .bind(points().map(|p| p.accuracy_m).collect::<Vec<_>>())
    .bind(latest.values().map(|stored| moment(stored.received_ms)).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(failed())?;
    sqlx::query("update driving_cursor set latest_xid = $1, latest_applied = $2")
        .bind(&cursor.xid)
        .bind(&cursor.applied)
        .execute(&mut **tx)
        .await
        .map_err(failed())?;
    Ok(())
}

/// To where batches were followed, and to where changed orders and seals were judged again.
pub(super) async fn move_cursor(tx: &mut Tx, cursor: &Cursor, judged: Option<&str>) -> Result<()> {
    sqlx::query(
        "update driving_cursor set xid = $1, applied = $2, duty_xid = coalesce($3, duty_xid)",
    )
    .bind(&cursor.xid)
    .bind(&cursor.applied)
    .bind(judged)
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("move the cursor of trips"))?;
    Ok(())
}

/// The newest state that knows nothing of a moment or of what came after it.
pub(crate) async fn checkpoint_before(
    tx: &mut Tx,
    vehicle: FeatureId,
    ms: i64,
) -> Result<Option<(i64, Lane)>> {
    let row: Option<(i64, Json<Lane>)> = sqlx::query_as(
        "select fix_ms, state from driving_checkpoint where vehicle_id = $1 and fix_ms < $2
        order by fix_ms desc limit 1",
    )
    .bind(vehicle.0)
    .bind(ms)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("read a checkpoint of trips"))?;
    Ok(row.map(|(ms, Json(lane))| (ms, lane)))
}

/// The same for many vehicles, each with its own moment. Those that have none are not in the answer.
pub(super) async fn checkpoints_before(
    tx: &mut Tx,
    asked: &[(FeatureId, i64)],
) -> Result<HashMap<FeatureId, (i64, Lane)>> {
    let (ids, moments): (Vec<i64>, Vec<i64>) = asked.iter().map(|(id, ms)| (id.0, *ms)).unzip();
    let rows: Vec<(i64, i64, Json<Lane>)> = sqlx::query_as(
        "select a.vehicle_id, c.fix_ms, c.state from unnest($1::bigint[], $2::bigint[]) a (vehicle_id, ms)
        cross join lateral (select d.fix_ms, d.state from driving_checkpoint d
            where d.vehicle_id = a.vehicle_id and d.fix_ms < a.ms order by d.fix_ms desc limit 1) c",
    )
    .bind(ids)
    .bind(moments)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read checkpoints of trips"))?;
    Ok(rows.into_iter().map(|(id, ms, Json(lane))| (FeatureId(id), (ms, lane))).collect())
}

/// Vehicles that were heard of in the last days, and so may have something open that ends or begins by silence.
pub(super) async fn heard_lately(tx: &mut Tx) -> Result<BTreeSet<FeatureId>> {
    let ids: Vec<i64> = sqlx::query_scalar(
        "select vehicle_id from vehicle_latest where fix_time > now() - interval '3 days'",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look for vehicles that were heard of lately"))?;
    Ok(ids.into_iter().map(FeatureId).collect())
}

/// The newest position of each vehicle that went to an archive: what became certain up to it stays as it is. Those of which
/// all is here are not in the answer.
pub(super) async fn archived_until(
    tx: &mut Tx,
    vehicles: &[i64],
) -> Result<HashMap<FeatureId, i64>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "select vehicle_id, until_ms from vehicle_archived where vehicle_id = any($1)",
    )
    .bind(vehicles)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look for archived positions of vehicles"))?;
    Ok(rows.into_iter().map(|(vehicle, ms)| (FeatureId(vehicle), ms)).collect())
}

#[derive(FromRow)]
struct PointRow {
    fix_ms: i64,
    lon: f64,
    lat: f64,
    speed_kmh: Option<f32>,
    heading_deg: Option<f32>,
    accuracy_m: Option<f32>,
    odometer_km: Option<f64>,
    fuel_l: Option<f32>,
    ignition: Option<bool>,
    alarm_bits: i32,
    quality: i16,
}

/// The next positions of a vehicle in the order of time. Of several within one millisecond one counts:
/// the westernmost, of those the southernmost, whichever came first.
pub(crate) async fn positions_after(
    tx: &mut Tx,
    vehicle: FeatureId,
    after_ms: i64,
) -> Result<Vec<Point>> {
    let rows: Vec<PointRow> = sqlx::query_as(
        "select distinct on (fix_ms) * from (
            select (floor(extract(epoch from fix_time) * 1000))::bigint as fix_ms, lon, lat,
                speed_kmh, heading_deg, accuracy_m, odometer_km, fuel_l, ignition, alarm_bits,
                quality
            from position
            where vehicle_id = $1 and fix_time >= $2
            order by fix_time limit $3) p
        order by fix_ms, lon, lat",
    )
    .bind(vehicle.0)
    .bind(moment(after_ms.saturating_add(1)))
    .bind(PAGE)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the positions of a vehicle"))?;
    Ok(rows.into_iter().filter_map(PointRow::into_point).collect())
}

/// The first positions after a moment, and whether there are no more.
#[derive(Debug, Default)]
pub(super) struct FirstPage {
    pub(super) points: Vec<Point>,
    pub(super) is_all: bool,
}

/// What [`positions_after`] reads, of many vehicles, each from its own moment on, as far as [`FEW`] go. Those that have no
/// position are not in the answer.
pub(super) async fn first_positions(
    tx: &mut Tx,
    asked: &[(FeatureId, i64)],
) -> Result<HashMap<FeatureId, FirstPage>> {
    let (ids, moments): (Vec<i64>, Vec<OffsetDateTime>) =
        asked.iter().map(|(id, after_ms)| (id.0, moment(after_ms.saturating_add(1)))).unzip();
    let rows: Vec<FirstRow> = sqlx::query_as(
        "select a.vehicle_id, p.* from unnest($1::bigint[], $2::timestamptz[]) a (vehicle_id, since)
        cross join lateral (
            select (floor(extract(epoch from fix_time) * 1000))::bigint as fix_ms, lon, lat,
                speed_kmh, heading_deg, accuracy_m, odometer_km, fuel_l, ignition, alarm_bits,
                quality
            from position where vehicle_id = a.vehicle_id and fix_time >= a.since
            order by fix_time limit $3) p
        order by a.vehicle_id, p.fix_ms, p.lon, p.lat",
    )
    .bind(ids)
    .bind(moments)
    .bind(i64::from(FEW))
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the positions of vehicles"))?;
    let mut pages: HashMap<FeatureId, (FirstPage, u16)> = HashMap::new();
    for FirstRow { vehicle_id, point } in rows {
        let (page, count) = pages.entry(FeatureId(vehicle_id)).or_default();
        *count += 1;
        let is_first = page.points.last().is_none_or(|last| last.fix_ms != point.fix_ms);
        page.points.extend(is_first.then(|| point.into_point()).flatten());
    }
    let ended = |(vehicle, (mut page, count)): (FeatureId, (FirstPage, u16))| {
        page.is_all = count < FEW;
        if !page.is_all {
            // Of its millisecond there may be more.
            page.points.pop();
        }
        (vehicle, page)
    };
    Ok(pages.into_iter().map(ended).collect())
}

#[derive(FromRow)]
struct FirstRow {
    vehicle_id: i64,
    #[sqlx(flatten)]
    point: PointRow,
}

impl PointRow {
    fn into_point(self) -> Option<Point> {
        Some(Point {
            speed_kmh: self.speed_kmh,
            heading_deg: self.heading_deg,
            accuracy_m: self.accuracy_m,
            odometer_km: self.odometer_km,
            fuel_l: self.fuel_l,
            ignition: self.ignition,
            alarm_bits: self.alarm_bits.cast_unsigned(),
            quality: Quality(self.quality),
            ..Point::bare(self.fix_ms, LonLat::new_checked(self.lon, self.lat)?)
        })
    }
}

/// Takes back what is void and writes what is certain.
pub(super) async fn write(tx: &mut Tx, written: &Written) -> Result<()> {
    take_back(tx, &written.void).await?;
    insert_trips(tx, &written.trips).await?;
    insert_stops(tx, &written.stops).await?;
    insert_refuels(tx, &written.refuels).await?;
    flag(tx, &written.judged).await?;
    alarms::withdraw(tx, &written.void).await?;
    alarms::write(tx, &written.alarms).await?;
    insert_checkpoints(tx, &written.checkpoints).await
}

/// Each vehicle's own are looked up by its index; nobody else writes these tables meanwhile.
async fn take_back(tx: &mut Tx, void: &[(FeatureId, i64)]) -> Result<()> {
    if void.is_empty() {
        return Ok(());
    }
    let vehicles: Vec<i64> = void.iter().map(|(vehicle, _)| vehicle.0).collect();
    let moments: Vec<i64> = void.iter().map(|(_, ms)| *ms).collect();
    for statement in [
        "delete from trip where ctid = any(array(
            select t.ctid from unnest($1::bigint[], $2::bigint[]) v(vehicle_id, ms)
            cross join lateral (select t.ctid from trip t
                where t.vehicle_id = v.vehicle_id and t.certain_ms > v.ms offset 0) t))",
        "delete from stop where ctid = any(array(
            select t.ctid from unnest($1::bigint[], $2::bigint[]) v(vehicle_id, ms)
            cross join lateral (select t.ctid from stop t
                where t.vehicle_id = v.vehicle_id and t.certain_ms > v.ms offset 0) t))",
        "delete from refuel where ctid = any(array(
            select t.ctid from unnest($1::bigint[], $2::bigint[]) v(vehicle_id, ms)
            cross join lateral (select t.ctid from refuel t
                where t.vehicle_id = v.vehicle_id and t.certain_ms > v.ms offset 0) t))",
        "delete from driving_checkpoint where ctid = any(array(
            select t.ctid from unnest($1::bigint[], $2::bigint[]) v(vehicle_id, ms)
            cross join lateral (select t.ctid from driving_checkpoint t
                where t.vehicle_id = v.vehicle_id and t.fix_ms > v.ms offset 0) t))",
    ] {
        sqlx::query(statement)
            .bind(&vehicles)
            .bind(&moments)
            .execute(&mut **tx)
            .await
            .map_err(TrackerError::query("take trips back"))?;
    }
    Ok(())
}

/// A line of one place is one of two: PostGIS knows no shorter one.
async fn insert_trips(tx: &mut Tx, trips: &[(FeatureId, i64, Trip)]) -> Result<()> {
    for (vehicle, certain_ms, trip) in trips {
        let mut vertices = trip.line.clone();
        if let [only] = vertices.as_slice() {
            vertices.push(*only);
        }
        sqlx::query(
            "insert into trip (vehicle_id, started_at, ended_at, certain_ms, distance_m, moving_s,
                max_kmh, odometer_m, fuel_l, position_count, gap_count, gap_s, leap_count, line,
                line_times)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                (select st_setsrid(st_makeline(array_agg(st_makepoint(lon, lat) order by n)), 4326)
                 from unnest($14::float8[], $15::float8[]) with ordinality v(lon, lat, n)), $16)
            on conflict (vehicle_id, started_at) do nothing",
        )
        .bind(vehicle.0)
        .bind(moment(trip.start_ms))
        .bind(moment(trip.end_ms))
        .bind(certain_ms)
        .bind(trip.distance_m)
        .bind(seconds(trip.moving_ms))
        .bind(trip.max_kmh)
        .bind(trip.odometer_m)
        .bind(trip.fuel_used_l)
        .bind(i64::try_from(trip.points).unwrap_or(i64::MAX))
        .bind(i64::from(trip.gaps))
        .bind(seconds(trip.gap_ms))
        .bind(i64::from(trip.leaps))
        .bind(vertices.iter().map(|v| v.place.lon()).collect::<Vec<_>>())
        .bind(vertices.iter().map(|v| v.place.lat()).collect::<Vec<_>>())
        .bind(vertices.iter().map(|v| v.at_ms).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("write a trip"))?;
    }
    Ok(())
}

async fn insert_stops(tx: &mut Tx, stops: &[(FeatureId, i64, Stop)]) -> Result<()> {
    if stops.is_empty() {
        return Ok(());
    }
    let ignition_s = |stop: &Stop| stop.ignition_on_ms.map(seconds);
    sqlx::query(
        "insert into stop (vehicle_id, started_at, ended_at, certain_ms, place, is_arrival_seen,
            ignition_on_s, position_count)
        select vehicle_id, started_at, ended_at, certain_ms,
            st_setsrid(st_makepoint(lon, lat), 4326), is_arrival_seen, ignition_on_s, position_count
        from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::float8[],
            $6::float8[], $7::boolean[], $8::float8[], $9::bigint[])
            s(vehicle_id, started_at, ended_at, certain_ms, lon, lat, is_arrival_seen,
              ignition_on_s, position_count)
        on conflict (vehicle_id, started_at) do nothing",
    )
    .bind(stops.iter().map(|(vehicle, ..)| vehicle.0).collect::<Vec<_>>())
    .bind(stops.iter().map(|(.., s)| moment(s.start_ms)).collect::<Vec<_>>())
    .bind(stops.iter().map(|(.., s)| moment(s.end_ms)).collect::<Vec<_>>())
    .bind(stops.iter().map(|(_, ms, _)| *ms).collect::<Vec<_>>())
    .bind(stops.iter().map(|(.., s)| s.place.lon()).collect::<Vec<_>>())
    .bind(stops.iter().map(|(.., s)| s.place.lat()).collect::<Vec<_>>())
    .bind(stops.iter().map(|(.., s)| s.begun == Begun::Arrived).collect::<Vec<_>>())
    .bind(stops.iter().map(|(.., s)| ignition_s(s)).collect::<Vec<_>>())
    .bind(
        stops.iter().map(|(.., s)| i64::try_from(s.points).unwrap_or(i64::MAX)).collect::<Vec<_>>(),
    )
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("write stops"))?;
    Ok(())
}

async fn insert_refuels(tx: &mut Tx, refuels: &[(FeatureId, i64, Refuel)]) -> Result<()> {
    for (vehicle, certain_ms, refuel) in refuels {
        sqlx::query(
            "insert into refuel (vehicle_id, started_at, ended_at, certain_ms, place, litres)
            values ($1, $2, $3, $4, st_setsrid(st_makepoint($5, $6), 4326), $7)
            on conflict (vehicle_id, started_at) do nothing",
        )
        .bind(vehicle.0)
        .bind(moment(refuel.start_ms))
        .bind(moment(refuel.end_ms))
        .bind(certain_ms)
        .bind(refuel.place.lon())
        .bind(refuel.place.lat())
        .bind(refuel.litres)
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("write a refuel"))?;
    }
    Ok(())
}

async fn flag(tx: &mut Tx, judged: &[(FeatureId, i64, Quality)]) -> Result<()> {
    for (vehicle, ms, quality) in judged {
        sqlx::query(
            "update position set quality = $4
            where vehicle_id = $1 and fix_time >= $2 and fix_time < $3 and quality <> $4",
        )
        .bind(vehicle.0)
        .bind(moment(*ms))
        .bind(moment(*ms + 1))
        .bind(quality.0)
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("flag a position"))?;
    }
    Ok(())
}

async fn insert_checkpoints(tx: &mut Tx, checkpoints: &[(FeatureId, i64, Lane)]) -> Result<()> {
    if checkpoints.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into driving_checkpoint (vehicle_id, fix_ms, state)
        select * from unnest($1::bigint[], $2::bigint[], $3::jsonb[])
        on conflict (vehicle_id, fix_ms) do update set state = excluded.state",
    )
    .bind(checkpoints.iter().map(|(vehicle, ..)| vehicle.0).collect::<Vec<_>>())
    .bind(checkpoints.iter().map(|(_, ms, _)| *ms).collect::<Vec<_>>())
    .bind(checkpoints.iter().map(|(.., lane)| Json(lane)).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("keep checkpoints of trips"))?;
    Ok(())
}

/// A moment that positions can have, which begin with the year 2000.
pub(super) fn moment(ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[expect(clippy::cast_precision_loss, reason = "a trip lasts less than 285 thousand years")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}
