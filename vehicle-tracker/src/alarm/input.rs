//! What rules are fed with, in the order of time.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};

use crate::fence::Crossing;
use crate::point::Point;

/// One thing that happened to a vehicle. What was learned of fences with a point comes before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A stored position. Those whose place is not believed belong here too: their alarm bits count.
    Point(Point),
    /// Something with a fence.
    Crossing(Crossing),
    /// Something that is no position.
    Event(Event),
    /// Nothing, but time went on: epoch milliseconds.
    Tick(i64),
}

/// What is known of a vehicle beyond single positions. Times are epoch milliseconds, places WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It set off.
    TripBegan {
        /// When.
        at_ms: i64,
        /// Where.
        place: LonLat,
    },
    /// It arrived.
    TripEnded {
        /// When.
        at_ms: i64,
        /// Where.
        place: LonLat,
        /// How far it went.
        metres: f64,
    },
    /// It stands.
    StopBegan {
        /// Since when.
        at_ms: i64,
        /// Where.
        place: LonLat,
    },
    /// It no longer stands.
    StopEnded {
        /// Since when.
        at_ms: i64,
    },
    /// Somebody paid for fuel with its card.
    Refuelled {
        /// When.
        at_ms: i64,
        /// How much.
        litres: f64,
    },
}

impl Input {
    /// The moment of it: epoch milliseconds.
    pub fn at_ms(&self) -> i64 {
        match self {
            Self::Point(point) => point.fix_ms,
            Self::Crossing(crossing) => crossing.at_ms,
            Self::Event(
                Event::TripBegan { at_ms, .. }
                | Event::TripEnded { at_ms, .. }
                | Event::StopBegan { at_ms, .. }
                | Event::StopEnded { at_ms }
                | Event::Refuelled { at_ms, .. },
            )
            | Self::Tick(at_ms) => *at_ms,
        }
    }

    /// The point whose place is believed, if this is one.
    pub(super) fn place(&self) -> Option<&Point> {
        match self {
            Self::Point(point) => Some(point).filter(|point| point.quality.is_kept()),
            _ => None,
        }
    }
}
