//! Power cut 断电: the terminal told that its main power is off, and then nothing more.
//!
//! Alarm bit 8 of JT/T 808, table 24. A terminal whose battery carries it on is only broken.

use serde::{Deserialize, Serialize};

use super::super::finding::Say;
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use super::silence::Silence;
use crate::jt808::Alarms;
use crate::point::Point;

pub(super) const RULE: Rule = Rule::of::<PowerCut>(
    "power_cut",
    ("断电", "power cut"),
    Level::SEVERE,
    "The terminal told that its main power is off and has been silent since.",
    &[INTERVALS, LEAST],
);

const INTERVALS: Threshold = Threshold { name: "power_cut.intervals", default: 5.0 };
const LEAST: Threshold = Threshold { name: "power_cut.least_s", default: 180.0 };

const MAIN_POWER_OFF: u8 = 8;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct PowerCut(Silence);

impl Memory for PowerCut {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        self.0.judge(input, [&INTERVALS, &LEAST], is_cut, setting, say);
    }
}

/// Whether the terminal says that its main power is off.
pub(super) fn is_cut(point: &Point) -> bool {
    Alarms(point.alarm_bits).has(MAIN_POWER_OFF)
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::super::offline;
    use super::*;

    fn cut(s: i64) -> Input {
        let point = point(s * 1000, 0.0);
        Input::Point(Point { alarm_bits: 1 << 8, ignition: Some(true), ..point })
    }

    #[test]
    fn a_silence_after_the_power_went_is_a_power_cut_and_not_offline() {
        let inputs = [fast(0, 40.0), cut(10), Input::Tick(400_000)];
        assert_eq!(Scene::new().times(&RULE, &inputs), [(10_000, None)]);
        assert_eq!(Scene::new().times(&offline::RULE, &inputs), []);
    }

    #[test]
    fn a_terminal_that_goes_on_without_main_power_is_no_power_cut() {
        let inputs = [cut(10), cut(60), cut(120), fast(180, 40.0), Input::Tick(999_000)];
        assert_eq!(Scene::new().times(&RULE, &inputs), []);
    }

    #[test]
    fn a_late_fix_after_the_cut_takes_it_back() {
        let inputs = [fast(0, 40.0), cut(10), Input::Tick(400_000)];
        let late = with(&inputs, fast(20, 0.0));
        assert_eq!(Scene::new().times(&RULE, &late), []);
    }
}
