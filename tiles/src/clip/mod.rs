//! Cuts geometries on a tile's grid to its square and buffer. What leaves here is valid: rings are
//! simple, have area and the right direction; lines have length.

use std::cmp::Ordering;

use geo_types::Coord;
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{IntOverlayOptions, Overlay, ShapeType};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use crate::TileCoord;
use crate::generalise::{Ring, is_straight};

/// A vertex of a tile.
pub(crate) type Vertex = Coord<i32>;

/// Rings up to this length are tested for crossings pair by pair.
const SHORT_RING: usize = 40;

/// What a tile keeps.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    kept: Square,
    /// Rings are first cut to this one, coarsely: it keeps coordinates small enough for exact products and
    /// its edges, where cut rings may run twice, never touch what is kept.
    near: Square,
}

#[derive(Clone, Copy)]
struct Square {
    min: i64,
    max: i64,
}

impl Window {
    pub(crate) fn of(tile: TileCoord) -> Self {
        let (extent, buffer) = (i64::from(tile.extent()), i64::from(tile.buffer()));
        Self {
            kept: Square { min: -buffer, max: extent + buffer },
            near: Square { min: -extent, max: 2 * extent },
        }
    }

    /// Whether a point is in the tile or its buffer.
    pub(crate) fn holds(self, p: Coord<i64>) -> bool {
        self.kept.holds(p)
    }

    /// The point of the tile or its buffer that is nearest.
    pub(crate) fn nearest(self, p: Coord<i64>) -> Vertex {
        let cut = |v: i64| v.clamp(self.kept.min, self.kept.max);
        narrow(Coord { x: cut(p.x), y: cut(p.y) })
    }

    /// What is kept of a square of some side around a point, with positive area; `None` when that is nothing.
    pub(crate) fn square(self, middle: Coord<i64>, side: i64) -> Option<[Vertex; 4]> {
        let cut = |v: i64| v.clamp(self.kept.min, self.kept.max);
        let (west, east) = (cut(middle.x - side / 2), cut(middle.x + side / 2));
        let (north, south) = (cut(middle.y - side / 2), cut(middle.y + side / 2));
        let corners = [(west, north), (east, north), (east, south), (west, south)];
        (west < east && north < south).then(|| corners.map(|c| narrow(Coord::from(c))))
    }

    /// Points in the tile or its buffer. A point near an edge is in both tiles, so that neither cuts its
    /// symbol; a renderer draws it where it is inside.
    pub(crate) fn points(self, points: impl IntoIterator<Item = Coord<i64>>) -> Vec<Vertex> {
        let mut kept: Vec<Vertex> =
            points.into_iter().filter(|p| self.kept.holds(*p)).map(narrow).collect();
        kept.sort_unstable_by_key(|p| (p.x, p.y));
        kept.dedup();
        kept
    }

    /// The pieces of a line that lie in the kept square, in its direction.
    pub(crate) fn line(self, line: &[Coord<i64>]) -> Vec<Vec<Vertex>> {
        let mut pieces: Vec<Vec<Vertex>> = Vec::new();
        let mut open: Vec<Vertex> = Vec::new();
        for pair in line.windows(2) {
            let Some((from, to)) = self.kept.cut(pair[0], pair[1]) else {
                close(&mut pieces, &mut open);
                continue;
            };
            if open.is_empty() {
                open.push(narrow(from));
            }
            if from != to {
                open.push(narrow(to));
            }
            if to != pair[1] {
                close(&mut pieces, &mut open);
            }
        }
        close(&mut pieces, &mut open);
        pieces
    }

