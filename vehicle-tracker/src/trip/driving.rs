//! The state of a vehicle and the one step that moves it on.

use serde::{Deserialize, Serialize};

use super::course::{Course, Kept, Leg};
use super::drift::{Doubt, Verdict};
use super::finding::{Finding, Open};
use super::fuel::Gauge;
use super::ground::{Spot, kmh};
use super::rest::{Rest, Wait};
use super::rules::TripRules;
use crate::point::Point;
use crate::quality::Quality;

/// Between two checkpoints lie at most so many positions, so many a late one feeds again at least.
const CHECKPOINT_EVERY: u64 = 1_000;

/// What is known of a vehicle after all its positions until now.
///
/// A function of these positions and the rules alone, of bounded size, and of integers only: as JSON it
/// is a checkpoint from which the way goes on exactly as if it had never been written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Driving {
    /// Positions until now, those that are not kept among them.
    fed: u64,
    fed_ms: Option<i64>,
    doubt: Doubt,
    gauge: Gauge,
    way: Option<Way>,
}

/// Where it is and how it came there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Way {
    last: Kept,
    /// The stop whose end is not certain; `None` on a trip.
    rest: Option<Rest>,
    /// What it went since it was last at rest.
    course: Course,
    /// The wait that it is in, away from the stop.
    wait: Option<Wait>,
}

/// What a position made certain.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "findings are told once"]
pub struct Step {
    /// What speaks against the position: its own flags, and drift as judged here.
    pub quality: Quality,
    /// Trips, stops and refuellings that ended; trips and stops in the order of time.
    pub findings: Vec<Finding>,
    /// Whether a stop has just become certain: a good moment for a checkpoint.
    pub arrival: Arrival,
}

/// Whether a stop has just become certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing new.
    No,
    /// The vehicle has now been at rest for as long as a stop lasts.
    Certain,
}

impl Driving {
    /// Moves on by one position. Positions come in strictly increasing order of `fix_ms`; one that does
    /// not is returned as it came and changes nothing. A drift flag that it has from before is judged
    /// anew.
    pub fn step(&mut self, point: &Point, rules: &TripRules) -> Step {
        let quality = Quality(point.quality.0 & !Quality::DRIFT.0);
        let mut step = Step { quality, findings: Vec::new(), arrival: Arrival::No };
        if self.fed_ms.is_some_and(|fed_ms| point.fix_ms <= fed_ms) {
            step.quality = point.quality;
            return step;
        }
        self.fed_ms = Some(point.fix_ms);
        self.fed += 1;
        if !quality.is_kept() {
            return step;
        }
        let spot = Spot::of(point.place);
        let Some(way) = &mut self.way else {
            let first = kept(point, spot, None, &mut self.gauge, (rules, &mut step));
            self.way = Some(Way::first_seen(first));
            return step;
        };
        let m = way.last.spot.distance_m(spot);
        let ms = point.fix_ms - way.last.ms;
        let verdict = self.doubt.judge((point.fix_ms, spot), (m, ms), rules.drift_kmh);
        if verdict == Verdict::Drifted {
            step.quality = quality.with(Quality::DRIFT);
            return step;
        }
        let to = kept(point, spot, Some(&way.last), &mut self.gauge, (rules, &mut step));
        let leg = Leg { from: way.last, to, m };
        way.last = to;
        match verdict {
            Verdict::Leapt => way.leap(&leg, rules, &mut step),
            _ if ms > rules.silence_ms && !way.is_near(&leg, rules) => {
                way.speak_again(&leg, rules, &mut step);
            }
            _ => way.go_on(&leg, rules, &mut step),
        }
        step
    }

    /// What the vehicle is at, as far as its positions tell; `None` before the first kept one.
    pub fn open(&self) -> Option<Open> {
        let way = self.way.as_ref()?;
        Some(match &way.rest {
            Some(rest) => Open::Standing(rest.until(way.last)),
            None => Open::Driving(way.course.now(&way.last)),
        })
    }

