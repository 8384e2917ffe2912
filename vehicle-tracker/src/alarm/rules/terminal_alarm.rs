//! Terminal alarms 终端报警: all that the terminal itself found, except for calls for help and faults
//! of its own.
//!
//! Alarm bits of JT/T 808, table 24.

use serde::{Deserialize, Serialize};

use super::super::finding::Say;
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use super::bits::Bits;

pub(super) const RULE: Rule = Rule::of::<TerminalAlarm>(
    "terminal_alarm",
    ("终端报警", "terminal alarm"),
    Level::WARNING,
    "The terminal tells of something that it found itself, such as a collision.",
    &[CALM],
);

const CALM: Threshold = Threshold { name: "terminal_alarm.calm_s", default: 60.0 };

/// All but the emergency (bit 0) and the faults of the device (bits 4 to 12).
const MASK: u32 = !0x1ff1;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct TerminalAlarm(Bits);

impl Memory for TerminalAlarm {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        self.0.judge(input, MASK, &CALM, level, (setting, say));
    }
}

/// Warnings ahead of an alarm (bits 13 to 15) are notices; theft, collision and rollover are severe.
fn level(bit: u8) -> Option<Level> {
    match bit {
        26 | 29 | 30 => Some(Level::SEVERE),
        13..=15 => Some(Level::NOTICE),
        _ => None,
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
    fn a_collision_is_severe_and_has_its_name() {
        let episodes = Scene::new().episodes(&RULE, &[told(0, 1 << 29), told(60, 0)]);
        let (key, episode) = episodes.first_key_value().unwrap();
        assert_eq!((key.about.as_str(), episode.level), ("bit:29", Level::SEVERE));
        assert_eq!(episode.evidence["seen"]["zh"], "碰撞报警");
        assert_eq!(episode.ended_ms, Some(0));
    }

    #[test]
    fn what_has_a_rule_of_its_own_is_not_told_twice() {
        assert_eq!(Scene::new().times(&RULE, &[told(0, 0x1ff1)]), []);
    }

    #[test]
    fn a_late_fix_moves_the_end() {
        let inputs = [told(0, 1 << 2), told(100, 0)];
        assert_eq!(Scene::new().times(&RULE, &inputs), [(0, Some(0))]);
        let late = with(&inputs, told(40, 1 << 2));
        assert_eq!(Scene::new().times(&RULE, &late), [(0, Some(40_000))]);
    }
}
