//! The SQL of definitions: what was applied, and the relations that are made from them. DDL runs as the owner.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sqlx::{Executor as _, FromRow, PgConnection};

use crate::document::DocRow;
use crate::{ModuleError, Result};

/// A definition as it was last applied.
#[derive(Debug, FromRow)]
pub(super) struct Applied {
    pub(super) kind: String,
    pub(super) hash: String,
    pub(super) source: String,
}

/// How many documents of a kind and version are in a state.
#[derive(Debug, FromRow)]
pub(super) struct InState {
    pub(super) kind: String,
    pub(super) version: i32,
    pub(super) state: String,
    pub(super) count: i64,
}

pub(super) async fn begin(owner: &mut PgConnection) -> Result<()> {
    owner.execute("begin").await.map_err(ModuleError::query("begin with the definitions"))?;
    // One program at a time changes relations.
    owner
        .execute("select pg_advisory_xact_lock(hashtextextended('module definitions', 0))")
        .await
        .map_err(ModuleError::query("wait for another migration"))?;
    Ok(())
}

pub(super) async fn commit(owner: &mut PgConnection) -> Result<()> {
    owner.execute("commit").await.map_err(ModuleError::query("commit the definitions"))?;
    Ok(())
}

pub(super) async fn keep_writers_out(owner: &mut PgConnection) -> Result<()> {
    owner
        .execute("lock table doc in share row exclusive mode")
        .await
        .map_err(ModuleError::query("keep writers out"))?;
    Ok(())
}

/// The definition in force of each kind.
pub(super) async fn applied(connection: &mut PgConnection) -> Result<BTreeMap<String, Applied>> {
    let rows: Vec<Applied> = sqlx::query_as(
        "select distinct on (kind) kind, hash, source from module_definition order by kind, applied_at desc",
    )
    .fetch_all(connection)
    .await
    .map_err(ModuleError::query("read the definitions in force"))?;
    Ok(rows.into_iter().map(|row| (row.kind.clone(), row)).collect())
}

pub(super) async fn documents(connection: &mut PgConnection) -> Result<Vec<InState>> {
    sqlx::query_as(
        "select kind, definition_version as version, state, count(*) as count from doc group by 1, 2, 3",
    )
    .fetch_all(connection)
    .await
    .map_err(ModuleError::query("count documents by version"))
}

/// Runs statements made from definitions.
pub(super) async fn run(owner: &mut PgConnection, statements: &[String]) -> Result<()> {
    for statement in statements {
        owner.execute(statement.as_str()).await.map_err(ModuleError::query("make a relation"))?;
    }
    Ok(())
}

pub(super) async fn batch(
    owner: &mut PgConnection,
    kind: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<DocRow>> {
    sqlx::query_as(
        "select doc_id, scope_id, kind, definition_version, number, title, state, body, revision, created_by, org_id,
                created_at, updated_at
         from doc where kind = $1 and doc_id > $2 order by doc_id limit $3",
    )
    .bind(kind)
    .bind(after)
    .bind(limit)
    .fetch_all(owner)
    .await
    .map_err(ModuleError::query("read documents for a projection"))
}

/// Adds rows to a projection.
pub(super) async fn fill(owner: &mut PgConnection, projection: &str, rows: &[Json]) -> Result<()> {
    let sql = format!(
        "insert into {projection} select * from jsonb_populate_recordset(null::{projection}, $1)"
    );
    sqlx::query(&sql)
        .bind(sqlx::types::Json(rows))
        .execute(owner)
        .await
        .map_err(ModuleError::query("fill a projection"))?;
    Ok(())
}

pub(super) async fn analyze(owner: &mut PgConnection, projection: &str) -> Result<()> {
    owner
        .execute(format!("analyze {projection}").as_str())
        .await
        .map_err(ModuleError::query("count a projection"))?;
    Ok(())
}

pub(super) async fn record(
    owner: &mut PgConnection,
    kind: &str,
    version: i32,
    module: &str,
    hash: &str,
    source: &str,
) -> Result<()> {
    sqlx::query(
        "insert into module_definition (kind, version, module, hash, source, applied_at)
         values ($1, $2, $3, $4, $5, clock_timestamp())
         on conflict (kind, version, hash) do update set applied_at = clock_timestamp()",
    )
    .bind(kind)
    .bind(version)
    .bind(module)
    .bind(hash)
    .bind(source)
    .execute(owner)
    .await
    .map_err(ModuleError::query("record a definition"))?;
    Ok(())
}

/// What one document looks like in lists.
pub(crate) async fn project(
    tx: &mut PgConnection,
    projection: &str,
    columns: &str,
    row: &Json,
) -> Result<()> {
    let sql = format!(
        "insert into {projection} select * from jsonb_populate_record(null::{projection}, $1)
         on conflict (doc_id) do update set {columns}"
    );
    sqlx::query(&sql)
        .bind(row)
        .execute(tx)
        .await
        .map_err(ModuleError::query("bring a list up to date"))?;
    Ok(())
}
