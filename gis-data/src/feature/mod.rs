//! One place, whatever its kind: what it is, whose it is, what contains it and what it contains.

mod property;
mod queries;

use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

pub use property::{Property, Unit};
pub use queries::{briefs, children, count_by_kind, detail, orgs, sites_at, total_area_m2};

use crate::{FeatureId, OrgId};

/// An organisation as a place shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrgBrief {
    /// Its id.
    pub org_id: OrgId,
    /// Its name.
    pub name: String,
    /// `#rrggbb`, the colour of its rooms.
    pub color: String,
}

/// A unit of the organisation tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
#[expect(clippy::struct_field_names, reason = "the name is the column's and the contract's")]
pub struct Org {
    /// Its id.
    pub org_id: OrgId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// 1 is the top.
    pub level: i16,
    /// The unit above.
    pub parent_id: Option<OrgId>,
    /// `#rrggbb`.
    pub color: String,
}

/// What people would call where something is: the building that it is in, else the parcel, else the road that it is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Its id.
    pub feature_id: FeatureId,
    /// `building`, `parcel` or `road`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A place in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Brief {
    /// Its id.
    pub feature_id: FeatureId,
    /// `building`, `room`, …
    pub kind: String,
    /// The layer that draws it.
    pub layer_id: String,
    /// What people call it; a room's number and name.
    pub name: Option<String>,
    /// Its business code; a room's number, a vehicle's plate.
    pub code: Option<String>,
    /// Degrees east of a point on it; absent for a vehicle that never reported.
    pub lon: Option<f64>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// `[west, south, east, north]` in degrees.
    pub bbox: Option<[f64; 4]>,
    /// The level of a floor or room: 1 is the ground floor, −1 the first basement.
    pub ordinal: Option<i16>,
    /// Square metres on the ellipsoid.
    pub area_m2: Option<f64>,
    /// Who manages or uses it.
    pub org: Option<OrgBrief>,
    /// What contains it, outermost first, in words.
    pub within: Vec<String>,
}

/// A floor of a building.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct FloorBrief {
    /// Its id.
    pub feature_id: FeatureId,
    /// 1 is the ground floor, −1 the first basement.
    pub ordinal: i16,
    /// `3层`.
    pub name: String,
    /// Rooms on it.
    pub room_count: i64,
    /// Square metres.
    pub area_m2: f64,
}

/// Everything the panel shows of a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// The list form.
    #[serde(flatten)]
    pub brief: Brief,
    /// For exchange with other systems.
    pub feature_uuid: Uuid,
    /// Titled values.
    pub properties: Vec<Property>,
    /// Names from the top of the tree down to the organisation itself.
    pub org_path: Vec<String>,
    /// What contains it, outermost first.
    pub parents: Vec<Brief>,
    /// A building's floors, lowest first.
    pub floors: Vec<FloorBrief>,
    /// GeoJSON, WGS 84.
    pub geometry: Json,
}
