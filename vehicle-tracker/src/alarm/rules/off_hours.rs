//! Use outside working hours 非工作时间用车: in the evening, at a weekend, on a holiday, without an
//! order for it.
//!
//! Working weekends 调休 and holidays are days of the calendar; hours are those of China.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::calendar::{Hours, local};
use super::super::finding::Say;
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use super::outing::{Judgement, Outing};

pub(super) const RULE: Rule = Rule::of::<OffHours>(
    "off_hours",
    ("非工作时间用车", "use outside working hours"),
    Level::SEVERE,
    "The vehicle was driven outside working hours without an order that covers the time.",
    &[LEAST, SLACK],
);

const LEAST: Threshold = Threshold { name: "off_hours.least_m", default: 500.0 };
const SLACK: Threshold = Threshold { name: "off_hours.slack_min", default: 30.0 };

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct OffHours(Outing);

impl Memory for OffHours {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        let used = [setting.thresholds.look_up(&LEAST), setting.thresholds.look_up(&SLACK)];
        let slack_ms = used[1].times_ms(60_000);
        let suspect = |at_ms| {
            let hours = setting.calendar.hours(at_ms);
            let asked = hours != Hours::AtWork && setting.duty_about(at_ms, slack_ms).is_none();
            asked.then(|| json!({ "hours": hours, "date": local(at_ms).date().to_string() }))
        };
        self.0.judge(input, &Judgement { suspect, least_m: used[0].value, used: &used }, say);
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::super::super::calendar::{Calendar, Day};
    use super::super::super::input::Event;
    use super::super::super::scene::*;
    use super::*;

    fn scene() -> Scene {
        let calendar = Calendar::new([
            (date!(2026 - 02 - 28), Day::Working),
            (date!(2026 - 02 - 17), Day::Off),
        ]);
        Scene { calendar, ..Scene::new() }
    }

    #[test]
    fn an_evening_and_a_holiday_are_outside_working_hours() {
        for began in [datetime!(2026-03-02 20:00 +8), datetime!(2026-02-17 10:00 +8)] {
            let began = ms(began);
            let ended = Some(began + 9 * MINUTE);
            assert_eq!(scene().times(&RULE, &trip(began, 9)), [(began, ended)]);
        }
        let episodes = scene().episodes(&RULE, &trip(ms(datetime!(2026-02-17 10:00 +8)), 9));
        let seen = &episodes.values().next().unwrap().evidence["seen"]["why"];
        assert_eq!((&seen["hours"], &seen["date"]), (&json!("day_off"), &json!("2026-02-17")));
    }

    #[test]
    fn a_working_weekend_and_an_evening_with_an_order_are_not() {
        let saturday = ms(datetime!(2026-02-28 10:00 +8));
        assert_eq!(scene().times(&RULE, &trip(saturday, 9)), []);
        let evening = ms(datetime!(2026-03-02 20:00 +8));
        let duties = vec![duty(evening, evening + 60 * MINUTE)];
        assert_eq!(Scene { duties, ..scene() }.times(&RULE, &trip(evening, 9)), []);
    }

    #[test]
    fn a_drive_home_that_takes_too_long_is_told_from_six_on() {
        let began = ms(datetime!(2026-03-02 17:55 +8));
        let times = scene().times(&RULE, &trip(began, 20));
        assert_eq!(times, [(began + 5 * MINUTE, Some(began + 20 * MINUTE))]);
    }

    /// The trip seemed to end before six; the late fixes show that it went on.
    #[test]
    fn a_late_fix_after_six_changes_the_verdict() {
        let six = ms(datetime!(2026-03-02 18:00 +8));
        let drive = |minutes: &[i32]| {
            let metres = |minute: i32| f64::from(minute + 10) * 600.0;
            let began = Event::TripBegan { at_ms: six - 10 * MINUTE, place: east(0.0) };
            let mut inputs = vec![Input::Event(began)];
            let at_ms = |minute: i32| six + i64::from(minute) * MINUTE;
            let at = |&minute: &i32| Input::Point(point(at_ms(minute), metres(minute)));
            inputs.extend(minutes.iter().map(at));
            let last = minutes[minutes.len() - 1];
            let (at_ms, place) = (at_ms(last), east(metres(last)));
            inputs.push(Input::Event(Event::TripEnded { at_ms, place, metres: metres(last) }));
            inputs
        };
        assert_eq!(scene().times(&RULE, &drive(&[-9, -5, -1])), []);
        let times = scene().times(&RULE, &drive(&[-9, -5, -1, 2, 4]));
        assert_eq!(times, [(six + 2 * MINUTE, Some(six + 4 * MINUTE))]);
    }
}
