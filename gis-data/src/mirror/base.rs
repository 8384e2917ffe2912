//! The packed base: columns instead of objects, in the order of a Hilbert curve, with a tree of boxes above.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::attributes::{Attributes, Collecting};
use super::column::{Values, ordered};
use super::need::{Corners, Needs, has_many};
use super::rank::Rank;
use super::tree::{self, Tree};
use super::{FeatureRef, OwnedFeature, PackedGeometry};
use crate::{FeatureId, ScopeId, World, WorldBox};

/// Geometries of one part share their ends: the slice of one number that says how many points it has.
const SHARED: usize = 4096;
static ENDS: LazyLock<Vec<u32>> = LazyLock::new(|| (0..).take(SHARED).collect());

/// What a row takes beside its vertices and attributes: id, its place in their order, scope, box, rank, end of its points, and
/// its share of the tree.
const ROW_BYTES: usize = 8 + 4 + 4 + 16 + 8 + 4 + 2;
/// What the ends of a geometry of several parts take, roughly.
const PARTS_BYTES: usize = 64;

/// Features in rows of packed columns; row n's points lie between the ends of n − 1 and n.
#[derive(Debug, Default)]
pub(super) struct Base {
    ids: Vec<FeatureId>,
    /// Rows by ascending id.
    by_id: Vec<u32>,
    scopes: Vec<ScopeId>,
    boxes: Vec<WorldBox>,
    ranks: Vec<Rank>,
    points: Vec<World>,
    /// For each point the first zoom that needs it; empty where all of them do.
    needs: Vec<u8>,
    point_ends: Vec<u32>,
    /// Whether geometries of one part are polygons of one ring.
    is_polygonal: bool,
    /// All geometries that are not of one part.
    parts: HashMap<u32, Parts>,
    attributes: Attributes,
    tree: Tree,
}

/// Ends of parts relative to the feature's first point, of polygons relative to its first part.
#[derive(Debug, Clone)]
struct Parts {
    part_ends: Box<[u32]>,
    polygon_ends: Box<[u32]>,
}

impl Base {
    /// Packs features, the vertices of which are all needed from zoom `last` on.
    pub(super) fn pack(features: Vec<OwnedFeature>, last: u8) -> Self {
        let mut packing = Packing::default();
        for feature in features {
            packing.push(feature.as_ref());
        }
        packing.finish(last)
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Bytes that all of it takes.
    pub(super) fn bytes(&self) -> usize {
        self.len() * ROW_BYTES
            + size_of_val(&*self.points)
            + self.needs.len()
            + self.parts.len() * PARTS_BYTES
            + self.attributes.bytes()
    }

    pub(super) fn contains(&self, id: FeatureId) -> bool {
        self.find(id).is_some()
    }

    pub(super) fn get(&self, id: FeatureId) -> Option<FeatureRef<'_>> {
        self.find(id).map(|row| self.row(row))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = FeatureRef<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }

    /// Whether no more than about so many rows meet the area.
    pub(super) fn is_little(&self, area: &WorldBox, rows: usize) -> bool {
        self.tree.is_little(area, rows)
    }

    /// The rows whose boxes meet the area, in ascending order.
    pub(super) fn each_in(&self, area: &WorldBox, mut f: impl FnMut(usize)) {
        self.tree.each_in(&self.boxes, area, &mut f);
    }

    #[inline]
    pub(super) fn id(&self, row: usize) -> FeatureId {
        self.ids[row]
    }

    #[inline]
    pub(super) fn scope(&self, row: usize) -> ScopeId {
        self.scopes[row]
    }

    #[inline]
    pub(super) fn values(&self, row: usize) -> Values<'_> {
        self.attributes.row(row)
    }

    #[inline]
    pub(super) fn bbox(&self, row: usize) -> WorldBox {
        self.boxes[row]
    }

    #[inline]
    pub(super) fn rank(&self, row: usize) -> Rank {
        self.ranks[row]
    }

    #[inline]
    pub(super) fn row(&self, row: usize) -> FeatureRef<'_> {
        let all = self.start(row)..self.point_ends[row] as usize;
        let needs = if self.needs.is_empty() { &[] } else { &self.needs[all.clone()] };
        let points = &self.points[all];
        // Rows are counted in 32 bits when they are packed.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        let parts = || self.parts.get(&(row as u32));
        // Most are one ring, and known to be.
        let parts = if self.ranks[row].is_ever_simple() { None } else { parts() };
        let (part_ends, polygon_ends) = match parts {
            Some(parts) => (&*parts.part_ends, &*parts.polygon_ends),
            None => (
                &ENDS[points.len()..=points.len()],
                if self.is_polygonal { &ENDS[1..=1] } else { &[][..] },
            ),
        };
        FeatureRef {
            id: self.ids[row],
            scope: self.scopes[row],
            bbox: self.boxes[row],
            rank: self.ranks[row],
            geometry: PackedGeometry { points, needs, part_ends, polygon_ends },
            values: self.values(row),
            alike: self.attributes.alike(row),
        }
    }

    fn find(&self, id: FeatureId) -> Option<usize> {
        let at = self.by_id.binary_search_by_key(&id, |&row| self.ids[row as usize]).ok()?;
        Some(self.by_id[at] as usize)
    }
}

