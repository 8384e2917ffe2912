//! The SQL of spreadsheets: names for lookups, savepoints for rows, reports.

use gis_data::{Tx, Viewer};
use sqlx::Executor as _;

use crate::{ModuleError, Result};

type Named = Vec<(i64, Vec<String>)>;

pub(super) async fn orgs(tx: &mut Tx) -> Result<Named> {
    named(tx, "select org_id, array[name, code] from org", None).await
}

pub(super) async fn people(tx: &mut Tx) -> Result<Named> {
    named(tx, "select user_id, array[name, login] from app_user where disabled_at is null", None)
        .await
}

/// Rooms and buildings by code and by name, a room behind its building; parcels and facilities by name and code.
pub(super) async fn places(tx: &mut Tx, viewer: &Viewer) -> Result<Named> {
    named(
        tx,
        "select r.feature_id, array[coalesce(r.code, ''), concat_ws(' ', b.name, r.number), concat_ws(' ', b.code, r.number)]
         from room r join feature f using (feature_id) left join building b on b.feature_id = r.building_id
         where $1::int[] is null or f.scope_id = any($1)
         union all
         select b.feature_id, array[coalesce(b.code, ''), coalesce(b.name, '')] from building b join feature f using (feature_id)
         where ($1::int[] is null or f.scope_id = any($1)) and coalesce(b.code, b.name) is not null
         union all
         select p.feature_id, array[coalesce(p.code, ''), coalesce(p.name, '')] from parcel p join feature f using (feature_id)
         where $1::int[] is null or f.scope_id = any($1)",
        Some(viewer),
    )
    .await
}

pub(super) async fn documents(tx: &mut Tx, viewer: &Viewer) -> Result<Named> {
    named(
        tx,
        "select doc_id, array[number] from doc where number is not null and ($1::int[] is null or scope_id = any($1))
         order by doc_id desc limit 100000",
        Some(viewer),
    )
    .await
}

async fn named(tx: &mut Tx, sql: &str, viewer: Option<&Viewer>) -> Result<Named> {
    let query = sqlx::query_as(sql);
    let query = match viewer {
        Some(viewer) => query.bind(viewer.scope_array()),
        None => query,
    };
    query.fetch_all(&mut **tx).await.map_err(ModuleError::query("read names for a spreadsheet"))
}

pub(super) async fn mark(tx: &mut Tx) -> Result<()> {
    run(tx, "savepoint one_row").await
}

pub(super) async fn keep(tx: &mut Tx) -> Result<()> {
    run(tx, "release savepoint one_row").await
}

pub(super) async fn undo(tx: &mut Tx) -> Result<()> {
    run(tx, "rollback to savepoint one_row").await?;
    run(tx, "release savepoint one_row").await
}

async fn run(tx: &mut Tx, sql: &str) -> Result<()> {
    (&mut **tx).execute(sql).await.map_err(ModuleError::query("mark a row"))?;
    Ok(())
}

pub(super) async fn file_report(
    tx: &mut Tx,
    user: Option<i64>,
    kind: &str,
    content: &[u8],
) -> Result<i64> {
    sqlx::query_scalar(
        "insert into import_report (user_id, kind, content) values ($1, $2, $3) returning import_report_id",
    )
    .bind(user)
    .bind(kind)
    .bind(content)
    .fetch_one(&mut **tx)
    .await
    .map_err(ModuleError::query("file a report"))
}

pub(super) async fn report(tx: &mut Tx, user: i64, id: i64) -> Result<Option<Vec<u8>>> {
    sqlx::query_scalar(
        "select content from import_report where import_report_id = $1 and user_id = $2",
    )
    .bind(id)
    .bind(user)
    .fetch_optional(&mut **tx)
    .await
    .map_err(ModuleError::query("read a report"))
}
