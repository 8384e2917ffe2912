//! A fix lies on the earth, and not on the spot that receivers without a fix report.

use gis_data::LonLat;
use time::OffsetDateTime;

use crate::decode::Reading;
use crate::reason::{Fault, Reason};

/// Refuses what is outside the earth, and exactly 0, 0.
pub(crate) fn earth(reading: &Reading, _now: OffsetDateTime) -> Result<(), Fault> {
    let (lon, lat) = (reading.lon, reading.lat);
    if LonLat::new_checked(lon, lat).is_none() {
        return Err(Fault::new(Reason::OutsideEarth, format!("lon {lon}, lat {lat}")));
    }
    if lon == 0.0 && lat == 0.0 {
        return Err(Fault::new(Reason::ZeroCoordinates, "lon 0, lat 0"));
    }
    Ok(())
}
