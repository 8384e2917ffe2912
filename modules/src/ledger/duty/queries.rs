//! The SQL of approved orders.

use gis_data::{FeatureId, Viewer};
use rust_decimal::prelude::ToPrimitive as _;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Clash, Duty, Given, Posting, Present};
use crate::{DocId, ModuleError, Result};

pub(super) async fn lock(tx: &mut PgConnection, vehicle: FeatureId) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('duty ' || $1::bigint, 0))")
        .bind(vehicle)
        .execute(tx)
        .await
        .map_err(ModuleError::query("hold a vehicle"))?;
    Ok(())
}

pub(super) async fn present(tx: &mut PgConnection, doc_id: DocId) -> Result<Option<Present>> {
    let row: Option<(OffsetDateTime, OffsetDateTime, String, bool)> = sqlx::query_as(
        "select starts_at, ends_at, driver, is_late from vehicle_duty
         where doc_id = $1 and superseded_at is null and not is_void",
    )
    .bind(doc_id)
    .fetch_optional(tx)
    .await
    .map_err(ModuleError::query("read an approved order"))?;
    let present =
        |(from, until, driver, is_late)| Present { given: Given { from, until }, driver, is_late };
    Ok(row.map(present))
}

/// Other orders of the vehicle, or of the driver as far as the viewer sees them, at the same time.
pub(super) async fn clashes(
    tx: &mut PgConnection,
    doc_id: DocId,
    duty: &Duty,
) -> Result<Vec<Clash>> {
    let rows: Vec<(String, OffsetDateTime, OffsetDateTime, bool)> = sqlx::query_as(
        "with taken as (
             select doc_id, starts_at, ends_at, vehicle_id from vehicle_duty
             where vehicle_id = $1 and superseded_at is null and not is_void and starts_at < $5 and ends_at > $4
             union
             select doc_id, starts_at, ends_at, vehicle_id from vehicle_duty
             where driver_id = $2 and superseded_at is null and not is_void and starts_at < $5 and ends_at > $4)
         select coalesce(d.number, '#' || t.doc_id), t.starts_at, t.ends_at, t.vehicle_id = $1
         from taken t left join doc d using (doc_id) where t.doc_id <> $3 order by t.starts_at limit 5",
    )
    .bind(duty.vehicle)
    .bind(duty.driver_id)
    .bind(doc_id)
    .bind(duty.given.from)
    .bind(duty.given.until)
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("look for orders at the same time"))?;
    let clash = |(number, from, until, is_vehicle)| Clash {
        number,
        given: Given { from, until },
        is_vehicle,
    };
    Ok(rows.into_iter().map(clash).collect())
}

/// Through how many different points a way leads, of places that the viewer sees.
pub(super) async fn distinct_points(tx: &mut PgConnection, places: &[FeatureId]) -> Result<i64> {
    sqlx::query_scalar(
        "select count(distinct st_pointonsurface(geom)) from place
         where feature_id = any($1) and geom is not null",
    )
    .bind(numbers(places))
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("read the places of a way"))
}

/// What held gives way; answers which row that was.
pub(super) async fn supersede(tx: &mut PgConnection, doc_id: DocId) -> Result<Option<i64>> {
    sqlx::query_scalar(
        "update vehicle_duty set superseded_at = now() where doc_id = $1 and superseded_at is null
         returning vehicle_duty_id",
    )
    .bind(doc_id)
    .fetch_optional(tx)
    .await
    .map_err(ModuleError::query("supersede an order"))
}

pub(super) async fn insert(
    tx: &mut PgConnection,
    viewer: &Viewer,
    posting: &Posting<'_>,
    duty: &Duty,
) -> Result<()> {
    let through = duty.corridor.as_ref().map_or(&[][..], |c| &c.through);
    sqlx::query(
        "insert into vehicle_duty (vehicle_id, doc_id, revision, starts_at, ends_at, driver, driver_id, org_id, purpose,
             destination, destination_id, corridor, corridor_m, limit_km, is_late, actor)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
             case when $13::integer is not null then
                 (select st_makeline(p.at order by t.n)
                  from (select feature_id, st_pointonsurface(geom) as at from place where feature_id = any($12)) p
                  join unnest($12::bigint[]) with ordinality as t(feature_id, n) using (feature_id)) end,
             $13, $14, $15, $16",
    )
    .bind(duty.vehicle)
    .bind(posting.doc_id)
    .bind(posting.revision)
    .bind(duty.given.from)
    .bind(duty.given.until)
    .bind(&duty.driver)
    .bind(duty.driver_id)
    .bind(duty.org)
    .bind(&duty.purpose)
    .bind(&duty.destination)
    .bind(duty.destination_id)
    .bind(numbers(through))
    .bind(duty.corridor.as_ref().map(|c| c.metres))
    .bind(duty.limit_km.and_then(|km| km.to_f64()))
    .bind(duty.is_late)
    .bind(viewer.name())
    .execute(tx)
    .await
    .map_err(ModuleError::query("post an order"))?;
    Ok(())
}

/// The next revision of a row: the same until an earlier moment, or void.
pub(super) async fn revise(
    tx: &mut PgConnection,
    viewer: &Viewer,
    posting: &Posting<'_>,
    old: i64,
    until: Option<OffsetDateTime>,
) -> Result<()> {
    sqlx::query(
        "insert into vehicle_duty (vehicle_id, doc_id, revision, starts_at, ends_at, driver, driver_id, org_id, purpose,
             destination, destination_id, corridor, corridor_m, limit_km, is_late, is_void, actor)
         select vehicle_id, doc_id, $2, starts_at, coalesce($3, ends_at), driver, driver_id, org_id, purpose,
             destination, destination_id, corridor, corridor_m, limit_km, is_late, $3 is null, $4
         from vehicle_duty where vehicle_duty_id = $1",
    )
    .bind(old)
    .bind(posting.revision)
    .bind(until)
    .bind(viewer.name())
    .execute(tx)
    .await
    .map_err(ModuleError::query("revise an order"))?;
    Ok(())
}

fn numbers(ids: &[FeatureId]) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}
