//! Rings out of the ways of a multipolygon relation, as libosmium and osm2pgsql make them: roles are
//! not believed, only geometry. Edges that two ways share cancel out; what remains has the area on
//! exactly one side, so each ring is walked with the area on its left.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::TAU;

use geo::{Area as _, Contains as _};
use geo_types::{Coord, LineString, Point, Polygon};

use crate::problem::{Fault, Problem};

use super::shape::{Position, Ring};

/// A node and its place.
pub(super) type Node = (i64, Position);

/// The parts of the area that the ways enclose together, or every reason why they enclose none.
pub(super) fn assemble(ways: &[Vec<Node>]) -> Result<Vec<Vec<Ring>>, Vec<Problem>> {
    let net = Net::new(ways);
    if net.edges.is_empty() {
        return Err(vec![Problem::new(Fault::Empty)]);
    }
    let ends: Vec<Problem> = net
        .around
        .iter()
        .filter(|(_, neighbours)| neighbours.len() % 2 == 1)
        .map(|(node, _)| {
            let [lon, lat] = net.place(*node);
            Problem::new(Fault::NotClosed).at(lon, lat)
        })
        .collect();
    if !ends.is_empty() {
        return Err(ends);
    }
    nest(net.rings()?)
}

/// The edges of all ways, each once.
struct Net {
    places: BTreeMap<i64, Position>,
    edges: BTreeSet<(i64, i64)>,
    around: BTreeMap<i64, Vec<i64>>,
}

impl Net {
    fn new(ways: &[Vec<Node>]) -> Self {
        let mut net =
            Self { places: BTreeMap::new(), edges: BTreeSet::new(), around: BTreeMap::new() };
        for way in ways {
            net.places.extend(way.iter().copied());
            for (a, b) in way.iter().zip(way.iter().skip(1)) {
                let edge = (a.0.min(b.0), a.0.max(b.0));
                if a.0 != b.0 && !net.edges.remove(&edge) {
                    net.edges.insert(edge);
                }
            }
        }
        for &(a, b) in &net.edges {
            net.around.entry(a).or_default().push(b);
            net.around.entry(b).or_default().push(a);
        }
        net
    }

    fn place(&self, node: i64) -> Position {
        self.places.get(&node).copied().unwrap_or([f64::NAN; 2])
    }

    /// Simple rings: outer ones counter-clockwise, holes clockwise.
    fn rings(&self) -> Result<Vec<Ring>, Vec<Problem>> {
        let mut unused = self.edges.clone();
        let mut rings = Vec::new();
        while let Some(edge) = unused.first().copied() {
            let (from, to) = self.with_area_on_the_left(edge);
            let mut path = vec![from];
            let (mut last, mut here) = (from, to);
            unused.remove(&edge);
            loop {
                // A node met again closes a ring of its own.
                if let Some(start) = path.iter().position(|n| *n == here) {
                    let ring = path.split_off(start);
                    rings.push(self.close(&ring));
                }
                path.push(here);
                match self.next(last, here) {
                    Some(next) if unused.remove(&(here.min(next), here.max(next))) => {
                        (last, here) = (here, next);
                    }
                    // Back at the first edge: all of this outline has been walked.
                    _ if path.len() == 1 => break,
                    // Only edges that cross without a common node lead to one used from its other side.
                    _ => {
                        let [east, north] = self.place(here);
                        return Err(vec![Problem::new(Fault::SelfIntersection).at(east, north)]);
                    }
                }
            }
        }
        Ok(rings)
    }

    /// The first edge clockwise from where we came: the area between the two is ours.
    fn next(&self, last: i64, here: i64) -> Option<i64> {
        let direction = |to: i64| {
            let ([x, y], [to_x, to_y]) = (self.place(here), self.place(to));
            (to_y - y).atan2(to_x - x)
        };
        let back = direction(last);
        let clockwise = |to: i64| (back - direction(to)).rem_euclid(TAU);
        self.around
            .get(&here)?
            .iter()
            .copied()
            .filter(|to| *to != last)
            .min_by(|a, b| clockwise(*a).total_cmp(&clockwise(*b)))
    }

    /// Counts the edges on a ray from the middle of this one, to the west, or to the south for an
    /// edge that lies level: an odd number means that the area is on that side.
    fn with_area_on_the_left(&self, (a, b): (i64, i64)) -> (i64, i64) {
        let (from, to) = (self.place(a), self.place(b));
        let level = (to[1] - from[1]).abs() < (to[0] - from[0]).abs();
        // Along: the axis of the ray; across: the other.
        let (along, across) = if level { (1, 0) } else { (0, 1) };
        let axis = |p: Position, i: usize| if i == 0 { p[0] } else { p[1] };
        let middle = [f64::midpoint(from[0], to[0]), f64::midpoint(from[1], to[1])];
        let crossed = self
            .edges
            .iter()
            .filter(|edge| **edge != (a, b))
            .filter(|(c, d)| {
                let (c, d) = (self.place(*c), self.place(*d));
                let (c0, d0) = (axis(c, across), axis(d, across));
                let level_of_ray = axis(middle, across);
                if (c0 <= level_of_ray) == (d0 <= level_of_ray) {
                    return false;
                }
                let share = (level_of_ray - c0) / (d0 - c0);
                axis(c, along) + share * (axis(d, along) - axis(c, along)) < axis(middle, along)
            })
            .count();
        let area_on_ray_side = crossed % 2 == 1;
        // Going north, the west is on the left; going east, the south is on the right.
        let ray_side_is_left = if level { to[0] < from[0] } else { to[1] > from[1] };
        if area_on_ray_side == ray_side_is_left { (a, b) } else { (b, a) }
    }

