//! Positions that come late: from which checkpoint on the way is gone again, and what that makes void.
//!
//! The contract of the keeper, over a map here. A late position at `t`:
//! 1. takes the newest checkpoint whose moment lies before `t`, or a new state where there is none;
//! 2. makes void each finding that became **certain** after that moment, and each later checkpoint;
//! 3. feeds all positions after that moment in order; what they find is new.
//!
//! What a finding is made void by is the moment when it became certain and not when it began: a trip
//! that began before a checkpoint may have ended after it, and the late position may undo it.

use std::collections::BTreeMap;

use crate::point::Point;
use crate::quality::Quality;
use crate::trip::{Driving, Finding, TripRules};

/// A finding and the position that made it certain.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// The moment of that position. Epoch milliseconds.
    pub(super) certain_ms: i64,
    /// What was found.
    pub(super) finding: Finding,
}

/// What a run of positions came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fed {
    /// What became certain, in order.
    pub(super) found: Vec<Found>,
    /// Which positions are to be flagged other than they came: their moments, in order.
    pub(super) judged: Vec<(i64, Quality)>,
    /// States worth keeping, each with the moment of the last position that it knows.
    pub(super) checkpoints: Vec<(i64, Driving)>,
}

/// Feeds positions in order and keeps the states that are worth it.
pub(super) fn feed<'a>(
    state: &mut Driving,
    points: impl IntoIterator<Item = &'a Point>,
    rules: &TripRules,
) -> Fed {
    let mut fed = Fed::default();
    for point in points {
        let step = state.step(point, rules);
        if step.quality != point.quality {
            fed.judged.push((point.fix_ms, step.quality));
        }
        let is_due = state.is_checkpoint_due(&step);
        let certain_ms = point.fix_ms;
        fed.found.extend(step.findings.into_iter().map(|finding| Found { certain_ms, finding }));
        if is_due {
            fed.checkpoints.push((point.fix_ms, state.clone()));
        }
    }
    fed
}

/// One vehicle with all its positions, its checkpoints and its findings: the contract in memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Lane {
    rules: TripRules,
    history: BTreeMap<i64, Point>,
    checkpoints: BTreeMap<i64, Driving>,
    found: Vec<Found>,
    state: Driving,
}

/// What some positions changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    /// Whether any came late, and how far the way was gone again.
    pub(super) rewind: Rewind,
    /// What was found before and is void, in order.
    pub(super) void: Vec<Found>,
    /// What is found now, in order.
    pub(super) new: Vec<Found>,
}

/// How far the way was gone again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rewind {
    /// All came in order.
    None,
    /// To a checkpoint at this moment: all that became certain after it is void. Epoch milliseconds.
    To(i64),
    /// To the beginning: all is void.
    ToBeginning,
}

impl Lane {
    /// A vehicle without positions.
    pub(super) fn new(rules: TripRules) -> Self {
        Self { rules, ..Self::default() }
    }

    /// Takes positions in any order. One that is there already changes nothing; of two of one moment
    /// the western one stays, of two on one meridian the southern one, whichever came first.
    pub(super) fn put(&mut self, points: impl IntoIterator<Item = Point>) -> Change {
        let mut earliest = i64::MAX;
        for point in points {
            let before = self.history.get(&point.fix_ms);
            if before.is_none_or(|before| is_before(&point, before)) {
                earliest = earliest.min(point.fix_ms);
                self.history.insert(point.fix_ms, point);
            }
        }
        let is_late = self.state.fed_ms().is_some_and(|fed_ms| earliest <= fed_ms);
        let rewind = if is_late { self.rewind_before(earliest) } else { Rewind::None };
        let void = match rewind {
            Rewind::None => Vec::new(),
            Rewind::ToBeginning => std::mem::take(&mut self.found),
            Rewind::To(ms) => {
                let valid = self.found.partition_point(|found| found.certain_ms <= ms);
                self.found.split_off(valid)
            }
        };
        let after = self.state.fed_ms().map_or(i64::MIN, |ms| ms + 1);
        let points = self.history.range(after..).map(|(_, point)| point);
        let fed = feed(&mut self.state, points, &self.rules);
        self.checkpoints.extend(fed.checkpoints);
        for (ms, quality) in fed.judged {
            self.history.entry(ms).and_modify(|point| point.quality = quality);
        }
        self.found.extend(fed.found.iter().cloned());
        Change { rewind, void, new: fed.found }
    }

    /// The newest checkpoint that knows nothing of a moment or of what came after it.
    pub(super) fn checkpoint_before(&self, ms: i64) -> Option<(i64, &Driving)> {
        self.checkpoints.range(..ms).next_back().map(|(ms, state)| (*ms, state))
    }

    /// All that is certain, in the order in which it became so.
    pub(super) fn found(&self) -> &[Found] {
        &self.found
    }

    /// All positions in order, as they are judged.
    pub(super) fn history(&self) -> impl Iterator<Item = &Point> {
        self.history.values()
    }

    /// What is known now.
    pub(super) fn state(&self) -> &Driving {
        &self.state
    }

    fn rewind_before(&mut self, ms: i64) -> Rewind {
        let checkpoint = self.checkpoint_before(ms).map(|(ms, state)| (ms, state.clone()));
        let Some((at_ms, state)) = checkpoint else {
            self.checkpoints.clear();
            self.state = Driving::default();
            return Rewind::ToBeginning;
        };
        self.checkpoints.split_off(&(at_ms + 1));
        self.state = state;
        Rewind::To(at_ms)
    }
}

fn is_before(point: &Point, other: &Point) -> bool {
    let order = |point: &Point| (point.place.lon(), point.place.lat());
    order(point) < order(other)
}
