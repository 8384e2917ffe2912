//! The times in which vehicles must stand.

use std::collections::{BTreeMap, HashMap};

use gis_data::{FeatureId, OrgId, Tx};

use super::fleet::Fleet;
use super::queries::{self, SealRow};
use crate::alarm::{Period, Seal};
use crate::error::Result;

/// Read whole: a bureau seals its vehicles some ten times a year.
#[derive(Default)]
pub(super) struct Seals {
    of_group: Vec<Vec<Seal>>,
    /// Of vehicles that a seal names, those of their organisations among them.
    listed: HashMap<FeatureId, Vec<Seal>>,
    rows: Vec<SealRow>,
}

impl Seals {
    /// Those on file, where one has changed or the fleet has.
    pub(super) fn take(&mut self, rows: Vec<SealRow>, fleet: &Fleet, is_fleet_new: bool) {
        if rows == self.rows && !is_fleet_new {
            return;
        }
        let whole: Vec<(OrgId, Seal)> = rows
            .iter()
            .filter(|row| row.vehicles.is_empty())
            .map(|row| (OrgId(row.org_id), to_seal(row)))
            .collect();
        let named = rows
            .iter()
            .flat_map(|row| row.vehicles.iter().map(|vehicle| (FeatureId(*vehicle), to_seal(row))));
        self.of_group = fleet.by_group(&whole);
        self.listed = fleet.listed(&self.of_group, named);
        self.rows = rows;
    }

    /// Those of a vehicle.
    pub(super) fn of(&self, vehicle: FeatureId, fleet: &Fleet) -> &[Seal] {
        let named = self.listed.get(&vehicle).map(Vec::as_slice);
        named.unwrap_or_else(|| fleet.of_group(&self.of_group, vehicle))
    }
}

fn to_seal(row: &SealRow) -> Seal {
    let period = Period { from_ms: row.from_ms, to_ms: row.to_ms };
    Seal { period, spares_orders: row.spares_orders }
}

/// Which changed seals were seen already: a transaction is seen again and again while an older one is open.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<i64, String>);

impl Seen {
    /// The vehicles whose seals were changed by transactions from a cursor on, each with the first moment that is to be
    /// judged again. Epoch milliseconds.
    pub(super) async fn changed(
        &mut self,
        tx: &mut Tx,
        cursor: &str,
    ) -> Result<BTreeMap<FeatureId, i64>> {
        let mut changed = BTreeMap::new();
        let mut seen = BTreeMap::new();
        for row in queries::changed_seals(tx, cursor).await? {
            if self.0.get(&row.seal_id) != Some(&row.xid) {
                for vehicle in &row.vehicles {
                    let first_ms = changed.entry(FeatureId(*vehicle)).or_insert(row.from_ms);
                    *first_ms = row.from_ms.min(*first_ms);
                }
            }
            seen.insert(row.seal_id, row.xid);
        }
        self.0 = seen;
        Ok(changed)
    }
}
