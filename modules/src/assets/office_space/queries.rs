//! The SQL of questions about office space. Rows of rooms that the viewer may not see are not there for it.

use std::collections::BTreeMap;

use gis_data::{FeatureId, OrgId, ScopeId, Tx, Viewer};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use sqlx::FromRow;
use time::Date;

use super::question::{LedgerEntry, Reconciled, VacantQuestion, VacantRoom};
use crate::{ModuleError, Result};

const MOST_ROOMS: i64 = 500;
/// Uses of rooms in which people have a desk; corridors, plant rooms and the like are never offered.
const WORKPLACES: [&str; 2] = ["办公室", "值班室"];

#[derive(FromRow)]
pub(super) struct BalanceRow {
    pub(super) org_id: Option<OrgId>,
    pub(super) org: Option<String>,
    pub(super) color: Option<String>,
    pub(super) cm2: i64,
    pub(super) begins: Date,
    pub(super) ends: Option<Date>,
}

pub(super) async fn balance_of(tx: &mut Tx, room: FeatureId, at: Date) -> Result<Vec<BalanceRow>> {
    sqlx::query_as(
        "select b.org_id, o.name as org, o.color, b.cm2, lower(b.during) as begins, upper(b.during) as ends
         from space_balance b left join org o using (org_id) where b.feature_id = $1 and b.during @> $2
         order by b.cm2 desc",
    )
    .bind(room)
    .bind(at)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read the use of a room"))
}

pub(super) async fn scope_of(tx: &mut Tx, room: FeatureId) -> Result<Option<ScopeId>> {
    sqlx::query_scalar("select scope_id from feature where feature_id = $1")
        .bind(room)
        .fetch_optional(&mut **tx)
        .await
        .map_err(ModuleError::query("read whose a room is"))
}

pub(super) async fn org_names(tx: &mut Tx, ids: Vec<i64>) -> Result<BTreeMap<i64, String>> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as("select org_id, name from org where org_id = any($1)")
            .bind(ids)
            .fetch_all(&mut **tx)
            .await
            .map_err(ModuleError::query("read names of organisations"))?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn entries_of(tx: &mut Tx, room: FeatureId) -> Result<Vec<LedgerEntry>> {
    sqlx::query_as(
        "select p.posted_at, p.doc_id, d.number, d.kind, p.purpose, p.actor, coalesce(u.name, '') as actor_name, o.name as org, (e.cm2 / 10000.0)::float8 as m2,
                lower(e.during)::text as begins, upper(e.during)::text as ends
         from space_entry e join space_posting p using (space_posting_id) join doc d on d.doc_id = p.doc_id
         left join org o on o.org_id = e.org_id left join app_user u on u.login = p.actor
         where e.feature_id = $1 order by e.space_entry_id desc limit 500",
    )
    .bind(room)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read the entries of a room"))
}

#[derive(FromRow)]
pub(super) struct StackRow {
    pub(super) floor_id: FeatureId,
    pub(super) ordinal: i16,
    pub(super) name: String,
    pub(super) area_m2: f64,
    pub(super) unregistered_m2: f64,
    pub(super) org_id: Option<OrgId>,
    pub(super) org: Option<String>,
    pub(super) color: Option<String>,
    pub(super) m2: Option<f64>,
}

pub(super) async fn stacking(tx: &mut Tx, building: FeatureId, at: Date) -> Result<Vec<StackRow>> {
    sqlx::query_as(
        "with rooms as (
             select r.floor_id, r.feature_id, r.area_m2,
                    (select b.cm2 from space_balance b where b.feature_id = r.feature_id and b.org_id is null and b.during @> $2) as cm2
             from room r where r.building_id = $1),
         floors as (
             select l.feature_id as floor_id, l.ordinal, l.name, coalesce(sum(r.cm2) / 10000.0, 0)::float8 as area_m2,
                    coalesce(sum(r.area_m2) filter (where r.cm2 is null), 0)::float8 as unregistered_m2
             from floor l left join rooms r on r.floor_id = l.feature_id
             where l.building_id = $1 group by l.feature_id, l.ordinal, l.name),
         uses as (
             select r.floor_id, b.org_id, (sum(b.cm2) / 10000.0)::float8 as m2
             from rooms r join space_balance b on b.feature_id = r.feature_id and b.org_id is not null and b.during @> $2
             group by r.floor_id, b.org_id)
         select f.floor_id, f.ordinal, f.name, f.area_m2, f.unregistered_m2, u.org_id, o.name as org, o.color, u.m2
         from floors f left join uses u using (floor_id) left join org o on o.org_id = u.org_id
         order by f.ordinal desc, u.m2 desc nulls last, u.org_id",
    )
    .bind(building)
    .bind(at)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("stack a building"))
}

