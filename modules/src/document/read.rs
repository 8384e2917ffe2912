//! Documents as viewers see them: cut to the places in their scopes, with titles for people.

use std::collections::BTreeMap;

use gis_data::{Permission, ScopeId, Text2, Tx, Viewer};
use serde_json::{Map, Value as Json, json};

use super::apply::{DISCARD, EDIT, FILL, UPCAST};
use super::event::{CREATE, Content, Event, fold, verify_chain};
use super::mask::Mask;
use super::{
    ActionTitle, ChainFault, Detail, DocId, DocRow, Document, DocumentLink, DocumentTitle,
    EventLine, FieldChange, Names, Related, queries, reference,
};
use crate::approval;
use crate::definition::{ButtonTone, CompiledKind};
use crate::engine::Engine;
use crate::{ModuleError, Result};

impl Engine {
    /// One document with its history.
    pub async fn get(&self, viewer: &Viewer, doc_id: DocId) -> Result<Document> {
        let mut tx = self.begin(viewer).await?;
        one(self, &mut tx, viewer, doc_id).await
    }

    /// What people call these documents, in no particular order; those that the viewer may not see are absent.
    pub async fn titles(&self, viewer: &Viewer, ids: &[DocId]) -> Result<Vec<DocumentTitle>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.begin(viewer).await?;
        let rows = queries::titles(&mut tx, viewer, ids).await?;
        let shown = rows.into_iter().map(|(doc_id, scope, number, title)| {
            let title = viewer.shown_text(scope, &title).into_owned();
            DocumentTitle { doc_id, number, title }
        });
        Ok(shown.collect())
    }

    /// Walks a document's events from the first and compares the document with what they add up to.
    pub async fn verify(&self, viewer: &Viewer, doc_id: DocId) -> Result<()> {
        let mut tx = self.begin(viewer).await?;
        // Held, so that no action comes between the document and its events and looks like tampering.
        let row =
            queries::lock(&mut tx, viewer, doc_id).await?.ok_or(ModuleError::NotFound(doc_id))?;
        let events = queries::events(&mut tx, doc_id).await?;
        let lines = queries::lines(&mut tx, doc_id).await?;
        let kind = self.registry().kind(&row.kind)?;
        let broken = |fault| ModuleError::BrokenChain { doc_id, fault };
        verify_chain(&events).map_err(broken)?;
        if fold(kind, &events).map_err(broken)? != row.into_content(lines) {
            return Err(broken(ChainFault::Unfounded));
        }
        Ok(())
    }

    /// Walks every document's events; answers how many documents there are, or the first broken chain.
    pub async fn verify_all(&self) -> Result<usize> {
        let viewer = Viewer::program();
        let ids = queries::all_ids(&mut *self.begin(&viewer).await?).await?;
        for &doc_id in &ids {
            self.verify(&viewer, doc_id).await?;
        }
        Ok(ids.len())
    }
}

/// One document with its history, within a transaction.
pub(crate) async fn one(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    doc_id: DocId,
) -> Result<Document> {
    told(engine, tx, viewer, viewer.scope_array(), doc_id).await
}

/// The document that this transaction has put on file, whose scope may be new.
pub(super) async fn own(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    doc_id: DocId,
) -> Result<Document> {
    told(engine, tx, viewer, None, doc_id).await
}

async fn told(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    scopes: Option<Vec<i32>>,
    doc_id: DocId,
) -> Result<Document> {
    let whole = queries::whole(tx, scopes, doc_id).await?.ok_or(ModuleError::NotFound(doc_id))?;
    let (row, rows, places) = whole.parts();
    let kind = engine.registry().kind(&row.kind)?;
    let (scope, revision) = (row.scope_id, row.revision);
    let ids: Vec<i64> = places.iter().map(|p| p.0).collect();
    let named = queries::place_names(tx, viewer, &ids).await?;
    let links = places.into_iter().filter_map(|place| queries::link(&named, place)).collect();
    let events = queries::events(tx, doc_id).await?;
    let details = queries::details(tx, doc_id, &row.created_by).await?;
    let mut document = dressed(viewer, kind, row, rows, links)?;
    let body = document.body.as_object().cloned().unwrap_or_default();
    document.refs =
        reference::names(tx, viewer, std::iter::once((kind, &body, document.lines.as_slice())))
            .await?;
    document.refs.accounts = details.accounts;
    let approval = approval::of_document(tx, viewer, kind, doc_id).await?;
    if let Some(hidden) = approval.as_ref().map(|a| a.hidden.clone()).filter(|h| !h.is_empty())
        && let Some(shown) = document.body.as_object_mut()
    {
        shown.retain(|field, _| !hidden.contains(field));
    }
    if approval.as_ref().is_some_and(approval::Approval::is_running) {
        document.actions.clear();
    }
    // An action may have been committed since the row was read; its event is of the next revision.
    let events: Vec<Event> = events.into_iter().filter(|e| e.seq <= revision).collect();
    document.detail = Some(Detail {
        related: related(engine, viewer, scope, details.related),
        decisions: details.decisions,
        events: history(viewer, scope, kind, &events),
        comments: details.comments,
        attachments: details.attachments,
        approval,
    });
    Ok(document)
}

