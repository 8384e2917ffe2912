//! What one client has been told, and what it is to be told next.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use gis_data::{Bbox, FeatureId, Viewer};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::clusters::{Counted, Telling, are_many, is_far};
use super::{Delta, Update, View};
use crate::live::{Handle, Live, LiveVehicle, Seen};

/// Between two differences to one client.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// The same for a client that has clusters: seen from far away, nothing moves faster.
pub(super) const CLUSTER_TICK: Duration = Duration::from_secs(1);
/// Between two times that a client is told of alarms and seals.
pub(super) const NEWS_TICK: Duration = Duration::from_secs(1);
/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Around the view, as a part of its width and height, so that a small move finds its vehicles there.
const MARGIN: f64 = 0.1;

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
    /// What it wants told as themselves wherever they are.
    kept: BTreeSet<FeatureId>,
    /// What is kept since the last update, or is not any more.
    kept_news: BTreeSet<FeatureId>,
    /// Of a client that has clusters.
    counted: Option<Counted>,
    /// Not before this is a difference told.
    next_at: Instant,
    heartbeat_at: Instant,
    /// Grows with news of alarms and seals.
    news: watch::Receiver<u64>,
    /// The news that the client has heard, up to this revision.
    heard: u64,
    /// Not before this is it told of more.
    news_at: Instant,
}

impl ClientFeed {
    pub(super) fn new(live: Arc<Live>, viewer: Viewer) -> Self {
        let mut news = live.news().newest();
        let heard = *news.borrow_and_update();
        Self {
            version: live.version(),
            live,
            viewer,
            view: None,
            is_view_new: false,
            is_viewer_new: false,
            told: 0,
            has: BTreeSet::new(),
            kept: BTreeSet::new(),
            kept_news: BTreeSet::new(),
            counted: None,
            next_at: Instant::now(),
            heartbeat_at: Instant::now(),
            news,
            heard,
            news_at: Instant::now(),
        }
    }

    /// The client looks somewhere; the next update is a snapshot of that place.
    pub fn look_at(&mut self, view: View) {
        self.view = Some(view);
        self.is_view_new = true;
    }

    /// The client wants these vehicles told as themselves, wherever they are and whatever becomes a cluster.
    pub fn keep(&mut self, kept: BTreeSet<FeatureId>) {
        self.kept_news.extend(self.kept.symmetric_difference(&kept).copied());
        self.kept = kept;
        self.next_at = Instant::now();
        self.version.mark_changed();
    }

