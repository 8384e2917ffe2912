//! The state itself: changed by one follower, read by everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use gis_data::{Bbox, FeatureId, Viewer};
use serde::Serialize;
use tokio::sync::watch;

use super::changes::{Change, Changes};
use super::news::News;
use super::{Handle, LivePosition, LiveVehicle, Standing, Status, VehicleInfo};
use crate::moving::MovingIndex;

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

/// A vehicle, and what the register says of it.
pub type RegisterNews = (FeatureId, Option<Arc<VehicleInfo>>);

/// Every vehicle and where it is.
///
/// A vehicle's fix time never goes back. The index holds exactly the vehicles that have a position.
#[derive(Debug)]
pub struct Live {
    state: RwLock<State>,
    version: watch::Sender<u64>,
    news: News,
}

#[derive(Debug, Default)]
struct State {
    /// By handle; a place is not used again.
    slots: Vec<Slot>,
    handles: BTreeMap<FeatureId, Handle>,
    /// Positions of vehicles that the register has not told of yet.
    early: BTreeMap<FeatureId, LivePosition>,
    index: MovingIndex,
    changes: Changes,
}

#[derive(Debug)]
struct Slot {
    id: FeatureId,
    /// `None` since it left the register.
    vehicle: Option<LiveVehicle>,
}

/// The state, locked for reading.
pub(crate) struct Seen<'a>(RwLockReadGuard<'a, State>);

impl Default for Live {
    fn default() -> Self {
        let (state, version) = (RwLock::default(), watch::Sender::new(0));
        Self { state, version, news: News::default() }
    }
}

impl Live {
    /// One vehicle.
    pub fn get(&self, id: FeatureId) -> Option<LiveVehicle> {
        self.read().get(id).cloned()
    }

    /// Every vehicle the viewer may see, in the order of ids, as far as `keep` says.
    pub fn select(
        &self,
        viewer: &Viewer,
        mut keep: impl FnMut(&LiveVehicle) -> bool,
    ) -> Vec<LiveVehicle> {
        let state = self.read();
        let all = state.handles.values().filter_map(|handle| state.at(*handle));
        all.filter(|v| viewer.sees(v.info.scope) && keep(v)).cloned().collect()
    }

    /// What the register has said of vehicles since a revision, `None` for those that have left it; and the revision to ask
    /// from next.
    pub fn registered_since(&self, revision: u64) -> (u64, Vec<RegisterNews>) {
        let state = self.read();
        let told = state.slots.iter().filter_map(|slot| match &slot.vehicle {
            None => Some((slot.id, None)),
            Some(vehicle) if vehicle.registered > revision => {
                Some((slot.id, Some(Arc::clone(&vehicle.info))))
            }
            Some(_) => None,
        });
        (state.changes.newest(), told.collect())
    }

    /// The vehicles in a box that the viewer may see.
    pub fn in_bbox(&self, viewer: &Viewer, bbox: &Bbox) -> Vec<LiveVehicle> {
        let mut found = Vec::new();
        self.look().visit_bbox(viewer, bbox, |v| found.push(v.clone()));
        found
    }

