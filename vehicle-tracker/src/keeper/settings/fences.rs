//! The fences in force, and which of them concern a vehicle.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use gis_data::{FeatureId, OrgId, Tx};

use super::queries::{self, FenceRow};
use crate::error::Result;
use crate::fence::{Ask, Drawn, Fence, FenceId, FenceIndex, Whose};

/// How soon a changed outline of a place, or a vehicle that went to another organisation, counts. A
/// changed fence counts at the next look.
const REFRESH: Duration = Duration::from_mins(1);

/// Read whole, because a change of a fence makes a new index.
pub(super) struct Fences {
    pub(super) index: FenceIndex,
    /// The organisations that have vehicles.
    groups: Vec<Group>,
    /// Where the vehicles are in `groups`.
    group_of: HashMap<FeatureId, u32>,
    /// Car parks of vehicles that one lists, those of their organisations among them.
    listed: HashMap<FeatureId, Vec<FenceId>>,
    read: Option<(Instant, (i64, i64))>,
}

#[derive(Default)]
struct Group {
    /// The organisation and those above it.
    orgs: Vec<OrgId>,
    /// Its car parks.
    parking: Vec<FenceId>,
}

impl Fences {
    pub(super) fn none() -> Self {
        Self {
            index: FenceIndex::new([]),
            groups: Vec::new(),
            group_of: HashMap::new(),
            listed: HashMap::new(),
            read: None,
        }
    }

    /// Reads them where something has changed.
    pub(super) async fn load(&mut self, tx: &mut Tx) -> Result<()> {
        let state = queries::fence_state(tx).await?;
        if self.read.is_some_and(|(at, read)| read == state && at.elapsed() < REFRESH) {
            return Ok(());
        }
        let rows = queries::fences(tx).await?;
        let parking: Vec<FenceId> =
            rows.iter().filter(|row| row.is_parking).map(|row| FenceId(row.fence_id)).collect();
        let index = FenceIndex::new(rows.into_iter().filter_map(to_fence));
        if self.read.is_none() || index.edition() != self.index.edition() {
            tracing::info!(count = index.len(), "fences are read");
        }
        // Without a fence nobody asks whose a vehicle is.
        let (vehicles, above) = if index.is_empty() {
            (Vec::new(), BTreeMap::new())
        } else {
            (queries::orgs_of_vehicles(tx).await?, queries::orgs_above(tx).await?)
        };
        (self.groups, self.group_of) = grouped(vehicles, above);
        let of_group = |group: &Group, id: &FenceId| match index.get(*id).map(|f| &f.whose) {
            Some(Whose::All) => true,
            Some(Whose::Org(org)) => group.orgs.contains(org),
            _ => false,
        };
        for group in &mut self.groups {
            group.parking = parking.iter().filter(|id| of_group(group, id)).copied().collect();
        }
        self.index = index;
        self.listed = self.listed(&parking);
        self.read = Some((Instant::now(), state));
        Ok(())
    }

    /// The organisation of a vehicle and those above it; none where it is not known.
    pub(super) fn orgs(&self, vehicle: FeatureId) -> &[OrgId] {
        self.group(vehicle).map_or(&[], |group| &group.orgs)
    }

    /// Where it may stand overnight; none where it has no such place.
    pub(super) fn parking(&self, vehicle: FeatureId) -> &[FenceId] {
        let own = self.listed.get(&vehicle).map(Vec::as_slice);
        own.or_else(|| Some(&self.group(vehicle)?.parking)).unwrap_or_default()
    }

    fn group(&self, vehicle: FeatureId) -> Option<&Group> {
        self.groups.get(*self.group_of.get(&vehicle)? as usize)
    }

    fn listed(&self, parking: &[FenceId]) -> HashMap<FeatureId, Vec<FenceId>> {
        let mut listed: HashMap<FeatureId, Vec<FenceId>> = HashMap::new();
        for id in parking {
            if let Some(Whose::Listed(vehicles)) = self.index.get(*id).map(|f| &f.whose) {
                for vehicle in vehicles {
                    let of_org = || self.group(*vehicle).map_or(Vec::new(), |g| g.parking.clone());
                    listed.entry(*vehicle).or_insert_with(of_org).push(*id);
                }
            }
        }
        listed
    }
}

fn grouped(
    vehicles: Vec<(FeatureId, OrgId)>,
    mut above: BTreeMap<OrgId, Vec<OrgId>>,
) -> (Vec<Group>, HashMap<FeatureId, u32>) {
    let (mut groups, mut places) = (Vec::new(), HashMap::new());
    let mut group_of = HashMap::with_capacity(vehicles.len());
    for (vehicle, org) in vehicles {
        let place = places.entry(org).or_insert_with(|| {
            let orgs = above.remove(&org).unwrap_or_else(|| vec![org]);
            groups.push(Group { orgs, parking: Vec::new() });
            u32::try_from(groups.len() - 1).unwrap_or(u32::MAX)
        });
        group_of.insert(vehicle, *place);
    }
    (groups, group_of)
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
