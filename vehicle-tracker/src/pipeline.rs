//! The stages every reading passes, in this order. A duplicate needs no stage: the key of the
//! position table (vehicle, fix time, content hash) is the judge, also between servers.

use time::OffsetDateTime;

use crate::decode::Reading;
use crate::reason::Fault;
use crate::stage;

/// A named judge; pure, so that the same reading at the same moment always has the same verdict.
#[derive(Debug)]
pub struct Stage {
    /// For logs and documentation.
    pub name: &'static str,
    /// The verdict.
    pub judge: fn(&Reading, OffsetDateTime) -> Result<(), Fault>,
}

/// Readable aloud: the clock is plausible, the place is on the earth, the values are in range.
pub const STAGES: &[Stage] = &[
    Stage { name: "clock", judge: stage::clock },
    Stage { name: "earth", judge: stage::earth },
    Stage { name: "range", judge: stage::range },
];

/// The first fault a reading has, if any.
pub(crate) fn judge(reading: &Reading, now: OffsetDateTime) -> Result<(), Fault> {
    STAGES.iter().try_for_each(|stage| (stage.judge)(reading, now))
}
