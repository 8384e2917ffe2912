//! Places in degrees. Order is always longitude, latitude; datum WGS 84 (EPSG:4326).

use serde::{Deserialize, Serialize};

/// A checked place: longitude −180..=180, latitude −90..=90, both finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

impl LonLat {
    /// `None` when either number is not finite or outside the earth.
    pub fn new_checked(lon: f64, lat: f64) -> Option<Self> {
        let on_earth = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
        on_earth.then_some(Self { lon, lat })
    }

    /// Degrees east.
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// Degrees north.
    pub fn lat(self) -> f64 {
        self.lat
    }
}

/// A box in degrees: west ≤ east, south ≤ north; it does not cross the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bbox {
    /// Degrees east of the left edge.
    pub west: f64,
    /// Degrees north of the lower edge.
    pub south: f64,
    /// Degrees east of the right edge.
    pub east: f64,
    /// Degrees north of the upper edge.
    pub north: f64,
}

impl Bbox {
    /// From `[west, south, east, north]`; `None` when it is not a box on the earth.
    pub fn new_checked(sides: [f64; 4]) -> Option<Self> {
        let [west, south, east, north] = sides;
        LonLat::new_checked(west, south)?;
        LonLat::new_checked(east, north)?;
        (west <= east && south <= north).then_some(Self { west, south, east, north })
    }

    /// As `[west, south, east, north]`.
    pub fn to_array(self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north]
    }

    /// Whether the place lies in the box or on its edge.
    pub fn contains(&self, place: LonLat) -> bool {
        (self.west..=self.east).contains(&place.lon())
            && (self.south..=self.north).contains(&place.lat())
    }

    /// The smallest box around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_outside_the_earth_is_refused() {
        assert!(LonLat::new_checked(180.0, -90.0).is_some());
        for (lon, lat) in [(180.1, 0.0), (0.0, 90.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert!(LonLat::new_checked(lon, lat).is_none(), "{lon} {lat}");
        }
    }

    #[test]
    fn a_box_whose_sides_are_swapped_is_refused() {
        assert!(Bbox::new_checked([10.0, 0.0, 9.0, 1.0]).is_none());
    }
}
