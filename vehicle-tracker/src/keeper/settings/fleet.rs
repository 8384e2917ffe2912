//! Which vehicles are whose.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use gis_data::{FeatureId, OrgId, Tx};

use super::queries;
use crate::error::Result;

/// How soon a vehicle that went to another organisation counts.
pub(super) const REFRESH: Duration = Duration::from_mins(1);

/// The organisations that have vehicles, and the vehicles of each.
#[derive(Default)]
pub(super) struct Fleet {
    /// Each organisation with those above it.
    groups: Vec<Vec<OrgId>>,
    /// Where the vehicles are in `groups`.
    group_of: HashMap<FeatureId, u32>,
    read: Option<Instant>,
}

impl Fleet {
    /// Reads it where it is old; answers whether it did.
    pub(super) async fn load(&mut self, tx: &mut Tx) -> Result<bool> {
        if self.read.is_some_and(|at| at.elapsed() < REFRESH) {
            return Ok(false);
        }
        let vehicles = queries::orgs_of_vehicles(tx).await?;
        let mut above = queries::orgs_above(tx).await?;
        let (mut groups, mut places) = (Vec::new(), BTreeMap::new());
        let mut group_of = HashMap::with_capacity(vehicles.len());
        for (vehicle, org) in vehicles {
            let place = places.entry(org).or_insert_with(|| {
                groups.push(above.remove(&org).unwrap_or_else(|| vec![org]));
                u32::try_from(groups.len() - 1).unwrap_or(u32::MAX)
            });
            group_of.insert(vehicle, *place);
        }
        *self = Self { groups, group_of, read: Some(Instant::now()) };
        Ok(true)
    }

    /// The organisation of a vehicle and those above it; none where it is not known.
    pub(super) fn orgs(&self, vehicle: FeatureId) -> &[OrgId] {
        self.group(vehicle).and_then(|group| self.groups.get(group)).map_or(&[], Vec::as_slice)
    }

    /// What belongs to a vehicle of what [`by_group`](Self::by_group) made.
    pub(super) fn of_group<'a, T>(&self, made: &'a [Vec<T>], vehicle: FeatureId) -> &'a [T] {
        self.group(vehicle).and_then(|group| made.get(group)).map_or(&[], Vec::as_slice)
    }

    /// What belongs to each group, of what belongs to organisations with all that are below them.
    pub(super) fn by_group<T: Copy>(&self, of_orgs: &[(OrgId, T)]) -> Vec<Vec<T>> {
        let of_group = |orgs: &Vec<OrgId>| {
            of_orgs.iter().filter(|(org, _)| orgs.contains(org)).map(|(_, thing)| *thing).collect()
        };
        self.groups.iter().map(of_group).collect()
    }

    /// What belongs to vehicles by name, each with what belongs to it by its organisation.
    pub(super) fn listed<T: Copy>(
        &self,
        by_group: &[Vec<T>],
        things: impl IntoIterator<Item = (FeatureId, T)>,
    ) -> HashMap<FeatureId, Vec<T>> {
        let mut listed = HashMap::new();
        for (vehicle, thing) in things {
            let of_org = || self.of_group(by_group, vehicle).to_vec();
            listed.entry(vehicle).or_insert_with(of_org).push(thing);
        }
        listed
    }

    fn group(&self, vehicle: FeatureId) -> Option<usize> {
        self.group_of.get(&vehicle).map(|group| *group as usize)
    }
}
