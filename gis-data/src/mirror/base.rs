//! The packed base: columns instead of objects, and an R-tree of boxes.

use std::collections::HashMap;

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::{FeatureRef, OwnedFeature, PackedGeometry, Value};
use crate::{FeatureId, ScopeId, World, WorldBox};

/// A box of the tree with what it stands for. World integers fit `i64`, in which areas cannot overflow
/// for boxes smaller than half the earth; larger ones only order less well.
pub(super) type Leaf<T> = GeomWithData<Rectangle<[i64; 2]>, T>;

pub(super) fn leaf<T>(bbox: &WorldBox, data: T) -> Leaf<T> {
    let corner = |p: World| [i64::from(p.x), i64::from(p.y)];
    GeomWithData::new(Rectangle::from_corners(corner(bbox.min), corner(bbox.max)), data)
}

pub(super) fn envelope(bbox: &WorldBox) -> AABB<[i64; 2]> {
    AABB::from_corners(
        [i64::from(bbox.min.x), i64::from(bbox.min.y)],
        [i64::from(bbox.max.x), i64::from(bbox.max.y)],
    )
}

/// Features in rows of packed columns; row n's slices lie between the ends of n − 1 and n.
#[derive(Debug, Default)]
pub(super) struct Base {
    ids: Vec<FeatureId>,
    scopes: Vec<ScopeId>,
    boxes: Vec<WorldBox>,
    points: Vec<World>,
    point_ends: Vec<usize>,
    /// Relative to the feature's first point.
    part_ends: Vec<u32>,
    part_end_ends: Vec<usize>,
    /// Relative to the feature's first part.
    polygon_ends: Vec<u32>,
    polygon_end_ends: Vec<usize>,
    values: Vec<Value>,
    value_ends: Vec<usize>,
    rows: HashMap<FeatureId, u32>,
    tree: RTree<Leaf<u32>>,
}

impl Base {
    pub(super) fn pack(mut features: Vec<OwnedFeature>) -> Self {
        features.sort_unstable_by_key(|f| f.id);
        let mut base = Self::default();
        let mut leaves = Vec::with_capacity(features.len());
        for (row, f) in (0_u32..).zip(features) {
            leaves.push(leaf(&f.bbox, row));
            base.rows.insert(f.id, row);
            base.ids.push(f.id);
            base.scopes.push(f.scope);
            base.boxes.push(f.bbox);
            base.points.extend(f.points);
            base.point_ends.push(base.points.len());
            base.part_ends.extend(f.part_ends);
            base.part_end_ends.push(base.part_ends.len());
            base.polygon_ends.extend(f.polygon_ends);
            base.polygon_end_ends.push(base.polygon_ends.len());
            base.values.extend(f.values);
            base.value_ends.push(base.values.len());
        }
        base.tree = RTree::bulk_load(leaves);
        base
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn contains(&self, id: FeatureId) -> bool {
        self.rows.contains_key(&id)
    }

    pub(super) fn get(&self, id: FeatureId) -> Option<FeatureRef<'_>> {
        self.rows.get(&id).map(|&row| self.row(row as usize))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = FeatureRef<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }

    pub(super) fn in_box(&self, area: &WorldBox) -> impl Iterator<Item = FeatureRef<'_>> {
        self.tree
            .locate_in_envelope_intersecting(&envelope(area))
            .map(|leaf| self.row(leaf.data as usize))
    }

    fn row(&self, row: usize) -> FeatureRef<'_> {
        FeatureRef {
            id: self.ids[row],
            scope: self.scopes[row],
            bbox: self.boxes[row],
            geometry: PackedGeometry {
                points: slice(&self.points, &self.point_ends, row),
                part_ends: slice(&self.part_ends, &self.part_end_ends, row),
                polygon_ends: slice(&self.polygon_ends, &self.polygon_end_ends, row),
            },
            values: slice(&self.values, &self.value_ends, row),
        }
    }
}

fn slice<'a, T>(column: &'a [T], ends: &[usize], row: usize) -> &'a [T] {
    let start = if row == 0 { 0 } else { ends[row - 1] };
    &column[start..ends[row]]
}