pub(super) async fn reconciliation(tx: &mut Tx, building: FeatureId) -> Result<Vec<Reconciled>> {
    sqlx::query_as(
        "with rooms as (
             select r.feature_id, coalesce(r.number, r.name, '#' || r.feature_id) as name, 'room' as kind,
                    (select b.cm2 / 10000.0 from space_balance b
                     where b.feature_id = r.feature_id and b.org_id is null and b.during @> city_today())::float8 as ledger_m2,
                    r.area_m2 as drawing_m2
             from room r where r.building_id = $1),
         whole as (
             select b.feature_id, coalesce(b.name, b.code, '#' || b.feature_id) as name, 'building' as kind,
                    (select sum(ledger_m2) from rooms)::float8 as ledger_m2, (select sum(drawing_m2) from rooms)::float8 as drawing_m2,
                    (select x.certificate_area / 10000.0 from x_office_ownership x join doc_place p using (doc_id)
                     where p.feature_id = b.feature_id and x.state = 'registered' order by x.doc_id desc limit 1)::float8 as certificate_m2
             from building b where b.feature_id = $1)
         select feature_id, name, kind, ledger_m2, drawing_m2, certificate_m2,
                coalesce(ledger_m2, 0) - coalesce(drawing_m2, 0) as difference_m2,
                -- A certificate states the gross area, which no usable area exceeds.
                ledger_m2 is not null and abs(ledger_m2 - coalesce(drawing_m2, 0)) <= greatest(0.01, 0.001 * coalesce(drawing_m2, 0))
                    and ledger_m2 <= coalesce(certificate_m2, ledger_m2) as agrees
         from (select feature_id, name, kind, ledger_m2, drawing_m2, certificate_m2 from whole
               union all select feature_id, name, kind, ledger_m2, drawing_m2, null from rooms) r
         order by kind, agrees, name",
    )
    .bind(building)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("reconcile a building"))
}

/// Square centimetres that an organisation uses on a day.
pub(super) async fn held_by_org(tx: &mut Tx, org: OrgId, on: Date) -> Result<i64> {
    sqlx::query_scalar(
        "select coalesce(sum(cm2), 0)::bigint from space_balance where org_id = $1 and during @> $2",
    )
    .bind(org)
    .bind(on)
    .fetch_one(&mut **tx)
    .await
    .map_err(ModuleError::query("add up what a body uses"))
}

/// What nobody uses of a room on a day, in square centimetres.
const FREE: &str = "a.cm2 - coalesce((select sum(b.cm2) from space_balance b
     where b.feature_id = a.feature_id and b.org_id is not null and b.during @> $2::date), 0)";
/// A room that has been registered on that day, as far as the viewer sees it, which people can work in.
const REGISTERED: &str =
    "a.org_id is null and a.during @> $2::date and ($1::int[] is null or a.scope_id = any($1))
     and coalesce(r.use_kind, '办公室') = any($4)";
/// What is told of it, from its row, its building's and its free area.
const TOLD: &str = "r.feature_id, coalesce(r.number, r.name, '') as name, coalesce(b.name, b.code, '') as building,
     coalesce(r.use_kind, '') as use_kind, (f.cm2 / 10000.0)::float8 as free_m2, floor(f.cm2 / 10000.0 / $3)::bigint as seats,
     st_x(st_centroid(r.geom)) as lon, st_y(st_centroid(r.geom)) as lat";

