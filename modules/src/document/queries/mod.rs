//! The SQL of documents. A document has the scope of its places, and every read is cut to the viewer's scopes
//! (`$1`, null for all).

mod listing;
mod parts;

use std::collections::BTreeMap;

use gis_data::{FeatureId, Permission, Personal, ScopeId, Viewer};
use serde_json::Value as Json;
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;

use super::event::{Content, Event};
use super::{DocId, DocRow, DocumentLink};
use crate::definition::{CompiledKind, FieldType};
use crate::{ModuleError, Result};
pub(super) use listing::{Listed, list};
pub(super) use parts::*;

pub(in crate::document) const COLUMNS: &str = "d.doc_id, d.scope_id, d.kind, d.definition_version, d.number, d.title, d.state, d.body, d.revision, \
     d.created_by, d.org_id, d.created_at, d.updated_at";

const VISIBLE: &str = "($1::int[] is null or d.scope_id = any($1))";

/// A place and all that lies in it, to any depth, as far as the viewer sees it.
pub(super) const INSIDE: &str = "inside(feature_id) as (
    select feature_id from feature where feature_id = $2 and ($1::int[] is null or scope_id = any($1))
    union select c.feature_id from inside join feature c on c.parent_id = inside.feature_id
    where $1::int[] is null or c.scope_id = any($1))";

/// Every document there is, for checks that spare none.
pub(super) async fn all_ids(connection: &mut PgConnection) -> Result<Vec<DocId>> {
    sqlx::query_scalar("select doc_id from doc order by doc_id")
        .fetch_all(connection)
        .await
        .map_err(ModuleError::query("list every document"))
}

/// Those of the features that exist and where the viewer may put documents on file, with their kinds.
pub(super) async fn recordable_features(
    tx: &mut PgConnection,
    viewer: &Viewer,
    ids: &[FeatureId],
) -> Result<BTreeMap<FeatureId, String>> {
    let found: Vec<(FeatureId, String)> = sqlx::query_as(
        "select feature_id, kind from feature
         where ($1::int[] is null or scope_id = any($1)) and feature_id = any($2)",
    )
    .bind(viewer.scopes_for(Permission::Record))
    .bind(numbers(ids))
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read linked features"))?;
    Ok(found.into_iter().collect())
}

/// The year where the office stands, and the last of the next `count` numbers in it. Rolled back with the transaction.
pub(super) async fn next_numbers(
    tx: &mut PgConnection,
    kind: &str,
    count: i32,
) -> Result<(i16, i32)> {
    sqlx::query_as(
        "insert into doc_number (kind, year, last)
         values ($1, extract(year from now() at time zone 'Asia/Shanghai')::smallint, $2)
         on conflict (kind, year) do update set last = doc_number.last + $2
         returning year, last",
    )
    .bind(kind)
    .bind(count)
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("take numbers"))
}

/// Numbers documents, each and its row in lists.
pub(super) async fn set_numbers(
    tx: &mut PgConnection,
    projection: &str,
    docs: &[DocId],
    numbers: &[String],
) -> Result<()> {
    let ids: Vec<i64> = docs.iter().map(|d| d.0).collect();
    let listed = format!(
        "update {projection} x set number = n.number from unnest($1::bigint[], $2::text[]) as n(doc_id, number)
         where x.doc_id = n.doc_id"
    );
    let filed = "update doc d set number = n.number from unnest($1::bigint[], $2::text[]) as n(doc_id, number)
         where d.doc_id = n.doc_id";
    for statement in [filed, &listed] {
        sqlx::query(statement)
            .bind(&ids)
            .bind(numbers)
            .execute(&mut *tx)
            .await
            .map_err(ModuleError::query("number documents"))?;
    }
    Ok(())
}

/// The scope that a document of these places has. It may be new to the dictionary, and the viewer, who may see every
/// one of the places, sees it from now to the end of the transaction.
pub(super) async fn scope_of(tx: &mut PgConnection, features: &[FeatureId]) -> Result<ScopeId> {
    sqlx::query_scalar(
        "with of_places as materialized (select scope_of_places($1) as scope_id)
         select scope_id from of_places
         where viewer_is_program()
            or set_config('onemap.scopes', viewer_bits_with(scope_id), true) is not null",
    )
    .bind(numbers(features))
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("find the scope of a document"))
}

