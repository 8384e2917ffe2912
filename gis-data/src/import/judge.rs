//! The judge: brings a row's coordinates to WGS 84 and finds every fault of its geometry.

use geo::algorithm::validation::{InvalidMultiPolygon, InvalidPolygon, RingRole};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{InteriorPoint as _, Validation as _};
use geo_types::{Coord, Geometry, Line, LineString, MultiPolygon, Point, Polygon};

use crate::crs::Projector;
use crate::problem::{Fault, Problem};

use super::ImportLayer;
use super::shape::{Position, Ring, Shape};

/// Faults of one row that are kept; more tell nobody anything new.
const MOST_FAULTS: usize = 100;

/// Beyond this many vertices the relations between rings are left to the database, which names the
/// first fault only: the complete search takes time with the square of the vertices.
const MOST_VERTICES_FOR_RELATIONS: usize = 20_000;

/// How many coordinates were seen and how many of them were no places in the declared system.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) total: u64,
    pub(super) outside: u64,
    pub(super) first_outside: Option<Position>,
}

/// The geometry a layer stores, or all faults of the shape.
pub(super) fn judge(
    shape: Shape,
    layer: ImportLayer,
    projector: &Projector,
    tally: &mut Tally,
) -> Result<Geometry<f64>, Vec<Problem>> {
    let mut hearing = Hearing { projector, tally, faults: Vec::new() };
    let geometry = match (shape, layer) {
        (Shape::Broken(faults), _) => return Err(faults),
        (Shape::Point(_), ImportLayer::Buildings | ImportLayer::Parcels) => {
            return Err(vec![Problem::new(Fault::WrongType {
                found: "Point".to_owned(),
                needed: ("a polygon", "面"),
            })]);
        }
        (Shape::Point(position), ImportLayer::Facilities) => {
            hearing.place(position, None).map(|c| Geometry::Point(Point(c)))
        }
        (Shape::Polygons(parts), _) => hearing.multi_polygon(&parts).and_then(|area| {
            if layer == ImportLayer::Facilities {
                // A facility drawn as an area is shown at a point that is surely inside it.
                return area.interior_point().map(Geometry::Point);
            }
            Some(Geometry::MultiPolygon(area))
        }),
    };
    match geometry {
        Some(geometry) if hearing.faults.is_empty() => Ok(geometry),
        _ => {
            if hearing.faults.is_empty() {
                hearing.faults.push(Problem::new(Fault::Empty));
            }
            hearing.faults.truncate(MOST_FAULTS);
            Err(hearing.faults)
        }
    }
}

struct Hearing<'a> {
    projector: &'a Projector,
    tally: &'a mut Tally,
    faults: Vec<Problem>,
}

