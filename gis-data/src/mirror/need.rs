//! From which zoom each vertex of a line or ring is needed, so that low zooms leave out what nobody could see.
//!
//! Borders that features share stay shared: a vertex at which the ways of two features part is a node, which stays; between
//! nodes every feature that runs there has the same vertices, and they alone decide, in either direction. They are ranked
//! after Douglas and Peucker (1973): a vertex is needed where it is more than a unit of a tile of 4096 away from the line
//! without it. What the neighbours are decides over a feature, so that an edit can change the vertices of those around it.
//!
//! A feature whose border runs straight past a node of others, without a vertex there, does not share it.

use std::ops::Range;

use super::PackedGeometry;
use super::geometry::Part;
use crate::{World, WorldBox};

/// Features with more vertices than this are looked up by their neighbours, and not walked through.
const MANY: usize = 64;
/// A unit of a tile of 4096 at this zoom is a unit of the world.
const FINEST: u8 = 20;

/// The vertices before and after a vertex, whichever way; none at the end of a line.
type Sides = [Option<(u32, u32)>; 2];

/// The vertices of a feature with what is on both sides of them, sorted; one on several rings is there as often.
#[derive(Debug, Default)]
pub(super) struct Corners(Vec<((u32, u32), Sides)>);

impl Corners {
    pub(super) fn of(geometry: PackedGeometry<'_>) -> Self {
        let mut corners = Vec::with_capacity(geometry.points().len());
        each_corner(geometry, |place, sides| corners.push((place, sides)));
        corners.sort_unstable();
        Self(corners)
    }

    /// Where a place stands among them.
    fn range(&self, place: (u32, u32)) -> Range<usize> {
        let from = self.0.partition_point(|(other, _)| *other < place);
        let same = self.0[from..].iter().take_while(|(other, _)| *other == place);
        from..from + same.count()
    }

    fn at(&self, place: (u32, u32)) -> impl Iterator<Item = &Sides> {
        self.0[self.range(place)].iter().map(|(_, sides)| sides)
    }

    fn has(&self, place: (u32, u32)) -> bool {
        !self.range(place).is_empty()
    }
}

/// Whether a feature has so many vertices that [`Corners`] are worth being kept.
pub(super) fn has_many(geometry: PackedGeometry<'_>) -> bool {
    geometry.points().len() > MANY
}

/// Whether another feature has a vertex in common with these, which lie in the box.
pub(super) fn share_a_vertex(
    corners: &Corners,
    bbox: &WorldBox,
    other: PackedGeometry<'_>,
) -> bool {
    let is_near = |p: &World| {
        (bbox.min.x..=bbox.max.x).contains(&p.x) && (bbox.min.y..=bbox.max.y).contains(&p.y)
    };
    other.points().iter().filter(|p| is_near(p)).any(|p| corners.has(pair(*p)))
}

/// Finds the nodes of one feature, and with them from which zoom its vertices are needed.
pub(super) struct Needs<'a> {
    geometry: PackedGeometry<'a>,
    own: Corners,
    /// For each of `own` whether a way parts there.
    is_node: Vec<bool>,
}

impl<'a> Needs<'a> {
    pub(super) fn of(geometry: PackedGeometry<'a>) -> Self {
        let own = Corners::of(geometry);
        let mut is_node = vec![false; own.0.len()];
        for n in 1..own.0.len() {
            if own.0[n - 1].0 == own.0[n].0 && own.0[n - 1].1 != own.0[n].1 {
                (is_node[n - 1], is_node[n]) = (true, true);
            }
        }
        Self { geometry, own, is_node }
    }

    /// Considers a neighbour.
    pub(super) fn meet(&mut self, other: PackedGeometry<'_>) {
        each_corner(other, |place, sides| self.compare(place, &sides));
    }

    /// Considers one with many vertices.
    pub(super) fn meet_many(&mut self, other: &Corners) {
        for n in 0..self.own.0.len() {
            let (place, sides) = self.own.0[n];
            self.is_node[n] |= other.at(place).any(|theirs| *theirs != sides);
        }
    }

