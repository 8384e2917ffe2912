//! Metres about a place: the tangent plane of the WGS 84 ellipsoid there.

use gis_data::LonLat;

/// Semi-major axis of WGS 84 and the square of its eccentricity (EPSG:7030).
const A_M: f64 = 6_378_137.0;
const E2: f64 = 0.006_694_379_990_141_316;

/// A plane whose origin is a place: x metres east, y metres north.
///
/// A length measured from the origin is wrong by no more than `tan(latitude) · length / 12,700 km`
/// of itself: 0.02 % at 1 km and 0.7 % at 50 km below 60 degrees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    lon: f64,
    lat: f64,
    x_m: f64,
    y_m: f64,
}

impl Plane {
    /// About a place.
    pub(super) fn about(place: LonLat) -> Self {
        let (x_m, y_m) = metres_per_degree(place.lat());
        Self { lon: place.lon(), lat: place.lat(), x_m, y_m }
    }

    /// Metres east and north of a position in degrees, longitude before latitude.
    pub(super) fn metres(&self, [lon, lat]: [f64; 2]) -> [f64; 2] {
        [(lon - self.lon) * self.x_m, (lat - self.lat) * self.y_m]
    }

    /// Metres from the origin to a box `[west, south, east, north]`; 0 within it.
    pub(super) fn to_box(self, [west, south, east, north]: [f64; 4]) -> f64 {
        let x = (west - self.lon).max(self.lon - east).max(0.0) * self.x_m;
        let y = (south - self.lat).max(self.lat - north).max(0.0) * self.y_m;
        x.hypot(y)
    }
}

/// Metres between two places. Wrong by less than 4 m at 100 km up to 60 degrees, because the metres
/// of a degree are taken half-way.
pub fn distance_m(a: LonLat, b: LonLat) -> f64 {
    let (x_m, y_m) = metres_per_degree(f64::midpoint(a.lat(), b.lat()));
    ((b.lon() - a.lon()) * x_m).hypot((b.lat() - a.lat()) * y_m)
}

/// Metres of a degree of longitude and of a degree of latitude.
pub(super) fn metres_per_degree(lat: f64) -> (f64, f64) {
    let (sin, cos) = lat.to_radians().sin_cos();
    let w2 = 1.0 - E2 * sin * sin;
    let normal = A_M / w2.sqrt();
    let meridian = normal * (1.0 - E2) / w2;
    (normal * cos * 1_f64.to_radians(), meridian * 1_f64.to_radians())
}

/// The place between two others, a fraction of the way from `a` to `b`.
pub(super) fn between(a: LonLat, b: LonLat, fraction: f64) -> LonLat {
    let at = |from: f64, to: f64| from + (to - from) * fraction.clamp(0.0, 1.0);
    let place = LonLat::new_checked(at(a.lon(), b.lon()), at(a.lat(), b.lat()));
    place.map_or(b, kept)
}

/// To nine decimals, a tenth of a millimetre: such a number is the same after a trip through JSON.
pub(crate) fn kept(place: LonLat) -> LonLat {
    let short = |degrees: f64| (degrees * 1e9).round() / 1e9;
    LonLat::new_checked(short(place.lon()), short(place.lat())).unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use geo::{Destination as _, Distance as _, Geodesic, point};

    use super::*;

    fn off(lat: f64, bearing: f64, metres: f64) -> (LonLat, LonLat) {
        let a = point!(x: 105.0, y: lat);
        let b = Geodesic.destination(a, bearing, metres);
        assert!((Geodesic.distance(a, b) - metres).abs() < 1e-3);
        (LonLat::new_checked(105.0, lat).unwrap(), LonLat::new_checked(b.x(), b.y()).unwrap())
    }

    #[test]
    fn distances_agree_with_the_geodesic() {
        for lat in [0.0, 25.0, -40.0, 60.0] {
            for bearing in [0.0, 33.0, 90.0, 200.0] {
                for (metres, most) in [(100.0, 0.001), (5_000.0, 0.01), (100_000.0, 4.0)] {
                    let (a, b) = off(lat, bearing, metres);
                    let wrong = (distance_m(a, b) - metres).abs();
                    assert!(wrong < most, "{lat} {bearing} {metres}: {wrong}");
                }
            }
        }
    }

    #[test]
    fn a_plane_is_as_wrong_as_it_says() {
        for lat in [0.0, 25.0, -40.0, 60.0] {
            for bearing in [0.0, 33.0, 90.0, 200.0] {
                for (metres, most) in [(1_000.0, 0.000_2), (50_000.0, 0.007)] {
                    let (a, b) = off(lat, bearing, metres);
                    let [x, y] = Plane::about(a).metres([b.lon(), b.lat()]);
                    let wrong = (x.hypot(y) / metres - 1.0).abs();
                    assert!(wrong < most, "{lat} {bearing} {metres}: {wrong}");
                }
            }
        }
    }
}