/// Rooms with a workplace free: around a place the nearest first, or all the largest first.
pub(super) async fn vacant(
    tx: &mut Tx,
    viewer: &Viewer,
    asked: &VacantQuestion,
    per_head: Decimal,
) -> Result<Vec<VacantRoom>> {
    let near = format!(
        "with here as materialized (
             select st_centroid(geom)::geography as point, st_buffer(st_centroid(geom)::geography, $6::float8)::geometry as around
             from place where feature_id = $7)
         select {TOLD}, st_distance(h.point, st_centroid(r.geom)::geography) as distance_m
         from here h join room r on r.geom && h.around join space_balance a using (feature_id)
         cross join lateral (select {FREE} as cm2) f left join building b on b.feature_id = r.building_id
         where {REGISTERED} and f.cm2 / 10000.0 >= $3 and st_dwithin(h.point, st_centroid(r.geom)::geography, $6)
         order by distance_m, free_m2 desc limit $5"
    );
    let anywhere = format!(
        "select {TOLD}, null::float8 as distance_m from space_balance a join room r using (feature_id)
         cross join lateral (select {FREE} as cm2) f left join building b on b.feature_id = r.building_id
         where {REGISTERED} and f.cm2 / 10000.0 >= $3 order by free_m2 desc limit $5"
    );
    let asking = sqlx::query_as(if asked.near.is_some() { &near } else { &anywhere })
        .bind(viewer.scope_array())
        .bind(asked.on)
        .bind(per_head.to_f64().unwrap_or(9.0))
        .bind(&WORKPLACES[..])
        .bind(MOST_ROOMS);
    let asking = match asked.near {
        Some(place) => asking.bind(asked.radius_m).bind(place),
        None => asking,
    };
    asking.fetch_all(&mut **tx).await.map_err(ModuleError::query("find vacant rooms"))
}

#[derive(FromRow)]
pub(super) struct OverRow {
    pub(super) feature_id: FeatureId,
    pub(super) scope_id: ScopeId,
    pub(super) org_id: OrgId,
    pub(super) org: String,
    pub(super) staff_no: String,
    pub(super) name: String,
    pub(super) level: String,
    pub(super) rank: String,
    pub(super) room_cm2: i64,
    pub(super) held_cm2: i64,
    pub(super) limit_cm2: i64,
    pub(super) standard_param_id: i64,
}

pub(super) async fn over(tx: &mut Tx, org: Option<OrgId>) -> Result<Vec<OverRow>> {
    sqlx::query_as(
        "select v.feature_id, v.scope_id, v.org_id, o.name as org, v.staff_no, v.name, v.level, v.rank, v.room_cm2, v.held_cm2,
                v.limit_cm2, v.standard_param_id
         from seat_over v join org o using (org_id)
         where $1::bigint is null or o.path <@ (select path from org where org_id = $1)
         order by v.org_id, v.staff_no, v.feature_id",
    )
    .bind(org)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read who has too much"))
}

/// The area of all rooms of a building in the drawing, for a demonstration.
pub(super) async fn demo_area(tx: &mut Tx, building: FeatureId) -> Result<f64> {
    sqlx::query_scalar("select coalesce(sum(area_m2), 0) from room where building_id = $1")
        .bind(building)
        .fetch_one(&mut **tx)
        .await
        .map_err(ModuleError::query("add the rooms of a building up"))
}

/// Rooms in use with their organisations and drawn areas, for a demonstration: room, organisation, its level, building.
pub(super) async fn demo_rooms(
    tx: &mut Tx,
) -> Result<Vec<(FeatureId, OrgId, String, FeatureId, f64)>> {
    sqlx::query_as(
        "select r.feature_id, r.org_id, coalesce((select a.authority from org a where a.path @> o.path and a.authority is not null
                    order by nlevel(a.path) desc limit 1), 'city') as level, r.building_id, r.area_m2
         from room r join org o using (org_id) where r.status = '在用' and r.area_m2 between 8 and 400
         order by r.building_id, r.feature_id",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("choose rooms for a demonstration"))
}