pub(super) async fn insert(
    tx: &mut PgConnection,
    scope: ScopeId,
    kind: &CompiledKind,
    number: Option<&str>,
    created_by: &str,
    org: Option<i64>,
    content: &Content,
) -> Result<DocRow> {
    let sql = format!(
        "insert into doc as d (kind, definition_version, number, title, state, body, revision, scope_id, created_by, org_id,
                               created_at, updated_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, at, at from (select clock_timestamp() as at) c returning {COLUMNS}"
    );
    sqlx::query_as(&sql)
        .bind(&kind.kind)
        .bind(kind.version)
        .bind(number)
        .bind(&content.title)
        .bind(&content.state)
        .bind(sqlx::types::Json(&content.body))
        .bind(content.revision)
        .bind(scope)
        .bind(created_by)
        .bind(org)
        .fetch_one(tx)
        .await
        .map_err(ModuleError::query("put a document on file"))
}

pub(super) async fn insert_links(
    tx: &mut PgConnection,
    doc_id: DocId,
    features: &[FeatureId],
) -> Result<()> {
    sqlx::query("insert into doc_link (doc_id, feature_id) select $1, unnest($2::bigint[])")
        .bind(doc_id)
        .bind(numbers(features))
        .execute(tx)
        .await
        .map_err(ModuleError::query("link a document to places"))?;
    Ok(())
}

/// The time by the database's clock, and the hash that the next event follows. The document must be
/// locked, or new in this transaction.
pub(super) async fn chain_end(
    tx: &mut PgConnection,
    doc_id: DocId,
) -> Result<(OffsetDateTime, Option<String>)> {
    sqlx::query_as(
        "select clock_timestamp(), (select hash from doc_event where doc_id = $1 order by seq desc limit 1)",
    )
    .bind(doc_id)
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("read the end of a history"))
}

pub(super) async fn insert_event(tx: &mut PgConnection, event: &Event) -> Result<()> {
    sqlx::query(
        "insert into doc_event (doc_id, seq, action, actor, patch, at, prev_hash, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(event.doc_id)
    .bind(event.seq)
    .bind(&event.action)
    .bind(&event.actor)
    .bind(&event.patch)
    .bind(event.at)
    .bind(&event.prev_hash)
    .bind(&event.hash)
    .execute(tx)
    .await
    .map_err(ModuleError::query("append an event"))?;
    Ok(())
}

/// Stores what a document has become, with the time of its last event.
pub(super) async fn update(
    tx: &mut PgConnection,
    doc_id: DocId,
    content: &Content,
    org: Option<i64>,
) -> Result<DocRow> {
    let sql = format!(
        "update doc d set title = $2, state = $3, body = $4, revision = $5, definition_version = $6, org_id = $7,
                updated_at = e.at, created_at = case when $5 = 1 then e.at else d.created_at end
         from (select max(at) as at from doc_event where doc_id = $1) e where d.doc_id = $1 returning {COLUMNS}"
    );
    sqlx::query_as(&sql)
        .bind(doc_id)
        .bind(&content.title)
        .bind(&content.state)
        .bind(sqlx::types::Json(&content.body))
        .bind(content.revision)
        .bind(content.version)
        .bind(org)
        .fetch_one(tx)
        .await
        .map_err(ModuleError::query("store a document's new state"))
}

pub(super) async fn set_number(tx: &mut PgConnection, doc_id: DocId, number: &str) -> Result<()> {
    sqlx::query("update doc set number = $2 where doc_id = $1 and number is null")
        .bind(doc_id)
        .bind(number)
        .execute(tx)
        .await
        .map_err(ModuleError::query("number a document"))?;
    Ok(())
}

pub(super) async fn move_to_scope(
    tx: &mut PgConnection,
    doc_id: DocId,
    scope: ScopeId,
) -> Result<()> {
    sqlx::query("update doc set scope_id = $2 where doc_id = $1 and scope_id <> $2")
        .bind(doc_id)
        .bind(scope)
        .execute(tx)
        .await
        .map_err(ModuleError::query("move a document to other places"))?;
    Ok(())
}

pub(super) async fn delete_places(tx: &mut PgConnection, doc_id: DocId) -> Result<()> {
    sqlx::query("delete from doc_link where doc_id = $1 and role = 'place'")
        .bind(doc_id)
        .execute(tx)
        .await
        .map_err(ModuleError::query("unlink a document from places"))?;
    Ok(())
}

pub(super) async fn insert_document_link(
    tx: &mut PgConnection,
    doc_id: DocId,
    role: &str,
    other: DocId,
) -> Result<()> {
    let linked = sqlx::query(
        "insert into doc_link (doc_id, role, other_doc_id) select $1, $2, doc_id from doc where doc_id = $3",
    )
    .bind(doc_id)
    .bind(role)
    .bind(other)
    .execute(tx)
    .await
    .map_err(ModuleError::query("link a document to another"))?;
    if linked.rows_affected() == 0 { Err(ModuleError::NotFound(other)) } else { Ok(()) }
}

/// What the fields of a document point to, by role and type, in place of what they pointed to before.
pub(super) async fn replace_references(
    tx: &mut PgConnection,
    doc_id: DocId,
    references: &[(String, FieldType, i64)],
    had_some: bool,
) -> Result<()> {
    if had_some {
        sqlx::query("delete from doc_link where doc_id = $1 and role not in ('place', 'amends')")
            .bind(doc_id)
            .execute(&mut *tx)
            .await
            .map_err(ModuleError::query("unlink fields"))?;
    }
    if references.is_empty() {
        return Ok(());
    }
    let of = |kind: FieldType| {
        references.iter().map(|r| (r.1 == kind).then_some(r.2)).collect::<Vec<Option<i64>>>()
    };
    sqlx::query(
        "insert into doc_link (doc_id, role, feature_id, other_doc_id, user_id)
         select $1, role, f, d, u from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) as r(role, f, d, u)
         on conflict do nothing",
    )
    .bind(doc_id)
    .bind(references.iter().map(|r| r.0.clone()).collect::<Vec<_>>())
    .bind(of(FieldType::Feature))
    .bind(of(FieldType::Document))
    .bind(of(FieldType::Person))
    .execute(tx)
    .await
    .map_err(ModuleError::query("link fields"))?;
    Ok(())
}

