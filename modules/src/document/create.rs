//! A document is put on file: judged, numbered if its kind says so at once, linked, posted, and told in its first event.

use gis_data::{Tx, Viewer};
use serde_json::{Map, json};

use super::act::Act;
use super::event::{CREATE, Content, Effect, Event, with_effect};
use super::{DocId, Document, NewDocument, queries, read};
use crate::dates::today;
use crate::definition::{CompiledKind, Stage};
use crate::engine::Engine;
use crate::{ModuleError, Result};

impl Engine {
    /// Puts a document on file in the first state of its kind.
    pub async fn create(&self, viewer: &Viewer, new: NewDocument) -> Result<Document> {
        let mut tx = self.begin(viewer).await?;
        let doc_id = self.create_in(&mut tx, viewer, new, Numbered::AtOnce).await?;
        let document = read::own(self, &mut tx, viewer, doc_id).await?;
        tx.commit().await.map_err(ModuleError::query("commit a new document"))?;
        Ok(document)
    }

    /// The same within a transaction of many.
    pub(crate) async fn create_in(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        new: NewDocument,
        numbered: Numbered,
    ) -> Result<DocId> {
        let kind = self.registry().kind(&new.kind)?;
        let stage = if kind.is_draft(kind.initial()) { Stage::Draft } else { Stage::Whole };
        let typed = self
            .judged(tx, viewer, kind, stage, new.title, new.body, new.lines, new.feature_ids)
            .await?;
        let scope = queries::scope_of(tx, &typed.places).await?;
        let mut content = Content {
            title: typed.title,
            state: kind.initial().to_owned(),
            body: typed.body,
            lines: typed.lines,
            revision: 1,
            version: kind.version,
        };
        kind.derive(&mut content.body, &content.lines);
        // The counter's row stays locked until the commit, and a rollback gives the number back: so it is
        // taken last of all that can fail for a reason of the caller's.
        let number = if kind.number.at == CREATE && numbered == Numbered::AtOnce {
            Some(number_for(tx, kind).await?)
        } else {
            None
        };
        let org = org_of(kind, &content);
        let row = queries::insert(tx, scope, kind, number.as_deref(), viewer.name(), org, &content)
            .await?;
        let doc_id = row.doc_id;
        queries::insert_links(tx, doc_id, &typed.places).await?;
        let mut decisions = Vec::new();
        if !kind.at_create().is_empty() {
            let nothing = Map::new();
            let mut act = Act {
                engine: self,
                tx: &mut *tx,
                viewer,
                doc_id,
                patch: &nothing,
                content,
                places: typed.places.clone(),
                today: today(),
                decisions: Vec::new(),
            };
            for post in kind.at_create() {
                post(&mut act).await?;
            }
            (content, decisions) = (act.content, act.decisions);
            kind.derive(&mut content.body, &content.lines);
        }
        let mut patch = Map::new();
        patch.insert("title".to_owned(), json!(content.title));
        patch.insert("body".to_owned(), json!(content.body));
        if !content.lines.is_empty() {
            patch.insert("lines".to_owned(), json!(content.lines));
        }
        patch.insert("feature_ids".to_owned(), json!(typed.places));
        if let Some(amended) = new.amends {
            patch.insert("amends".to_owned(), json!(amended));
            queries::insert_document_link(tx, doc_id, "amends", amended).await?;
        }
        let effect =
            Effect { to: content.state.clone(), version: content.version, ..Effect::default() };
        let patch = with_effect(patch, &effect);
        let (revision, at) = (content.revision, row.created_at);
        let first =
            Event::sealed(doc_id, revision, CREATE, viewer.name(), patch, at, String::new());
        queries::insert_event(tx, &first).await?;
        if kind.at_create().is_empty() {
            self.store_parts(tx, kind, &row, &content, None).await?;
        } else {
            self.store_content(tx, kind, doc_id, &content, None).await?;
        }
        queries::insert_decisions(tx, doc_id, content.revision, &decisions).await?;
        Ok(doc_id)
    }
}

/// When a document that is numbered as it is put on file gets its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbered {
    /// With the rest of it.
    AtOnce,
    /// By [`number_all`], at the end of a transaction of many: the counter is held until the commit, and nobody else can put
    /// a document of the kind on file meanwhile.
    Later,
}

/// Numbers documents of a kind that were put on file without, in their order.
pub(crate) async fn number_all(tx: &mut Tx, kind: &CompiledKind, made: &[DocId]) -> Result<()> {
    if kind.number.at != CREATE || made.is_empty() {
        return Ok(());
    }
    let count = i32::try_from(made.len()).unwrap_or(i32::MAX);
    let (year, last) = queries::next_numbers(tx, &kind.kind, count).await?;
    let numbers: Vec<String> =
        (last - count + 1..=last).map(|nth| kind.number(year, nth)).collect();
    queries::set_numbers(tx, &kind.projection(), made, &numbers).await
}

/// The next number of a kind.
pub(super) async fn number_for(tx: &mut Tx, kind: &CompiledKind) -> Result<String> {
    let (year, nth) = queries::next_numbers(tx, &kind.kind, 1).await?;
    Ok(kind.number(year, nth))
}

/// Whom a document is about.
pub(super) fn org_of(kind: &CompiledKind, content: &Content) -> Option<i64> {
    content.body.get(&kind.org_field()?.name)?.as_i64()
}
