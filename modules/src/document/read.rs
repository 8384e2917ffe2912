//! Documents as viewers see them: cut to the places in their scopes, with titles for people.

use std::collections::BTreeMap;

use gis_data::{FeatureId, Permission, Personal, ScopeId, Store, Text2, Tx, Viewer};
use serde_json::Value as Json;
use sqlx::PgConnection;

use super::event::{CREATE, Event, fold, verify_chain};
use super::queries::{self, DocRow, Question};
use super::{
    ActionTitle, ChainFault, DocId, Document, DocumentLink, EventLine, Filter, KindCount, Page,
    Records,
};
use crate::definition::{KINDS, KindDefinition, Title, kind_of};
use crate::{ModuleError, Result};

const DEFAULT_LIMIT: u32 = 50;
const MOST: u32 = 200;

/// One document with its history.
pub async fn get(store: &Store, viewer: &Viewer, doc_id: DocId) -> Result<Document> {
    let mut tx = begin(store, viewer).await?;
    one(&mut tx, viewer, doc_id).await
}

/// The documents of a filter, newest first.
pub async fn list(store: &Store, viewer: &Viewer, filter: &Filter) -> Result<Page> {
    let kind = filter.kind.as_deref().map(known).transpose()?;
    if let (Some(kind), Some(state)) = (kind, &filter.state)
        && kind.state(state).is_none()
    {
        return Err(ModuleError::UnknownState { kind: kind.kind, state: state.clone() });
    }
    let mut tx = begin(store, viewer).await?;
    page(&mut tx, viewer, filter).await
}

/// What hangs off a place or off anything in it: a building answers for its floors and rooms.
pub async fn records_of(
    store: &Store,
    viewer: &Viewer,
    feature_id: FeatureId,
    limit: Option<u32>,
) -> Result<Records> {
    let mut tx = begin(store, viewer).await?;
    let mut counts = Vec::with_capacity(KINDS.len());
    for kind in KINDS {
        let question =
            Question { feature_id: Some(feature_id), kind: Some(kind.kind), state: None };
        let (total, open) = queries::count(&mut tx, viewer, question, &kind.open_states()).await?;
        counts.push(KindCount { kind: kind.kind, title: kind.title.into(), total, open });
    }
    let filter = Filter { feature_id: Some(feature_id), limit, ..Filter::default() };
    let items = page(&mut tx, viewer, &filter).await?.items;
    Ok(Records { counts, items })
}

/// How many documents of a kind still wait for somebody.
pub async fn open_count(store: &Store, viewer: &Viewer, kind: &str) -> Result<i64> {
    let kind = known(kind)?;
    let question = Question { kind: Some(kind.kind), state: None, feature_id: None };
    let mut tx = begin(store, viewer).await?;
    Ok(queries::count(&mut tx, viewer, question, &kind.open_states()).await?.1)
}

/// Walks a document's events from the first and compares the document with what they add up to.
pub async fn verify(store: &Store, viewer: &Viewer, doc_id: DocId) -> Result<()> {
    let mut tx = begin(store, viewer).await?;
    // Held, so that no action comes between the document and its events and looks like tampering.
    let row = queries::lock(&mut tx, viewer, doc_id).await?.ok_or(ModuleError::NotFound(doc_id))?;
    let events = queries::events(&mut tx, doc_id).await?;
    let kind = known(&row.kind)?;
    let broken = |fault| ModuleError::BrokenChain { doc_id, fault };
    verify_chain(&events).map_err(broken)?;
    if fold(kind, &events).map_err(broken)? != row.into_content() {
        return Err(broken(ChainFault::Unfounded));
    }
    Ok(())
}

/// Walks every document's events; answers how many documents there are, or the first broken chain.
pub async fn verify_all(store: &Store) -> Result<usize> {
    let viewer = Viewer::program();
    let ids = queries::all_ids(&mut *begin(store, &viewer).await?).await?;
    for &doc_id in &ids {
        verify(store, &viewer, doc_id).await?;
    }
    Ok(ids.len())
}

/// One document with its history, within a transaction.
pub(super) async fn one(tx: &mut PgConnection, viewer: &Viewer, doc_id: DocId) -> Result<Document> {
    told(tx, viewer, viewer.scope_array(), doc_id).await
}

/// The document that this transaction has put on file, whose scope may be new.
pub(super) async fn own(tx: &mut PgConnection, viewer: &Viewer, doc_id: DocId) -> Result<Document> {
    told(tx, viewer, None, doc_id).await
}