/// Rows with titles, places and names; without what only a document's own page shows.
pub(super) async fn dressed_all(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    rows: Vec<DocRow>,
) -> Result<Vec<Document>> {
    let ids: Vec<DocId> = rows.iter().map(|r| r.doc_id).collect();
    let mut links: BTreeMap<DocId, Vec<DocumentLink>> = queries::links(tx, viewer, &ids).await?;
    let mut documents = Vec::with_capacity(rows.len());
    for row in rows {
        let kind = engine.registry().kind(&row.kind)?;
        let links = links.remove(&row.doc_id).unwrap_or_default();
        documents.push(dressed(viewer, kind, row, Vec::new(), links)?);
    }
    let bodies: Vec<(&CompiledKind, Map<String, Json>)> = documents
        .iter()
        .filter_map(|d| Some((engine.registry().kind(&d.kind).ok()?, d.body.as_object()?.clone())))
        .collect();
    let all = reference::names(tx, viewer, bodies.iter().map(|(k, b)| (*k, b, &[][..]))).await?;
    for (document, (kind, body)) in documents.iter_mut().zip(&bodies) {
        document.refs = all.of(kind, body);
    }
    Ok(documents)
}

/// A row with titles, and with buttons for those who may press them; without history.
fn dressed(
    viewer: &Viewer,
    kind: &CompiledKind,
    row: DocRow,
    details: Vec<Json>,
    links: Vec<DocumentLink>,
) -> Result<Document> {
    let scope = row.scope_id;
    let (created_at, updated_at, number) = (row.created_at, row.updated_at, row.number.clone());
    let (doc_id, created_by) = (row.doc_id, row.created_by.clone());
    let mut content = row.into_content(details);
    let version = content.version;
    kind.upcast(version, &mut content.state, &mut content.body);
    let Some(state) = kind.state(&content.state) else {
        return Err(ModuleError::Misfit { doc_id, kind: kind.kind.clone(), state: content.state });
    };
    let mask = Mask::new(viewer, scope, kind);
    let title = |a: &crate::definition::Action| ActionTitle {
        name: a.name.clone(),
        title: a.title.clone(),
        patch: a.patch.clone(),
        note: a.note.clone(),
        plan: a.plan.clone(),
        tone: a.tone,
    };
    let open = kind.actions_in(&state.name).filter(|a| !a.by_plan && viewer.may(a.needs, scope));
    let mut actions: Vec<ActionTitle> = open.map(title).collect();
    if kind.is_draft(&state.name) && viewer.may(Permission::Record, scope) {
        actions.extend([
            built_in(EDIT, "编辑", "Edit", ButtonTone::Plain),
            built_in(DISCARD, "作废", "Discard", ButtonTone::Danger),
        ]);
    }
    Ok(Document {
        doc_id,
        kind: kind.kind.clone(),
        kind_title: kind.title.clone(),
        module: kind.module.clone(),
        title: viewer.shown_text(scope, &content.title).into_owned(),
        state_title: state.title.clone(),
        phase: state.phase,
        tone: state.tone,
        state: content.state,
        number,
        definition_version: version,
        revision: content.revision,
        body: mask.shown(Json::Object(content.body)),
        lines: content.lines.into_iter().map(|line| mask.shown(line)).collect(),
        created_at,
        updated_at,
        created_by,
        actions,
        links,
        refs: Names::default(),
        detail: None,
    })
}