impl Hearing<'_> {
    fn place(&mut self, [east, north]: Position, at: Option<(usize, usize)>) -> Option<Coord<f64>> {
        let located = |fault| {
            let problem = Problem::new(fault).at(east, north);
            match at {
                Some((ring, vertex)) => problem.in_ring(ring).at_vertex(vertex),
                None => problem,
            }
        };
        if !east.is_finite() || !north.is_finite() {
            self.faults.push(Problem { place: None, ..located(Fault::NotFinite) });
            return None;
        }
        self.tally.total += 1;
        let place = self.projector.to_lonlat(east, north);
        if place.is_none() {
            self.tally.outside += 1;
            self.tally.first_outside.get_or_insert([east, north]);
            if self.faults.len() < MOST_FAULTS {
                self.faults.push(located(Fault::OutsideCrs(self.projector.crs().to_string())));
            }
        }
        place.map(|(x, y)| Coord { x, y })
    }

    fn multi_polygon(&mut self, parts: &[Vec<Ring>]) -> Option<MultiPolygon<f64>> {
        let mut first_ring = 0;
        let mut polygons = Vec::with_capacity(parts.len());
        let mut first_rings = Vec::with_capacity(parts.len());
        for part in parts.iter().filter(|part| !part.is_empty()) {
            let mut rings = Vec::with_capacity(part.len());
            for (i, ring) in part.iter().enumerate() {
                // A hole without points is no hole; an outer ring without points is a fault.
                if i > 0 && ring.is_empty() {
                    continue;
                }
                rings.push(self.ring(ring, first_ring + i));
            }
            first_rings.push(first_ring);
            first_ring += part.len();
            let mut rings = rings.into_iter();
            let outer = rings.next()?;
            polygons.push(Polygon::new(outer, rings.collect()));
        }
        if !self.faults.is_empty() || polygons.is_empty() {
            return None;
        }
        let area = MultiPolygon(polygons);
        self.relations(&area, &first_rings);
        self.faults.is_empty().then_some(area)
    }

    /// One ring in degrees; its own faults are noted.
    fn ring(&mut self, ring: &Ring, number: usize) -> LineString<f64> {
        let before = self.faults.len();
        if ring.is_empty() {
            self.faults.push(Problem::new(Fault::Empty).in_ring(number));
            return LineString::new(Vec::new());
        }
        let mut vertices: Vec<(usize, Coord<f64>)> = Vec::with_capacity(ring.len());
        for (i, position) in ring.iter().enumerate() {
            if let Some(place) = self.place(*position, Some((number, i)))
                && vertices.last().is_none_or(|(_, last)| *last != place)
            {
                vertices.push((i, place));
            }
        }
        let complete = self.faults.len() == before;
        if complete && ring.len() > 1 && ring.first() != ring.last() {
            let (vertex, end) = vertices.last().copied().unwrap_or_default();
            let fault = Problem::new(Fault::NotClosed).in_ring(number).at_vertex(vertex);
            self.faults.push(fault.at(end.x, end.y));
        } else if complete && vertices.len() < 4 {
            let start = vertices.first().map(|(_, c)| *c).unwrap_or_default();
            let fault = Problem::new(Fault::TooFewPoints).in_ring(number);
            self.faults.push(fault.at(start.x, start.y));
        }
        self.crossings(&vertices, number);
        LineString::new(vertices.into_iter().map(|(_, c)| c).collect())
    }

    /// Where the ring crosses, touches or retraces itself. Sweeps the edges from west to east, so
    /// that only edges above each other are compared.
    fn crossings(&mut self, vertices: &[(usize, Coord<f64>)], number: usize) {
        let edges: Vec<(usize, Line<f64>)> = vertices
            .iter()
            .zip(vertices.iter().skip(1))
            .map(|((i, a), (_, b))| (*i, Line::new(*a, *b)))
            .collect();
        let closed = vertices.first().map(|v| v.1) == vertices.last().map(|v| v.1);
        let west = |l: &Line<f64>| l.start.x.min(l.end.x);
        let east = |l: &Line<f64>| l.start.x.max(l.end.x);
        let mut order: Vec<usize> = (0..edges.len()).collect();
        let edge = |i: usize| edges.get(i).map_or((0, Line::new((0.0, 0.0), (0.0, 0.0))), |e| *e);
        order.sort_by(|a, b| west(&edge(*a).1).total_cmp(&west(&edge(*b).1)));
        let mut found: Vec<(usize, Coord<f64>)> = Vec::new();
        for (at, &i) in order.iter().enumerate() {
            let (_, a) = edge(i);
            for &k in order.iter().skip(at + 1) {
                let (_, b) = edge(k);
                if west(&b) > east(&a) || found.len() >= MOST_FAULTS {
                    break;
                }
                let (first, second) = (i.min(k), i.max(k));
                let neighbours =
                    second - first == 1 || (closed && first == 0 && second + 1 == edges.len());
                let place = match line_intersection(a, b) {
                    Some(LineIntersection::Collinear { intersection }) => intersection.start,
                    Some(LineIntersection::SinglePoint { intersection, .. }) if !neighbours => {
                        intersection
                    }
                    _ => continue,
                };
                if !found.iter().any(|(_, p)| *p == place) {
                    found.push((edge(first).0, place));
                }
            }
        }
        found.sort_by_key(|(vertex, _)| *vertex);
        for (vertex, place) in found {
            let fault = Problem::new(Fault::SelfIntersection).in_ring(number).at_vertex(vertex);
            self.faults.push(fault.at(place.x, place.y));
        }
    }

    /// Faults between rings and between parts, which each are good in themselves.
    fn relations(&mut self, area: &MultiPolygon<f64>, first_rings: &[usize]) {
        let simple = area.0.len() == 1 && area.0.iter().all(|p| p.interiors().is_empty());
        let vertices: usize = area
            .iter()
            .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
            .map(|ring| ring.0.len())
            .sum();
        if simple || vertices > MOST_VERTICES_FOR_RELATIONS {
            return;
        }
        for error in area.validation_errors() {
            let (part, hole, fault) = match error {
                InvalidMultiPolygon::InvalidPolygon(part, error) => match error {
                    InvalidPolygon::InteriorRingNotContainedInExteriorRing(ring) => {
                        (part.0, ring_number(ring), Fault::HoleOutside)
                    }
                    InvalidPolygon::IntersectingRingsOnALine(_, ring) => {
                        (part.0, ring_number(ring), Fault::SharedEdge)
                    }
                    InvalidPolygon::IntersectingRingsOnAnArea(_, ring) => {
                        (part.0, ring_number(ring), Fault::HolesOverlap)
                    }
                    // The rings were judged one by one above.
                    InvalidPolygon::TooFewPointsInRing(_)
                    | InvalidPolygon::SelfIntersection(_)
                    | InvalidPolygon::NonFiniteCoord(..) => continue,
                },
                InvalidMultiPolygon::ElementsOverlaps(_, part) => (part.0, 0, Fault::PartsOverlap),
                InvalidMultiPolygon::ElementsTouchOnALine(_, part) => {
                    (part.0, 0, Fault::SharedEdge)
                }
            };
            let polygon = area.0.get(part);
            let ring = polygon.and_then(|p| {
                if hole == 0 { Some(p.exterior()) } else { p.interiors().get(hole - 1) }
            });
            let mut problem = Problem::new(fault)
                .in_ring(first_rings.get(part).copied().unwrap_or_default() + hole);
            if let Some(start) = ring.and_then(|r| r.0.first()) {
                problem = problem.at(start.x, start.y);
            }
            self.faults.push(problem);
        }
    }
}