    /// The rights of the client have changed; what it may not see any more is removed next.
    pub fn set_viewer(&mut self, viewer: Viewer) {
        self.viewer = viewer;
        self.is_viewer_new = true;
        self.next_at = Instant::now();
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
            let news = async {
                sleep_until(self.news_at).await;
                let _ = self.news.changed().await;
            };
            tokio::select! {
                () = sleep_until(self.heartbeat_at) => {
                    self.heartbeat_at = Instant::now() + HEARTBEAT;
                    return Update::Heartbeat { counts: self.live.counts(&self.viewer) };
                }
                () = news => {
                    let (newest, about) = self.live.news().since(self.heard, &self.viewer);
                    self.heard = newest;
                    if !about.is_empty() {
                        self.news_at = Instant::now() + NEWS_TICK;
                        return Update::News(about);
                    }
                }
                () = change => {
                    let tick = if self.counted.is_some() { CLUSTER_TICK } else { TICK };
                    self.next_at = Instant::now() + tick;
                    let delta = self.delta();
                    if self.must_tell_otherwise() {
                        self.is_view_new = true;
                    } else if let Some(delta) = delta {
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
        self.kept_news.clear();
        let live = Arc::clone(&self.live);
        let seen = live.look();
        self.told = seen.newest();
        self.counted = self.count_in(&seen, view);
        let mut vehicles = Vec::new();
        if self.counted.is_none() {
            let bbox = widened(view.bbox);
            seen.visit_bbox(&self.viewer, &bbox, |v| vehicles.push(v.clone()));
        }
        self.has = vehicles.iter().map(|v| v.handle).collect();
        for kept in self.kept.iter().filter_map(|id| seen.get(*id)) {
            let is_told = self.viewer.sees(kept.info.scope) && kept.position.is_some();
            if is_told && self.has.insert(kept.handle) {
                vehicles.push(kept.clone());
            }
        }
        let clusters = self.counted.as_mut().map(Counted::all);
        Update::Snapshot { vehicles, total: seen.counts(&self.viewer).total, clusters }
    }

    /// The clusters of a view, if it is to have them.
    fn count_in(&self, seen: &Seen<'_>, view: &View) -> Option<Counted> {
        let (now, most) = (self.telling(), view.cluster_above?);
        if !is_far(view.zoom, now) {
            return None;
        }
        let view = View { bbox: widened(view.bbox), ..*view };
        let counted = Counted::of(seen, &self.viewer, &view);
        are_many(counted.total(), most, now).then_some(counted)
    }

    fn telling(&self) -> Telling {
        if self.counted.is_some() { Telling::Clusters } else { Telling::Vehicles }
    }

    /// Whether so many vehicles have come or gone that the client is to have clusters from now on, or vehicles.
    fn must_tell_otherwise(&self) -> bool {
        let Some(View { zoom, cluster_above: Some(most), .. }) = self.view else { return false };
        let now = self.telling();
        if let Some(counted) = &self.counted {
            return !are_many(counted.total(), most, now);
        }
        // Those that are kept may be elsewhere.
        let in_view = self.has.len().saturating_sub(self.kept.len());
        is_far(zoom, now) && are_many(in_view, most, now)
    }

    /// `None` when the client has everything already.
    fn delta(&mut self) -> Option<Delta> {
        let bbox = widened(self.view?.bbox);
        let live = Arc::clone(&self.live);
        let seen = live.look();
        let mut delta = Delta::default();
        let kept_news = std::mem::take(&mut self.kept_news);
        let changed = if self.is_viewer_new { None } else { seen.changed_since(self.told) };
        if let Some(changed) = changed {
            for (handle, was) in changed {
                if let Some(counted) = &mut self.counted {
                    let is = seen.at(handle).and_then(LiveVehicle::standing);
                    counted.step(was, is, &self.viewer);
                }
                self.compare(&seen, handle, &bbox, &mut delta);
            }
            let is_unchanged = |v: &&LiveVehicle| v.revision <= self.told;
            let kept_news = kept_news.iter().filter_map(|id| seen.get(*id)).filter(is_unchanged);
            for handle in kept_news.map(|v| v.handle).collect::<Vec<_>>() {
                self.compare(&seen, handle, &bbox, &mut delta);
            }
        } else {
            // Too much has changed, or what may be seen: all that is there and all that was.
            let mut handles = self.has.clone();
            handles.extend(self.kept.iter().filter_map(|id| seen.get(*id)).map(|v| v.handle));
            match &mut self.counted {
                Some(counted) => counted.count(&seen, &self.viewer),
                None => seen.visit_bbox(&self.viewer, &bbox, |v| {
                    handles.insert(v.handle);
                }),
            }
            for handle in handles {
                self.compare(&seen, handle, &bbox, &mut delta);
            }
        }
        delta.clusters = self.counted.as_mut().and_then(Counted::news);
        self.told = seen.newest();
        self.is_viewer_new = false;
        (!delta.is_empty()).then_some(delta)
    }

    /// What one vehicle adds to the difference.
    fn compare(&mut self, seen: &Seen<'_>, handle: Handle, bbox: &Bbox, delta: &mut Delta) {
        let is_told = |vehicle: &&LiveVehicle| {
            let Some(position) = vehicle.position else { return false };
            let is_in_view = || self.counted.is_none() && bbox.contains(position.place);
            self.viewer.sees(vehicle.info.scope)
                && (self.kept.contains(&vehicle.info.feature_id) || is_in_view())
        };
        match seen.at(handle).filter(is_told) {
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
