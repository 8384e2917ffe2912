//! A terminal's ledger against its rows. Pure.

use std::collections::{BTreeMap, HashMap};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use xxhash_rust::xxh3::xxh3_64;

use super::ledger::{Fate, Ledger, Page, Position, Sending, epoch_us};
use super::queries::{Rejected, Stored};
use super::report::{Finding, Findings, LedgerReport};
use crate::reason::Reason;

/// The rejections of one terminal, by the hash of what was kept of them.
#[derive(Debug, Default)]
pub(super) struct Rejections(BTreeMap<u64, Rejection>);

#[derive(Debug)]
struct Rejection {
    reason: String,
    received_at: OffsetDateTime,
    /// A ledger has it.
    is_known: bool,
}

/// What a ledger says of a position in all of its messages, and the database.
#[derive(Debug, Default, Clone, Copy)]
struct Account {
    is_acknowledged: bool,
    is_stored: bool,
    is_rejected: bool,
}

impl Rejections {
    /// The same message may have been rejected several times, as when it was sent again.
    pub(super) fn add(&mut self, row: Rejected) {
        let Rejected { reason, received_at, payload, .. } = row;
        let rejection = Rejection { reason, received_at, is_known: false };
        self.0.insert(xxh3_64(&payload), rejection);
    }

    /// Of a sending on its own, or of its whole message.
    fn of(&self, page: &Page, sending: &Sending) -> Option<&str> {
        let of = |hash| self.0.get(hash).map(|rejection| rejection.reason.as_str());
        of(&sending.evidence).or_else(|| of(&page.payload))
    }

    fn know(&mut self, page: &Page, sending: &Sending) {
        for hash in [sending.evidence, page.payload] {
            if let Some(rejection) = self.0.get_mut(&hash) {
                rejection.is_known = true;
            }
        }
    }
}

/// Adds what a ledger and the rows of its vehicle say to the report. Rows that came before the run `began`, by the
/// database's clock, are nobody's invention.
pub(super) fn reconcile(
    report: &mut LedgerReport,
    terminal: &str,
    ledger: &Ledger,
    rows: &[Stored],
    mut rejections: Rejections,
    began: OffsetDateTime,
) {
    let stored = by_position(rows);
    let mut accounts: BTreeMap<Position, Account> = BTreeMap::new();
    for (page, sendings) in ledger.pages() {
        report.messages += 1;
        for sending in sendings {
            report.sent += 1;
            rejections.know(page, sending);
            let account = accounts.entry(sending.position).or_default();
            account.is_acknowledged |= page.is_acknowledged();
            account.is_stored = stored.contains_key(&sending.position);
            account.is_rejected |= rejections.of(page, sending).is_some();
        }
    }
    for (page, sendings) in ledger.pages().filter(|(page, _)| page.is_acknowledged()) {
        for sending in sendings {
            let account = accounts.get(&sending.position).copied().unwrap_or_default();
            let found = rejections.of(page, sending);
            judge(report, terminal, (sending.position, page.fate(sending)), account, found);
        }
    }
    for (position, account) in &accounts {
        let is_on_file = account.is_stored || account.is_rejected;
        report.positions += 1;
        report.acknowledged += u64::from(account.is_acknowledged);
        report.stored += u64::from(account.is_stored);
        report.unacknowledged_on_file += u64::from(!account.is_acknowledged && is_on_file);
        if account.is_acknowledged && !is_on_file {
            report.lost.add(|| finding(terminal, *position, "acknowledged"));
        }
        if stored.get(position).is_some_and(|rows| rows.len() > 1) {
            report.twice.add(|| finding(terminal, *position, "the same key"));
        }
    }
    strangers(report, terminal, &accounts, rows, began);
    for rejection in rejections.0.values().filter(|rejection| !rejection.is_known) {
        report.invented.add(|| Finding {
            terminal: terminal.to_owned(),
            fix_time: text(rejection.received_at),
            content_hash: String::new(),
            note: format!("rejected as {}; the time is that of its receipt", rejection.reason),
        });
    }
}

