//! What rules know of vehicles besides their positions.

mod duties;
mod fences;
mod fleet;
mod queries;
mod seals;

use std::collections::{BTreeMap, HashMap};

use gis_data::{FeatureId, Tx};

use crate::alarm::{Calendar, Setting, Thresholds};
use crate::error::Result;

use duties::Duties;
use fences::Fences;
use fleet::Fleet;
use seals::{Seals, Seen};

/// How often a vehicle is expected to report while it drives, in milliseconds.
const INTERVAL_MS: i64 = 30_000;
/// Rules that judge by approved orders find every trip where no orders are kept: they are off until
/// somebody sets their level.
const OFF_UNTIL_SET: [&str; 2] = ["trip_without_order.level", "off_hours.level"];

/// For every vehicle.
pub(super) struct Settings {
    calendar: Calendar,
    fleet: Fleet,
    fences: Fences,
    duties: Duties,
    seals: Seals,
    seals_seen: Seen,
    /// Up to where changed orders and seals have been read.
    cursor: Option<String>,
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
            fleet: Fleet::default(),
            fences: Fences::none(),
            duties: Duties::none(),
            seals: Seals::default(),
            seals_seen: Seen::default(),
            cursor: None,
            of_vehicle: HashMap::new(),
            usual: off_until_set(),
        }
    }

    /// Reads the numbers that were set, which days are worked, the fences, the orders and the seals. Answers the
    /// vehicles whose orders or seals have changed, each with the first moment that is to be judged again.
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
        let (fences, seals) = (queries::fence_state(tx).await?, queries::seals(tx).await?);
        // Where nothing belongs to an organisation, nobody asks whose a vehicle is.
        let is_asked = fences.0 > 0 || !seals.is_empty();
        let is_fleet_new = is_asked && self.fleet.load(tx).await?;
        self.fences.load(tx, fences, &self.fleet, is_fleet_new).await?;
        self.seals.take(seals, &self.fleet, is_fleet_new);
        (self.usual, self.of_vehicle) = (usual, of_vehicle);
        let next = queries::judging_cursor(tx).await?;
        let cursor = match self.cursor.take() {
            Some(cursor) => Some(cursor),
            None => queries::judged_until(tx).await?,
        };
        let mut changed = self.duties.load(tx, cursor.as_deref()).await?;
        if let Some(cursor) = &cursor {
            for (vehicle, ms) in self.seals_seen.changed(tx, cursor).await? {
                let first_ms = changed.entry(vehicle).or_insert(ms);
                *first_ms = ms.min(*first_ms);
            }
        }
        self.cursor = Some(next);
        Ok(changed)
    }

    /// Up to where changed orders and seals have been read; `None` before the first time.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Makes sure that everything is known of a vehicle from a moment on.
    pub(super) async fn reach(&mut self, tx: &mut Tx, id: FeatureId, from_ms: i64) -> Result<()> {
        self.duties.reach(tx, id, from_ms).await
    }

    /// What is known of one.
    pub(super) fn of(&self, vehicle: FeatureId) -> Setting<'_> {
        Setting {
            vehicle,
            orgs: self.fleet.orgs(vehicle),
            thresholds: self.of_vehicle.get(&vehicle).unwrap_or(&self.usual),
            fences: &self.fences.index,
            duties: self.duties.of(vehicle),
            calendar: &self.calendar,
            parking: self.fences.parking(vehicle, &self.fleet),
            seals: self.seals.of(vehicle, &self.fleet),
            interval_ms: INTERVAL_MS,
        }
    }
}

fn off_until_set() -> Thresholds {
    let organisation: BTreeMap<String, f64> =
        OFF_UNTIL_SET.into_iter().map(|name| (name.to_owned(), 0.0)).collect();
    Thresholds { organisation, ..Thresholds::default() }
}
