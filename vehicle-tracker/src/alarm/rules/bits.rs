//! Episodes of alarm bits: a bit that is told again and again is one episode.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::Input;
use super::super::rule::Level;
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use crate::jt808::Alarms;

/// The bits that are on, or were so lately that they may come again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Bits(Vec<On>);

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct On {
    bit: u8,
    ongoing: Ongoing,
    seen_ms: i64,
}

impl Bits {
    /// Which bits of a mask are on; each is over when it was off for so many seconds. Points whose
    /// place is not believed count too: who asks for help may be in a tunnel.
    pub(super) fn judge(
        &mut self,
        input: &Input,
        mask: u32,
        calm: &Threshold,
        level: impl Fn(u8) -> Option<Level>,
        (setting, say): (&Setting<'_>, &mut Say<'_>),
    ) {
        let Input::Point(point) = input else { return };
        let on = point.alarm_bits & mask;
        if on == 0 && self.0.is_empty() {
            return;
        }
        let used = [setting.thresholds.look_up(calm)];
        let place = Some(super::short(point.place));
        let tell = |bit: u8, started_ms: i64| {
            let tell = Tell::new(started_ms, point.fix_ms, place, named(bit)).by(&used);
            Tell { level: level(bit), ..tell.about(format!("bit:{bit}")) }
        };
        let calm_ms = used[0].times_ms(1_000);
        self.0.retain_mut(|was| {
            if on >> was.bit & 1 == 1 {
                was.seen_ms = point.fix_ms;
                return true;
            }
            let over = point.fix_ms - was.seen_ms >= calm_ms;
            if over {
                say.ended(was.seen_ms, tell(was.bit, was.ongoing.started_ms));
            }
            !over
        });
        for bit in (0..32).filter(|bit| on >> bit & 1 == 1) {
            if self.0.iter().all(|was| was.bit != bit) {
                let ongoing = say.opened(tell(bit, point.fix_ms));
                self.0.push(On { bit, ongoing, seen_ms: point.fix_ms });
            }
        }
    }
}

/// The bit with its names in the standard.
fn named(bit: u8) -> serde_json::Value {
    let words = Alarms(1_u32.checked_shl(bit.into()).unwrap_or(0)).words();
    let (zh, en) = words.first().map(|words| (words.zh.as_ref(), words.en.as_ref())).unzip();
    json!({ "bit": bit, "zh": zh, "en": en })
}
