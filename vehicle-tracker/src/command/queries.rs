//! Commands on file.

use gis_data::{Permission, ScopeId, Tx, Viewer};
use serde_json::Value;
use time::OffsetDateTime;

use super::desk::{CommandFilter, CommandOnFile, CommandPlan, Decision};
use super::{Answer, CommandKind, Outcome};
use crate::error::{Result, TrackerError};
use crate::topic::TerminalId;

/// A vehicle's scope, and the terminal that it carries: of several, the first by name. `None` for no vehicle that the viewer sees.
pub(super) async fn addressee(
    tx: &mut Tx,
    vehicle_id: i64,
) -> Result<Option<(ScopeId, Option<String>)>> {
    let row: Option<(i32, Option<String>)> = sqlx::query_as(
        "select f.scope_id,
            (select min(t.terminal_id) from terminal t where t.vehicle_id = v.feature_id)
        from vehicle v join feature f using (feature_id) where v.feature_id = $1",
    )
    .bind(vehicle_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("look for a vehicle's terminal"))?;
    Ok(row.map(|(scope, terminal)| (ScopeId(scope), terminal)))
}

pub(super) async fn insert(
    tx: &mut Tx,
    actor: &str,
    plan: &CommandPlan,
    (terminal, state, expires_at): (&str, &str, OffsetDateTime),
) -> Result<i64> {
    let mut body = serde_json::to_value(&plan.command).unwrap_or_default();
    if let Value::Object(fields) = &mut body {
        fields.remove("kind");
    }
    let id = sqlx::query_scalar(
        "insert into vehicle_command (vehicle_id, terminal_id, kind, body, reason, state, requested_by, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8) returning vehicle_command_id",
    )
    .bind(plan.vehicle_id)
    .bind(terminal)
    .bind(plan.command.name())
    .bind(body)
    .bind(plan.reason.trim())
    .bind(state)
    .bind(actor)
    .bind(expires_at)
    .fetch_one(&mut **tx)
    .await
    .map_err(TrackerError::query("put a command on file"))?;
    add_event(tx, id, state, Some(actor), "").await?;
    Ok(id)
}

pub(super) async fn add_event(
    tx: &mut Tx,
    command_id: i64,
    state: &str,
    actor: Option<&str>,
    detail: &str,
) -> Result<()> {
    sqlx::query(
        "insert into vehicle_command_event (vehicle_command_id, state, actor, detail) values ($1, $2, $3, $4)",
    )
    .bind(command_id)
    .bind(state)
    .bind(actor)
    .bind(detail)
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("keep what became of a command"))?;
    Ok(())
}

/// Those that match; one of them, where one is named.
pub(super) async fn commands(
    tx: &mut Tx,
    viewer: &Viewer,
    filter: &CommandFilter,
    one: Option<i64>,
) -> Result<Vec<CommandOnFile>> {
    sqlx::query_as(
        "select c.vehicle_command_id as command_id, c.vehicle_id, c.terminal_id, c.kind, c.body, c.reason, c.state,
            c.requested_by, (extract(epoch from c.requested_at) * 1000)::bigint as requested_ms,
            (extract(epoch from c.expires_at) * 1000)::bigint as expires_ms,
            coalesce((select jsonb_agg(jsonb_build_object('state', e.state, 'actor', e.actor, 'detail', e.detail,
                'at_ms', (extract(epoch from e.at) * 1000)::bigint) order by e.vehicle_command_event_id)
                from vehicle_command_event e where e.vehicle_command_id = c.vehicle_command_id), '[]') as events
        from vehicle_command c
        where ($1::int[] is null or exists (select from feature f
                where f.feature_id = c.vehicle_id and f.scope_id = any($1)))
            and ($2::bigint is null or c.vehicle_id = $2) and ($3::text is null or c.state = $3)
            and ($4::bigint is null or c.vehicle_command_id < $4)
            and ($5::bigint is null or c.vehicle_command_id = $5)
        order by c.vehicle_command_id desc limit $6",
    )
    .bind(viewer.scopes_for(Permission::Track))
    .bind(filter.vehicle.map(|id| id.0))
    .bind(filter.state.as_deref())
    .bind(filter.before)
    .bind(one)
    .bind(filter.limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("list commands"))
}

/// A command's scope and who asked for it, kept from others until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, command_id: i64) -> Result<Option<(ScopeId, String)>> {
    let row: Option<(Option<i32>, String)> = sqlx::query_as(
        "select (select f.scope_id from feature f where f.feature_id = c.vehicle_id), c.requested_by
        from vehicle_command c where c.vehicle_command_id = $1 for update of c",
    )
    .bind(command_id)
    .fetch_optional(&mut **tx)
    .await
    .map_err(TrackerError::query("look for a command"))?;
    Ok(row.and_then(|(scope, by)| scope.map(|scope| (ScopeId(scope), by))))
}