/// 0 for the outer ring, then the holes from 1.
fn ring_number(role: RingRole) -> usize {
    match role {
        RingRole::Exterior => 0,
        RingRole::Interior(i) => i + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::Crs;

    fn faults(parts: &[&[&[Position]]]) -> Vec<String> {
        let parts = parts.iter().map(|p| p.iter().map(|r| r.to_vec()).collect()).collect();
        let projector = Projector::new(Crs::WGS84).unwrap();
        let shape = Shape::Polygons(parts);
        judge(shape, ImportLayer::Parcels, &projector, &mut Tally::default())
            .err()
            .unwrap_or_default()
            .iter()
            .map(|p| {
                let number = |n: Option<usize>| n.map_or("-".to_owned(), |n| n.to_string());
                let place = p.place.map_or("-".to_owned(), |(x, y)| format!("{x} {y}"));
                format!("{} {} {} {place}", p.code(), number(p.ring), number(p.vertex))
            })
            .collect()
    }

    const SQUARE: &[Position] = &[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];

    #[test]
    fn a_good_square_has_no_faults() {
        assert_eq!(faults(&[&[SQUARE]]), Vec::<String>::new());
    }

    #[test]
    fn a_crossing_ring_is_told_with_every_place_it_crosses_at() {
        let bow = [[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]];
        assert_eq!(faults(&[&[&bow]]), ["self_intersection 0 0 1 1"]);
        let twice =
            [[0.0, 0.0], [2.0, 2.0], [4.0, 0.0], [4.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]];
        assert_eq!(
            faults(&[&[&twice]]),
            ["self_intersection 0 0 1 1", "self_intersection 0 1 3 1"]
        );
    }

    #[test]
    fn a_spike_and_a_touch_are_self_intersections() {
        let spike =
            [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [4.0, 6.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];
        assert!(faults(&[&[&spike]]).iter().all(|f| f.starts_with("self_intersection 0")));
        assert!(!faults(&[&[&spike]]).is_empty());
        let touch = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 0.0], [0.0, 4.0], [0.0, 0.0]];
        assert_eq!(faults(&[&[&touch]]), ["self_intersection 0 0 2 0"]);
    }

    #[test]
    fn all_faults_of_one_geometry_are_told_together() {
        let open = [[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]];
        let few = [[1.0, 1.0], [2.0, 1.0], [1.0, 1.0]];
        let infinite = [[1.0, f64::INFINITY], [2.0, 1.0], [200.0, 1.0], [1.0, 1.0]];
        let found = faults(&[&[&open, &few, &infinite]]);
        for expected in [
            "not_closed 0 3 0 2",
            "self_intersection 0 0 1 1",
            "too_few_points 1 - 1 1",
            "not_finite 2 0 -",
            "outside_crs 2 2 200 1",
        ] {
            assert!(found.iter().any(|f| f == expected), "{expected} in {found:?}");
        }
    }

    #[test]
    fn holes_and_parts_are_judged_against_each_other() {
        let inside = [[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 1.0]];
        let beside = [[9.0, 9.0], [10.0, 9.0], [10.0, 10.0], [9.0, 9.0]];
        let partly = [[3.0, 3.0], [6.0, 3.0], [6.0, 6.0], [3.0, 6.0], [3.0, 3.0]];
        assert_eq!(faults(&[&[SQUARE, &inside]]), Vec::<String>::new());
        assert_eq!(faults(&[&[SQUARE, &beside]]), ["hole_outside 1 - 9 9"]);
        assert_eq!(faults(&[&[SQUARE], &[&partly]]), ["parts_overlap 1 - 3 3"]);
        assert_eq!(
            faults(&[&[SQUARE, &inside, &inside]]).first().unwrap(),
            "holes_overlap 2 - 1 1"
        );
    }

    #[test]
    fn nothing_is_empty() {
        assert_eq!(faults(&[]), ["empty - - -"]);
        assert_eq!(faults(&[&[&[]]]), ["empty 0 - -"]);
    }
}
