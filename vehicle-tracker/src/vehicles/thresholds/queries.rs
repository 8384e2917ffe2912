//! The statements of the numbers that rules go by.

use gis_data::{ScopeId, Tx};
use sqlx::FromRow;

use super::ThresholdPlan;
use crate::error::{Result, TrackerError};

/// A number that is set.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct ThresholdOnFile {
    /// Its name.
    pub name: String,
    /// In the unit at the end of the name.
    pub value: f64,
    /// The organisation that it is for; neither it nor a vehicle: for all.
    pub org_id: Option<i64>,
    /// The name of the organisation.
    pub org_name: Option<String>,
    /// The vehicle that it is for.
    pub vehicle_id: Option<i64>,
    /// Who set it; `None` where that was not kept.
    pub changed_by: Option<String>,
    /// When. Epoch milliseconds.
    pub changed_ms: i64,
}

/// Those for all, and those for organisations and vehicles of these scopes.
pub(super) async fn thresholds(
    tx: &mut Tx,
    scopes: Option<Vec<i32>>,
) -> Result<Vec<ThresholdOnFile>> {
    sqlx::query_as(
        "select t.name, t.value, t.org_id, o.name as org_name, t.vehicle_id, t.changed_by,
            (extract(epoch from t.changed_at) * 1000)::bigint as changed_ms
        from alarm_threshold t left join org o using (org_id)
        left join feature f on f.feature_id = t.vehicle_id
        where $1::int[] is null or (t.org_id is null and t.vehicle_id is null) or f.scope_id = any($1)
            or exists (select from scope s where s.scope_id = any($1) and s.managing_orgs = array[t.org_id])
        order by t.org_id is not null, t.vehicle_id is not null, o.name, t.vehicle_id, t.name",
    )
    .bind(scopes)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("list the numbers of rules"))
}

/// The scope of a vehicle.
pub(super) async fn scope_of_vehicle(tx: &mut Tx, vehicle: i64) -> Result<Option<ScopeId>> {
    let scope: Option<i32> = sqlx::query_scalar(
        "select f.scope_id from vehicle v join feature f using (feature_id) where v.feature_id = $1",
    )
    .bind(vehicle)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("find the scope of a vehicle"))?;
    Ok(scope.map(ScopeId))
}

/// The scope of what concerns the vehicles of an organisation; of the one above all where none is named.
pub(super) async fn scope_of_org(tx: &mut Tx, org: Option<i64>) -> Result<Option<ScopeId>> {
    let scope: Option<i32> = sqlx::query_scalar(
        "select scope_for(array[org_id], '{}', 0::smallint, 'vehicle') from org
        where org_id = $1 or ($1 is null and nlevel(path) = 1) order by org_id limit 1",
    )
    .bind(org)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("find the scope of an organisation"))?;
    Ok(scope.map(ScopeId))
}

/// Sets the number, or takes it away.
pub(super) async fn set(tx: &mut Tx, actor: &str, plan: &ThresholdPlan) -> Result<()> {
    let statement = if plan.value.is_some() {
        "insert into alarm_threshold as t (org_id, vehicle_id, name, value, changed_by)
        values ($1, $2, $3, $4, $5)
        on conflict (org_id, vehicle_id, name) do update set value = excluded.value,
            changed_by = excluded.changed_by, changed_at = now()"
    } else {
        "delete from alarm_threshold where org_id is not distinct from $1
            and vehicle_id is not distinct from $2 and name = $3
            and $4::float8 is null and $5::text is not null"
    };
    sqlx::query(statement)
        .bind(plan.org_id)
        .bind(plan.vehicle_id)
        .bind(&plan.name)
        .bind(plan.value)
        .bind(actor)
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("set a number of a rule"))?;
    Ok(())
}
