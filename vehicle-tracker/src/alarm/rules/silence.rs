//! Silence: no word for longer than a vehicle is expected to take.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::Input;
use super::super::setting::Setting;
use super::super::threshold::{Threshold, Used};
use crate::point::Point;

/// The last word of a vehicle, and whether it has been silent for too long since.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Silence {
    last: Option<Last>,
    ongoing: Option<Ongoing>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Last {
    at_ms: i64,
    place: LonLat,
    /// Whether a silence after this word is of the kind that is looked for.
    matters: bool,
}

impl Silence {
    /// So many expected intervals, but not less than so many seconds, after a word that matters.
    pub(super) fn judge(
        &mut self,
        input: &Input,
        [intervals, least]: [&Threshold; 2],
        matters: impl Fn(&Point) -> bool,
        setting: &Setting<'_>,
        say: &mut Say<'_>,
    ) {
        let now_ms = match input {
            Input::Point(point) => point.fix_ms,
            Input::Tick(now_ms) => *now_ms,
            // Events are computed from points; they are no word of the vehicle.
            Input::Crossing(_) | Input::Event(_) => return,
        };
        if let Some(last) = self.last.filter(|last| last.matters) {
            let used = [setting.thresholds.look_up(intervals), setting.thresholds.look_up(least)];
            let limit_ms = limit_ms(&used, setting.interval_ms);
            if now_ms - last.at_ms > limit_ms && self.ongoing.is_none() {
                self.ongoing = Some(say.opened(last.tell(now_ms, limit_ms).by(&used)));
            }
            if self.ongoing.take_if(|_| matches!(input, Input::Point(_))).is_some() {
                say.ended(now_ms, last.tell(now_ms, limit_ms).by(&used));
            }
        }
        if let Input::Point(point) = input {
            let (at_ms, place) = (point.fix_ms, super::short(point.place));
            self.last = Some(Last { at_ms, place, matters: matters(point) });
        }
    }
}

impl Last {
    fn tell(&self, now_ms: i64, limit_ms: i64) -> Tell<'static> {
        let seen = json!({ "silent_ms": now_ms - self.at_ms, "limit_ms": limit_ms });
        Tell::new(self.at_ms, now_ms, Some(self.place), seen)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn limit_ms(used: &[Used; 2], expected_ms: i64) -> i64 {
    let long_ms = (super::as_f64(expected_ms) * used[0].value) as i64;
    long_ms.max(used[1].times_ms(1_000))
}
