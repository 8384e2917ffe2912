//! Approvals on file: a run is begun by an action, moved by deeds, and ends in an action of the document; each of these is
//! one transaction with the document's own.

use std::collections::BTreeMap;

use gis_data::{Permission, Tx, Viewer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::queries::{self, ApprovalRow};
use super::resolve::resolve;
use super::{Deed, Outcome, PersonId, Run, TaskId, Turn};
use crate::definition::{CompiledKind, FieldFault, PlanDefinition, without_nulls};
use crate::document::{DocId, Document, Wanted, fire};
use crate::engine::Engine;
use crate::{ModuleError, Result};

/// What somebody does to an approval, as it comes from outside.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeedRequest {
    /// `agree`, `refuse`, `transfer`, `delegate`, `add`, `remove`, `return`, `withdraw`, `copy`, `name`.
    pub deed: String,
    /// The task of who does it.
    #[serde(default)]
    pub task: Option<u32>,
    /// An account, or the position of a step.
    #[serde(default)]
    pub to: Option<i64>,
    /// Accounts.
    #[serde(default)]
    pub people: Vec<i64>,
    /// The task that ends.
    #[serde(default)]
    pub removed: Option<u32>,
    /// What else the person says.
    #[serde(default)]
    pub comment: Option<String>,
    /// Fields of the document that the step lets those asked fill in.
    #[serde(default)]
    pub patch: Json,
}

/// A task by its approval and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskKey {
    /// The approval.
    pub approval_id: i64,
    /// The task.
    pub task_id: u32,
}

/// Begins the approval of a plan for a document that this transaction holds.
pub(crate) async fn begin(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    doc_id: DocId,
    plan: &str,
    chosen: BTreeMap<String, Vec<PersonId>>,
) -> Result<()> {
    let row = queries::held_document(tx, doc_id).await?;
    let kind = engine.registry().kind(&row.kind)?;
    let definition =
        kind.plan(plan).ok_or_else(|| ModuleError::BadDefinition(vec![format!("{plan:?}")]))?;
    let lacking: Vec<FieldFault> = definition
        .steps
        .iter()
        .filter(|s| {
            s.who == crate::definition::Who::Chosen(true)
                && chosen.get(&s.name).is_none_or(Vec::is_empty)
        })
        .map(|s| {
            FieldFault::new(
                &format!("choose.{}", s.name),
                None,
                &format!("请选择“{}”的审批人", s.title.zh),
                &format!("choose who decides in {:?}", s.title.en),
            )
        })
        .collect();
    if !lacking.is_empty() {
        return Err(ModuleError::Invalid(lacking));
    }
    let applicant = queries::person_of(tx, viewer.name()).await?;
    let run = Run::new(applicant.unwrap_or(PersonId(0)));
    let approval_id = queries::insert(tx, doc_id, definition, &run, &chosen, applicant).await?;
    let mut approval =
        queries::lock(tx, approval_id).await?.ok_or(ModuleError::NoApproval(approval_id))?;
    proceed(engine, tx, viewer, kind, &mut approval).await
}

impl Engine {
    /// Does a deed; answers the document as it then is.
    pub async fn decide(
        &self,
        viewer: &Viewer,
        approval_id: i64,
        request: DeedRequest,
    ) -> Result<Document> {
        let mut tx = self.begin(viewer).await?;
        let doc_id = self.decide_in(&mut tx, viewer, approval_id, request).await?;
        let document = crate::document::read_one(self, &mut tx, viewer, doc_id).await?;
        tx.commit().await.map_err(ModuleError::query("commit a decision"))?;
        Ok(document)
    }

