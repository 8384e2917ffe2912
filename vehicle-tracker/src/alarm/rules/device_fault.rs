//! Device faults 设备故障: parts of the terminal or its supply that tell of themselves.
//!
//! Alarm bits 4 to 12 of JT/T 808, table 24; each is an episode of its own.

use serde::{Deserialize, Serialize};

use super::super::finding::Say;
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use super::bits::Bits;

pub(super) const RULE: Rule = Rule::of::<DeviceFault>(
    "device_fault",
    ("设备故障", "device fault"),
    Level::NOTICE,
    "The terminal tells that a part of it or its supply is broken.",
    &[CALM],
);

const CALM: Threshold = Threshold { name: "device_fault.calm_s", default: 60.0 };

/// Receiver, antenna, supply, display, speech, camera, card reader.
const MASK: u32 = 0x1ff0;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct DeviceFault(Bits);

impl Memory for DeviceFault {
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
    fn a_loose_antenna_is_one_episode_from_first_to_last() {
        let inputs = [(0, 0), (10, 1 << 5), (20, 0), (30, 1 << 5 | 1 << 7), (95, 1 << 7)];
        let inputs = inputs.map(|(s, bits)| told(s, bits));
        let episodes = Scene::new().episodes(&RULE, &inputs);
        let known: Vec<_> =
            episodes.iter().map(|(k, e)| (k.about.as_str(), k.started_ms, e.ended_ms)).collect();
        assert_eq!(known, [("bit:5", 10_000, Some(30_000)), ("bit:7", 30_000, None)]);
        let episode = episodes.values().next().unwrap();
        assert_eq!(episode.evidence["seen"]["zh"], "GNSS天线未接或被剪断");
    }

    #[test]
    fn alarms_of_other_kinds_are_no_device_faults() {
        assert_eq!(Scene::new().times(&RULE, &[told(0, !0x1ff0), told(10, 0)]), []);
    }

    #[test]
    fn a_late_fix_that_tells_of_it_again_makes_one_episode_of_two() {
        let inputs = [told(0, 1 << 5), told(70, 0), told(90, 1 << 5)];
        assert_eq!(Scene::new().times(&RULE, &inputs).len(), 2);
        let late = with(&inputs, told(40, 1 << 5));
        assert_eq!(Scene::new().times(&RULE, &late), [(0, None)]);
    }
}