/// A sending that was acknowledged: what was to become of it, and what became of it.
fn judge(
    report: &mut LedgerReport,
    terminal: &str,
    (position, fate): (Position, Fate),
    account: Account,
    found: Option<&str>,
) {
    if let Some(reason) = found {
        report.rejected.entry(reason.to_owned()).or_default().found += 1;
    }
    let due = match fate {
        Fate::Either => {
            report.either += 1;
            if found.is_none_or(|reason| reason == Reason::Future.code()) {
                return;
            }
            "either stored or rejected as future".to_owned()
        }
        Fate::Stored if found.is_none() || account.is_stored => return,
        Fate::Stored => "stored".to_owned(),
        Fate::Rejected(reason) => {
            report.rejected.entry(reason.code().to_owned()).or_default().expected += 1;
            // What is nowhere at all is lost, and told as that.
            let is_lost = found.is_none() && !account.is_stored && !account.is_rejected;
            if found == Some(reason.code()) || is_lost {
                return;
            }
            format!("rejected as {}", reason.code())
        }
    };
    let is = found.map_or_else(|| "not rejected".to_owned(), |r| format!("rejected as {r}"));
    report.misjudged.add(|| finding(terminal, position, &format!("{is}, was to be {due}")));
}

/// Rows that no ledger has: a known position under another key is there twice, the others are invented.
fn strangers(
    report: &mut LedgerReport,
    terminal: &str,
    accounts: &BTreeMap<Position, Account>,
    rows: &[Stored],
    began: OffsetDateTime,
) {
    for moment in rows.chunk_by(|a, b| a.fix_time == b.fix_time) {
        let is_known = |row: &&Stored| accounts.contains_key(&position_of(row));
        for row in moment.iter().filter(|row| !is_known(row)) {
            let same = moment.iter().filter(is_known).find(|known| is_same(known, row));
            if let Some(known) = same {
                let note = format!("as {} too", known.content_hash);
                report.twice.add(|| finding(terminal, position_of(row), &note));
            } else if row.received_at >= began {
                report.invented.add(|| finding(terminal, position_of(row), "stored"));
            }
        }
    }
}

fn by_position(rows: &[Stored]) -> HashMap<Position, Vec<&Stored>> {
    let mut stored: HashMap<Position, Vec<&Stored>> = HashMap::with_capacity(rows.len());
    for row in rows {
        stored.entry(position_of(row)).or_default().push(row);
    }
    stored
}

fn position_of(row: &Stored) -> Position {
    Position { fix_us: epoch_us(row.fix_time), content: row.content_hash }
}

fn is_same(a: &Stored, b: &Stored) -> bool {
    let told = |row: &Stored| (row.lon, row.lat, row.speed_kmh, row.heading_deg);
    told(a) == told(b)
}

fn finding(terminal: &str, position: Position, note: &str) -> Finding {
    let nanos = i128::from(position.fix_us) * 1_000;
    let fix_time = OffsetDateTime::from_unix_timestamp_nanos(nanos).map(text);
    Finding {
        terminal: terminal.to_owned(),
        fix_time: fix_time.unwrap_or_default(),
        content_hash: position.content.to_string(),
        note: note.to_owned(),
    }
}

