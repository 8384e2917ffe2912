//! The way a vehicle went since it was last at rest.

use serde::{Deserialize, Serialize};

use super::finding::Trip;
use super::ground::{Spot, float, kmh, metres, micrometres};
use super::line::{Line, Node};
use super::rest::Wait;
use super::rules::TripRules;

/// A kept position, with what was counted since the first one: the difference of two of them tells
/// what happened in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) ms: i64,
    pub(super) spot: Spot,
    /// Metres per hour, as told.
    pub(super) speed_mh: Option<u32>,
    pub(super) odometer_m: Option<i64>,
    pub(super) ignition: Option<bool>,
    /// Kept positions, this one included.
    pub(super) nth: u64,
    /// How long the ignition was on; `None` until it is told.
    pub(super) on_ms: Option<i64>,
    /// What the tank lost; `None` until it is told.
    pub(super) used_ml: Option<i64>,
}

impl Kept {
    pub(super) fn node(&self) -> Node {
        Node { at_ms: self.ms, spot: self.spot }
    }
}

/// From one kept position to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) from: Kept,
    pub(super) to: Kept,
    pub(super) m: f64,
}

impl Leg {
    pub(super) fn ms(&self) -> i64 {
        self.to.ms - self.from.ms
    }

    /// Whether the vehicle moved, and did not wait.
    pub(super) fn is_moving(&self, rules: &TripRules) -> bool {
        kmh(self.m, self.ms()) >= rules.moving_kmh
    }
}

/// What a trip has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) distance_um: i64,
    pub(super) moving_ms: i64,
    gaps: u32,
    gap_ms: i64,
    leaps: u32,
    /// Metres per hour, as told.
    told_mh: Option<u32>,
    /// Metres per hour, between two positions.
    implied_mh: u32,
}

/// The way since the vehicle was last at rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Course {
    pub(super) start: Kept,
    pub(super) tally: Tally,
    /// To here the distance is counted.
    held: Spot,
    hold: Hold,
    line: Line,
}

/// Whether the last leg was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Hold {
    /// It was.
    No,
    /// It was not: the vehicle waits.
    Yes,
}

impl Course {
    pub(super) fn begin(start: Kept) -> Self {
        let mut line = Line::default();
        line.restart(start.node());
        Self { start, tally: Tally::default(), held: start.spot, hold: Hold::No, line }
    }

    /// At rest: nothing of what was before belongs to a trip.
    pub(super) fn restart(&mut self, start: Kept) {
        (self.start, self.tally, self.held) = (start, Tally::default(), start.spot);
        self.hold = Hold::No;
        self.line.restart(start.node());
    }

    /// A leg on which it moved, or crept on.
    pub(super) fn go(&mut self, leg: &Leg, rules: &TripRules) {
        if self.hold == Hold::Yes {
            // The line stays where the vehicle waited for as long as it waited.
            self.line.pin(rules.line_m);
            self.hold = Hold::No;
        }
        self.count_to(leg.to.spot);
        if leg.is_moving(rules) {
            self.tally.moving_ms += leg.ms();
        }
        self.note(leg, rules);
    }

    /// A slow leg of a wait: its jitter is no distance. What the wait as a whole came to is counted
    /// when it moves again.
    pub(super) fn hold(&mut self, leg: &Leg, rules: &TripRules) {
        self.hold = Hold::Yes;
        self.note(leg, rules);
    }

    /// Here a wait begins: if it becomes a stop, the trip ends here.
    pub(super) fn wait(&mut self, at: &Kept, rules: &TripRules) {
        self.count_to(at.spot);
        self.line.pin(rules.line_m);
    }

    /// A wait was none, and what was counted since it began was no way. The highest speeds stay.
    pub(super) fn take_back(&mut self, wait: &Wait) {
        let Tally { distance_um, moving_ms, .. } = wait.tally;
        self.tally = Tally { distance_um, moving_ms, ..self.tally };
        self.held = wait.start.spot;
    }

    /// The receiver leapt: the vehicle did not.
    pub(super) fn leap(&mut self, to: &Kept, rules: &TripRules) {
        self.tally.leaps += 1;
        self.held = to.spot;
        self.line.pin(rules.line_m);
        self.line.add(to.node(), rules.line_m);
        self.line.pin(rules.line_m);
    }

    /// Whether this is as much as a trip is.
    pub(super) fn is_trip(&self, tally: &Tally, end: &Kept, rules: &TripRules) -> bool {
        tally.distance_um >= micrometres(rules.trip_m) || end.ms - self.start.ms >= rules.trip_ms
    }

    /// The trip to where a tally was taken.
    pub(super) fn until(&self, end: &Kept, tally: &Tally) -> Trip {
        let odometer = self.start.odometer_m.zip(end.odometer_m);
        let fuel = self.start.used_ml.zip(end.used_ml);
        let max_mh = tally.told_mh.unwrap_or(tally.implied_mh);
        Trip {
            start_ms: self.start.ms,
            end_ms: end.ms,
            start: self.start.spot.place(),
            end: end.spot.place(),
            distance_m: metres(tally.distance_um),
            max_kmh: f64::from(max_mh) / 1_000.0,
            moving_ms: tally.moving_ms,
            odometer_m: odometer.map(|(start, end)| end - start).filter(|m| *m >= 0).map(float),
            fuel_used_l: fuel.map(|(start, end)| float(end - start) / 1_000.0),
            points: end.nth - self.start.nth + 1,
            gaps: tally.gaps,
            gap_ms: tally.gap_ms,
            leaps: tally.leaps,
            line: self.line.until(end.node()),
        }
    }

    /// The trip to here, as if it ended.
    pub(super) fn now(&self, here: &Kept) -> Trip {
        let way_um = micrometres(self.held.distance_m(here.spot));
        let distance_um = self.tally.distance_um + way_um;
        self.until(here, &Tally { distance_um, ..self.tally })
    }

    fn count_to(&mut self, spot: Spot) {
        if self.held != spot {
            self.tally.distance_um += micrometres(self.held.distance_m(spot));
            self.held = spot;
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as saturates")]
    fn note(&mut self, leg: &Leg, rules: &TripRules) {
        if leg.ms() > rules.stop_ms {
            self.tally.gaps += 1;
            self.tally.gap_ms += leg.ms();
        }
        let implied_mh = (kmh(leg.m, leg.ms().max(1_000)) * 1_000.0) as u32;
        self.tally.implied_mh = self.tally.implied_mh.max(implied_mh);
        self.tally.told_mh = self.tally.told_mh.max(leg.from.speed_mh).max(leg.to.speed_mh);
        self.line.add(leg.to.node(), rules.line_m);
    }
}
