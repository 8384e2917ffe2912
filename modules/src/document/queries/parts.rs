//! The SQL of what belongs to a document: lines, comments, files, decisions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use sqlx::{FromRow, PgConnection};

use crate::definition::{CompiledKind, FieldType};
use crate::document::attachment::Attachment;
use crate::document::decision::Decision;
use crate::document::{Comment, DocId};
use crate::{ModuleError, Result};

pub(in crate::document) async fn lines(tx: &mut PgConnection, doc_id: DocId) -> Result<Vec<Json>> {
    sqlx::query_scalar("select body from doc_line where doc_id = $1 order by line_no")
        .bind(doc_id)
        .fetch_all(tx)
        .await
        .map_err(ModuleError::query("read lines"))
}

pub(in crate::document) async fn replace_lines(
    tx: &mut PgConnection,
    kind: &CompiledKind,
    doc_id: DocId,
    lines: &[Json],
) -> Result<()> {
    sqlx::query("delete from doc_line where doc_id = $1")
        .bind(doc_id)
        .execute(&mut *tx)
        .await
        .map_err(ModuleError::query("take old lines away"))?;
    let first = |of: FieldType| {
        let fields = kind.lines.iter().flat_map(|l| &l.fields);
        fields.clone().find(|f| f.kind == of).map(|f| f.name.clone()).unwrap_or_default()
    };
    sqlx::query(
        "insert into doc_line (doc_id, line_no, body, feature_id, org_id)
         select $1, n, line, (line ->> $3)::bigint, (line ->> $4)::bigint
         from jsonb_array_elements($2) with ordinality as l(line, n)",
    )
    .bind(doc_id)
    .bind(sqlx::types::Json(lines))
    .bind(first(FieldType::Feature))
    .bind(first(FieldType::Org))
    .execute(tx)
    .await
    .map_err(ModuleError::query("write lines"))?;
    Ok(())
}

pub(in crate::document) async fn insert_comment(
    tx: &mut PgConnection,
    doc_id: DocId,
    actor: &str,
    text: &str,
) -> Result<i64> {
    sqlx::query_scalar(
        "insert into doc_comment (doc_id, actor, text) values ($1, $2, $3) returning doc_comment_id",
    )
    .bind(doc_id)
    .bind(actor)
    .bind(text)
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("write a comment"))
}

pub(in crate::document) async fn keep_file(
    tx: &mut PgConnection,
    sha256: &str,
    content: &[u8],
) -> Result<()> {
    sqlx::query("insert into attachment (sha256, content) values ($1, $2) on conflict do nothing")
        .bind(sha256)
        .bind(content)
        .execute(tx)
        .await
        .map_err(ModuleError::query("keep a file"))?;
    Ok(())
}

pub(in crate::document) async fn attach(
    tx: &mut PgConnection,
    doc_id: DocId,
    sha256: &str,
    name: &str,
    media_type: &str,
    bytes: usize,
    actor: &str,
) -> Result<Attachment> {
    sqlx::query_as(
        "insert into doc_attachment (doc_id, sha256, name, media_type, bytes, actor) values ($1, $2, $3, $4, $5, $6)
         on conflict (doc_id, sha256, name) do nothing
         returning sha256, name, bytes, media_type, actor, at",
    )
    .bind(doc_id)
    .bind(sha256)
    .bind(name)
    .bind(media_type)
    .bind(i32::try_from(bytes).unwrap_or(i32::MAX))
    .bind(actor)
    .fetch_optional(tx)
    .await
    .map_err(ModuleError::query("attach a file"))?
    .ok_or(ModuleError::AttachedAlready)
}

/// A file of a document, under the first name that it was given.
pub(in crate::document) async fn attached(
    tx: &mut PgConnection,
    doc_id: DocId,
    sha256: &str,
) -> Result<Option<Attachment>> {
    sqlx::query_as(
        "select sha256, name, bytes, media_type, actor, at from doc_attachment
         where doc_id = $1 and sha256 = $2 order by doc_attachment_id limit 1",
    )
    .bind(doc_id)
    .bind(sha256)
    .fetch_optional(tx)
    .await
    .map_err(ModuleError::query("find a file of a document"))
}