fn text(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

impl Findings {
    #[cfg(test)]
    fn notes(&self) -> Vec<&str> {
        self.first.iter().map(|finding| finding.note.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::decode::Reading;
    use crate::simulate::report::Rejections as Counted;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

    fn reading(ahead_s: i64, lon: f64) -> Reading {
        Reading::bare(NOW + Duration::seconds(ahead_s), lon, 36.0)
    }

    /// A ledger with a message for each reading, acknowledged.
    fn ledger(readings: &[Reading]) -> Ledger {
        let mut ledger = Ledger::default();
        for reading in readings {
            let payload = reading.to_json();
            let sending = Sending::of(reading, xxh3_64(&payload));
            let page = ledger.hand_over(&payload, &[sending], NOW);
            ledger.acknowledge(page, NOW);
        }
        ledger
    }

    fn row(reading: &Reading) -> Stored {
        let content_hash = Sending::of(reading, 0).position.content;
        Stored {
            fix_time: reading.fix_time,
            content_hash,
            lon: reading.lon,
            lat: reading.lat,
            speed_kmh: None,
            heading_deg: None,
            received_at: NOW,
        }
    }

    fn rejected(payload: &[u8], reason: &str) -> Rejected {
        Rejected {
            reject_id: 1,
            terminal_id: "T1".to_owned(),
            reason: reason.to_owned(),
            payload: payload.to_vec(),
            received_at: NOW,
        }
    }

    fn report(ledger: &Ledger, rows: &[Stored], rejects: Vec<Rejected>) -> LedgerReport {
        let mut report = LedgerReport::default();
        let mut rejections = Rejections::default();
        for row in rejects {
            rejections.add(row);
        }
        reconcile(&mut report, "T1", ledger, rows, rejections, NOW - Duration::seconds(5));
        report
    }

    #[test]
    fn what_is_stored_or_rejected_as_expected_is_clean() {
        let (good, ahead) = (reading(0, 105.0), reading(900, 105.0));
        let rejects = vec![rejected(&ahead.to_json(), "future")];
        let report = report(&ledger(&[good.clone(), ahead]), &[row(&good)], rejects);
        assert!(report.is_clean(), "{report:?}");
        assert_eq!((report.acknowledged, report.stored, report.either), (2, 1, 0));
        assert_eq!(report.rejected["future"], Counted { expected: 1, found: 1 });
    }

    #[test]
    fn an_acknowledged_position_that_is_nowhere_is_lost_once_however_often_it_was_sent() {
        let gone = reading(0, 105.0);
        let lost = report(&ledger(&[gone.clone(), gone]), &[], Vec::new());
        assert_eq!((lost.lost.count, lost.sent, lost.positions), (1, 2, 1));
        assert!(!lost.is_clean());
        let report = report(&ledger(&[reading(900, 105.0)]), &[], Vec::new());
        assert_eq!((report.lost.count, report.misjudged.count), (1, 0));
    }

    #[test]
    fn what_was_not_acknowledged_may_be_stored_or_not() {
        let (a, b) = (reading(0, 105.0), reading(1, 105.0));
        let mut ledger = Ledger::default();
        for reading in [&a, &b] {
            ledger.hand_over(b"message", &[Sending::of(reading, 0)], NOW);
        }
        let report = report(&ledger, &[row(&a)], Vec::new());
        assert!(report.is_clean(), "{report:?}");
        assert_eq!((report.acknowledged, report.unacknowledged_on_file), (0, 1));
    }

    #[test]
    fn a_known_position_under_another_key_is_twice_and_an_unknown_one_invented() {
        let (known, other) = (reading(0, 105.0), reading(0, 105.1));
        let again = Stored { content_hash: 77, ..row(&known) };
        let before = Stored { received_at: NOW - Duration::minutes(1), ..row(&reading(1, 106.0)) };
        let rows = [row(&known), again, row(&other), before];
        let report = report(&ledger(&[known]), &rows, vec![rejected(b"noise", "not_json")]);
        assert_eq!((report.twice.count, report.invented.count, report.lost.count), (1, 2, 0));
        assert!(report.invented.notes()[1].contains("not_json"), "{report:?}");
    }

    #[test]
    fn another_verdict_than_the_expected_is_told() {
        let (good, ahead) = (reading(0, 105.0), reading(900, 105.0));
        let rejects = vec![rejected(&good.to_json(), "out_of_range")];
        let report = report(&ledger(&[good, ahead.clone()]), &[row(&ahead)], rejects);
        assert_eq!((report.misjudged.count, report.lost.count), (2, 0));
        let expected = [
            "rejected as out_of_range, was to be stored",
            "not rejected, was to be rejected as future",
        ];
        assert_eq!(report.misjudged.notes(), expected);
    }

    #[test]
    fn a_message_that_is_rejected_whole_is_rejected_in_all_of_its_positions() {
        let readings = [reading(0, 105.0), reading(1, 105.0)];
        let sendings = readings.each_ref().map(|r| Sending::of(r, xxh3_64(&r.to_json())));
        let mut ledger = Ledger::default();
        let page = ledger.hand_over(b"both", &sendings, NOW);
        ledger.acknowledge(page, NOW);
        let report = report(&ledger, &[], vec![rejected(b"both", "unknown_terminal")]);
        assert_eq!((report.lost.count, report.misjudged.count), (0, 2));
        assert_eq!(report.rejected["unknown_terminal"], Counted { expected: 0, found: 2 });
    }
}
