//! A vehicle as the live state knows it.

use std::sync::Arc;

use gis_data::{FeatureId, LonLat, OrgId, ScopeId, World};

use super::Status;
use crate::batch::Stored;

/// What stands in the register of vehicles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VehicleInfo {
    /// The feature.
    pub feature_id: FeatureId,
    /// Who may see it.
    pub scope: ScopeId,
    /// Number plate 号牌.
    pub plate: String,
    /// What people call it.
    pub name: String,
    /// Saloon, van, bus, … One text for all that are alike.
    pub vehicle_type: Arc<str>,
    /// Whose it is.
    pub org: Option<(OrgId, Arc<str>)>,
    /// The terminal it carries; of several, the first by name.
    pub terminal_id: Option<String>,
}

/// Where a vehicle was last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LivePosition {
    /// Where.
    pub place: LonLat,
    /// Over ground.
    pub speed_kmh: Option<f32>,
    /// Clockwise from north.
    pub heading_deg: Option<f32>,
    /// When it was there.
    pub fix_ms: i64,
    /// When we were told.
    pub received_ms: i64,
}

impl LivePosition {
    /// `None` for a place that nobody may believe.
    pub(crate) fn of(stored: &Stored) -> Option<Self> {
        let Stored { received_ms, point, .. } = *stored;
        point.quality.is_kept().then_some(Self {
            place: point.place,
            speed_kmh: point.speed_kmh,
            heading_deg: point.heading_deg,
            fix_ms: point.fix_ms,
            received_ms,
        })
    }
}

/// Names a vehicle while the server runs, shorter than its feature does. Never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(pub u32);

/// A vehicle with its newest position.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveVehicle {
    /// Its short name.
    pub handle: Handle,
    /// From the register.
    pub info: Arc<VehicleInfo>,
    /// `None` until the first position is stored.
    pub position: Option<LivePosition>,
    /// As of the last look at the clock.
    pub status: Status,
    /// Grows with every change of this vehicle; a number is never used twice.
    pub revision: u64,
    /// The revision that changed what the register says of it.
    pub registered: u64,
}

impl LiveVehicle {
    /// As much of it as is counted; `None` until the first position is stored.
    pub(crate) fn standing(&self) -> Option<Standing> {
        let place = World::from_lonlat(self.position?.place);
        Some(Standing { place, scope: self.info.scope, status: self.status })
    }
}

/// Where a vehicle stands, how, and who may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Where, in Web Mercator.
    pub(crate) place: World,
    /// Who may see it.
    pub(crate) scope: ScopeId,
    /// How.
    pub(crate) status: Status,
}
