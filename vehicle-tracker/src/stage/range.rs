//! Speed, heading and accuracy hold numbers that they can have.

use time::OffsetDateTime;

use crate::decode::Reading;
use crate::reason::{Fault, Reason};

/// Refuses a heading outside 0 to 360, and a negative or absurd speed or accuracy.
pub(crate) fn range(reading: &Reading, _now: OffsetDateTime) -> Result<(), Fault> {
    for (name, value, limit) in [
        ("speed_kmh", reading.speed_kmh, 2_000.0),
        ("heading", reading.heading_deg, 360.0),
        ("acc", reading.accuracy_m, 10_000_000.0),
    ] {
        if let Some(value) = value.filter(|v| !(0.0..=limit).contains(v)) {
            let detail = format!("{name} is {value}, it must be within 0 to {limit}");
            return Err(Fault::new(Reason::OutOfRange, detail));
        }
    }
    Ok(())
}
