//! What a terminal knows of what it has handed over: which positions, in which messages, and which of these were
//! acknowledged.

use time::OffsetDateTime;
use time::macros::datetime;
use xxhash_rust::xxh3::xxh3_64;

use crate::decode::Reading;
use crate::fix::Fix;
use crate::reason::Reason;

/// Sendings in all ledgers of a run together: with their messages 80 bytes each, and up to twice that while they grow. A
/// run that comes to it ends by itself.
pub(super) const LEDGER_LIMIT: usize = 4_000_000;

/// How far ahead of the server's clock a position may be, in microseconds.
const AHEAD_US: i64 = 300_000_000;
/// By how much the server's clock and ours may differ without our knowing, in microseconds.
const CLOCKS_US: i64 = 60_000_000;
const FIRST: OffsetDateTime = datetime!(2000-01-01 00:00 UTC);

/// A position in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sending {
    /// The database's name of the position within its vehicle.
    pub(super) position: Position,
    /// Of the bytes that stand in `position_reject` should it be rejected.
    pub(super) evidence: u64,
    /// What is wrong with it whatever the time.
    flaw: Option<Reason>,
}

/// Time of the fix in epoch microseconds, and the hash of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Position {
    pub(super) fix_us: i64,
    pub(super) content: i64,
}

/// What is to become of a sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Stored,
    Rejected(Reason),
    /// It depends on when exactly it reached the server.
    Either,
}

/// A message that was handed over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    /// Hash of the payload.
    pub(super) payload: u64,
    /// In epoch microseconds.
    handed_us: i64,
    /// `None` without an acknowledgement.
    acknowledged_us: Option<i64>,
    /// Where its sendings begin and end.
    first: usize,
    end: usize,
}

/// One terminal's.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pages: Vec<Page>,
    sendings: Vec<Sending>,
}

impl Sending {
    /// `evidence`: the hash of the bytes that would be kept of a rejected one.
    pub(super) fn of(reading: &Reading, evidence: u64) -> Self {
        // A clock that agrees with the position finds only what is wrong with it at any time.
        let fix_us = epoch_us(reading.fix_time);
        match Fix::new_checked(reading, reading.fix_time) {
            Ok(fix) => {
                let position = Position { fix_us, content: fix.content_hash() };
                Self { position, evidence, flaw: None }
            }
            Err(fault) => {
                // The database has no name for what it never stores; this one only tells sendings apart.
                let nameless = Reading { serial: None, ..reading.clone() }.to_json();
                let content = xxh3_64(&nameless).cast_signed();
                Self { position: Position { fix_us, content }, evidence, flaw: Some(fault.reason) }
            }
        }
    }

    /// `reached` is when it reached the server at the earliest and at the latest, by our clock in epoch microseconds.
    fn fate(&self, reached: (i64, i64)) -> Fate {
        let (earliest, latest) = reached;
        let fix_us = self.position.fix_us;
        if fix_us > latest.saturating_add(AHEAD_US + CLOCKS_US) {
            return Fate::Rejected(Reason::Future);
        }
        if fix_us > earliest + AHEAD_US - CLOCKS_US {
            return Fate::Either;
        }
        self.flaw.map_or(Fate::Stored, Fate::Rejected)
    }
}

impl Page {
    pub(super) fn is_acknowledged(&self) -> bool {
        self.acknowledged_us.is_some()
    }

    /// What is to become of one of its sendings.
    pub(super) fn fate(&self, sending: &Sending) -> Fate {
        sending.fate((self.handed_us, self.acknowledged_us.unwrap_or(i64::MAX)))
    }
}

impl Ledger {
    /// Enters a message and answers its number.
    pub(super) fn hand_over(
        &mut self,
        payload: &[u8],
        sendings: &[Sending],
        at: OffsetDateTime,
    ) -> usize {
        let first = self.sendings.len();
        self.sendings.extend(sendings);
        self.pages.push(Page {
            payload: xxh3_64(payload),
            handed_us: epoch_us(at),
            acknowledged_us: None,
            first,
            end: self.sendings.len(),
        });
        self.pages.len() - 1
    }

    /// The broker has acknowledged the message of this number.
    pub(super) fn acknowledge(&mut self, page: usize, at: OffsetDateTime) {
        if let Some(page) = self.pages.get_mut(page) {
            page.acknowledged_us = Some(epoch_us(at));
        }
    }

    /// Every message with its positions, in the order of handing over.
    pub(super) fn pages(&self) -> impl Iterator<Item = (&Page, &[Sending])> {
        self.pages
            .iter()
            .map(|page| (page, self.sendings.get(page.first..page.end).unwrap_or_default()))
    }

    /// From the first to the last fix that can be stored; `None` without any.
    pub(super) fn span(&self) -> Option<(OffsetDateTime, OffsetDateTime)> {
        let times = || self.sendings.iter().filter(|s| s.flaw.is_none()).map(|s| s.position.fix_us);
        let moment = |us: i64| {
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(us) * 1_000).unwrap_or(FIRST)
        };
        Some((moment(times().min()?), moment(times().max()?)))
    }
}

/// Microseconds since 1970.
pub(super) fn epoch_us(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

    fn fate(reading: &Reading, waited_s: i64) -> Fate {
        let reached = (epoch_us(NOW), epoch_us(NOW + Duration::seconds(waited_s)));
        Sending::of(reading, 0).fate(reached)
    }

    #[test]
    fn what_is_far_ahead_is_rejected_unless_it_may_have_waited_until_then() {
        let ahead = |s| Reading::bare(NOW + Duration::seconds(s), 105.0, 36.0);
        assert_eq!(fate(&ahead(180), 1), Fate::Stored);
        assert_eq!(fate(&ahead(600), 1), Fate::Rejected(Reason::Future));
        assert_eq!(fate(&ahead(600), 300), Fate::Either);
        assert_eq!(fate(&ahead(300), 1), Fate::Either);
    }

    #[test]
    fn what_can_never_be_stored_is_told_with_its_reason() {
        let lost = Reading::bare(datetime!(1970-01-01 00:01 UTC), 105.0, 36.0);
        assert_eq!(fate(&lost, 1), Fate::Rejected(Reason::TooOld));
        assert_eq!(fate(&Reading::bare(NOW, 0.0, 0.0), 1), Fate::Rejected(Reason::ZeroCoordinates));
    }

    #[test]
    fn a_ledger_knows_which_messages_were_acknowledged_and_its_span() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.span(), None);
        let lost = Reading::bare(datetime!(1970-01-01 00:01 UTC), 105.0, 36.0);
        for (number, reading) in [Reading::bare(NOW, 105.0, 36.0), lost].iter().enumerate() {
            let sendings = [Sending::of(reading, 7)];
            assert_eq!(ledger.hand_over(b"message", &sendings, NOW), number);
        }
        ledger.acknowledge(1, NOW);
        let told: Vec<_> = ledger.pages().map(|(p, s)| (p.is_acknowledged(), s.len())).collect();
        assert_eq!(told, [(false, 1), (true, 1)]);
        assert_eq!(ledger.span(), Some((NOW, NOW)));
    }
}
