//! The statements of seals.

use gis_data::{FeatureId, Permission, ScopeId, Tx, Viewer};
use sqlx::FromRow;
use time::{Date, OffsetDateTime};

use super::{SealEnd, SealFilter, SealPlan, SealState};
use crate::error::{Result, TrackerError};

/// A seal as it was made, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SealOnFile {
    /// Its number.
    pub seal_id: i64,
    /// Whose vehicles it is about.
    pub org_id: i64,
    /// The name of this organisation.
    pub org_name: String,
    pub(super) scope_id: i32,
    /// Only these vehicles; all of the organisation's and of those below it where it is empty.
    pub vehicles: Vec<i64>,
    /// How many vehicles it is about today.
    pub vehicle_count: i64,
    /// From when on they must stand.
    pub starts_at: OffsetDateTime,
    /// The first moment after it.
    pub ends_at: OffsetDateTime,
    /// Whether vehicles on an approved order may move meanwhile.
    pub spares_orders: bool,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: OffsetDateTime,
    /// When it was lifted.
    pub lifted_at: Option<OffsetDateTime>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<OffsetDateTime>,
    /// Who lifted or withdrew it.
    pub ended_by: Option<String>,
    /// How many movements of its vehicles were found while it held.
    pub alarms: i64,
}

/// The last to begin first; one of them, where one is named.
pub(super) async fn seals(
    tx: &mut Tx,
    viewer: &Viewer,
    filter: &SealFilter,
    one: Option<i64>,
) -> Result<Vec<SealOnFile>> {
    sqlx::query_as(
        "with fleet as materialized (select own.path, count(*) as vehicles
            from vehicle v join org own using (org_id) group by own.path)
        select s.vehicle_seal_id as seal_id, s.org_id, o.name as org_name, s.scope_id, l.vehicles,
            case when l.vehicles = '{}'
                then (select coalesce(sum(f.vehicles), 0)::bigint from fleet f where f.path <@ o.path)
                else cardinality(l.vehicles)::bigint end as vehicle_count,
            s.starts_at, s.ends_at, s.spares_orders, s.reason, s.made_by, s.made_at, s.lifted_at,
            s.withdrawn_at, s.ended_by,
            (select count(*) from alarm a join vehicle v on v.feature_id = a.vehicle_id join org own using (org_id)
                where a.rule = 'sealed_movement' and a.withdrawn_at is null and a.started_at >= s.starts_at
                    and a.started_at < coalesce(s.lifted_at, s.ends_at) and own.path <@ o.path
                    and (l.vehicles = '{}' or a.vehicle_id = any(l.vehicles))) as alarms
        from vehicle_seal s join org o using (org_id)
        cross join lateral (select array(select m.vehicle_id from vehicle_seal_vehicle m
            where m.vehicle_seal_id = s.vehicle_seal_id order by m.vehicle_id) as vehicles) l
        where ($1::int[] is null or s.scope_id = any($1))
            and ($2::bigint is null or s.vehicle_seal_id = $2)
            and ($4::timestamptz is null or (s.starts_at, s.vehicle_seal_id) < ($4, $5))
            and ($2 is not null or case coalesce($3::text, '')
                when '' then s.withdrawn_at is null
                when 'withdrawn' then s.withdrawn_at is not null
                when 'lifted' then s.withdrawn_at is null and s.lifted_at is not null
                when 'over' then s.withdrawn_at is null and (s.lifted_at is not null or s.ends_at <= now())
                when 'standing' then s.withdrawn_at is null and s.lifted_at is null
                    and s.starts_at <= now() and s.ends_at > now()
                else s.withdrawn_at is null and s.starts_at > now() end)
        order by s.starts_at desc, s.vehicle_seal_id desc limit $6",
    )
    .bind(viewer.scopes_for(Permission::Track))
    .bind(one)
    .bind(filter.state.map(SealState::name))
    .bind(filter.after.map(|(at, _)| at))
    .bind(filter.after.map(|(_, id)| id))
    .bind(filter.limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("list seals"))
}

/// The end of the last seal that a vehicle is under now.
pub(super) async fn sealed_until(
    tx: &mut Tx,
    vehicle: FeatureId,
) -> Result<Option<OffsetDateTime>> {
    sqlx::query_scalar(
        "select max(s.ends_at) from vehicle_seal s
        where s.withdrawn_at is null and s.lifted_at is null and s.starts_at <= now() and s.ends_at > now()
            and $1 in (select sealed_vehicles(s.vehicle_seal_id))",
    )
    .bind(vehicle.0)
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("look whether a vehicle is sealed"))
}

/// The scope of a seal and how it stands, kept from others until the transaction ends.
pub(super) async fn standing(tx: &mut Tx, seal_id: i64) -> Result<Option<(ScopeId, SealState)>> {
    let row: Option<(i32, String)> = sqlx::query_as(
        "select scope_id, case when withdrawn_at is not null then 'withdrawn' when lifted_at is not null then 'lifted'
            when ends_at <= now() then 'over' when starts_at < now() then 'standing' else 'upcoming' end
        from vehicle_seal where vehicle_seal_id = $1 for update",
    )
    .bind(seal_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("look for a seal"))?;
    Ok(row.map(|(scope, state)| {
        let state = match state.as_str() {
            "withdrawn" => SealState::Withdrawn,
            "lifted" => SealState::Lifted,
            "over" => SealState::Over,
            "standing" => SealState::Standing,
            _ => SealState::Upcoming,
        };
        (ScopeId(scope), state)
    }))
}

/// Answers its number.
pub(super) async fn write(
    tx: &mut Tx,
    actor: &str,
    scope: ScopeId,
    plan: &SealPlan,
) -> Result<i64> {
    let seal_id: i64 = sqlx::query_scalar(
        "insert into vehicle_seal (org_id, scope_id, starts_at, ends_at, spares_orders, reason, made_by)
        values ($1, $2, $3, $4, $5, $6, $7) returning vehicle_seal_id",
    )
    .bind(plan.org_id)
    .bind(scope.0)
    .bind(plan.starts_at)
    .bind(plan.ends_at)
    .bind(plan.spares_orders)
    .bind(plan.reason.trim())
    .bind(actor)
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("write a seal"))?;
    sqlx::query(
        "insert into vehicle_seal_vehicle (vehicle_seal_id, vehicle_id) select $1, unnest($2::bigint[])",
    )
    .bind(seal_id)
    .bind(plan.vehicles.iter().copied().collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("write the vehicles of a seal"))?;
    Ok(seal_id)
}

pub(super) async fn end(tx: &mut Tx, actor: &str, seal_id: i64, end: SealEnd) -> Result<()> {
    let statement = match end {
        SealEnd::Lift => {
            "update vehicle_seal set lifted_at = now(), ended_by = $2, xid = pg_current_xact_id()
            where vehicle_seal_id = $1"
        }
        SealEnd::Withdraw => {
            "update vehicle_seal set withdrawn_at = now(), ended_by = $2, xid = pg_current_xact_id()
            where vehicle_seal_id = $1"
        }
    };
    sqlx::query(statement)
        .bind(seal_id)
        .bind(actor)
        .execute(&mut **tx)
        .await
        .map_err(TrackerError::query("end a seal"))?;
    Ok(())
}

/// Days of some years that differ from Monday to Friday, with the holiday's name.
pub(super) async fn days(tx: &mut Tx, from: Date, to: Date) -> Result<Vec<(Date, bool, String)>> {
    sqlx::query_as(
        "select day, is_working, name from calendar_day where day between $1 and $2 order by day",
    )
    .bind(from)
    .bind(to)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the holidays"))
}
