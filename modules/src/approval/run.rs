//! One approval under way.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::step::verdict;
use super::{
    Deed, Mode, OnEmpty, OwnRequest, PersonId, Plan, Refusal, Task, TaskId, TaskState, Verdict,
};

/// How an approval ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 通过: every step.
    Passed,
    /// 不通过.
    Refused,
    /// 撤回.
    Withdrawn,
}

/// What has to happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Whoever resolves people says whom this step asks: [`Run::ask`].
    Ask(usize),
    /// People decide.
    Decide,
    /// Nobody was found: an administrator names somebody, by [`Run::ask`].
    Name(usize),
    /// It is over.
    Over(Outcome),
}

/// What has happened in an approval so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    applicant: PersonId,
    /// The present step.
    at: usize,
    /// Whether its people have been asked; none if nobody was found.
    is_asked: bool,
    /// Whether nobody was found, and somebody has to be named.
    is_empty: bool,
    tasks: Vec<Task>,
    /// Who has agreed in the steps before the present one, with the step.
    agreed: Vec<(usize, PersonId)>,
    last_task: u32,
    outcome: Option<Outcome>,
}

impl Run {
    /// Before the first step.
    pub fn new(applicant: PersonId) -> Self {
        Self {
            applicant,
            at: 0,
            is_asked: false,
            is_empty: false,
            tasks: Vec::new(),
            agreed: Vec::new(),
            last_task: 0,
            outcome: None,
        }
    }

    /// What has to happen next.
    pub fn turn(&self) -> Turn {
        match self.outcome {
            Some(outcome) => Turn::Over(outcome),
            None if self.is_asked => Turn::Decide,
            None if self.is_empty => Turn::Name(self.at),
            None => Turn::Ask(self.at),
        }
    }

    /// The tasks of the present step, in the order of being asked.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The position of the present step in the plan; of the last one when it is over.
    pub fn step(&self) -> usize {
        self.at
    }

    /// Who made the request.
    pub fn applicant(&self) -> PersonId {
        self.applicant
    }

    /// Asks people in the present step, in this order. Those who are skipped by the plan are left out; if nobody is left,
    /// the plan says whether the step passes or waits. [`Refusal::NotWaiting`] if people have been asked.
    pub fn ask(&mut self, plan: &Plan, people: &[PersonId]) -> Result<(), Refusal> {
        match self.turn() {
            Turn::Over(_) => return Err(Refusal::Over),
            Turn::Decide => return Err(Refusal::NotWaiting),
            Turn::Ask(_) | Turn::Name(_) => {}
        }
        let Some(step) = plan.steps.get(self.at) else { return Err(Refusal::Over) };
        let mut known = BTreeSet::new();
        let asked: Vec<PersonId> = people
            .iter()
            .copied()
            .filter(|person| !self.is_barred(plan, *person) && known.insert(*person))
            .collect();
        if asked.is_empty() && step.on_empty == OnEmpty::Wait {
            self.is_empty = true;
            return Ok(());
        }
        (self.is_asked, self.is_empty) = (true, false);
        for person in asked {
            let repeats = plan.skips_repeated && self.agreed.iter().any(|(_, who)| *who == person);
            let state = if repeats { TaskState::Repeated } else { TaskState::Waiting };
            self.add_task(person, None, state);
        }
        self.settle(plan);
        Ok(())
    }

    /// Does a deed, or says why not and changes nothing.
    pub fn act(&mut self, plan: &Plan, who: PersonId, deed: &Deed) -> Result<(), Refusal> {
        let mut next = self.clone();
        next.try_act(plan, who, deed)?;
        *self = next;
        Ok(())
    }

