//! Approvals and inboxes as people see them.

use gis_data::{Text2, Tx, Viewer};
use serde::Serialize;
use time::OffsetDateTime;

use super::queries::{self, DeedRow, Inbox, TaskRow};
use super::{Mode, PersonId};
use crate::definition::{CompiledKind, Field};
use crate::document::DocId;
use crate::engine::Engine;
use crate::{ModuleError, Result};

/// An approval of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the key is called as the contract calls it")]
pub struct Approval {
    /// The key.
    pub approval_id: i64,
    /// The plan.
    pub plan: String,
    /// What people call it.
    pub title: Text2,
    /// `running`, `waiting` for somebody to be named, `passed`, `refused`, `withdrawn`.
    pub state: String,
    /// The present step.
    pub at: usize,
    /// All steps.
    pub steps: Vec<StepLine>,
    /// What this viewer has to decide.
    pub my_tasks: Vec<MyTask>,
    /// Whether this viewer may take the request back.
    pub may_withdraw: bool,
    /// What was done, in order.
    pub deeds: Vec<DeedLine>,
    /// Fields that this viewer, being asked, does not see.
    #[serde(skip)]
    pub hidden: Vec<String>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepLine {
    /// The name.
    pub name: String,
    /// What people call it.
    pub title: Text2,
    /// How many have to agree.
    pub mode: Mode,
    /// `done`, `current` or `todo`.
    pub state: &'static str,
    /// When it has to be decided.
    #[serde(with = "time::serde::rfc3339::option")]
    pub due_at: Option<OffsetDateTime>,
    /// Who is asked.
    pub tasks: Vec<TaskLine>,
}

/// Somebody who is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskLine {
    /// The number.
    pub task_id: i32,
    /// Whose decision it is.
    pub owner: PersonName,
    /// Who has it now.
    pub holder: PersonName,
    /// What has become of it.
    pub state: String,
    /// 加签.
    pub added: bool,
    /// What was said.
    pub comment: Option<String>,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonName {
    /// The account.
    pub user_id: i64,
    /// The name.
    pub name: String,
}

/// What the viewer has to decide.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MyTask {
    /// The number.
    pub task_id: i32,
    /// Whether somebody else decides after having heard the viewer.
    pub delegated: bool,
    /// What may be filled in with it.
    pub writes: Vec<Field>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeedLine {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Who; none at a deadline.
    pub who: Option<PersonName>,
    /// The deed.
    pub deed: String,
    /// What people call it.
    pub title: Text2,
    /// What was said.
    pub comment: Option<String>,
}

/// Lines of an inbox.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InboxPage {
    /// How many there are.
    pub total: i64,
    /// How many are late.
    pub overdue: i64,
    /// Those of this page.
    pub items: Vec<InboxLine>,
}

/// A line of an inbox.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InboxLine {
    /// The approval.
    pub approval_id: i64,
    /// The task; none for what one has asked or was told.
    pub task_id: Option<i32>,
    /// The document.
    pub doc_id: DocId,
    /// Its kind.
    pub kind: String,
    /// What people call the kind.
    pub kind_title: Text2,
    /// One line about it.
    pub title: String,
    /// Its number.
    pub number: Option<String>,
    /// The step.
    pub step_title: Text2,
    /// Who has asked.
    pub applicant: Option<PersonName>,
    /// Since when.
    #[serde(with = "time::serde::rfc3339::option")]
    pub opened_at: Option<OffsetDateTime>,
    /// Until when.
    #[serde(with = "time::serde::rfc3339::option")]
    pub due_at: Option<OffsetDateTime>,
    /// Whether it is late.
    pub is_overdue: bool,
    /// What has become of it.
    pub state: String,
}

/// Somebody who can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonLine {
    /// The account.
    pub user_id: i64,
    /// The name.
    pub name: String,
    /// The organisation.
    pub org: Option<String>,
}

impl Approval {
    /// Whether somebody has to decide.
    pub fn is_running(&self) -> bool {
        matches!(self.state.as_str(), "running" | "waiting")
    }
}

impl Engine {
    /// The viewer's inbox.
    pub async fn inbox(&self, viewer: &Viewer, which: Inbox, limit: u32) -> Result<InboxPage> {
        let mut tx = self.begin(viewer).await?;
        let Some(me) = queries::person_of(&mut tx, viewer.name()).await? else {
            return Ok(InboxPage { total: 0, overdue: 0, items: Vec::new() });
        };
        let rows =
            queries::inbox(&mut tx, viewer, me, which, i64::from(limit.clamp(1, 200))).await?;
        let (total, overdue) = rows.first().map_or((0, 0), |r| (r.total, r.overdue));
        let items = rows
            .into_iter()
            .filter_map(|row| {
                let kind = self.registry().kind(&row.kind).ok()?;
                let step = usize::try_from(row.step).ok()?;
                let step_title = row
                    .definition
                    .0
                    .steps
                    .get(step)
                    .map_or_else(|| row.definition.0.title.clone(), |s| s.title.clone());
                Some(InboxLine {
                    approval_id: row.approval_id,
                    task_id: row.task_id,
                    doc_id: row.doc_id,
                    kind: kind.kind.clone(),
                    kind_title: kind.title.clone(),
                    title: viewer.shown_text(row.scope_id, &row.title).into_owned(),
                    number: row.number,
                    step_title,
                    applicant: row
                        .applicant_id
                        .zip(row.applicant)
                        .map(|(user_id, name)| PersonName { user_id, name }),
                    opened_at: row.opened_at,
                    due_at: row.due_at,
                    is_overdue: row.is_overdue,
                    state: row.state,
                })
            })
            .collect();
        Ok(InboxPage { total, overdue, items })
    }