fn built_in(name: &str, zh: &str, en: &str, tone: ButtonTone) -> ActionTitle {
    ActionTitle {
        name: name.to_owned(),
        title: Text2::new(zh, en),
        patch: Vec::new(),
        note: String::new(),
        plan: None,
        tone,
    }
}

fn related(
    engine: &Engine,
    viewer: &Viewer,
    scope: ScopeId,
    rows: Vec<queries::RelatedRow>,
) -> Vec<Related> {
    rows.into_iter()
        .filter_map(|row| {
            let kind = engine.registry().kind(&row.kind).ok()?;
            let mut state = row.state;
            kind.upcast(row.definition_version, &mut state, &mut Map::new());
            Some(Related {
                doc_id: row.doc_id,
                kind: kind.kind.clone(),
                kind_title: kind.title.clone(),
                number: row.number,
                title: viewer.shown_text(scope, &row.title).into_owned(),
                state_title: kind.state(&state)?.title.clone(),
                field: row.role,
            })
        })
        .collect()
}

/// The history, with what each event changed.
fn history(
    viewer: &Viewer,
    scope: ScopeId,
    kind: &CompiledKind,
    events: &[Event],
) -> Vec<EventLine> {
    let mut content: Option<Content> = None;
    let mut lines = Vec::with_capacity(events.len());
    for event in events {
        let before = content.take();
        content = match &before {
            None => Content::first(kind, event),
            Some(before) => before.clone().then(kind, event),
        };
        let changes = match (&before, &content) {
            (Some(before), Some(after)) if event.action != UPCAST => {
                changes(viewer, scope, kind, before, after)
            }
            _ => Vec::new(),
        };
        lines.push(line(viewer, scope, kind, event, changes));
    }
    lines
}

fn changes(
    viewer: &Viewer,
    scope: ScopeId,
    kind: &CompiledKind,
    before: &Content,
    after: &Content,
) -> Vec<FieldChange> {
    let mask = Mask::new(viewer, scope, kind);
    let shown = |name: &str, value: Option<&Json>| {
        mask.shown_value(name, value.cloned().unwrap_or(Json::Null))
    };
    let mut changes: Vec<FieldChange> = kind
        .fields
        .iter()
        .filter(|f| before.body.get(&f.name) != after.body.get(&f.name))
        .map(|f| FieldChange {
            field: f.name.clone(),
            title: f.title.clone(),
            from: shown(&f.name, before.body.get(&f.name)),
            to: shown(&f.name, after.body.get(&f.name)),
        })
        .collect();
    if before.title != after.title {
        let of = |content: &Content| json!(viewer.shown_text(scope, &content.title));
        let title = Text2::new("标题", "Title");
        changes.push(FieldChange {
            field: "title".to_owned(),
            title,
            from: of(before),
            to: of(after),
        });
    }
    if before.lines != after.lines
        && let Some(lines) = &kind.lines
    {
        let (from, to) = (json!(before.lines.len()), json!(after.lines.len()));
        changes.push(FieldChange {
            field: "lines".to_owned(),
            title: lines.title.clone(),
            from,
            to,
        });
    }
    changes
}

fn line(
    viewer: &Viewer,
    scope: ScopeId,
    kind: &CompiledKind,
    event: &Event,
    changes: Vec<FieldChange>,
) -> EventLine {
    let action = kind.action(&event.action);
    let title = match (action, event.action.as_str()) {
        (Some(action), _) => action.title.clone(),
        (None, CREATE) => Text2::new("登记", "Create"),
        (None, EDIT) => Text2::new("编辑", "Edit"),
        (None, DISCARD) => Text2::new("作废", "Discard"),
        (None, FILL) => Text2::new("审批填写", "Filled in while deciding"),
        (None, UPCAST) => Text2::new("升级为新版单据", "Brought to a new definition"),
        (None, other) => Text2::new(other, other),
    };
    let note = action.and_then(|a| {
        let said = event.patch.get(&a.note)?.as_str()?;
        Some(Mask::new(viewer, scope, kind).shown_text(&a.note, said))
    });
    EventLine {
        seq: event.seq,
        title,
        note,
        changes,
        action: event.action.clone(),
        actor: event.actor.clone(),
        at: event.at,
    }
}