    fn close(&self, nodes: &[i64]) -> Ring {
        nodes.iter().chain(nodes.first()).map(|node| self.place(*node)).collect()
    }
}

/// Gives each hole (clockwise) to the smallest outer ring around it.
fn nest(rings: Vec<Ring>) -> Result<Vec<Vec<Ring>>, Vec<Problem>> {
    let polygon = |ring: &Ring| {
        let line: LineString<f64> = ring.iter().map(|[x, y]| Coord { x: *x, y: *y }).collect();
        Polygon::new(line, Vec::new())
    };
    let mut parts: Vec<(f64, Polygon<f64>, Vec<Ring>)> = Vec::new();
    let mut holes = Vec::new();
    for ring in rings {
        let area = polygon(&ring);
        if area.signed_area() < 0.0 {
            holes.push(ring);
        } else {
            parts.push((area.unsigned_area(), area, vec![ring]));
        }
    }
    parts.sort_by(|a, b| a.0.total_cmp(&b.0));
    for hole in holes {
        // The middle of an edge: a hole may touch its outer ring with a vertex, not with an edge.
        let inside = |(_, area, _): &&mut (f64, Polygon<f64>, Vec<Ring>)| {
            hole.iter().zip(hole.iter().skip(1)).take(1).all(|(a, b)| {
                area.contains(&Point::new(f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])))
            })
        };
        let Some((_, _, rings)) = parts.iter_mut().find(inside) else {
            let [lon, lat] = hole.first().copied().unwrap_or_default();
            return Err(vec![Problem::new(Fault::HoleOutside).at(lon, lat)]);
        };
        rings.push(hole);
    }
    Ok(parts.into_iter().map(|(_, _, rings)| rings).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A way over places of a small grid; the place is the node.
    fn way(places: &[(i32, i32)]) -> Vec<Node> {
        places
            .iter()
            .map(|(x, y)| (i64::from(x * 1000 + y), [f64::from(*x), f64::from(*y)]))
            .collect()
    }

    /// The rings of each part and the area they leave.
    fn outline(ways: &[Vec<Node>]) -> Vec<(usize, f64)> {
        let mut parts: Vec<(usize, f64)> = assemble(ways)
            .unwrap()
            .iter()
            .map(|rings| {
                let mut lines = rings.iter().map(|ring| {
                    ring.iter().map(|[x, y]| Coord { x: *x, y: *y }).collect::<LineString<f64>>()
                });
                let polygon = Polygon::new(lines.next().unwrap(), lines.collect());
                assert!(geo::Validation::is_valid(&polygon), "{polygon:?}");
                (rings.len(), polygon.unsigned_area())
            })
            .collect();
        parts.sort_by(|a, b| a.1.total_cmp(&b.1));
        parts
    }

    #[test]
    fn a_ring_of_three_ways_in_any_direction_is_one_part() {
        let ways = [way(&[(0, 0), (4, 0)]), way(&[(0, 4), (4, 4), (4, 0)]), way(&[(0, 0), (0, 4)])];
        assert_eq!(outline(&ways), [(1, 16.0)]);
    }

    #[test]
    fn nested_rings_are_area_and_hole_and_island() {
        let square = |a, b| way(&[(a, a), (b, a), (b, b), (a, b), (a, a)]);
        assert_eq!(outline(&[square(3, 7), square(0, 10), square(4, 6)]), [(1, 4.0), (2, 84.0)]);
    }

    #[test]
    fn neighbours_that_share_an_edge_become_one() {
        let ways = [
            way(&[(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]),
            way(&[(2, 0), (4, 0), (4, 2), (2, 2), (2, 0)]),
        ];
        assert_eq!(outline(&ways), [(1, 8.0)]);
    }

    #[test]
    fn a_hole_that_touches_its_outer_ring_stays_valid() {
        let outer = way(&[(0, 0), (8, 0), (8, 8), (0, 8), (0, 4), (0, 0)]);
        let once = way(&[(0, 4), (4, 2), (4, 6), (0, 4)]);
        let whole: f64 = outline(&[outer.clone(), once]).iter().map(|p| p.1).sum();
        assert!((whole - 56.0).abs() < 1e-9);
        let outer = way(&[(0, 0), (8, 0), (8, 4), (8, 8), (0, 8), (0, 4), (0, 0)]);
        let twice = way(&[(0, 4), (4, 2), (8, 4), (4, 6), (0, 4)]);
        assert_eq!(outline(&[outer, twice]), [(1, 24.0), (1, 24.0)]);
    }

    #[test]
    fn an_open_ring_is_told_with_both_its_ends() {
        let faults = assemble(&[way(&[(0, 0), (4, 0), (4, 4)])]).unwrap_err();
        let places: Vec<_> = faults.iter().map(|f| (f.code(), f.place.unwrap())).collect();
        assert_eq!(places, [("not_closed", (0.0, 0.0)), ("not_closed", (4.0, 4.0))]);
    }
}
