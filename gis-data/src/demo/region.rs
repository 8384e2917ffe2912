//! The fictional regions: the city and its counties, with borders along streets and the river.

use std::collections::BTreeMap;

use geo_types::MultiPolygon;

use super::city::Region;
use super::frame::Frame;
use super::mesh::pseudo_angle;
use super::name::{CITY, CITY_CODE, COUNTIES};
use super::shape::{Pt, centroid, contains, signed_area};
use super::streets::Layout;
use super::terrain::Terrain;

pub(super) fn regions(layout: &Layout, terrain: &Terrain, frame: &Frame) -> Vec<Region> {
    let mesh = &layout.mesh;
    let county_of: Vec<usize> = (0..mesh.face_count())
        .map(|face| {
            let outline: Vec<Pt> = mesh.around(face).iter().map(|&h| mesh.origin(h)).collect();
            terrain.county(centroid(&outline))
        })
        .collect();
    let all: Vec<u32> = (0..mesh.face_count()).collect();
    let mut regions = vec![Region {
        code: CITY_CODE.to_owned(),
        name: CITY.to_owned(),
        parent: None,
        area: area(layout, &all, frame),
    }];
    for (county, (code, name, _)) in COUNTIES.iter().enumerate() {
        let own: Vec<u32> =
            all.iter().copied().filter(|&face| county_of[face as usize] == county).collect();
        regions.push(Region {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            parent: Some(0),
            area: area(layout, &own, frame),
        });
    }
    regions
}

/// The faces as one area: the sides that only one of them has, joined to rings.
fn area(layout: &Layout, faces: &[u32], frame: &Frame) -> MultiPolygon<f64> {
    let mut rings = rings(layout, faces);
    rings.sort_by(|a, b| signed_area(b).total_cmp(&signed_area(a)));
    let mut polygons: Vec<(Vec<Pt>, Vec<Vec<Pt>>)> = Vec::new();
    for ring in rings {
        if signed_area(&ring) > 0.0 {
            polygons.push((ring, Vec::new()));
            continue;
        }
        // A side's middle is never on another ring, as a pinched corner may be.
        let inside = (ring[0] + ring[1]) / 2.0;
        let around = polygons.iter_mut().rev().find(|(exterior, _)| contains(exterior, inside));
        if let Some((_, holes)) = around {
            holes.push(ring);
        }
    }
    polygons.iter().map(|(exterior, holes)| frame.polygon(exterior, holes)).collect()
}

fn rings(layout: &Layout, faces: &[u32]) -> Vec<Vec<Pt>> {
    let mesh = &layout.mesh;
    let mut inside = vec![false; mesh.streets.len() * 2];
    for &face in faces {
        for half in mesh.around(face) {
            inside[half as usize] = true;
        }
    }
    let mut leaving: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for half in (0_u32..).zip(&inside).filter(|&(half, &own)| own && !inside[half as usize ^ 1]) {
        leaving.entry(mesh.vertex(half.0)).or_default().push(half.0);
    }
    let mut rings = Vec::new();
    while let Some((&first, _)) = leaving.iter().find(|(_, halves)| !halves.is_empty()) {
        let mut ring = Vec::new();
        let mut vertex = first;
        let mut heading = Pt { x: 1.0, y: 0.0 };
        while let Some(halves) = leaving.get_mut(&vertex).filter(|halves| !halves.is_empty()) {
            // Where borders meet at a corner, the sharpest turn to the left keeps rings apart.
            let back = Pt { x: -heading.x, y: -heading.y };
            let turn = |half: u32| {
                let ahead = mesh.target(half) - mesh.origin(half);
                (pseudo_angle(back) - pseudo_angle(ahead)).rem_euclid(4.0)
            };
            let (at, &half) = halves
                .iter()
                .enumerate()
                .min_by(|a, b| turn(*a.1).total_cmp(&turn(*b.1)))
                .expect("the list was just seen not to be empty");
            halves.remove(at);
            ring.push(mesh.origin(half));
            heading = mesh.target(half) - mesh.origin(half);
            vertex = mesh.vertex(half ^ 1);
        }
        rings.push(ring);
    }
    rings
}
