//! What rules know of vehicles, as it is on file.

use std::collections::BTreeMap;

use gis_data::{FeatureId, OrgId, Tx};
use serde_json::Value;
use sqlx::FromRow;
use time::Date;

use super::Set;
use crate::alarm::Day;
use crate::error::{Result, TrackerError};
use crate::keeper::queries::moment;

/// The numbers that were set for rules: for all, for organisations from the top down with each of their
/// vehicles, and for vehicles.
pub(super) async fn thresholds(tx: &mut Tx) -> Result<Vec<Set>> {
    let rows: Vec<(Option<i64>, bool, String, f64)> = sqlx::query_as(
        "select coalesce(t.vehicle_id, v.feature_id), t.vehicle_id is not null, t.name, t.value
        from alarm_threshold t left join org o on o.org_id = t.org_id
        left join org below on below.path <@ o.path
        left join vehicle v on v.org_id = below.org_id
        where t.org_id is null or v.feature_id is not null
        order by (t.vehicle_id is not null)::int + (t.org_id is not null or t.vehicle_id is not null)::int,
            nlevel(o.path), t.alarm_threshold_id, v.feature_id",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the numbers of rules"))?;
    let set = |(vehicle, is_own, name, value): (Option<i64>, bool, String, f64)| Set {
        vehicle: vehicle.map(FeatureId),
        is_own,
        name,
        value,
    };
    Ok(rows.into_iter().map(set).collect())
}

/// How many fences there ever were, and how often they were changed: different after every change.
pub(super) async fn fence_state(tx: &mut Tx) -> Result<(i64, i64)> {
    sqlx::query_as("select count(*), coalesce(sum(version), 0)::bigint from fence")
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("look at the fences"))
}

/// A fence in force.
#[derive(FromRow)]
pub(super) struct FenceRow {
    pub(super) fence_id: i64,
    /// GeoJSON; `None` where the place has no outline any more.
    pub(super) geometry: Option<Value>,
    pub(super) metres: Option<f64>,
    pub(super) org_id: i64,
    pub(super) asks: Vec<String>,
    pub(super) dwell_limit_s: Option<i32>,
    pub(super) limit_kmh: Option<f32>,
    pub(super) is_parking: bool,
    /// In the order of their numbers.
    pub(super) vehicles: Vec<i64>,
}

/// Those in force.
pub(super) async fn fences(tx: &mut Tx) -> Result<Vec<FenceRow>> {
    sqlx::query_as(
        "select f.fence_id, st_asgeojson(coalesce(f.geom, p.geom), 7)::json as geometry, f.metres,
            f.org_id, f.asks, f.dwell_limit_s, f.limit_kmh, f.is_parking,
            array(select v.vehicle_id from fence_vehicle v where v.fence_id = f.fence_id
                order by v.vehicle_id) as vehicles
        from fence f left join lateral (select p.geom from place p
            where p.feature_id = f.feature_id and f.feature_id is not null limit 1) p on true
        where f.retired_at is null order by f.fence_id",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the fences"))
}

/// Whose each vehicle is, as far as it is somebody's.
pub(super) async fn orgs_of_vehicles(tx: &mut Tx) -> Result<Vec<(FeatureId, OrgId)>> {
    let rows: Vec<(i64, i64)> =
        sqlx::query_as("select feature_id, org_id from vehicle where org_id is not null")
            .fetch_all(&mut **tx)
            .await
            .map_err(TrackerError::query("read whose vehicles are"))?;
    Ok(rows.into_iter().map(|(vehicle, org)| (FeatureId(vehicle), OrgId(org))).collect())
}

/// Of each organisation that has vehicles, itself and those above it.
pub(super) async fn orgs_above(tx: &mut Tx) -> Result<BTreeMap<OrgId, Vec<OrgId>>> {
    let rows: Vec<(i64, Vec<i64>)> = sqlx::query_as(
        "select o.org_id, array_agg(up.org_id) from org o join org up on o.path <@ up.path
        where exists (select from vehicle v where v.org_id = o.org_id) group by o.org_id",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read which organisations are above which"))?;
    let above = |(org, up): (i64, Vec<i64>)| (OrgId(org), up.into_iter().map(OrgId).collect());
    Ok(rows.into_iter().map(above).collect())
}

/// Transactions below this are over; those from here on may still change orders and seals.
pub(super) async fn judging_cursor(tx: &mut Tx) -> Result<String> {
    sqlx::query_scalar("select pg_snapshot_xmin(pg_current_snapshot())::text")
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("find the cursor of orders and seals"))
}

/// Up to where what was changed has been judged again; `None` in a database where nothing has.
pub(super) async fn judged_until(tx: &mut Tx) -> Result<Option<String>> {
    let cursor: Option<Option<String>> = sqlx::query_scalar("select duty_xid from driving_cursor")
        .fetch_optional(&mut **tx)
        .await
        .map_err(TrackerError::query("read the cursor of orders and seals"))?;
    Ok(cursor.flatten())
}

/// A seal that was not withdrawn.
#[derive(PartialEq, FromRow)]
pub(super) struct SealRow {
    pub(super) org_id: i64,
    /// In the order of their numbers; empty: all of the organisation's.
    pub(super) vehicles: Vec<i64>,
    pub(super) from_ms: i64,
    /// Where it was lifted, that moment.
    pub(super) to_ms: i64,
    pub(super) spares_orders: bool,
}

