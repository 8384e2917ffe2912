//! What a fence may look like. Degrees of WGS 84, longitude before latitude.

use geo::{LineString, MultiPolygon};
use gis_data::{Bbox, LonLat};

use super::fault::FenceFault;
use super::plane::{Plane, distance_m, metres_per_degree};
use super::span::{self, Span};

/// Radius of the widest circle and width of the widest corridor: past this the plane in which
/// distances are taken is no longer good enough.
const MOST_M: f64 = 50_000.0;

/// A checked shape: every coordinate is a place, every ring encloses something.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    form: Form,
    sides: [f64; 4],
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    /// Rings one after the other; each ends where it began.
    Areas {
        points: Vec<[f64; 2]>,
        parts: Vec<Part>,
    },
    Circle {
        centre: LonLat,
        radius_m: f64,
    },
    Corridor {
        points: Vec<[f64; 2]>,
        half_m: f64,
    },
}

/// One polygon: where its rings, the outer and the holes, end in the list of points.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    begin: usize,
    ends: Vec<usize>,
}

impl Shape {
    /// Polygons with holes. Edges are straight in degrees, as those of GeoJSON (RFC 7946, 3.1.1).
    pub fn areas_checked(areas: &MultiPolygon<f64>) -> Result<Self, FenceFault> {
        let (mut points, mut parts, mut count) = (Vec::new(), Vec::new(), 0);
        for polygon in areas {
            let (begin, mut ends) = (points.len(), Vec::new());
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                let mut ring_points = places(ring)?;
                if ring_points.first() == ring_points.last() {
                    ring_points.pop();
                }
                if ring_points.len() < 3 {
                    return Err(FenceFault::Ring { ring: count, points: ring_points.len() });
                }
                ring_points.push(ring_points[0]);
                points.append(&mut ring_points);
                ends.push(points.len());
                count += 1;
            }
            parts.push(Part { begin, ends });
        }
        let sides = around(&points).ok_or(FenceFault::Empty)?;
        Ok(Self { form: Form::Areas { points, parts }, sides })
    }

    /// All places no further than the radius: a true circle, not its box.
    pub fn circle_checked(centre: LonLat, radius_m: f64) -> Result<Self, FenceFault> {
        let radius_m = sensible(radius_m)?;
        let at = [centre.lon(), centre.lat()];
        let sides = widened([at[0], at[1], at[0], at[1]], radius_m);
        Ok(Self { form: Form::Circle { centre, radius_m }, sides })
    }

    /// All places no further from a line than half the width; its ends are round.
    pub fn corridor_checked(line: &LineString<f64>, width_m: f64) -> Result<Self, FenceFault> {
        let half_m = sensible(width_m)? / 2.0;
        let points = places(line)?;
        if points.len() < 2 {
            return Err(FenceFault::Line { points: points.len() });
        }
        let sides = widened(around(&points).ok_or(FenceFault::Empty)?, half_m);
        Ok(Self { form: Form::Corridor { points, half_m }, sides })
    }

    /// The box around it.
    pub fn bbox(&self) -> Bbox {
        let [west, south, east, north] = self.sides;
        Bbox { west, south, east, north }
    }

    /// Metres to the edge: below 0 inside, above 0 outside.
    ///
    /// Which side it is, is exact for polygons; the metres are those of the plane about the place:
    /// wrong by up to 0.02 % at 1 km and 0.7 % at 50 km below 60 degrees of latitude.
    pub fn signed_distance_m(&self, place: LonLat) -> f64 {
        self.signed_distance_in(&Plane::about(place), place)
    }

    /// The same in a plane that is at hand.
    pub(super) fn signed_distance_in(&self, local: &Plane, place: LonLat) -> f64 {
        match &self.form {
            Form::Areas { points, parts } => {
                let mut nearest = f64::INFINITY;
                let mut inside = false;
                for part in parts {
                    inside |= part_distance(local, points, part, &mut nearest);
                }
                if inside { -nearest.sqrt() } else { nearest.sqrt() }
            }
            Form::Circle { centre, radius_m } => distance_m(*centre, place) - radius_m,
            Form::Corridor { points, half_m } => {
                let mut nearest = f64::INFINITY;
                let mut from = local.metres(points[0]);
                for &point in &points[1..] {
                    let to = local.metres(point);
                    nearest = nearest.min(square_to(from, to));
                    from = to;
                }
                nearest.sqrt() - half_m
            }
        }
    }

    /// Which parts of the straight way from `a` to `b` lie inside: fractions of the way, in order.
    pub(super) fn spans(&self, a: LonLat, b: LonLat) -> Vec<Span> {
        let plane = Plane::about(a);
        let way = plane.metres([b.lon(), b.lat()]);
        let mut spans = Vec::new();
        match &self.form {
            Form::Areas { points, parts } => {
                for part in parts {
                    let mut begin = part.begin;
                    let rings = part.ends.iter().map(|&end| {
                        let ring = &points[begin..end];
                        begin = end;
                        ring
                    });
                    span::through_rings(&plane, way, rings, &mut spans);
                }
            }
            Form::Circle { centre, radius_m } => {
                let centre = plane.metres([centre.lon(), centre.lat()]);
                span::through_circle(way, centre, *radius_m, &mut spans);
            }
            Form::Corridor { points, half_m } => {
                span::through_corridor(&plane, way, points, *half_m, &mut spans);
            }
        }
        span::merged(spans)
    }

    /// `[west, south, east, north]`.
    pub(super) fn sides(&self) -> [f64; 4] {
        self.sides
    }

    /// Every number of the shape, for its fingerprint.
    pub(super) fn numbers(&self) -> impl Iterator<Item = f64> + '_ {
        let (points, more): (&[[f64; 2]], _) = match &self.form {
            Form::Areas { points, .. } => (points, [0.0; 3]),
            Form::Circle { centre, radius_m } => (&[], [centre.lon(), centre.lat(), *radius_m]),
            Form::Corridor { points, half_m } => (points, [1.0, 0.0, *half_m]),
        };
        more.into_iter().chain(points.iter().flatten().copied())
    }
}

