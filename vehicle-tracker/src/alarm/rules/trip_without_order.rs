//! A trip without an approved order 无单用车: no order covers the time, give or take half an hour.
//!
//! A car that is moved about a yard makes no trip: the rule begins at 500 m. A trip that goes on long
//! after its order ended is one without order from then on.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::Say;
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use super::outing::{Judgement, Outing};

pub(super) const RULE: Rule = Rule::of::<TripWithoutOrder>(
    "trip_without_order",
    ("无单用车", "trip without an approved order"),
    Level::WARNING,
    "The vehicle was driven at a time for which no order was approved.",
    &[LEAST, SLACK],
);

const LEAST: Threshold = Threshold { name: "trip_without_order.least_m", default: 500.0 };
const SLACK: Threshold = Threshold { name: "trip_without_order.slack_min", default: 30.0 };

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct TripWithoutOrder(Outing);

impl Memory for TripWithoutOrder {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        let used = [setting.thresholds.look_up(&LEAST), setting.thresholds.look_up(&SLACK)];
        let slack_ms = used[1].times_ms(60_000);
        let suspect = |at_ms| match setting.duty_about(at_ms, slack_ms) {
            None => Some(json!({ "orders": setting.duties.len() })),
            Some(_) => None,
        };
        self.0.judge(input, &Judgement { suspect, least_m: used[0].value, used: &used }, say);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::input::Event;
    use super::super::super::scene::*;
    use super::*;

    const T: i64 = 1_000 * MINUTE;

    #[test]
    fn a_trip_that_no_order_covers_is_told_from_its_beginning_to_its_end() {
        let scene = Scene { duties: vec![duty(T + 45 * MINUTE, T + 99 * MINUTE)], ..Scene::new() };
        assert_eq!(scene.times(&RULE, &trip(T, 10)), [(T, Some(T + 10 * MINUTE))]);
        // It is told while it goes on, after 500 m.
        assert_eq!(scene.findings(&RULE, &trip(T, 10)[..3]).len(), 1);
    }

    #[test]
    fn a_trip_within_half_an_hour_of_its_order_is_covered_and_a_yard_is_no_trip() {
        let scene = Scene { duties: vec![duty(T + 29 * MINUTE, T + 99 * MINUTE)], ..Scene::new() };
        assert_eq!(scene.times(&RULE, &trip(T, 10)), []);
        assert_eq!(Scene::new().times(&RULE, &trip(T, 0)), []);
    }

    #[test]
    fn a_trip_beyond_its_order_is_one_without_order_from_then_on() {
        let scene = Scene { duties: vec![duty(T, T + 10 * MINUTE)], ..Scene::new() };
        let times = scene.times(&RULE, &trip(T, 60));
        assert_eq!(times, [(T + 40 * MINUTE, Some(T + 60 * MINUTE))]);
    }

    /// Out and back within a blind spot: 400 m as the terminal first told, 2 km in truth.
    #[test]
    fn a_late_fix_that_shows_the_detour_makes_it_a_trip() {
        let ends = |metres| {
            let (place, at_ms) = (east(400.0), T + 20 * MINUTE);
            [
                Input::Event(Event::TripBegan { at_ms: T, place: east(0.0) }),
                Input::Point(point(T, 0.0)),
                Input::Point(point(at_ms, 400.0)),
                Input::Event(Event::TripEnded { at_ms, place, metres }),
            ]
        };
        assert_eq!(Scene::new().times(&RULE, &ends(400.0)), []);
        let late = with(&ends(2_000.0), Input::Point(point(T + 10 * MINUTE, 1_200.0)));
        assert_eq!(Scene::new().times(&RULE, &late), [(T, Some(T + 20 * MINUTE))]);
    }
}
