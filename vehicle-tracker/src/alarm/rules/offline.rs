//! Offline 离线: a vehicle that was driving says nothing for longer than it should.
//!
//! One that was switched off and then fell silent sleeps; one whose power was cut is a matter of its
//! own. With the ignition on it counts as driving even where it stands.

use serde::{Deserialize, Serialize};

use super::super::finding::Say;
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use super::power_cut::is_cut;
use super::silence::Silence;
use crate::point::Point;

pub(super) const RULE: Rule = Rule::of::<Offline>(
    "offline",
    ("离线", "offline"),
    Level::NOTICE,
    "The vehicle was driving and has said nothing for longer than several of its intervals.",
    &[INTERVALS, LEAST],
);

const INTERVALS: Threshold = Threshold { name: "offline.intervals", default: 5.0 };
const LEAST: Threshold = Threshold { name: "offline.least_s", default: 180.0 };

/// Where the ignition is not told, this fast is driving.
const DRIVING_KMH: f32 = 3.0;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Offline(Silence);

impl Memory for Offline {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        self.0.judge(input, [&INTERVALS, &LEAST], drives, setting, say);
    }
}

fn drives(point: &Point) -> bool {
    let by_speed = || point.speed_kmh.is_some_and(|speed_kmh| speed_kmh > DRIVING_KMH);
    !is_cut(point) && point.ignition.unwrap_or_else(by_speed)
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::*;

    #[test]
    fn one_that_drove_and_says_nothing_is_offline_until_it_speaks() {
        let inputs = [fast(0, 40.0), Input::Tick(179_000), Input::Tick(181_000)];
        assert_eq!(Scene::new().times(&RULE, &inputs[..2]), []);
        assert_eq!(Scene::new().times(&RULE, &inputs), [(0, None)]);
        let back = with(&inputs, fast(600, 40.0));
        assert_eq!(Scene::new().times(&RULE, &back), [(0, Some(600_000))]);
        // The verdict is the same where nobody watched the clock.
        let unwatched = [fast(0, 40.0), fast(600, 40.0)];
        assert_eq!(Scene::new().times(&RULE, &unwatched), [(0, Some(600_000))]);
    }

    #[test]
    fn one_that_was_switched_off_sleeps() {
        let off = Point { ignition: Some(false), ..point(0, 0.0) };
        assert_eq!(Scene::new().times(&RULE, &[Input::Point(off), Input::Tick(9_999_000)]), []);
        assert_eq!(Scene::new().times(&RULE, &[fast(0, 0.0), Input::Tick(9_999_000)]), []);
    }

    #[test]
    fn late_fixes_of_a_blind_spot_take_it_back() {
        let inputs = [fast(0, 40.0), Input::Tick(200_000), fast(300, 40.0)];
        assert_eq!(Scene::new().times(&RULE, &inputs).len(), 1);
        assert_eq!(Scene::new().times(&RULE, &with(&inputs, fast(150, 40.0))), []);
    }
}
