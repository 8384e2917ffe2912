//! Refuelling that does not fit 加油异常: more litres than the tank has room for, litres that never
//! reached it, or a level that the tank cannot have.
//!
//! Levels are medians of five readings. The level before a payment is the lowest of the quarter of an
//! hour before it, because the clock of a card and that of a terminal differ.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::{Event, Input};
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::{Threshold, Used};
use super::fuel_level::{FuelLevel, TANK};
use crate::point::Point;

pub(super) const RULE: Rule = Rule::of::<RefuelMisfit>(
    "refuel_misfit",
    ("加油异常", "refuelling that does not fit the tank"),
    Level::WARNING,
    "More fuel was paid for than the tank had room for or than reached it, or the level is above what it takes.",
    &[TANK, SLACK, MISSING, MISSING_SHARE, WAIT],
);

/// Of the capacity: a tank takes a little more than is written on it.
const SLACK: Threshold = Threshold { name: "refuel_misfit.slack_percent", default: 5.0 };
const MISSING: Threshold = Threshold { name: "refuel_misfit.missing_l", default: 5.0 };
/// Of what was paid for: what the gauge errs.
const MISSING_SHARE: Threshold = Threshold { name: "refuel_misfit.missing_percent", default: 25.0 };
const WAIT: Threshold = Threshold { name: "refuel_misfit.wait_min", default: 15.0 };

/// Lowest levels are kept for each of so many minutes.
const MINUTES: usize = 16;
const MINUTE_MS: i64 = 60_000;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct RefuelMisfit {
    level: FuelLevel,
    lowest: Vec<Read>,
    above: Option<Ongoing>,
    paid: Option<Paid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Read {
    at_ms: i64,
    litres: f64,
}

/// A payment whose litres have not been seen in the tank yet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Paid {
    at_ms: i64,
    litres: f64,
    before_l: f64,
    highest_l: f64,
    readings: u32,
}

impl Memory for RefuelMisfit {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        match input {
            Input::Point(point) => {
                let Some(level_l) = self.level.take(point) else { return };
                self.remember(point.fix_ms, level_l);
                self.above(point, level_l, setting, say);
                self.arrived(point, level_l, setting, say);
            }
            Input::Event(Event::Refuelled { at_ms, litres }) => {
                self.paid(*at_ms, super::tenth(*litres), setting, say);
            }
            _ => {}
        }
    }
}

impl RefuelMisfit {
    fn remember(&mut self, at_ms: i64, litres: f64) {
        match self.lowest.last_mut() {
            Some(last) if at_ms - last.at_ms < MINUTE_MS => last.litres = last.litres.min(litres),
            _ => {
                if self.lowest.len() == MINUTES {
                    self.lowest.remove(0);
                }
                self.lowest.push(Read { at_ms, litres });
            }
        }
    }

    fn above(&mut self, point: &Point, level_l: f64, setting: &Setting<'_>, say: &mut Say<'_>) {
        let used = [setting.thresholds.look_up(&SLACK), setting.thresholds.look_up(&TANK)];
        let tank_l = used[1].value;
        if tank_l <= 0.0 {
            return;
        }
        let started_ms = self.above.map_or(point.fix_ms, |above| above.started_ms);
        let seen = json!({ "kind": "level_above_capacity", "level_l": level_l, "tank_l": tank_l });
        let place = Some(super::short(point.place));
        let tell = Tell::new(started_ms, point.fix_ms, place, seen).by(&used).about("level");
        match &mut self.above {
            Some(_) if level_l <= tank_l => {
                self.above = None;
                say.ended(point.fix_ms, tell);
            }
            Some(above) => say.goes_on(above, tell),
            None if level_l > with_slack(tank_l, used[0]) => self.above = Some(say.opened(tell)),
            None => {}
        }
    }

