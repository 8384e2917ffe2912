//! The follower of the outbox. A sequence alone would lose rows, because number 1 may commit after
//! number 2; so each pass reads every visible row of transactions from its last snapshot's xmin
//! onward, skips what it has applied, and moves its cursor only to the new snapshot's xmin.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;

use crate::mirror::queries::{self, ChangeRow};
use crate::mirror::{self, Budget, Direct, Mirror, Mirrors};
use crate::{Bbox, FeatureId, Result, ScopeId, Store, Viewer};

/// How often the outbox is looked at.
const POLL: Duration = Duration::from_millis(50);
/// How long to wait after a failure; the cursor stays, so nothing is missed.
const RETRY: Duration = Duration::from_millis(500);
/// Beyond this many boxes a browser is told one box around them all.
const BOXES_LIMIT: usize = 64;

const EARTH: Bbox = Bbox { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };

/// One layer changed in these places.
#[derive(Debug, Clone)]
pub struct LayerChange {
    /// The layer.
    pub layer_id: String,
    /// The mirror's version after the change.
    pub version: u64,
    /// What was touched, old and new places, each with the scope it had there; without one it is everybody's to know.
    touched: Arc<[(Option<ScopeId>, Bbox)]>,
    /// Which features changed.
    pub features: Vec<FeatureId>,
}

/// Keeps mirrors equal to the database.
#[derive(Debug)]
pub struct Follower {
    store: Store,
    mirrors: Arc<Mirrors>,
    changes: broadcast::Sender<LayerChange>,
    cursor: String,
    /// Rows at or after the cursor that are already in the mirrors.
    applied: BTreeSet<i64>,
    today: time::Date,
}

impl Follower {
    /// Loads every layer in one snapshot and stands at its xmin.
    pub async fn start(store: Store) -> Result<Self> {
        Self::start_within(store, &Budget::default()).await
    }

    /// The same with so much memory.
    pub async fn start_within(store: Store, budget: &Budget) -> Result<Self> {
        let mut tx = store.snapshot().await?;
        let cursor = queries::snapshot_xmin(&mut tx).await?;
        let today = queries::today(&mut tx).await?;
        let mirrors = Arc::new(mirror::load_all(&mut tx, budget).await?);
        drop(tx);
        let changes = broadcast::Sender::new(1024);
        Ok(Self { store, mirrors, changes, cursor, applied: BTreeSet::new(), today })
    }

    /// What it keeps.
    pub fn mirrors(&self) -> Arc<Mirrors> {
        Arc::clone(&self.mirrors)
    }

    /// Told of every change after it is in the mirror.
    pub fn changes(&self) -> broadcast::Sender<LayerChange> {
        self.changes.clone()
    }

