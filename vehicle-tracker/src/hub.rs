//! One feed per client: the difference between what the client has and what is, cut to its view and
//! its rights. Nothing is queued for a client, so a slow one gets fewer and larger differences and
//! never holds up another. A difference costs what has changed, not what is in the view.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use gis_data::{Bbox, FeatureId, Viewer};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::live::{Counts, Handle, Live, LiveVehicle, Seen};

/// Between two differences to one client.
const TICK: Duration = Duration::from_millis(100);
/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Around the view, as a part of its width and height, so that a small move finds its vehicles there.
const MARGIN: f64 = 0.1;

/// Hands out feeds.
#[derive(Debug)]
pub struct Hub {
    live: Arc<Live>,
}

/// What a client looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// The visible part of the map.
    pub bbox: Bbox,
    /// The map's zoom.
    pub zoom: f64,
}

/// What a client is to be told.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Everything in the view; replaces what the client has.
    Snapshot {
        /// The vehicles in the view.
        vehicles: Vec<LiveVehicle>,
        /// How many the viewer may see anywhere.
        total: usize,
    },
    /// What changed since the last update.
    Delta(Delta),
    /// Nothing new, but alive.
    Heartbeat {
        /// Everything the viewer may see, by status.
        counts: Counts,
    },
}

/// The difference to the last update.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Delta {
    /// New in the view, or called otherwise than before.
    pub entered: Vec<LiveVehicle>,
    /// Known to the client, and not as they were.
    pub moved: Vec<LiveVehicle>,
    /// No longer in the view.
    pub gone: Vec<(FeatureId, Handle)>,
}

impl Delta {
    fn is_empty(&self) -> bool {
        self.entered.is_empty() && self.moved.is_empty() && self.gone.is_empty()
    }
}

impl Hub {
    /// A hub over the live state.
    pub fn new(live: Arc<Live>) -> Self {
        Self { live }
    }

    /// A feed for one client; it begins to tell when the client says where it looks.
    pub fn subscribe(&self, viewer: Viewer) -> ClientFeed {
        ClientFeed {
            live: Arc::clone(&self.live),
            version: self.live.version(),
            viewer,
            view: None,
            is_view_new: false,
            is_viewer_new: false,
            told: 0,
            has: BTreeSet::new(),
            next_at: Instant::now(),
            heartbeat_at: Instant::now(),
        }
    }
}

/// What one client has been told.
#[derive(Debug)]
pub struct ClientFeed {
    live: Arc<Live>,
    version: watch::Receiver<u64>,
    viewer: Viewer,
    view: Option<View>,
    is_view_new: bool,
    is_viewer_new: bool,
    /// Everything up to this revision.
    told: u64,
    /// The vehicles the client has.
    has: BTreeSet<Handle>,
    /// Not before this is a difference told.
    next_at: Instant,
    heartbeat_at: Instant,
}

impl ClientFeed {
    /// The client looks somewhere; the next update is a snapshot of that place.
    pub fn look_at(&mut self, view: View) {
        self.view = Some(view);
        self.is_view_new = true;
    }

    /// The rights of the client have changed; what it may not see any more is removed next.
    pub fn set_viewer(&mut self, viewer: Viewer) {
        self.viewer = viewer;
        self.is_viewer_new = true;
        self.version.mark_changed();
    }

    /// The next thing to tell. Dropping the future before it is ready loses nothing, so it may stand
    /// in a `select!`.
    pub async fn next(&mut self) -> Update {
        loop {
            if let Some(view) = self.view
                && self.is_view_new
            {
                return self.snapshot(&view);
            }
            let change = async {
                sleep_until(self.next_at).await;
                // The live state is held by this feed and does not go before it.
                let _ = self.version.changed().await;
            };
            tokio::select! {
                () = sleep_until(self.heartbeat_at) => {
                    self.heartbeat_at = Instant::now() + HEARTBEAT;
                    return Update::Heartbeat { counts: self.live.counts(&self.viewer) };
                }
                () = change => {
                    self.next_at = Instant::now() + TICK;
                    if let Some(delta) = self.delta() {
                        return Update::Delta(delta);
                    }
                }
            }
        }
    }

