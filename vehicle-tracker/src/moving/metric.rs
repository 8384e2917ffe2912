//! Distances on the WGS 84 ellipsoid by way of the chord through the ground.
//!
//! The chord is an honest distance in space: it knows neither poles nor an antimeridian. It is told
//! as the arc over it, [`arc_m`], which agrees with the geodesic to 1e-6 of itself up to 250 km and
//! to 1e-4 up to 2,500 km.
//!
//! What a search may leave out follows from one inequality. Longitude and latitude are the direction
//! of the normal `n` of the ellipsoid, whose radii of curvature lie between `R_MIN_M = b²/a` and
//! `a²/b`. By Blaschke's rolling theorem the ellipsoid is a ball of radius `R_MIN_M` plus a convex
//! body, of which a place is the sum `R_MIN_M · n + k(n)`; `k` is monotone, as support points are, so
//! `(p − q) · (n_p − n_q) ≥ R_MIN_M · |n_p − n_q|²`, and with Cauchy and Schwarz
//! `|p − q| ≥ R_MIN_M · |n_p − n_q|`. What is far on the unit sphere is far on the ellipsoid.

use std::f64::consts::PI;

use gis_data::LonLat;

use super::cell::Cell;

/// Semi-major axis of WGS 84 and the square of its eccentricity (EPSG:7030).
const A_M: f64 = 6_378_137.0;
const E2: f64 = 0.006_694_379_990_141_316;

/// The smallest radius of curvature, b²/a = 6,335,439.327 m, rounded down.
pub(super) const R_MIN_M: f64 = 6_335_439.0;

/// What rounding may not make of a lower bound.
const KEEP: f64 = 1.0 - 1e-9;

/// Up to here, in radians, a few terms give sine and cosine to the last bits of a metre.
const NEAR: f64 = 0.1;

/// A point or a direction in space: x towards 0° east, y towards 90° east, z towards the north pole.
pub(super) type Vector = [f64; 3];

/// A place from which distances are measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    lon: f64,
    lat: f64,
    sin: f64,
    cos: f64,
    /// Metres from the axis.
    p_m: f64,
    /// Metres from the plane of the equator.
    z_m: f64,
    cell: Cell,
}

impl Origin {
    /// At a place.
    pub(super) fn at(place: LonLat) -> Self {
        let (sin, cos) = place.lat().to_radians().sin_cos();
        let cos = cos.max(0.0);
        let (p_m, z_m) = meridian(sin, cos);
        Self { lon: place.lon(), lat: place.lat(), sin, cos, p_m, z_m, cell: Cell::of(place) }
    }

    /// The square of the chord to a place, in m².
    pub(super) fn chord2(&self, to: LonLat) -> f64 {
        let north = (to.lat() - self.lat).to_radians();
        let half_east = (to.lon() - self.lon).to_radians() / 2.0;
        let (sin_n, cos_n) =
            if north.abs() <= NEAR { near_sin_cos(north) } else { north.sin_cos() };
        let sin_e = if half_east.abs() <= NEAR { near_sin(half_east) } else { half_east.sin() };
        let sin = self.sin * cos_n + self.cos * sin_n;
        let cos = (self.cos * cos_n - self.sin * sin_n).max(0.0);
        let (p_m, z_m) = meridian(sin, cos);
        let (p, z) = (p_m - self.p_m, z_m - self.z_m);
        p * p + z * z + 4.0 * p_m * self.p_m * sin_e * sin_e
    }

    /// The least `chord2` that a place in a row of quarters or in a column of quarters of a cell may
    /// have: `[south, north]`, and by that `[west, east]`.
    ///
    /// The square of a chord is that of the chord along the meridian plus `4 p p' sin²(λ/2)`. The
    /// first is no less than that of a circle whose radius is the meridian's smallest on the way;
    /// for the second, `p` is at least `a` times the cosine of the latitude.
    pub(super) fn least_chord2(&self, cell: Cell) -> ([f64; 2], [[f64; 2]; 2]) {
        let ends = [cell.quarter(0), cell.quarter(3)];
        let easts = ends.map(|c| 4.0 * KEEP * A_M * self.p_m * least_sin2(c.east_from(self.cell)));
        let norths = ends.map(|c| {
            let (gap, lowest) = c.north_from(self.cell);
            let radius_m = R_MIN_M * (1.0 + 1.5 * E2 * least_sin2(2.0 * lowest));
            4.0 * radius_m * radius_m * least_sin2(gap)
        });
        let circles = ends.map(|c| least_cos(c.farthest_lat()));
        (norths, circles.map(|cos| easts.map(|east| cos * east)))
    }
}

