//! What changed since the base was packed. A delta is replaced, never edited: readers keep theirs.

use std::collections::HashMap;
use std::sync::Arc;

use rstar::RTree;

use super::base::{Base, Leaf, envelope, leaf};
use super::{FeatureRef, OwnedFeature};
use crate::{FeatureId, WorldBox};

/// Features that replace or hide those of the base.
#[derive(Debug, Default, Clone)]
pub(super) struct Delta {
    /// `None` hides the feature.
    changed: HashMap<FeatureId, Option<Arc<OwnedFeature>>>,
    tree: RTree<Leaf<FeatureId>>,
}

impl Delta {
    /// This delta with further changes.
    pub(super) fn with(&self, upsert: Vec<OwnedFeature>, gone: &[FeatureId]) -> Self {
        let mut next = self.clone();
        for id in gone {
            next.forget(*id);
            next.changed.insert(*id, None);
        }
        for feature in upsert {
            next.forget(feature.id);
            next.tree.insert(leaf(&feature.bbox, feature.id));
            next.changed.insert(feature.id, Some(Arc::new(feature)));
        }
        next
    }

    pub(super) fn hides(&self, id: FeatureId) -> bool {
        self.changed.contains_key(&id)
    }

    pub(super) fn hidden_in(&self, base: &Base) -> usize {
        self.changed.keys().filter(|id| base.contains(**id)).count()
    }

    pub(super) fn size(&self) -> usize {
        self.changed.len()
    }

    pub(super) fn len(&self) -> usize {
        self.tree.size()
    }

    pub(super) fn get(&self, id: FeatureId) -> Option<FeatureRef<'_>> {
        self.changed.get(&id)?.as_ref().map(|f| f.as_ref().as_ref())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = FeatureRef<'_>> {
        self.tree.iter().filter_map(|leaf| self.get(leaf.data))
    }

    pub(super) fn in_box(&self, area: &WorldBox) -> impl Iterator<Item = FeatureRef<'_>> {
        self.tree
            .locate_in_envelope_intersecting(&envelope(area))
            .filter_map(|leaf| self.get(leaf.data))
    }

    fn forget(&mut self, id: FeatureId) {
        if let Some(Some(old)) = self.changed.remove(&id) {
            self.tree.remove(&leaf(&old.bbox, id));
        }
    }
}
