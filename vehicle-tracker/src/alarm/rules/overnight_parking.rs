//! A night outside the designated place 未定点停放: between 22:00 and 06:00 the vehicle stands for more
//! than an hour where it does not belong.
//!
//! Each night is an episode of its own. While an order covers the time it may stand anywhere; where
//! no place is designated nothing is asked.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::{Date, Time};

use super::super::calendar::{local, moment};
use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::{Event, Input};
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::{Period, Setting};
use super::super::threshold::{Threshold, Used};

pub(super) const RULE: Rule = Rule::of::<OvernightParking>(
    "overnight_parking",
    ("未定点停放", "night outside the designated place"),
    Level::WARNING,
    "The vehicle stood outside its designated place at night.",
    &[LEAST, SLACK_M, SLACK, FROM, TO],
);

const LEAST: Threshold = Threshold { name: "overnight_parking.least_min", default: 60.0 };
const SLACK_M: Threshold = Threshold { name: "overnight_parking.slack_m", default: 50.0 };
const SLACK: Threshold = Threshold { name: "overnight_parking.slack_min", default: 30.0 };
const FROM: Threshold = Threshold { name: "overnight_parking.from_hour", default: 22.0 };
const TO: Threshold = Threshold { name: "overnight_parking.to_hour", default: 6.0 };

/// A stop of which nobody heard the end is judged for so many nights.
const MOST_NIGHTS: usize = 400;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct OvernightParking {
    stop: Option<Stop>,
    ongoing: Option<Ongoing>,
    /// Nights that ended by then were judged.
    judged_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Stop {
    since_ms: i64,
    place: LonLat,
}

impl Memory for OvernightParking {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        match *input {
            Input::Event(Event::StopBegan { at_ms, place }) => {
                self.stop_ended(at_ms, setting, say);
                self.stop = Some(Stop { since_ms: at_ms, place: super::short(place) });
                self.judged_ms = at_ms;
            }
            Input::Event(Event::StopEnded { at_ms } | Event::TripBegan { at_ms, .. }) => {
                self.stop_ended(at_ms, setting, say);
            }
            Input::Crossing(_) => {}
            _ => self.time_went_on(input.at_ms(), setting, say),
        }
    }
}

impl OvernightParking {
    fn stop_ended(&mut self, at_ms: i64, setting: &Setting<'_>, say: &mut Say<'_>) {
        self.time_went_on(at_ms, setting, say);
        let numbers = numbers(setting);
        if let (Some(stop), Some(ongoing)) = (self.stop.take(), self.ongoing.take()) {
            say.ended(at_ms, stop.tell(ongoing.started_ms, at_ms).by(&numbers));
        }
    }

    fn time_went_on(&mut self, now_ms: i64, setting: &Setting<'_>, say: &mut Say<'_>) {
        let Some(stop) = self.stop else { return };
        let numbers = numbers(setting);
        let [least, slack_m, slack, from, to] = numbers;
        let near = now_ms - stop.since_ms < least.times_ms(60_000) || setting.parking.is_empty();
        if near || setting.is_parking(stop.place, slack_m.value) {
            return;
        }
        for _ in 0..MOST_NIGHTS {
            let night = night_after(self.judged_ms, hour(from), hour(to));
            let begun =
                uncovered(night.from_ms.max(stop.since_ms), slack.times_ms(60_000), setting);
            let end = night.to_ms.min(now_ms);
            if end - begun > least.times_ms(60_000) && self.ongoing.is_none() {
                self.ongoing = Some(say.opened(stop.tell(begun, end).by(&numbers)));
            }
            if now_ms < night.to_ms {
                return;
            }
            if let Some(ongoing) = self.ongoing.take() {
                say.ended(night.to_ms, stop.tell(ongoing.started_ms, night.to_ms).by(&numbers));
            }
            self.judged_ms = night.to_ms;
        }
    }
}

impl Stop {
    fn tell(&self, started_ms: i64, at_ms: i64) -> Tell<'static> {
        let seen = json!({ "stands_since_ms": self.since_ms, "night_ms": at_ms - started_ms });
        Tell::new(started_ms, at_ms, Some(self.place), seen)
    }
}

fn numbers(setting: &Setting<'_>) -> [Used; 5] {
    [LEAST, SLACK_M, SLACK, FROM, TO].map(|threshold| setting.thresholds.look_up(&threshold))
}

