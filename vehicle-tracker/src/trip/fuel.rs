//! What a tank lost and what was filled into it, from readings that sway.

use serde::{Deserialize, Serialize};

use super::finding::Refuel;
use super::ground::Spot;

/// A median over so many readings lets two wild ones in a row pass unseen.
const WINDOW: usize = 5;

/// A rise is over when so many medians in a row were no higher.
const SETTLED: u8 = 5;

/// The level behind the readings. All in millilitres.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gauge {
    /// The last readings, oldest first.
    window: Vec<i32>,
    /// The lowest median since the tank was filled; `None` before the first reading.
    low_ml: Option<i32>,
    /// The last reading before a rise.
    before_ms: i64,
    rise: Option<Rise>,
    used_ml: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Rise {
    peak_ml: i32,
    peak_ms: i64,
    spot: Spot,
    /// Medians since the peak.
    calm: u8,
}

impl Gauge {
    /// All that the tank lost since the first reading.
    ///
    /// It only grows: it counts how far the lowest median falls, so what sways up and down in a half
    /// empty tank is counted once and not each time.
    pub(super) fn used_ml(&self) -> Option<i64> {
        self.low_ml.map(|_| self.used_ml)
    }

    pub(super) fn read(
        &mut self,
        at_ms: i64,
        spot: Spot,
        litres: f32,
        refuel_l: f64,
    ) -> Option<Refuel> {
        let level_ml = self.median_with(millilitres(litres));
        let Some(low_ml) = self.low_ml else {
            (self.low_ml, self.before_ms) = (Some(level_ml), at_ms);
            return None;
        };
        let Some(rise) = self.rise else {
            if f64::from(level_ml - low_ml) >= refuel_l * 1_000.0 {
                self.rise = Some(Rise { peak_ml: level_ml, peak_ms: at_ms, spot, calm: 0 });
                return None;
            }
            self.before_ms = at_ms;
            if level_ml < low_ml {
                self.fall_to(level_ml, low_ml);
            }
            return None;
        };
        if level_ml > rise.peak_ml {
            self.rise = Some(Rise { peak_ml: level_ml, peak_ms: at_ms, spot, calm: 0 });
            return None;
        }
        if rise.calm + 1 < SETTLED {
            self.rise = Some(Rise { calm: rise.calm + 1, ..rise });
            return None;
        }
        let refuel = Refuel {
            start_ms: self.before_ms,
            end_ms: rise.peak_ms,
            place: rise.spot.place(),
            litres: f64::from(rise.peak_ml - low_ml) / 1_000.0,
        };
        self.rise = None;
        self.before_ms = at_ms;
        self.fall_to(level_ml, rise.peak_ml);
        Some(refuel)
    }

    fn fall_to(&mut self, level_ml: i32, from_ml: i32) {
        self.used_ml += i64::from(from_ml - level_ml);
        self.low_ml = Some(level_ml);
    }

    /// The median of the last readings; of an even number the lower one of the two in the middle.
    fn median_with(&mut self, ml: i32) -> i32 {
        if self.window.len() == WINDOW {
            self.window.remove(0);
        }
        self.window.push(ml);
        let mut sorted = [i32::MAX; WINDOW];
        sorted[..self.window.len()].copy_from_slice(&self.window);
        sorted.sort_unstable();
        sorted[(self.window.len() - 1) / 2]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to a tank of a thousand cubic metres")]
fn millilitres(litres: f32) -> i32 {
    (f64::from(litres) * 1_000.0).clamp(0.0, 1e9).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use gis_data::LonLat;

    fn fed(levels: &[f32]) -> (Gauge, Vec<Refuel>) {
        let spot = Spot::of(LonLat::new_checked(116.0, 40.0).unwrap());
        let mut gauge = Gauge::default();
        let refuels = levels
            .iter()
            .enumerate()
            .filter_map(|(i, &litres)| gauge.read(i64::try_from(i).unwrap(), spot, litres, 5.0))
            .collect();
        (gauge, refuels)
    }

    #[test]
    fn wild_readings_are_neither_use_nor_refuelling() {
        let (gauge, refuels) =
            fed(&[50.0, 50.0, 50.0, 0.0, 90.0, 50.0, 50.0, 0.0, 0.0, 50.0, 50.0]);
        assert_eq!((gauge.used_ml(), refuels), (Some(0), vec![]));
    }

    #[test]
    fn what_sways_is_used_once() {
        let swaying: Vec<f32> =
            (0..100).map(|i| [50.0, 50.5, 51.0, 51.5, 51.0, 50.5][i % 6]).collect();
        let (gauge, refuels) = fed(&swaying);
        assert_eq!((gauge.used_ml(), refuels.len()), (Some(0), 0));
    }

    #[test]
    fn a_filled_tank_is_a_refuelling_and_no_negative_use() {
        let mut levels = vec![30.0, 29.0, 28.0, 27.0, 26.0, 25.0, 25.0, 25.0];
        levels.extend([35.0, 45.0, 55.0, 65.0, 65.0, 65.0, 65.0, 65.0, 65.0, 65.0, 65.0]);
        levels.extend([64.0, 63.0, 62.0, 61.0, 60.0, 60.0, 60.0]);
        let (gauge, refuels) = fed(&levels);
        assert_eq!(refuels.len(), 1);
        assert!((refuels[0].litres - 40.0).abs() < 1e-9, "{refuels:?}");
        assert_eq!(gauge.used_ml(), Some(5_000 + 5_000));
    }
}
