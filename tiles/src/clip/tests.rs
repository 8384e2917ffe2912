//! Shapes with known answers, and many random ones whose answers must at least be valid.

use std::f64::consts::TAU;

use geo::{Area as _, BooleanOps as _, Length as _, Validation as _};
use geo_types::{LineString, MultiPolygon, Polygon};
use gis_data::World;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::*;
use crate::TileCoord;

/// The windows of tiles of 4096 units with a buffer of 64, as every zoom before the fine ones has.
fn window() -> Window {
    Window::of(TileCoord::new_checked(13, 0, 0).unwrap())
}

fn polygons(rings: Vec<Ring>) -> Vec<Vec<Vec<Vertex>>> {
    window().polygons(rings)
}

fn line(of: &[Coord<i64>]) -> Vec<Vec<Vertex>> {
    window().line(of)
}

fn ring(points: &[(i64, i64)]) -> Ring {
    points.iter().map(|&p| p.into()).collect()
}

fn square(west: i64, north: i64, east: i64, south: i64) -> Ring {
    ring(&[(west, north), (east, north), (east, south), (west, south)])
}

fn hole(west: i64, north: i64, east: i64, south: i64) -> Ring {
    square(west, north, east, south).into_iter().rev().collect()
}

fn geo(polygons: &[Vec<Vec<Vertex>>]) -> MultiPolygon<f64> {
    let line = |ring: &Vec<Vertex>| {
        LineString::from(ring.iter().map(|p| (f64::from(p.x), f64::from(p.y))).collect::<Vec<_>>())
    };
    let polygon = |rings: &Vec<Vec<Vertex>>| {
        Polygon::new(line(&rings[0]), rings[1..].iter().map(line).collect())
    };
    MultiPolygon(polygons.iter().map(polygon).collect())
}

/// Valid, wound as MVT 2.1 wants, inside the kept square: the overlay may snap a crossing one unit past it.
fn sanity_check(polygons: &[Vec<Vec<Vertex>>]) {
    let kept = window().kept;
    let reach = Square { min: kept.min - 1, max: kept.max + 1 };
    let shape = geo(polygons);
    assert!(shape.is_valid(), "{:?}: {polygons:?}", shape.validation_errors());
    for rings in polygons {
        for (n, ring) in rings.iter().enumerate() {
            let wide: Ring = ring.iter().map(|p| Coord { x: p.x.into(), y: p.y.into() }).collect();
            assert!(wide.iter().all(|p| reach.holds(*p)), "outside: {ring:?}");
            let area = doubled_area(&wide);
            assert!(if n == 0 { area > 0 } else { area < 0 }, "ring {n} winds wrongly: {ring:?}");
        }
    }
}

/// In whole square units, which the shapes below have.
#[expect(clippy::cast_possible_truncation, reason = "far below 2^53")]
fn area(polygons: &[Vec<Vec<Vertex>>]) -> i64 {
    sanity_check(polygons);
    geo(polygons).unsigned_area().round() as i64
}

#[test]
fn a_polygon_over_the_whole_tile_fills_square_and_buffer() {
    let cut = polygons(vec![square(-1_000_000, -1_000_000, 1_000_000, 1_000_000)]);
    assert_eq!(area(&cut), (4096 + 128) * (4096 + 128));
    assert_eq!(cut[0][0].len(), 4);
}

#[test]
fn a_polygon_beyond_the_buffer_or_only_touching_it_leaves_nothing() {
    assert!(polygons(vec![square(5000, 0, 6000, 100)]).is_empty());
    assert!(polygons(vec![square(4160, 0, 6000, 100)]).is_empty());
    assert!(polygons(vec![]).is_empty());
}

