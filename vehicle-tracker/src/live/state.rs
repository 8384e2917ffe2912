//! The state itself: changed by one follower, read by everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use gis_data::{Bbox, FeatureId, Viewer};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};
use serde::Serialize;
use tokio::sync::watch;

use super::{LivePosition, LiveVehicle, Status, VehicleInfo};

type Place = GeomWithData<[f64; 2], FeatureId>;

/// How many vehicles there are of each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Never heard of.
    pub unknown: usize,
    /// On the move.
    pub moving: usize,
    /// Standing.
    pub idle: usize,
    /// Silent.
    pub offline: usize,
    /// All of them.
    pub total: usize,
}

impl Counts {
    /// One more.
    pub fn add(&mut self, status: Status) {
        self.total += 1;
        match status {
            Status::Unknown => self.unknown += 1,
            Status::Moving => self.moving += 1,
            Status::Idle => self.idle += 1,
            Status::Offline => self.offline += 1,
        }
    }
}

/// Every vehicle and where it is.
///
/// A vehicle's fix time never goes back. The R-tree holds exactly the vehicles that have a position.
#[derive(Debug)]
pub struct Live {
    state: RwLock<State>,
    version: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    vehicles: BTreeMap<FeatureId, LiveVehicle>,
    /// Positions of vehicles that the register has not told of yet.
    early: BTreeMap<FeatureId, LivePosition>,
    tree: RTree<Place>,
    version: u64,
}

impl Default for Live {
    fn default() -> Self {
        Self { state: RwLock::default(), version: watch::Sender::new(0) }
    }
}

impl Live {
    /// One vehicle.
    pub fn get(&self, id: FeatureId) -> Option<LiveVehicle> {
        self.read().vehicles.get(&id).cloned()
    }

    /// Every vehicle the viewer may see, in the order of ids, as far as `keep` says.
    pub fn select(
        &self,
        viewer: &Viewer,
        mut keep: impl FnMut(&LiveVehicle) -> bool,
    ) -> Vec<LiveVehicle> {
        let state = self.read();
        let visible = state.vehicles.values().filter(|v| viewer.sees(v.info.scope));
        visible.filter(|v| keep(v)).cloned().collect()
    }

    /// The vehicles in a box that the viewer may see.
    pub fn in_bbox(&self, viewer: &Viewer, bbox: &Bbox) -> Vec<LiveVehicle> {
        let mut found = Vec::new();
        self.visit_bbox(viewer, bbox, |v| found.push(v.clone()));
        found
    }

    /// Like `in_bbox` without copies; the state is locked for reading meanwhile.
    pub(crate) fn visit_bbox(
        &self,
        viewer: &Viewer,
        bbox: &Bbox,
        mut visit: impl FnMut(&LiveVehicle),
    ) {
        let state = self.read();
        let corners = AABB::from_corners([bbox.west, bbox.south], [bbox.east, bbox.north]);
        for place in state.tree.locate_in_envelope(&corners) {
            if let Some(vehicle) = state.vehicles.get(&place.data)
                && viewer.sees(vehicle.info.scope)
            {
                visit(vehicle);
            }
        }
    }

    /// How many the viewer may see, by status.
    pub fn counts(&self, viewer: &Viewer) -> Counts {
        let mut counts = Counts::default();
        for vehicle in self.read().vehicles.values().filter(|v| viewer.sees(v.info.scope)) {
            counts.add(vehicle.status);
        }
        counts
    }

    /// Grows whenever anything changes; wait on it to hear of changes.
    pub fn version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Takes over newer positions; older ones are ignored.
    pub(crate) fn apply_positions(
        &self,
        positions: impl IntoIterator<Item = (FeatureId, LivePosition)>,
        now_ms: i64,
    ) {
        self.change(|state| {
            for (id, position) in positions {
                state.apply_position(id, position, now_ms);
            }
        });
    }

    /// Makes the vehicles those of the register.
    pub(crate) fn apply_register(&self, register: Vec<VehicleInfo>, now_ms: i64) {
        self.change(|state| {
            let known: BTreeSet<FeatureId> = register.iter().map(|i| i.feature_id).collect();
            let gone: Vec<FeatureId> =
                state.vehicles.keys().copied().filter(|id| !known.contains(id)).collect();
            for id in gone {
                state.remove(id);
            }
            for info in register {
                state.apply_info(info, now_ms);
            }
        });
    }

    /// Lets time pass: a silent vehicle goes idle, then offline.
    pub(crate) fn apply_clock(&self, now_ms: i64) {
        self.change(|state| {
            for vehicle in state.vehicles.values_mut() {
                let status = Status::at(vehicle.position.as_ref(), now_ms);
                if status != vehicle.status {
                    state.version += 1;
                    vehicle.status = status;
                    vehicle.revision = state.version;
                }
            }
        });
    }

    fn change(&self, apply: impl FnOnce(&mut State)) {
        let version = {
            let mut state = self.write();
            apply(&mut state);
            state.version
        };
        self.version.send_if_modified(|told| std::mem::replace(told, version) != version);
    }

