//! Geofences 围栏: what a fence asks to be told. A passing takes no time; being inside or outside is an
//! episode.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Say, Tell};
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::{Origin, Used};
use crate::fence::{Ask, Crossing, CrossingKind, Fence, FenceId};

pub(super) const RULE: Rule = Rule::of::<Geofence>(
    "geofence",
    ("围栏报警", "geofence"),
    Level::WARNING,
    "The vehicle entered, left, or stayed in or out of a fence that asks to be told.",
    &[],
);

/// So many fences at a time.
const MOST: usize = 64;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Geofence {
    inside: Vec<Since>,
    outside: Vec<Since>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Since {
    fence: FenceId,
    at_ms: i64,
}

impl Memory for Geofence {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        match input {
            Input::Crossing(crossing) if setting.concerns(crossing.fence) => {
                if let Some(fence) = setting.fences.get(crossing.fence) {
                    self.crossed(crossing, fence, say);
                }
            }
            Input::Point(point) if point.quality.is_kept() => {
                let gone = |since: &Since| setting.fences.get(since.fence).is_none();
                for (state, list) in [("inside", &mut self.inside), ("outside", &mut self.outside)]
                {
                    for since in list.extract_if(.., |since| gone(since)) {
                        say.ended(point.fix_ms, since.tell(state, point.fix_ms, None));
                    }
                }
                self.seen_outside(point.fix_ms, setting, say);
            }
            _ => {}
        }
    }
}

impl Geofence {
    fn crossed(&mut self, crossing: &Crossing, fence: &Fence, say: &mut Say<'_>) {
        let at_ms = crossing.at_ms;
        let asks = |ask| fence.asks.contains(&ask);
        let since = Since { fence: fence.id, at_ms };
        let passing = |kind: &str| since.tell(kind, at_ms, Some(crossing));
        match crossing.kind {
            CrossingKind::Enter | CrossingKind::Inside => {
                if asks(Ask::Enter) && crossing.kind == CrossingKind::Enter {
                    say.moment(passing("enter"));
                }
                if let Some(out) = taken(&mut self.outside, fence.id) {
                    say.ended(at_ms, out.tell("outside", at_ms, Some(crossing)));
                }
                if self.inside.len() < MOST && self.inside.iter().all(|in_| in_.fence != fence.id) {
                    self.inside.push(since);
                    if asks(Ask::Inside) {
                        say.opened(passing("inside"));
                    }
                }
            }
            CrossingKind::Leave => {
                if asks(Ask::Leave) {
                    say.moment(passing("leave"));
                }
                let been = taken(&mut self.inside, fence.id);
                if let Some(been) = been.filter(|_| asks(Ask::Inside)) {
                    say.ended(at_ms, been.tell("inside", at_ms, Some(crossing)));
                }
            }
            CrossingKind::Dwell if asks(Ask::Dwell) => {
                let limit_s = super::as_f64(fence.dwell_limit_ms.unwrap_or(0) / 1_000);
                let used = [Used::from("geofence.dwell_s", limit_s, Origin::Fence)];
                say.moment(passing("dwell").by(&used));
            }
            CrossingKind::Dwell => {}
        }
    }

    /// Fences that are about it, ask about vehicles outside, and in which it is not.
    fn seen_outside(&mut self, at_ms: i64, setting: &Setting<'_>, say: &mut Say<'_>) {
        for fence in setting.fences.confining() {
            let known =
                self.inside.iter().chain(&self.outside).any(|since| since.fence == fence.id);
            let concerns = fence.concerns(setting.vehicle, setting.orgs);
            if concerns && !known && self.outside.len() < MOST {
                let since = Since { fence: fence.id, at_ms };
                say.opened(since.tell("outside", at_ms, None));
                self.outside.push(since);
            }
        }
    }
}

impl Since {
    fn tell(&self, kind: &str, at_ms: i64, crossing: Option<&Crossing>) -> Tell<'static> {
        let seen = json!({ "fence": self.fence, "kind": kind });
        let place = crossing.map(|crossing| crossing.place);
        Tell::new(self.at_ms, at_ms, place, seen).about(format!("fence:{}:{kind}", self.fence.0))
    }
}

fn taken(list: &mut Vec<Since>, fence: FenceId) -> Option<Since> {
    let at = list.iter().position(|since| since.fence == fence)?;
    Some(list.remove(at))
}

