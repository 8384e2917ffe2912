//! The local metric frame the city is drawn in, and its way to degrees.

use geo_types::{Coord, LineString, Point, Polygon};

use super::shape::Pt;

/// The origin of the frame. The place is arbitrary: it means nothing, and nothing real is shown.
const ORIGIN: Coord<f64> = Coord { x: 105.5, y: 36.5 };
const SEMI_MAJOR_M: f64 = 6_378_137.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_32;

/// Metres east and north of the origin to degrees, by the ellipsoid's scale at the origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    metres_per_lon: f64,
    metres_per_lat: f64,
}

impl Frame {
    pub(super) fn new() -> Self {
        let latitude = ORIGIN.y.to_radians();
        let (sin, cos) = (libm::sin(latitude), libm::cos(latitude));
        let w = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
        let normal = SEMI_MAJOR_M / w.sqrt();
        let meridian = normal * (1.0 - ECCENTRICITY_SQUARED) / w;
        Self { metres_per_lon: (normal * cos).to_radians(), metres_per_lat: meridian.to_radians() }
    }

    pub(super) fn degrees(&self, p: Pt) -> Coord<f64> {
        Coord {
            x: round(ORIGIN.x + p.x / self.metres_per_lon),
            y: round(ORIGIN.y + p.y / self.metres_per_lat),
        }
    }

    pub(super) fn point(&self, p: Pt) -> Point<f64> {
        Point(self.degrees(p))
    }

    pub(super) fn line(&self, points: &[Pt]) -> LineString<f64> {
        LineString(points.iter().map(|&p| self.degrees(p)).collect())
    }

    /// A polygon from open rings: a counter-clockwise exterior and clockwise interiors.
    pub(super) fn polygon(&self, exterior: &[Pt], interiors: &[Vec<Pt>]) -> Polygon<f64> {
        Polygon::new(self.ring(exterior), interiors.iter().map(|ring| self.ring(ring)).collect())
    }

    fn ring(&self, points: &[Pt]) -> LineString<f64> {
        let mut ring: Vec<Coord<f64>> = points.iter().map(|&p| self.degrees(p)).collect();
        ring.dedup();
        while ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        let mut ring = LineString(ring);
        ring.close();
        ring
    }
}

fn round(degrees: f64) -> f64 {
    (degrees * 1e7).round() / 1e7
}
