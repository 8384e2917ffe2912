//! The SQL of official vehicles. Rows that the viewer may not see are not there for it.

use gis_data::{FeatureId, OrgId, Tx};

use crate::{DocId, ModuleError, Result};

/// The states of the other orders of a request.
pub(super) async fn other_orders(tx: &mut Tx, request: DocId, order: DocId) -> Result<Vec<String>> {
    sqlx::query_scalar("select state from x_vehicle_order where request = $1 and doc_id <> $2")
        .bind(request)
        .bind(order)
        .fetch_all(&mut **tx)
        .await
        .map_err(ModuleError::query("read the orders of a request"))
}

/// Where the journey of a request begins.
pub(super) async fn beginning(tx: &mut Tx, request: DocId) -> Result<Option<FeatureId>> {
    sqlx::query_scalar("select feature_id from doc_place where doc_id = $1 order by 1 limit 1")
        .bind(request)
        .fetch_optional(&mut **tx)
        .await
        .map_err(ModuleError::query("read where a journey begins"))
}

/// Vehicles for a demonstration, each with its organisation and a building of it.
pub(super) async fn demo_vehicles(
    tx: &mut Tx,
    most: i64,
) -> Result<Vec<(FeatureId, OrgId, FeatureId)>> {
    sqlx::query_as(
        "select v.feature_id, v.org_id, b.feature_id
         from (select feature_id, org_id from vehicle where org_id is not null order by feature_id limit 100) v
         cross join lateral (select feature_id from building where org_id = v.org_id order by feature_id limit 1) b
         order by v.feature_id limit $1",
    )
    .bind(most)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("choose vehicles for the demonstration"))
}