/// `false` when the decision does not follow on the command's state, or it has expired.
pub(super) async fn decide(tx: &mut Tx, command_id: i64, decision: Decision) -> Result<bool> {
    let done = sqlx::query(
        "update vehicle_command set state = $2
        where vehicle_command_id = $1 and state = any($3) and expires_at > now()",
    )
    .bind(command_id)
    .bind(decision.leads_to())
    .bind(decision.follows())
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("decide on a command"))?;
    Ok(done.rows_affected() == 1)
}

/// A command that may leave.
pub(super) struct Waiting {
    pub(super) command_id: i64,
    pub(super) terminal: TerminalId,
    pub(super) kind: CommandKind,
    pub(super) expires_at: OffsetDateTime,
    /// Whether its device has registered by JT/T 808.
    pub(super) speaks_jt808: bool,
}

/// What may leave, the oldest first. Where the terminal has gone to another vehicle the command waits: it is about this one.
pub(super) async fn waiting(tx: &mut Tx, limit: i64) -> Result<Vec<Waiting>> {
    let rows: Vec<(i64, String, String, Value, OffsetDateTime, bool)> = sqlx::query_as(
        "select vehicle_command_id, terminal_id, kind, body, expires_at, t.registration is not null
        from vehicle_command c join terminal t using (terminal_id, vehicle_id)
        where state = 'queued' and expires_at > now() order by vehicle_command_id limit $1",
    )
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(TrackerError::query("read the commands that wait"))?;
    let mut waiting = Vec::with_capacity(rows.len());
    for (command_id, terminal, kind, mut body, expires_at, speaks_jt808) in rows {
        body["kind"] = Value::String(kind);
        if let Ok(kind) = serde_json::from_value(body)
            && let Some(terminal) = TerminalId::new_checked(&terminal)
        {
            waiting.push(Waiting { command_id, terminal, kind, expires_at, speaks_jt808 });
        }
    }
    Ok(waiting)
}

/// Makes a command this server's to send; `false` when another server has it, or it is not wanted any more.
pub(super) async fn claim(tx: &mut Tx, command_id: i64) -> Result<bool> {
    let claimed = sqlx::query(
        "update vehicle_command set state = 'sent' where vehicle_command_id = $1 and state = 'queued'",
    )
    .bind(command_id)
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("claim a command"))?;
    Ok(claimed.rows_affected() == 1)
}

/// What could not be handed over waits again.
pub(super) async fn give_back(tx: &mut Tx, command_id: i64) -> Result<()> {
    add_event(tx, command_id, "queued", None, "").await?;
    sqlx::query(
        "update vehicle_command set state = 'queued' where vehicle_command_id = $1 and state = 'sent'",
    )
    .bind(command_id)
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("give a command back"))?;
    Ok(())
}

/// Keeps what a terminal said to a command that was sent to it, once.
pub(super) async fn answered(tx: &mut Tx, terminal: &TerminalId, answer: &Answer) -> Result<()> {
    let state = match answer.outcome {
        Outcome::Done => "acknowledged",
        Outcome::Failed | Outcome::Unsupported => "failed",
    };
    let changed = sqlx::query(
        "update vehicle_command set state = $3
        where vehicle_command_id = $1 and terminal_id = $2 and state = 'sent'",
    )
    .bind(answer.command_id)
    .bind(terminal.as_str())
    .bind(state)
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("keep the answer to a command"))?;
    if changed.rows_affected() == 1 {
        let detail = match (answer.outcome, answer.note.as_str()) {
            (Outcome::Done, note) => note.to_owned(),
            (outcome, "") => outcome.name().to_owned(),
            (outcome, note) => format!("{}: {note}", outcome.name()),
        };
        add_event(tx, answer.command_id, state, None, &detail).await?;
    }
    Ok(())
}

/// What was not answered, sent or let pass in time.
pub(super) async fn expire(tx: &mut Tx) -> Result<()> {
    sqlx::query(
        "with late as (
            update vehicle_command set state = 'expired'
            where state in ('requested', 'queued', 'sent') and expires_at <= now()
            returning vehicle_command_id
        )
        insert into vehicle_command_event (vehicle_command_id, state) select vehicle_command_id, 'expired' from late",
    )
    .execute(&mut **tx)
    .await
    .map_err(TrackerError::query("let commands expire"))?;
    Ok(())
}
