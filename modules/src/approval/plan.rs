//! The plan of an approval 审批流程: its steps in order, as a definition writes them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The steps of an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// In order; never empty.
    pub steps: Vec<StepPlan>,
    /// What happens to requests of one's own.
    pub own_request: OwnRequest,
    /// Whether somebody who has agreed in an earlier step is taken to agree again 重复审批人跳过.
    pub skips_repeated: bool,
}

/// One step 审批节点.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepPlan {
    /// The name in the definition and in history.
    pub name: String,
    /// How many have to agree.
    pub mode: Mode,
    /// What happens if nobody is left to ask.
    pub on_empty: OnEmpty,
}

/// How many of those asked have to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 会签: everybody; the first refusal ends it.
    All,
    /// 或签: whoever decides first decides.
    Any,
    /// 比例: so many of a hundred (1 to 100); it fails once they can no longer be reached.
    Ratio(u8),
    /// 依次: one after the other; the first refusal ends it.
    Sequence,
}

/// What happens to a step for which nobody is left to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnEmpty {
    /// The step counts as agreed to.
    Pass,
    /// The approval waits for an administrator to name somebody.
    Wait,
}

/// Whether an applicant may be asked about a request of his or her own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnRequest {
    /// The others are asked.
    Skip,
    /// Like everybody else.
    Allow,
}

/// What is wrong with a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// There is nothing to agree to.
    #[error("the plan has no step")]
    NoStep,
    /// Two steps have one name.
    #[error("two steps are called {0:?}")]
    SameName(String),
    /// More or less than a part of a hundred.
    #[error("step {0:?} asks for {1} of a hundred")]
    BadRatio(String, u8),
}

impl Plan {
    /// Every fault of the plan.
    pub fn faults(&self) -> Vec<PlanFault> {
        let mut faults = Vec::new();
        if self.steps.is_empty() {
            faults.push(PlanFault::NoStep);
        }
        let mut names = BTreeSet::new();
        for step in &self.steps {
            if !names.insert(&step.name) {
                faults.push(PlanFault::SameName(step.name.clone()));
            }
            if let Mode::Ratio(percent) = step.mode
                && !(1..=100).contains(&percent)
            {
                faults.push(PlanFault::BadRatio(step.name.clone(), percent));
            }
        }
        faults
    }
}
