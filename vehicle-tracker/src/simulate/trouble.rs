//! What is wrong with terminals in the field, and how often.

use serde::Serialize;

use crate::error::{Result, TrackerError};

/// Shares are from 0 to 1. Which troubles a terminal has and when follows from the seed alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Troubles {
    /// Of the terminals, those that speak JT/T 808; the others speak JSON.
    pub jt808_share: f64,
    /// Of the time, that without network; at most 0.95.
    pub offline_share: f64,
    /// How long a spell without network is on average, in seconds.
    pub offline_s: f64,
    /// Of the positions, those that are sent a second time under another serial.
    pub duplicate_share: f64,
    /// Of the messages, those that leave after later ones; of the batches, those that are shuffled.
    pub disorder_share: f64,
    /// Of the terminals, those whose clock begins up to ten minutes slow or three minutes fast.
    pub skew_share: f64,
    /// How often a clock jumps: by seconds, by minutes, far ahead or back to where its count begins.
    pub jumps_per_hour: f64,
    /// Of the positions, those that are hundreds of metres away.
    pub drift_share: f64,
    /// Of the positions, those without a fix: the place is the last one, or 0, 0.
    pub no_fix_share: f64,
    /// Of the messages in JSON, those that are packed.
    pub gzip_share: f64,
}

impl Default for Troubles {
    fn default() -> Self {
        Self {
            jt808_share: 0.4,
            offline_share: 0.1,
            offline_s: 20.0,
            duplicate_share: 0.03,
            disorder_share: 0.03,
            skew_share: 0.2,
            jumps_per_hour: 6.0,
            drift_share: 0.01,
            no_fix_share: 0.02,
            gzip_share: 0.1,
        }
    }
}

impl Troubles {
    /// Refuses the first number that is outside its limits, and names both.
    pub(super) fn check(&self) -> Result<()> {
        for (name, value, least, most) in [
            ("JT/T 808 share", self.jt808_share, 0.0, 1.0),
            ("offline share", self.offline_share, 0.0, 0.95),
            ("seconds of a spell offline", self.offline_s, 1.0, 3_600.0),
            ("duplicate share", self.duplicate_share, 0.0, 1.0),
            ("disorder share", self.disorder_share, 0.0, 1.0),
            ("skew share", self.skew_share, 0.0, 1.0),
            ("jumps per hour", self.jumps_per_hour, 0.0, 3_600.0),
            ("drift share", self.drift_share, 0.0, 1.0),
            ("no-fix share", self.no_fix_share, 0.0, 1.0),
            ("gzip share", self.gzip_share, 0.0, 1.0),
        ] {
            if !(least..=most).contains(&value) {
                let reason = format!("the {name} is {value}, it must be from {least} to {most}");
                return Err(TrackerError::Simulate { reason });
            }
        }
        Ok(())
    }
}

/// How often each trouble came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TroubleCounts {
    /// Spells without network.
    pub offline_spells: u64,
    /// Messages with kept positions.
    pub batches: u64,
    /// Positions sent a second time.
    pub duplicates: u64,
    /// Messages sent after later ones, and shuffled batches.
    pub disordered: u64,
    /// Jumps of a clock.
    pub clock_jumps: u64,
    /// Positions hundreds of metres away.
    pub drifted: u64,
    /// Positions without a fix.
    pub without_fix: u64,
    /// Packed messages.
    pub packed: u64,
}

impl TroubleCounts {
    pub(super) fn add(&mut self, other: &Self) {
        self.offline_spells += other.offline_spells;
        self.batches += other.batches;
        self.duplicates += other.duplicates;
        self.disordered += other.disordered;
        self.clock_jumps += other.clock_jumps;
        self.drifted += other.drifted;
        self.without_fix += other.without_fix;
        self.packed += other.packed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_limits_and_what_is_not_is_named() {
        Troubles::default().check().unwrap();
        for bad in [1.5, -0.1, f64::NAN] {
            let troubles = Troubles { drift_share: bad, ..Troubles::default() };
            let told = troubles.check().unwrap_err().to_string();
            assert!(told.contains("drift share") && told.contains("from 0 to 1"), "{told}");
        }
    }
}