    fn compare(&mut self, place: (u32, u32), sides: &Sides) {
        for n in self.own.range(place) {
            self.is_node[n] |= self.own.0[n].1 != *sides;
        }
    }

    /// For each vertex the first zoom that needs it, at most `last`, which needs them all. Empty where every zoom does.
    pub(super) fn finish(self, last: u8) -> Vec<u8> {
        let is_closed = self.geometry.is_polygonal();
        let mut needs = Vec::with_capacity(self.geometry.points().len());
        for Part { points, .. } in self.geometry.parts() {
            let from = needs.len();
            needs.resize(from + points.len(), last);
            let nodes: Vec<usize> =
                (0..points.len()).filter(|n| self.is_node(points[*n])).collect();
            let mut thinning = Thinning { points, needs: &mut needs[from..], last };
            if is_closed { thinning.ring(nodes) } else { thinning.line(&nodes) }
        }
        if needs.iter().all(|need| *need == 0) { Vec::new() } else { needs }
    }

    fn is_node(&self, point: World) -> bool {
        self.is_node[self.own.range(pair(point))].contains(&true)
    }
}

/// One line or ring, and what is known of its vertices.
struct Thinning<'a> {
    points: &'a [World],
    needs: &'a mut [u8],
    last: u8,
}

impl Thinning<'_> {
    fn line(&mut self, nodes: &[usize]) {
        let Some(end) = self.points.len().checked_sub(1) else { return };
        let mut from = 0;
        self.needs[0] = 0;
        for &to in nodes.iter().chain([&end]).filter(|n| **n > 0) {
            self.chain(from, to);
            from = to;
        }
    }

    /// A ring without two nodes is held by vertices that depend on its shape alone, not on where it begins.
    fn ring(&mut self, mut nodes: Vec<usize>) {
        let len = self.points.len();
        if nodes.is_empty() {
            nodes.extend((0..len).min_by_key(|n| pair(self.points[*n])));
        }
        if let [only] = nodes[..] {
            let opposite = (0..len).max_by_key(|n| {
                let away = self.away(*n, only);
                (away, std::cmp::Reverse(pair(self.points[*n])))
            });
            nodes.extend(opposite.filter(|n| *n != only));
            nodes.sort_unstable();
        }
        let Some(&first) = nodes.first() else { return };
        for (n, &from) in nodes.iter().enumerate() {
            let to = nodes.get(n + 1).copied().unwrap_or(first + len);
            self.chain(from, to);
        }
        self.keep_three();
    }

    /// Less would be no ring.
    fn keep_three(&mut self) {
        let spare: Vec<usize> = (0..self.needs.len()).filter(|n| self.needs[*n] > 0).collect();
        if self.needs.len() < spare.len() + 3
            && let Some(n) =
                spare.into_iter().min_by_key(|n| (self.needs[*n], pair(self.points[*n])))
        {
            self.needs[n] = 0;
        }
    }

    /// The way from one vertex that stays to the next; numbers beyond the last vertex begin again at the first.
    fn chain(&mut self, from: usize, to: usize) {
        let len = self.points.len();
        (self.needs[from % len], self.needs[to % len]) = (0, 0);
        let mut open = vec![(from, to, 0)];
        while let Some((from, to, above)) = open.pop() {
            let off = |n: usize| self.off(n % len, from % len, to % len);
            let farthest = (from + 1..to).map(|n| (off(n), n)).reduce(|a, b| {
                let order = a.0.total_cmp(&b.0);
                let order = order.then_with(|| self.place(b.1).cmp(&self.place(a.1)));
                if order.is_lt() { b } else { a }
            });
            let Some((off, n)) = farthest else { continue };
            let need = needed(off).max(above).min(self.last);
            self.needs[n % len] = need;
            if need < self.last {
                open.extend([(from, n, need), (n, to, need)]);
            }
        }
    }

    fn place(&self, n: usize) -> (u32, u32) {
        pair(self.points[n % self.points.len()])
    }

    /// The square of the distance between two vertices.
    fn away(&self, a: usize, b: usize) -> u128 {
        let (a, b) = (self.points[a], self.points[b]);
        let square = |d: u32| u128::from(d) * u128::from(d);
        square(a.x.abs_diff(b.x)) + square(a.y.abs_diff(b.y))
    }

    /// The square of a vertex's distance from the way between two others: exact up to the last division, so that it is the
    /// same from either end.
    #[expect(clippy::cast_precision_loss, reason = "compared with the squares of units")]
    fn off(&self, n: usize, from: usize, to: usize) -> f64 {
        let way = |from: usize, to: usize| {
            let (from, to) = (self.points[from], self.points[to]);
            (i128::from(to.x) - i128::from(from.x), i128::from(to.y) - i128::from(from.y))
        };
        let ((dx, dy), (px, py)) = (way(from, to), way(from, n));
        let (length, along) = (dx * dx + dy * dy, px * dx + py * dy);
        if along <= 0 {
            self.away(n, from) as f64
        } else if along >= length {
            self.away(n, to) as f64
        } else {
            let cross = (dx * py - dy * px) as f64;
            cross * cross / length as f64
        }
    }
}

