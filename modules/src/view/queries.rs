//! The SQL of saved filters.

use gis_data::Tx;
use serde_json::Value as Json;

use super::SavedView;
use crate::{ModuleError, Result};

pub(super) async fn list(tx: &mut Tx, me: i64, kind: &str) -> Result<Vec<SavedView>> {
    sqlx::query_as(
        "select saved_view_id, name, query, is_shared, user_id = $1 as mine from saved_view
         where kind = $2 and (user_id = $1 or is_shared) order by user_id <> $1, name",
    )
    .bind(me)
    .bind(kind)
    .fetch_all(&mut **tx)
    .await
    .map_err(ModuleError::query("read saved views"))
}

pub(super) async fn save(
    tx: &mut Tx,
    me: i64,
    kind: &str,
    name: &str,
    query: &Json,
    shared: bool,
) -> Result<i64> {
    sqlx::query("delete from saved_view where user_id = $1 and kind = $2 and name = $3")
        .bind(me)
        .bind(kind)
        .bind(name)
        .execute(&mut **tx)
        .await
        .map_err(ModuleError::query("replace a view"))?;
    sqlx::query_scalar(
        "insert into saved_view (user_id, kind, name, query, is_shared) values ($1, $2, $3, $4, $5) returning saved_view_id",
    )
    .bind(me)
    .bind(kind)
    .bind(name)
    .bind(query)
    .bind(shared)
    .fetch_one(&mut **tx)
    .await
    .map_err(ModuleError::query("keep a view"))
}

pub(super) async fn delete(tx: &mut Tx, me: i64, view_id: i64) -> Result<bool> {
    let done = sqlx::query("delete from saved_view where saved_view_id = $1 and user_id = $2")
        .bind(view_id)
        .bind(me)
        .execute(&mut **tx)
        .await
        .map_err(ModuleError::query("delete a view"))?;
    Ok(done.rows_affected() == 1)
}