    /// The part of the polygons that lies in the kept square: polygons of an exterior and its holes.
    /// Exteriors come in, and leave, with positive area, holes with negative; where snapping has made rings
    /// cross, the area that is inside once or more stays.
    pub(crate) fn polygons(self, rings: Vec<Ring>) -> Vec<Vec<Vec<Vertex>>> {
        if let [ring] = &rings[..]
            && let Some(simple) = simple_inside(ring, self.kept)
        {
            return vec![vec![simple]];
        }
        let options = IntOverlayOptions { ogc: true, ..IntOverlayOptions::default() };
        let length = rings.iter().map(Vec::len).sum::<usize>() + 4;
        let mut overlay = Overlay::new_custom(length, options, Solver::default());
        let mut is_empty = true;
        for ring in rings {
            let near = self.near.cut_ring(ring);
            if near.len() >= 3 {
                overlay.add_path_iter(near.into_iter().map(point), ShapeType::Subject);
                is_empty = false;
            }
        }
        if is_empty {
            return Vec::new();
        }
        overlay.add_path_iter(self.kept.corners().into_iter().map(point), ShapeType::Clip);
        overlay
            .overlay(OverlayRule::Intersect, FillRule::Positive)
            .into_iter()
            .map(|shape| (0..).zip(shape).map(|(n, ring)| wound(n, ring)).collect())
            .collect()
    }
}

/// A ring of the overlay in the direction MVT wants. Where holes meet in vertices, the overlay
/// (4.5) returns some of them wound like exteriors.
fn wound(n: usize, ring: Vec<IntPoint>) -> Vec<Vertex> {
    let mut ring: Vec<Vertex> = ring.into_iter().map(vertex).collect();
    let doubled: i64 = (0..ring.len())
        .map(|i| (ring[i], ring[(i + 1) % ring.len()]))
        .map(|(a, b)| i64::from(a.x) * i64::from(b.y) - i64::from(b.x) * i64::from(a.y))
        .sum();
    if (doubled > 0) != (n == 0) {
        ring.reverse();
    }
    ring
}

/// The ring itself, without straight vertices, when it is inside and simple: most buildings in most
/// tiles. `None` leaves the question to the overlay.
fn simple_inside(ring: &[Coord<i64>], kept: Square) -> Option<Vec<Vertex>> {
    if ring.len() > SHORT_RING || !ring.iter().all(|p| kept.holds(*p)) {
        return None;
    }
    let n = ring.len();
    let bends: Vec<Coord<i64>> = (0..n)
        .filter(|&i| !is_straight(ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n]))
        .map(|i| ring[i])
        .collect();
    let n = bends.len();
    if n < 3 || doubled_area(&bends) <= 0 {
        return None;
    }
    let edge = |i: usize| (bends[i], bends[(i + 1) % n]);
    for i in 0..n {
        let this = edge(i);
        // Neighbouring edges share a vertex; they must not run back over each other.
        if turn(this.0, this.1, edge((i + 1) % n).1) == 0 {
            return None;
        }
        if ((i + 2)..n).any(|j| (j + 1) % n != i && touch(this, edge(j))) {
            return None;
        }
    }
    Some(bends.into_iter().map(narrow).collect())
}

impl Square {
    fn holds(self, p: Coord<i64>) -> bool {
        (self.min..=self.max).contains(&p.x) && (self.min..=self.max).contains(&p.y)
    }

    /// With positive area.
    fn corners(self) -> [Coord<i64>; 4] {
        let (min, max) = (self.min, self.max);
        [(min, min), (max, min), (max, max), (min, max)].map(Coord::from)
    }

    /// The part of a segment in the square, after Liang and Barsky, in exact fractions; ends are rounded
    /// to the grid, the same in both directions.
    fn cut(self, a: Coord<i64>, b: Coord<i64>) -> Option<(Coord<i64>, Coord<i64>)> {
        let d = b - a;
        let (mut enter, mut leave) = (Fraction::new(0, 1), Fraction::new(1, 1));
        for (step, room) in [
            (-d.x, a.x - self.min),
            (d.x, self.max - a.x),
            (-d.y, a.y - self.min),
            (d.y, self.max - a.y),
        ] {
            match step {
                0 if room < 0 => return None,
                0 => {}
                1.. => leave = leave.min(Fraction::new(room, step)),
                _ => enter = enter.max(Fraction::new(-room, -step)),
            }
        }
        let at = |t: Fraction| Coord { x: t.between(a.x, b.x), y: t.between(a.y, b.y) };
        (enter <= leave).then(|| (at(enter), at(leave)))
    }

