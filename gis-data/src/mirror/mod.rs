//! A layer in memory: an immutable packed base, a small `rstar` delta above it, swapped as one.
//! Readers take a [`Snapshot`] and never wait; one follower writes.

mod attributes;
mod base;
mod column;
mod copy;
mod delta;
mod direct;
mod geometry;
mod load;
mod need;
pub(crate) mod queries;
mod rank;
mod stamps;
mod thin;
mod tree;
mod value;
mod wkb;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use base::{Base, place};
pub use column::{ValueRef, Values};
use delta::Delta;
pub use direct::Direct;
pub use geometry::{OwnedFeature, PackedGeometry, Part};
pub use load::Budget;
pub use rank::{Rank, TINY_UNITS};
use stamps::Stamps;
pub use value::Value;

use crate::{FeatureId, Filter, GeometryType, GisError, Layer, Result, ScopeId, Viewer, WorldBox};

/// How many features may stand in the delta before it is packed into a new base.
const DELTA_LIMIT: usize = 8_000;

/// One feature as a reader sees it.
#[derive(Debug, Clone, Copy)]
pub struct FeatureRef<'a> {
    /// Its id.
    pub id: FeatureId,
    /// Its scope.
    pub scope: ScopeId,
    /// Its box.
    pub bbox: WorldBox,
    /// Its geometry.
    pub geometry: PackedGeometry<'a>,
    /// From which zoom it is drawn, and how.
    pub rank: Rank,
    /// One value per attribute of the layer, in that order.
    pub values: Values<'a>,
    /// A number that only features of this snapshot with the same values share, where there is one.
    pub alike: Option<u32>,
}

/// What a reader of a box at some zoom meets.
#[derive(Debug)]
pub enum Met<'a> {
    /// A feature that the zoom shows.
    Shown(FeatureRef<'a>),
    /// One that is too small for it, with its box.
    TooSmall(WorldBox),
}

/// A layer at one moment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshot {
    base: Arc<Base>,
    delta: Arc<Delta>,
    version: u64,
}

impl Snapshot {
    /// Packs features into a layer that no follower keeps: what a live source hands to tiles. From zoom `last` on every vertex
    /// is needed.
    pub fn of(features: Vec<OwnedFeature>, last: u8, version: u64) -> Self {
        Self { base: Arc::new(Base::pack(features, last)), delta: Arc::default(), version }
    }

    /// Walks through what meets the box, is the viewer's to see and passes the filter, in the order of the middles of their boxes on a
    /// Hilbert curve, then of their ids: the same data always come in the same order.
    pub fn each_in_box<'a>(
        &'a self,
        area: &WorldBox,
        viewer: &Viewer,
        filter: Option<&Filter>,
        zoom: u8,
        mut f: impl FnMut(Met<'a>),
    ) {
        let base = &*self.base;
        let passes = |row: usize| filter.is_none_or(|filter| filter.matches(base.values(row)));
        let mut meet = |row: usize| {
            let is_shown = base.rank(row).shown <= zoom;
            f(if is_shown { Met::Shown(base.row(row)) } else { Met::TooSmall(base.bbox(row)) });
        };
        if self.delta.is_empty() {
            base.each_in(area, |row| {
                if viewer.sees(base.scope(row)) && passes(row) {
                    meet(row);
                }
            });
            return;
        }
        let judged = |feature: FeatureRef<'a>| {
            let is_shown = feature.rank.shown <= zoom;
            if is_shown { Met::Shown(feature) } else { Met::TooSmall(feature.bbox) }
        };
        let mut changed: Vec<FeatureRef<'a>> =
            self.delta.in_box(area).filter(|f| viewer.sees(f.scope)).collect();
        changed.retain(|f| filter.is_none_or(|filter| filter.matches(f.values)));
        changed.sort_unstable_by_key(place);
        let mut changed = changed.into_iter().peekable();
        base.each_in(area, |row| {
            if !viewer.sees(base.scope(row)) || self.delta.hides(base.id(row)) || !passes(row) {
                return;
            }
            if changed.peek().is_some() {
                let here = place(&base.row(row));
                while let Some(before) = changed.next_if(|next| place(next) < here) {
                    f(judged(before));
                }
            }
            f(judged(base.row(row)));
        });
        for rest in changed {
            f(judged(rest));
        }
    }

    /// Whether no more than about so many features, whoever may see them, meet the box; changes that are not packed yet
    /// count wherever they are.
    pub fn is_little(&self, area: &WorldBox, features: usize) -> bool {
        let left = features.checked_sub(self.delta.len());
        left.is_some_and(|left| self.base.is_little(area, left))
    }

    /// One feature, if the viewer sees it.
    pub fn get(&self, id: FeatureId, viewer: &Viewer) -> Option<FeatureRef<'_>> {
        let hidden = self.delta.hides(id);
        let found = self.delta.get(id).or_else(|| if hidden { None } else { self.base.get(id) });
        found.filter(|f| viewer.sees(f.scope))
    }

    /// How many features there are.
    pub fn len(&self) -> usize {
        self.base.len() - self.delta.hidden_in(&self.base) + self.delta.len()
    }

    /// How many the viewer sees.
    pub fn count(&self, viewer: &Viewer) -> usize {
        if viewer.scope_array().is_none() {
            self.len()
        } else {
            self.iter().filter(|f| viewer.sees(f.scope)).count()
        }
    }

    /// Whether the layer has no features.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every feature, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = FeatureRef<'_>> {
        self.base.iter().filter(|f| !self.delta.hides(f.id)).chain(self.delta.iter())
    }

    /// What meets the box, whoever may see it.
    fn touching(&self, area: &WorldBox) -> Vec<FeatureRef<'_>> {
        let mut found = Vec::new();
        self.base.each_in(area, |row| {
            if !self.delta.hides(self.base.id(row)) {
                found.push(self.base.row(row));
            }
        });
        found.extend(self.delta.in_box(area));
        found
    }

    fn packed(&self) -> Base {
        self.base.merged(|id| !self.delta.hides(id), self.delta.iter().collect())
    }

    /// Moves with every applied change; part of cache keys, meaningless across restarts.
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// A layer's definition with its current snapshot.
#[derive(Debug)]
pub struct Mirror {
    layer: Layer,
    current: ArcSwap<Snapshot>,
    /// Held by whoever replaces the snapshot.
    writing: Mutex<()>,
    is_packing: AtomicBool,
    stamps: Stamps,
}

