//! What a kind of document is: fields, lines, states, actions, approval plans, views. A definition is a value read from a
//! file; the engine knows no kind by name.

use gis_data::{Permission, Personal, Text2};
use serde::{Deserialize, Serialize};

use super::field::{Field, FieldType};
use super::upcast::Upcast;
use crate::approval::{Mode, OnEmpty, OwnRequest, Plan, StepPlan};

/// One kind of document, at one version of its definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "its name is called as files and URLs call it")]
pub struct Kind {
    /// The name in URLs and in the database.
    pub kind: String,
    /// Goes up when fields, states or actions change; documents keep the one they were made with.
    pub version: i32,
    /// What people call it.
    pub title: Text2,
    /// How its documents are numbered.
    pub number: Numbering,
    /// How many places a document hangs off, and of which kinds.
    pub links: LinkRule,
    /// What the form asks for, in order.
    #[serde(default, rename(deserialize = "field"))]
    pub fields: Vec<Field>,
    /// A table of details.
    #[serde(default)]
    pub lines: Option<Lines>,
    /// The first one is where a document begins.
    #[serde(rename(deserialize = "state"))]
    pub states: Vec<State>,
    /// What can be done.
    #[serde(default, rename(deserialize = "action"))]
    pub actions: Vec<Action>,
    /// Who has to agree.
    #[serde(default, rename(deserialize = "plan"))]
    pub plans: Vec<PlanDefinition>,
    /// How lists show it.
    #[serde(default)]
    pub views: Views,
    /// Named functions: what the fields alone cannot say.
    #[serde(default, skip_serializing)]
    pub rules: Vec<String>,
    /// Named functions that fill in derived fields.
    #[serde(default, skip_serializing)]
    pub derives: Vec<String>,
    /// Named functions that judge and post when a document is put on file.
    #[serde(default, skip_serializing)]
    pub posts_at_create: Vec<String>,
    /// What becomes of documents of earlier versions.
    #[serde(default, rename = "upcast", skip_serializing)]
    pub upcasts: Vec<Upcast>,
}

/// How documents are numbered: `BX-2026-000001`, without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbering {
    /// Begins every number.
    pub prefix: String,
    /// The action that gives the number; `create` for at once.
    #[serde(default = "at_create")]
    pub at: String,
}

/// The least and the most places of a document. Rights go through places, so the least is never 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRule {
    /// At least so many.
    pub least: usize,
    /// At most so many.
    pub most: usize,
    /// Of these kinds; empty for any.
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// A table of details.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// What people call it.
    pub title: Text2,
    /// At least so many.
    pub least: usize,
    /// At most so many.
    pub most: usize,
    /// The columns.
    #[serde(rename(deserialize = "field"))]
    pub fields: Vec<Field>,
}

/// A state of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The name in URLs and in the database.
    pub name: String,
    /// What people call it.
    pub title: Text2,
    /// Whether somebody still has to do something.
    pub phase: Phase,
    /// How it is coloured.
    #[serde(default)]
    pub tone: Tone,
}

/// Whether a document in a state still waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It is written and rewritten, and nothing depends on it.
    Draft,
    /// It counts as open.
    Open,
    /// It is done.
    Done,
}

/// How a state is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Grey.
    #[default]
    Neutral,
    /// The accent.
    Active,
    /// It went well.
    Good,
    /// Somebody should look.
    Warn,
    /// It was refused or is over.
    Bad,
}

/// A step from some states to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The name in URLs and in events.
    pub name: String,
    /// What the button says.
    pub title: Text2,
    /// Where it is allowed.
    pub from: Vec<String>,
    /// Where it leads.
    pub to: String,
    /// What it asks for.
    #[serde(default)]
    pub patch: Vec<Field>,
    /// Which of those become part of the document's body; the others stay in the event alone.
    #[serde(default, skip_serializing)]
    pub keeps: Vec<String>,
    /// Which fields of the body end with it.
    #[serde(default, skip_serializing)]
    pub clears: Vec<String>,
    /// The field that history shows beside the event.
    #[serde(default)]
    pub note: String,
    /// What somebody must be allowed to do.
    #[serde(default = "record", skip_serializing)]
    pub needs: Permission,
    /// The approval that it begins.
    #[serde(default)]
    pub plan: Option<String>,
    /// Done by the end of an approval, never by a person.
    #[serde(default)]
    pub by_plan: bool,
    /// Named functions that may refuse it.
    #[serde(default, skip_serializing)]
    pub guards: Vec<String>,
    /// Named functions that post to ledgers.
    #[serde(default, skip_serializing)]
    pub posts: Vec<String>,
    /// How the button looks.
    #[serde(default)]
    pub tone: ButtonTone,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ButtonTone {
    /// What one does next.
    Primary,
    /// One of several.
    #[default]
    Plain,
    /// It cannot be taken back easily.
    Danger,
}

/// Who has to agree before a document goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDefinition {
    /// The name in actions.
    pub name: String,
    /// What people call it.
    pub title: Text2,
    /// The action of an approval that passes.
    pub pass: String,
    /// The action of one that does not.
    pub refuse: String,
    /// The action of one that is taken back.
    pub withdraw: String,
    /// Requests of one's own.
    #[serde(default = "skip")]
    pub own_request: OwnRequest,
    /// Whether somebody who has agreed is not asked again.
    #[serde(default)]
    pub skips_repeated: bool,
    /// In order.
    #[serde(rename(deserialize = "step"))]
    pub steps: Vec<StepDefinition>,
}

