//! The SQL of mirrors. Relations and columns come from the catalogue, which accepts only plain
//! identifiers; values are always bound.

use std::fmt::Write as _;

use bytes::Bytes;
use futures::stream::BoxStream;
use sqlx::{FromRow, PgConnection};

use crate::layer::{AttributeType, Layer};
use crate::{Bbox, GisError, Result};

/// `$1`: ids to read.
pub(super) fn select_features(layer: &Layer) -> String {
    format!("{} where feature_id = any($1)", select_all(layer))
}

/// All features of a layer in PostgreSQL's binary COPY format, columns as in [`select_features`].
pub(super) async fn copy_features<'c>(
    connection: &'c mut PgConnection,
    layer: &Layer,
) -> Result<BoxStream<'c, sqlx::Result<Bytes>>> {
    let sql = format!("copy ({}) to stdout (format binary)", select_all(layer));
    connection.copy_out_raw(&sql).await.map_err(GisError::query("copy a layer"))
}

fn select_all(layer: &Layer) -> String {
    let mut sql = format!("select feature_id, scope_id, st_asbinary({})", layer.geometry_column);
    for attribute in &layer.attributes {
        let cast = match attribute.kind {
            AttributeType::Int => "bigint",
            AttributeType::Float => "double precision",
            AttributeType::Text => "text",
        };
        let _ = write!(sql, ", {}::{cast}", attribute.name);
    }
    let _ = write!(sql, " from {}", layer.relation);
    sql
}

/// A row of the outbox.
#[derive(Debug, FromRow)]
pub(crate) struct ChangeRow {
    pub(crate) seq: i64,
    pub(crate) layer: String,
    pub(crate) feature_id: i64,
    old_bbox: Option<Vec<f64>>,
    new_bbox: Option<Vec<f64>>,
}

impl ChangeRow {
    /// Where the feature was and is, as far as whoever wrote the row knew it.
    pub(crate) fn boxes(&self) -> impl Iterator<Item = Bbox> {
        let sides = [&self.old_bbox, &self.new_bbox].into_iter().flatten();
        sides.filter_map(|sides| Bbox::new_checked(sides.as_slice().try_into().ok()?))
    }
}

/// The oldest transaction that may still be running: everything before it is settled.
pub(crate) async fn snapshot_xmin(connection: &mut PgConnection) -> Result<String> {
    sqlx::query_scalar("select pg_snapshot_xmin(pg_current_snapshot())::text")
        .fetch_one(connection)
        .await
        .map_err(GisError::query("read the snapshot"))
}

/// All visible changes of transactions from the cursor onward, in the order they were written.
pub(crate) async fn changes_since(
    connection: &mut PgConnection,
    cursor: &str,
) -> Result<Vec<ChangeRow>> {
    sqlx::query_as(
        "select seq, layer, feature_id, old_bbox, new_bbox from feature_change where xid >= $1::text::xid8 order by seq",
    )
    .bind(cursor)
    .fetch_all(connection)
    .await
    .map_err(GisError::query("follow the outbox"))
}

/// Features whose version begins or ended on the given day, per layer: what midnight changes.
pub(crate) async fn turned_today(connection: &mut PgConnection) -> Result<Vec<(String, i64)>> {
    sqlx::query_as(
        "select 'buildings', feature_id from building_version where city_today() in (lower(valid), upper(valid))
         union select 'floors', feature_id from floor_version where city_today() in (lower(valid), upper(valid))
         union select 'rooms', feature_id from room_version where city_today() in (lower(valid), upper(valid))
         union select 'parcels', feature_id from parcel_version where city_today() in (lower(valid), upper(valid))",
    )
    .fetch_all(connection)
    .await
    .map_err(GisError::query("find versions that turn today"))
}

/// Today where the city is.
pub(crate) async fn today(connection: &mut PgConnection) -> Result<time::Date> {
    sqlx::query_scalar("select city_today()")
        .fetch_one(connection)
        .await
        .map_err(GisError::query("read the date"))
}
