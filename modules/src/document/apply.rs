//! The two ways a document changes, each one transaction: judged, numbered, hashed, linked, or not
//! at all.

use std::collections::BTreeSet;

use gis_data::{FeatureId, Permission, Store, Viewer};
use serde_json::{Map, Value as Json, json};
use sqlx::PgConnection;

use super::event::{CREATE, Content, Event};
use super::{DocId, Document, NewDocument, queries, read};
use crate::definition::{judge_fields, kind_of};
use crate::{ModuleError, Result};

/// Puts a document on file in the first state of its kind.
pub async fn create(store: &Store, viewer: &Viewer, new: NewDocument) -> Result<Document> {
    let kind = kind_of(&new.kind).ok_or(ModuleError::UnknownKind(new.kind))?;
    let features: BTreeSet<FeatureId> = new.feature_ids.into_iter().collect();
    let faults = kind.judge(&new.title, &new.body, features.len());
    if !faults.is_empty() {
        return Err(ModuleError::Invalid(faults));
    }
    let features: Vec<FeatureId> = features.into_iter().collect();
    let content = Content {
        title: new.title.trim().to_owned(),
        state: kind.initial().to_owned(),
        body: without_nulls(new.body),
        revision: 1,
    };
    let mut tx = store.as_viewer(viewer).await.map_err(ModuleError::Ground)?;
    let seen = queries::recordable_features(&mut tx, viewer, &features).await?;
    let unknown: Vec<FeatureId> =
        features.iter().filter(|id| !seen.contains(id)).copied().collect();
    if !unknown.is_empty() {
        return Err(ModuleError::UnknownFeature(unknown));
    }
    // The counter's row stays locked until the commit, and a rollback gives the number back: so it is
    // taken last of all that can fail for a reason of the caller's.
    let (year, nth) = queries::next_number(&mut tx, kind.kind).await?;
    let number = kind.number(year, nth);
    let scope = queries::scope_of(&mut tx, &features).await?;
    let doc_id = queries::insert(&mut tx, scope, kind, &number, &content).await?;
    queries::insert_links(&mut tx, doc_id, &features).await?;
    let patch = json!({"title": content.title, "body": content.body, "feature_ids": features});
    write_event(&mut tx, viewer, doc_id, &content, CREATE, patch).await?;
    let document = read::own(&mut tx, viewer, doc_id).await?;
    tx.commit().await.map_err(ModuleError::query("commit a new document"))?;
    Ok(document)
}

/// Takes a document one step on, if it still is what the caller decided on.
pub async fn act(
    store: &Store,
    viewer: &Viewer,
    doc_id: DocId,
    action: &str,
    expected_revision: i32,
    patch: Json,
) -> Result<Document> {
    let mut tx = store.as_viewer(viewer).await.map_err(ModuleError::Ground)?;
    let row = queries::lock(&mut tx, viewer, doc_id).await?.ok_or(ModuleError::NotFound(doc_id))?;
    if !viewer.may(Permission::Record, row.scope_id) {
        return Err(ModuleError::NotAllowed(doc_id));
    }
    let kind = kind_of(&row.kind).ok_or_else(|| ModuleError::UnknownKind(row.kind.clone()))?;
    if row.revision != expected_revision {
        return Err(ModuleError::RevisionConflict {
            expected: expected_revision,
            actual: row.revision,
        });
    }
    let step = kind.actions_in(&row.state).find(|a| a.name == action).ok_or_else(|| {
        ModuleError::ActionNotAllowed { action: action.to_owned(), state: row.state.clone() }
    })?;
    let mut faults = Vec::new();
    judge_fields("patch", step.patch, &patch, &mut faults);
    if !faults.is_empty() {
        return Err(ModuleError::Invalid(faults));
    }
    let patch = Json::Object(without_nulls(patch));
    let content = row.into_content().after(step, &patch);
    write_event(&mut tx, viewer, doc_id, &content, step.name, patch).await?;
    let document = read::one(&mut tx, viewer, doc_id).await?;
    tx.commit().await.map_err(ModuleError::query("commit an action"))?;
    Ok(document)
}

/// Appends the event that made the document what it now is, and stores the document with its time.
async fn write_event(
    tx: &mut PgConnection,
    viewer: &Viewer,
    doc_id: DocId,
    content: &Content,
    action: &str,
    patch: Json,
) -> Result<()> {
    let (at, prev_hash) = queries::chain_end(tx, doc_id).await?;
    let event = Event::sealed(
        doc_id,
        content.revision,
        action,
        viewer.name(),
        patch,
        at,
        prev_hash.unwrap_or_default(),
    );
    queries::insert_event(tx, &event).await?;
    queries::update(tx, doc_id, content, at).await
}

/// A field left empty is a field left out.
fn without_nulls(judged: Json) -> Map<String, Json> {
    match judged {
        Json::Object(map) => map.into_iter().filter(|(_, v)| !v.is_null()).collect(),
        _ => Map::new(),
    }
}