    /// Whether the state after a step is worth keeping as a checkpoint: whenever a stop became certain,
    /// because late positions mostly come after a stop in a garage, and now and then on a long way.
    pub fn is_checkpoint_due(&self, step: &Step) -> bool {
        step.arrival == Arrival::Certain || self.fed.is_multiple_of(CHECKPOINT_EVERY)
    }

    /// How many positions it was fed.
    pub fn fed(&self) -> u64 {
        self.fed
    }

    /// The moment of the last one, kept or not. Epoch milliseconds.
    pub fn fed_ms(&self) -> Option<i64> {
        self.fed_ms
    }
}

impl Way {
    fn first_seen(at: Kept) -> Self {
        Self { last: at, rest: Some(Rest::first_seen(at)), course: Course::begin(at), wait: None }
    }

    fn go_on(&mut self, leg: &Leg, rules: &TripRules, step: &mut Step) {
        let is_home = |rest: &Rest| rest.centre.distance_m(leg.to.spot) < rules.stop_radius_m;
        if self.rest.as_ref().is_some_and(is_home) {
            return self.stay(leg, rules);
        }
        let is_over = |wait: &Wait| wait.start.spot.distance_m(leg.to.spot) >= rules.stop_radius_m;
        if self.wait.as_ref().is_some_and(is_over) {
            self.wait = None;
        }
        let is_slow = !leg.is_moving(rules);
        if self.wait.is_none() && is_slow && leg.m < rules.stop_radius_m {
            self.course.wait(&leg.from, rules);
            self.wait = Some(Wait::begin(leg.from, self.course.tally));
        }
        match &mut self.wait {
            Some(wait) => {
                wait.samples.add(leg.to.spot);
                let has_lasted = leg.to.ms - wait.start.ms >= rules.stop_ms;
                if is_slow {
                    self.course.hold(leg, rules);
                } else {
                    self.course.go(leg, rules);
                }
                if has_lasted {
                    self.arrive(rules, step);
                }
            }
            None => self.course.go(leg, rules),
        }
        self.depart(rules, step);
    }

    /// Within the circle of the stop. Only the run of moving legs that leads out of it is part of the
    /// trip: each slow leg begins it anew.
    fn stay(&mut self, leg: &Leg, rules: &TripRules) {
        self.wait = None;
        if leg.is_moving(rules) {
            self.course.go(leg, rules);
        } else {
            self.course.restart(leg.to);
        }
        if let Some(rest) = &mut self.rest {
            rest.stay(leg.to, rules.stop_ms);
        }
    }

    /// The wait has become a stop, here or still the one before: what is too short for a trip does not
    /// end a stop unless it leads as far away as a trip.
    fn arrive(&mut self, rules: &TripRules, step: &mut Step) {
        let Some(wait) = self.wait.take() else { return };
        step.arrival = Arrival::Certain;
        if let Some(rest) = &mut self.rest {
            let centre = wait.samples.median();
            if rest.home.distance_m(centre) < rules.trip_m {
                rest.centre = centre;
                self.course.restart(self.last);
                return;
            }
            step.stop(rest, &self.course.start);
        } else {
            let trip = self.course.until(&wait.start, &wait.tally);
            step.findings.push(Finding::Trip(trip));
        }
        self.rest = Some(Rest::of_wait(wait));
        self.course.restart(self.last);
    }

    /// Ends the stop when what came after it is a trip, even if it ended where the present wait began.
    fn depart(&mut self, rules: &TripRules, step: &mut Step) {
        let Some(rest) = &self.rest else { return };
        if rest.centre.distance_m(self.last.spot) < rules.stop_radius_m {
            return;
        }
        let (tally, end) = match &self.wait {
            Some(wait) => (&wait.tally, &wait.start),
            None => (&self.course.tally, &self.last),
        };
        if self.course.is_trip(tally, end, rules) {
            step.stop(rest, &self.course.start);
            self.rest = None;
        }
    }

    /// Whether it can have been at rest all the time.
    fn is_near(&self, leg: &Leg, rules: &TripRules) -> bool {
        let near = |at: Spot| at.distance_m(leg.to.spot) < rules.stop_radius_m;
        leg.m < rules.stop_radius_m
            || self.rest.as_ref().is_some_and(|rest| near(rest.centre))
            || self.wait.as_ref().is_some_and(|wait| near(wait.start.spot))
    }

