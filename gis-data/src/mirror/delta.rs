//! What changed since the base was packed. A delta is replaced, never edited: readers keep theirs.

use std::collections::HashMap;
use std::sync::Arc;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::base::Base;
use super::{FeatureRef, OwnedFeature};
use crate::{FeatureId, World, WorldBox};

/// A box of the tree with what it stands for. World integers fit `i64`, in which areas cannot overflow
/// for boxes smaller than half the earth; larger ones only order less well.
type Leaf = GeomWithData<Rectangle<[i64; 2]>, FeatureId>;

/// What a feature has become; `None` hides it.
type Change = Option<Arc<OwnedFeature>>;

/// Features that replace or hide those of the base.
#[derive(Debug, Default, Clone)]
pub(super) struct Delta {
    changed: HashMap<FeatureId, Change>,
    tree: RTree<Leaf>,
}

impl Delta {
    /// Takes further changes.
    pub(super) fn put(&mut self, upsert: Vec<OwnedFeature>, gone: &[FeatureId]) {
        for id in gone {
            self.forget(*id);
            self.changed.insert(*id, None);
        }
        for feature in upsert {
            self.forget(feature.id);
            self.tree.insert(leaf(&feature.bbox, feature.id));
            self.changed.insert(feature.id, Some(Arc::new(feature)));
        }
    }

    /// What of it came after the other, which it grew from.
    pub(super) fn since(&self, other: &Self) -> Self {
        let is_known = |(id, now): &(&FeatureId, &Change)| match (now, other.changed.get(*id)) {
            (None, Some(None)) => true,
            (Some(now), Some(Some(then))) => Arc::ptr_eq(now, then),
            _ => false,
        };
        let news = self.changed.iter().filter(|change| !is_known(change));
        let changed: HashMap<FeatureId, Change> =
            news.map(|(id, now)| (*id, now.clone())).collect();
        let leaves = changed.values().flatten().map(|f| leaf(&f.bbox, f.id)).collect();
        Self { tree: RTree::bulk_load(leaves), changed }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    pub(super) fn hides(&self, id: FeatureId) -> bool {
        !self.changed.is_empty() && self.changed.contains_key(&id)
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

fn corner(p: World) -> [i64; 2] {
    [i64::from(p.x), i64::from(p.y)]
}

fn leaf(bbox: &WorldBox, id: FeatureId) -> Leaf {
    GeomWithData::new(Rectangle::from_corners(corner(bbox.min), corner(bbox.max)), id)
}

fn envelope(bbox: &WorldBox) -> AABB<[i64; 2]> {
    AABB::from_corners(corner(bbox.min), corner(bbox.max))
}