impl Mirror {
    fn new(layer: Layer, base: Base) -> Self {
        let snapshot = Snapshot { base: Arc::new(base), delta: Arc::default(), version: 1 };
        Self {
            layer,
            current: ArcSwap::from_pointee(snapshot),
            writing: Mutex::new(()),
            is_packing: AtomicBool::new(false),
            stamps: Stamps::default(),
        }
    }

    /// The catalogue's definition.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// The layer as it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Replaces and removes features, and answers the boxes that are touched, old and new, each with whose it was: also those
    /// of neighbours, some vertices of which are needed at other zooms now.
    pub(crate) fn apply(
        &self,
        upsert: Vec<OwnedFeature>,
        gone: &[FeatureId],
    ) -> Vec<(ScopeId, WorldBox)> {
        let program = Viewer::program();
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.snapshot();
        let changed: BTreeSet<FeatureId> =
            gone.iter().copied().chain(upsert.iter().map(|f| f.id)).collect();
        let mut delta = Delta::clone(&before.delta);
        delta.put(upsert, gone);
        let version = before.version + 1;
        let mut next = Snapshot { base: Arc::clone(&before.base), delta: Arc::new(delta), version };
        let mut touched: Vec<(ScopeId, WorldBox)> = [&*before, &next]
            .into_iter()
            .flat_map(|now| changed.iter().filter_map(|id| now.get(*id, &program)))
            .map(|f| (f.scope, f.bbox))
            .collect();
        if self.layer.geometry != GeometryType::Point {
            let thinned = thin::thinned(&before, &next, &changed, self.layer.max_zoom);
            touched.extend(
                thinned.iter().filter(|f| !changed.contains(&f.id)).map(|f| (f.scope, f.bbox)),
            );
            Arc::make_mut(&mut next.delta).put(thinned, &[]);
        }
        self.current.store(Arc::new(next));
        self.stamps.touch(version, touched.iter().map(|(_, area)| *area));
        touched
    }

    /// The version that last changed what the tile `z/x/y` with its buffer is made of. To be asked before
    /// [`Mirror::snapshot`]: what is made of that is then never older.
    pub fn version_of(&self, z: u8, x: u32, y: u32) -> u64 {
        self.stamps.of(z, x, y)
    }

    /// Bytes that the packed features take.
    pub fn bytes(&self) -> usize {
        self.current.load().base.bytes()
    }

    /// Whether the delta has become so large that [`Mirror::pack`] is due. Says so to one caller only.
    pub(crate) fn wants_packing(&self) -> bool {
        self.current.load().delta.size() > DELTA_LIMIT
            && !self.is_packing.swap(true, Ordering::AcqRel)
    }

    /// Makes a new base of all that is known, while changes go on; what comes meanwhile stays in the delta. Only for
    /// whom [`Mirror::wants_packing`] told to.
    pub(crate) fn pack(&self) {
        let _ended = Ended(&self.is_packing);
        let before = self.snapshot();
        self.settle(&before, before.packed());
    }

    /// Puts a base in place that was packed from an earlier snapshot.
    fn settle(&self, before: &Snapshot, base: Base) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.snapshot();
        let (base, delta) = (Arc::new(base), Arc::new(now.delta.since(&before.delta)));
        self.current.store(Arc::new(Snapshot { base, delta, version: now.version }));
    }
}

/// Packing is over, also when it panicked.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Every layer of the catalogue: in memory, or, where it does not fit, drawn from the database.
#[derive(Debug, Default)]
pub struct Mirrors {
    by_id: BTreeMap<String, Mirror>,
    direct: BTreeMap<String, Direct>,
}

impl Mirrors {
    /// A layer's mirror.
    pub fn get(&self, layer_id: &str) -> Option<&Mirror> {
        self.by_id.get(layer_id)
    }

    /// All of them in drawing order.
    pub fn in_order(&self) -> Vec<&Mirror> {
        let mut all: Vec<&Mirror> = self.by_id.values().collect();
        all.sort_by_key(|m| m.layer.ordinal);
        all
    }

    /// A layer that is drawn from the database.
    pub fn direct(&self, layer_id: &str) -> Option<&Direct> {
        self.direct.get(layer_id)
    }

    /// All of those.
    pub fn all_direct(&self) -> impl Iterator<Item = &Direct> {
        self.direct.values()
    }

    /// The mirror, or an error that names the layer.
    pub(crate) fn require(&self, layer_id: &str) -> Result<&Mirror> {
        self.get(layer_id).ok_or_else(|| GisError::Catalogue {
            layer: layer_id.to_owned(),
            reason: "not in memory".to_owned(),
        })
    }
}

pub(crate) use load::{load_all, reload};

#[cfg(test)]
mod tests;