/// Whether the origin lies in a polygon (an odd number of its edges lies east of it); lowers the
/// square of the distance to the nearest edge.
fn part_distance(plane: &Plane, points: &[[f64; 2]], part: &Part, nearest: &mut f64) -> bool {
    let (mut begin, mut inside) = (part.begin, false);
    for &end in &part.ends {
        let mut from = plane.metres(points[begin]);
        for &point in &points[begin + 1..end] {
            let to = plane.metres(point);
            *nearest = nearest.min(square_to(from, to));
            if (from[1] > 0.0) != (to[1] > 0.0) {
                let east = from[0] * to[1] - to[0] * from[1];
                inside ^= (east > 0.0) == (to[1] > from[1]);
            }
            from = to;
        }
        begin = end;
    }
    inside
}

/// The square of the distance from the origin to a segment.
fn square_to(from: [f64; 2], to: [f64; 2]) -> f64 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let along = -(from[0] * dx + from[1] * dy);
    let square = dx * dx + dy * dy;
    // The two common cases need no division: the nearest place is an end.
    if along <= 0.0 {
        return from[0] * from[0] + from[1] * from[1];
    }
    if along >= square {
        return to[0] * to[0] + to[1] * to[1];
    }
    let cross = from[0] * dy - from[1] * dx;
    cross * cross / square
}

fn sensible(metres: f64) -> Result<f64, FenceFault> {
    let good = (1.0..=MOST_M).contains(&metres);
    good.then_some(metres).ok_or(FenceFault::Size { metres, most: MOST_M })
}

/// Checked coordinates without repetitions in a row.
fn places(line: &LineString<f64>) -> Result<Vec<[f64; 2]>, FenceFault> {
    let mut places: Vec<[f64; 2]> = Vec::with_capacity(line.0.len());
    for at in &line.0 {
        LonLat::new_checked(at.x, at.y).ok_or(FenceFault::Place { lon: at.x, lat: at.y })?;
        places.push([at.x, at.y]);
    }
    places.dedup();
    Ok(places)
}

