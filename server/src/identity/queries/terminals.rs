//! Terminals and their secrets.

use gis_data::Tx;
use serde_json::{Value, json};
use sqlx::FromRow;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use vehicle_tracker::TerminalId;

use super::failed;
use crate::error::ApiResult;
use crate::identity::door::KeyRing;

#[derive(FromRow)]
struct TerminalRow {
    terminal_id: String,
    vehicle_id: i64,
    plate: String,
    org_id: Option<i64>,
    org_name: Option<String>,
    issued_at: Option<OffsetDateTime>,
    total: i64,
}

pub(in crate::identity) async fn terminals(
    tx: &mut Tx,
    q: Option<&str>,
    limit: i64,
) -> ApiResult<(i64, Vec<Value>)> {
    let rows: Vec<TerminalRow> = sqlx::query_as(
        "select t.terminal_id, t.vehicle_id, v.plate, v.org_id, o.name as org_name,
                case when t.secret_hash is not null then t.secret_issued_at end as issued_at, count(*) over () as total
         from terminal t join vehicle v on v.feature_id = t.vehicle_id left join org o using (org_id)
         where $1::text is null or strpos(lower(t.terminal_id), lower($1)) > 0 or strpos(v.plate, upper($1)) > 0
         order by t.terminal_id limit $2",
    )
    .bind(q)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("list terminals"))?;
    let total = rows.first().map_or(0, |r| r.total);
    let shown = |r: TerminalRow| {
        json!({
            "terminal_id": r.terminal_id,
            "vehicle_id": r.vehicle_id,
            "plate": r.plate,
            "org": r.org_id.zip(r.org_name).map(|(org_id, name)| json!({"org_id": org_id, "name": name})),
            "issued_at": r.issued_at.and_then(|at| at.format(&Rfc3339).ok()),
        })
    };
    Ok((total, rows.into_iter().map(shown).collect()))
}

pub(in crate::identity) async fn terminals_without_secret(tx: &mut Tx) -> ApiResult<Vec<String>> {
    sqlx::query_scalar(
        "select terminal_id from terminal where secret_hash is null order by terminal_id for update",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("list terminals without a secret"))
}

pub(in crate::identity) async fn set_terminal_secrets(
    tx: &mut Tx,
    digests: &[(&str, [u8; 32])],
) -> ApiResult<()> {
    let (ids, hashes): (Vec<&str>, Vec<&[u8]>) =
        digests.iter().map(|(id, digest)| (*id, digest.as_slice())).unzip();
    sqlx::query(
        "update terminal t set secret_hash = n.hash, secret_issued_at = now(), registration = null
         from unnest($1::text[], $2::bytea[]) n(terminal_id, hash) where t.terminal_id = n.terminal_id",
    )
    .bind(ids)
    .bind(hashes)
    .execute(&mut **tx)
    .await
    .map_err(failed("keep the secrets of terminals"))?;
    Ok(())
}

/// `None` takes the secret away; `false` when there is no such terminal.
pub(in crate::identity) async fn set_terminal_secret(
    tx: &mut Tx,
    terminal: &str,
    digest: Option<&[u8; 32]>,
) -> ApiResult<bool> {
    let done = sqlx::query(
        "update terminal set secret_hash = $2, secret_issued_at = now(), registration = null
         where terminal_id = $1",
    )
    .bind(terminal)
    .bind(digest.map(<[u8; 32]>::as_slice))
    .execute(&mut **tx)
    .await
    .map_err(failed("set a terminal's secret"))?;
    Ok(done.rows_affected() == 1)
}

/// Every terminal that has a secret, with its digest.
pub(in crate::identity) async fn key_ring(tx: &mut Tx) -> ApiResult<KeyRing> {
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "select terminal_id, secret_hash from terminal where secret_hash is not null",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("read the secrets of terminals"))?;
    let kept = |(id, digest): (String, Vec<u8>)| {
        Some((TerminalId::new_checked(&id)?, digest.try_into().ok()?))
    };
    Ok(rows.into_iter().filter_map(kept).collect())
}

/// What is on file about a terminal that wants to be registered.
pub(in crate::identity) struct OnFile {
    pub(in crate::identity) plate: String,
    pub(in crate::identity) has_secret: bool,
    /// What it said of itself the first time.
    pub(in crate::identity) registration: Option<Value>,
}

/// Locks the row until the transaction ends: of two devices with one number the first is registered.
pub(in crate::identity) async fn terminal_on_file(
    tx: &mut Tx,
    terminal: &str,
) -> ApiResult<Option<OnFile>> {
    let row: Option<(String, bool, Option<Value>)> = sqlx::query_as(
        "select v.plate, t.secret_hash is not null, t.registration
         from terminal t join vehicle v on v.feature_id = t.vehicle_id
         where t.terminal_id = $1 for update of t",
    )
    .bind(terminal)
    .fetch_optional(&mut **tx)
    .await
    .map_err(failed("read a terminal"))?;
    Ok(row.map(|(plate, has_secret, registration)| OnFile { plate, has_secret, registration }))
}

pub(in crate::identity) async fn set_registration(
    tx: &mut Tx,
    terminal: &str,
    registration: &Value,
) -> ApiResult<()> {
    sqlx::query("update terminal set registration = $2 where terminal_id = $1")
        .bind(terminal)
        .bind(registration)
        .execute(&mut **tx)
        .await
        .map_err(failed("register a terminal"))?;
    Ok(())
}