/// Names of organisations.
pub(super) async fn org_names(tx: &mut PgConnection, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    named(tx, "select org_id, name from org where org_id = any($1)", ids).await
}

/// Names of people with accounts.
pub(super) async fn person_names(tx: &mut PgConnection, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    named(tx, "select user_id, name from app_user where user_id = any($1)", ids).await
}

/// Numbers or titles of documents that the viewer sees.
pub(super) async fn document_names(
    tx: &mut PgConnection,
    ids: &[i64],
) -> Result<Vec<(i64, String)>> {
    named(tx, "select doc_id, coalesce(number, title) from doc where doc_id = any($1)", ids).await
}

async fn named(tx: &mut PgConnection, sql: &str, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as(sql).bind(ids).fetch_all(tx).await.map_err(ModuleError::query("read names"))
}

pub(super) async fn one(
    tx: &mut PgConnection,
    scopes: Option<Vec<i32>>,
    doc_id: DocId,
) -> Result<Option<DocRow>> {
    let sql = format!("select {COLUMNS} from doc d where {VISIBLE} and d.doc_id = $2");
    fetch_one(tx, &sql, scopes, doc_id).await
}

/// A document with what belongs to it, as one statement reads it.
#[derive(Debug, FromRow)]
pub(super) struct Whole {
    #[sqlx(flatten)]
    pub(super) row: DocRow,
    lines: Vec<Json>,
    places: Vec<i64>,
}

impl Whole {
    /// The row, its lines in order, and the places it hangs off.
    pub(super) fn parts(self) -> (DocRow, Vec<Json>, Vec<FeatureId>) {
        (self.row, self.lines, self.places.into_iter().map(FeatureId).collect())
    }
}

pub(super) async fn whole(
    tx: &mut PgConnection,
    scopes: Option<Vec<i32>>,
    doc_id: DocId,
) -> Result<Option<Whole>> {
    let sql = format!(
        "select {COLUMNS}, array(select l.body from doc_line l where l.doc_id = $2 order by l.line_no) as lines,
                array(select l.feature_id from doc_link l where l.doc_id = $2 and l.role = 'place' and l.feature_id is not null
                      order by 1) as places
         from doc d where {VISIBLE} and d.doc_id = $2"
    );
    sqlx::query_as(&sql)
        .bind(scopes)
        .bind(doc_id)
        .fetch_optional(tx)
        .await
        .map_err(ModuleError::query("read a document with its lines"))
}