#[cfg(test)]
mod tests {
    use gis_data::{FeatureId, OrgId};

    use super::super::super::scene::*;
    use super::*;
    use crate::fence::{FenceIndex, FenceState, Whose, step};
    use CrossingKind::{Enter, Inside, Leave};

    /// The abouts and times of what a fence about home finds.
    fn found(ask: Ask, inputs: &[Input]) -> Vec<(String, i64, Option<i64>)> {
        found_by(circle(7, 0.0, 500.0).asking(ask).with_dwell_limit(9_000), inputs)
    }

    fn found_by(fence: Fence, inputs: &[Input]) -> Vec<(String, i64, Option<i64>)> {
        let scene = Scene { fences: FenceIndex::new([fence]), ..Scene::new() };
        let episodes = scene.episodes(&RULE, inputs);
        episodes.into_iter().map(|(key, e)| (key.about, key.started_ms, e.ended_ms)).collect()
    }

    #[test]
    fn a_fence_is_told_what_it_asks_for() {
        let drive = [
            fast(0, 9.0),
            crossing(7, Enter, 5_000),
            crossing(7, CrossingKind::Dwell, 14_000),
            crossing(7, Leave, 25_000),
            fast(30, 9.0),
        ];
        let about = |what: &str| format!("fence:7:{what}");
        assert_eq!(found(Ask::Enter, &drive), [(about("enter"), 5_000, Some(5_000))]);
        assert_eq!(found(Ask::Leave, &drive), [(about("leave"), 25_000, Some(25_000))]);
        assert_eq!(found(Ask::Dwell, &drive), [(about("dwell"), 14_000, Some(14_000))]);
        assert_eq!(found(Ask::Inside, &drive), [(about("inside"), 5_000, Some(25_000))]);
        let outside = [(about("outside"), 0, Some(5_000)), (about("outside"), 30_000, None)];
        assert_eq!(found(Ask::Outside, &drive), outside);
    }

    #[test]
    fn one_who_was_inside_has_not_entered_and_one_whom_it_does_not_concern_is_not_told_of() {
        let drive = [crossing(7, Inside, 0), fast(0, 9.0), fast(10, 9.0)];
        assert_eq!(found(Ask::Enter, &drive), []);
        assert_eq!(found(Ask::Outside, &drive), []);
        assert_eq!(found(Ask::Enter, &[crossing(8, Enter, 0)]), []);
    }

    #[test]
    fn a_fence_is_about_an_organisation_with_those_below_or_about_the_vehicles_it_lists() {
        let fence = circle(7, 0.0, 500.0).asking(Ask::Enter).asking(Ask::Outside);
        let listed = |ids: &[i64]| Whose::Listed(ids.iter().copied().map(FeatureId).collect());
        let drive = [fast(0, 9.0), crossing(7, Enter, 5_000)];
        for (whose, count) in [
            (Whose::All, 2),
            (Whose::Org(OrgId(1)), 2),
            (Whose::Org(OrgId(3)), 2),
            (Whose::Org(OrgId(2)), 0),
            (listed(&[4, 9]), 2),
            (listed(&[4, 10]), 0),
        ] {
            let found = found_by(Fence { whose: whose.clone(), ..fence.clone() }, &drive);
            assert_eq!(found.len(), count, "{whose:?}");
        }
    }

    /// A vehicle that seems to have stood outside has been in for two fixes.
    #[test]
    fn late_fixes_inside_are_an_entering_after_all() {
        let index = FenceIndex::new([circle(7, 0.0, 500.0)]);
        let drive = |metres: &[(i64, f64)]| {
            let mut state = FenceState::default();
            let mut inputs = Vec::new();
            for &(s, metres) in metres {
                let point = point(s * 1000, metres);
                inputs.extend(step(&mut state, &point, &index).into_iter().map(Input::Crossing));
                inputs.push(Input::Point(point));
            }
            inputs
        };
        let without = drive(&[(0, 700.0), (300, 710.0), (310, 900.0)]);
        assert_eq!(found(Ask::Enter, &without), []);
        let late = drive(&[(0, 700.0), (60, 300.0), (120, 300.0), (300, 710.0), (310, 900.0)]);
        assert_eq!(found(Ask::Enter, &late).len(), 1);
    }
}