    /// Follows until the task is aborted. A lost database is waited for; the cursor makes up for it.
    pub async fn run(mut self) {
        let mut was_lost = false;
        loop {
            match self.pass().await {
                Ok(_) => {
                    if was_lost {
                        tracing::info!("the change feed is back");
                        was_lost = false;
                    }
                    tokio::time::sleep(POLL).await;
                }
                Err(error) => {
                    if !was_lost {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "the change feed is lost, retrying"
                        );
                        was_lost = true;
                    }
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// One look at the outbox; answers how many features were read again.
    pub async fn pass(&mut self) -> Result<usize> {
        let mut tx = self.store.snapshot().await?;
        let next_cursor = queries::snapshot_xmin(&mut tx).await?;
        let rows = queries::changes_since(&mut tx, &self.cursor).await?;
        let mut touched: BTreeMap<String, BTreeSet<FeatureId>> = BTreeMap::new();
        let is_new = |row: &&ChangeRow| !self.applied.contains(&row.seq);
        for row in rows.iter().filter(is_new) {
            touched.entry(row.layer.clone()).or_default().insert(FeatureId(row.feature_id));
        }
        let today = queries::today(&mut tx).await?;
        if today != self.today {
            for (layer, id) in queries::turned_today(&mut tx).await? {
                touched.entry(layer).or_default().insert(FeatureId(id));
            }
        }
        let mut count = 0;
        for (layer_id, ids) in touched {
            count += ids.len();
            let ids: Vec<FeatureId> = ids.into_iter().collect();
            if let Some(direct) = self.mirrors.direct(&layer_id) {
                let rows = rows.iter().filter(is_new).filter(|row| row.layer == layer_id);
                self.follow_direct(direct, &rows.collect::<Vec<_>>(), ids);
            } else {
                self.refresh(&mut tx, &layer_id, ids).await?;
            }
        }
        // Rows below the new cursor can never be seen again; the others may, and are remembered.
        self.applied = rows.iter().map(|r| r.seq).collect();
        self.cursor = next_cursor;
        self.today = today;
        Ok(count)
    }

    async fn refresh(
        &self,
        connection: &mut sqlx::PgConnection,
        layer_id: &str,
        ids: Vec<FeatureId>,
    ) -> Result<()> {
        let mirror = self.mirrors.require(layer_id)?;
        let found = mirror::reload(connection, mirror.layer(), &ids).await?;
        let present: BTreeSet<FeatureId> = found.iter().map(|f| f.id).collect();
        let gone: Vec<FeatureId> = ids.iter().copied().filter(|id| !present.contains(id)).collect();
        let touched = mirror
            .apply(found, &gone)
            .into_iter()
            .map(|(scope, b)| (Some(scope), b.to_bbox()))
            .collect();
        if mirror.wants_packing() {
            let (mirrors, layer_id) = (Arc::clone(&self.mirrors), layer_id.to_owned());
            tokio::task::spawn_blocking(move || mirrors.get(&layer_id).map(Mirror::pack));
        }
        let version = mirror.snapshot().version();
        self.tell(layer_id, version, touched, ids);
        Ok(())
    }

    /// A layer that is not in memory: the tiles under what changed are outdated. Whose a feature was is not known any more,
    /// so everybody is told, of a place too wide to say whose.
    fn follow_direct(&self, direct: &Direct, rows: &[&ChangeRow], ids: Vec<FeatureId>) {
        let boxes: Vec<Bbox> = rows.iter().flat_map(|row| row.boxes()).collect();
        // A trigger that knows no place, or a day that turns, may have changed anything.
        let is_placed = |row: &&&ChangeRow| row.boxes().next().is_some();
        let with_place: BTreeSet<i64> =
            rows.iter().filter(is_placed).map(|row| row.feature_id).collect();
        let is_known = rows.iter().all(|row| is_placed(&row))
            && ids.iter().all(|id| with_place.contains(&id.0));
        let (version, mut places): (_, Vec<Bbox>) = if is_known {
            (direct.touch(Some(&boxes)), boxes.into_iter().map(widened).collect())
        } else {
            (direct.touch(None), vec![EARTH])
        };
        places.dedup();
        let touched = places.into_iter().map(|place| (None, place)).collect();
        self.tell(&direct.layer().layer_id, version, touched, ids);
    }

    fn tell(
        &self,
        layer_id: &str,
        version: u64,
        touched: Arc<[(Option<ScopeId>, Bbox)]>,
        features: Vec<FeatureId>,
    ) {
        // Nobody listening is fine: the mirror is what counts.
        let _ = self.changes.send(LayerChange {
            layer_id: layer_id.to_owned(),
            version,
            touched,
            features,
        });
    }
}

/// Whole degrees around a place, one of them at least on each side.
fn widened(place: Bbox) -> Bbox {
    Bbox {
        west: (place.west - 1.0).floor().max(EARTH.west),
        south: (place.south - 1.0).floor().max(EARTH.south),
        east: (place.east + 1.0).ceil().min(EARTH.east),
        north: (place.north + 1.0).ceil().min(EARTH.north),
    }
}

impl LayerChange {
    /// Where somebody has to look again: the places whose old or new content is theirs to see. Empty for a change
    /// that is none of their business.
    pub fn boxes(&self, viewer: &Viewer) -> Vec<Bbox> {
        let seen = self.touched.iter().filter(|(s, _)| s.is_none_or(|scope| viewer.sees(scope)));
        merged(seen.map(|(_, bbox)| *bbox).collect())
    }
}

fn merged(boxes: Vec<Bbox>) -> Vec<Bbox> {
    if boxes.len() <= BOXES_LIMIT {
        return boxes;
    }
    boxes.into_iter().reduce(Bbox::union).into_iter().collect()
}
