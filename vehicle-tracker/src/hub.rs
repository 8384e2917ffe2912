//! One feed per client: the difference between what the client has and what is, cut to its view and
//! its rights. Nothing is queued for a client, so a slow one gets fewer and larger differences and
//! never holds up another.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gis_data::{Bbox, FeatureId, Viewer};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::live::{Counts, Live, LiveVehicle};

/// Between two differences to one client.
const TICK: Duration = Duration::from_millis(250);
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
    Delta {
        /// New in the view, or changed.
        upsert: Vec<LiveVehicle>,
        /// No longer in the view.
        remove: Vec<FeatureId>,
    },
    /// Nothing new, but alive.
    Heartbeat {
        /// Everything the viewer may see, by status.
        counts: Counts,
    },
}

impl Hub {
    /// A hub over the live state.
    pub fn new(live: Arc<Live>) -> Self {
        Self { live }
    }

    /// A feed for one client; it begins to tell when the client says where it looks.
    pub fn subscribe(&self, viewer: Viewer) -> ClientFeed {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ClientFeed {
            live: Arc::clone(&self.live),
            version: self.live.version(),
            viewer,
            view: None,
            is_view_new: false,
            sent: BTreeMap::new(),
            ticks,
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
    /// The revision of each vehicle the client has.
    sent: BTreeMap<FeatureId, u64>,
    ticks: tokio::time::Interval,
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
            tokio::select! {
                () = sleep_until(self.heartbeat_at) => {
                    self.heartbeat_at = Instant::now() + HEARTBEAT;
                    return Update::Heartbeat { counts: self.live.counts(&self.viewer) };
                }
                _ = self.ticks.tick() => {
                    if let Some(delta) = self.delta() {
                        return delta;
                    }
                }
            }
        }
    }

    fn snapshot(&mut self, view: &View) -> Update {
        self.version.mark_unchanged();
        self.is_view_new = false;
        let vehicles = self.live.in_bbox(&self.viewer, &widened(view.bbox));
        self.sent = vehicles.iter().map(|v| (v.info.feature_id, v.revision)).collect();
        Update::Snapshot { vehicles, total: self.live.counts(&self.viewer).total }
    }

    /// `None` when the client has everything already.
    fn delta(&mut self) -> Option<Update> {
        let view = self.view?;
        if !self.version.has_changed().unwrap_or(false) {
            return None;
        }
        self.version.mark_unchanged();
        let mut upsert = Vec::new();
        let mut there = BTreeMap::new();
        self.live.visit_bbox(&self.viewer, &widened(view.bbox), |vehicle| {
            let id = vehicle.info.feature_id;
            if self.sent.remove(&id) != Some(vehicle.revision) {
                upsert.push(vehicle.clone());
            }
            there.insert(id, vehicle.revision);
        });
        // What was sent before and not seen now has left the view, the viewer's rights or the register.
        let remove: Vec<FeatureId> = std::mem::replace(&mut self.sent, there).into_keys().collect();
        let is_empty = upsert.is_empty() && remove.is_empty();
        (!is_empty).then_some(Update::Delta { upsert, remove })
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
            vehicle_type: String::new(),
            org: None,
            terminal_id: None,
        });
        live.apply_register(register.collect(), 0);
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
            if let Update::Delta { upsert, remove } = feed.next().await {
                let upsert = upsert.iter().map(|v| v.info.feature_id.0).collect();
                return (upsert, remove.iter().map(|id| id.0).collect());
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
