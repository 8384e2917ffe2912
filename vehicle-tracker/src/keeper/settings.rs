//! What rules know of vehicles besides their positions.

use std::collections::{BTreeMap, HashMap};

use gis_data::{FeatureId, Tx};

use super::queries;
use crate::alarm::{Calendar, Concerned, Setting, Thresholds};
use crate::error::Result;
use crate::fence::FenceIndex;

/// How often a vehicle is expected to report while it drives, in milliseconds.
const INTERVAL_MS: i64 = 30_000;
/// Rules that judge by approved orders find every trip where no orders are kept: they are off until
/// somebody sets their level.
const OFF_UNTIL_SET: [&str; 3] =
    ["trip_without_order.level", "off_hours.level", "overnight_parking.level"];

/// For every vehicle.
pub(super) struct Settings {
    calendar: Calendar,
    fences: FenceIndex,
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
        let (calendar, fences) = (Calendar::new([]), FenceIndex::new([]));
        let usual = off_until_set();
        Self { calendar, fences, of_vehicle: HashMap::new(), usual }
    }

    /// Reads the numbers that were set, and which days are worked.
    pub(super) async fn load(&mut self, tx: &mut Tx) -> Result<()> {
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
        (self.usual, self.of_vehicle) = (usual, of_vehicle);
        Ok(())
    }

    /// What is known of one.
    pub(super) fn of(&self, vehicle: FeatureId) -> Setting<'_> {
        Setting {
            thresholds: self.of_vehicle.get(&vehicle).unwrap_or(&self.usual),
            fences: &self.fences,
            concerned: Concerned::Every,
            duties: &[],
            calendar: &self.calendar,
            parking: &[],
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