/// One step of an approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDefinition {
    /// The name in history.
    pub name: String,
    /// What people call it.
    pub title: Text2,
    /// How many have to agree.
    pub mode: Mode,
    /// Whom it asks.
    pub who: Who,
    /// What happens if nobody is found.
    #[serde(default = "wait")]
    pub on_empty: OnEmpty,
    /// Within how many working days.
    #[serde(default)]
    pub due_days: Option<u16>,
    /// What happens when they are over.
    #[serde(default)]
    pub on_due: OnDue,
    /// Fields that those asked may fill in.
    #[serde(default)]
    pub writes: Vec<String>,
    /// Fields that those asked do not see.
    #[serde(default, skip_serializing)]
    pub hides: Vec<String>,
}

/// Whom a step asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Those with a role over the document's organisation, nearest organisation first.
    Role(String),
    /// The head 负责人 of the document's organisation (0) or of the one so many levels above it.
    Head(u8),
    /// The account that a field of the document names.
    Field(String),
    /// Whomever the applicant chooses.
    Chosen(bool),
    /// These accounts, by login.
    Logins(Vec<String>),
}

/// What happens when a step is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDue {
    /// Those asked are reminded.
    #[default]
    Remind,
    /// The heads one level up are asked too.
    Escalate,
    /// It counts as agreed to.
    Pass,
    /// It counts as refused.
    Refuse,
}

/// How lists show a kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Views {
    /// The columns.
    #[serde(default)]
    pub list: Vec<String>,
    /// On a calendar.
    #[serde(default)]
    pub calendar: Option<Calendar>,
    /// As a board with a column a state.
    #[serde(default)]
    pub board: bool,
}

/// Which fields say when something is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The field of the first day.
    pub start: String,
    /// The field of the last day.
    #[serde(default)]
    pub end: Option<String>,
}

fn at_create() -> String {
    "create".to_owned()
}

fn record() -> Permission {
    Permission::Record
}

fn skip() -> OwnRequest {
    OwnRequest::Skip
}

fn wait() -> OnEmpty {
    OnEmpty::Wait
}

impl Kind {
    /// Where a document begins.
    pub fn initial(&self) -> &str {
        self.states.first().map_or("", |s| &s.name)
    }

    /// The state of this name.
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.iter().find(|s| s.name == name)
    }

    /// Whether documents in a state are still being written.
    pub fn is_draft(&self, state: &str) -> bool {
        self.state(state).is_some_and(|s| s.phase == Phase::Draft)
    }

    /// The names of the states of a phase.
    pub fn states_of(&self, phase: Phase) -> Vec<&str> {
        self.states.iter().filter(|s| s.phase == phase).map(|s| s.name.as_str()).collect()
    }

    /// The action of this name, whatever the state.
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|a| a.name == name)
    }

    /// The approval plan of this name.
    pub fn plan(&self, name: &str) -> Option<&PlanDefinition> {
        self.plans.iter().find(|p| p.name == name)
    }

    /// The field of the body of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The fields of the body, the lines and all patches: whatever may stand in a document.
    pub fn all_fields(&self) -> impl Iterator<Item = &Field> {
        let lines = self.lines.iter().flat_map(|l| &l.fields);
        self.fields.iter().chain(lines).chain(self.actions.iter().flat_map(|a| &a.patch))
    }

    /// The fields with a column of their own.
    pub fn listed(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|f| f.listed)
    }

    /// Which personal field a key of a body, line or patch is.
    pub fn personal(&self, name: &str) -> Option<Personal> {
        self.all_fields().find(|f| f.name == name)?.personal
    }

    /// Whether a value is no words of people: a choice, an exact number, a day.
    pub(crate) fn is_plain_value(&self, name: &str) -> bool {
        self.all_fields().find(|f| f.name == name).is_some_and(|f| {
            f.personal.is_none() && !matches!(f.kind, FieldType::Text | FieldType::LongText)
        })
    }

    /// What can be done in a state.
    pub fn actions_in(&self, state: &str) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(move |a| a.from.iter().any(|from| from == state))
    }

    /// The first field of the body that names an organisation: whom the document is about.
    pub fn org_field(&self) -> Option<&Field> {
        self.fields.iter().find(|f| f.kind == FieldType::Org)
    }

    /// The number of the n-th document of a year.
    pub fn number(&self, year: i16, nth: i32) -> String {
        format!("{}-{year:04}-{nth:06}", self.number.prefix)
    }

    /// The relation of its projection.
    pub fn projection(&self) -> String {
        format!("x_{}", self.kind)
    }
}

impl PlanDefinition {
    /// The plan as the approval runs it.
    pub fn plan(&self) -> Plan {
        let step = |s: &StepDefinition| StepPlan {
            name: s.name.clone(),
            mode: s.mode,
            on_empty: s.on_empty,
        };
        Plan {
            steps: self.steps.iter().map(step).collect(),
            own_request: self.own_request,
            skips_repeated: self.skips_repeated,
        }
    }
}
