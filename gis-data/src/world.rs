//! The earth as a square of 2^32 by 2^32 units in Web Mercator (EPSG:3857), x to the east from
//! −180°, y to the south from 85.0511°: what tiles are cut from. One unit is at most 9.3 mm.

use std::f64::consts::PI;

use crate::{Bbox, LonLat};

const UNITS: f64 = 4_294_967_296.0;

/// A point of the world square.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct World {
    /// Units east of −180°.
    pub x: u32,
    /// Units south of 85.0511°.
    pub y: u32,
}

impl World {
    /// Projects by the spherical Mercator formula (EPSG method 1024); latitudes beyond ±85.0511° are
    /// put on the edge of the square.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to u32")]
    pub fn from_lonlat(place: LonLat) -> Self {
        let x = (place.lon() / 360.0 + 0.5) * UNITS;
        let sin = place.lat().to_radians().sin().clamp(-0.999_999_999_999, 0.999_999_999_999);
        let y = (0.5 - ((1.0 + sin) / (1.0 - sin)).ln() / (4.0 * PI)) * UNITS;
        let on_square = |v: f64| v.round().clamp(0.0, UNITS - 1.0) as u32;
        Self { x: on_square(x), y: on_square(y) }
    }

    /// Back to degrees, exact to half a unit.
    pub fn to_lonlat(self) -> LonLat {
        let lon = (f64::from(self.x) / UNITS - 0.5) * 360.0;
        let n = PI - 2.0 * PI * f64::from(self.y) / UNITS;
        let lat = n.sinh().atan().to_degrees();
        LonLat::new_checked(lon, lat).expect("the square covers only the earth")
    }
}

/// A box of the world square, edges included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorldBox {
    /// North-west corner.
    pub min: World,
    /// South-east corner.
    pub max: World,
}

impl WorldBox {
    /// The box around some points; `None` for none.
    pub fn around(points: impl IntoIterator<Item = World>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        Some(points.fold(Self { min: first, max: first }, |b, p| Self {
            min: World { x: b.min.x.min(p.x), y: b.min.y.min(p.y) },
            max: World { x: b.max.x.max(p.x), y: b.max.y.max(p.y) },
        }))
    }

    /// Its middle, to the north-west where there are two.
    #[inline]
    pub fn middle(&self) -> World {
        let half = |a: u32, b: u32| a + (b - a) / 2;
        World { x: half(self.min.x, self.max.x), y: half(self.min.y, self.max.y) }
    }

    /// Whether the boxes share a point.
    #[inline]
    pub fn intersects(&self, other: &Self) -> bool {
        self.min.x <= other.max.x
            && other.min.x <= self.max.x
            && self.min.y <= other.max.y
            && other.min.y <= self.max.y
    }

    /// In degrees.
    pub fn to_bbox(self) -> Bbox {
        let (nw, se) = (self.min.to_lonlat(), self.max.to_lonlat());
        Bbox { west: nw.lon(), south: se.lat(), east: se.lon(), north: nw.lat() }
    }

    /// From degrees.
    pub fn from_bbox(bbox: Bbox) -> Self {
        let corner = |lon, lat| {
            World::from_lonlat(LonLat::new_checked(lon, lat).expect("a Bbox lies on the earth"))
        };
        Self { min: corner(bbox.west, bbox.north), max: corner(bbox.east, bbox.south) }
    }
}

/// Twice the area by the surveyor's formula in world units; positive where the ring runs clockwise on the screen. The ring is open.
pub fn doubled_area(ring: &[World]) -> i128 {
    let Some(&first) = ring.first() else { return 0 };
    let from_first =
        |p: World| (i128::from(p.x) - i128::from(first.x), i128::from(p.y) - i128::from(first.y));
    ring.windows(2)
        .map(|w| (from_first(w[0]), from_first(w[1])))
        .map(|((ax, ay), (bx, by))| ax * by - bx * ay)
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::num;
    use proptest::prelude::*;

    use super::*;

    /// Reference values from PostGIS: `st_transform(st_point(lon, lat, 4326), 3857)`.
    #[test]
    fn a_place_projects_where_postgis_puts_it() {
        let half = 20_037_508.342_789_244;
        for (lon, lat, easting, northing) in [
            (121.490_9, 31.240_7, 13_524_305.116, 3_664_048.232),
            (-0.127_6, 51.507_4, -14_204.367, 6_711_542.476),
        ] {
            let w = World::from_lonlat(LonLat::new_checked(lon, lat).unwrap());
            let e = f64::from(w.x) / UNITS * 2.0 * half - half;
            let n = half - f64::from(w.y) / UNITS * 2.0 * half;
            assert!((e - easting).abs() < 0.1, "{e} {easting}");
            assert!((n - northing).abs() < 0.1, "{n} {northing}");
        }
    }

    #[test]
    fn the_way_back_is_exact_to_a_unit() {
        let place = LonLat::new_checked(105.123_456_7, 36.765_432_1).unwrap();
        let back = World::from_lonlat(place).to_lonlat();
        assert!((back.lon() - place.lon()).abs() < 1e-7);
        assert!((back.lat() - place.lat()).abs() < 1e-7);
    }

    #[test]
    fn the_poles_stay_on_the_square() {
        assert_eq!(World::from_lonlat(LonLat::new_checked(180.0, 90.0).unwrap()).y, 0);
        let south = World::from_lonlat(LonLat::new_checked(180.0, -90.0).unwrap());
        assert_eq!((south.x, south.y), (u32::MAX, u32::MAX));
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_points_of_the_square_come_back(x in any::<u32>(), y in any::<u32>()) {
            let back = World::from_lonlat(World { x, y }.to_lonlat());
            prop_assert!(back.x.abs_diff(x) <= 1 && back.y.abs_diff(y) <= 1, "{back:?}");
        }

        #[test]
        fn random_numbers_are_a_place_only_on_the_earth(
            lon in prop_oneof![-181.0..181.0, num::f64::ANY],
            lat in prop_oneof![-91.0..91.0, num::f64::ANY],
        ) {
            let place = LonLat::new_checked(lon, lat);
            prop_assert_eq!(place.is_some(), lon.abs() <= 180.0 && lat.abs() <= 90.0);
            if let Some(place) = place {
                let back = World::from_lonlat(place).to_lonlat();
                prop_assert!((back.lon() - lon).abs() < 1e-6);
                prop_assert!(lat.abs() > 85.05 || (back.lat() - lat).abs() < 1e-6);
            }
        }
    }
}
