//! Numbers are such as they can be.

use time::OffsetDateTime;

use crate::decode::Reading;
use crate::reason::{Fault, Reason};

/// Refuses a heading outside 0 to 360, and a negative or absurd speed, accuracy, odometer or tank.
pub(crate) fn range(reading: &Reading, _now: OffsetDateTime) -> Result<(), Fault> {
    for (name, value, limit) in [
        ("speed_kmh", reading.speed_kmh, 2_000.0),
        ("heading", reading.heading_deg, 360.0),
        ("acc", reading.accuracy_m, 10_000_000.0),
        ("odometer_km", reading.told.odometer_km, 500_000_000.0),
        ("fuel_l", reading.told.fuel_l, 10_000.0),
        ("alt below or above the sea", reading.told.altitude_m.map(f64::abs), 40_000.0),
    ] {
        if let Some(value) = value.filter(|v| !(0.0..=limit).contains(v)) {
            let detail = format!("{name} is {value}, it must be within 0 to {limit}");
            return Err(Fault::new(Reason::OutOfRange, detail));
        }
    }
    Ok(())
}
