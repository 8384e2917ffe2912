//! Whether a definition is closed in itself: every fault of it, before anybody can meet it.

use std::collections::BTreeSet;

use super::field::{Field, FieldType};
use super::kind::{Action, Kind, Phase, Who};
use super::logic::Logic;
use super::registry::{derive_of, guard_of, post_of, rule_of};
use super::tables::UPCAST_BODY;

/// Names that documents have of themselves, and columns that every projection has.
const TAKEN: &[&str] = &[
    "doc_id",
    "scope_id",
    "kind",
    "number",
    "title",
    "state",
    "phase",
    "created_at",
    "updated_at",
    "revision",
    "row",
    UPCAST_BODY,
];
/// Actions that every draft has.
pub(crate) const BUILT_IN: &[&str] = &["create", "edit", "discard", "upcast", "fill"];

/// Everything that is wrong with a kind; `logic` is that of its module.
pub(super) fn faults(kind: &Kind, logic: Option<&Logic>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut say = |what: String| faults.push(format!("{}: {what}", kind.kind));
    if !is_plain(&kind.kind) || kind.kind.len() > 40 {
        say("a kind is named by lower-case letters, digits and underscores".to_owned());
    }
    if kind.version < 1 {
        say("versions begin with 1".to_owned());
    }
    if kind.links.least == 0 {
        say("nobody could see a document without a place".to_owned());
    }
    if kind.links.least > kind.links.most {
        say("more places at least than at most".to_owned());
    }
    if kind.states.is_empty() {
        say("there is no state".to_owned());
    }
    check_names("state", kind.states.iter().map(|s| s.name.as_str()), &mut say);
    check_names("action", kind.actions.iter().map(|a| a.name.as_str()), &mut say);
    check_names("plan", kind.plans.iter().map(|p| p.name.as_str()), &mut say);
    check_fields("the form", &kind.fields, &mut say);
    if let Some(lines) = &kind.lines {
        check_fields("the lines", &lines.fields, &mut say);
        if lines.least > lines.most || lines.most > 1000 {
            say("lines: from least to most, and at most 1000".to_owned());
        }
    }
    for name in kind.rules.iter().filter(|n| rule_of(logic, n).is_none()) {
        say(format!("there is no rule {name:?}"));
    }
    for name in kind.derives.iter().filter(|n| derive_of(logic, n).is_none()) {
        say(format!("there is no derivation {name:?}"));
    }
    for name in kind.posts_at_create.iter().filter(|n| post_of(logic, n).is_none()) {
        say(format!("there is no posting {name:?}"));
    }
    let numbered = kind.number.at == "create" || kind.action(&kind.number.at).is_some();
    if !numbered {
        say(format!("it is numbered by an action that is not there: {:?}", kind.number.at));
    }
    for action in &kind.actions {
        check_action(kind, action, logic, &mut say);
    }
    check_plans(kind, &mut say);
    check_views(kind, &mut say);
    for upcast in &kind.upcasts {
        if upcast.from < 1 || upcast.from >= kind.version {
            say(format!("an upcast from version {} leads nowhere", upcast.from));
        }
        for old in upcast.states.keys().filter(|old| kind.state(old).is_some()) {
            say(format!("an upcast cannot take a state away that there is: {old:?}"));
        }
    }
    faults
}

fn check_names<'a>(what: &str, names: impl Iterator<Item = &'a str>, say: &mut impl FnMut(String)) {
    let mut known = BTreeSet::new();
    for name in names {
        if !is_plain(name) {
            say(format!("{what} {name:?} is no plain name"));
        }
        if !known.insert(name) {
            say(format!("two {what}s are called {name:?}"));
        }
    }
}