/// What rows are sorted by: the same features always lie in the same order.
pub(super) fn place(feature: &FeatureRef<'_>) -> (u64, FeatureId) {
    (tree::along(&feature.bbox), feature.id)
}

impl Base {
    /// The rows that are kept with others among them. What lies in order is not sorted again, and every column is made once
    /// and in its size: for a moment there are two bases, and nothing else.
    pub(super) fn merged<'a>(
        &'a self,
        is_kept: impl Fn(FeatureId) -> bool,
        mut news: Vec<FeatureRef<'a>>,
    ) -> Self {
        news.sort_unstable_by_key(place);
        let mut order = Vec::with_capacity(self.len() + news.len());
        let mut next = numbers(self.len(), news.len()).zip(&news).peekable();
        for row in numbers(0, self.len()).filter(|row| is_kept(self.ids[*row as usize])) {
            if next.peek().is_some() {
                let here = place(&self.row(row as usize));
                while let Some((n, _)) = next.next_if(|(_, new)| place(new) < here) {
                    order.push(n);
                }
            }
            order.push(row);
        }
        order.extend(next.map(|(n, _)| n));
        let feature = |n: u32| {
            let n = n as usize;
            if n < self.len() { self.row(n) } else { news[n - self.len()] }
        };
        Self::assembled(&order, feature)
    }

    /// Features in this order, column after column.
    fn assembled<'a>(order: &[u32], feature: impl Fn(u32) -> FeatureRef<'a>) -> Self {
        let all = || order.iter().map(|n| feature(*n));
        let is_polygonal = all().next().is_some_and(|f| !f.geometry.polygon_ends.is_empty());
        let mut points = Vec::with_capacity(all().map(|f| f.geometry.points.len()).sum());
        let mut end_of = |f: FeatureRef<'_>| {
            points.extend_from_slice(f.geometry.points);
            u32::try_from(points.len()).expect("a layer has fewer vertices than 2^32")
        };
        let point_ends = all().map(&mut end_of).collect();
        let mut needs = Vec::new();
        if all().any(|f| !f.geometry.needs.is_empty()) {
            needs.reserve_exact(points.len());
            for f in all() {
                needs.extend_from_slice(f.geometry.needs);
                if f.geometry.needs.is_empty() {
                    needs.resize(needs.len() + f.geometry.points.len(), 0);
                }
            }
        }
        let is_several = |(_, f): &(u32, FeatureRef<'_>)| !is_one_part(f.geometry, is_polygonal);
        let several = (0..).zip(all()).filter(is_several);
        let mut attributes = Collecting::default();
        all().for_each(|f| attributes.push(f.values));
        let ids: Vec<FeatureId> = all().map(|f| f.id).collect();
        let boxes: Vec<WorldBox> = all().map(|f| f.bbox).collect();
        Self {
            by_id: by_id(&ids),
            scopes: all().map(|f| f.scope).collect(),
            tree: Tree::over(&boxes),
            ranks: all().map(|f| f.rank).collect(),
            points,
            needs,
            point_ends,
            is_polygonal,
            parts: several.map(|(row, f)| (row, Parts::of(f.geometry))).collect(),
            attributes: attributes.finish(None),
            ids,
            boxes,
        }
    }
}

/// Rows by ascending id.
fn by_id(ids: &[FeatureId]) -> Vec<u32> {
    let mut rows: Vec<u32> = numbers(0, ids.len()).collect();
    rows.sort_unstable_by_key(|&row| ids[row as usize]);
    rows
}

/// So many numbers of rows from one on.
fn numbers(from: usize, count: usize) -> impl Iterator<Item = u32> {
    let number = |n: usize| u32::try_from(n).expect("a layer has fewer features than 2^32");
    number(from)..number(from + count)
}

/// Whether its ends need not be written down.
fn is_one_part(geometry: PackedGeometry<'_>, is_polygonal: bool) -> bool {
    geometry.part_ends.len() == 1
        && geometry.points.len() < SHARED
        && geometry.polygon_ends.is_empty() != is_polygonal
}