    async fn decide_in(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        approval_id: i64,
        request: DeedRequest,
    ) -> Result<DocId> {
        // The document is locked first, as actions do, so that the two never wait for each other.
        let doc_id = queries::document_of(tx, approval_id)
            .await?
            .ok_or(ModuleError::NoApproval(approval_id))?;
        let document = queries::held_document(tx, doc_id).await?;
        let kind = self.registry().kind(&document.kind)?;
        let mut approval =
            queries::lock(tx, approval_id).await?.ok_or(ModuleError::NoApproval(approval_id))?;
        let who =
            queries::person_of(tx, viewer.name()).await?.ok_or(ModuleError::NotAllowed(doc_id))?;
        let comment = request.comment.as_deref().map(str::trim).filter(|c| !c.is_empty());
        if comment.is_some_and(|c| c.chars().count() > 1000 || c.contains('\0')) {
            let fault = FieldFault::new(
                "comment",
                Some(json!(1000)),
                "意见不能超过 1000 个字",
                "a comment has at most 1000 characters",
            );
            return Err(ModuleError::Invalid(vec![fault]));
        }
        match request.deed.as_str() {
            "copy" => {
                let holds = approval.run.tasks().iter().any(|t| t.holder == who || t.owner == who);
                if !holds && approval.run.applicant() != who {
                    return Err(ModuleError::NotAllowed(doc_id));
                }
                queries::copy(tx, approval_id, doc_id, &request.people).await?;
                queries::record(
                    tx,
                    approval_id,
                    Some(who),
                    &json!({"deed": "copy", "people": request.people}),
                    comment,
                )
                .await?;
                return Ok(doc_id);
            }
            "name" => {
                if !viewer.may(Permission::ManageUsers, document.scope_id) {
                    return Err(ModuleError::NotAllowed(doc_id));
                }
                let people: Vec<PersonId> = request.people.iter().copied().map(PersonId).collect();
                let Turn::Name(_) = approval.run.turn() else {
                    return Err(ModuleError::Refused(super::Refusal::NotWaiting));
                };
                if people.is_empty() {
                    return Err(ModuleError::Refused(super::Refusal::Nobody));
                }
                let plan = approval.definition.plan();
                approval.run.ask(&plan, &people).map_err(ModuleError::Refused)?;
                queries::record(
                    tx,
                    approval_id,
                    Some(who),
                    &json!({"deed": "name", "people": people}),
                    comment,
                )
                .await?;
                queries::sync(tx, &approval, None).await?;
            }
            _ => {
                let deed = deed_of(&request)?;
                self.fill_in(tx, viewer, kind, &approval, &deed, who, &request.patch).await?;
                let plan = approval.definition.plan();
                approval.run.act(&plan, who, &deed).map_err(ModuleError::Refused)?;
                queries::record(tx, approval_id, Some(who), &json!(deed), comment).await?;
                queries::sync(tx, &approval, Some((&deed, comment))).await?;
            }
        }
        proceed(self, tx, viewer, kind, &mut approval).await?;
        Ok(doc_id)
    }

    /// The fields that a step lets those asked fill in.
    #[expect(clippy::too_many_arguments, reason = "a deed: where, who, on what, with what")]
    async fn fill_in(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        kind: &CompiledKind,
        approval: &ApprovalRow,
        deed: &Deed,
        who: PersonId,
        patch: &Json,
    ) -> Result<()> {
        let Json::Object(patch) = patch else { return Ok(()) };
        let patch = without_nulls(patch);
        if patch.is_empty() {
            return Ok(());
        }
        let step = approval.definition.steps.get(approval.run.step());
        let writes = step.map(|s| s.writes.as_slice()).unwrap_or_default();
        let foreign: Vec<FieldFault> = patch
            .keys()
            .filter(|k| !writes.contains(k))
            .map(|k| {
                FieldFault::new(
                    &format!("patch.{k}"),
                    Some(json!(writes)),
                    "本环节不能填写这一项",
                    "this step does not fill this in",
                )
            })
            .collect();
        let holds = match deed {
            Deed::Agree { task } => {
                approval.run.tasks().iter().any(|t| t.id == *task && t.holder == who)
            }
            _ => false,
        };
        if !foreign.is_empty() || !holds {
            return Err(ModuleError::Invalid(foreign));
        }
        crate::document::fill(self, tx, viewer, kind, approval.doc_id, patch).await
    }

    /// Does what deadlines that have passed ask for; answers how many there were.
    pub async fn meet_deadlines(&self) -> Result<usize> {
        let viewer = Viewer::program();
        let mut met = 0;
        loop {
            let mut tx = self.begin(&viewer).await?;
            let Some((key, doc_id)) = queries::next_due(&mut tx).await? else { return Ok(met) };
            self.meet(&mut tx, &viewer, key, doc_id).await?;
            tx.commit().await.map_err(ModuleError::query("commit a deadline"))?;
            met += 1;
        }
    }