    fn snapshot(&mut self, view: &View) -> Update {
        self.version.mark_unchanged();
        self.is_view_new = false;
        self.is_viewer_new = false;
        let mut vehicles = Vec::new();
        let total = {
            let seen = self.live.look();
            self.told = seen.newest();
            seen.visit_bbox(&self.viewer, &widened(view.bbox), |v| vehicles.push(v.clone()));
            seen.counts(&self.viewer).total
        };
        self.has = vehicles.iter().map(|v| v.handle).collect();
        Update::Snapshot { vehicles, total }
    }

    /// `None` when the client has everything already.
    fn delta(&mut self) -> Option<Delta> {
        let bbox = widened(self.view?.bbox);
        let live = Arc::clone(&self.live);
        let seen = live.look();
        let mut delta = Delta::default();
        let changed = if self.is_viewer_new { None } else { seen.changed_since(self.told) };
        if let Some(changed) = changed {
            for handle in changed {
                self.compare(&seen, handle, &bbox, &mut delta);
            }
        } else {
            // Too much has changed, or what may be seen: all that is there and all that was.
            let mut handles = self.has.clone();
            seen.visit_bbox(&self.viewer, &bbox, |v| {
                handles.insert(v.handle);
            });
            for handle in handles {
                self.compare(&seen, handle, &bbox, &mut delta);
            }
        }
        self.told = seen.newest();
        self.is_viewer_new = false;
        (!delta.is_empty()).then_some(delta)
    }

    /// What one vehicle adds to the difference.
    fn compare(&mut self, seen: &Seen<'_>, handle: Handle, bbox: &Bbox, delta: &mut Delta) {
        let is_in_view = |vehicle: &&LiveVehicle| {
            let place = vehicle.position.map(|position| position.place);
            self.viewer.sees(vehicle.info.scope) && place.is_some_and(|p| bbox.contains(p))
        };
        match seen.at(handle).filter(is_in_view) {
            Some(vehicle) if self.has.insert(handle) || vehicle.registered > self.told => {
                delta.entered.push(vehicle.clone());
            }
            Some(vehicle) if vehicle.revision > self.told => delta.moved.push(vehicle.clone()),
            None if self.has.remove(&handle) => {
                delta.gone.extend(seen.id(handle).map(|id| (id, handle)));
            }
            Some(_) | None => {}
        }
    }
}

fn widened(bbox: Bbox) -> Bbox {
    let (dx, dy) = ((bbox.east - bbox.west) * MARGIN, (bbox.north - bbox.south) * MARGIN);
    Bbox {
        west: (bbox.west - dx).max(-180.0),
        south: (bbox.south - dy).max(-90.0),
        east: (bbox.east + dx).min(180.0),
        north: (bbox.north + dy).min(90.0),
    }
}

#[cfg(test)]
mod tests {
    use gis_data::{LonLat, ScopeId};

    use super::*;
    use crate::live::{LivePosition, VehicleInfo};

    fn live_with(scopes: &[i32]) -> Arc<Live> {
        let live = Arc::new(Live::default());
        let register = (1..).zip(scopes).map(|(id, scope)| VehicleInfo {
            feature_id: FeatureId(id),
            scope: ScopeId(*scope),
            plate: format!("示A{id:05}"),
            name: String::new(),
            vehicle_type: "".into(),
            org: None,
            terminal_id: None,
        });
        live.apply_infos(register.collect(), 0);
        live
    }

    fn put(live: &Live, id: i64, lon: f64, fix_ms: i64) {
        let place = LonLat::new_checked(lon, 30.0).unwrap();
        let position =
            LivePosition { place, speed_kmh: None, heading_deg: None, fix_ms, received_ms: fix_ms };
        live.apply_positions([(FeatureId(id), position)], fix_ms);
    }

