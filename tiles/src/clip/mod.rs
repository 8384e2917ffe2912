//! Cuts geometries on a tile's grid to its square and buffer. What leaves here is valid: rings are
//! simple, have area and the right direction; lines have length.

use std::cmp::Ordering;

use geo_types::Coord;
use gis_data::ring::{doubled_area, is_simple, tidy};
use i_overlay::core::fill_rule::FillRule;
use i_overlay::core::overlay::{IntOverlayOptions, Overlay, ShapeType};
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::core::solver::Solver;
use i_overlay::i_float::int::point::IntPoint;

use crate::TileCoord;
use crate::generalise::Ring;

/// A vertex of a tile.
pub(crate) type Vertex = Coord<i32>;

/// Rings up to this length are tested for crossings pair by pair.
const SHORT_RING: usize = 40;

/// What is left of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// No area.
    Nothing,
    /// One simple ring.
    Ring,
    /// It falls apart, or would touch itself.
    Pieces,
}

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

    /// Puts what lies in the kept square of a ring that is simple where it stands, and tidy, in its place. Where that is
    /// [`Left::Pieces`], what then stands there is of no use.
    pub(crate) fn ring(self, ring: &mut Ring, spare: &mut Ring) -> Left {
        for side in self.kept.sides() {
            if ring.iter().any(|p| !side.holds(*p)) {
                side.cut(ring, spare);
                std::mem::swap(ring, spare);
            }
        }
        tidy(ring.iter().copied(), spare);
        std::mem::swap(ring, spare);
        if doubled_area(ring) <= 0 {
            Left::Nothing
        } else if ring.len() <= SHORT_RING && is_simple(ring) {
            Left::Ring
        } else {
            Left::Pieces
        }
    }

    /// The part of the polygons that lies in the kept square: polygons of an exterior and its holes.
    /// Exteriors come in, and leave, with positive area, holes with negative; where snapping has made rings
    /// cross, the area that is inside once or more stays.
    pub(crate) fn polygons(self, rings: Vec<Ring>) -> Vec<Vec<Vec<Vertex>>> {
        if let [ring] = &rings[..]
            && let Some(simple) = self.simple_inside(ring)
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

    /// The ring itself, without straight vertices, when it is inside and simple. `None` leaves the question to the overlay.
    fn simple_inside(self, ring: &[Coord<i64>]) -> Option<Vec<Vertex>> {
        if ring.len() > SHORT_RING || !ring.iter().all(|p| self.kept.holds(*p)) {
            return None;
        }
        let mut bends = Ring::with_capacity(ring.len());
        tidy(ring.iter().copied(), &mut bends);
        is_simple(&bends).then(|| bends.into_iter().map(narrow).collect())
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
    fn cut_ring(self, mut ring: Ring) -> Ring {
        let mut spare = Ring::new();
        for side in self.sides() {
            if ring.iter().any(|p| !side.holds(*p)) {
                side.cut(&ring, &mut spare);
                std::mem::swap(&mut ring, &mut spare);
            }
        }
        ring
    }

    fn sides(self) -> [Side; 4] {
        let side = |axis, keeps, at| Side { axis, keeps, at };
        [
            side(Axis::X, Keep::Above, self.min),
            side(Axis::X, Keep::Below, self.max),
            side(Axis::Y, Keep::Above, self.min),
            side(Axis::Y, Keep::Below, self.max),
        ]
    }
}

/// A line along an axis, and what lies on one side of it.
#[derive(Clone, Copy)]
struct Side {
    axis: Axis,
    keeps: Keep,
    at: i64,
}

/// Which coordinate a side looks at.
#[derive(Clone, Copy)]
enum Axis {
    X,
    Y,
}

/// Which side is kept, with the line itself.
#[derive(Clone, Copy)]
enum Keep {
    Above,
    Below,
}

impl Side {
    fn holds(self, p: Coord<i64>) -> bool {
        let across = self.turned(p).x;
        match self.keeps {
            Keep::Above => across >= self.at,
            Keep::Below => across <= self.at,
        }
    }

    fn cut(self, ring: &[Coord<i64>], kept: &mut Ring) {
        kept.clear();
        let Some(&last) = ring.last() else { return };
        let mut from = last;
        for &to in ring {
            if self.holds(from) != self.holds(to) {
                let (a, b) = (self.turned(from), self.turned(to));
                let t = Fraction::new((self.at - a.x).abs(), (b.x - a.x).abs());
                kept.push(self.turned(Coord { x: self.at, y: t.between(a.y, b.y) }));
            }
            if self.holds(to) {
                kept.push(to);
            }
            from = to;
        }
    }

    /// With the coordinate that counts as x; and back.
    fn turned(self, p: Coord<i64>) -> Coord<i64> {
        match self.axis {
            Axis::X => p,
            Axis::Y => Coord { x: p.y, y: p.x },
        }
    }
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

#[expect(clippy::cast_possible_truncation, reason = "inside one of the two squares")]
pub(crate) fn narrow(p: Coord<i64>) -> Vertex {
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
