//! A layer in memory: an immutable packed base, a small `rstar` delta above it, swapped as one.
//! Readers take a [`Snapshot`] and never wait; one follower writes.

mod base;
mod delta;
mod geometry;
mod load;
pub(crate) mod queries;
mod value;
mod wkb;

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use base::Base;
use delta::Delta;
pub use geometry::{OwnedFeature, PackedGeometry};
pub use value::Value;

use crate::{FeatureId, GisError, Layer, Result, ScopeId, Viewer, WorldBox};

/// How many features may stand in the delta before it is packed into a new base.
const DELTA_LIMIT: usize = 2_000;

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
    /// One value per attribute of the layer, in that order.
    pub values: &'a [Value],
}

/// A layer at one moment. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshot {
    base: Arc<Base>,
    delta: Arc<Delta>,
    version: u64,
}

impl Snapshot {
    /// Packs features into a layer that no follower keeps: what a live source hands to tiles.
    pub fn of(features: Vec<OwnedFeature>, version: u64) -> Self {
        Self { base: Arc::new(Base::pack(features)), delta: Arc::default(), version }
    }

    /// Features whose box meets the given box and which the viewer sees, by ascending id, so that the
    /// same data always makes the same bytes.
    pub fn in_box<'a>(&'a self, area: &WorldBox, viewer: &Viewer) -> Vec<FeatureRef<'a>> {
        let mut found: Vec<FeatureRef<'a>> = self
            .base
            .in_box(area)
            .filter(|f| !self.delta.hides(f.id))
            .chain(self.delta.in_box(area))
            .filter(|f| viewer.sees(f.scope))
            .collect();
        found.sort_unstable_by_key(|f| f.id);
        found
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
}

impl Mirror {
    fn new(layer: Layer, features: Vec<OwnedFeature>) -> Self {
        Self { layer, current: ArcSwap::from_pointee(Snapshot::of(features, 1)) }
    }

    /// The catalogue's definition.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// The layer as it is now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// Replaces and removes features, and answers the boxes that are touched, old and new, each with whose it was.
    pub(crate) fn apply(
        &self,
        upsert: Vec<OwnedFeature>,
        gone: &[FeatureId],
    ) -> Vec<(ScopeId, WorldBox)> {
        let program = Viewer::program();
        let before = self.snapshot();
        let touched: Vec<(ScopeId, WorldBox)> = gone
            .iter()
            .copied()
            .chain(upsert.iter().map(|f| f.id))
            .filter_map(|id| before.get(id, &program).map(|f| (f.scope, f.bbox)))
            .chain(upsert.iter().map(|f| (f.scope, f.bbox)))
            .collect();
        let delta = before.delta.with(upsert, gone);
        let version = before.version + 1;
        let next = if delta.size() > DELTA_LIMIT {
            let merged =
                Snapshot { base: Arc::clone(&before.base), delta: Arc::new(delta), version };
            Snapshot::of(merged.iter().map(OwnedFeature::from).collect(), version)
        } else {
            Snapshot { base: Arc::clone(&before.base), delta: Arc::new(delta), version }
        };
        self.current.store(Arc::new(next));
        touched
    }
}

/// Every layer of the catalogue in memory.
#[derive(Debug, Default)]
pub struct Mirrors {
    by_id: BTreeMap<String, Mirror>,
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

    /// The mirror, or an error that names the layer.
    pub(crate) fn require(&self, layer_id: &str) -> Result<&Mirror> {
        self.get(layer_id).ok_or_else(|| GisError::Catalogue {
            layer: layer_id.to_owned(),
            reason: "not in memory".to_owned(),
        })
    }
}

pub(crate) use load::{load_all, reload};