fn around(points: &[[f64; 2]]) -> Option<[f64; 4]> {
    let first = points.first()?;
    let whole = [first[0], first[1], first[0], first[1]];
    Some(points.iter().fold(whole, |[west, south, east, north], [lon, lat]| {
        [west.min(*lon), south.min(*lat), east.max(*lon), north.max(*lat)]
    }))
}

/// A box with a margin, which is a thousandth wider than asked so that rounding cuts nothing off.
fn widened([west, south, east, north]: [f64; 4], metres: f64) -> [f64; 4] {
    let metres = metres * 1.001;
    let y = metres / metres_per_degree(0.0).1;
    // Degrees of longitude are shortest at the edge that is nearer to a pole.
    let (x_m, _) = metres_per_degree((north + y).abs().max((south - y).abs()).min(89.9));
    let x = metres / x_m;
    [west - x, south - y, east + x, north + y]
}

#[cfg(test)]
mod tests {
    use geo::{Contains as _, point, polygon};
    use proptest::prelude::*;

    use super::*;

    fn at(lon: f64, lat: f64) -> LonLat {
        LonLat::new_checked(lon, lat).unwrap()
    }

    /// A square of 0.02 degrees with a hole of 0.01 in its middle.
    fn square_with_hole() -> MultiPolygon<f64> {
        let ring = |r: f64| {
            let (x, y) = (105.0, 36.0);
            LineString::from(vec![(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)])
        };
        MultiPolygon(vec![geo::Polygon::new(ring(0.01), vec![ring(0.005)])])
    }

    #[test]
    fn a_hole_is_outside_and_its_edge_counts() {
        let shape = Shape::areas_checked(&square_with_hole()).unwrap();
        assert!((shape.signed_distance_m(at(105.0, 36.0)) - 450.6).abs() < 0.5);
        assert!((shape.signed_distance_m(at(105.007_5, 36.0)) + 225.4).abs() < 0.5);
        assert!((shape.signed_distance_m(at(105.011, 36.0)) - 90.2).abs() < 0.2);
        let expected = Bbox::new_checked([104.99, 35.99, 105.01, 36.01]);
        assert_eq!(Some(shape.bbox()), expected);
    }

    #[test]
    fn a_circle_is_no_box() {
        for lat in [0.0, 36.0, -65.0] {
            let circle = Shape::circle_checked(at(105.0, lat), 500.0).unwrap();
            let sides = circle.bbox();
            let corner = at(sides.east, sides.north);
            let beyond = circle.signed_distance_m(corner) - 500.0 * (2_f64.sqrt() - 1.0);
            assert!((0.0..6.0).contains(&beyond), "{beyond}");
            let east = circle.signed_distance_m(at(sides.east, lat));
            assert!((0.0..1.0).contains(&east), "the box touches the circle: {east}");
            assert!(circle.spans(corner, corner).is_empty());
        }
    }

    #[test]
    fn a_corridor_has_round_ends_and_is_as_wide_as_told_at_any_latitude() {
        for lat in [0.0, 36.0, 65.0] {
            let line = LineString::from(vec![(105.0, lat), (105.1, lat)]);
            let corridor = Shape::corridor_checked(&line, 400.0).unwrap();
            let (x_m, y_m) = metres_per_degree(lat);
            let inside = corridor.signed_distance_m(at(105.05, lat + 150.0 / y_m));
            assert!((inside + 50.0).abs() < 0.1, "{inside}");
            let beyond = corridor.signed_distance_m(at(105.1 + 250.0 / x_m, lat));
            assert!((beyond - 50.0).abs() < 0.1, "{beyond}");
        }
    }

