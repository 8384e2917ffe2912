//! What the ledgers of a run say against the database.

use std::collections::BTreeMap;

use serde::Serialize;

use super::trouble::TroubleCounts;

/// Of each kind of finding, how many are named.
const NAMED: usize = 10;

/// The ledgers of a run, compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LedgerReport {
    /// What the troubles followed from.
    pub seed: u64,
    /// Terminals that spoke.
    pub terminals: usize,
    /// Of them, those that spoke JT/T 808.
    pub jt808_terminals: usize,
    /// How long they spoke.
    pub seconds: f64,
    /// Messages handed over.
    pub messages: u64,
    /// Positions handed over; one that was sent twice counts twice.
    pub sent: u64,
    /// Different positions handed over.
    pub positions: u64,
    /// Of them, those in a message that was acknowledged.
    pub acknowledged: u64,
    /// Of all of them, those in `position`.
    pub stored: u64,
    /// Of those without an acknowledgement, those that are on file all the same: allowed.
    pub unacknowledged_on_file: u64,
    /// Positions still in their terminals at the end.
    pub kept: usize,
    /// Positions that terminals had no room for.
    pub forgotten: u64,
    /// Acknowledged, and neither in `position` nor in `position_reject`.
    pub lost: Findings,
    /// In `position` more than once.
    pub twice: Findings,
    /// On file for these terminals since the run began, and in no ledger.
    pub invented: Findings,
    /// Stored where a rejection was due, or rejected where it was not, or for another reason.
    pub misjudged: Findings,
    /// Acknowledged and rejected, by the reason's code.
    pub rejected: BTreeMap<String, Rejections>,
    /// Acknowledged while their time was about to come: stored or rejected as `future`, both are right.
    pub either: u64,
    /// What the terminals went through.
    pub troubles: TroubleCounts,
    /// The ledgers were full before the end was asked for.
    pub is_full: bool,
}

/// How many sendings were rejected for a reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rejections {
    /// By the terminal's model.
    pub expected: u64,
    /// In `position_reject`.
    pub found: u64,
}

/// All of a kind, and the first of them by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// How many.
    pub count: u64,
    /// The first ten.
    pub first: Vec<Finding>,
}

/// A position that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whose.
    pub terminal: String,
    /// When by the terminal's clock, RFC 3339 in UTC.
    pub fix_time: String,
    /// `content_hash` of the database, as text because numbers of JSON end at 2^53.
    pub content_hash: String,
    /// What was expected or found.
    pub note: String,
}

impl LedgerReport {
    /// Nothing is lost, twice, invented or misjudged.
    pub fn is_clean(&self) -> bool {
        [&self.lost, &self.twice, &self.invented, &self.misjudged].iter().all(|f| f.count == 0)
    }
}

impl Findings {
    pub(super) fn add(&mut self, finding: impl FnOnce() -> Finding) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(finding());
        }
    }
}
