//! The SQL of figures and of themes at midnight. Selections come from definitions.

use gis_data::Tx;

use crate::{ModuleError, Result};

pub(super) async fn figure(tx: &mut Tx, sql: &str) -> Result<f64> {
    let value: Option<f64> = sqlx::query_scalar(sql)
        .fetch_one(&mut **tx)
        .await
        .map_err(ModuleError::query("count a figure"))?;
    Ok(value.unwrap_or(0.0))
}

pub(super) async fn has_column(tx: &mut Tx, table: &str, column: &str) -> Result<bool> {
    sqlx::query_scalar(
        "select exists (select from pg_attribute where attrelid = $1::regclass and attname = $2 and not attisdropped)",
    )
    .bind(table)
    .bind(column)
    .fetch_one(&mut **tx)
    .await
    .map_err(ModuleError::query("look at a table"))
}

pub(super) async fn turn(tx: &mut Tx, layer: &str, table: &str, during: &str) -> Result<()> {
    sqlx::query("select turn_theme($1, $2::regclass, $3)")
        .bind(layer)
        .bind(table)
        .bind(during)
        .execute(&mut **tx)
        .await
        .map_err(ModuleError::query("turn a theme"))?;
    Ok(())
}
