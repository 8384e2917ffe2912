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
