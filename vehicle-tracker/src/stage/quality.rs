//! What speaks against a position that is stored all the same.

use crate::decode::Reading;
use crate::quality::Quality;

/// Wider than any road with what lies beside it; a receiver says so in tunnels and between towers.
const ACCURACY_LIMIT_M: f64 = 200.0;

/// The flags that a reading alone can raise; what its neighbours say comes later.
pub(crate) fn quality(reading: &Reading) -> Quality {
    let mut quality = Quality::GOOD;
    if reading.told.is_fixed == Some(false) {
        quality = quality.with(Quality::NO_FIX);
    }
    if reading.accuracy_m.is_some_and(|m| m > ACCURACY_LIMIT_M) {
        quality = quality.with(Quality::INACCURATE);
    }
    quality
}
