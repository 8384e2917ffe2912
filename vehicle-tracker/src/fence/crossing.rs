//! What a vehicle did with a fence.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};

use super::FenceId;

/// Something that happened between a vehicle and a fence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// Which fence.
    pub fence: FenceId,
    /// What happened.
    pub kind: CrossingKind,
    /// When the edge was passed, interpolated between the fixes on both sides of it: epoch
    /// milliseconds. Of `Inside` the moment of the fix, of `Dwell` the moment the limit was over.
    pub at_ms: i64,
    /// Where the edge was passed; of `Dwell` where the vehicle went in. WGS 84.
    pub place: LonLat,
    /// The moment of the fix that made it certain: epoch milliseconds.
    pub known_ms: i64,
}

/// What can happen with a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrossingKind {
    /// It came out.
    Leave,
    /// It was inside when it was first seen, or when the fence was drawn about it.
    Inside,
    /// It went in.
    Enter,
    /// It has been inside for longer than the fence allows.
    Dwell,
}
