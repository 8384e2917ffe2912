//! The SQL of integrity: each statement answers what must not exist.

use sqlx::PgConnection;

use crate::{GisError, Result};

pub(super) async fn wrong_kinds(
    connection: &mut PgConnection,
) -> Result<Vec<(i64, String, String)>> {
    sqlx::query_as(
        "select feature_id, f.kind, t.kind
         from (select feature_id, 'building' as kind from building_version
               union all select feature_id, 'floor' from floor_version
               union all select feature_id, 'room' from room_version
               union all select feature_id, 'parcel' from parcel_version
               union all select feature_id, 'facility' from facility
               union all select feature_id, 'vehicle' from vehicle) t
         join feature f using (feature_id) where f.kind <> t.kind",
    )
    .fetch_all(connection)
    .await
    .map_err(GisError::query("compare kinds"))
}

pub(super) async fn rooms_of_other_buildings(connection: &mut PgConnection) -> Result<Vec<i64>> {
    sqlx::query_scalar(
        "select r.feature_id from room r join floor l on l.feature_id = r.floor_id
         where r.building_id <> l.building_id or r.ordinal <> l.ordinal",
    )
    .fetch_all(connection)
    .await
    .map_err(GisError::query("compare rooms with floors"))
}

/// Outside by more than a centimetre: coordinates are rounded to 1e-7 degree.
pub(super) async fn rooms_outside_their_floor(connection: &mut PgConnection) -> Result<Vec<i64>> {
    sqlx::query_scalar(
        "select r.feature_id from room r join floor l on l.feature_id = r.floor_id
         where not st_covers(st_buffer(l.geom, 0.0000002), r.geom)",
    )
    .fetch_all(connection)
    .await
    .map_err(GisError::query("look for rooms outside floors"))
}

pub(super) async fn layers_without_relation(connection: &mut PgConnection) -> Result<Vec<String>> {
    sqlx::query_scalar("select layer_id from layer where to_regclass(relation) is null")
        .fetch_all(connection)
        .await
        .map_err(GisError::query("look for relations"))
}
