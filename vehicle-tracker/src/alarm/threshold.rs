//! The numbers a rule goes by, and who set them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A number of a rule that can be set for an organisation or a vehicle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Its stable name: the code of the rule, a dot, what it limits, the unit.
    pub name: &'static str,
    /// What counts where nobody set anything.
    pub default: f64,
}

/// Who set a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It was set for the vehicle.
    Vehicle,
    /// It was set for the organisation of the vehicle.
    Organisation,
    /// Nobody set it.
    Default,
    /// It belongs to a fence.
    Fence,
    /// It belongs to an approved order.
    Order,
}

/// A number as it was used, for the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Used {
    /// Of which threshold.
    pub name: &'static str,
    /// In the unit at the end of the name.
    pub value: f64,
    /// Who set it.
    pub from: Origin,
}

/// What was set for one vehicle, by the names of thresholds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// For the vehicle itself.
    pub vehicle: BTreeMap<String, f64>,
    /// For its organisation; of several the nearest, which the caller knows.
    pub organisation: BTreeMap<String, f64>,
}

impl Thresholds {
    /// The vehicle's number, else the organisation's, else the default. What is no number is passed
    /// over.
    pub fn look_up(&self, threshold: &Threshold) -> Used {
        let Threshold { name, default } = *threshold;
        let (value, from) = self.set(name).unwrap_or((default, Origin::Default));
        Used { name, value, from }
    }

    /// What somebody has set under a name.
    pub(super) fn set(&self, name: &str) -> Option<(f64, Origin)> {
        let of = |set: &BTreeMap<String, f64>, from| {
            set.get(name).filter(|value| value.is_finite()).map(|value| (*value, from))
        };
        of(&self.vehicle, Origin::Vehicle).or_else(|| of(&self.organisation, Origin::Organisation))
    }
}

impl Used {
    /// Seconds or minutes as milliseconds.
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
    pub(super) fn times_ms(&self, ms: i32) -> i64 {
        (self.value * f64::from(ms)) as i64
    }

    /// The same number under the name of another, from an order or a fence.
    pub(super) fn from(name: &'static str, value: f64, from: Origin) -> Self {
        Self { name, value, from }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vehicle_goes_before_the_organisation_and_that_before_the_default() {
        let limit = Threshold { name: "speeding.limit_kmh", default: 120.0 };
        let mut set = Thresholds::default();
        assert_eq!(set.look_up(&limit).from, Origin::Default);
        set.organisation.insert(limit.name.to_owned(), 100.0);
        let used = set.look_up(&limit);
        assert_eq!((used.value, used.from), (100.0, Origin::Organisation));
        set.vehicle.insert(limit.name.to_owned(), f64::NAN);
        assert_eq!(set.look_up(&limit).from, Origin::Organisation);
        set.vehicle.insert(limit.name.to_owned(), 80.0);
        assert_eq!(set.look_up(&limit).from, Origin::Vehicle);
    }
}