fn check_fields(place: &str, fields: &[Field], say: &mut impl FnMut(String)) {
    check_names("field", fields.iter().map(|f| f.name.as_str()), say);
    for field in fields {
        let name = &field.name;
        if TAKEN.contains(&name.as_str()) || name.len() > 40 {
            say(format!("{place}: no field can be called {name:?}"));
        }
        if (field.kind == FieldType::Choice) == field.options.is_empty() {
            say(format!("{place}: {name}: choices have options, and nothing else has"));
        }
        if field.derived && field.need == super::field::Need::Required {
            say(format!("{place}: {name}: what the program fills in is optional"));
        }
        if field.listed && field.personal.is_some() {
            say(format!("{place}: {name}: lists cannot sort by what not everybody may read"));
        }
    }
}

fn check_action(kind: &Kind, action: &Action, logic: Option<&Logic>, say: &mut impl FnMut(String)) {
    let name = &action.name;
    if BUILT_IN.contains(&name.as_str()) {
        say(format!("action {name:?} is built in"));
    }
    if action.from.is_empty() {
        say(format!("action {name:?} begins nowhere"));
    }
    for state in action.from.iter().chain([&action.to]) {
        if kind.state(state).is_none() {
            say(format!("action {name:?} names no state: {state:?}"));
        }
    }
    check_fields(name, &action.patch, say);
    let noted = Some(&action.note).filter(|n| !n.is_empty());
    for field in action.keeps.iter().chain(noted) {
        if action.patch.iter().all(|f| f.name != *field) {
            say(format!("action {name:?} keeps what it does not ask for: {field:?}"));
        }
    }
    for field in &action.keeps {
        if kind.field(field).is_none() {
            say(format!("action {name:?} keeps {field:?}, which the form does not have"));
        }
    }
    if let Some(plan) = &action.plan
        && kind.plan(plan).is_none()
    {
        say(format!("action {name:?} begins no approval: {plan:?}"));
    }
    for guard in action.guards.iter().filter(|n| guard_of(logic, n).is_none()) {
        say(format!("there is no guard {guard:?}"));
    }
    for post in action.posts.iter().filter(|n| post_of(logic, n).is_none()) {
        say(format!("there is no posting {post:?}"));
    }
}

fn check_plans(kind: &Kind, say: &mut impl FnMut(String)) {
    for plan in &kind.plans {
        for fault in plan.plan().faults() {
            say(format!("plan {:?}: {fault}", plan.name));
        }
        for end in [&plan.pass, &plan.refuse, &plan.withdraw] {
            match kind.action(end) {
                None => say(format!("plan {:?} ends in no action: {end:?}", plan.name)),
                Some(action) if !action.by_plan => {
                    say(format!(
                        "plan {:?} ends in an action that anybody can do: {end:?}",
                        plan.name
                    ));
                }
                Some(_) => {}
            }
        }
        for step in &plan.steps {
            if let Who::Field(field) = &step.who
                && kind.field(field).is_none_or(|f| f.kind != FieldType::Person)
            {
                say(format!("step {:?} asks whom no field names: {field:?}", step.name));
            }
            for field in step.writes.iter().chain(&step.hides) {
                if kind.field(field).is_none() {
                    say(format!("step {:?} names no field: {field:?}", step.name));
                }
            }
        }
    }
}

fn check_views(kind: &Kind, say: &mut impl FnMut(String)) {
    let own = ["number", "title", "state", "created_at", "updated_at"];
    for column in &kind.views.list {
        let is_known = own.contains(&column.as_str()) || kind.field(column).is_some();
        if !is_known {
            say(format!("lists show no field: {column:?}"));
        }
    }
    if let Some(calendar) = &kind.views.calendar {
        for name in std::iter::once(&calendar.start).chain(&calendar.end) {
            let tells_day =
                |f: &Field| matches!(f.kind, FieldType::Date | FieldType::Moment) && f.listed;
            if !kind.field(name).is_some_and(tells_day) {
                say(format!("the calendar needs a listed day: {name:?}"));
            }
        }
    }
    if kind.states.first().is_some_and(|s| s.phase == Phase::Done) {
        say("a document cannot begin done".to_owned());
    }
}

fn is_plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
