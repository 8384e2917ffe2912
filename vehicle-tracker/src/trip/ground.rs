//! Places as integers, and metres between them.

use geo::{Distance as _, Geodesic};
use gis_data::LonLat;
use serde::{Deserialize, Serialize};

/// Semi-major axis of WGS 84 and the square of its eccentricity (EPSG:7030).
const A_M: f64 = 6_378_137.0;
const E2: f64 = 0.006_694_379_990_141_316;

const PER_DEGREE: f64 = 1e7;
const TURN_E7: i64 = 3_600_000_000;

/// From here on the ellipsoid is not a plane any more: 0.1 degrees.
const FAR_E7: i64 = 1_000_000;

/// Longitude and latitude in 1e-7 degrees, about a centimetre.
///
/// Integers, because a number with a point does not always come back from JSON as it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i32, i32)", into = "(i32, i32)")]
pub(super) struct Spot {
    pub(super) lon_e7: i32,
    pub(super) lat_e7: i32,
}

impl Spot {
    pub(super) fn of(place: LonLat) -> Self {
        Self { lon_e7: e7(place.lon()), lat_e7: e7(place.lat()) }
    }

    pub(super) fn place(self) -> LonLat {
        LonLat::new_checked(degrees(self.lon_e7), degrees(self.lat_e7))
            .expect("it was made of a place, or lies between such")
    }

    /// Metres east and north from here, on the plane that touches the ellipsoid half way.
    pub(super) fn metres_to(self, to: Self) -> (f64, f64) {
        let east = f64::from(self.east_e7(to));
        let north = f64::from(to.lat_e7 - self.lat_e7);
        let middle = (f64::from(self.lat_e7) + north / 2.0) / PER_DEGREE;
        let (sin, cos) = middle.to_radians().sin_cos();
        let w2 = 1.0 - E2 * sin * sin;
        let prime_vertical_m = A_M / w2.sqrt();
        let meridian_m = prime_vertical_m * (1.0 - E2) / w2;
        let radians = (1.0 / PER_DEGREE).to_radians();
        (east * radians * prime_vertical_m * cos, north * radians * meridian_m)
    }

    /// 1e-7 degrees eastwards to another, the short way round: −180..180 degrees.
    #[expect(clippy::cast_possible_truncation, reason = "half a turn fits an i32")]
    pub(super) fn east_e7(self, to: Self) -> i32 {
        let east = i64::from(to.lon_e7) - i64::from(self.lon_e7);
        let half = TURN_E7 / 2;
        ((east + half).rem_euclid(TURN_E7) - half) as i32
    }

    /// So far east and north of here.
    #[expect(clippy::cast_possible_truncation, reason = "half a turn fits an i32")]
    pub(super) fn moved(self, east_e7: i32, north_e7: i32) -> Self {
        let half = TURN_E7 / 2;
        let lon = i64::from(self.lon_e7) + i64::from(east_e7);
        let lon = if lon.abs() <= half { lon } else { (lon + half).rem_euclid(TURN_E7) - half };
        Self { lon_e7: lon as i32, lat_e7: self.lat_e7 + north_e7 }
    }

    /// Metres along the ellipsoid: on the plane half way up to 0.1 degrees, where that is right to a
    /// few parts in a million, as a geodesic beyond.
    pub(super) fn distance_m(self, to: Self) -> f64 {
        let north = i64::from(to.lat_e7) - i64::from(self.lat_e7);
        if i64::from(self.east_e7(to)).abs().max(north.abs()) > FAR_E7 {
            let point = |spot: Self| geo::Point::new(degrees(spot.lon_e7), degrees(spot.lat_e7));
            return Geodesic.distance(point(self), point(to));
        }
        let (x, y) = self.metres_to(to);
        (x * x + y * y).sqrt()
    }
}

impl From<(i32, i32)> for Spot {
    fn from((lon_e7, lat_e7): (i32, i32)) -> Self {
        Self {
            lon_e7: lon_e7.clamp(-1_800_000_000, 1_800_000_000),
            lat_e7: lat_e7.clamp(-900_000_000, 900_000_000),
        }
    }
}

impl From<Spot> for (i32, i32) {
    fn from(spot: Spot) -> Self {
        (spot.lon_e7, spot.lat_e7)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "180 degrees times 1e7 fit an i32")]
fn e7(degrees: f64) -> i32 {
    (degrees * PER_DEGREE).round() as i32
}

fn degrees(e7: i32) -> f64 {
    f64::from(e7) / PER_DEGREE
}

/// Metres to whole micrometres.
#[expect(clippy::cast_possible_truncation, reason = "the earth's girth in micrometres fits an i64")]
pub(super) fn micrometres(m: f64) -> i64 {
    (m * 1e6).round() as i64
}

/// Whole micrometres to metres.
#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits of micrometres are nine million kilometres"
)]
pub(super) fn metres(um: i64) -> f64 {
    um as f64 / 1e6
}

/// A count as a number that can be divided.
#[expect(clippy::cast_precision_loss, reason = "counts of ms, m and ml have less than 53 bits")]
pub(super) fn float(ms: i64) -> f64 {
    ms as f64
}

/// Speed over a way, in km/h.
pub(super) fn kmh(m: f64, ms: i64) -> f64 {
    m * 3_600.0 / float(ms.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(lon: f64, lat: f64) -> Spot {
        Spot::of(LonLat::new_checked(lon, lat).unwrap())
    }

    /// Karney's algorithm is the outside truth.
    #[test]
    fn short_ways_agree_with_the_geodesic() {
        for (lon, lat) in [(116.3, 39.9), (11.56, 48.16), (0.0, 0.0), (20.0, 78.0), (87.6, -33.0)] {
            for (east, north) in [(0.09, 0.0), (0.0, 0.09), (0.05, -0.07), (0.000_1, 0.000_2)] {
                let point = |lon, lat| geo::Point::new(lon, lat);
                let truth = Geodesic.distance(point(lon, lat), point(lon + east, lat + north));
                let ours = spot(lon, lat).distance_m(spot(lon + east, lat + north));
                assert!((ours - truth).abs() < truth * 1e-5 + 1e-6, "{lon} {lat}: {ours} {truth}");
            }
        }
    }

    #[test]
    fn the_antimeridian_is_no_wall() {
        let (west, east) = (spot(179.999_9, 10.0), spot(-179.999_9, 10.0));
        assert_eq!((west.east_e7(east), east.east_e7(west)), (2_000, -2_000));
        assert_eq!(west.moved(2_000, 0), east);
        assert!((west.distance_m(east) - 21.928).abs() < 0.01);
        assert!((spot(180.0, 0.0).distance_m(spot(-180.0, 0.0))).abs() < 1e-9);
    }
}