    async fn meet(&self, tx: &mut Tx, viewer: &Viewer, key: TaskKey, doc_id: DocId) -> Result<()> {
        use crate::definition::OnDue;
        queries::reminded(tx, key).await?;
        let document = queries::held_document(tx, doc_id).await?;
        let kind = self.registry().kind(&document.kind)?;
        let Some(mut approval) = queries::lock(tx, key.approval_id).await? else { return Ok(()) };
        let task = TaskId(key.task_id);
        let Some(owner) = approval.run.tasks().iter().find(|t| t.id == task).map(|t| t.owner)
        else {
            return Ok(());
        };
        let on_due =
            approval.definition.steps.get(approval.run.step()).map_or(OnDue::Remind, |s| s.on_due);
        let plan = approval.definition.plan();
        let deed = match on_due {
            OnDue::Remind => return Ok(()),
            OnDue::Pass => Deed::Agree { task },
            OnDue::Refuse => Deed::Refuse { task },
            OnDue::Escalate => {
                let people = super::resolve::heads_above(tx, owner).await?;
                if people.is_empty() {
                    return Ok(());
                }
                Deed::Add { task, people }
            }
        };
        let holder = approval.run.tasks().iter().find(|t| t.id == task).map_or(owner, |t| t.holder);
        let by = if matches!(deed, Deed::Add { .. }) { owner } else { holder };
        // Somebody above is asked already: the reminder is all there is to do.
        if approval.run.act(&plan, by, &deed).is_err() {
            return Ok(());
        }
        queries::record(tx, key.approval_id, None, &json!(deed), None).await?;
        queries::sync(tx, &approval, Some((&deed, None))).await?;
        proceed(self, tx, viewer, kind, &mut approval).await
    }
}

/// Goes on as far as nobody has to decide; at the end, the document's action is done.
async fn proceed(
    engine: &Engine,
    tx: &mut Tx,
    viewer: &Viewer,
    kind: &CompiledKind,
    approval: &mut ApprovalRow,
) -> Result<()> {
    let plan = approval.definition.plan();
    loop {
        match approval.run.turn() {
            Turn::Ask(step) => {
                let people = match approval.definition.steps.get(step) {
                    Some(definition) => resolve(tx, approval, definition).await?,
                    None => Vec::new(),
                };
                approval.run.ask(&plan, &people).map_err(ModuleError::Refused)?;
                queries::sync(tx, approval, None).await?;
            }
            Turn::Decide | Turn::Name(_) => return queries::store(tx, approval).await,
            Turn::Over(outcome) => {
                queries::store(tx, approval).await?;
                let action = end_of(&approval.definition, outcome);
                let row = queries::held_document(tx, approval.doc_id).await?;
                return fire(engine, tx, viewer, kind, row, action, &Map::new(), Wanted::ByPlan)
                    .await;
            }
        }
    }
}

fn end_of(plan: &PlanDefinition, outcome: Outcome) -> &str {
    match outcome {
        Outcome::Passed => &plan.pass,
        Outcome::Refused => &plan.refuse,
        Outcome::Withdrawn => &plan.withdraw,
    }
}

fn deed_of(request: &DeedRequest) -> Result<Deed> {
    let lacking = |field: &str| {
        ModuleError::Invalid(vec![FieldFault::new(
            field,
            None,
            "此操作需要填写这一项",
            "this deed needs it",
        )])
    };
    let task = || request.task.map(TaskId).ok_or_else(|| lacking("task"));
    let to = || request.to.ok_or_else(|| lacking("to"));
    Ok(match request.deed.as_str() {
        "agree" => Deed::Agree { task: task()? },
        "refuse" => Deed::Refuse { task: task()? },
        "transfer" => Deed::Transfer { task: task()?, to: PersonId(to()?) },
        "delegate" => Deed::Delegate { task: task()?, to: PersonId(to()?) },
        "add" => Deed::Add {
            task: task()?,
            people: request.people.iter().copied().map(PersonId).collect(),
        },
        "remove" => Deed::Remove {
            task: task()?,
            removed: TaskId(request.removed.ok_or_else(|| lacking("removed"))?),
        },
        "return" => Deed::Return {
            task: task()?,
            to: usize::try_from(to()?).map_err(|_source| lacking("to"))?,
        },
        "withdraw" => Deed::Withdraw,
        other => {
            let known = [
                "agree", "refuse", "transfer", "delegate", "add", "remove", "return", "withdraw",
                "copy", "name",
            ];
            return Err(ModuleError::Invalid(vec![FieldFault::new(
                "deed",
                Some(json!(known)),
                &format!("没有“{other}”这种操作"),
                &format!("there is no deed {other:?}"),
            )]));
        }
    })
}
