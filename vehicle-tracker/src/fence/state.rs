//! What is remembered of a vehicle and the fences.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};

use super::visit::Visit;
use super::{FenceId, distance_m};

/// A vehicle is followed in so many fences at once; further ones wait until there is room.
pub(super) const MOST_VISITS: usize = 64;

/// What the next step needs: a function of the fixes before it, a few hundred bytes at most.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FenceState {
    pub(super) last: Option<Last>,
    pub(super) calm: Option<Calm>,
    /// By fence.
    pub(super) visits: Vec<Visit>,
}

/// The fix before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Last {
    pub(super) at_ms: i64,
    pub(super) place: LonLat,
}

/// As long as the vehicle stays so near, and until then, no step has anything to say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Calm {
    edition: u64,
    centre: LonLat,
    radius_m: u32,
    until_ms: Option<i64>,
}

impl FenceState {
    /// The fences in which the vehicle is for certain, by id.
    pub fn inside(&self) -> impl Iterator<Item = FenceId> {
        self.visits.iter().filter(|visit| visit.is_certain()).map(|visit| visit.fence)
    }

    /// The moment of the last fix that was looked at: epoch milliseconds.
    pub fn last_ms(&self) -> Option<i64> {
        self.last.map(|last| last.at_ms)
    }
}

impl Calm {
    /// `None` when it would be over at once.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10,000")]
    pub(super) fn new(
        edition: u64,
        centre: LonLat,
        radius_m: f64,
        until_ms: Option<i64>,
    ) -> Option<Self> {
        let radius_m = radius_m.clamp(0.0, 1e6) as u32;
        (radius_m > 0).then_some(Self { edition, centre, radius_m, until_ms })
    }

    /// Whether it holds for a fix.
    pub(super) fn holds(&self, edition: u64, at_ms: i64, place: LonLat) -> bool {
        self.edition == edition
            && self.until_ms.is_none_or(|until_ms| at_ms < until_ms)
            && distance_m(self.centre, place) < f64::from(self.radius_m)
    }
}
