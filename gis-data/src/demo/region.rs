//! The fictional regions: the city and its counties, with borders along streets and the river.

use geo::unary_union;
use geo_types::{LineString, MultiPolygon, Polygon};

use super::city::Region;
use super::frame::Frame;
use super::name::{CITY, CITY_CODE, COUNTIES};
use super::shape::{Pt, centroid};
use super::streets::Layout;
use super::terrain::Terrain;

pub(super) fn regions(layout: &Layout, terrain: &Terrain, frame: &Frame) -> Vec<Region> {
    let mut faces: Vec<Vec<Polygon<f64>>> = vec![Vec::new(); COUNTIES.len()];
    for face in 0..layout.mesh.face_count() {
        let halves = layout.mesh.around(face);
        let outline: Vec<Pt> = halves.iter().map(|&h| layout.mesh.origin(h)).collect();
        let mut ring = LineString(outline.clone());
        ring.close();
        faces[terrain.county(centroid(&outline))].push(Polygon::new(ring, vec![]));
    }
    let whole = MultiPolygon::new(faces.iter().flat_map(|f| unary_union(f).0).collect());
    let city = unary_union(&whole);
    let mut regions = vec![Region {
        code: CITY_CODE.to_owned(),
        name: CITY.to_owned(),
        parent: None,
        area: degrees(&city, frame),
    }];
    for ((code, name, _), faces) in COUNTIES.iter().zip(&faces) {
        regions.push(Region {
            code: (*code).to_owned(),
            name: (*name).to_owned(),
            parent: Some(0),
            area: degrees(&unary_union(faces), frame),
        });
    }
    regions
}

fn degrees(area: &MultiPolygon<f64>, frame: &Frame) -> MultiPolygon<f64> {
    let ring = |ring: &LineString<f64>| -> Vec<Pt> {
        ring.0.iter().take(ring.0.len().saturating_sub(1)).copied().collect()
    };
    let polygons = area.iter().map(|polygon| {
        let holes: Vec<Vec<Pt>> = polygon.interiors().iter().map(ring).collect();
        frame.polygon(&ring(polygon.exterior()), &holes)
    });
    polygons.collect()
}
