//! A sudden drop of fuel 油量骤降: the level falls while the vehicle stands, as when it is siphoned off.
//!
//! Levels are medians of five readings. A slow fall, by warmth or a heater, is none: the fall must
//! have happened within two hours.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::finding::{Say, Tell};
use super::super::input::Input;
use super::super::rule::{Level, Memory, Rule};
use super::super::setting::Setting;
use super::super::threshold::Threshold;
use super::fuel_level::{FuelLevel, TANK};
use crate::fence::distance_m;
use crate::point::Point;

pub(super) const RULE: Rule = Rule::of::<FuelDrop>(
    "fuel_drop",
    ("油量骤降", "sudden drop of fuel"),
    Level::SEVERE,
    "The fuel in the tank fell suddenly while the vehicle stood.",
    &[LEAST, SHARE, WITHIN],
);

const LEAST: Threshold = Threshold { name: "fuel_drop.least_l", default: 8.0 };
/// Of the capacity, where that is more: what the gauge errs.
const SHARE: Threshold = Threshold { name: "fuel_drop.least_percent", default: 10.0 };
const WITHIN: Threshold = Threshold { name: "fuel_drop.within_min", default: 120.0 };

/// A vehicle that tells no ignition stands below this speed.
const STANDING_KMH: f32 = 3.0;
/// Further from where it stood first it was moved.
const SAME_PLACE_M: f64 = 100.0;
/// A level that is lower by less is the same: what the gauge trembles.
const TREMBLE_L: f64 = 2.0;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct FuelDrop {
    level: FuelLevel,
    parked: Option<Parked>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Parked {
    place: LonLat,
    highest: Option<Highest>,
}

/// The highest level and when it was seen last.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Highest {
    at_ms: i64,
    litres: f64,
}

impl Memory for FuelDrop {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        let Some(point) = input.place() else { return };
        let place = super::short(point.place);
        let moved = |parked: &Parked| distance_m(parked.place, place) > SAME_PLACE_M;
        if !stands(point) || self.parked.as_ref().is_some_and(moved) {
            // On a slope or in a bend the same fuel reads another level.
            (self.parked, self.level) = (None, FuelLevel::default());
            return;
        }
        let parked = self.parked.get_or_insert(Parked { place, highest: None });
        let Some(litres) = self.level.take(point) else { return };
        if parked.dropped(point.fix_ms, litres, setting, say) {
            self.level.forget();
            parked.highest = None;
        }
    }
}

impl Parked {
    /// Tells of a fall that is sudden and large enough, and whether it did.
    fn dropped(
        &mut self,
        at_ms: i64,
        litres: f64,
        setting: &Setting<'_>,
        say: &mut Say<'_>,
    ) -> bool {
        let highest = self.highest.get_or_insert(Highest { at_ms, litres });
        let used = [LEAST, SHARE, WITHIN].map(|of| setting.thresholds.look_up(&of));
        if litres >= highest.litres - TREMBLE_L {
            *highest = Highest { at_ms, litres: highest.litres.max(litres) };
            return false;
        }
        if at_ms - highest.at_ms > used[2].times_ms(60_000) {
            *highest = Highest { at_ms, litres };
            return false;
        }
        let share_l = setting.thresholds.look_up(&TANK).value * used[1].value / 100.0;
        let drop_l = super::tenth(highest.litres - litres);
        if drop_l < used[0].value.max(share_l) {
            return false;
        }
        let started_ms = highest.at_ms;
        let seen = json!({ "from_l": highest.litres, "to_l": litres, "drop_l": drop_l });
        say.moment(Tell::new(started_ms, at_ms, Some(self.place), seen).by(&used));
        true
    }
}

fn stands(point: &Point) -> bool {
    let by_speed = || point.speed_kmh.is_none_or(|speed_kmh| speed_kmh < STANDING_KMH);
    point.ignition.map_or_else(by_speed, |on| !on || point.speed_kmh.is_some() && by_speed())
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::*;
    use super::*;

    fn levels(levels: &[f32]) -> Vec<Input> {
        let read = |(minute, fuel_l): (i64, &f32)| {
            let point = point(minute * 10 * MINUTE, 0.0);
            Input::Point(Point { fuel_l: Some(*fuel_l), ignition: Some(false), ..point })
        };
        (0..).zip(levels).map(read).collect()
    }

    const STOLEN: [f32; 10] = [50.0, 50.2, 50.0, 49.8, 50.0, 50.0, 30.0, 30.0, 30.0, 30.0];

    #[test]
    fn twenty_litres_that_vanish_while_it_stands_are_told_from_when_they_were_there_last() {
        let scene = Scene::new().with("refuel_misfit.tank_l", 60.0);
        let episodes = scene.episodes(&RULE, &levels(&STOLEN));
        let (key, episode) = episodes.first_key_value().unwrap();
        assert_eq!((episodes.len(), key.started_ms), (1, 70 * MINUTE));
        assert_eq!(episode.evidence["seen"]["drop_l"], 20.0);
    }

    #[test]
    fn driving_and_a_gauge_that_jumps_and_a_heater_over_night_are_no_theft() {
        let driven: Vec<_> = levels(&STOLEN)
            .into_iter()
            .map(|input| match input {
                Input::Point(point) => {
                    let (speed_kmh, ignition) = (Some(50.0), Some(true));
                    Input::Point(Point { speed_kmh, ignition, ..point })
                }
                other => other,
            })
            .collect();
        assert_eq!(Scene::new().times(&RULE, &driven), []);
        let jumps = [50.0, 50.0, 50.0, 50.0, 50.0, 0.0, 0.0, 50.0, 50.0, 50.0];
        assert_eq!(Scene::new().times(&RULE, &levels(&jumps)), []);
        let slow: Vec<f32> = (0..200_u8).map(|i| 50.0 - f32::from(i) * 0.1).collect();
        assert_eq!(Scene::new().times(&RULE, &levels(&slow)), []);
    }

    #[test]
    fn a_late_fix_that_shows_it_on_the_road_takes_it_back() {
        let inputs = levels(&STOLEN);
        assert_eq!(Scene::new().times(&RULE, &inputs).len(), 1);
        let away = Point { speed_kmh: Some(60.0), ..point(55 * MINUTE, 9_000.0) };
        assert_eq!(Scene::new().times(&RULE, &with(&inputs, Input::Point(away))), []);
    }
}
