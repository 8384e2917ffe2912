//! The statements of fences.

use std::collections::BTreeSet;

use gis_data::{FeatureId, OrgId, Permission, ScopeId, Tx, Viewer};
use serde_json::Value;
use sqlx::FromRow;
use sqlx::types::Json;

use super::{Area, FencePlan};
use crate::error::{Result, TrackerError};

/// A fence in force.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct FenceOnFile {
    /// Its number.
    pub fence_id: i64,
    /// What it is called.
    pub name: String,
    /// The geometry as it was drawn, or the outline of the place: GeoJSON, degrees of WGS 84. `None` for a
    /// place that has no outline any more.
    pub geometry: Option<Value>,
    /// The radius about a point, the whole width of a corridor.
    pub metres: Option<f64>,
    /// The place whose outline it is.
    pub feature_id: Option<i64>,
    /// Whose vehicles it is about.
    pub org_id: i64,
    /// The name of this organisation.
    pub org_name: String,
    /// The names of what it asks.
    pub asks: Vec<String>,
    /// How long a vehicle may stay inside. Seconds.
    pub dwell_limit_s: Option<i32>,
    /// How fast a vehicle may be inside. Kilometres per hour.
    pub limit_kmh: Option<f32>,
    /// Whether vehicles may stand here overnight.
    pub is_parking: bool,
    /// Only these vehicles; all of the organisation's where it is empty.
    pub vehicles: Vec<i64>,
    /// Grows with every change.
    pub version: i32,
    /// Who changed it last.
    pub changed_by: String,
    /// When. Epoch milliseconds.
    pub changed_ms: i64,
}

/// Those in force, by name; one of them, where one is named.
pub(super) async fn fences(
    tx: &mut Tx,
    viewer: &Viewer,
    one: Option<i64>,
) -> Result<Vec<FenceOnFile>> {
    sqlx::query_as(
        "select f.fence_id, f.name, st_asgeojson(coalesce(f.geom, p.geom), 7)::json as geometry,
            f.metres, f.feature_id, f.org_id, o.name as org_name, f.asks, f.dwell_limit_s, f.limit_kmh,
            f.is_parking, array(select v.vehicle_id from fence_vehicle v where v.fence_id = f.fence_id
                order by v.vehicle_id) as vehicles,
            f.version, f.changed_by, (extract(epoch from f.changed_at) * 1000)::bigint as changed_ms
        from fence f join org o using (org_id)
        left join lateral (select p.geom from place p where p.feature_id = f.feature_id
            and f.feature_id is not null limit 1) p on true
        where f.retired_at is null and ($1::int[] is null or f.scope_id = any($1))
            and ($2::bigint is null or f.fence_id = $2)
        order by f.name, f.fence_id",
    )
    .bind(viewer.scopes_for(Permission::Track))
    .bind(one)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("list fences"))
}

/// The scope and the version of a fence in force, kept from others until the transaction ends.
pub(super) async fn standing(tx: &mut Tx, fence_id: i64) -> Result<Option<(ScopeId, i32)>> {
    let row: Option<(i32, i32)> = sqlx::query_as(
        "select scope_id, version from fence where fence_id = $1 and retired_at is null for update",
    )
    .bind(fence_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("look for a fence"))?;
    Ok(row.map(|(scope, version)| (ScopeId(scope), version)))
}

/// The scope of what concerns the vehicles of an organisation; `None` when there is no such one.
pub(in crate::vehicles) async fn scope_of(tx: &mut Tx, org_id: i64) -> Result<Option<ScopeId>> {
    let scope: Option<i32> = sqlx::query_scalar(
        "select scope_for(array[org_id], '{}', 0::smallint, 'vehicle') from org where org_id = $1",
    )
    .bind(org_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("find the scope of a fence"))?;
    Ok(scope.map(ScopeId))
}

/// Whether a place that the viewer sees encloses something.
pub(super) async fn has_outline(tx: &mut Tx, id: FeatureId) -> Result<bool> {
    sqlx::query_scalar(
        "select exists (select from place where feature_id = $1 and st_dimension(geom) = 2)",
    )
    .bind(id.0)
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("look for the place of a fence"))
}

/// Of these vehicles those that are not the organisation's, or that the viewer does not see.
pub(in crate::vehicles) async fn strangers(
    tx: &mut Tx,
    org: OrgId,
    ids: &BTreeSet<i64>,
) -> Result<Vec<i64>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_scalar(
        "select id from unnest($1::bigint[]) id where not exists (
            select from vehicle v join org own on own.org_id = v.org_id join org top on top.org_id = $2
            where v.feature_id = id and own.path <@ top.path) order by id",
    )
    .bind(ids.iter().copied().collect::<Vec<_>>())
    .bind(org.0)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("look for the vehicles of a fence"))
}

/// Writes a new fence, or over the one of this number; answers the number.
pub(super) async fn write(
    tx: &mut Tx,
    actor: &str,
    known: Option<i64>,
    scope: ScopeId,
    plan: &FencePlan,
) -> Result<i64> {
    let (drawn, place) = match &plan.area {
        Area::Drawn(drawn) => (Some(drawn), None),
        Area::Place(place) => (None, Some(place)),
    };
    let statement = match known {
        None => {
            "insert into fence (name, org_id, scope_id, geom, metres, feature_id, asks, dwell_limit_s,
                limit_kmh, is_parking, changed_by)
            values ($2, $3, $4, st_setsrid(st_geomfromgeojson($5::jsonb), 4326), $6, $7, $8, $9, $10, $11, $12)
            returning coalesce($1, fence_id)"
        }
        Some(_) => {
            "update fence set name = $2, org_id = $3, scope_id = $4,
                geom = st_setsrid(st_geomfromgeojson($5::jsonb), 4326), metres = $6, feature_id = $7,
                asks = $8, dwell_limit_s = $9, limit_kmh = $10, is_parking = $11, changed_by = $12,
                changed_at = now(), version = version + 1
            where fence_id = $1 returning fence_id"
        }
    };
    let fence_id: i64 = sqlx::query_scalar(statement)
        .bind(known)
        .bind(plan.name.trim())
        .bind(plan.org_id)
        .bind(scope.0)
        .bind(drawn.map(|drawn| Json(&drawn.geometry)))
        .bind(drawn.and_then(|drawn| drawn.metres))
        .bind(place)
        .bind(plan.asks.iter().map(|ask| ask.name()).collect::<Vec<_>>())
        .bind(plan.dwell_limit_s)
        .bind(plan.limit_kmh)
        .bind(plan.is_parking)
        .bind(actor)
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("write a fence"))?;
    for statement in [
        "delete from fence_vehicle where fence_id = $1 and vehicle_id <> all($2)",
        "insert into fence_vehicle (fence_id, vehicle_id) select $1, id from unnest($2::bigint[]) id
        on conflict do nothing",
    ] {
        sqlx::query(statement)
            .bind(fence_id)
            .bind(plan.vehicles.iter().copied().collect::<Vec<_>>())
            .execute(&mut **tx)
            .await
            .map_err(TrackerError::query("write the vehicles of a fence"))?;
    }
    Ok(fence_id)
}

pub(super) async fn retire(tx: &mut Tx, actor: &str, fence_id: i64) -> Result<()> {
    sqlx::query(
        "update fence set retired_at = now(), changed_by = $2, changed_at = now(), version = version + 1
        where fence_id = $1",
    )
    .bind(fence_id)
    .bind(actor)
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("retire a fence"))?;
    Ok(())
}
