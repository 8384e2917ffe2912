//! The ways a document changes, each one transaction: judged, numbered, hashed, posted, linked, or not at all.

use std::collections::{BTreeMap, BTreeSet};

use gis_data::{FeatureId, Permission, Tx, Viewer};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::act::Act;
use super::create::{number_for, org_of};
use super::event::{Content, Event, with_effect};
use super::mask::Mask;
use super::{DocId, DocRow, Document, queries, read, reference};
use crate::approval::{self, PersonId};
use crate::dates::today;
use crate::definition::queries::project;
use crate::definition::{CompiledKind, FieldFault, Phase, Stage, without_nulls};
use crate::engine::Engine;
use crate::{ModuleError, Result};

/// The built-in action of drafts: the whole form again.
pub(super) const EDIT: &str = "edit";
/// The built-in action of drafts: they are not needed any more.
pub(super) const DISCARD: &str = "discard";
/// The event that brings a document to a newer version of its definition.
pub(super) const UPCAST: &str = "upcast";

/// The event of a step of an approval that fills something in.
pub(super) const FILL: &str = "fill";

/// What somebody wants to do to a document.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActRequest {
    /// The revision that it was decided on.
    pub revision: i32,
    /// What the action asks for.
    #[serde(default)]
    pub patch: Json,
    /// What else the person says.
    #[serde(default)]
    pub comment: Option<String>,
    /// Whom the applicant has chosen for steps of the approval that begins.
    #[serde(default)]
    pub choose: BTreeMap<String, Vec<i64>>,
}

/// Who wants an action: it decides which actions are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Somebody, by its button.
    ByPerson,
    /// An approval that has ended.
    ByPlan,
}

/// A whole form, as `create` and `edit` send it.
pub(super) struct Typed {
    pub(super) title: String,
    pub(super) body: Map<String, Json>,
    pub(super) lines: Vec<Json>,
    pub(super) places: Vec<FeatureId>,
}

