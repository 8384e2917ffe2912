//! Rings on the grid of a zoom, and whether they are still rings there: the grid is the same for all tiles of a zoom, so
//! that this is known once and for all.

use geo_types::Coord;

use crate::World;

/// The bits of a tile's width and height in its own units: 4096 to zoom 15, 16384 from zoom 16 on.
///
/// There a unit is 4 cm on the equator and not 15: areas are measured, and half of 15 cm around a hut is more than a
/// hundredth of it.
#[inline]
pub fn extent_bits(zoom: u8) -> u8 {
    if zoom < 16 { 12 } else { 14 }
}

/// A unit of a tile is 2^n world units; beyond the zoom at which that is one, it is less.
pub fn unit_bits(zoom: u8) -> u8 {
    (32 - extent_bits(zoom)).saturating_sub(zoom)
}

/// The nearest point of the grid whose unit is 2^`shift` world units, in such units.
#[inline]
pub fn cell(place: World, shift: u8) -> Coord<i64> {
    let half = (1_i64 << shift) >> 1;
    let nearest = |units: u32| (i64::from(units) + half) >> shift;
    Coord { x: nearest(place.x), y: nearest(place.y) }
}

/// Puts the vertices of a ring, less than 2^30 units across, into `ring` without repeated ones and those that lie straight
/// between their neighbours.
pub fn tidy(vertices: impl Iterator<Item = Coord<i64>>, ring: &mut Vec<Coord<i64>>) {
    ring.clear();
    for vertex in vertices {
        match ring[..] {
            [.., last] if last == vertex => continue,
            [.., a, b] if is_straight_near(a, b, vertex) => {
                ring.pop();
            }
            _ => {}
        }
        ring.push(vertex);
    }
    while let [first, .., last] = ring[..]
        && first == last
    {
        ring.pop();
    }
    if let [first, .., before, last] = ring[..]
        && is_straight_near(before, last, first)
    {
        ring.pop();
    }
    if let [first, second, .., last] = ring[..]
        && is_straight_near(last, first, second)
    {
        ring.remove(0);
    }
}

/// Whether `b` lies on the way from `a` to `c`.
#[inline]
pub fn is_straight(a: Coord<i64>, b: Coord<i64>, c: Coord<i64>) -> bool {
    let (ab, bc) = (b - a, c - b);
    let wide = |a: i64, b: i64| i128::from(a) * i128::from(b);
    wide(ab.x, bc.y) == wide(ab.y, bc.x) && wide(ab.x, bc.x) + wide(ab.y, bc.y) > 0
}

/// The same of places less than 2^30 units from each other.
#[inline]
fn is_straight_near(a: Coord<i64>, b: Coord<i64>, c: Coord<i64>) -> bool {
    let (ab, bc) = (b - a, c - b);
    ab.x * bc.y == ab.y * bc.x && ab.x * bc.x + ab.y * bc.y > 0
}

/// Whether a tidy ring, less than 2^30 units across, has positive area and touches itself nowhere. Every edge is compared
/// with every other.
pub fn is_simple(ring: &[Coord<i64>]) -> bool {
    let n = ring.len();
    if n < 3 || doubled_area(ring) <= 0 {
        return false;
    }
    let edge = |i: usize| (ring[i], ring[if i + 1 == n { 0 } else { i + 1 }]);
    (0..n).all(|i| {
        let this = edge(i);
        let next = edge(if i + 1 == n { 0 } else { i + 1 });
        // Neighbouring edges share a vertex; they must not run back over each other.
        let others = (i + 2)..(if i == 0 { n - 1 } else { n });
        turn(this.0, this.1, next.1) != 0 && !others.into_iter().any(|j| touch(this, edge(j)))
    })
}

/// Twice the area of a ring less than 2^30 units across, positive where it runs clockwise on a screen.
#[inline]
pub fn doubled_area(ring: &[Coord<i64>]) -> i64 {
    let Some(&first) = ring.first() else { return 0 };
    // From the first vertex, so that the edge that closes the ring adds nothing.
    ring.windows(2)
        .map(|pair| (pair[0] - first, pair[1] - first))
        .map(|(a, b)| a.x * b.y - b.x * a.y)
        .sum()
}

type Segment = (Coord<i64>, Coord<i64>);

/// Whether two closed segments share a point.
#[inline]
fn touch((a, b): Segment, (c, d): Segment) -> bool {
    let overlap = |a: i64, b: i64, c: i64, d: i64| a.min(b) <= c.max(d) && c.min(d) <= a.max(b);
    overlap(a.x, b.x, c.x, d.x)
        && overlap(a.y, b.y, c.y, d.y)
        && turn(a, b, c).signum() * turn(a, b, d).signum() <= 0
        && turn(c, d, a).signum() * turn(c, d, b).signum() <= 0
}

#[inline]
fn turn(a: Coord<i64>, b: Coord<i64>, c: Coord<i64>) -> i64 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(points: &[(i64, i64)]) -> Vec<Coord<i64>> {
        let mut ring = Vec::new();
        tidy(points.iter().map(|p| Coord::from(*p)), &mut ring);
        ring
    }

    #[test]
    fn repeated_and_straight_vertices_go_wherever_the_ring_begins() {
        let corners = [(0, 0), (9, 0), (9, 9), (0, 9)];
        let drawn = [(0, 0), (4, 0), (4, 0), (9, 0), (9, 9), (5, 9), (0, 9), (0, 3)];
        for start in 0..drawn.len() {
            let mut turned = drawn;
            turned.rotate_left(start);
            let mut found = ring(&turned);
            assert_eq!(found.len(), 4, "{turned:?} became {found:?}");
            found.sort_unstable_by_key(|p| (p.y, if p.y == 0 { p.x } else { -p.x }));
            assert_eq!(found, corners.map(Coord::from));
        }
    }

    #[test]
    fn only_rings_that_never_touch_themselves_are_simple() {
        assert!(is_simple(&ring(&[(0, 0), (9, 0), (9, 9), (5, 4), (0, 9)])));
        for (what, points) in [
            ("nothing", &[][..]),
            ("no area", &[(0, 0), (9, 0), (4, 0)]),
            ("wound the other way", &[(0, 0), (0, 9), (9, 9), (9, 0)]),
            ("a crossing", &[(0, 0), (9, 9), (9, 0), (0, 9), (-5, 4)]),
            ("a vertex on an edge", &[(0, 0), (9, 0), (9, 9), (5, 0), (0, 9)]),
            ("a vertex twice", &[(0, 0), (5, 5), (9, 0), (9, 9), (5, 5), (0, 9)]),
            ("a spike", &[(0, 0), (9, 0), (9, 9), (9, 15), (9, 9), (0, 9)]),
        ] {
            assert!(!is_simple(&ring(points)), "{what}");
        }
    }
}