/// The lines and places of a document that this transaction holds, and whether an approval of it is under way.
pub(super) async fn held(
    tx: &mut PgConnection,
    doc_id: DocId,
) -> Result<(Vec<Json>, Vec<FeatureId>, bool)> {
    let (lines, places, is_running): (Vec<Json>, Vec<i64>, bool) = sqlx::query_as(
        "select array(select l.body from doc_line l where l.doc_id = $1 order by l.line_no),
                array(select l.feature_id from doc_link l where l.doc_id = $1 and l.role = 'place' and l.feature_id is not null
                      order by 1),
                exists (select from approval where doc_id = $1 and ended_at is null)",
    )
    .bind(doc_id)
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("read what belongs to a document"))?;
    Ok((lines, places.into_iter().map(FeatureId).collect(), is_running))
}

/// The document, held until the transaction ends: a second writer waits here and then reads the new
/// revision.
pub(super) async fn lock(
    tx: &mut PgConnection,
    viewer: &Viewer,
    doc_id: DocId,
) -> Result<Option<DocRow>> {
    let sql = format!("select {COLUMNS} from doc d where {VISIBLE} and d.doc_id = $2 for update");
    fetch_one(tx, &sql, viewer.scope_array(), doc_id).await
}

/// How many documents of each kind and state hang off a place or off anything in it: one statement for all kinds. A building
/// has tens of thousands of rows in `doc_place`; which of them the viewer sees, its policy alone decides, by one bit a row.
pub(super) async fn counts_in(
    tx: &mut PgConnection,
    viewer: &Viewer,
    feature: FeatureId,
) -> Result<Vec<(String, String, i32, i64)>> {
    let sql = format!(
        "with recursive {INSIDE}, docs as materialized (
             select distinct d.doc_id, d.kind, d.state, d.definition_version from doc_place d
             where d.feature_id = any(array(select feature_id from inside)))
         select kind, state, definition_version, count(*) from docs group by 1, 2, 3"
    );
    sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(feature)
        .fetch_all(tx)
        .await
        .map_err(ModuleError::query("count the records of a place"))
}

/// The newest documents that hang off a place or off anything in it.
pub(super) async fn newest_in(
    tx: &mut PgConnection,
    viewer: &Viewer,
    feature: FeatureId,
    limit: u32,
) -> Result<Vec<DocRow>> {
    let sql = format!(
        "with recursive {INSIDE}, docs as materialized (
             select distinct d.doc_id from doc_place d
             where d.feature_id = any(array(select feature_id from inside))
             order by d.doc_id desc limit $3)
         select {COLUMNS} from docs join doc d using (doc_id) where {VISIBLE} order by d.doc_id desc limit $3"
    );
    sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(feature)
        .bind(i64::from(limit))
        .fetch_all(tx)
        .await
        .map_err(ModuleError::query("read the records of a place"))
}

/// How many documents of each kind and state the viewer sees.
pub(crate) async fn counts(
    tx: &mut PgConnection,
    viewer: &Viewer,
) -> Result<Vec<(String, String, i32, i64)>> {
    let sql = format!(
        "select d.kind, d.state, d.definition_version, count(*) from doc d where {VISIBLE} group by 1, 2, 3"
    );
    sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .fetch_all(tx)
        .await
        .map_err(ModuleError::query("count documents"))
}

/// Key, scope, number and title of documents that the viewer sees.
pub(super) async fn titles(
    tx: &mut PgConnection,
    viewer: &Viewer,
    ids: &[DocId],
) -> Result<Vec<(DocId, ScopeId, Option<String>, String)>> {
    let sql = format!(
        "select d.doc_id, d.scope_id, d.number, d.title from doc d where {VISIBLE} and d.doc_id = any($2)"
    );
    sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(ids)
        .fetch_all(tx)
        .await
        .map_err(ModuleError::query("read the titles of documents"))
}

