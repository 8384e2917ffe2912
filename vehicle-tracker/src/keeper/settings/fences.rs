//! The fences in force, and which of them concern a vehicle.

use std::collections::HashMap;

use gis_data::{FeatureId, OrgId, Tx};

use super::fleet::Fleet;
use super::queries::{self, FenceRow};
use crate::error::Result;
use crate::fence::{Ask, Drawn, Fence, FenceId, FenceIndex, Whose};

/// Read whole, because a change of a fence makes a new index. A changed outline of a place counts when the fleet is read
/// again, a changed fence at the next look.
pub(super) struct Fences {
    pub(super) index: FenceIndex,
    /// Car parks of each group of the fleet.
    parking: Vec<Vec<FenceId>>,
    /// Car parks of vehicles that one lists, those of their organisations among them.
    listed: HashMap<FeatureId, Vec<FenceId>>,
    read: Option<(i64, i64)>,
}

impl Fences {
    pub(super) fn none() -> Self {
        Self { index: FenceIndex::new([]), parking: Vec::new(), listed: HashMap::new(), read: None }
    }

    /// Reads them where something has changed.
    pub(super) async fn load(
        &mut self,
        tx: &mut Tx,
        state: (i64, i64),
        fleet: &Fleet,
        is_fleet_new: bool,
    ) -> Result<()> {
        if self.read == Some(state) && !is_fleet_new {
            return Ok(());
        }
        let rows = queries::fences(tx).await?;
        let car_parks: Vec<FenceId> =
            rows.iter().filter(|row| row.is_parking).map(|row| FenceId(row.fence_id)).collect();
        let index = FenceIndex::new(rows.into_iter().filter_map(to_fence));
        if self.read.is_none() || index.edition() != self.index.edition() {
            tracing::info!(count = index.len(), "fences are read");
        }
        let (mut whole, mut named) = (Vec::new(), Vec::new());
        for id in car_parks {
            match index.get(id).map(|fence| &fence.whose) {
                Some(Whose::Org(org)) => whole.push((*org, id)),
                Some(Whose::Listed(vehicles)) => named.extend(vehicles.iter().map(|v| (*v, id))),
                // On file each is somebody's.
                Some(Whose::All) | None => {}
            }
        }
        self.parking = fleet.by_group(&whole);
        self.listed = fleet.listed(&self.parking, named);
        self.index = index;
        self.read = Some(state);
        Ok(())
    }

    /// Where a vehicle may stand overnight; none where it has no such place.
    pub(super) fn parking(&self, vehicle: FeatureId, fleet: &Fleet) -> &[FenceId] {
        let named = self.listed.get(&vehicle).map(Vec::as_slice);
        named.unwrap_or_else(|| fleet.of_group(&self.parking, vehicle))
    }
}

/// `None` for one that is no area any more: the outline of its place is gone.
fn to_fence(row: FenceRow) -> Option<Fence> {
    let geometry = serde_json::from_value(row.geometry?);
    let shape = geometry.map_err(|error| error.to_string()).and_then(|geometry| {
        Drawn { geometry, metres: row.metres }.to_shape().map_err(|fault| fault.to_string())
    });
    let shape = match shape {
        Ok(shape) => shape,
        Err(fault) => {
            tracing::warn!(fence = row.fence_id, fault, "a fence is passed over");
            return None;
        }
    };
    let whose = if row.vehicles.is_empty() {
        Whose::Org(OrgId(row.org_id))
    } else {
        Whose::Listed(row.vehicles.into_iter().map(FeatureId).collect())
    };
    Some(Fence {
        asks: row.asks.iter().filter_map(|name| Ask::named(name)).collect(),
        dwell_limit_ms: row.dwell_limit_s.map(|s| i64::from(s) * 1_000),
        limit_kmh: row.limit_kmh,
        whose,
        ..Fence::new(FenceId(row.fence_id), shape)
    })
}