    /// After a long silence it is elsewhere. As far away as a trip goes, the silence itself was a trip,
    /// and what it is at now is not known; less far, it has been at rest since it fell silent.
    fn speak_again(&mut self, leg: &Leg, rules: &TripRules, step: &mut Step) {
        let is_trip = leg.m >= rules.trip_m;
        match self.rest.take() {
            Some(rest) if !is_trip && rest.home.distance_m(leg.to.spot) < rules.trip_m => {
                self.rest = Some(Rest { centre: leg.to.spot, ..rest });
                self.course.restart(leg.to);
                self.wait = None;
                return;
            }
            Some(rest) => step.stop(&rest, &self.course.start),
            None => {
                let trip = self.course.now(&leg.from);
                step.findings.push(Finding::Trip(trip));
                self.course.restart(leg.from);
            }
        }
        if is_trip {
            self.course.go(leg, rules);
            let trip = self.course.now(&leg.to);
            step.findings.push(Finding::Trip(trip));
            *self = Self::first_seen(leg.to);
        } else {
            let rest = Rest::in_silence(leg.from, leg.to);
            *self = Self { rest: Some(rest), ..Self::first_seen(leg.to) };
        }
        step.arrival = Arrival::Certain;
    }

    /// The receiver leapt: no way leads from there to here. A trip goes on, a stop elsewhere ended.
    ///
    /// In a tunnel some receivers repeat their last position and leap when they come out: then the way
    /// from where it hung is a way, if a vehicle can have gone it in the time since then.
    fn leap(&mut self, leg: &Leg, rules: &TripRules, step: &mut Step) {
        let wait = self.wait.take();
        if let Some(wait) = wait.filter(|wait| wait.start.spot == leg.from.spot) {
            let way = Leg { from: wait.start, ..*leg };
            if kmh(way.m, way.ms()) <= rules.drift_kmh {
                self.course.take_back(&wait);
                self.course.go(&way, rules);
                return self.depart(rules, step);
            }
        }
        match &self.rest {
            None => self.course.leap(&leg.to, rules),
            Some(rest) if rest.centre.distance_m(leg.to.spot) < rules.stop_radius_m => {
                self.course.restart(leg.to);
            }
            Some(rest) => {
                step.stop(rest, &self.course.start);
                *self = Self::first_seen(leg.to);
            }
        }
    }
}

impl Step {
    /// A stop of no length is none: the vehicle was only seen there.
    fn stop(&mut self, rest: &Rest, end: &Kept) {
        if end.ms > rest.start.ms {
            self.findings.push(Finding::Stop(rest.until(*end)));
        }
    }
}

/// Counts a position that is believed.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as saturates")]
fn kept(
    point: &Point,
    spot: Spot,
    last: Option<&Kept>,
    gauge: &mut Gauge,
    (rules, step): (&TripRules, &mut Step),
) -> Kept {
    if let Some(litres) = point.fuel_l {
        let refuel = gauge.read(point.fix_ms, spot, litres, rules.refuel_l);
        step.findings.extend(refuel.map(Finding::Refuel));
    }
    let on_since = last.filter(|last| last.ignition == Some(true));
    let on_leg_ms = on_since.map_or(0, |last| point.fix_ms - last.ms);
    let on_before_ms = last.and_then(|last| last.on_ms).or(point.ignition.map(|_| 0));
    let told = point.speed_kmh.filter(|kmh| f64::from(*kmh) <= rules.drift_kmh);
    Kept {
        ms: point.fix_ms,
        spot,
        speed_mh: told.map(|kmh| (kmh * 1_000.0).round() as u32),
        odometer_m: point.odometer_km.map(|km| (km * 1_000.0).round().clamp(0.0, 1e12) as i64),
        ignition: point.ignition,
        nth: last.map_or(0, |last| last.nth) + 1,
        on_ms: on_before_ms.map(|ms| ms + on_leg_ms),
        used_ml: gauge.used_ml(),
    }
}