    /// The state as it is now; nothing changes until it is dropped.
    pub(crate) fn look(&self) -> Seen<'_> {
        Seen(self.read())
    }

    /// How many the viewer may see, by status.
    pub fn counts(&self, viewer: &Viewer) -> Counts {
        self.read().counts(viewer)
    }

    /// Grows whenever anything changes; wait on it to hear of changes.
    pub fn version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// What else of vehicles changed that people watch.
    pub(crate) fn news(&self) -> &News {
        &self.news
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

    /// Takes over what the register says of some vehicles.
    pub(crate) fn apply_infos(&self, infos: Vec<VehicleInfo>, now_ms: i64) {
        self.change(|state| {
            for info in infos {
                state.apply_info(info, now_ms);
            }
        });
    }

    /// These vehicles have left the register.
    pub(crate) fn remove(&self, gone: impl IntoIterator<Item = FeatureId>) {
        self.change(|state| {
            for id in gone {
                state.remove(id);
            }
        });
    }

    /// Every vehicle that is in the register.
    pub(crate) fn ids(&self) -> Vec<FeatureId> {
        self.read().handles.keys().copied().collect()
    }

    /// Lets time pass: a silent vehicle goes idle, then offline.
    pub(crate) fn apply_clock(&self, now_ms: i64) {
        self.change(|state| {
            for vehicle in state.slots.iter_mut().filter_map(|slot| slot.vehicle.as_mut()) {
                let status = Status::at(vehicle.position.as_ref(), now_ms);
                if status != vehicle.status {
                    let was = vehicle.standing();
                    vehicle.status = status;
                    vehicle.revision = state.changes.add((vehicle.handle, was));
                }
            }
        });
    }

    fn change(&self, apply: impl FnOnce(&mut State)) {
        let version = {
            let mut state = self.write();
            apply(&mut state);
            state.changes.newest()
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

impl Seen<'_> {
    /// The revision of the last change.
    pub(crate) fn newest(&self) -> u64 {
        self.0.changes.newest()
    }

    /// A vehicle that is in the register.
    pub(crate) fn at(&self, handle: Handle) -> Option<&LiveVehicle> {
        self.0.at(handle)
    }

    /// Every vehicle of the register.
    pub(crate) fn all(&self) -> impl Iterator<Item = &LiveVehicle> {
        self.0.slots.iter().filter_map(|slot| slot.vehicle.as_ref())
    }

    /// How many the viewer may see, by status.
    pub(crate) fn counts(&self, viewer: &Viewer) -> Counts {
        self.0.counts(viewer)
    }

    /// Which vehicle a handle is or was.
    pub(crate) fn id(&self, handle: Handle) -> Option<FeatureId> {
        self.0.slots.get(handle.0 as usize).map(|slot| slot.id)
    }

    /// One vehicle of the register.
    pub(crate) fn get(&self, id: FeatureId) -> Option<&LiveVehicle> {
        self.0.get(id)
    }

    /// Each vehicle that changed after a revision, once, with how it stood at that revision; `None` when that is too
    /// long ago.
    pub(crate) fn changed_since(&self, revision: u64) -> Option<impl Iterator<Item = Change>> {
        let mut told = BTreeSet::new();
        let changes = self.0.changes.since(revision)?;
        Some(changes.filter(move |(handle, _)| told.insert(*handle)))
    }

    /// The vehicles in a box that the viewer may see.
    pub(crate) fn visit_bbox<'s>(
        &'s self,
        viewer: &Viewer,
        bbox: &Bbox,
        mut visit: impl FnMut(&'s LiveVehicle),
    ) {
        self.0.index.visit_box(bbox, |handle, _place| {
            if let Some(vehicle) = self.0.at(handle)
                && viewer.sees(vehicle.info.scope)
            {
                visit(vehicle);
            }
        });
    }

    /// Where the vehicles are; who may see them is to be asked of each.
    pub(crate) fn index(&self) -> &MovingIndex {
        &self.0.index
    }
}

impl State {
    fn at(&self, handle: Handle) -> Option<&LiveVehicle> {
        self.slots.get(handle.0 as usize)?.vehicle.as_ref()
    }

    fn counts(&self, viewer: &Viewer) -> Counts {
        let mut counts = Counts::default();
        let all = self.slots.iter().filter_map(|slot| slot.vehicle.as_ref());
        for vehicle in all.filter(|v| viewer.sees(v.info.scope)) {
            counts.add(vehicle.status);
        }
        counts
    }

    fn get(&self, id: FeatureId) -> Option<&LiveVehicle> {
        self.at(*self.handles.get(&id)?)
    }

    fn get_mut(&mut self, id: FeatureId) -> Option<&mut LiveVehicle> {
        self.slots.get_mut(self.handles.get(&id)?.0 as usize)?.vehicle.as_mut()
    }

    fn apply_position(&mut self, id: FeatureId, position: LivePosition, now_ms: i64) {
        let Some(vehicle) = self.get_mut(id) else {
            let early = self.early.entry(id).or_insert(position);
            if early.fix_ms < position.fix_ms {
                *early = position;
            }
            return;
        };
        if vehicle.position.is_some_and(|p| p.fix_ms >= position.fix_ms) {
            return;
        }
        let was = vehicle.standing();
        vehicle.position = Some(position);
        vehicle.status = Status::at(Some(&position), now_ms);
        let handle = vehicle.handle;
        self.index.put(handle, position.place);
        self.changed(handle, was);
    }

    /// Gives a vehicle that stood otherwise its next revision.
    fn changed(&mut self, handle: Handle, was: Option<Standing>) {
        let revision = self.changes.add((handle, was));
        if let Some(vehicle) = self.slots[handle.0 as usize].vehicle.as_mut() {
            vehicle.revision = revision;
        }
    }

    fn apply_info(&mut self, info: VehicleInfo, now_ms: i64) {
        let id = info.feature_id;
        let (handle, was) = match self.get_mut(id) {
            Some(vehicle) if *vehicle.info == info => return,
            Some(vehicle) => {
                let was = vehicle.standing();
                vehicle.info = Arc::new(info);
                (vehicle.handle, was)
            }
            None => {
                // Four thousand million vehicles come and go in no server's life.
                let handle = Handle(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
                let vehicle = LiveVehicle {
                    handle,
                    info: Arc::new(info),
                    position: None,
                    status: Status::Unknown,
                    revision: 0,
                    registered: 0,
                };
                self.slots.push(Slot { id, vehicle: Some(vehicle) });
                self.handles.insert(id, handle);
                (handle, None)
            }
        };
        self.changed(handle, was);
        if let Some(vehicle) = self.get_mut(id) {
            vehicle.registered = vehicle.revision;
        }
        if let Some(position) = self.early.remove(&id) {
            self.apply_position(id, position, now_ms);
        }
    }

    fn remove(&mut self, id: FeatureId) {
        let Some(handle) = self.handles.remove(&id) else { return };
        let left = self.slots[handle.0 as usize].vehicle.take();
        self.index.remove(handle);
        self.changes.add((handle, left.and_then(|vehicle| vehicle.standing())));
    }
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
            vehicle_type: "".into(),
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
        live.apply_infos(vec![info(1, 1)], 0);
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
        live.apply_infos(vec![info(1, 1), info(2, 2)], 0);
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
        live.apply_infos(vec![info(7, 1)], 5);
        assert_eq!(ids(&live, &Viewer::program(), &bbox(99.0, 101.0)), [7]);
    }

    #[test]
    fn a_vehicle_that_leaves_the_register_leaves_the_map() {
        let live = Live::default();
        live.apply_infos(vec![info(1, 1)], 0);
        live.apply_positions([(FeatureId(1), at(100.0, 1))], 1);
        live.remove([FeatureId(1)]);
        assert!(ids(&live, &Viewer::program(), &bbox(99.0, 101.0)).is_empty());
        assert_eq!(live.counts(&Viewer::program()), Counts::default());
    }

    #[test]
    fn who_asks_again_is_told_of_what_the_register_changed_alone() {
        let live = Live::default();
        live.apply_infos(vec![info(1, 1), info(2, 1), info(3, 1)], 0);
        let (since, all) = live.registered_since(0);
        assert_eq!(all.len(), 3);
        live.apply_positions([(FeatureId(1), at(100.0, 1))], 1);
        live.apply_infos(vec![info(1, 1), info(2, 7)], 1);
        live.remove([FeatureId(3)]);
        let (since, told) = live.registered_since(since);
        let told: Vec<_> =
            told.into_iter().map(|(id, info)| (id.0, info.map(|i| i.scope.0))).collect();
        assert_eq!(told, [(2, Some(7)), (3, None)]);
        assert_eq!(live.registered_since(since).1, [(FeatureId(3), None)]);
    }

    #[test]
    fn silence_is_a_change_that_listeners_hear_of() {
        let live = Live::default();
        live.apply_infos(vec![info(1, 1)], 0);
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
