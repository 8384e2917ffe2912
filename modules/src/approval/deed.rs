//! What people do to an approval, and why it may be refused.

use serde::{Deserialize, Serialize};

use super::{PersonId, TaskId};

/// What somebody does. Tasks are named by their numbers; who does it is named beside the deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// 同意.
    Agree {
        /// The task.
        task: TaskId,
    },
    /// 拒绝: the step's mode says what becomes of it.
    Refuse {
        /// The task.
        task: TaskId,
    },
    /// 转办: somebody else decides instead.
    Transfer {
        /// The task.
        task: TaskId,
        /// Who decides now.
        to: PersonId,
    },
    /// 委派: somebody else says what to do, and then the owner decides.
    Delegate {
        /// The task.
        task: TaskId,
        /// Who is asked.
        to: PersonId,
    },
    /// 加签: more people are asked in this step.
    Add {
        /// The task of who adds them.
        task: TaskId,
        /// Whom.
        people: Vec<PersonId>,
    },
    /// 减签: somebody whom one has added is not asked any more.
    Remove {
        /// The task of who had added the other.
        task: TaskId,
        /// The task that ends.
        removed: TaskId,
    },
    /// 驳回到节点: back to an earlier step, or to this one, from its beginning.
    Return {
        /// The task.
        task: TaskId,
        /// The position of the step in the plan.
        to: usize,
    },
    /// 撤回: the applicant takes the request back.
    Withdraw,
}

/// Why a deed is refused; nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is over.
    #[error("the approval is over")]
    Over,
    /// There is no such task in the present step.
    #[error("there is no task {0} in this step")]
    NoTask(TaskId),
    /// The task is somebody else's.
    #[error("task {0} is somebody else's")]
    NotYours(TaskId),
    /// The task was delegated: who has it says yes or no, and the owner decides.
    #[error("task {0} was delegated to you: agree or refuse")]
    OnlySpeaks(TaskId),
    /// The task is decided or waits for its turn.
    #[error("task {0} is not open")]
    NotOpen(TaskId),
    /// The person named is asked already.
    #[error("person {} is asked in this step already", .0.0)]
    Asked(PersonId),
    /// The person named is the applicant, who may not decide.
    #[error("person {} has made the request and may not decide it", .0.0)]
    Applicant(PersonId),
    /// Only who has added somebody can remove them.
    #[error("task {0} was not added by you")]
    NotAdded(TaskId),
    /// A return leads to this step or an earlier one.
    #[error("step {0} is not before this one")]
    NotBefore(usize),
    /// Only the applicant can withdraw.
    #[error("only the applicant can withdraw")]
    NotApplicant,
    /// Somebody has to be named.
    #[error("nobody was named")]
    Nobody,
    /// The step waits for somebody to be asked, or does not.
    #[error("this step does not wait for people")]
    NotWaiting,
}
