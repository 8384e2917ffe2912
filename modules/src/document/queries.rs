//! The SQL of documents. A document has the scope of its places, and every read is cut to the viewer's scopes
//! (`$1`, null for all).

use std::collections::{BTreeMap, BTreeSet};

use gis_data::{FeatureId, Permission, Personal, ScopeId, Viewer};
use serde_json::{Map, Value as Json};
use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;

use super::event::{Content, Event};
use super::{DocId, DocumentLink};
use crate::definition::KindDefinition;
use crate::{ModuleError, Result};

/// Which documents are meant; `None` means any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    pub kind: Option<&'a str>,
    pub state: Option<&'a str>,
    pub feature_id: Option<FeatureId>,
}

#[derive(Debug, FromRow)]
pub(super) struct DocRow {
    pub doc_id: DocId,
    pub scope_id: ScopeId,
    pub kind: String,
    pub number: String,
    pub title: String,
    pub state: String,
    pub body: Json,
    pub revision: i32,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl DocRow {
    pub(super) fn into_content(self) -> Content {
        let body = match self.body {
            Json::Object(map) => map,
            _ => Map::new(),
        };
        Content { title: self.title, state: self.state, body, revision: self.revision }
    }
}

const COLUMNS: &str = "d.doc_id, d.scope_id, d.kind, d.number, d.title, d.state, d.body, d.revision, d.created_at, d.updated_at";

const VISIBLE: &str = "($1::int[] is null or d.scope_id = any($1))";

/// `$2` kind, `$3` state, `$4` a place: it and all that lies in it, to any depth, as far as the
/// viewer may see each.
const ASKED: &str = "($2::text is null or d.kind = $2) and ($3::text is null or d.state = $3)
    and ($4::bigint is null or d.doc_id in (
        with recursive inside(feature_id) as (
            select $4::bigint
            union
            select c.feature_id from inside join feature c on c.parent_id = inside.feature_id)
        select l.doc_id from inside join doc_link l using (feature_id) join feature f using (feature_id)
        where $1::int[] is null or f.scope_id = any($1)))";

/// Every document there is, for checks that spare none.
pub(super) async fn all_ids(connection: &mut PgConnection) -> Result<Vec<DocId>> {
    sqlx::query_scalar("select doc_id from doc order by doc_id")
        .fetch_all(connection)
        .await
        .map_err(ModuleError::query("list every document"))
}

/// Those of the features that exist and where the viewer may put documents on file.
pub(super) async fn recordable_features(
    tx: &mut PgConnection,
    viewer: &Viewer,
    ids: &[FeatureId],
) -> Result<BTreeSet<FeatureId>> {
    let found: Vec<FeatureId> = sqlx::query_scalar(
        "select feature_id from feature
         where ($1::int[] is null or scope_id = any($1)) and feature_id = any($2)",
    )
    .bind(viewer.scopes_for(Permission::Record))
    .bind(numbers(ids))
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read linked features"))?;
    Ok(found.into_iter().collect())
}

/// The year where the office stands, and the next number in it. Rolled back with the transaction.
pub(super) async fn next_number(tx: &mut PgConnection, kind: &str) -> Result<(i16, i32)> {
    sqlx::query_as(
        "insert into doc_number (kind, year, last)
         values ($1, extract(year from now() at time zone 'Asia/Shanghai')::smallint, 1)
         on conflict (kind, year) do update set last = doc_number.last + 1
         returning year, last",
    )
    .bind(kind)
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("take a number"))
}

/// The scope that a document of these places has. It may be new to the dictionary, and the viewer, who may see every
/// one of the places, sees it from now to the end of the transaction.
pub(super) async fn scope_of(tx: &mut PgConnection, features: &[FeatureId]) -> Result<ScopeId> {
    sqlx::query_scalar(
        "with of_places as materialized (select scope_of_places($1) as scope_id)
         select scope_id from of_places
         where viewer_is_program()
            or set_config('onemap.scopes', (viewer_scopes() || scope_id)::text, true) is not null",
    )
    .bind(numbers(features))
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("find the scope of a document"))
}

