//! What makes a trip, a stop and a drift.

use serde::{Deserialize, Serialize};

/// The thresholds; a vehicle, a unit or the whole house may have its own.
///
/// A state is fed by one set of rules: with other rules the history is fed again from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TripRules {
    /// A stop stays within so many metres of its centre. Default 50: the circle of 100 m across that
    /// the tutorials of movingpandas use.
    pub stop_radius_m: f64,
    /// A stop lasts at least so long. Default 180 s: `minDuration` of Traccar's newer trip logic.
    pub stop_ms: i64,
    /// A trip is so long, or lasts `trip_ms`. Default 500 m: Traccar's `minimalTripDistance`.
    pub trip_m: f64,
    /// A trip lasts so long, or is `trip_m` long. Default 300 s: Traccar's `minimalTripDuration`.
    pub trip_ms: i64,
    /// A longer silence ends a trip. Default one hour: Traccar's `minimalNoDataDuration`, `stopGap`.
    pub silence_ms: i64,
    /// Below this a vehicle waits, from this on it moves. Default 4 km/h: Traccar's 200 m in 180 s.
    pub moving_kmh: f64,
    /// Faster than this no vehicle comes from one position to the next. Default 200 km/h.
    pub drift_kmh: f64,
    /// A tank that is so much fuller was refuelled. Default 5 l: what a tank shows as it sways, and
    /// less than what anybody stops for.
    pub refuel_l: f64,
    /// A trip's line passes so near to each of its positions. Default 5 m: a receiver's own error.
    pub line_m: f64,
}

impl Default for TripRules {
    fn default() -> Self {
        Self {
            stop_radius_m: 50.0,
            stop_ms: 180_000,
            trip_m: 500.0,
            trip_ms: 300_000,
            silence_ms: 3_600_000,
            moving_kmh: 4.0,
            drift_kmh: 200.0,
            refuel_l: 5.0,
            line_m: 5.0,
        }
    }
}