    fn view(west: f64, east: f64) -> View {
        View { bbox: Bbox::new_checked([west, 29.0, east, 31.0]).unwrap(), zoom: 10.0 }
    }

    async fn differences(feed: &mut ClientFeed) -> (Vec<i64>, Vec<i64>) {
        loop {
            if let Update::Delta(Delta { entered, moved, gone }) = feed.next().await {
                let there = entered.iter().chain(&moved).map(|v| v.info.feature_id.0).collect();
                return (there, gone.iter().map(|(id, _)| id.0).collect());
            }
        }
    }

    async fn snapshot(feed: &mut ClientFeed) -> (Vec<i64>, usize) {
        loop {
            if let Update::Snapshot { vehicles, total } = feed.next().await {
                return (vehicles.iter().map(|v| v.info.feature_id.0).collect(), total);
            }
        }
    }

    /// Whether several ticks pass without a difference.
    async fn is_quiet(feed: &mut ClientFeed) -> bool {
        tokio::time::timeout(3 * TICK, differences(feed)).await.is_err()
    }

    #[tokio::test]
    async fn a_client_hears_of_what_enters_moves_in_and_leaves_its_view() {
        let live = live_with(&[1, 1]);
        put(&live, 1, 100.0, 1);
        put(&live, 2, 120.0, 1);
        let mut feed = Hub::new(Arc::clone(&live)).subscribe(Viewer::program());
        feed.look_at(view(99.0, 101.0));
        assert_eq!(snapshot(&mut feed).await, (vec![1], 2));
        put(&live, 2, 100.5, 2);
        assert_eq!(differences(&mut feed).await, (vec![2], vec![]));
        put(&live, 1, 130.0, 3);
        assert_eq!(differences(&mut feed).await, (vec![], vec![1]));
        feed.look_at(view(129.0, 131.0));
        assert_eq!(snapshot(&mut feed).await, (vec![1], 2));
    }

    #[tokio::test]
    async fn many_moves_between_two_reads_become_one_difference() {
        let live = live_with(&[1]);
        let mut feed = Hub::new(Arc::clone(&live)).subscribe(Viewer::program());
        feed.look_at(view(99.0, 101.0));
        snapshot(&mut feed).await;
        for n in 1..1_000 {
            put(&live, 1, 100.0 + f64::from(n) * 1e-4, i64::from(n));
        }
        assert_eq!(differences(&mut feed).await, (vec![1], vec![]));
        assert!(is_quiet(&mut feed).await);
    }

    #[tokio::test]
    async fn a_client_never_hears_of_vehicles_it_may_not_see() {
        let live = live_with(&[1, 2]);
        put(&live, 1, 100.0, 1);
        put(&live, 2, 100.0, 1);
        let hub = Hub::new(Arc::clone(&live));
        let mut feed = hub.subscribe(Viewer::of_scopes("county", [ScopeId(2)]));
        feed.look_at(view(99.0, 101.0));
        assert_eq!(snapshot(&mut feed).await, (vec![2], 1));
        put(&live, 1, 100.1, 2);
        assert!(is_quiet(&mut feed).await);
        feed.set_viewer(Viewer::of_scopes("county", []));
        assert_eq!(differences(&mut feed).await, (vec![], vec![2]));
    }

    #[tokio::test]
    async fn a_silent_city_sends_a_heartbeat_every_two_seconds() {
        let live = live_with(&[1, 2]);
        let mut feed = Hub::new(live).subscribe(Viewer::of_scopes("county", [ScopeId(2)]));
        feed.look_at(view(99.0, 101.0));
        snapshot(&mut feed).await;
        feed.next().await;
        let before = Instant::now();
        let Update::Heartbeat { counts } = feed.next().await else { panic!("no heartbeat") };
        assert_eq!(counts.total, 1);
        let waited_ms = before.elapsed().as_millis();
        assert!((1_500..3_000).contains(&waited_ms), "{waited_ms} ms");
    }
}
