//! Deviation from the approved way 偏离批准路线: for two minutes half a kilometre or more beside the
//! corridor of the order.
//!
//! A way round a building site is shorter than that. It is over once it is back within half of the
//! distance, so that a way along the limit is one episode.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::{DutyId, Setting};
use super::super::threshold::{Threshold, Used};

pub(super) const RULE: Rule = Rule::of::<RouteDeviation>(
    "route_deviation",
    ("偏离批准路线", "deviation from the approved route"),
    Level::WARNING,
    "The vehicle was well beside the way that its order approves.",
    &[LEAST_M, LEAST],
);

const LEAST_M: Threshold = Threshold { name: "route_deviation.least_m", default: 500.0 };
const LEAST: Threshold = Threshold { name: "route_deviation.least_s", default: 120.0 };

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct RouteDeviation(Option<Beside>);

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Beside {
    duty: DutyId,
    started_ms: i64,
    last_ms: i64,
    place: LonLat,
    farthest_m: f64,
    ongoing: Option<Ongoing>,
}

impl Memory for RouteDeviation {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        let Some(point) = input.place() else { return };
        let used = [setting.thresholds.look_up(&LEAST_M), setting.thresholds.look_up(&LEAST)];
        let place = super::short(point.place);
        let nearest = nearest(point.fix_ms, place, setting);
        let still = |beside: &Beside| {
            let edge_m = if beside.ongoing.is_some() { used[0].value / 2.0 } else { used[0].value };
            nearest.is_some_and(|(duty, metres)| duty == beside.duty && metres >= edge_m)
        };
        if let Some(beside) = self.0.take_if(|beside| !still(beside))
            && beside.ongoing.is_some()
        {
            // An order that is over is not left any more.
            let ended_ms = if nearest.is_some() { point.fix_ms } else { beside.last_ms };
            say.ended(ended_ms, beside.tell(&used));
        }
        let Some((duty, metres)) = nearest else { return };
        if self.0.is_none() && metres < used[0].value {
            return;
        }
        let beside = self.0.get_or_insert(Beside {
            duty,
            started_ms: point.fix_ms,
            last_ms: point.fix_ms,
            place,
            farthest_m: 0.0,
            ongoing: None,
        });
        beside.go_on(point.fix_ms, place, metres, &used, say);
    }
}

impl Beside {
    fn go_on(
        &mut self,
        at_ms: i64,
        place: LonLat,
        metres: f64,
        used: &[Used; 2],
        say: &mut Say<'_>,
    ) {
        (self.last_ms, self.place) = (at_ms, place);
        self.farthest_m = self.farthest_m.max(super::tenth(metres));
        let tell = self.tell(used);
        match &mut self.ongoing {
            Some(ongoing) => say.goes_on(ongoing, tell),
            None if at_ms - self.started_ms >= used[1].times_ms(1_000) => {
                self.ongoing = Some(say.opened(tell));
            }
            None => {}
        }
    }

    fn tell<'a>(&self, used: &'a [Used; 2]) -> Tell<'a> {
        let seen = json!({ "duty": self.duty, "farthest_m": self.farthest_m });
        let about = format!("duty:{}", self.duty.0);
        Tell::new(self.started_ms, self.last_ms, Some(self.place), seen).by(used).about(about)
    }
}

/// Of the orders that hold and have a way, the one whose way is nearest, and how far it is.
fn nearest(at_ms: i64, place: LonLat, setting: &Setting<'_>) -> Option<(DutyId, f64)> {
    let holds = setting.duties.iter().filter(|duty| duty.period.covers(at_ms));
    holds
        .filter_map(|duty| Some((duty.id, duty.corridor.as_ref()?.signed_distance_m(place))))
        .min_by(|one, other| one.1.total_cmp(&other.1))
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::super::super::setting::Duty;
    use super::*;
    use crate::fence::Shape;

    /// The approved way runs from home 5 km eastwards and is 200 m wide.
    fn scene() -> Scene {
        let line = geo::LineString::from(vec![(105.0, 36.0), (105.0 + 5_000.0 / 90_163.0, 36.0)]);
        let corridor = Shape::corridor_checked(&line, 200.0).unwrap();
        let duties = vec![Duty { corridor: Some(corridor), ..duty(0, 600_000) }];
        Scene { duties, ..Scene::new() }
    }

    fn at(s: i64, metres: f64) -> Input {
        Input::Point(point(s * 1000, metres))
    }

    #[test]
    fn three_minutes_beyond_the_end_of_the_way_are_a_deviation() {
        let drive = [at(0, 4_000.0), at(60, 5_700.0), at(120, 6_000.0), at(180, 6_100.0)];
        assert_eq!(scene().times(&RULE, &drive), [(60_000, None)]);
        let back = with(&drive, at(240, 5_200.0));
        let episodes = scene().episodes(&RULE, &back);
        let (key, episode) = episodes.first_key_value().unwrap();
        assert_eq!((key.about.as_str(), episode.ended_ms), ("duty:5", Some(240_000)));
        let farthest = episode.evidence["seen"]["farthest_m"].as_f64().unwrap();
        assert!((farthest - 1_000.0).abs() < 2.0, "{farthest}");
    }

    #[test]
    fn a_short_way_round_and_a_time_without_order_are_none() {
        let round = [at(0, 4_000.0), at(60, 5_700.0), at(120, 5_900.0), at(170, 5_000.0)];
        assert_eq!(scene().times(&RULE, &round), []);
        let after = [at(700, 9_000.0), at(800, 9_000.0), at(900, 9_000.0)];
        assert_eq!(scene().times(&RULE, &after), []);
    }

    #[test]
    fn a_late_fix_on_the_way_takes_it_back() {
        let drive = [at(60, 5_700.0), at(190, 6_000.0), at(240, 4_000.0)];
        assert_eq!(scene().times(&RULE, &drive).len(), 1);
        assert_eq!(scene().times(&RULE, &with(&drive, at(130, 4_900.0))), []);
    }
}
