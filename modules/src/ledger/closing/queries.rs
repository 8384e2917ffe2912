//! The SQL of closed periods.

use sqlx::PgConnection;
use time::Date;

use super::Closing;
use crate::{ModuleError, Result};

/// Waits for a closing under way, and keeps the next one waiting until this transaction ends.
pub(super) async fn share(tx: &mut PgConnection, ledger: &str) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock_shared(hashtextextended('closing of ' || $1, 0))")
        .bind(ledger)
        .execute(tx)
        .await
        .map_err(ModuleError::query("wait for a closing"))?;
    Ok(())
}

/// Waits for every posting under way, and keeps others waiting until this transaction ends.
pub(super) async fn hold(tx: &mut PgConnection, ledger: &str) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('closing of ' || $1, 0))")
        .bind(ledger)
        .execute(tx)
        .await
        .map_err(ModuleError::query("wait for postings"))?;
    Ok(())
}

/// Whether the ledger has rooms outside these scopes; none for all of them.
pub(super) async fn has_rooms_beyond(
    tx: &mut PgConnection,
    scopes: Option<Vec<i32>>,
) -> Result<bool> {
    sqlx::query_scalar(
        "select $1::int[] is not null and exists (
             select from scope s where s.scope_id <> all($1)
             and exists (select from space_balance b where b.scope_id = s.scope_id))",
    )
    .bind(scopes)
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("compare the rooms of the ledger with a viewer's"))
}

pub(super) async fn through(tx: &mut PgConnection, ledger: &str) -> Result<Option<Date>> {
    sqlx::query_scalar(
        "select through from ledger_closing where ledger = $1 order by ledger_closing_id desc limit 1",
    )
    .bind(ledger)
    .fetch_optional(tx)
    .await
    .map_err(ModuleError::query("read until when a ledger is closed"))
}

pub(super) async fn insert(
    tx: &mut PgConnection,
    ledger: &str,
    through: Date,
    actor: &str,
    note: &str,
) -> Result<()> {
    sqlx::query(
        "insert into ledger_closing (ledger, through, actor, note) values ($1, $2, $3, $4)",
    )
    .bind(ledger)
    .bind(through)
    .bind(actor)
    .bind(note)
    .execute(tx)
    .await
    .map_err(ModuleError::query("close a period"))?;
    Ok(())
}

pub(super) async fn all(tx: &mut PgConnection, ledger: &str) -> Result<Vec<Closing>> {
    sqlx::query_as(
        "select c.ledger, c.through::text as through, c.actor, coalesce(u.name, '') as actor_name, c.at, c.note
         from ledger_closing c left join app_user u on u.login = c.actor
         where c.ledger = $1 order by c.ledger_closing_id desc limit 200",
    )
    .bind(ledger)
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read closings"))
}
