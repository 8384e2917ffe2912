//! The statements of alarms as people meet them.

use gis_data::{Permission, ScopeId, Tx, Viewer};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{FromRow as _, Postgres, Row as _};

use super::{AlarmFilter, AlarmOnFile, Deed, Pending, State, Total};
use crate::error::{Result, TrackerError};

/// Alarms that were not taken back, that the viewer may see and that a filter asks for: lists and counts ask the same.
const WANTED: &str = "a.withdrawn_at is null
    and ($1::int[] is null or a.scope_id = any($1))
    and ($2::bigint is null or a.vehicle_id = $2)
    and ($3::text is null or a.rule = $3)
    and (not $4 or a.state <> 'closed')
    and ($5::text is null or a.state = $5)
    and ($6::smallint is null or a.level = $6)
    and ($7::timestamptz is null or a.started_at >= $7)
    and ($8::timestamptz is null or a.started_at < $8)
    and ($9::bigint is null or a.vehicle_id in (select v.feature_id from vehicle v join org o using (org_id)
        where o.path <@ (select path from org where org_id = $9)))";

type Asked<'q> = Query<'q, Postgres, PgArguments>;

/// The parameters of [`WANTED`], in their order.
fn wanted<'q>(asked: Asked<'q>, viewer: &Viewer, filter: &'q AlarmFilter) -> Asked<'q> {
    asked
        .bind(viewer.scopes_for(Permission::Track))
        .bind(filter.vehicle.map(|id| id.0))
        .bind(filter.rule.as_deref())
        .bind(filter.pending == Pending::Only)
        .bind(filter.state.map(State::name))
        .bind(filter.level)
        .bind(filter.from)
        .bind(filter.to)
        .bind(filter.org.map(|id| id.0))
}

/// The newest first; one of them, where one is named. A fence is named to those who may see it, also when it was retired.
pub(super) async fn alarms(
    tx: &mut Tx,
    viewer: &Viewer,
    filter: &AlarmFilter,
    one: Option<i64>,
) -> Result<Vec<AlarmOnFile>> {
    let sql = format!(
        "select a.alarm_id, a.vehicle_id, a.rule, a.about,
            (extract(epoch from a.started_at) * 1000)::bigint as started_ms,
            (extract(epoch from a.ended_at) * 1000)::bigint as ended_ms, a.level,
            st_x(a.place) as lon, st_y(a.place) as lat, a.evidence, a.state, a.assignee,
            (select n.name from fence n
                where n.fence_id = substring(a.about from '^fence:([0-9]+):')::bigint
                    and ($1::int[] is null or n.scope_id = any($1))) as fence_name,
            coalesce((select jsonb_agg(jsonb_build_object('act', t.act, 'actor', t.actor,
                'at_ms', (extract(epoch from t.acted_at) * 1000)::bigint,
                'assignee', t.assignee, 'note', t.note) order by t.alarm_act_id)
                from alarm_act t where t.alarm_id = a.alarm_id), '[]') as acts
        from alarm a
        where {WANTED}
            and ($10::bigint is null or a.alarm_id < $10)
            and ($11::bigint is null or a.alarm_id = $11)
        order by a.alarm_id desc limit $12"
    );
    wanted(sqlx::query(&sql), viewer, filter)
        .bind(filter.before)
        .bind(one)
        .bind(filter.limit)
        .try_map(|row: PgRow| AlarmOnFile::from_row(&row))
        .fetch_all(&mut **tx)
        .await
        .map_err(TrackerError::query("list alarms"))
}

/// How many a filter asks for, whatever page of them is listed. Nothing is read beyond the number at which counting ends.
pub(super) async fn count(tx: &mut Tx, viewer: &Viewer, filter: &AlarmFilter) -> Result<Total> {
    let sql =
        format!("select count(*) from (select from alarm a where {WANTED} limit $10) counted");
    let count: i64 = wanted(sqlx::query(&sql), viewer, filter)
        .bind(Total::MOST + 1)
        .try_map(|row: PgRow| row.try_get(0))
        .fetch_one(&mut **tx)
        .await
        .map_err(TrackerError::query("count alarms"))?;
    Ok(Total::of(count))
}

/// The scope of an alarm's vehicle; `None` when there is no such alarm or the viewer does not see it. The
/// row is kept from others until the transaction ends.
pub(super) async fn scope_of(tx: &mut Tx, alarm_id: i64) -> Result<Option<ScopeId>> {
    let scope: Option<i32> = sqlx::query_scalar(
        "select scope_id from alarm where alarm_id = $1 and withdrawn_at is null for update",
    )
    .bind(alarm_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("look for an alarm"))?;
    Ok(scope.map(ScopeId))
}

/// `false` when the act does not follow on the alarm's state.
pub(super) async fn change(tx: &mut Tx, alarm_id: i64, deed: &Deed) -> Result<bool> {
    let moved = sqlx::query(
        "update alarm set state = $2, assignee = coalesce($3, assignee)
        where alarm_id = $1 and state = any($4)",
    )
    .bind(alarm_id)
    .bind(deed.act.leads_to().name())
    .bind(deed.assignee.as_deref().map(str::trim))
    .bind(deed.act.follows().iter().map(|state| state.name()).collect::<Vec<_>>())
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("act on an alarm"))?;
    Ok(moved.rows_affected() == 1)
}

pub(super) async fn insert_act(tx: &mut Tx, alarm_id: i64, actor: &str, deed: &Deed) -> Result<()> {
    sqlx::query(
        "insert into alarm_act (alarm_id, actor, act, assignee, note) values ($1, $2, $3, $4, $5)",
    )
    .bind(alarm_id)
    .bind(actor)
    .bind(deed.act.name())
    .bind(deed.assignee.as_deref().map(str::trim))
    .bind(deed.note.trim())
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("keep an act on an alarm"))?;
    Ok(())
}