impl Engine {
    /// Takes a document one step on, if it still is what the caller decided on.
    pub async fn act(
        &self,
        viewer: &Viewer,
        doc_id: DocId,
        action: &str,
        request: ActRequest,
    ) -> Result<Document> {
        let mut tx = self.begin(viewer).await?;
        let row =
            queries::lock(&mut tx, viewer, doc_id).await?.ok_or(ModuleError::NotFound(doc_id))?;
        let kind = self.registry().kind(&row.kind)?;
        let needs = kind.action(action).map_or(Permission::Record, |a| a.needs);
        if !viewer.may(needs, row.scope_id) {
            return Err(ModuleError::NotAllowed(doc_id));
        }
        if row.revision != request.revision {
            return Err(ModuleError::RevisionConflict {
                expected: request.revision,
                actual: row.revision,
            });
        }
        let patch = match request.patch {
            Json::Null => Map::new(),
            Json::Object(map) => without_nulls(&map),
            _ => {
                let fault =
                    FieldFault::new("patch", None, "应为 JSON 对象", "must be a JSON object");
                return Err(ModuleError::Invalid(vec![fault]));
            }
        };
        match action {
            EDIT => self.edit(&mut tx, viewer, kind, row, patch).await?,
            DISCARD => self.discard(&mut tx, viewer, kind, row).await?,
            _ => {
                fire(self, &mut tx, viewer, kind, row, action, &patch, Wanted::ByPerson).await?;
                if let Some(plan) = kind.action(action).and_then(|a| a.plan.as_deref()) {
                    let chosen = request
                        .choose
                        .into_iter()
                        .map(|(step, people)| (step, people.into_iter().map(PersonId).collect()));
                    approval::begin(self, &mut tx, viewer, doc_id, plan, chosen.collect()).await?;
                }
            }
        }
        if let Some(text) = request.comment.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
            queries::insert_comment(&mut tx, doc_id, viewer.name(), text).await?;
        }
        let document = read::one(self, &mut tx, viewer, doc_id).await?;
        tx.commit().await.map_err(ModuleError::query("commit an action"))?;
        Ok(document)
    }

    /// Says something about a document.
    pub async fn comment(&self, viewer: &Viewer, doc_id: DocId, text: &str) -> Result<i64> {
        let mut faults = Vec::new();
        if text.trim().is_empty() || text.chars().count() > 2000 || text.contains('\0') {
            faults.push(FieldFault::new(
                "text",
                Some(json!(2000)),
                "评论应为 1 至 2000 个字",
                "a comment has 1 to 2000 characters",
            ));
            return Err(ModuleError::Invalid(faults));
        }
        let mut tx = self.begin(viewer).await?;
        queries::one(&mut tx, viewer.scope_array(), doc_id)
            .await?
            .ok_or(ModuleError::NotFound(doc_id))?;
        let id = queries::insert_comment(&mut tx, doc_id, viewer.name(), text.trim()).await?;
        tx.commit().await.map_err(ModuleError::query("commit a comment"))?;
        Ok(id)
    }

    async fn edit(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        kind: &CompiledKind,
        row: DocRow,
        mut patch: Map<String, Json>,
    ) -> Result<()> {
        let (doc_id, scope) = (row.doc_id, row.scope_id);
        let (before, places) = draft(tx, viewer, kind, row, EDIT).await?;
        let mask = Mask::new(viewer, scope, kind);
        let title = match patch.remove("title") {
            Some(Json::String(typed)) => mask.meant_title(typed, &before.title),
            _ => before.title.clone(),
        };
        let mut body = patch.remove("body").unwrap_or_else(|| Json::Object(before.body.clone()));
        if let Some(body) = body.as_object_mut() {
            mask.meant(body, &before.body);
        }
        let mut faults = Vec::new();
        let lines = match patch.remove("lines") {
            Some(Json::Array(mut lines)) => {
                mask.meant_lines(&mut lines, &before.lines, &mut faults);
                lines
            }
            _ => before.lines.clone(),
        };
        if !faults.is_empty() {
            return Err(ModuleError::Invalid(faults));
        }
        let asked: Option<Vec<FeatureId>> =
            patch.remove("feature_ids").and_then(|ids| serde_json::from_value(ids).ok());
        if let Some(name) = patch.keys().next() {
            let fault = FieldFault::new(
                &format!("patch.{name}"),
                Some(json!(["title", "body", "lines", "feature_ids"])),
                "没有这个字段",
                "there is no such field",
            );
            return Err(ModuleError::Invalid(vec![fault]));
        }
        let asked = asked.unwrap_or_else(|| places.clone());
        let typed =
            self.judged(tx, viewer, kind, Stage::Draft, Some(title), body, lines, asked).await?;
        let mut after = Content {
            title: typed.title,
            body: typed.body,
            lines: typed.lines,
            revision: before.revision + 1,
            version: kind.version,
            ..before.clone()
        };
        kind.derive(&mut after.body, &after.lines);
        let mut said = Map::new();
        if typed.places != places {
            said.insert("feature_ids".to_owned(), json!(typed.places));
            queries::delete_places(tx, doc_id).await?;
            queries::insert_links(tx, doc_id, &typed.places).await?;
            let scope = queries::scope_of(tx, &typed.places).await?;
            queries::move_to_scope(tx, doc_id, scope).await?;
        }
        let patch = with_effect(said, &after.effect_since(&before));
        write_event(tx, viewer.name(), doc_id, after.revision, EDIT, patch).await?;
        self.store_content(tx, kind, doc_id, &after, Some(&before)).await
    }

    async fn discard(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        kind: &CompiledKind,
        row: DocRow,
    ) -> Result<()> {
        let doc_id = row.doc_id;
        let (before, _) = draft(tx, viewer, kind, row, DISCARD).await?;
        let mut after = before.clone();
        DISCARDED.clone_into(&mut after.state);
        after.revision += 1;
        let patch = with_effect(Map::new(), &after.effect_since(&before));
        write_event(tx, viewer.name(), doc_id, after.revision, DISCARD, patch).await?;
        self.store_content(tx, kind, doc_id, &after, Some(&before)).await
    }

    /// What was typed, without a fault: fields, lines, places, and whatever it refers to.
    #[expect(clippy::too_many_arguments, reason = "the parts of a form, each once")]
    pub(super) async fn judged(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        kind: &CompiledKind,
        stage: Stage,
        title: Option<String>,
        body: Json,
        lines: Vec<Json>,
        places: Vec<FeatureId>,
    ) -> Result<Typed> {
        let places: BTreeSet<FeatureId> = places.into_iter().collect();
        let shown = title.clone().unwrap_or_else(|| kind.title.zh.clone());
        let mut faults = kind.judge_at(stage, &shown, &body, &lines, places.len());
        if !faults.is_empty() {
            return Err(ModuleError::Invalid(faults));
        }
        let places: Vec<FeatureId> = places.into_iter().collect();
        let seen = queries::recordable_features(tx, viewer, &places).await?;
        let unknown: Vec<FeatureId> =
            places.iter().filter(|id| !seen.contains_key(id)).copied().collect();
        if !unknown.is_empty() {
            return Err(ModuleError::UnknownFeature(unknown));
        }
        let is_wrong =
            |of: &&String| !kind.links.kinds.is_empty() && !kind.links.kinds.contains(of);
        if seen.values().any(|of| is_wrong(&of)) {
            let kinds = kind.links.kinds.join("、");
            faults.push(FieldFault::new(
                "feature_ids",
                Some(json!(kind.links.kinds)),
                &format!("地点的类型应为 {kinds}"),
                &format!("the places must be of kind {kinds}"),
            ));
        }
        let body = match body {
            Json::Object(map) => whole_numbers(kind.fields.iter(), without_nulls(&map)),
            _ => Map::new(),
        };
        let line_fields = || kind.lines.iter().flat_map(|l| &l.fields);
        let lines: Vec<Json> = lines
            .into_iter()
            .map(|line| match line {
                Json::Object(map) => {
                    Json::Object(whole_numbers(line_fields(), without_nulls(&map)))
                }
                other => other,
            })
            .collect();
        reference::judge(tx, kind, &body, &lines, &mut faults).await?;
        if !faults.is_empty() {
            return Err(ModuleError::Invalid(faults));
        }
        let title = match title {
            Some(title) => title.trim().to_owned(),
            None => reference::title_of(tx, viewer, kind, &places).await?,
        };
        Ok(Typed { title, body, lines, places })
    }

    /// Stores what a document has become, with its lines, what it points to, and its row in lists.
    pub(crate) async fn store_content(
        &self,
        tx: &mut Tx,
        kind: &CompiledKind,
        doc_id: DocId,
        content: &Content,
        before: Option<&Content>,
    ) -> Result<()> {
        let row = queries::update(tx, doc_id, content, org_of(kind, content)).await?;
        self.store_parts(tx, kind, &row, content, before).await
    }

    /// The lines of a document, what it points to, and its row in lists, beside a row that is on file.
    pub(super) async fn store_parts(
        &self,
        tx: &mut Tx,
        kind: &CompiledKind,
        row: &DocRow,
        content: &Content,
        before: Option<&Content>,
    ) -> Result<()> {
        let doc_id = row.doc_id;
        if before.is_none_or(|b| b.lines != content.lines)
            && (before.is_some() || !content.lines.is_empty())
        {
            queries::replace_lines(tx, kind, doc_id, &content.lines).await?;
        }
        if before.is_none_or(|b| b.body != content.body) {
            reference::link(tx, kind, doc_id, &content.body, before.is_some()).await?;
        }
        let columns = super::list::assignments(kind);
        project(tx, &kind.projection(), &columns, &super::list::projected(kind, row)).await
    }
}

