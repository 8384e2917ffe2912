//! Boxes, nearest and circles.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use gis_data::{Bbox, LonLat};

use super::MovingIndex;
use super::cell::{Cell, Window};
use super::metric::{Origin, arc_m, chord2_of};
use super::quadtree::{Child, Quadtree};
use crate::live::Handle;

impl MovingIndex {
    /// Visits every vehicle in a box, edges included, each once and in no order.
    pub fn visit_box(&self, bbox: &Bbox, mut visit: impl FnMut(Handle, LonLat)) {
        let mut visit = |id, place| {
            if bbox.contains(place) {
                visit(id, place);
            }
        };
        look_in(&self.tree, 0, Cell::EARTH, &Window::of(bbox), &mut visit);
    }

    /// The `k` vehicles nearest to a place among those that `keep` lets pass and that are no more
    /// than `max_m` metres away, with their distance in metres, the nearest first; of equally near
    /// ones, that of the lower id.
    ///
    /// `keep` is asked at most once of a vehicle, and only of those near enough to matter.
    pub fn nearest(
        &self,
        place: LonLat,
        k: usize,
        max_m: f64,
        keep: impl FnMut(Handle) -> bool,
    ) -> Vec<(Handle, f64)> {
        if k == 0 {
            return Vec::new();
        }
        let best = BinaryHeap::with_capacity(k.min(self.len()));
        let mut nearest = Nearest { k, limit2: chord2_of(max_m), best, keep };
        seek(&self.tree, 0, Cell::EARTH, &Origin::at(place), &mut nearest);
        nearest.best.into_sorted_vec().into_iter().map(|h| (h.id, arc_m(h.chord2))).collect()
    }

    /// Visits every vehicle no more than `radius_m` metres from a place, each once and in no order,
    /// with its distance in metres.
    pub fn visit_within(&self, place: LonLat, radius_m: f64, visit: impl FnMut(Handle, f64)) {
        let mut within = Within { limit2: chord2_of(radius_m), visit };
        seek(&self.tree, 0, Cell::EARTH, &Origin::at(place), &mut within);
    }
}

fn look_in(
    tree: &Quadtree,
    node: u32,
    cell: Cell,
    window: &Window,
    visit: &mut impl FnMut(Handle, LonLat),
) {
    let touched = window.quarters(cell);
    for (i, child) in tree.children(node).into_iter().enumerate() {
        if touched[i] {
            match child {
                Child::Nothing => {}
                Child::Node(below) => look_in(tree, below, cell.quarter(i), window, visit),
                Child::Bucket(first) => tree.visit(first, &mut *visit),
            }
        }
    }
}

/// What looks for vehicles about a place.
trait Seeker {
    /// The square of the longest chord that still matters.
    fn limit2(&self) -> f64;

    /// A vehicle within the limit.
    fn meet(&mut self, id: Handle, chord2: f64);
}

/// Shows a seeker the vehicles about a place, from the near cells to the far.
fn seek(tree: &Quadtree, node: u32, cell: Cell, origin: &Origin, seeker: &mut impl Seeker) {
    let (norths, easts) = origin.least_chord2(cell);
    let children = tree.children(node);
    // Neither the row nor the column of the first is farther than the other.
    let first = usize::from(easts[0][1] < easts[0][0]) | usize::from(norths[1] < norths[0]) << 1;
    for i in [first, first ^ 1, first ^ 2, first ^ 3] {
        let (x, y) = (i & 1, i >> 1);
        if children[i] == Child::Nothing || norths[y] + easts[y][x] > seeker.limit2() {
            continue;
        }
        match children[i] {
            Child::Nothing => {}
            Child::Node(below) => seek(tree, below, cell.quarter(i), origin, seeker),
            Child::Bucket(first) => tree.visit(first, |id, place| {
                let chord2 = origin.chord2(place);
                if chord2 <= seeker.limit2() {
                    seeker.meet(id, chord2);
                }
            }),
        }
    }
}

struct Nearest<K> {
    k: usize,
    /// Shrinks to the worst of the best as soon as there are `k`.
    limit2: f64,
    best: BinaryHeap<Hit>,
    keep: K,
}

impl<K: FnMut(Handle) -> bool> Seeker for Nearest<K> {
    fn limit2(&self) -> f64 {
        self.limit2
    }

    fn meet(&mut self, id: Handle, chord2: f64) {
        let hit = Hit { chord2, id };
        let is_full = self.best.len() == self.k;
        if is_full && self.best.peek().is_some_and(|worst| *worst <= hit) || !(self.keep)(id) {
            return;
        }
        if is_full {
            if let Some(mut worst) = self.best.peek_mut() {
                *worst = hit;
            }
        } else {
            self.best.push(hit);
        }
        if self.best.len() == self.k
            && let Some(worst) = self.best.peek()
        {
            self.limit2 = worst.chord2;
        }
    }
}

/// A vehicle that was found; the farther is the greater.
#[derive(Debug, Clone, Copy)]
struct Hit {
    chord2: f64,
    id: Handle,
}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.chord2.total_cmp(&other.chord2).then(self.id.cmp(&other.id))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Hit {}

struct Within<V> {
    limit2: f64,
    visit: V,
}

impl<V: FnMut(Handle, f64)> Seeker for Within<V> {
    fn limit2(&self) -> f64 {
        self.limit2
    }

    fn meet(&mut self, id: Handle, chord2: f64) {
        (self.visit)(id, arc_m(chord2));
    }
}