    fn paid(&mut self, at_ms: i64, litres: f64, setting: &Setting<'_>, say: &mut Say<'_>) {
        let wait_ms = setting.thresholds.look_up(&WAIT).times_ms(60_000);
        let lately = self.lowest.iter().filter(|read| at_ms - read.at_ms <= wait_ms);
        let lowest_l = lately.map(|read| read.litres).min_by(f64::total_cmp);
        let before_l = lowest_l.or_else(|| self.level.median());
        let used = [setting.thresholds.look_up(&SLACK), setting.thresholds.look_up(&TANK)];
        let tank_l = used[1].value;
        if tank_l > 0.0 {
            let room_l = super::tenth(with_slack(tank_l, used[0]) - before_l.unwrap_or(0.0));
            if litres > room_l {
                let kind = "more_than_room";
                let seen = json!({
                    "kind": kind, "litres": litres, "before_l": before_l,
                    "room_l": room_l, "tank_l": tank_l,
                });
                say.moment(Tell::new(at_ms, at_ms, None, seen).by(&used).about("room"));
            }
        }
        self.paid = before_l.map(|before_l| Paid {
            at_ms,
            litres,
            before_l,
            highest_l: before_l,
            readings: 0,
        });
    }

    /// Whether what was paid for is in the tank, a while after the payment.
    fn arrived(&mut self, point: &Point, level_l: f64, setting: &Setting<'_>, say: &mut Say<'_>) {
        let Some(paid) = &mut self.paid else { return };
        paid.highest_l = paid.highest_l.max(level_l);
        paid.readings = paid.readings.saturating_add(1);
        let waited_ms = point.fix_ms - paid.at_ms;
        let used = [MISSING, MISSING_SHARE, WAIT].map(|of| setting.thresholds.look_up(&of));
        // Five readings make a median that holds nothing from before the payment.
        if waited_ms < used[2].times_ms(60_000) || paid.readings < 5 {
            return;
        }
        let rise_l = super::tenth(paid.highest_l - paid.before_l);
        let most_l = used[0].value.max(paid.litres * used[1].value / 100.0);
        if paid.litres - rise_l > most_l {
            let seen =
                json!({ "kind": "not_in_the_tank", "litres": paid.litres, "rise_l": rise_l });
            let place = Some(super::short(point.place));
            say.moment(Tell::new(paid.at_ms, point.fix_ms, place, seen).by(&used).about("missing"));
        }
        self.paid = None;
    }
}

fn with_slack(tank_l: f64, slack: Used) -> f64 {
    tank_l * (1.0 + slack.value / 100.0)
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::*;

    fn scene() -> Scene {
        Scene::new().with("refuel_misfit.tank_l", 60.0)
    }

    fn levels(from_minute: i64, levels: &[f32]) -> Vec<Input> {
        let read = |(minute, fuel_l): (i64, &f32)| {
            let point = point((from_minute + minute) * MINUTE, 0.0);
            Input::Point(Point { fuel_l: Some(*fuel_l), ..point })
        };
        (0..).zip(levels).map(read).collect()
    }

    fn paid(minute: i64, litres: f64) -> Input {
        Input::Event(Event::Refuelled { at_ms: minute * MINUTE, litres })
    }

    fn abouts(scene: &Scene, inputs: &[Input]) -> Vec<String> {
        scene.episodes(&RULE, inputs).into_keys().map(|key| key.about).collect()
    }

    #[test]
    fn more_than_there_is_room_for_more_than_arrived_and_a_level_above_the_tank_are_told() {
        let mut inputs = levels(0, &[40.0; 6]);
        inputs.push(paid(6, 50.0));
        inputs.extend(levels(7, &[60.0; 20]));
        assert_eq!(abouts(&scene(), &inputs), ["missing", "room"]);
        assert_eq!(abouts(&scene(), &levels(0, &[66.0; 6])), ["level"]);
    }

    #[test]
    fn an_honest_filling_is_not_told_even_where_the_clock_of_the_card_is_late() {
        let mut inputs = levels(0, &[20.0; 8]);
        inputs.extend(levels(8, &[58.0; 6]));
        inputs.push(paid(14, 40.0));
        inputs.extend(levels(15, &[58.0; 20]));
        assert_eq!(abouts(&scene(), &inputs), Vec::<String>::new());
        // Two readings of a gauge that jumps are no level.
        assert_eq!(abouts(&scene(), &levels(0, &[40.0, 40.0, 90.0, 90.0, 40.0])).len(), 0);
    }

    #[test]
    fn late_levels_that_show_a_full_tank_before_the_payment_change_the_verdict() {
        let mut inputs = levels(-60, &[20.0; 6]);
        inputs.push(paid(14, 40.0));
        assert_eq!(abouts(&scene(), &inputs).len(), 0);
        let late = levels(-8, &[55.0; 20]);
        let late = late.into_iter().fold(inputs, |inputs, late| with(&inputs, late));
        assert_eq!(abouts(&scene(), &late), ["room"]);
    }
}
