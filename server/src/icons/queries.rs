//! The SQL of icons.

use gis_data::Tx;
use sqlx::FromRow;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::ApiResult;
use crate::identity::failed;

/// An icon on file.
#[derive(Debug, FromRow)]
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) svg: String,
    pub(super) updated_by: String,
    updated_at: OffsetDateTime,
}

/// What tells one state of an icon from another without reading it.
pub(super) type Stamp = (String, OffsetDateTime);

impl Kept {
    pub(super) fn stamp(&self) -> Stamp {
        (self.name.clone(), self.updated_at)
    }

    pub(super) fn at(&self) -> String {
        self.updated_at.format(&Rfc3339).unwrap_or_default()
    }
}

/// All of them by name.
pub(super) async fn icons(tx: &mut Tx) -> ApiResult<Vec<Kept>> {
    sqlx::query_as("select icon_id as name, svg, updated_by, updated_at from icon order by icon_id")
        .fetch_all(&mut **tx)
        .await
        .map_err(failed("read the icons"))
}

/// The stamps of all of them, in the same order.
pub(super) async fn stamps(tx: &mut Tx) -> ApiResult<Vec<Stamp>> {
    sqlx::query_as("select icon_id, updated_at from icon order by icon_id")
        .fetch_all(&mut **tx)
        .await
        .map_err(failed("look for changed icons"))
}

pub(super) async fn svg_of(tx: &mut Tx, name: &str) -> ApiResult<Option<String>> {
    sqlx::query_scalar("select svg from icon where icon_id = $1 for update")
        .bind(name)
        .fetch_optional(&mut **tx)
        .await
        .map_err(failed("read an icon"))
}

pub(super) async fn count(tx: &mut Tx) -> ApiResult<i64> {
    sqlx::query_scalar("select count(*) from icon")
        .fetch_one(&mut **tx)
        .await
        .map_err(failed("count the icons"))
}

pub(super) async fn put(tx: &mut Tx, name: &str, svg: &str, by: &str) -> ApiResult<()> {
    sqlx::query(
        "insert into icon (icon_id, svg, updated_by) values ($1, $2, $3)
         on conflict (icon_id) do update set
             svg = excluded.svg, updated_by = excluded.updated_by, updated_at = clock_timestamp()",
    )
    .bind(name)
    .bind(svg)
    .bind(by)
    .execute(&mut **tx)
    .await
    .map_err(failed("keep an icon"))?;
    Ok(())
}

/// `false` when there is none of this name.
pub(super) async fn remove(tx: &mut Tx, name: &str) -> ApiResult<bool> {
    let done = sqlx::query("delete from icon where icon_id = $1")
        .bind(name)
        .execute(&mut **tx)
        .await
        .map_err(failed("remove an icon"))?;
    Ok(done.rows_affected() == 1)
}