    fn try_act(&mut self, plan: &Plan, who: PersonId, deed: &Deed) -> Result<(), Refusal> {
        if self.outcome.is_some() {
            return Err(Refusal::Over);
        }
        match deed {
            Deed::Agree { task } => {
                let task = self.open_task(*task, who)?;
                if task.holder == task.owner {
                    task.state = TaskState::Agreed;
                } else {
                    // 委派: the one who was asked has spoken, and the owner decides.
                    task.holder = task.owner;
                }
            }
            Deed::Refuse { task } => {
                let task = self.open_task(*task, who)?;
                if task.holder == task.owner {
                    task.state = TaskState::Refused;
                } else {
                    task.holder = task.owner;
                }
            }
            Deed::Transfer { task, to } => {
                self.own_task(*task, who)?;
                self.may_be_asked(plan, *to)?;
                let task = self.own_task(*task, who)?;
                (task.owner, task.holder) = (*to, *to);
            }
            Deed::Delegate { task, to } => {
                self.own_task(*task, who)?;
                self.may_be_asked(plan, *to)?;
                self.own_task(*task, who)?.holder = *to;
            }
            Deed::Add { task, people } => {
                self.own_task(*task, who)?;
                if people.is_empty() {
                    return Err(Refusal::Nobody);
                }
                for person in people {
                    self.may_be_asked(plan, *person)?;
                    self.add_task(*person, Some(*task), TaskState::Waiting);
                }
            }
            Deed::Remove { task, removed } => {
                self.own_task(*task, who)?;
                let other = self.tasks.iter_mut().find(|t| t.id == *removed);
                let other = other.ok_or(Refusal::NoTask(*removed))?;
                if other.added_by != Some(*task) {
                    return Err(Refusal::NotAdded(*removed));
                }
                if !other.state.is_pending() {
                    return Err(Refusal::NotOpen(*removed));
                }
                other.state = TaskState::Dropped;
            }
            Deed::Return { task, to } => {
                self.own_task(*task, who)?;
                if *to > self.at {
                    return Err(Refusal::NotBefore(*to));
                }
                self.enter(*to);
                return Ok(());
            }
            Deed::Withdraw => {
                if who != self.applicant {
                    return Err(Refusal::NotApplicant);
                }
                self.end(Outcome::Withdrawn);
                return Ok(());
            }
        }
        self.settle(plan);
        Ok(())
    }

    /// Opens what is due, and goes on when the step is decided.
    fn settle(&mut self, plan: &Plan) {
        let Some(step) = plan.steps.get(self.at) else { return };
        match verdict(step.mode, &self.tasks) {
            Verdict::Pending => self.open(step.mode),
            Verdict::Refused => self.end(Outcome::Refused),
            Verdict::Passed => {
                let agreed = self
                    .tasks
                    .iter()
                    .filter(|t| matches!(t.state, TaskState::Agreed | TaskState::Repeated));
                self.agreed.extend(agreed.map(|t| (self.at, t.owner)));
                if self.at + 1 == plan.steps.len() {
                    self.end(Outcome::Passed);
                } else {
                    self.enter(self.at + 1);
                }
            }
        }
    }

    fn open(&mut self, mode: Mode) {
        let is_open = |t: &Task| t.state == TaskState::Open;
        if mode == Mode::Sequence && self.tasks.iter().any(is_open) {
            return;
        }
        let waiting = self.tasks.iter_mut().filter(|t| t.state == TaskState::Waiting);
        let most = if mode == Mode::Sequence { 1 } else { usize::MAX };
        waiting.take(most).for_each(|t| t.state = TaskState::Open);
    }

    /// Begins a step; what was agreed to in it and after it is forgotten.
    fn enter(&mut self, step: usize) {
        self.at = step;
        (self.is_asked, self.is_empty) = (false, false);
        self.tasks.clear();
        self.agreed.retain(|(at, _)| *at < step);
    }

    fn end(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
        for task in self.tasks.iter_mut().filter(|t| t.state.is_pending()) {
            task.state = TaskState::Dropped;
        }
    }

    fn add_task(&mut self, person: PersonId, added_by: Option<TaskId>, state: TaskState) {
        self.last_task += 1;
        let id = TaskId(self.last_task);
        self.tasks.push(Task { id, owner: person, holder: person, added_by, state });
    }

    fn open_task(&mut self, id: TaskId, who: PersonId) -> Result<&mut Task, Refusal> {
        let task = self.tasks.iter_mut().find(|t| t.id == id).ok_or(Refusal::NoTask(id))?;
        if task.state != TaskState::Open {
            return Err(Refusal::NotOpen(id));
        }
        if task.holder != who {
            return Err(Refusal::NotYours(id));
        }
        Ok(task)
    }

    /// An open task of one's own: somebody to whom it was delegated only speaks.
    fn own_task(&mut self, id: TaskId, who: PersonId) -> Result<&mut Task, Refusal> {
        let task = self.open_task(id, who)?;
        if task.owner != who {
            return Err(Refusal::OnlySpeaks(id));
        }
        Ok(task)
    }

    fn may_be_asked(&self, plan: &Plan, person: PersonId) -> Result<(), Refusal> {
        if self.is_barred(plan, person) {
            return Err(Refusal::Applicant(person));
        }
        let mut asked = self.tasks.iter().filter(|t| t.state != TaskState::Dropped);
        if asked.any(|t| t.owner == person || t.holder == person) {
            return Err(Refusal::Asked(person));
        }
        Ok(())
    }

    fn is_barred(&self, plan: &Plan, person: PersonId) -> bool {
        plan.own_request == OwnRequest::Skip && person == self.applicant
    }
}
