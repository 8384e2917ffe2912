//! Emergency 紧急报警: somebody in the vehicle pressed the button.
//!
//! Alarm bit 0 of JT/T 808, table 24. The terminal holds it until the platform has answered.

use serde::{Deserialize, Serialize};

use super::super::finding::Say;
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use super::bits::Bits;

pub(super) const RULE: Rule = Rule::of::<Emergency>(
    "emergency",
    ("紧急报警", "emergency"),
    Level::SEVERE,
    "Somebody in the vehicle asks for help.",
    &[CALM],
);

const CALM: Threshold = Threshold { name: "emergency.calm_s", default: 60.0 };

const MASK: u32 = 1;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Emergency(Bits);

impl Memory for Emergency {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        self.0.judge(input, MASK, &CALM, |_| None, (setting, say));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::*;
    use crate::point::Point;

    fn told(s: i64, alarm_bits: u32) -> Input {
        Input::Point(Point { alarm_bits, ..point(s * 1000, 0.0) })
    }

    #[test]
    fn a_button_held_over_many_points_is_one_call_also_in_a_tunnel() {
        let inputs = [told(0, 1), told(10, 1), told(20, 1), told(90, 0)].map(|input| match input {
            Input::Point(point) => {
                Input::Point(Point { quality: crate::quality::Quality::NO_FIX, ..point })
            }
            other => other,
        });
        assert_eq!(Scene::new().times(&RULE, &inputs), [(0, Some(20_000))]);
    }

    #[test]
    fn without_the_button_there_is_no_call() {
        assert_eq!(Scene::new().times(&RULE, &[told(0, !1), told(10, 0)]), []);
    }

    #[test]
    fn a_late_fix_brings_a_call_that_nobody_had_heard() {
        let inputs = [told(0, 0), told(300, 0)];
        assert_eq!(Scene::new().times(&RULE, &inputs), []);
        assert_eq!(
            Scene::new().times(&RULE, &with(&inputs, told(60, 1))),
            [(60_000, Some(60_000))]
        );
    }
}
