//! The SQL of the audit log.

use gis_data::{Store, Viewer};
use serde_json::{Value, json};
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Entry, title};
use crate::error::ApiResult;
use crate::identity::failed;

/// Adds a row in the transaction of what it is about: both happen, or neither.
pub(crate) async fn append(tx: &mut PgConnection, entry: &Entry<'_>) -> ApiResult<()> {
    sqlx::query("select audit_append($1, $2, $3, $4, $5, $6)")
        .bind(entry.actor)
        .bind(entry.action)
        .bind(&entry.target)
        .bind(entry.outcome.name())
        .bind(entry.address)
        .bind(&entry.detail)
        .execute(tx)
        .await
        .map_err(failed("append to the audit log"))?;
    Ok(())
}

/// What is asked of the log.
#[derive(Debug, Default)]
pub(crate) struct Question<'a> {
    pub(crate) action: Option<&'a str>,
    pub(crate) actor: Option<&'a str>,
    pub(crate) before: Option<i64>,
    pub(crate) limit: i64,
}

#[derive(FromRow)]
struct Row {
    audit_id: i64,
    at: OffsetDateTime,
    actor: Option<String>,
    action: String,
    target: Option<String>,
    outcome: String,
    address: Option<String>,
    detail: Value,
}

/// Newest first, and the number to go on from.
pub(crate) async fn list(
    store: &Store,
    question: &Question<'_>,
) -> ApiResult<(Vec<Value>, Option<i64>)> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let rows: Vec<Row> = sqlx::query_as(
        "select audit_id, at, actor, action, target, outcome, address, detail from audit_event
         where ($1::text is null or action = $1) and ($2::text is null or actor = $2)
           and ($3::bigint is null or audit_id < $3)
         order by audit_id desc limit $4",
    )
    .bind(question.action)
    .bind(question.actor)
    .bind(question.before)
    .bind(question.limit)
    .fetch_all(&mut *tx)
    .await
    .map_err(failed("read the audit log"))?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|n| n == question.limit);
    let next = rows.last().filter(|_| is_full).map(|r| r.audit_id);
    Ok((rows.iter().map(shown).collect(), next))
}

fn shown(row: &Row) -> Value {
    json!({
        "audit_id": row.audit_id,
        "at": row.at.format(&Rfc3339).unwrap_or_default(),
        "actor": row.actor,
        "title": title(&row.action),
        "action": row.action,
        "target": row.target,
        "outcome": row.outcome,
        "address": row.address,
        "detail": row.detail,
    })
}

/// A row as text, exactly as it was hashed.
#[derive(FromRow)]
pub(super) struct SealedRow {
    pub(super) audit_id: i64,
    pub(super) fields: Vec<Option<String>>,
    pub(super) prev_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

const SEALED: &str = "select audit_id, prev_hash, hash, array[audit_id::text,
        (extract(epoch from at) * 1000000)::bigint::text, actor, action, target, outcome, address, detail::text] as fields";

/// The next rows after a number, in order.
pub(super) async fn sealed_after(
    tx: &mut PgConnection,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<SealedRow>> {
    let sql = format!("{SEALED} from audit_event where audit_id > $1 order by audit_id limit $2");
    sqlx::query_as(&sql).bind(after).bind(limit).fetch_all(tx).await
}

/// All rows of a month, in order. The name comes from the catalogue, never from a person.
pub(super) async fn sealed_of_month(
    tx: &mut PgConnection,
    partition: &str,
) -> sqlx::Result<Vec<SealedRow>> {
    let sql = format!("{SEALED} from {partition} order by audit_id");
    sqlx::query_as(&sql).fetch_all(tx).await
}

/// Where the chain is said to end.
pub(super) async fn end(tx: &mut PgConnection) -> sqlx::Result<(i64, Vec<u8>)> {
    sqlx::query_as("select audit_id, hash from audit_head").fetch_one(tx).await
}

/// The last row that was archived: what the first row on file follows.
pub(super) async fn archived_until(tx: &mut PgConnection) -> sqlx::Result<Option<(i64, Vec<u8>)>> {
    sqlx::query_as("select last_id, last_hash from audit_archive order by last_id desc limit 1")
        .fetch_optional(tx)
        .await
}

/// The first row and the last hash of the archive that ends with a row.
pub(super) async fn archive_ending(
    tx: &mut PgConnection,
    last_id: i64,
) -> sqlx::Result<Option<(i64, Vec<u8>)>> {
    sqlx::query_as("select first_id, last_hash from audit_archive where last_id = $1")
        .bind(last_id)
        .fetch_optional(tx)
        .await
}

/// Months that may go, with the partition that holds each.
pub(super) async fn months_due(
    tx: &mut PgConnection,
    kept_days: i32,
) -> sqlx::Result<Vec<(time::Date, String)>> {
    sqlx::query_as("select month, partition from audit_months_due($1)")
        .bind(kept_days)
        .fetch_all(tx)
        .await
}

/// For this transaction, what only the owner may.
pub(super) async fn act_as_owner(tx: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("set local role onemap_owner").execute(tx).await?;
    Ok(())
}

/// Enters an archive into the book and takes its month out of the database.
pub(super) async fn let_go(
    tx: &mut PgConnection,
    (month, partition): (time::Date, &str),
    rows: &[SealedRow],
    (file_name, sha256): (&str, &[u8]),
) -> sqlx::Result<()> {
    if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
        sqlx::query(
            "insert into audit_archive (month, first_id, last_id, last_hash, file_name, file_sha256)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(month)
        .bind(first.audit_id)
        .bind(last.audit_id)
        .bind(&last.hash)
        .bind(file_name)
        .bind(sha256)
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query(&format!("drop table {partition}")).execute(tx).await?;
    Ok(())
}
