//! Approvals 审批: who has to agree before a document goes on.
//!
//! They are apart from the states of a document: a plan says which steps there are, a run is what has happened in one of them, and its outcome fires the document's action.
//!
//! A run is a value. Everything that people do to it is a [`Deed`]; [`Run::act`] judges and does it or changes nothing.

mod deed;
mod plan;
mod queries;
mod resolve;
mod run;
mod step;
mod store;
mod view;

pub use deed::{Deed, Refusal};
pub use plan::{Mode, OnEmpty, OwnRequest, Plan, PlanFault, StepPlan};
pub use queries::Inbox;
pub use run::{Outcome, Run, Turn};
pub use step::{Task, TaskId, TaskState, Verdict};
pub(crate) use store::begin;
pub use store::{DeedRequest, TaskKey};
pub use view::{
    Approval, DeedLine, InboxLine, InboxPage, MyTask, PersonLine, PersonName, StepLine, TaskLine,
};
pub(crate) use view::{nobody, of_document};

/// Somebody with an account.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct PersonId(pub i64);

#[cfg(test)]
mod tests;
