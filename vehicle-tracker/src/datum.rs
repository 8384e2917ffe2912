//! What coordinates are counted on. Everything is kept in WGS 84, beside what was sent.

use gis_data::crs::{bd09_to_wgs84, gcj02_to_wgs84};
use serde::{Deserialize, Serialize};

/// A datum, or a shift of one that Chinese map services apply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// What satellites give; within a few centimetres also CGCS2000.
    #[default]
    Wgs84,
    /// GCJ-02, what a terminal's state map plug-in gives: up to about 700 m off.
    Gcj02,
    /// BD-09, GCJ-02 shifted once more.
    Bd09,
}

impl Datum {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wgs84 => "wgs84",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
        }
    }

    /// How it is stored; never changes its meaning.
    pub(crate) fn code(self) -> i16 {
        match self {
            Self::Wgs84 => 0,
            Self::Gcj02 => 1,
            Self::Bd09 => 2,
        }
    }

    /// Degrees of this datum (lon, lat) in WGS 84, within 0.5 m of the inverse.
    pub(crate) fn to_wgs84(self, lon: f64, lat: f64) -> (f64, f64) {
        match self {
            Self::Wgs84 => (lon, lat),
            Self::Gcj02 => gcj02_to_wgs84(lon, lat),
            Self::Bd09 => bd09_to_wgs84(lon, lat),
        }
    }
}