    // A reader or writer that panicked has left nothing half done that the next fix would not mend.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn apply_position(&mut self, id: FeatureId, position: LivePosition, now_ms: i64) {
        let Some(vehicle) = self.vehicles.get_mut(&id) else {
            let early = self.early.entry(id).or_insert(position);
            if early.fix_ms < position.fix_ms {
                *early = position;
            }
            return;
        };
        if vehicle.position.is_some_and(|p| p.fix_ms >= position.fix_ms) {
            return;
        }
        if let Some(old) = vehicle.position.replace(position) {
            self.tree.remove(&leaf(id, &old));
        }
        self.tree.insert(leaf(id, &position));
        self.version += 1;
        vehicle.status = Status::at(Some(&position), now_ms);
        vehicle.revision = self.version;
    }

    fn apply_info(&mut self, info: VehicleInfo, now_ms: i64) {
        let id = info.feature_id;
        match self.vehicles.get_mut(&id) {
            Some(vehicle) if *vehicle.info == info => {}
            Some(vehicle) => {
                self.version += 1;
                vehicle.info = Arc::new(info);
                vehicle.revision = self.version;
            }
            None => {
                self.version += 1;
                let vehicle = LiveVehicle {
                    info: Arc::new(info),
                    position: None,
                    status: Status::Unknown,
                    revision: self.version,
                };
                self.vehicles.insert(id, vehicle);
                if let Some(position) = self.early.remove(&id) {
                    self.apply_position(id, position, now_ms);
                }
            }
        }
    }

    fn remove(&mut self, id: FeatureId) {
        if let Some(vehicle) = self.vehicles.remove(&id) {
            self.version += 1;
            if let Some(position) = vehicle.position {
                self.tree.remove(&leaf(id, &position));
            }
        }
    }
}

fn leaf(id: FeatureId, position: &LivePosition) -> Place {
    GeomWithData::new([position.place.lon(), position.place.lat()], id)
}

#[cfg(test)]
mod tests {
    use gis_data::{LonLat, ScopeId};

    use super::*;

    fn info(id: i64, scope: i32) -> VehicleInfo {
        VehicleInfo {
            feature_id: FeatureId(id),
            scope: ScopeId(scope),
            plate: format!("示A{id:05}"),
            name: String::new(),
            vehicle_type: String::new(),
            org: None,
            terminal_id: None,
        }
    }

    fn at(lon: f64, fix_ms: i64) -> LivePosition {
        let place = LonLat::new_checked(lon, 30.0).unwrap();
        LivePosition {
            place,
            speed_kmh: Some(40.0),
            heading_deg: None,
            fix_ms,
            received_ms: fix_ms,
        }
    }

    fn bbox(west: f64, east: f64) -> Bbox {
        Bbox::new_checked([west, 29.0, east, 31.0]).unwrap()
    }

    fn ids(live: &Live, viewer: &Viewer, bbox: &Bbox) -> Vec<i64> {
        live.in_bbox(viewer, bbox).iter().map(|v| v.info.feature_id.0).collect()
    }

    #[test]
    fn an_older_fix_never_moves_a_vehicle_back() {
        let live = Live::default();
        live.apply_register(vec![info(1, 1)], 0);
        live.apply_positions([(FeatureId(1), at(100.0, 2_000))], 2_000);
        live.apply_positions([(FeatureId(1), at(120.0, 1_000))], 2_000);
        let everyone = Viewer::program();
        assert_eq!(ids(&live, &everyone, &bbox(99.0, 101.0)), [1]);
        assert!(ids(&live, &everyone, &bbox(119.0, 121.0)).is_empty());
        live.apply_positions([(FeatureId(1), at(120.0, 3_000))], 3_000);
        assert!(ids(&live, &everyone, &bbox(99.0, 101.0)).is_empty());
        assert_eq!(ids(&live, &everyone, &bbox(119.0, 121.0)), [1]);
    }

    #[test]
    fn a_viewer_sees_the_vehicles_of_the_own_scopes_only() {
        let live = Live::default();
        live.apply_register(vec![info(1, 1), info(2, 2)], 0);
        live.apply_positions([(FeatureId(1), at(100.0, 1)), (FeatureId(2), at(100.0, 1))], 1);
        let county = Viewer::of_scopes("county", [ScopeId(2)]);
        assert_eq!(ids(&live, &county, &bbox(99.0, 101.0)), [2]);
        assert_eq!(live.counts(&county).total, 1);
        assert_eq!(live.select(&county, |_| true).len(), 1);
    }

    #[test]
    fn a_position_that_comes_before_its_vehicle_is_not_lost() {
        let live = Live::default();
        live.apply_positions([(FeatureId(7), at(100.0, 5))], 5);
        live.apply_positions([(FeatureId(7), at(110.0, 4))], 5);
        live.apply_register(vec![info(7, 1)], 5);
        assert_eq!(ids(&live, &Viewer::program(), &bbox(99.0, 101.0)), [7]);
    }

    #[test]
    fn a_vehicle_that_leaves_the_register_leaves_the_map() {
        let live = Live::default();
        live.apply_register(vec![info(1, 1)], 0);
        live.apply_positions([(FeatureId(1), at(100.0, 1))], 1);
        live.apply_register(Vec::new(), 1);
        assert!(ids(&live, &Viewer::program(), &bbox(99.0, 101.0)).is_empty());
        assert_eq!(live.counts(&Viewer::program()), Counts::default());
    }

    #[test]
    fn silence_is_a_change_that_listeners_hear_of() {
        let live = Live::default();
        live.apply_register(vec![info(1, 1)], 0);
        live.apply_positions([(FeatureId(1), at(100.0, 1_000))], 1_000);
        let mut version = live.version();
        version.mark_unchanged();
        live.apply_clock(60_000);
        assert!(!version.has_changed().unwrap());
        live.apply_clock(302_000);
        assert!(version.has_changed().unwrap());
        assert_eq!(live.counts(&Viewer::program()).offline, 1);
    }
}