/// Metres of the arc over a chord whose square is given.
pub(super) fn arc_m(chord2: f64) -> f64 {
    2.0 * A_M * (chord2.sqrt() / (2.0 * A_M)).min(1.0).asin()
}

/// The square of the chord under an arc; infinite from half the girth of the earth on, and less than
/// nothing for what is no radius.
pub(super) fn chord2_of(arc_m: f64) -> f64 {
    let half = arc_m / (2.0 * A_M);
    if half >= PI / 2.0 {
        f64::INFINITY
    } else if half >= 0.0 {
        (2.0 * A_M * half.sin()).powi(2)
    } else {
        -1.0
    }
}

/// The normal of the ellipsoid at a place.
pub(super) fn normal(place: LonLat) -> Vector {
    let (sin_lat, cos_lat) = place.lat().to_radians().sin_cos();
    let (sin_lon, cos_lon) = place.lon().to_radians().sin_cos();
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

/// Where on the ellipsoid, in metres from its centre, the normal is a given one.
pub(super) fn on_ground([x, y, z]: Vector) -> Vector {
    let curve_m = A_M / (1.0 - E2 * z * z).sqrt();
    [x * curve_m, y * curve_m, z * curve_m * (1.0 - E2)]
}

/// Metres from the axis and from the plane of the equator.
fn meridian(sin: f64, cos: f64) -> (f64, f64) {
    let curve_m = A_M / (1.0 - E2 * sin * sin).sqrt();
    (curve_m * cos, curve_m * (1.0 - E2) * sin)
}

// The series are written with the inverse of each divisor: a division costs as much as ten products.

fn near_sin(x: f64) -> f64 {
    let x2 = x * x;
    x * (1.0 - x2 * ((1.0 / 6.0) - x2 * ((1.0 / 120.0) - x2 * (1.0 / 5_040.0))))
}

fn near_sin_cos(x: f64) -> (f64, f64) {
    let x2 = x * x;
    let tail = x2 * ((1.0 / 24.0) - x2 * ((1.0 / 720.0) - x2 * (1.0 / 40_320.0)));
    (near_sin(x), 1.0 - x2 * (0.5 - tail))
}

/// At most sin²(x/2), for x from 0 to π: the series breaks off below.
fn least_sin2(x: f64) -> f64 {
    let sin = x * (0.5 - x * x * (1.0 / 48.0));
    sin * sin
}

/// At most the cosine, for an angle from 0 to π/2: the series breaks off below.
fn least_cos(x: f64) -> f64 {
    let x2 = x * x;
    (1.0 - x2 * (0.5 - x2 * ((1.0 / 24.0) - x2 * (1.0 / 720.0)))).max(0.0)
}

pub(super) fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(super) fn scaled(a: Vector, by: f64) -> Vector {
    a.map(|x| x * by)
}

pub(super) fn between2(a: Vector, b: Vector) -> f64 {
    let way = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    dot(way, way)
}

#[cfg(test)]
mod tests {
    use geo::{Destination as _, Geodesic, point};

    use super::*;

    /// Karney's algorithm is the outside truth.
    #[test]
    fn arcs_agree_with_the_geodesic() {
        for (lon, lat) in [(105.0, 0.0), (103.8, 36.1), (-179.99, -60.0), (12.0, 89.99)] {
            for bearing in [0.0, 33.0, 90.0, 200.0, 270.0] {
                for (metres, part) in [(1.0, 1e-6), (3e3, 1e-6), (2.5e5, 1e-6), (2.5e6, 1e-4)] {
                    let to = Geodesic.destination(point!(x: lon, y: lat), bearing, metres);
                    let to = LonLat::new_checked(to.x(), to.y()).unwrap();
                    let origin = Origin::at(LonLat::new_checked(lon, lat).unwrap());
                    let ours = arc_m(origin.chord2(to));
                    let wrong = (ours / metres - 1.0).abs();
                    assert!(wrong < part, "{lon} {lat} {bearing} {metres}: {wrong:e}");
                }
            }
        }
    }

    #[test]
    fn arcs_and_chords_undo_each_other() {
        for metres in [0.0, 0.5, 1e4, 1e7] {
            assert!((arc_m(chord2_of(metres)) - metres).abs() < 1e-6);
        }
        assert!(chord2_of(2.1e7).is_infinite());
        assert!(chord2_of(-1.0) < 0.0 && chord2_of(f64::NAN) < 0.0);
    }
}