async fn told(
    tx: &mut PgConnection,
    viewer: &Viewer,
    scopes: Option<Vec<i32>>,
    doc_id: DocId,
) -> Result<Document> {
    let row = queries::one(tx, scopes, doc_id).await?.ok_or(ModuleError::NotFound(doc_id))?;
    let kind = known(&row.kind)?;
    let links = queries::links(tx, viewer, &[doc_id]).await?.remove(&doc_id).unwrap_or_default();
    let events = queries::events(tx, doc_id).await?;
    let scope = row.scope_id;
    let mut document = dressed(viewer, row, links)?;
    // An action may have been committed since the row was read; its event is of the next revision.
    let of_this_revision = events.into_iter().filter(|e| e.seq <= document.revision);
    document.events = of_this_revision.map(|e| line(viewer, scope, kind, e)).collect();
    Ok(document)
}

async fn page(tx: &mut PgConnection, viewer: &Viewer, filter: &Filter) -> Result<Page> {
    let question = Question {
        kind: filter.kind.as_deref(),
        state: filter.state.as_deref(),
        feature_id: filter.feature_id,
    };
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST);
    let (total, _) = queries::count(tx, viewer, question, &[]).await?;
    let rows = queries::list(tx, viewer, question, filter.before, limit).await?;
    let ids: Vec<DocId> = rows.iter().map(|r| r.doc_id).collect();
    let mut links: BTreeMap<DocId, Vec<DocumentLink>> = queries::links(tx, viewer, &ids).await?;
    let items = rows
        .into_iter()
        .map(|row| {
            let links = links.remove(&row.doc_id).unwrap_or_default();
            dressed(viewer, row, links)
        })
        .collect::<Result<_>>()?;
    Ok(Page { total, items })
}

async fn begin(store: &Store, viewer: &Viewer) -> Result<Tx> {
    store.as_viewer(viewer).await.map_err(ModuleError::Ground)
}

fn known(kind: &str) -> Result<&'static KindDefinition> {
    kind_of(kind).ok_or_else(|| ModuleError::UnknownKind(kind.to_owned()))
}

/// A row with titles, and with buttons for those who may press them; without history.
fn dressed(viewer: &Viewer, row: DocRow, links: Vec<DocumentLink>) -> Result<Document> {
    let kind = known(&row.kind)?;
    let Some(state) = kind.state(&row.state) else {
        return Err(ModuleError::Misfit { doc_id: row.doc_id, kind: row.kind, state: row.state });
    };
    let actions = kind
        .actions_in(state.name)
        .filter(|_| viewer.may(Permission::Record, row.scope_id))
        .map(|a| ActionTitle { name: a.name, title: a.title.into() })
        .collect();
    Ok(Document {
        doc_id: row.doc_id,
        kind: row.kind,
        title: viewer.shown_text(row.scope_id, &row.title).into_owned(),
        state: row.state,
        state_title: state.title.into(),
        number: row.number,
        revision: row.revision,
        body: masked(viewer, row.scope_id, kind, row.body),
        created_at: row.created_at,
        updated_at: row.updated_at,
        actions,
        links,
        events: Vec::new(),
    })
}

/// A body as its viewer reads it: personal fields masked, and numbers of people in free text too.
fn masked(viewer: &Viewer, scope: ScopeId, kind: &KindDefinition, body: Json) -> Json {
    let Json::Object(fields) = body else { return body };
    let shown = fields.into_iter().map(|(name, value)| {
        let value = match value {
            Json::String(text) => Json::String(read_by(viewer, scope, kind.personal(&name), &text)),
            other => other,
        };
        (name, value)
    });
    Json::Object(shown.collect())
}

fn read_by(viewer: &Viewer, scope: ScopeId, personal: Option<Personal>, text: &str) -> String {
    match personal {
        Some(field) => viewer.shown(field, scope, text).into_owned(),
        None => viewer.shown_text(scope, text).into_owned(),
    }
}

fn line(viewer: &Viewer, scope: ScopeId, kind: &KindDefinition, event: Event) -> EventLine {
    let action = kind.action(&event.action);
    let title: Text2 = match action {
        Some(action) => action.title.into(),
        None if event.action == CREATE => Title::new("登记", "Create").into(),
        None => Text2::new(&event.action, &event.action),
    };
    let note = action.and_then(|a| {
        let said = event.patch.get(a.note)?.as_str()?;
        Some(read_by(viewer, scope, kind.personal(a.note), said))
    });
    EventLine {
        seq: event.seq,
        title,
        note,
        action: event.action,
        actor: event.actor,
        at: event.at,
    }
}
