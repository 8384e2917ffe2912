//! A vehicle for tests of rules: what is known of it, and inputs in the order of time.

use std::collections::BTreeMap;

use gis_data::{FeatureId, LonLat, OrgId};
use time::OffsetDateTime;

use super::calendar::Calendar;
use super::episode::{Episode, episodes};
use super::finding::{Finding, Key, Say};
use super::input::{Event, Input};
use super::rule::Rule;
use super::setting::{Duty, DutyId, Period, Seal, Setting};
use super::threshold::Thresholds;
use crate::fence::{Crossing, CrossingKind, Fence, FenceId, FenceIndex, Shape};
use crate::point::Point;

pub(super) struct Scene {
    pub(super) thresholds: Thresholds,
    pub(super) fences: FenceIndex,
    pub(super) duties: Vec<Duty>,
    pub(super) calendar: Calendar,
    pub(super) parking: Vec<FenceId>,
    pub(super) seals: Vec<Seal>,
    pub(super) interval_ms: i64,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self {
            thresholds: Thresholds::default(),
            fences: FenceIndex::new([]),
            duties: Vec::new(),
            calendar: Calendar::new([]),
            parking: Vec::new(),
            seals: Vec::new(),
            interval_ms: 10_000,
        }
    }

    pub(super) fn with(mut self, name: &str, value: f64) -> Self {
        self.thresholds.vehicle.insert(name.to_owned(), value);
        self
    }

    /// Sealed over a period, orders or not.
    pub(super) fn sealed(mut self, from_ms: i64, to_ms: i64) -> Self {
        let period = Period { from_ms, to_ms };
        self.seals.push(Seal { period, spares_orders: false });
        self
    }

    pub(super) fn setting(&self) -> Setting<'_> {
        Setting {
            vehicle: FeatureId(9),
            orgs: &[OrgId(3), OrgId(1)],
            thresholds: &self.thresholds,
            fences: &self.fences,
            duties: &self.duties,
            calendar: &self.calendar,
            parking: &self.parking,
            seals: &self.seals,
            interval_ms: self.interval_ms,
        }
    }

    /// What one rule finds.
    pub(super) fn findings(&self, rule: &Rule, inputs: &[Input]) -> Vec<Finding> {
        let (mut judge, mut found) = ((rule.fresh)(), Vec::new());
        let level = rule.level;
        for input in inputs {
            judge.judge(input, &self.setting(), &mut Say { rule, level, found: &mut found });
        }
        found
    }

    /// What it adds up to.
    pub(super) fn episodes(&self, rule: &Rule, inputs: &[Input]) -> BTreeMap<Key, Episode> {
        episodes(self.findings(rule, inputs))
    }

    /// When they began and ended.
    pub(super) fn times(&self, rule: &Rule, inputs: &[Input]) -> Vec<(i64, Option<i64>)> {
        let episodes = self.episodes(rule, inputs);
        episodes.iter().map(|(key, episode)| (key.started_ms, episode.ended_ms)).collect()
    }
}

/// A place so many metres east of home, which is at 105 E, 36 N.
pub(super) fn east(metres: f64) -> LonLat {
    LonLat::new_checked(105.0 + metres / 90_163.0, 36.0).unwrap()
}

pub(super) fn point(at_ms: i64, metres: f64) -> Point {
    Point::bare(at_ms, east(metres))
}

pub(super) fn fast(s: i64, speed_kmh: f32) -> Input {
    Input::Point(Point { speed_kmh: Some(speed_kmh), ..point(s * 1000, 0.0) })
}

pub(super) fn ms(moment: OffsetDateTime) -> i64 {
    moment.unix_timestamp() * 1000
}

pub(super) const MINUTE: i64 = 60_000;

pub(super) fn circle(id: i64, metres: f64, radius_m: f64) -> Fence {
    Fence::new(FenceId(id), Shape::circle_checked(east(metres), radius_m).unwrap())
}

pub(super) fn crossing(id: i64, kind: CrossingKind, at_ms: i64) -> Input {
    let place = east(0.0);
    Input::Crossing(Crossing { fence: FenceId(id), kind, at_ms, place, known_ms: at_ms })
}

pub(super) fn duty(from_ms: i64, to_ms: i64) -> Duty {
    let period = Period { from_ms, to_ms };
    Duty { id: DutyId(5), period, corridor: None, limit_km: None, driver: None }
}

/// A trip eastwards at 36 km/h with a point a minute: 600 m each.
pub(super) fn trip(from_ms: i64, minutes: i32) -> Vec<Input> {
    let metres = |minute: i32| f64::from(minute) * 600.0;
    let mut inputs = vec![Input::Event(Event::TripBegan { at_ms: from_ms, place: east(0.0) })];
    for minute in 0..=minutes {
        let at = point(from_ms + i64::from(minute) * MINUTE, metres(minute));
        inputs.push(Input::Point(Point { speed_kmh: Some(36.0), ignition: Some(true), ..at }));
    }
    let (at_ms, place) = (from_ms + i64::from(minutes) * MINUTE, east(metres(minutes)));
    inputs.push(Input::Event(Event::TripEnded { at_ms, place, metres: metres(minutes) }));
    inputs
}

/// With another input in its place in the order of time.
pub(super) fn with(inputs: &[Input], late: Input) -> Vec<Input> {
    let at = inputs.partition_point(|input| input.at_ms() <= late.at_ms());
    let mut inputs = inputs.to_vec();
    inputs.insert(at, late);
    inputs
}
