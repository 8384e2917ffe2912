//! The parts of a polygon in all its tiles add up to the whole: nothing is lost at an edge, nothing is there twice.
#![allow(clippy::unwrap_used, reason = "helpers of tests, where a panic is the report")]

mod support;

use std::f64::consts::TAU;

use fast_mvt::MvtReaderRef;
use geo_types::{Coord, Geometry, LineString, Polygon};
use gis_data::{FeatureId, GeometryType, OwnedFeature, ScopeId, World};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Fixed, source_with, tile};
use tiles::TileCoord;

/// A ring around a middle, in world units, with its corners at these distances.
fn ring(middle: World, distances: &[f64]) -> Vec<Coord<f64>> {
    let step = TAU / distances.iter().map(|_| 1.0).sum::<f64>();
    let corners = distances.iter().scan(0.0, |angle, distance| {
        let corner = Coord {
            x: f64::from(middle.x) + distance * f64::cos(*angle),
            y: f64::from(middle.y) + distance * f64::sin(*angle),
        };
        *angle += step;
        Some(corner)
    });
    corners.map(|c| Coord { x: c.x.round(), y: c.y.round() }).collect()
}

fn in_degrees(ring: &[Coord<f64>]) -> LineString<f64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole numbers")]
    let place = |c: &Coord<f64>| World { x: c.x as u32, y: c.y as u32 }.to_lonlat();
    ring.iter().map(place).map(|p| (p.lon(), p.lat())).collect()
}

fn doubled_area(ring: &[Coord<f64>]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum()
}

fn length(ring: &[Coord<f64>]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| (b.x - a.x).hypot(b.y - a.y)).sum()
}

/// The ring within a square, by cutting at one side after the other (Sutherland and Hodgman, 1974); what runs to and fro
/// along a side has no area.
fn within(ring: Vec<Coord<f64>>, side: f64) -> Vec<Coord<f64>> {
    let inside: [fn(Coord<f64>, f64) -> f64; 4] =
        [|c, _| c.x, |c, side| side - c.x, |c, _| c.y, |c, side| side - c.y];
    inside.into_iter().fold(ring, |ring, off| {
        let mut kept = Vec::new();
        for (n, &to) in ring.iter().enumerate() {
            let from = ring[(n + ring.len() - 1) % ring.len()];
            let (before, after) = (off(from, side), off(to, side));
            if (before < 0.0) != (after < 0.0) {
                let share = before / (before - after);
                kept.push(from + (to - from) * share);
            }
            if after >= 0.0 {
                kept.push(to);
            }
        }
        kept
    })
}

/// The area of the feature's part in one tile without its buffer, in units of the tile.
fn part(source: &Fixed, coord: TileCoord) -> f64 {
    let Some(bytes) = tile(&[source], coord).unwrap() else { return 0.0 };
    let reader = MvtReaderRef::new(&bytes).unwrap();
    let feature = reader.layers().next().unwrap().features().next().unwrap();
    let polygons = match feature.geometry().unwrap() {
        Geometry::Polygon(one) => vec![one],
        Geometry::MultiPolygon(all) => all.0,
        other => unreachable!("{other:?}"),
    };
    let rings = polygons.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    rings
        .map(|ring| {
            let ring = ring.coords().skip(1);
            let ring = ring.map(|c| Coord { x: f64::from(c.x), y: f64::from(c.y) }).collect();
            doubled_area(&within(ring, f64::from(coord.extent()))) / 2.0
        })
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_polygons_with_a_hole_are_the_sum_of_their_parts(
        place in (1_u32 << 29..3 << 30, 1_u32 << 30..3 << 30),
        z in 6..=18_u8,
        tiles in 0.1..1.6_f64,
        outer in vec(0.5..1.0_f64, 5..14),
        inner in vec(0.1..0.35_f64, 5..9),
        is_last in any::<bool>(),
    ) {
        let middle = World { x: place.0, y: place.1 };
        let radius = tiles * f64::from(1_u32 << (32 - z));
        let scaled = |shares: &[f64]| shares.iter().map(|s| s * radius).collect::<Vec<f64>>();
        let (outer, inner) = (ring(middle, &scaled(&outer)), ring(middle, &scaled(&inner)));
        let hole: Vec<Coord<f64>> = inner.iter().rev().copied().collect();
        let shape = Geometry::from(Polygon::new(in_degrees(&outer), vec![in_degrees(&hole)]));
        let feature = OwnedFeature::new(FeatureId(1), ScopeId(1), &shape, vec![]).unwrap();
        let last = if is_last { z } else { 22 };
        let source = source_with(&[], "stars", GeometryType::Polygon, (0, last), vec![feature]);
        let coord = TileCoord::at(z, middle).unwrap();
        let unit = f64::from(1_u32 << (32 - z)) / f64::from(coord.extent());
        let whole = (doubled_area(&outer).abs() - doubled_area(&hole).abs()) / 2.0 / unit / unit;
        let mut sum = 0.0;
        for x in coord.x() - 2..=coord.x() + 2 {
            for y in coord.y() - 2..=coord.y() + 2 {
                if let Some(here) = TileCoord::new_checked(z, x, y) {
                    sum += part(&source, here);
                }
            }
        }
        // Each vertex moves by half a unit, and each place where an edge meets a tile's edge again.
        let allowed = (length(&outer) + length(&hole)) / unit * if is_last { 0.75 } else { 1.75 };
        prop_assert!((sum - whole).abs() < allowed, "{sum} in parts of {whole}, {allowed} allowed");
        prop_assert!((sum / whole - 1.0).abs() < 0.02, "{sum} in parts of {whole}");
    }
}
