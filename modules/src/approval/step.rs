//! One step of a run: who was asked, what they said, and what that comes to.

use serde::{Deserialize, Serialize};

use super::{Mode, PersonId};

/// A task's number in its run, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u32);

impl std::fmt::Display for TaskId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What one person is asked 待办.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The number.
    pub id: TaskId,
    /// Whose decision it is.
    pub owner: PersonId,
    /// Who has it now; not the owner while it is delegated.
    pub holder: PersonId,
    /// The task of who added this one 加签.
    pub added_by: Option<TaskId>,
    /// What has become of it.
    pub state: TaskState,
}

/// What has become of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Waits for its turn 依次.
    Waiting,
    /// Somebody has to decide.
    Open,
    /// 同意.
    Agreed,
    /// Taken to agree, as in an earlier step.
    Repeated,
    /// 拒绝.
    Refused,
    /// No longer asked: removed, or decided without it.
    Dropped,
}

/// What a step comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Somebody still has to decide.
    Pending,
    /// 通过.
    Passed,
    /// 不通过.
    Refused,
}

impl TaskState {
    /// Whether it still can become a decision.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Waiting | Self::Open)
    }
}

/// What the tasks of a step come to by its mode. Dropped tasks do not count; a step without any other has passed.
pub(super) fn verdict(mode: Mode, tasks: &[Task]) -> Verdict {
    let count = |wanted: fn(TaskState) -> bool| tasks.iter().filter(|t| wanted(t.state)).count();
    let agreed = count(|s| matches!(s, TaskState::Agreed | TaskState::Repeated));
    let refused = count(|s| s == TaskState::Refused);
    let pending = count(TaskState::is_pending);
    let all = agreed + refused + pending;
    let (needed, may_refuse) = match mode {
        Mode::All | Mode::Sequence => (all, 0),
        Mode::Any => (all.min(1), 0),
        Mode::Ratio(percent) => {
            let needed = (all * usize::from(percent)).div_ceil(100);
            (needed, all - needed)
        }
    };
    if refused > may_refuse {
        Verdict::Refused
    } else if agreed >= needed {
        Verdict::Passed
    } else {
        Verdict::Pending
    }
}