#[test]
fn a_hole_across_the_edge_stays_a_gap() {
    let cut = polygons(vec![square(0, 0, 8000, 4000), hole(3000, 1000, 7000, 2000)]);
    assert_eq!(area(&cut), 4160 * 4000 - 1160 * 1000);
    assert_eq!(cut.iter().map(Vec::len).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_hole_inside_is_kept_and_wound_the_other_way() {
    let cut = polygons(vec![square(0, 0, 4000, 4000), hole(1000, 1000, 2000, 2000)]);
    assert_eq!(area(&cut), 4000 * 4000 - 1000 * 1000);
    assert_eq!(cut[0].len(), 2);
}

#[test]
fn a_hole_that_holds_the_whole_tile_leaves_nothing() {
    let cut = polygons(vec![square(-9000, -9000, 9000, 9000), hole(-8000, -8000, 8500, 8500)]);
    assert!(cut.is_empty());
}

#[test]
fn a_polygon_that_enters_twice_becomes_two_without_a_seam_along_the_buffer() {
    // A U lying on its side, its back outside the tile.
    let u = ring(&[
        (100, 100),
        (6000, 100),
        (6000, 900),
        (100, 900),
        (100, 700),
        (5000, 700),
        (5000, 300),
        (100, 300),
    ]);
    let cut = polygons(vec![u]);
    assert_eq!(cut.len(), 2);
    assert_eq!(area(&cut), 2 * 4060 * 200);
}

#[test]
fn a_bow_tie_keeps_the_lobe_that_runs_the_right_way() {
    let bow =
        ring(&[(0, 0), (100, 0), (100, 100), (200, 100), (200, 90), (90, 90), (90, 110), (0, 110)]);
    let cut = polygons(vec![bow]);
    assert!(!cut.is_empty());
    sanity_check(&cut);
}

#[test]
fn a_ring_that_runs_back_over_itself_loses_the_spike() {
    let cut = polygons(vec![ring(&[(0, 0), (100, 0), (300, 0), (100, 0), (100, 100), (0, 100)])]);
    assert_eq!(area(&cut), 10_000);
}

#[test]
fn a_ring_flattened_by_the_grid_is_dropped() {
    assert!(polygons(vec![ring(&[(0, 0), (50, 0), (100, 0)])]).is_empty());
    assert!(polygons(vec![ring(&[(7, 7), (8, 8)])]).is_empty());
    assert!(polygons(vec![ring(&[(7, 7)])]).is_empty());
}

#[test]
fn rings_that_touch_in_a_vertex_become_polygons_that_are_valid() {
    let eight = ring(&[
        (0, 0),
        (100, 0),
        (100, 100),
        (200, 100),
        (200, 200),
        (100, 200),
        (100, 100),
        (0, 100),
    ]);
    let cut = polygons(vec![eight]);
    assert_eq!(area(&cut), 20_000);
    assert_eq!(cut.len(), 2);
}

#[test]
fn a_line_that_leaves_and_returns_becomes_two() {
    let cut = line(&ring(&[(4000, 100), (5000, 100), (5000, 300), (4000, 300)]));
    let ends = |n: usize| (cut[n][0], cut[n][1]);
    assert_eq!(cut.len(), 2);
    assert_eq!(ends(0), ((4000, 100).into(), (4160, 100).into()));
    assert_eq!(ends(1), ((4160, 300).into(), (4000, 300).into()));
}

#[test]
fn a_line_that_only_passes_through_has_both_ends_on_the_buffer() {
    assert_eq!(line(&ring(&[(-900, 50), (9000, 50)])), [vec![(-64, 50).into(), (4160, 50).into()]]);
    assert!(line(&ring(&[(-900, -900), (9000, -900)])).is_empty());
    // Past the corner, and just in it.
    assert!(line(&ring(&[(-200, 0), (0, -200)])).is_empty());
    assert!(line(&ring(&[(-128, 0), (0, -128)])).is_empty());
}

#[test]
fn a_line_along_the_edge_of_the_buffer_stays() {
    assert_eq!(line(&ring(&[(-64, 0), (-64, 4000)])).len(), 1);
}

#[test]
fn points_of_the_buffer_stay_and_equal_ones_are_one() {
    let cut =
        window().points(ring(&[(-64, 0), (-65, 0), (10, 10), (10, 10), (4160, 4160), (4161, 0)]));
    assert_eq!(cut, [(-64, 0).into(), (10, 10).into(), (4160, 4160).into()]);
}

/// A star around a centre: simple in the plane, hardly ever after snapping when it is small.
fn star(rng: &mut StdRng, radius: f64) -> Ring {
    let (x, y) = (rng.random_range(-300.0..4400.0), rng.random_range(-300.0..4400.0));
    let n = rng.random_range(3..60_u32);
    let mut points: Ring = (0..n)
        .map(|i| {
            let angle = TAU * f64::from(i) / f64::from(n);
            let r = radius * rng.random_range(0.02..1.0);
            #[expect(clippy::cast_possible_truncation, reason = "that is the snapping")]
            let snap = |v: f64| v.round() as i64;
            Coord { x: snap(x + r * angle.cos()), y: snap(y + r * angle.sin()) }
        })
        .collect();
    points.dedup();
    points
}

#[test]
fn random_stars_of_any_size_come_out_valid() {
    let mut rng = StdRng::seed_from_u64(20_261_123);
    let mut kept = 0;
    for n in 0..4000 {
        let radius = [3.0, 10.0, 60.0, 900.0, 9000.0, 400_000.0][n % 6];
        let cut = polygons(vec![star(&mut rng, radius)]);
        sanity_check(&cut);
        kept += cut.len();
    }
    assert!(kept > 2000, "{kept}");
}

#[test]
fn random_simple_rings_are_cut_as_the_overlay_cuts_them() {
    let mut random = StdRng::seed_from_u64(20_261_127);
    let (mut ring, mut spare, mut left) = (Ring::new(), Ring::new(), [0; 3]);
    for n in 0..6000 {
        let radius = [10.0, 60.0, 900.0, 9000.0, 400_000.0][n % 5];
        tidy(star(&mut random, radius).into_iter(), &mut ring);
        if !is_simple(&ring) {
            continue;
        }
        let overlaid = polygons(vec![ring.clone()]);
        let expected = geo(&overlaid).unsigned_area();
        match window().ring(&mut ring, &mut spare) {
            Left::Ring => {
                let cut: Vec<Vertex> = ring.iter().copied().map(narrow).collect();
                sanity_check(&[vec![cut.clone()]]);
                let shape = geo(&[vec![cut]]);
                // Where edges leave, each way rounds their ends by half a unit.
                let rim: f64 = shape.iter().map(|p| geo::Euclidean.length(p.exterior())).sum();
                let area = shape.unsigned_area();
                assert!((area - expected).abs() <= rim, "{area} for {expected} in {rim}");
                left[0] += 1;
            }
            Left::Nothing => {
                assert!(expected <= 100.0, "{expected} is more than nothing");
                left[1] += 1;
            }
            Left::Pieces => left[2] += 1,
        }
    }
    assert!(left.iter().all(|n| *n > 20), "each is met: {left:?}");
}

#[test]
fn random_tangles_of_rings_come_out_valid() {
    let mut rng = StdRng::seed_from_u64(7);
    for _ in 0..600 {
        let mut rings: Vec<Ring> = (0..5).map(|_| star(&mut rng, 700.0)).collect();
        rings[3].reverse();
        rings[4].reverse();
        sanity_check(&polygons(rings));
    }
}

/// Neighbours must show the same thing on both sides of an edge: what four tiles keep of a polygon,
/// each cut to its own square, is the polygon.
#[test]
fn four_neighbours_together_are_the_polygon() {
    let mut rng = StdRng::seed_from_u64(4);
    let at = |x: u32, y: u32| TileCoord::new_checked(13, 6000 + x, 3000 + y).unwrap();
    let unit = 1_i64 << 7;
    for _ in 0..60 {
        let shape: Vec<World> = star(&mut rng, 2500.0)
            .into_iter()
            .map(|p| World {
                x: u32::try_from((6000 * 4096 + 2048 + p.x) * unit + 37).unwrap(),
                y: u32::try_from((3000 * 4096 + 2048 + p.y) * unit - 11).unwrap(),
            })
            .collect();
        let whole: Ring = shape.iter().map(|p| at(0, 0).grid().snap(*p)).collect();
        #[expect(clippy::cast_precision_loss, reason = "tile units are small")]
        let coords = whole.iter().map(|p| (p.x as f64, p.y as f64)).collect::<Vec<_>>();
        let whole = MultiPolygon::from(Polygon::new(LineString::from(coords), vec![]));
        let mut union = MultiPolygon::<f64>(vec![]);
        for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let cut = polygons(vec![shape.iter().map(|p| at(x, y).grid().snap(*p)).collect()]);
            let (dx, dy) = (f64::from(x) * 4096.0, f64::from(y) * 4096.0);
            let tile = geo_types::Rect::new((0.0, 0.0), (4096.0, 4096.0)).to_polygon();
            let mut shown = geo(&cut).intersection(&MultiPolygon::from(tile));
            geo::MapCoordsInPlace::map_coords_in_place(&mut shown, |c| (c.x + dx, c.y + dy).into());
            union = union.union(&shown);
        }
        let window = geo_types::Rect::new((0.0, 0.0), (8192.0, 8192.0)).to_polygon();
        let wanted = whole.intersection(&MultiPolygon::from(window));
        // A fraction of a unit along the edges that the buffer cuts, and no gap or overlap to be seen.
        let apart = wanted.xor(&union).unsigned_area();
        let rim: f64 = wanted.iter().map(|p| geo::Euclidean.length(p.exterior())).sum();
        assert!(apart < 0.25 * rim, "{apart} along {rim}");
        let gaps = |shape: &MultiPolygon<f64>| {
            let holes = shape.iter().flat_map(Polygon::interiors);
            holes.filter(|h| Polygon::new((*h).clone(), vec![]).unsigned_area() > 1.0).count()
        };
        assert_eq!(gaps(&union), gaps(&wanted));
    }
}
