//! What a kind of document is: its fields, its states, and the actions that lead from one to the
//! next. A definition is a value; the engine in `document/` knows no kind by name.

mod field;
mod judge;

use gis_data::Personal;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::logistics::repair;
pub use field::{Choice, Field, FieldFault, FieldType, Need, Title};
pub(crate) use judge::{judge_fields, judge_title};

/// Every kind of document there is: the variation point. A new kind is a new line here.
pub static KINDS: &[&KindDefinition] = &[&repair::DEFINITION];

/// The definition of a kind.
pub fn kind_of(kind: &str) -> Option<&'static KindDefinition> {
    KINDS.iter().copied().find(|k| k.kind == kind)
}

/// One kind of document, at one version of its definition.
#[derive(Debug, Serialize)]
pub struct KindDefinition {
    /// The name in URLs and in the database.
    pub kind: &'static str,
    /// Goes up when fields, states or actions change; documents keep the one they were made with.
    pub version: i32,
    /// What people call it.
    pub title: Title,
    /// Begins every number: `BX-2026-000001`.
    pub prefix: &'static str,
    /// How many places a document hangs off.
    pub links: LinkRule,
    /// What the form asks for, in order.
    pub fields: &'static [Field],
    /// The first one is where a document begins.
    pub states: &'static [StateDefinition],
    /// What can be done.
    pub actions: &'static [Action],
    /// What the fields alone cannot say.
    #[serde(skip)]
    pub rules: &'static [Rule],
}

/// A rule over a whole body; it adds every fault it finds.
pub type Rule = fn(body: &Map<String, Json>, faults: &mut Vec<FieldFault>);

/// The least and the most places of a document. Rights go through places, so the least is never 0.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct LinkRule {
    /// At least so many.
    pub least: usize,
    /// At most so many.
    pub most: usize,
}

/// A state of a kind.
#[derive(Debug, Serialize)]
pub struct StateDefinition {
    /// The name in URLs and in the database.
    pub name: &'static str,
    /// What people call it.
    pub title: Title,
    /// Whether somebody still has to do something.
    pub phase: Phase,
}

/// Whether a document in a state still waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It counts as open.
    Open,
    /// It is done.
    Done,
}

/// A step from some states to another.
#[derive(Debug, Serialize)]
pub struct Action {
    /// The name in URLs and in events.
    pub name: ActionName,
    /// What the button says.
    pub title: Title,
    /// Where it is allowed.
    pub from: &'static [&'static str],
    /// Where it leads.
    pub to: &'static str,
    /// What it asks for.
    pub patch: &'static [Field],
    /// Which of those become part of the document's body; the others stay in the event alone.
    pub keeps: &'static [&'static str],
    /// Which fields of the body end with it.
    pub clears: &'static [&'static str],
    /// The field that history shows beside the event.
    pub note: &'static str,
}

/// The name of an action.
pub type ActionName = &'static str;

impl KindDefinition {
    /// Where a document begins.
    pub fn initial(&self) -> &'static str {
        self.states.first().map_or("", |s| s.name)
    }

    /// The state of this name.
    pub fn state(&self, name: &str) -> Option<&'static StateDefinition> {
        self.states.iter().find(|s| s.name == name)
    }

    /// The names of the states that count as open.
    pub fn open_states(&self) -> Vec<&'static str> {
        self.states.iter().filter(|s| s.phase == Phase::Open).map(|s| s.name).collect()
    }

    /// The action of this name, whatever the state.
    pub fn action(&self, name: &str) -> Option<&'static Action> {
        self.actions.iter().find(|a| a.name == name)
    }

    /// Which personal field a key of a body or patch is.
    pub fn personal(&self, name: &str) -> Option<Personal> {
        let patched = self.actions.iter().flat_map(|a| a.patch);
        self.fields.iter().chain(patched).find(|f| f.name == name)?.personal
    }

    /// What can be done in a state.
    pub fn actions_in(&self, state: &str) -> impl Iterator<Item = &'static Action> {
        self.actions.iter().filter(move |a| a.from.contains(&state))
    }

    /// The number of the n-th document of a year.
    pub fn number(&self, year: i16, nth: i32) -> String {
        format!("{}-{year:04}-{nth:06}", self.prefix)
    }

    /// Every fault of a new document: its title, its body field by field, and the kind's own rules.
    pub fn judge(&self, title: &str, body: &Json, place_count: usize) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        judge_title(title, &mut faults);
        judge_fields("body", self.fields, body, &mut faults);
        if let Json::Object(map) = body {
            for rule in self.rules {
                rule(map, &mut faults);
            }
        }
        let LinkRule { least, most } = self.links;
        if place_count < least || place_count > most {
            faults.push(FieldFault::new(
                "feature_ids",
                Some(Json::from(if place_count < least { least } else { most })),
                &format!("应选择 {least} 至 {most} 个地点，现有 {place_count} 个"),
                &format!("choose {least} to {most} places, there are {place_count}"),
            ));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_definition_is_closed_in_itself() {
        let mut names = BTreeSet::new();
        let mut prefixes = BTreeSet::new();
        for kind in KINDS {
            assert!(names.insert(kind.kind), "{} is defined twice", kind.kind);
            assert!(prefixes.insert(kind.prefix), "{} numbers two kinds", kind.prefix);
            assert!(
                kind.links.least > 0,
                "{}: nobody could see a document without a place",
                kind.kind
            );
            assert!(kind.state(kind.initial()).is_some());
            for action in kind.actions {
                assert!(!action.from.is_empty());
                for state in action.from.iter().chain([&action.to]) {
                    assert!(kind.state(state).is_some(), "{} names no state: {state}", action.name);
                }
                for field in action.keeps.iter().chain([&action.note]) {
                    assert!(action.patch.iter().any(|f| f.name == *field), "{field}");
                }
            }
        }
    }

    #[test]
    fn a_number_shows_prefix_year_and_six_digits() {
        assert_eq!(repair::DEFINITION.number(2026, 1), "BX-2026-000001");
        assert_eq!(repair::DEFINITION.number(2026, 1_234_567), "BX-2026-1234567");
    }
}