/// The state of drafts that are not needed any more.
pub(crate) const DISCARDED: &str = "discarded";

/// Does an action of the definition within a transaction that holds the document.
#[expect(
    clippy::too_many_arguments,
    reason = "an action: where, who, what, with what, and who wants it"
)]
pub(crate) async fn fire(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    kind: &CompiledKind,
    row: DocRow,
    action: &str,
    patch: &Map<String, Json>,
    wanted: Wanted,
) -> Result<()> {
    let (doc_id, scope, number) = (row.doc_id, row.scope_id, row.number.clone());
    let (lines, places, is_running) = queries::held(tx, doc_id).await?;
    let content = row.into_content(lines);
    let content = upcast(tx, viewer, kind, doc_id, content).await?;
    let mut patch = patch.clone();
    Mask::new(viewer, scope, kind).meant(&mut patch, &content.body);
    let step = kind
        .actions_in(&content.state)
        .find(|a| a.name == action && (wanted == Wanted::ByPlan) == a.by_plan)
        .ok_or_else(|| ModuleError::ActionNotAllowed {
            action: action.to_owned(),
            state: content.state.clone(),
        })?;
    if wanted == Wanted::ByPerson && is_running {
        return Err(ModuleError::UnderApproval(doc_id));
    }
    let typed = Json::Object(patch.clone());
    let mut faults = kind.judge_patch(action, &typed);
    if kind.is_draft(&content.state) {
        let body = Json::Object(content.body.clone());
        faults.extend(kind.judge(&content.title, &body, &content.lines, places.len()));
    }
    if !faults.is_empty() {
        return Err(ModuleError::Invalid(faults));
    }
    let mut after = content.clone().after(step, &typed);
    after.version = kind.version;
    kind.derive(&mut after.body, &after.lines);
    let mut act = Act {
        engine,
        tx: &mut *tx,
        viewer,
        doc_id,
        patch: &patch,
        content: after,
        places,
        today: today(),
        decisions: Vec::new(),
    };
    for guard in kind.guards(action) {
        guard(&mut act).await?;
    }
    for post in kind.posts(action) {
        post(&mut act).await?;
    }
    let (mut after, decisions) = (act.content, act.decisions);
    // A posting may have filled something in.
    kind.derive(&mut after.body, &after.lines);
    if kind.number.at == action && number.is_none() {
        let number = number_for(tx, kind).await?;
        queries::set_number(tx, doc_id, &number).await?;
    }
    queries::insert_decisions(tx, doc_id, after.revision, &decisions).await?;
    let patch = with_effect(patch, &after.effect_since(&content));
    write_event(tx, viewer.name(), doc_id, after.revision, action, patch).await?;
    engine.store_content(tx, kind, doc_id, &after, Some(&content)).await
}