pub(super) async fn insert(
    tx: &mut PgConnection,
    scope: ScopeId,
    kind: &KindDefinition,
    number: &str,
    content: &Content,
) -> Result<DocId> {
    sqlx::query_scalar(
        "insert into doc (kind, definition_version, number, title, state, body, revision, scope_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning doc_id",
    )
    .bind(kind.kind)
    .bind(kind.version)
    .bind(number)
    .bind(&content.title)
    .bind(&content.state)
    .bind(sqlx::types::Json(&content.body))
    .bind(content.revision)
    .bind(scope)
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

pub(super) async fn update(
    tx: &mut PgConnection,
    doc_id: DocId,
    content: &Content,
    at: OffsetDateTime,
) -> Result<()> {
    sqlx::query(
        "update doc set state = $2, body = $3, revision = $4, updated_at = $5,
                created_at = case when $4 = 1 then $5 else created_at end
         where doc_id = $1",
    )
    .bind(doc_id)
    .bind(&content.state)
    .bind(sqlx::types::Json(&content.body))
    .bind(content.revision)
    .bind(at)
    .execute(tx)
    .await
    .map_err(ModuleError::query("store a document's new state"))?;
    Ok(())
}

pub(super) async fn one(
    tx: &mut PgConnection,
    scopes: Option<Vec<i32>>,
    doc_id: DocId,
) -> Result<Option<DocRow>> {
    let sql = format!("select {COLUMNS} from doc d where {VISIBLE} and d.doc_id = $2");
    fetch_one(tx, &sql, scopes, doc_id).await
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

/// How many there are, and how many of them are in one of the states.
pub(super) async fn count(
    tx: &mut PgConnection,
    viewer: &Viewer,
    question: Question<'_>,
    states: &[&str],
) -> Result<(i64, i64)> {
    let sql = format!(
        "select count(*), count(*) filter (where d.state = any($5)) from doc d where {VISIBLE} and {ASKED}"
    );
    sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(question.kind)
        .bind(question.state)
        .bind(question.feature_id)
        .bind(states)
        .fetch_one(tx)
        .await
        .map_err(ModuleError::query("count documents"))
}

pub(super) async fn list(
    tx: &mut PgConnection,
    viewer: &Viewer,
    question: Question<'_>,
    before: Option<DocId>,
    limit: u32,
) -> Result<Vec<DocRow>> {
    let sql = format!(
        "select {COLUMNS} from doc d where {VISIBLE} and {ASKED}
         and ($5::bigint is null or d.doc_id < $5) order by d.doc_id desc limit $6"
    );
    sqlx::query_as(&sql)
        .bind(viewer.scope_array())
        .bind(question.kind)
        .bind(question.state)
        .bind(question.feature_id)
        .bind(before)
        .bind(i64::from(limit))
        .fetch_all(tx)
        .await
        .map_err(ModuleError::query("list documents"))
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

/// The places of documents that the viewer may see, named as people say them: a room behind its
/// building.
pub(super) async fn links(
    tx: &mut PgConnection,
    viewer: &Viewer,
    docs: &[DocId],
) -> Result<BTreeMap<DocId, Vec<DocumentLink>>> {
    let rows: Vec<(DocId, FeatureId, ScopeId, String, String)> = sqlx::query_as(
        "select l.doc_id, f.feature_id, f.scope_id, f.kind,
                coalesce(nullif(concat_ws(' ', coalesce(b.name, rb.name, lb.name),
                    coalesce(r.number, r.name, fl.name, p.name, fa.name, m.name, v.plate)), ''),
                    b.code, p.code, '#' || f.feature_id)
         from doc_link l join feature f using (feature_id)
         left join building b on b.feature_id = f.feature_id
         left join room r on r.feature_id = f.feature_id left join building rb on rb.feature_id = r.building_id
         left join floor fl on fl.feature_id = f.feature_id left join building lb on lb.feature_id = fl.building_id
         left join parcel p on p.feature_id = f.feature_id
         left join facility fa on fa.feature_id = f.feature_id
         left join meter m on m.feature_id = f.feature_id
         left join vehicle v on v.feature_id = f.feature_id
         where l.doc_id = any($2) and ($1::int[] is null or f.scope_id = any($1))
         order by l.doc_id, f.feature_id",
    )
    .bind(viewer.scope_array())
    .bind(docs.iter().map(|d| d.0).collect::<Vec<_>>())
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read the places of documents"))?;
    let mut by_doc: BTreeMap<DocId, Vec<DocumentLink>> = BTreeMap::new();
    for (doc_id, feature_id, scope, kind, name) in rows {
        let name = match kind.as_str() {
            "vehicle" => viewer.shown(Personal::Plate, scope, &name).into_owned(),
            _ => name,
        };
        by_doc.entry(doc_id).or_default().push(DocumentLink { feature_id, kind, name });
    }
    Ok(by_doc)
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