    /// Accounts by name or login, for pickers.
    pub async fn people(&self, viewer: &Viewer, q: &str, limit: u32) -> Result<Vec<PersonLine>> {
        let mut tx = self.begin(viewer).await?;
        let found = queries::people_like(&mut tx, q, i64::from(limit.clamp(1, 50))).await?;
        Ok(found
            .into_iter()
            .map(|(user_id, name, org)| PersonLine { user_id, name, org })
            .collect())
    }

    /// The key of the viewer's account.
    pub(crate) async fn me(&self, tx: &mut Tx, viewer: &Viewer) -> Result<Option<i64>> {
        Ok(queries::person_of(tx, viewer.name()).await?.map(|p| p.0))
    }
}

/// The last approval of a document, as this viewer sees it.
pub(crate) async fn of_document(
    tx: &mut Tx,
    viewer: &Viewer,
    kind: &CompiledKind,
    doc_id: DocId,
) -> Result<Option<Approval>> {
    if kind.plans.is_empty() {
        return Ok(None);
    }
    let Some(row) = queries::latest(tx, doc_id).await? else { return Ok(None) };
    let me = queries::person_of(tx, viewer.name()).await?;
    let tasks = queries::tasks(tx, row.approval_id).await?;
    let deeds = queries::deeds(tx, row.approval_id).await?;
    let is_running = matches!(row.state.as_str(), "running" | "waiting");
    let at = row.run.step();
    let present = row.definition.steps.get(at);
    let is_mine = |t: &&TaskRow| t.state == "open" && Some(PersonId(t.holder_id)) == me;
    let my_tasks: Vec<MyTask> = tasks
        .iter()
        .filter(is_mine)
        .map(|t| MyTask {
            task_id: t.task_id,
            delegated: t.owner_id != t.holder_id,
            writes: present
                .iter()
                .flat_map(|s| &s.writes)
                .filter_map(|name| kind.field(name).cloned())
                .collect(),
        })
        .collect();
    let hidden = if my_tasks.is_empty() {
        Vec::new()
    } else {
        present.map(|s| s.hides.clone()).unwrap_or_default()
    };
    let steps = row
        .definition
        .steps
        .iter()
        .enumerate()
        .map(|(n, step)| {
            let own: Vec<&TaskRow> =
                tasks.iter().filter(|t| usize::try_from(t.step) == Ok(n)).collect();
            StepLine {
                name: step.name.clone(),
                title: step.title.clone(),
                mode: step.mode,
                state: if n < at || (n == at && row.state == "passed") {
                    "done"
                } else if n == at && is_running {
                    "current"
                } else {
                    "todo"
                },
                due_at: own.iter().filter_map(|t| t.due_at).min(),
                tasks: own.into_iter().map(task_line).collect(),
            }
        })
        .collect();
    Ok(Some(Approval {
        approval_id: row.approval_id,
        plan: row.definition.name.clone(),
        title: row.definition.title.clone(),
        state: row.state.clone(),
        at,
        steps,
        my_tasks,
        may_withdraw: is_running && Some(row.run.applicant()) == me,
        deeds: deeds.into_iter().map(deed_line).collect(),
        hidden,
    }))
}

fn task_line(task: &TaskRow) -> TaskLine {
    TaskLine {
        task_id: task.task_id,
        owner: PersonName { user_id: task.owner_id, name: task.owner.clone() },
        holder: PersonName { user_id: task.holder_id, name: task.holder.clone() },
        state: task.state.clone(),
        added: task.is_added,
        comment: task.comment.clone(),
    }
}

fn deed_line(row: DeedRow) -> DeedLine {
    let deed = row.deed["deed"].as_str().unwrap_or_default().to_owned();
    let title = match deed.as_str() {
        "agree" => Text2::new("同意", "Agreed"),
        "refuse" => Text2::new("拒绝", "Refused"),
        "transfer" => Text2::new("转办", "Transferred"),
        "delegate" => Text2::new("委派", "Delegated"),
        "add" => Text2::new("加签", "Added people"),
        "remove" => Text2::new("减签", "Removed somebody"),
        "return" => Text2::new("退回", "Returned"),
        "withdraw" => Text2::new("撤回", "Withdrawn"),
        "copy" => Text2::new("抄送", "Sent copies"),
        "name" => Text2::new("指定审批人", "Named people"),
        other => Text2::new(other, other),
    };
    DeedLine {
        at: row.at,
        who: row.user_id.zip(row.name).map(|(user_id, name)| PersonName { user_id, name }),
        deed,
        title,
        comment: row.comment,
    }
}

/// The failure of somebody without an account who wants to keep something of their own.
pub(crate) fn nobody() -> ModuleError {
    ModuleError::NoAccount
}
