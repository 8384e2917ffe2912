//! What rules answer: episodes that open, go on and end.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rule::{Level, Rule};
use super::threshold::Used;

/// Names an episode of a vehicle: the same points give the same names, whenever they are judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The code of the rule.
    pub rule: String,
    /// When it began: epoch milliseconds.
    pub started_ms: i64,
    /// What it is about where one rule can find several at a time: `fence:7:enter`, `bit:8`; else
    /// empty.
    pub about: String,
}

/// What is new with an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is there. One that took no time ends with it.
    Opened,
    /// It goes on; level and evidence are new.
    Updated,
    /// It is over.
    Ended,
}

/// One change of one episode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Which episode.
    pub key: Key,
    /// What changed.
    pub change: Change,
    /// How bad it is.
    pub level: Level,
    /// When it ended, as soon as it did: epoch milliseconds.
    pub ended_ms: Option<i64>,
    /// Where it was seen. WGS 84.
    pub place: Option<LonLat>,
    /// `{at_ms, seen, thresholds: [{name, value, from}]}`: what was seen, by which numbers it was
    /// judged and who had set them.
    pub evidence: Value,
}

/// Takes what a rule finds.
#[derive(Debug)]
pub(super) struct Say<'a> {
    pub(super) rule: &'a Rule,
    pub(super) level: Level,
    pub(super) found: &'a mut Vec<Finding>,
}

/// What a rule tells of an episode.
#[derive(Debug)]
pub(super) struct Tell<'a> {
    pub(super) about: String,
    pub(super) started_ms: i64,
    pub(super) at_ms: i64,
    pub(super) place: Option<LonLat>,
    pub(super) seen: Value,
    pub(super) used: &'a [Used],
    /// Where it is worse, or less bad, than the rule usually is.
    pub(super) level: Option<Level>,
}

/// An episode that was told of and is not over.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Ongoing {
    pub(super) started_ms: i64,
    told_ms: i64,
}

/// No more often does an episode say that it goes on.
const AGAIN_MS: i64 = 60_000;

impl Tell<'_> {
    /// About the vehicle as such, at its usual level, no numbers used.
    pub(super) fn new(started_ms: i64, at_ms: i64, place: Option<LonLat>, seen: Value) -> Self {
        let about = String::new();
        Self { about, started_ms, at_ms, place, seen, used: &[], level: None }
    }
}

impl<'a> Tell<'a> {
    /// Judged by these numbers.
    pub(super) fn by(self, used: &'a [Used]) -> Self {
        Tell { used, ..self }
    }

    /// About one of several.
    pub(super) fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// At another level.
    pub(super) fn at_level(self, level: Level) -> Self {
        Self { level: Some(level), ..self }
    }
}

impl Say<'_> {
    /// An episode is there.
    pub(super) fn opened(&mut self, tell: Tell<'_>) -> Ongoing {
        let ongoing = Ongoing { started_ms: tell.started_ms, told_ms: tell.at_ms };
        self.push(Change::Opened, None, tell);
        ongoing
    }

    /// An episode goes on; told once a minute.
    pub(super) fn goes_on(&mut self, ongoing: &mut Ongoing, tell: Tell<'_>) {
        if tell.at_ms - ongoing.told_ms >= AGAIN_MS {
            ongoing.told_ms = tell.at_ms;
            self.push(Change::Updated, None, tell);
        }
    }

    /// An episode is over since a moment.
    pub(super) fn ended(&mut self, ended_ms: i64, tell: Tell<'_>) {
        self.push(Change::Ended, Some(ended_ms.max(tell.started_ms)), tell);
    }

    /// An episode that took no time.
    pub(super) fn moment(&mut self, tell: Tell<'_>) {
        self.push(Change::Opened, Some(tell.started_ms), tell);
    }

    fn push(&mut self, change: Change, ended_ms: Option<i64>, tell: Tell<'_>) {
        let Tell { about, started_ms, at_ms, place, seen, used, level } = tell;
        let evidence = json!({ "at_ms": at_ms, "seen": seen, "thresholds": used });
        let key = Key { rule: self.rule.code.to_owned(), started_ms, about };
        let level = level.unwrap_or(self.level);
        self.found.push(Finding { key, change, level, ended_ms, place, evidence });
    }
}