/// The first night that ends after a moment.
fn night_after(at_ms: i64, from: Time, to: Time) -> Period {
    let today = local(at_ms).date();
    let evening_of =
        |date: Date| if from > to { date.previous_day().unwrap_or(date) } else { date };
    let night = |date| Period { from_ms: moment(evening_of(date), from), to_ms: moment(date, to) };
    let this = night(today);
    if this.to_ms > at_ms { this } else { night(today.next_day().unwrap_or(today)) }
}

/// The first moment from one on that no order covers.
fn uncovered(mut at_ms: i64, slack_ms: i64, setting: &Setting<'_>) -> i64 {
    for _ in setting.duties {
        let Some(duty) = setting.duty_about(at_ms, slack_ms) else { break };
        at_ms = duty.period.to_ms.saturating_add(slack_ms);
    }
    at_ms
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut to 0 to 23")]
fn hour(used: Used) -> Time {
    Time::from_hms(used.value.clamp(0.0, 23.0) as u8, 0, 0).unwrap_or(Time::MIDNIGHT)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::super::super::scene::*;
    use super::*;
    use crate::fence::{FenceId, FenceIndex};

    /// The designated place is at home.
    fn scene() -> Scene {
        let fences = FenceIndex::new([circle(3, 0.0, 100.0)]);
        Scene { fences, parking: vec![FenceId(3)], ..Scene::new() }
    }

    fn stand(from_ms: i64, metres: f64) -> Input {
        Input::Event(Event::StopBegan { at_ms: from_ms, place: east(metres) })
    }

    fn go(at_ms: i64) -> Input {
        Input::Event(Event::StopEnded { at_ms })
    }

    const HOUR: i64 = 60 * MINUTE;

    #[test]
    fn each_night_elsewhere_is_an_episode_even_in_deep_sleep() {
        let eight = ms(datetime!(2026-03-02 20:00 +8));
        let (ten, six) = (eight + 2 * HOUR, eight + 10 * HOUR);
        let inputs = [stand(eight, 5_000.0), Input::Tick(ten + HOUR + 1), go(six + 2 * HOUR)];
        assert_eq!(scene().times(&RULE, &inputs[..2]), [(ten, None)]);
        assert_eq!(scene().times(&RULE, &inputs), [(ten, Some(six))]);
        let two_nights = [stand(eight, 5_000.0), go(ten + 25 * HOUR)];
        let second = (ten + 24 * HOUR, Some(ten + 25 * HOUR));
        assert_eq!(scene().times(&RULE, &two_nights), [(ten, Some(six))]);
        let longer = [stand(eight, 5_000.0), go(ten + 25 * HOUR + 1)];
        assert_eq!(scene().times(&RULE, &longer)[1], (second.0, Some(ten + 25 * HOUR + 1)));
    }

    #[test]
    fn the_designated_place_the_day_and_a_night_with_an_order_are_no_alarm() {
        let eight = ms(datetime!(2026-03-02 20:00 +8));
        let night = |metres| [stand(eight, metres), go(eight + 12 * HOUR)];
        assert_eq!(scene().times(&RULE, &night(120.0)), []);
        let day = [stand(eight - 12 * HOUR, 5_000.0), go(eight + 3 * HOUR)];
        assert_eq!(scene().times(&RULE, &day), []);
        let duties = vec![duty(eight, eight + 10 * HOUR)];
        assert_eq!(Scene { duties, ..scene() }.times(&RULE, &night(5_000.0)), []);
        assert_eq!(Scene::new().times(&RULE, &night(5_000.0)), []);
    }

    #[test]
    fn an_order_that_ended_at_midnight_covers_only_till_then() {
        let eight = ms(datetime!(2026-03-02 20:00 +8));
        let duties = vec![duty(eight, eight + 4 * HOUR)];
        let inputs = [stand(eight, 5_000.0), go(eight + 12 * HOUR)];
        let times = Scene { duties, ..scene() }.times(&RULE, &inputs);
        let half_past = eight + 4 * HOUR + 30 * MINUTE;
        assert_eq!(times, [(half_past, Some(eight + 10 * HOUR))]);
    }

    /// A fix of 22:40 came late: the vehicle was brought home then.
    #[test]
    fn a_late_fix_that_shows_it_at_home_takes_it_back() {
        let eight = ms(datetime!(2026-03-02 20:00 +8));
        let without = [stand(eight, 5_000.0), Input::Tick(eight + 4 * HOUR)];
        assert_eq!(scene().times(&RULE, &without).len(), 1);
        let home = eight + 160 * MINUTE;
        let late = with(&with(&without, go(home - 9 * MINUTE)), Input::Point(point(home, 0.0)));
        let late = with(&late, stand(home, 0.0));
        assert_eq!(scene().times(&RULE, &late), []);
    }
}