    #[test]
    fn what_encloses_nothing_is_refused_with_the_ring_that_is_at_fault() {
        let flat =
            MultiPolygon(vec![polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 1.0), (x: 0.0, y: 0.0)]]);
        assert_eq!(Shape::areas_checked(&flat), Err(FenceFault::Ring { ring: 0, points: 2 }));
        assert_eq!(Shape::areas_checked(&MultiPolygon(vec![])), Err(FenceFault::Empty));
        let line = LineString::from(vec![(1.0, 1.0), (1.0, 1.0)]);
        assert_eq!(Shape::corridor_checked(&line, 9.0), Err(FenceFault::Line { points: 1 }));
        let line = LineString::from(vec![(1.0, 1.0), (181.0, 1.0)]);
        let place = FenceFault::Place { lon: 181.0, lat: 1.0 };
        assert_eq!(Shape::corridor_checked(&line, 9.0), Err(place));
        assert!(Shape::circle_checked(at(0.0, 0.0), f64::NAN).is_err());
    }

    #[test]
    fn two_polygons_that_overlap_are_one_area() {
        let square = |x: f64| polygon![(x: x, y: 0.0), (x: x + 2.0, y: 0.0), (x: x + 2.0, y: 2.0), (x: x, y: 2.0)];
        let shape = Shape::areas_checked(&MultiPolygon(vec![square(0.0), square(1.0)])).unwrap();
        assert!(shape.signed_distance_m(at(1.5, 1.0)) < 0.0);
        let spans = shape.spans(at(-1.0, 1.0), at(4.0, 1.0));
        assert_eq!(spans.len(), 1);
        assert!((spans[0].from - 0.2).abs() < 1e-9 && (spans[0].to - 0.8).abs() < 1e-9);
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn inside_is_what_another_library_says_and_the_way_agrees(
            corners in proptest::collection::vec((104.9..105.1, 35.9..36.1), 3..12),
            (ax, ay, bx, by) in (104.9..105.1, 35.9..36.1, 104.9..105.1, 35.9..36.1),
        ) {
            // Sorted about the middle, the corners make a ring that does not cross itself.
            let mut corners = corners;
            let turn = |(x, y): &(f64, f64)| (y - 36.0).atan2(x - 105.0);
            corners.sort_by(|one, other| turn(one).total_cmp(&turn(other)));
            let area = MultiPolygon(vec![geo::Polygon::new(LineString::from(corners), vec![])]);
            let Ok(shape) = Shape::areas_checked(&area) else { return Ok(()) };
            let (a, b) = (at(ax, ay), at(bx, by));
            let spans = shape.spans(a, b);
            for fraction in [0.0, 0.1, 0.35, 0.5, 0.85, 1.0] {
                let place = super::super::plane::between(a, b, fraction);
                let signed = shape.signed_distance_m(place);
                if signed.abs() < 0.01 {
                    continue;
                }
                let inside = area.contains(&point!(x: place.lon(), y: place.lat()));
                prop_assert_eq!(signed < 0.0, inside);
                let on_the_way = spans.iter().any(|s| s.from <= fraction && fraction <= s.to);
                prop_assert_eq!(on_the_way, inside, "{:?} at {}", spans, fraction);
            }
        }

        #[test]
        fn the_way_through_circles_and_corridors_agrees_with_the_distance(
            (ax, ay, bx, by) in (104.9..105.1, 35.9..36.1, 104.9..105.1, 35.9..36.1),
            size in 200.0..8_000.0,
        ) {
            let (a, b) = (at(ax, ay), at(bx, by));
            let line = LineString::from(vec![(104.95, 36.0), (105.0, 36.03), (105.05, 35.97)]);
            for shape in [
                Shape::circle_checked(at(105.0, 36.0), size).unwrap(),
                Shape::corridor_checked(&line, size).unwrap(),
            ] {
                let spans = shape.spans(a, b);
                for fraction in [0.0, 0.1, 0.35, 0.5, 0.85, 1.0] {
                    let place = super::super::plane::between(a, b, fraction);
                    let signed = shape.signed_distance_m(place);
                    // The two measure in planes about different places.
                    if signed.abs() > 40.0 {
                        let inside = spans.iter().any(|s| s.from <= fraction && fraction <= s.to);
                        prop_assert_eq!(inside, signed < 0.0, "{:?} {}", spans, signed);
                    }
                }
            }
        }
    }
}