/// Writes fields that a step of an approval lets those asked fill in.
pub(crate) async fn fill(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    kind: &CompiledKind,
    doc_id: DocId,
    mut patch: Map<String, Json>,
) -> Result<()> {
    let row = queries::lock(tx, viewer, doc_id).await?.ok_or(ModuleError::NotFound(doc_id))?;
    let scope = row.scope_id;
    let (lines, places, _) = queries::held(tx, doc_id).await?;
    let content = row.into_content(lines);
    let content = upcast(tx, viewer, kind, doc_id, content).await?;
    Mask::new(viewer, scope, kind).meant(&mut patch, &content.body);
    let mut after = content.clone();
    after.body.extend(whole_numbers(kind.fields.iter(), patch));
    after.revision += 1;
    kind.derive(&mut after.body, &after.lines);
    let body = Json::Object(after.body.clone());
    let mut faults = kind.judge(&after.title, &body, &after.lines, places.len());
    reference::judge(tx, kind, &after.body, &[], &mut faults).await?;
    if !faults.is_empty() {
        return Err(ModuleError::Invalid(faults));
    }
    let patch = with_effect(Map::new(), &after.effect_since(&content));
    write_event(tx, viewer.name(), doc_id, after.revision, FILL, patch).await?;
    engine.store_content(tx, kind, doc_id, &after, Some(&content)).await
}

/// Brings a document of an earlier version to the present one, with an event that says what it made of it.
async fn upcast(
    tx: &mut Tx,
    viewer: &Viewer,
    kind: &CompiledKind,
    doc_id: DocId,
    content: Content,
) -> Result<Content> {
    if content.version >= kind.version {
        return Ok(content);
    }
    let mut after = content.clone();
    kind.upcast(content.version, &mut after.state, &mut after.body);
    after.version = kind.version;
    after.revision += 1;
    let mut said = Map::new();
    said.insert("from".to_owned(), json!(content.version));
    let patch = with_effect(said, &after.effect_since(&content));
    write_event(tx, viewer.name(), doc_id, after.revision, UPCAST, patch).await?;
    Ok(after)
}

/// Appends the event that made the document what it now is.
pub(super) async fn write_event(
    tx: &mut Tx,
    actor: &str,
    doc_id: DocId,
    revision: i32,
    action: &str,
    patch: Json,
) -> Result<()> {
    let (at, prev_hash) = queries::chain_end(tx, doc_id).await?;
    let prev_hash = prev_hash.unwrap_or_default();
    let event = Event::sealed(doc_id, revision, action, actor, patch, at, prev_hash);
    queries::insert_event(tx, &event).await
}

/// JSON knows one kind of number; keys and counts are whole.
fn whole_numbers<'f>(
    fields: impl Iterator<Item = &'f crate::definition::Field>,
    mut map: Map<String, Json>,
) -> Map<String, Json> {
    for field in fields {
        if let Some(Json::Number(number)) = map.get(&field.name)
            && !number.is_i64()
            && let Some(float) = number.as_f64()
        {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the schema allows whole numbers below 2^53 alone"
            )]
            map.insert(field.name.clone(), json!(float as i64));
        }
    }
    map
}

/// A draft as the present version reads it, with its places.
async fn draft(
    tx: &mut Tx,
    viewer: &Viewer,
    kind: &CompiledKind,
    row: DocRow,
    action: &str,
) -> Result<(Content, Vec<FeatureId>)> {
    let doc_id = row.doc_id;
    let (lines, places, _) = queries::held(tx, doc_id).await?;
    let content = upcast(tx, viewer, kind, doc_id, row.into_content(lines)).await?;
    if !kind.is_draft(&content.state) {
        let (action, state) = (action.to_owned(), content.state);
        return Err(ModuleError::ActionNotAllowed { action, state });
    }
    Ok((content, places))
}

/// Whether a kind has drafts, and so the state in which they end.
pub(crate) fn has_drafts(states: &[crate::definition::State]) -> bool {
    states.iter().any(|s| s.phase == Phase::Draft)
}

/// Takes a document through two actions as if the approval between them had passed; for demonstrations alone.
pub(crate) async fn pass_for_demo(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    doc_id: DocId,
    begin: &str,
    end: &str,
) -> Result<()> {
    for (action, wanted) in [(begin, Wanted::ByPerson), (end, Wanted::ByPlan)] {
        let row = queries::lock(tx, viewer, doc_id).await?.ok_or(ModuleError::NotFound(doc_id))?;
        let kind = engine.registry().kind(&row.kind)?;
        fire(engine, tx, viewer, kind, row, action, &Map::new(), wanted).await?;
    }
    Ok(())
}
