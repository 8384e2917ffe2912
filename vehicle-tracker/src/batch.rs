//! What one commit tells every server: the positions that moved a vehicle forward, as zstd of JSON.

use gis_data::FeatureId;
use serde::{Deserialize, Serialize};

use crate::error::{Result, TrackerError};

/// Fast rather than small: the rows live for hours.
const ZSTD_LEVEL: i32 = 1;

/// A vehicle's newest position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Whose.
    pub vehicle_id: FeatureId,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// Over ground.
    pub speed_kmh: Option<f32>,
    /// Clockwise from north, below 360.
    pub heading: Option<f32>,
    /// When it was there.
    pub fix_ms: i64,
    /// When we were told.
    pub received_ms: i64,
}

/// Packs the positions of a batch.
pub(crate) fn pack(moved: &[Moved]) -> Vec<u8> {
    let text = serde_json::to_vec(moved).expect("numbers always become JSON");
    zstd::bulk::compress(&text, ZSTD_LEVEL).expect("compression into memory does not fail")
}

/// Unpacks the positions of a batch row.
pub(crate) fn unpack(batch_id: i64, payload: &[u8]) -> Result<Vec<Moved>> {
    let broken = |reason: String| TrackerError::Batch { batch_id, reason };
    let text = zstd::stream::decode_all(payload).map_err(|e| broken(e.to_string()))?;
    serde_json::from_slice(&text).map_err(|e| broken(e.to_string()))
}
