//! One feed per client: the difference between what the client has and what is, cut to its view and
//! its rights. Nothing is queued for a client, so a slow one gets fewer and larger differences and
//! never holds up another. A difference costs what has changed, not what is in the view.

mod clusters;
mod feed;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use gis_data::{Bbox, FeatureId, Viewer};

pub use self::clusters::{Cell, Cluster, Clusters};
pub use self::feed::ClientFeed;
use crate::live::{About, Counts, Handle, Live, LiveVehicle};

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
    /// When there are more vehicles than this, and the zoom is low, the client is told clusters of them; `None` for a
    /// client that knows of none.
    pub cluster_above: Option<usize>,
}

/// What a client is to be told.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// Everything in the view; replaces what the client has.
    Snapshot {
        /// The vehicles in the view and those that the client keeps; with clusters, these alone.
        vehicles: Vec<LiveVehicle>,
        /// How many the viewer may see anywhere.
        total: usize,
        /// Of all vehicles in the view, the kept ones among them; `None` where they are told themselves.
        clusters: Option<Clusters>,
    },
    /// What changed since the last update.
    Delta(Delta),
    /// Something else changed of vehicles that the viewer may know of; which, whoever cares asks. At most once a second.
    News(BTreeSet<About>),
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
    /// After a snapshot with clusters: what became of them. `None` for nothing.
    pub clusters: Option<Clusters>,
}

impl Delta {
    fn is_empty(&self) -> bool {
        self.entered.is_empty()
            && self.moved.is_empty()
            && self.gone.is_empty()
            && self.clusters.is_none()
    }
}

impl Hub {
    /// A hub over the live state.
    pub fn new(live: Arc<Live>) -> Self {
        Self { live }
    }

    /// A feed for one client; it begins to tell when the client says where it looks.
    pub fn subscribe(&self, viewer: Viewer) -> ClientFeed {
        ClientFeed::new(Arc::clone(&self.live), viewer)
    }
}