pub(in crate::document) async fn file(tx: &mut PgConnection, sha256: &str) -> Result<Vec<u8>> {
    sqlx::query_scalar("select content from attachment where sha256 = $1")
        .bind(sha256)
        .fetch_one(tx)
        .await
        .map_err(ModuleError::query("read a file"))
}

pub(in crate::document) async fn insert_decisions(
    tx: &mut PgConnection,
    doc_id: DocId,
    revision: i32,
    decisions: &[Decision],
) -> Result<()> {
    for decision in decisions {
        sqlx::query(
            "insert into doc_decision (doc_id, revision, standard_param_id, verdict) values ($1, $2, $3, $4)",
        )
        .bind(doc_id)
        .bind(revision)
        .bind(decision.standard_param_id)
        .bind(sqlx::types::Json(decision))
        .execute(&mut *tx)
        .await
        .map_err(ModuleError::query("keep a decision"))?;
    }
    Ok(())
}

/// A document that another points to, or that points to it.
#[derive(Debug, Deserialize)]
pub(in crate::document) struct RelatedRow {
    pub(in crate::document) doc_id: DocId,
    pub(in crate::document) kind: String,
    pub(in crate::document) definition_version: i32,
    pub(in crate::document) number: Option<String>,
    pub(in crate::document) title: String,
    pub(in crate::document) state: String,
    pub(in crate::document) role: String,
}

/// What a document's own page shows beside it.
#[derive(Debug, FromRow)]
pub(in crate::document) struct Details {
    #[sqlx(json)]
    pub(in crate::document) related: Vec<RelatedRow>,
    #[sqlx(json)]
    pub(in crate::document) decisions: Vec<Decision>,
    #[sqlx(json)]
    pub(in crate::document) comments: Vec<Comment>,
    #[sqlx(json)]
    pub(in crate::document) attachments: Vec<Attachment>,
    /// Names of the people whose logins stand in it.
    #[sqlx(json)]
    pub(in crate::document) accounts: BTreeMap<String, String>,
}

pub(in crate::document) async fn details(
    tx: &mut PgConnection,
    doc_id: DocId,
    created_by: &str,
) -> Result<Details> {
    sqlx::query_as(
        "select (select coalesce(jsonb_agg(r order by r.doc_id), '[]') from (
                     select d.doc_id, d.kind, d.definition_version, d.number, d.title, d.state, l.role from doc_link l
                     cross join lateral (select * from doc where doc_id = l.other_doc_id offset 0) d where l.doc_id = $1
                     union
                     select d.doc_id, d.kind, d.definition_version, d.number, d.title, d.state, l.role from doc_link l
                     cross join lateral (select * from doc where doc_id = l.doc_id offset 0) d where l.other_doc_id = $1
                     order by doc_id limit 200) r) as related,
                (select coalesce(jsonb_agg(verdict order by doc_decision_id), '[]') from doc_decision where doc_id = $1) as decisions,
                (select coalesce(jsonb_agg(jsonb_build_object('comment_id', doc_comment_id, 'actor', actor, 'at', at, 'text', text)
                        order by doc_comment_id), '[]') from doc_comment where doc_id = $1) as comments,
                (select coalesce(jsonb_agg(jsonb_build_object('sha256', sha256, 'name', name, 'bytes', bytes,
                        'media_type', media_type, 'actor', actor, 'at', at) order by doc_attachment_id), '[]')
                 from doc_attachment where doc_id = $1) as attachments,
                (select coalesce(jsonb_object_agg(u.login, u.name), '{}') from app_user u where u.login = any(array(
                     select actor from doc_event where doc_id = $1 union select actor from doc_comment where doc_id = $1
                     union select actor from doc_attachment where doc_id = $1 union select $2))) as accounts",
    )
    .bind(doc_id)
    .bind(created_by)
    .fetch_one(tx)
    .await
    .map_err(ModuleError::query("read what stands beside a document"))
}
