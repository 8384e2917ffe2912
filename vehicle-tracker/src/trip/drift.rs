//! Positions that no vehicle reaches, and how to tell when it is the kept one that was wrong.

use serde::{Deserialize, Serialize};

use super::ground::{Spot, kmh};

/// So many drifting positions in a row that agree with each other are believed.
const AGREEING: u8 = 3;

/// Two positions of one moment may be apart as far as a receiver errs: a shorter time counts as this.
const SHORTEST_MS: i64 = 1_000;

/// The run of positions that drifted, as far as they agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Doubt {
    last: Option<Doubtful>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Doubtful {
    ms: i64,
    spot: Spot,
    agreeing: u8,
}

/// What is to be thought of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A vehicle can have come here.
    Reached,
    /// None can.
    Drifted,
    /// None can, but the receiver insists: it was wrong before. What it said meanwhile stays drift.
    Leapt,
}

impl Doubt {
    /// Judges a position by the last kept one, which lies `m` metres and `ms` milliseconds back.
    pub(super) fn judge(
        &mut self,
        (at_ms, spot): (i64, Spot),
        (m, ms): (f64, i64),
        drift_kmh: f64,
    ) -> Verdict {
        if kmh(m, ms.max(SHORTEST_MS)) <= drift_kmh {
            self.last = None;
            return Verdict::Reached;
        }
        let agrees = |before: &Doubtful| {
            let way_m = before.spot.distance_m(spot);
            kmh(way_m, (at_ms - before.ms).max(SHORTEST_MS)) <= drift_kmh
        };
        let agreeing = self.last.filter(agrees).map_or(0, |before| before.agreeing) + 1;
        if agreeing >= AGREEING {
            self.last = None;
            return Verdict::Leapt;
        }
        self.last = Some(Doubtful { ms: at_ms, spot, agreeing });
        Verdict::Drifted
    }
}
