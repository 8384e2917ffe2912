//! A stored position, as trips and rules read it.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};

use crate::quality::Quality;

/// Where a vehicle was and what its terminal told of it. WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Epoch milliseconds of the receiver's fix.
    pub fix_ms: i64,
    /// Where.
    pub place: LonLat,
    /// Over ground.
    pub speed_kmh: Option<f32>,
    /// Clockwise from north, below 360.
    pub heading_deg: Option<f32>,
    /// Radius the receiver believes in.
    pub accuracy_m: Option<f32>,
    /// The odometer, where it is told.
    pub odometer_km: Option<f64>,
    /// What is in the tank, where it is told.
    pub fuel_l: Option<f32>,
    /// Whether the ignition (ACC) is on, where it is told.
    pub ignition: Option<bool>,
    /// Alarm bits of JT/T 808 (table 24 of the 2019 edition), 0 where none is told.
    pub alarm_bits: u32,
    /// What speaks against it.
    pub quality: Quality,
}

impl Point {
    /// A point of which only time and place are known.
    pub fn bare(fix_ms: i64, place: LonLat) -> Self {
        Self {
            fix_ms,
            place,
            speed_kmh: None,
            heading_deg: None,
            accuracy_m: None,
            odometer_km: None,
            fuel_l: None,
            ignition: None,
            alarm_bits: 0,
            quality: Quality::GOOD,
        }
    }
}
