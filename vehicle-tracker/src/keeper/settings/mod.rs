//! What rules know of vehicles besides their positions.

mod duties;
mod fences;
mod queries;

use std::collections::{BTreeMap, HashMap};

use gis_data::{FeatureId, Tx};

use crate::alarm::{Calendar, Setting, Thresholds};
use crate::error::Result;

use duties::Duties;
use fences::Fences;

/// How often a vehicle is expected to report while it drives, in milliseconds.
const INTERVAL_MS: i64 = 30_000;
/// Rules that judge by approved orders find every trip where no orders are kept: they are off until
/// somebody sets their level.
const OFF_UNTIL_SET: [&str; 2] = ["trip_without_order.level", "off_hours.level"];

/// For every vehicle.
pub(super) struct Settings {
    calendar: Calendar,
    fences: Fences,
    duties: Duties,
    of_vehicle: HashMap<FeatureId, Thresholds>,
    usual: Thresholds,
}

/// A number that was set for a vehicle: by its own name, or for its organisation or all.
pub(super) struct Set {
    pub(super) vehicle: Option<FeatureId>,
    /// Set for the vehicle itself, and not for its organisation.
    pub(super) is_own: bool,
    pub(super) name: String,
    pub(super) value: f64,
}

impl Settings {
    pub(super) fn new() -> Self {
        Self {
            calendar: Calendar::new([]),
            fences: Fences::none(),
            duties: Duties::none(),
            of_vehicle: HashMap::new(),
            usual: off_until_set(),
        }
    }

    /// Reads the numbers that were set, which days are worked, the fences and the orders. Answers the
    /// vehicles whose orders have changed, each with the first moment that is to be judged again.
    pub(super) async fn load(&mut self, tx: &mut Tx) -> Result<BTreeMap<FeatureId, i64>> {
        let (mut usual, mut of_vehicle) = (off_until_set(), HashMap::new());
        // Those for all come first, then those of organisations from the top down, then a vehicle's own.
        for Set { vehicle, is_own, name, value } in queries::thresholds(tx).await? {
            let thresholds = match vehicle {
                None => &mut usual,
                Some(vehicle) => of_vehicle.entry(vehicle).or_insert_with(|| usual.clone()),
            };
            let numbers =
                if is_own { &mut thresholds.vehicle } else { &mut thresholds.organisation };
            numbers.insert(name, value);
        }
        self.calendar = Calendar::new(queries::days(tx).await?);
        self.fences.load(tx).await?;
        (self.usual, self.of_vehicle) = (usual, of_vehicle);
        self.duties.load(tx).await
    }

    /// Up to where changed orders have been read.
    pub(super) fn duty_cursor(&self) -> Option<&str> {
        self.duties.cursor()
    }

    /// Makes sure that everything is known of a vehicle from a moment on.
    pub(super) async fn reach(&mut self, tx: &mut Tx, id: FeatureId, from_ms: i64) -> Result<()> {
        self.duties.reach(tx, id, from_ms).await
    }

    /// What is known of one.
    pub(super) fn of(&self, vehicle: FeatureId) -> Setting<'_> {
        Setting {
            vehicle,
            orgs: self.fences.orgs(vehicle),
            thresholds: self.of_vehicle.get(&vehicle).unwrap_or(&self.usual),
            fences: &self.fences.index,
            duties: self.duties.of(vehicle),
            calendar: &self.calendar,
            parking: self.fences.parking(vehicle),
            sealed: &[],
            tank_l: None,
            interval_ms: INTERVAL_MS,
        }
    }
}

fn off_until_set() -> Thresholds {
    let organisation: BTreeMap<String, f64> =
        OFF_UNTIL_SET.into_iter().map(|name| (name.to_owned(), 0.0)).collect();
    Thresholds { organisation, ..Thresholds::default() }
}
