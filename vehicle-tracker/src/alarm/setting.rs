//! What is known of a vehicle besides its points.

use gis_data::{FeatureId, LonLat, OrgId};
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::threshold::Thresholds;
use crate::fence::{FenceId, FenceIndex, Shape};

/// From a moment up to, but not including, another: epoch milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first moment.
    pub from_ms: i64,
    /// The first moment after it.
    pub to_ms: i64,
}

/// An approved order 用车申请.
#[derive(Debug, Clone, PartialEq)]
pub struct Duty {
    /// Its name in the database.
    pub id: DutyId,
    /// For when the vehicle was given.
    pub period: Period,
    /// The approved way, where one was given.
    pub corridor: Option<Shape>,
    /// The approved kilometres, where they were given.
    pub limit_km: Option<f64>,
    /// Who drives.
    pub driver: Option<DriverId>,
}

/// A time in which a vehicle must stand 封存.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// While it holds.
    pub period: Period,
    /// Whether the vehicle may move on an approved order meanwhile.
    pub spares_orders: bool,
}

/// Names an approved order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DutyId(pub i64);

/// Names a driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DriverId(pub i64);

/// What rules know of a vehicle. It is not part of what they remember: where it changes, episodes are
/// computed again.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Its name.
    pub vehicle: FeatureId,
    /// Its organisation and those above.
    pub orgs: &'a [OrgId],
    /// Numbers set for it.
    pub thresholds: &'a Thresholds,
    /// All fences.
    pub fences: &'a FenceIndex,
    /// Its approved orders.
    pub duties: &'a [Duty],
    /// When its organisation works.
    pub calendar: &'a Calendar,
    /// Its designated places 定点停放; none where it has no such place.
    pub parking: &'a [FenceId],
    /// When it must not move 节假日封存.
    pub seals: &'a [Seal],
    /// How often it is expected to report while it drives.
    pub interval_ms: i64,
}

impl Period {
    /// Whether a moment is in it.
    pub fn covers(&self, at_ms: i64) -> bool {
        (self.from_ms..self.to_ms).contains(&at_ms)
    }

    /// Longer at both ends.
    #[must_use]
    pub fn widened(&self, by_ms: i64) -> Self {
        Self {
            from_ms: self.from_ms.saturating_sub(by_ms),
            to_ms: self.to_ms.saturating_add(by_ms),
        }
    }
}

impl Setting<'_> {
    /// While it must stand, if it must at a moment.
    pub(super) fn sealed_at(&self, at_ms: i64) -> Option<Period> {
        let is_on_order = self.duty_about(at_ms, 0).is_some();
        let holds =
            |seal: &&Seal| seal.period.covers(at_ms) && !(seal.spares_orders && is_on_order);
        self.seals.iter().find(holds).map(|seal| seal.period)
    }

    /// An order that covers a moment, or did or will within a while.
    pub(super) fn duty_about(&self, at_ms: i64, slack_ms: i64) -> Option<&Duty> {
        self.duties.iter().find(|duty| duty.period.widened(slack_ms).covers(at_ms))
    }

    /// Whether a place is in one of the designated ones or so near that the receiver cannot tell.
    pub(super) fn is_parking(&self, place: LonLat, slack_m: f64) -> bool {
        let near = |id: &FenceId| {
            let fence = self.fences.get(*id);
            fence.is_some_and(|fence| fence.shape.signed_distance_m(place) <= slack_m)
        };
        self.parking.iter().any(near)
    }

    /// Whether a fence is about the vehicle.
    pub(super) fn concerns(&self, fence: FenceId) -> bool {
        self.fences.get(fence).is_some_and(|fence| fence.concerns(self.vehicle, self.orgs))
    }
}
