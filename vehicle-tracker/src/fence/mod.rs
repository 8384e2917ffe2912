//! Fences: which of thousands of areas a vehicle is in, and when it passed their edges. Pure values:
//! no clock, no database.

mod crossing;
mod drawn;
mod fault;
mod index;
mod plane;
mod shape;
mod span;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod visit;

use gis_data::{FeatureId, OrgId};
use serde::{Deserialize, Serialize};

pub use crossing::{Crossing, CrossingKind};
pub use drawn::{Drawn, Outline};
pub use fault::FenceFault;
pub use index::FenceIndex;
pub use plane::distance_m;
pub(crate) use plane::kept;
pub use shape::Shape;
pub use state::FenceState;
pub use step::{settle, step};

/// Names a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FenceId(pub i64);

/// An area and what it wants to be told of.
#[derive(Debug, Clone, PartialEq)]
pub struct Fence {
    /// Its name in the database.
    pub id: FenceId,
    /// Where.
    pub shape: Shape,
    /// What makes an alarm; a fence that asks nothing can still limit the speed or be a car park.
    pub asks: Vec<Ask>,
    /// How long a vehicle may stay inside.
    pub dwell_limit_ms: Option<i64>,
    /// How fast a vehicle may be inside.
    pub limit_kmh: Option<f32>,
    /// Which vehicles it is about.
    pub whose: Whose,
}

/// Which vehicles a fence is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Whose {
    /// Every one.
    #[default]
    All,
    /// Those of an organisation and of those below it.
    Org(OrgId),
    /// These, in the order of their numbers.
    Listed(Vec<FeatureId>),
}

/// What a fence may ask to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// A vehicle went in.
    Enter,
    /// A vehicle came out.
    Leave,
    /// A vehicle stays longer than the limit of the fence.
    Dwell,
    /// A vehicle is inside, from when to when.
    Inside,
    /// A vehicle is outside, from when to when.
    Outside,
}

impl Ask {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::Leave => "leave",
            Self::Dwell => "dwell",
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }

    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Enter, Self::Leave, Self::Dwell, Self::Inside, Self::Outside];
        all.into_iter().find(|ask| ask.name() == name)
    }
}

impl Fence {
    /// An area that asks nothing.
    pub fn new(id: FenceId, shape: Shape) -> Self {
        let (dwell_limit_ms, limit_kmh) = (None, None);
        Self { id, shape, asks: Vec::new(), dwell_limit_ms, limit_kmh, whose: Whose::All }
    }

    /// That asks this too.
    #[must_use]
    pub fn asking(mut self, ask: Ask) -> Self {
        self.asks.push(ask);
        self
    }

    /// In which nobody may stay longer.
    #[must_use]
    pub fn with_dwell_limit(mut self, limit_ms: i64) -> Self {
        self.dwell_limit_ms = Some(limit_ms);
        self
    }

    /// In which nobody may be faster.
    #[must_use]
    pub fn with_limit(mut self, limit_kmh: f32) -> Self {
        self.limit_kmh = Some(limit_kmh);
        self
    }

    /// Whether it is about a vehicle, whose own organisation and those above it are given.
    pub fn concerns(&self, vehicle: FeatureId, orgs: &[OrgId]) -> bool {
        match &self.whose {
            Whose::All => true,
            Whose::Org(org) => orgs.contains(org),
            Whose::Listed(vehicles) => vehicles.binary_search(&vehicle).is_ok(),
        }
    }
}