/// Those that were not withdrawn, in the order of time.
pub(super) async fn seals(tx: &mut Tx) -> Result<Vec<SealRow>> {
    sqlx::query_as(
        "select s.org_id, array(select l.vehicle_id from vehicle_seal_vehicle l
                where l.vehicle_seal_id = s.vehicle_seal_id order by l.vehicle_id) as vehicles,
            (extract(epoch from s.starts_at) * 1000)::bigint as from_ms,
            (extract(epoch from coalesce(s.lifted_at, s.ends_at)) * 1000)::bigint as to_ms, s.spares_orders
        from vehicle_seal s where s.withdrawn_at is null order by s.starts_at, s.vehicle_seal_id",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the seals"))
}

/// A seal that was made, lifted or withdrawn.
#[derive(FromRow)]
pub(super) struct ChangedSeal {
    pub(super) seal_id: i64,
    pub(super) xid: String,
    /// The first moment that it changes the judgement of.
    pub(super) from_ms: i64,
    /// Those that were heard of since.
    pub(super) vehicles: Vec<i64>,
}

/// The seals that were changed by transactions from a cursor on.
pub(super) async fn changed_seals(tx: &mut Tx, cursor: &str) -> Result<Vec<ChangedSeal>> {
    sqlx::query_as(
        "select s.vehicle_seal_id as seal_id, s.xid::text as xid,
            (extract(epoch from s.starts_at) * 1000)::bigint as from_ms,
            array(select v from sealed_vehicles(s.vehicle_seal_id) v join vehicle_latest l on l.vehicle_id = v
                where l.fix_time >= s.starts_at) as vehicles
        from vehicle_seal s where s.xid >= $1::text::xid8",
    )
    .bind(cursor)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look for changed seals"))
}

/// The vehicles whose orders were changed by transactions from a cursor on, each with the first moment that
/// any of their revisions is about. Epoch milliseconds.
pub(super) async fn changed_duties(tx: &mut Tx, cursor: &str) -> Result<BTreeMap<FeatureId, i64>> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "select d.vehicle_id, (extract(epoch from min(d.starts_at)) * 1000)::bigint
        from vehicle_duty d where d.doc_id in (select doc_id from vehicle_duty where xid >= $1::text::xid8)
        group by d.vehicle_id",
    )
    .bind(cursor)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look for changed orders"))?;
    Ok(rows.into_iter().map(|(vehicle, ms)| (FeatureId(vehicle), ms)).collect())
}

/// An order that holds.
#[derive(FromRow)]
pub(super) struct DutyRow {
    pub(super) doc_id: i64,
    pub(super) vehicle_id: i64,
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    pub(super) driver_id: Option<i64>,
    pub(super) limit_km: Option<f64>,
    /// To either side of the line, whose vertices follow.
    pub(super) corridor_m: Option<i32>,
    pub(super) lons: Vec<f64>,
    pub(super) lats: Vec<f64>,
}

/// All orders that had not ended at a moment, in the order of time.
pub(super) async fn duties(tx: &mut Tx, since_ms: i64) -> Result<Vec<DutyRow>> {
    sqlx::query_as(
        "select doc_id, vehicle_id, (extract(epoch from starts_at) * 1000)::bigint as from_ms,
            (extract(epoch from ends_at) * 1000)::bigint as to_ms, driver_id, limit_km, corridor_m,
            array(select st_x(p.geom) from st_dumppoints(corridor) p order by p.path) as lons,
            array(select st_y(p.geom) from st_dumppoints(corridor) p order by p.path) as lats
        from vehicle_duty where superseded_at is null and not is_void and ends_at > $1
        order by vehicle_id, starts_at",
    )
    .bind(moment(since_ms))
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read orders"))
}

/// Those of some vehicles.
pub(super) async fn duties_of(
    tx: &mut Tx,
    vehicles: &[i64],
    since_ms: i64,
) -> Result<Vec<DutyRow>> {
    sqlx::query_as(
        "select doc_id, vehicle_id, (extract(epoch from starts_at) * 1000)::bigint as from_ms,
            (extract(epoch from ends_at) * 1000)::bigint as to_ms, driver_id, limit_km, corridor_m,
            array(select st_x(p.geom) from st_dumppoints(corridor) p order by p.path) as lons,
            array(select st_y(p.geom) from st_dumppoints(corridor) p order by p.path) as lats
        from vehicle_duty where superseded_at is null and not is_void and vehicle_id = any($1)
            and ends_at > $2
        order by vehicle_id, starts_at",
    )
    .bind(vehicles)
    .bind(moment(since_ms))
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the orders of vehicles"))
}

/// Days that differ from Monday to Friday.
pub(super) async fn days(tx: &mut Tx) -> Result<Vec<(Date, Day)>> {
    let rows: Vec<(Date, bool)> = sqlx::query_as("select day, is_working from calendar_day")
        .fetch_all(&mut **tx)
        .await
        .map_err(TrackerError::query("read the working days"))?;
    let named = |(date, is_working)| (date, if is_working { Day::Working } else { Day::Off });
    Ok(rows.into_iter().map(named).collect())
}
