//! Where commands are asked for, let pass and looked up.

use gis_data::{FeatureId, Permission, Store, Viewer};
use serde::Deserialize;
use serde_json::Value;
use sqlx::FromRow;
use time::{Duration, OffsetDateTime};

use super::{CommandKind, queries};
use crate::error::{Result, TrackerError};

const MOST_REASON: usize = 500;
/// A day: who comes back later is not to be surprised by an old order.
const LONGEST_MIN: i64 = 24 * 60;
const USUAL_MIN: i64 = 60;

/// A command as somebody wants it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandPlan {
    /// To whose terminal.
    pub vehicle_id: i64,
    /// What is asked.
    pub command: CommandKind,
    /// Why.
    pub reason: String,
    /// Minutes until it is not sent any more; an hour where none is given.
    pub valid_min: Option<i64>,
}

/// Why a command is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanProblem {
    /// There is no such vehicle, or none that the viewer may track.
    Unknown,
    /// The viewer may not command it.
    NotAllowed,
    /// It carries no terminal.
    NoTerminal,
    /// A number or a text is beyond its limit.
    Kind,
    /// Not 1 to 500 characters.
    Reason,
    /// Not 1 minute to a day.
    Valid,
}

/// What somebody decides on a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may be sent 同意; not by whoever asked for it.
    Approve,
    /// It may not 驳回.
    Refuse,
    /// It is not wanted any more 撤回; before it is sent.
    Withdraw,
}

/// Why a decision does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionFault {
    /// There is no such command, or none that the viewer may see.
    Unknown,
    /// The viewer may not command the vehicle.
    NotAllowed,
    /// Nobody approves what they asked for themselves.
    OwnCommand,
    /// Somebody was quicker, it has expired or is sent.
    OutOfTurn,
}

/// Which commands are asked for; empty asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandFilter {
    /// Only this vehicle's.
    pub vehicle: Option<FeatureId>,
    /// Only those in this state.
    pub state: Option<String>,
    /// Only those with a smaller number: the next page.
    pub before: Option<i64>,
    /// At most this many.
    pub limit: i64,
}

/// A command with its life.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct CommandOnFile {
    /// Its number.
    pub command_id: i64,
    /// To whose terminal.
    pub vehicle_id: i64,
    /// Which.
    pub terminal_id: String,
    /// The name of a [`CommandKind`].
    pub kind: String,
    /// What its kind needs.
    pub body: Value,
    /// Why.
    pub reason: String,
    /// `requested`, `refused`, `withdrawn`, `queued`, `sent`, `acknowledged`, `failed`, `expired`.
    pub state: String,
    /// By whom.
    pub requested_by: String,
    /// Epoch milliseconds.
    pub requested_ms: i64,
    /// Epoch milliseconds.
    pub expires_ms: i64,
    /// `[{state, at_ms, actor, detail}]`, in their order.
    pub events: Value,
}

impl Decision {
    /// The states that it follows on.
    pub(super) fn follows(self) -> &'static [&'static str] {
        match self {
            Self::Approve | Self::Refuse => &["requested"],
            Self::Withdraw => &["requested", "queued"],
        }
    }

    /// The state that it leads to.
    pub(super) fn leads_to(self) -> &'static str {
        match self {
            Self::Approve => "queued",
            Self::Refuse => "refused",
            Self::Withdraw => "withdrawn",
        }
    }
}

/// Puts a command on file. What changes something in the vehicle waits for a second person; being asked where one is does not.
pub async fn ask(
    store: &Store,
    viewer: &Viewer,
    actor: &str,
    plan: &CommandPlan,
) -> Result<Result<CommandOnFile, PlanProblem>> {
    let valid_min = plan.valid_min.unwrap_or(USUAL_MIN);
    if !plan.command.is_sound() {
        return Ok(Err(PlanProblem::Kind));
    }
    if !(1..=MOST_REASON).contains(&plan.reason.trim().chars().count()) {
        return Ok(Err(PlanProblem::Reason));
    }
    if !(1..=LONGEST_MIN).contains(&valid_min) {
        return Ok(Err(PlanProblem::Valid));
    }
    let mut tx = store.as_viewer(viewer).await?;
    let Some((scope, terminal)) = queries::addressee(&mut tx, plan.vehicle_id).await? else {
        return Ok(Err(PlanProblem::Unknown));
    };
    if !viewer.may(Permission::Track, scope) {
        return Ok(Err(PlanProblem::Unknown));
    }
    if !viewer.may(Permission::Command, scope) {
        return Ok(Err(PlanProblem::NotAllowed));
    }
    let Some(terminal) = terminal else { return Ok(Err(PlanProblem::NoTerminal)) };
    let state = if plan.command.needs_approval() { "requested" } else { "queued" };
    let expires_at = OffsetDateTime::now_utc() + Duration::minutes(valid_min);
    let id = queries::insert(&mut tx, actor, plan, (&terminal, state, expires_at)).await?;
    let kept = one(&mut tx, viewer, id).await?;
    tx.commit().await.map_err(TrackerError::query("commit a command"))?;
    Ok(kept.ok_or(PlanProblem::Unknown))
}

/// The newest first, as far as the viewer may track their vehicles.
pub async fn commands(
    store: &Store,
    viewer: &Viewer,
    filter: &CommandFilter,
) -> Result<Vec<CommandOnFile>> {
    let mut tx = store.as_viewer(viewer).await?;
    queries::commands(&mut tx, viewer, filter, None).await
}

/// Decides on a command, and keeps who did.
pub async fn decide(
    store: &Store,
    viewer: &Viewer,
    actor: &str,
    (command_id, decision, note): (i64, Decision, &str),
) -> Result<Result<CommandOnFile, DecisionFault>> {
    let mut tx = store.as_viewer(viewer).await?;
    let Some((scope, requested_by)) = queries::lock(&mut tx, command_id).await? else {
        return Ok(Err(DecisionFault::Unknown));
    };
    if !viewer.may(Permission::Track, scope) {
        return Ok(Err(DecisionFault::Unknown));
    }
    if !viewer.may(Permission::Command, scope) {
        return Ok(Err(DecisionFault::NotAllowed));
    }
    if decision == Decision::Approve && requested_by == actor {
        return Ok(Err(DecisionFault::OwnCommand));
    }
    if !queries::decide(&mut tx, command_id, decision).await? {
        return Ok(Err(DecisionFault::OutOfTurn));
    }
    let note: String = note.trim().chars().take(MOST_REASON).collect();
    queries::add_event(&mut tx, command_id, decision.leads_to(), Some(actor), &note).await?;
    let kept = one(&mut tx, viewer, command_id).await?;
    tx.commit().await.map_err(TrackerError::query("commit a decision on a command"))?;
    Ok(kept.ok_or(DecisionFault::Unknown))
}

async fn one(tx: &mut gis_data::Tx, viewer: &Viewer, id: i64) -> Result<Option<CommandOnFile>> {
    let filter = CommandFilter { limit: 1, ..CommandFilter::default() };
    Ok(queries::commands(tx, viewer, &filter, Some(id)).await?.pop())
}