impl Parts {
    fn of(geometry: PackedGeometry<'_>) -> Self {
        Self { part_ends: geometry.part_ends.into(), polygon_ends: geometry.polygon_ends.into() }
    }
}

/// A base while its features come in, in any order.
#[derive(Default)]
pub(super) struct Packing {
    base: Base,
    attributes: Collecting,
}

impl Packing {
    pub(super) fn len(&self) -> usize {
        self.base.ids.len()
    }

    /// Bytes that the rows so far will take, with attributes as in memory before they are packed.
    pub(super) fn bytes(&self) -> usize {
        self.base.bytes() + self.base.points.len() + self.attributes.bytes()
    }

    pub(super) fn push(&mut self, f: FeatureRef<'_>) {
        let base = &mut self.base;
        let row = u32::try_from(base.ids.len()).expect("a layer has fewer features than 2^32");
        if row == 0 {
            base.is_polygonal = !f.geometry.polygon_ends.is_empty();
        }
        if !is_one_part(f.geometry, base.is_polygonal) {
            base.parts.insert(row, Parts::of(f.geometry));
        }
        base.ids.push(f.id);
        base.scopes.push(f.scope);
        base.boxes.push(f.bbox);
        base.ranks.push(f.rank);
        base.points.extend_from_slice(f.geometry.points);
        let end = u32::try_from(base.points.len()).expect("a layer has fewer vertices than 2^32");
        base.point_ends.push(end);
        self.attributes.push(f.values);
    }

    /// Puts the rows in order, one column after the other, so that only one of them is there twice, and looks among neighbours
    /// for what zooms before `last` need of them.
    pub(super) fn finish(self, last: u8) -> Base {
        let Self { mut base, attributes } = self;
        let mut keyed: Vec<(u64, FeatureId, u32)> = numbers(0, base.len())
            .map(|row| (tree::along(&base.boxes[row as usize]), base.ids[row as usize], row))
            .collect();
        keyed.sort_unstable();
        let order: Vec<u32> = keyed.into_iter().map(|(_, _, row)| row).collect();
        base.points = reordered(&base.points, &base.point_ends, &order);
        let start = |row: usize| if row == 0 { 0 } else { base.point_ends[row - 1] };
        let mut end = 0;
        base.point_ends = order
            .iter()
            .map(|&row| {
                end += base.point_ends[row as usize] - start(row as usize);
                end
            })
            .collect();
        base.scopes = ordered(&base.scopes, &order);
        base.boxes = ordered(&base.boxes, &order);
        base.ranks = ordered(&base.ranks, &order);
        base.attributes = attributes.finish(Some(&order));
        base.ids = ordered(&base.ids, &order);
        let mut parts = std::mem::take(&mut base.parts);
        base.parts = (0..)
            .zip(&order)
            .filter_map(|(row, old)| parts.remove(old).map(|parts| (row, parts)))
            .collect();
        base.by_id = by_id(&base.ids);
        base.tree = Tree::over(&base.boxes);
        base.thin(last);
        base
    }
}

impl Base {
    fn thin(&mut self, last: u8) {
        let has_vertices = self.is_polygonal || self.point_ends.len() < self.points.len();
        if !has_vertices {
            return;
        }
        let geometry = |row: usize| self.row(row).geometry;
        let many: HashMap<usize, Corners> = (0..self.len())
            .filter(|row| has_many(geometry(*row)))
            .map(|row| (row, Corners::of(geometry(row))))
            .collect();
        let mut all = Vec::with_capacity(self.points.len());
        for row in 0..self.len() {
            let mut needs = Needs::of(geometry(row));
            self.each_in(&self.boxes[row], |other| match many.get(&other) {
                _ if other == row => {}
                Some(corners) => needs.meet_many(corners),
                None => needs.meet(geometry(other)),
            });
            all.extend(needs.finish(last));
            all.resize(self.start(row + 1), 0);
        }
        self.needs = if all.iter().all(|need| *need == 0) { Vec::new() } else { all };
        self.ranks = (0..self.len())
            .map(|row| self.ranks[row].with_ring(self.row(row).geometry, &self.boxes[row]))
            .collect();
    }

    /// Where the points of a row begin.
    #[inline]
    fn start(&self, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |before| self.point_ends[before] as usize)
    }
}

fn reordered(points: &[World], ends: &[u32], order: &[u32]) -> Vec<World> {
    let mut moved = Vec::with_capacity(points.len());
    for &row in order {
        let start = if row == 0 { 0 } else { ends[row as usize - 1] as usize };
        moved.extend_from_slice(&points[start..ends[row as usize] as usize]);
    }
    moved
}
