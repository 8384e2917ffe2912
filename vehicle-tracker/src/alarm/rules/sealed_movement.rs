//! Movement of a sealed vehicle 封存车辆移动: it left its place while it must stand 节假日封存.
//!
//! Where it stands is its first place in the period; 200 m are more than a receiver errs.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::{Event, Input};
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::{Period, Setting};
use super::super::threshold::{Threshold, Used};
use crate::fence::distance_m;

pub(super) const RULE: Rule = Rule::of::<SealedMovement>(
    "sealed_movement",
    ("封存车辆移动", "movement of a sealed vehicle"),
    Level::SEVERE,
    "The vehicle was moved in a period for which it is sealed.",
    &[LEAST],
);

const LEAST: Threshold = Threshold { name: "sealed_movement.least_m", default: 200.0 };

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct SealedMovement {
    /// The last place before the period, which is where it was sealed.
    last: Option<LonLat>,
    sealed: Option<Sealed>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Sealed {
    period: Period,
    stands: LonLat,
    last: LonLat,
    farthest_m: f64,
    ongoing: Option<Ongoing>,
}

impl Memory for SealedMovement {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        let used = [setting.thresholds.look_up(&LEAST)];
        let at_ms = input.at_ms();
        if let Some(sealed) = self.sealed.take_if(|sealed| !sealed.period.covers(at_ms)) {
            sealed.end(sealed.period.to_ms.min(at_ms), &used, say);
        }
        if let (Some(sealed), Input::Event(Event::StopBegan { at_ms, place })) =
            (&mut self.sealed, *input)
        {
            sealed.end(at_ms, &used, say);
            let place = super::short(place);
            *sealed =
                Sealed { stands: place, last: place, farthest_m: 0.0, ongoing: None, ..*sealed };
        }
        let Some(point) = input.place() else { return };
        let here = super::short(point.place);
        let Some(period) = setting.sealed.iter().find(|period| period.covers(at_ms)) else {
            self.last = Some(here);
            return;
        };
        let stands = self.last.unwrap_or(here);
        self.last = Some(here);
        let sealed = self.sealed.get_or_insert(Sealed {
            period: *period,
            stands,
            last: stands,
            farthest_m: 0.0,
            ongoing: None,
        });
        sealed.stand_or_move(at_ms, here, &used, say);
    }
}

impl Sealed {
    fn stand_or_move(&mut self, at_ms: i64, here: LonLat, used: &[Used; 1], say: &mut Say<'_>) {
        let away_m = super::tenth(distance_m(self.stands, here));
        self.last = here;
        self.farthest_m = self.farthest_m.max(away_m);
        let started_ms = self.ongoing.map_or(at_ms, |ongoing| ongoing.started_ms);
        let tell = self.tell(started_ms, at_ms, used);
        match &mut self.ongoing {
            Some(ongoing) => say.goes_on(ongoing, tell),
            None if away_m > used[0].value => self.ongoing = Some(say.opened(tell)),
            None => {}
        }
    }

    fn end(&self, at_ms: i64, used: &[Used; 1], say: &mut Say<'_>) {
        if let Some(ongoing) = self.ongoing {
            say.ended(at_ms, self.tell(ongoing.started_ms, at_ms, used));
        }
    }

    fn tell<'a>(&self, started_ms: i64, at_ms: i64, used: &'a [Used; 1]) -> Tell<'a> {
        let seen = json!({
            "sealed": self.period,
            "stood": self.stands,
            "farthest_m": self.farthest_m,
        });
        Tell::new(started_ms, at_ms, Some(self.last), seen).by(used)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::*;

    fn scene() -> Scene {
        let sealed = vec![Period { from_ms: 10 * MINUTE, to_ms: 1_000 * MINUTE }];
        Scene { sealed, ..Scene::new() }
    }

    fn at(minute: i64, metres: f64) -> Input {
        Input::Point(point(minute * MINUTE, metres))
    }

    #[test]
    fn a_sealed_vehicle_that_is_driven_is_told_until_it_stands_again() {
        let inputs = [at(0, 0.0), at(20, 10.0), at(30, 300.0), at(40, 900.0)];
        assert_eq!(scene().times(&RULE, &inputs), [(30 * MINUTE, None)]);
        let stop = Event::StopBegan { at_ms: 45 * MINUTE, place: east(950.0) };
        let inputs = with(&inputs, Input::Event(stop));
        let inputs = with(&inputs, at(60, 960.0));
        assert_eq!(scene().times(&RULE, &inputs), [(30 * MINUTE, Some(45 * MINUTE))]);
    }

    #[test]
    fn noise_and_the_time_before_and_after_are_no_movement() {
        let inputs = [at(0, 9_000.0), at(9, 0.0), at(20, 150.0), at(30, -40.0), at(2_000, 9_000.0)];
        assert_eq!(scene().times(&RULE, &inputs), []);
    }

    #[test]
    fn a_late_fix_away_from_its_place_changes_the_verdict() {
        let inputs = [at(20, 0.0), at(60, 0.0)];
        assert_eq!(scene().times(&RULE, &inputs), []);
        let late = with(&inputs, at(40, 1_000.0));
        assert_eq!(scene().times(&RULE, &late), [(40 * MINUTE, None)]);
    }
}
