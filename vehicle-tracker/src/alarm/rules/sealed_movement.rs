//! Movement of a sealed vehicle 封存车辆移动: it left its place while it must stand 节假日封存.
//!
//! Where it stands is its first place in the period; 200 m are more than a receiver errs.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Ongoing, Say, Tell};
use super::super::input::{Event, Input};
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::{Period, Seal, Setting};
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
        let period = setting.sealed_at(at_ms);
        let is_other =
            |sealed: &mut Sealed| period.is_none_or(|p| p.from_ms != sealed.period.from_ms);
        if let Some(mut sealed) = self.sealed.take_if(is_other) {
            // One that was lifted meanwhile ends earlier than it was remembered to.
            let same = |seal: &&Seal| seal.period.from_ms == sealed.period.from_ms;
            let ends = setting.seals.iter().filter(same).map(|seal| seal.period.to_ms);
            sealed.period.to_ms = ends.max().unwrap_or(sealed.period.to_ms);
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
        let Some(period) = period else {
            self.last = Some(here);
            return;
        };
        let stands = self.last.unwrap_or(here);
        self.last = Some(here);
        let sealed = self.sealed.get_or_insert(Sealed {
            period,
            stands,
            last: stands,
            farthest_m: 0.0,
            ongoing: None,
        });
        sealed.period = period;
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
    use super::super::super::episode::episodes;
    use super::super::super::scene::*;
    use super::*;

    fn scene() -> Scene {
        Scene::new().sealed(10 * MINUTE, 1_000 * MINUTE)
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
    fn an_approved_order_lets_a_vehicle_move_where_the_seal_spares_orders() {
        let inputs = [at(20, 0.0), at(40, 900.0), at(50, 30.0), at(90, 700.0)];
        let mut scene = scene();
        scene.duties.push(duty(35 * MINUTE, 55 * MINUTE));
        assert_eq!(scene.times(&RULE, &inputs), [(40 * MINUTE, None)], "spares none");
        scene.seals[0].spares_orders = true;
        assert_eq!(scene.times(&RULE, &inputs), [(90 * MINUTE, None)], "after the order");
    }

    #[test]
    fn a_movement_ends_where_a_seal_was_lifted() {
        let mut scene = scene();
        let mut memory = SealedMovement::default();
        let mut found = Vec::new();
        let mut judge = |input: &Input, scene: &Scene| {
            let mut say = Say { rule: &RULE, level: RULE.level, found: &mut found };
            memory.judge(input, &scene.setting(), &mut say);
        };
        judge(&at(20, 0.0), &scene);
        judge(&at(40, 900.0), &scene);
        scene.seals[0].period.to_ms = 50 * MINUTE;
        judge(&at(60, 2_000.0), &scene);
        let ends: Vec<_> = episodes(found).values().map(|e| e.ended_ms).collect();
        assert_eq!(ends, [Some(50 * MINUTE)]);
    }

    #[test]
    fn a_late_fix_away_from_its_place_changes_the_verdict() {
        let inputs = [at(20, 0.0), at(60, 0.0)];
        assert_eq!(scene().times(&RULE, &inputs), []);
        let late = with(&inputs, at(40, 1_000.0));
        assert_eq!(scene().times(&RULE, &late), [(40 * MINUTE, None)]);
    }
}
