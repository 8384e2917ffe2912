//! The level of a tank, calmed: fuel sloshes, and a single reading says little.

use serde::{Deserialize, Serialize};

use super::super::threshold::Threshold;
use crate::point::Point;

/// What the tank takes 油箱容积; 0 where nobody said, and then nothing is judged by it.
pub(super) const TANK: Threshold = Threshold { name: "refuel_misfit.tank_l", default: 0.0 };

/// The median of so many readings: two that are wrong in a row do not move it.
const WINDOW: usize = 5;

/// The last readings, in tenths of a litre.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct FuelLevel(Vec<i64>);

impl FuelLevel {
    /// Takes a reading; the median in litres once there are enough of them.
    #[expect(clippy::cast_possible_truncation, reason = "no tank holds more")]
    pub(super) fn take(&mut self, point: &Point) -> Option<f64> {
        let fuel_l = point.fuel_l.filter(|fuel_l| fuel_l.is_finite() && *fuel_l >= 0.0)?;
        if self.0.len() == WINDOW {
            self.0.remove(0);
        }
        self.0.push((f64::from(fuel_l) * 10.0).round() as i64);
        self.median()
    }

    /// The median in litres, where there are enough readings.
    pub(super) fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let middle = sorted.get(WINDOW / 2).filter(|_| sorted.len() == WINDOW);
        middle.map(|tenths| super::as_f64(*tenths) / 10.0)
    }

    /// Forgets what was read: what comes now is another level.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::scene::point;
    use super::*;

    #[test]
    fn two_wrong_readings_in_a_row_do_not_move_the_level() {
        let mut level = FuelLevel::default();
        let mut read = |fuel_l| level.take(&Point { fuel_l: Some(fuel_l), ..point(0, 0.0) });
        assert_eq!([40.0, 40.2, 39.9, 0.0].map(&mut read), [None; 4]);
        assert_eq!(read(0.0), Some(39.9));
        assert_eq!([f32::NAN, -1.0].map(&mut read), [None; 2]);
        assert_eq!(read(40.0), Some(39.9));
    }
}