    /// The ring cut after Sutherland and Hodgman: inside the square its winding is unchanged, along the
    /// edges it may run over itself.
    fn cut_ring(self, ring: Ring) -> Ring {
        if ring.iter().all(|p| self.holds(*p)) {
            return ring;
        }
        let swapped = |ring: Ring| ring.into_iter().map(|p| Coord { x: p.y, y: p.x }).collect();
        let west_east =
            cut_ring_at(cut_ring_at(ring, self.min, Keep::Above), self.max, Keep::Below);
        let turned: Ring = swapped(west_east);
        swapped(cut_ring_at(cut_ring_at(turned, self.min, Keep::Above), self.max, Keep::Below))
    }
}

/// Which side of an x a ring keeps.
#[derive(Clone, Copy)]
enum Keep {
    /// Greater x, and x itself.
    Above,
    /// Smaller x, and x itself.
    Below,
}

fn cut_ring_at(ring: Ring, x: i64, keep: Keep) -> Ring {
    let holds = |p: Coord<i64>| match keep {
        Keep::Above => p.x >= x,
        Keep::Below => p.x <= x,
    };
    let mut kept = Ring::with_capacity(ring.len() + 4);
    let Some(&last) = ring.last() else { return kept };
    let mut from = last;
    for to in ring {
        if holds(from) != holds(to) {
            let t = Fraction::new((x - from.x).abs(), (to.x - from.x).abs());
            kept.push(Coord { x, y: t.between(from.y, to.y) });
        }
        if holds(to) {
            kept.push(to);
        }
        from = to;
    }
    kept
}

/// A share of a segment's way, with a positive denominator.
#[derive(Clone, Copy)]
struct Fraction {
    part: i64,
    whole: i64,
}

impl Fraction {
    fn new(part: i64, whole: i64) -> Self {
        Self { part, whole }
    }

    fn min(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    /// The nearest whole number to the point this far from `a` to `b`; halves go up.
    #[expect(clippy::cast_possible_truncation, reason = "it lies between a and b")]
    fn between(self, a: i64, b: i64) -> i64 {
        let (part, whole) = (i128::from(self.part), i128::from(self.whole));
        let exact = i128::from(a) * whole + i128::from(b - a) * part;
        (2 * exact + whole).div_euclid(2 * whole) as i64
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let cross = |a: &Self, b: &Self| i128::from(a.part) * i128::from(b.whole);
        Some(cross(self, other).cmp(&cross(other, self)))
    }
}

fn close(pieces: &mut Vec<Vec<Vertex>>, open: &mut Vec<Vertex>) {
    let piece = std::mem::take(open);
    if piece.len() >= 2 {
        pieces.push(piece);
    }
}

type Segment = (Coord<i64>, Coord<i64>);

/// Whether two closed segments share a point.
fn touch((a, b): Segment, (c, d): Segment) -> bool {
    let overlap = |a: i64, b: i64, c: i64, d: i64| a.min(b) <= c.max(d) && c.min(d) <= a.max(b);
    overlap(a.x, b.x, c.x, d.x)
        && overlap(a.y, b.y, c.y, d.y)
        && turn(a, b, c).signum() * turn(a, b, d).signum() <= 0
        && turn(c, d, a).signum() * turn(c, d, b).signum() <= 0
}

fn turn(a: Coord<i64>, b: Coord<i64>, c: Coord<i64>) -> i64 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

fn doubled_area(ring: &[Coord<i64>]) -> i64 {
    (0..ring.len())
        .map(|i| (ring[i], ring[(i + 1) % ring.len()]))
        .map(|(a, b)| a.x * b.y - b.x * a.y)
        .sum()
}

#[expect(clippy::cast_possible_truncation, reason = "inside one of the two squares")]
fn narrow(p: Coord<i64>) -> Vertex {
    Coord { x: p.x as i32, y: p.y as i32 }
}

fn point(p: Coord<i64>) -> IntPoint {
    let Vertex { x, y } = narrow(p);
    IntPoint { x, y }
}

fn vertex(p: IntPoint) -> Vertex {
    Coord { x: p.x, y: p.y }
}

#[cfg(test)]
mod tests;