/// The first zoom at which the square of a distance, in world units, is more than that of a unit.
fn needed(off: f64) -> u8 {
    (0..=FINEST).find(|z| off > f64::from(1_u32 << (FINEST - z)).powi(2)).unwrap_or(FINEST + 1)
}

fn each_corner(geometry: PackedGeometry<'_>, mut f: impl FnMut((u32, u32), Sides)) {
    let is_closed = geometry.is_polygonal();
    for Part { points, .. } in geometry.parts() {
        let at = |n: usize| points.get(n).map(|point| pair(*point));
        for (n, point) in points.iter().enumerate() {
            let before = n.checked_sub(1).or_else(|| is_closed.then(|| points.len() - 1));
            let after = at(n + 1).or_else(|| if is_closed { at(0) } else { None });
            let mut sides = [before.and_then(at), after];
            sides.sort_unstable();
            f(pair(*point), sides);
        }
    }
}

fn pair(point: World) -> (u32, u32) {
    (point.x, point.y)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Twelve cells a side; each border has four vertices between its corners.
    const SIDE: u32 = 12;
    const BETWEEN: u32 = 5;

    /// A map of cells whose corners and borders are pushed about by these numbers.
    fn cells(pushes: &[(i32, i32)]) -> Vec<Vec<World>> {
        let place = |x: u32, y: u32| {
            let n = (x * 7919 + y * 104_729) as usize % pushes.len();
            let moved = |v: u32, push: i32| ((1 << 30) + v * 4000).saturating_add_signed(push);
            World { x: moved(x, pushes[n].0), y: moved(y, pushes[n].1) }
        };
        let cell = |column: u32, row: u32| {
            let (west, north) = (column * BETWEEN, row * BETWEEN);
            let sides = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)];
            let on = move |n: u32, (a, b): (u32, u32), (c, d): (u32, u32)| {
                let along = |a: u32, c: u32| a * (BETWEEN - n) + c * n;
                place(west + along(a, c), north + along(b, d))
            };
            sides.windows(2).flat_map(|s| (0..BETWEEN).map(|n| on(n, s[0], s[1]))).collect()
        };
        (0..SIDE * SIDE).map(|n| cell(n % SIDE, n / SIDE)).collect()
    }

    fn ring<'a>(points: &'a [World], ends: &'a [u32; 1]) -> PackedGeometry<'a> {
        PackedGeometry { points, needs: &[], part_ends: ends, polygon_ends: &[1] }
    }

    fn line<'a>(points: &'a [World], ends: &'a [u32]) -> PackedGeometry<'a> {
        PackedGeometry { points, needs: &[], part_ends: ends, polygon_ends: &[] }
    }

    fn thinned(rings: &[Vec<World>], last: u8) -> Vec<Vec<u8>> {
        let ends: Vec<[u32; 1]> = rings.iter().map(|r| [u32::try_from(r.len()).unwrap()]).collect();
        let all: Vec<PackedGeometry<'_>> =
            rings.iter().zip(&ends).map(|(r, e)| ring(r, e)).collect();
        let one = |n: usize| {
            let mut needs = Needs::of(all[n]);
            for (m, other) in all.iter().enumerate().filter(|(m, _)| *m != n) {
                if m % 2 == 0 { needs.meet(*other) } else { needs.meet_many(&Corners::of(*other)) }
            }
            let found = needs.finish(last);
            if found.is_empty() { vec![0; rings[n].len()] } else { found }
        };
        (0..rings.len()).map(one).collect()
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_borders_stay_shared_and_no_vertex_is_missed_by_more_than_a_unit(
            pushes in vec((-1900..1900_i32, -1900..1900_i32), 1..60),
            starts in vec(0..20_usize, 7),
        ) {
            let mut rings = cells(&pushes);
            for (n, ring) in rings.iter_mut().enumerate() {
                ring.rotate_left(starts[n % starts.len()]);
            }
            let needs = thinned(&rings, 16);
            for zoom in 4..=16 {
                let mut edges: HashMap<(World, World), i32> = HashMap::new();
                for (points, needs) in rings.iter().zip(&needs) {
                    let kept: Vec<World> = Part { points, needs }.at(zoom).collect();
                    prop_assert!(kept.len() >= 3);
                    prop_assert!(zoom < 16 || kept == *points);
                    for (i, from) in kept.iter().enumerate() {
                        let to = kept[(i + 1) % kept.len()];
                        *edges.entry((*from, to)).or_default() += 1;
                        *edges.entry((to, *from)).or_default() -= 1;
                    }
                    let unit = f64::from(1_u32 << (20 - zoom));
                    for point in points {
                        let off = (0..kept.len())
                            .map(|i| Thinning { points: &[*point, kept[i], kept[(i + 1) % kept.len()]], needs: &mut [], last: 16 }.off(0, 1, 2))
                            .fold(f64::INFINITY, f64::min);
                        prop_assert!(off.sqrt() <= unit * 1.000_001, "{zoom}: {}", off.sqrt() / unit);
                    }
                }
                let ways: Vec<_> = edges.iter().filter(|(_, sum)| **sum > 0).map(|(edge, _)| *edge).collect();
                let outline: usize = rings.iter().map(Vec::len).sum();
                prop_assert!(ways.len() <= outline);
                // What is left when the two sides of every border cancel is one way around the whole.
                let mut next: HashMap<World, World> = HashMap::new();
                for (from, to) in &ways {
                    prop_assert!(next.insert(*from, *to).is_none());
                }
                let first = ways[0].0;
                let (mut at, mut steps) = (next[&first], 1);
                while at != first {
                    at = next[&at];
                    steps += 1;
                }
                prop_assert_eq!(steps, ways.len(), "zoom {}", zoom);
            }
        }
    }

    #[test]
    fn what_is_on_no_border_depends_on_its_shape_alone() {
        let wave = |n: u32| World { x: (1 << 30) + n * 500, y: (1 << 30) + (n * n) % 700 };
        let mut points: Vec<World> = (0..30).map(wave).collect();
        points.push(World { x: (1 << 30) + 7000, y: (1 << 30) + 9000 });
        let first = thinned(&[points.clone()], 16).remove(0);
        assert!(first.iter().any(|need| *need > 12) && first.contains(&0));
        for turn in 1..points.len() {
            let mut turned = points.clone();
            turned.rotate_left(turn);
            let mut expected = first.clone();
            expected.rotate_left(turn);
            assert_eq!(thinned(&[turned.clone()], 16)[0], expected);
            turned.reverse();
            expected.reverse();
            assert_eq!(thinned(&[turned], 16)[0], expected);
        }
    }

    #[test]
    fn a_line_keeps_its_ends_and_where_others_join_it() {
        let at = |x: u32, y: u32| World { x: (1 << 30) + x, y: (1 << 30) + y };
        let road = [at(0, 0), at(10_000, 3), at(20_000, 0), at(30_000, 0)];
        let lane = [at(20_000, 0), at(20_000, 9000)];
        let mut needs = Needs::of(line(&road, &[4]));
        needs.meet(line(&lane, &[2]));
        assert_eq!(needs.finish(16), [0, 16, 0, 0]);
    }
}