/// Documents by key.
pub(super) async fn by_ids(
    tx: &mut PgConnection,
    viewer: &Viewer,
    ids: &[i64],
) -> Result<Vec<DocRow>> {
    let sql = format!("select {COLUMNS} from doc d where {VISIBLE} and d.doc_id = any($2)");
    sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(ids)
        .fetch_all(tx)
        .await
        .map_err(ModuleError::query("read documents"))
}

pub(super) async fn events(tx: &mut PgConnection, doc_id: DocId) -> Result<Vec<Event>> {
    sqlx::query_as(
        "select doc_id, seq, action, actor, patch, at, prev_hash, hash
         from doc_event where doc_id = $1 order by seq",
    )
    .bind(doc_id)
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read a history"))
}

/// The places of documents, by document.
pub(super) async fn links(
    tx: &mut PgConnection,
    viewer: &Viewer,
    docs: &[DocId],
) -> Result<BTreeMap<DocId, Vec<DocumentLink>>> {
    let rows: Vec<(DocId, FeatureId)> = sqlx::query_as(
        "select doc_id, feature_id from doc_link
         where doc_id = any($1) and role = 'place' and feature_id is not null order by 1, 2",
    )
    .bind(docs.iter().map(|d| d.0).collect::<Vec<_>>())
    .fetch_all(&mut *tx)
    .await
    .map_err(ModuleError::query("read the places of documents"))?;
    let ids: Vec<i64> = rows.iter().map(|r| r.1.0).collect();
    let named = place_names(tx, viewer, &ids).await?;
    let mut by_doc: BTreeMap<DocId, Vec<DocumentLink>> = BTreeMap::new();
    for (doc_id, feature_id) in rows {
        by_doc.entry(doc_id).or_default().extend(link(&named, feature_id));
    }
    Ok(by_doc)
}

/// A place as a document tells of it, if the viewer sees it.
pub(super) fn link(
    named: &BTreeMap<FeatureId, (String, String)>,
    feature_id: FeatureId,
) -> Option<DocumentLink> {
    let (kind, name) = named.get(&feature_id)?;
    Some(DocumentLink { feature_id, kind: kind.clone(), name: name.clone() })
}

/// Kinds and names of places that the viewer may see, as people say them: a room behind its building.
pub(crate) async fn place_names(
    tx: &mut PgConnection,
    viewer: &Viewer,
    ids: &[i64],
) -> Result<BTreeMap<FeatureId, (String, String)>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(FeatureId, ScopeId, String, String)> = sqlx::query_as(
        "select f.feature_id, f.scope_id, f.kind,
                coalesce(nullif(concat_ws(' ', coalesce(b.name, rb.name, lb.name),
                    coalesce(r.number, r.name, fl.name, p.name, fa.name, m.name, v.plate)), ''),
                    b.code, p.code, '#' || f.feature_id)
         from feature f
         left join building b on b.feature_id = f.feature_id
         left join room r on r.feature_id = f.feature_id left join building rb on rb.feature_id = r.building_id
         left join floor fl on fl.feature_id = f.feature_id left join building lb on lb.feature_id = fl.building_id
         left join parcel p on p.feature_id = f.feature_id
         left join facility fa on fa.feature_id = f.feature_id
         left join meter m on m.feature_id = f.feature_id
         left join vehicle v on v.feature_id = f.feature_id
         where f.feature_id = any($2) and ($1::int[] is null or f.scope_id = any($1))",
    )
    .bind(viewer.scope_array())
    .bind(ids)
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read the names of places"))?;
    let shown = rows.into_iter().map(|(id, scope, kind, name)| {
        let name = match kind.as_str() {
            "vehicle" => viewer.shown(Personal::Plate, scope, &name).into_owned(),
            _ => name,
        };
        (id, (kind, name))
    });
    Ok(shown.collect())
}

async fn fetch_one(
    tx: &mut PgConnection,
    sql: &str,
    scopes: Option<Vec<i32>>,
    doc_id: DocId,
) -> Result<Option<DocRow>> {
    sqlx::query_as(sql)
        .bind(scopes)
        .bind(doc_id)
        .fetch_optional(tx)
        .await
        .map_err(ModuleError::query("read a document"))
}

fn numbers(ids: &[FeatureId]) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}
