//! Mileage beyond the order 超里程: more kilometres in the time of an order than it approves.
//!
//! The limit is the larger of 1.3 times what was approved and 10 km more: a share alone would tell of
//! every search for a car park on an order of 5 km, and 10 km alone of every diversion on one of 300.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::{Duty, DutyId, Setting};
use super::super::threshold::{Origin, Threshold, Used};
use crate::fence::distance_m;
use crate::point::Point;

pub(super) const RULE: Rule = Rule::of::<OverMileage>(
    "over_mileage",
    ("超里程", "mileage beyond the order"),
    Level::WARNING,
    "The vehicle went further in the time of an order than the order approves.",
    &[FACTOR, MORE],
);

const FACTOR: Threshold = Threshold { name: "over_mileage.factor", default: 1.3 };
const MORE: Threshold = Threshold { name: "over_mileage.more_km", default: 10.0 };

/// So many orders at a time.
const MOST: usize = 16;

/// An odometer that claims more than this since the last fix was changed or read wrong: km/h.
const MOST_KMH: f64 = 200.0;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct OverMileage {
    last: Option<Last>,
    counts: Vec<Count>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Last {
    at_ms: i64,
    place: LonLat,
    /// In tenths of a metre.
    odometer: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Count {
    duty: DutyId,
    to_ms: i64,
    limit_km: f64,
    metres: f64,
    ongoing: Option<Ongoing>,
}

impl Memory for OverMileage {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        let factor = setting.thresholds.look_up(&FACTOR);
        let more = setting.thresholds.look_up(&MORE);
        let (now_ms, last) = (input.at_ms(), self.last);
        for count in self.counts.extract_if(.., |count| now_ms >= count.to_ms) {
            if let Some(ongoing) = count.ongoing {
                let (at_ms, place) = (count.to_ms, last.map(|last| last.place));
                let used = count.used(factor, more);
                say.ended(at_ms, count.tell(ongoing.started_ms, at_ms, place, &used));
            }
        }
        let Some(point) = input.place() else { return };
        let here = Last::of(point);
        self.last = Some(here);
        let Some(last) = last else { return };
        let leg_m = last.metres_to(&here);
        let covers =
            |duty: &&Duty| duty.period.covers(here.at_ms) && duty.period.from_ms <= last.at_ms;
        for duty in setting.duties.iter().filter(covers) {
            let Some(limit_km) = duty.limit_km else { continue };
            if let Some(count) = self.count(duty, limit_km) {
                count.metres = super::tenth(count.metres + leg_m);
                count.go_on(here, factor, more, say);
            }
        }
    }
}

impl OverMileage {
    fn count(&mut self, duty: &Duty, limit_km: f64) -> Option<&mut Count> {
        let known = self.counts.iter().position(|count| count.duty == duty.id);
        let at = known.unwrap_or(self.counts.len());
        if known.is_none() && at < MOST {
            let (duty, to_ms) = (duty.id, duty.period.to_ms);
            self.counts.push(Count { duty, to_ms, limit_km, metres: 0.0, ongoing: None });
        }
        self.counts.get_mut(at)
    }
}

impl Last {
    #[expect(clippy::cast_possible_truncation, reason = "no vehicle goes a light-day")]
    fn of(point: &Point) -> Self {
        let place = super::short(point.place);
        let odometer = point.odometer_km.map(|km| (km * 10_000.0).round() as i64);
        Self { at_ms: point.fix_ms, place, odometer }
    }

    /// By the odometer where both tell it and it can be true, else straight.
    fn metres_to(&self, next: &Self) -> f64 {
        let straight_m = distance_m(self.place, next.place);
        let hours = super::as_f64(next.at_ms - self.at_ms) / 3_600_000.0;
        let by_odometer = self
            .odometer
            .zip(next.odometer)
            .map(|(from, to)| super::as_f64(to.saturating_sub(from)) / 10.0);
        // Wheels go no less than the straight way; the receiver may be off by some metres.
        let true_ = |metres: &f64| {
            *metres >= 0.9 * straight_m - 50.0 && *metres <= MOST_KMH * 1_000.0 * hours + 1_000.0
        };
        by_odometer.filter(|metres| *metres >= 0.0).filter(true_).unwrap_or(straight_m)
    }
}

impl Count {
    fn go_on(&mut self, here: Last, factor: Used, more: Used, say: &mut Say<'_>) {
        let used = self.used(factor, more);
        let most_km = (self.limit_km * factor.value).max(self.limit_km + more.value);
        let started_ms = self.ongoing.map_or(here.at_ms, |ongoing| ongoing.started_ms);
        let tell = self.tell(started_ms, here.at_ms, Some(here.place), &used);
        match &mut self.ongoing {
            Some(ongoing) => say.goes_on(ongoing, tell),
            None if self.metres > most_km * 1_000.0 => self.ongoing = Some(say.opened(tell)),
            None => {}
        }
    }

    fn used(&self, factor: Used, more: Used) -> [Used; 3] {
        [Used::from("over_mileage.limit_km", self.limit_km, Origin::Order), factor, more]
    }

    fn tell<'a>(
        &self,
        started_ms: i64,
        at_ms: i64,
        place: Option<LonLat>,
        used: &'a [Used; 3],
    ) -> Tell<'a> {
        let seen = json!({ "duty": self.duty, "metres": self.metres });
        let about = format!("duty:{}", self.duty.0);
        Tell::new(started_ms, at_ms, place, seen).by(used).about(about)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::*;

    fn scene(limit_km: f64) -> Scene {
        let duties = vec![Duty { limit_km: Some(limit_km), ..duty(0, 100 * MINUTE) }];
        Scene { duties, ..Scene::new() }
    }

    fn at(minute: i64, km: f64) -> Input {
        Input::Point(point(minute * MINUTE, km * 1_000.0))
    }

    #[test]
    fn more_than_ten_kilometres_and_three_tenths_beyond_is_told_until_the_order_ends() {
        let drive = [at(0, 0.0), at(10, 14.0), at(20, 16.0), at(30, 20.0), at(120, 20.0)];
        let times = scene(5.0).times(&RULE, &drive);
        assert_eq!(times, [(20 * MINUTE, Some(100 * MINUTE))]);
        let far = [at(0, 0.0), at(50, 99.0), at(60, 131.0)];
        let episodes = scene(100.0).episodes(&RULE, &far);
        let (key, episode) = episodes.first_key_value().unwrap();
        assert_eq!((key.about.as_str(), key.started_ms), ("duty:5", 60 * MINUTE));
        assert_eq!(episode.evidence["thresholds"][0]["from"], "order");
    }

    #[test]
    fn a_little_more_and_what_was_driven_before_the_order_are_no_alarm() {
        assert_eq!(scene(5.0).times(&RULE, &[at(0, 0.0), at(20, 14.9)]), []);
        assert_eq!(scene(100.0).times(&RULE, &[at(0, 0.0), at(60, 129.0)]), []);
        assert_eq!(scene(5.0).times(&RULE, &[at(-60, 0.0), at(0, 90.0), at(10, 91.0)]), []);
    }

    #[test]
    fn a_late_fix_that_shows_a_detour_changes_the_verdict() {
        let drive = [at(0, 0.0), at(40, 8.0)];
        assert_eq!(scene(5.0).times(&RULE, &drive), []);
        let late = with(&drive, at(20, 12.0));
        assert_eq!(scene(5.0).times(&RULE, &late), [(40 * MINUTE, None)]);
    }

    #[test]
    fn an_odometer_is_believed_only_where_it_can_be_true() {
        let told = |minute: i64, km: f64, odometer_km: f64| {
            let point = point(minute * MINUTE, km * 1_000.0);
            Input::Point(Point { odometer_km: Some(odometer_km), ..point })
        };
        let detour = [told(0, 0.0, 500.0), told(30, 8.0, 517.0)];
        assert_eq!(scene(5.0).times(&RULE, &detour).len(), 1);
        let replaced = [told(0, 0.0, 500.0), told(30, 8.0, 90_000.0), told(40, 8.0, 3.0)];
        assert_eq!(scene(5.0).times(&RULE, &replaced), []);
    }
}
