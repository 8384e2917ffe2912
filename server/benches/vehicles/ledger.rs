//! The generator's ledger against what is stored.

use std::path::Path;

use futures::TryStreamExt as _;

use crate::support::Database;

/// Terminal, fix time, longitude and latitude in 1e-7 degrees: one position.
type Entry = (u32, i64, i32, i32);

const ENTRY_BYTES: usize = 20;

/// What the comparison found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) acknowledged: usize,
    pub(crate) stored: usize,
    /// Acknowledged and not stored.
    pub(crate) missing: Vec<Entry>,
    /// Stored more than once.
    pub(crate) duplicates: usize,
    /// Stored and never acknowledged: nobody was promised anything.
    pub(crate) unacknowledged: usize,
}

impl Verdict {
    pub(crate) fn is_good(&self) -> bool {
        self.missing.is_empty() && self.duplicates == 0 && self.acknowledged > 0
    }

    pub(crate) fn print(&self) {
        println!(
            "  ledgers: {} positions acknowledged, {} stored; MISSING {}, DUPLICATES {}, stored without an acknowledgement {}",
            self.acknowledged,
            self.stored,
            self.missing.len(),
            self.duplicates,
            self.unacknowledged
        );
        if !self.is_good() {
            println!("  !!!! ACKNOWLEDGED POSITIONS ARE LOST OR DOUBLE !!!!");
            println!(
                "  the first that are missing: {:?}",
                &self.missing[..self.missing.len().min(10)]
            );
        }
    }
}

/// Every acknowledged position is to be stored, once.
pub(crate) async fn compare(ledger: &Path, database: &Database) -> Verdict {
    let mut promised = read(ledger);
    let mut stored = stored(database).await;
    promised.sort_unstable();
    promised.dedup();
    stored.sort_unstable();
    let total = stored.len();
    stored.dedup();
    let missing: Vec<Entry> =
        promised.iter().filter(|entry| stored.binary_search(entry).is_err()).copied().collect();
    Verdict {
        acknowledged: promised.len(),
        stored: total,
        duplicates: total - stored.len(),
        unacknowledged: stored.len() + missing.len() - promised.len(),
        missing,
    }
}

fn read(ledger: &Path) -> Vec<Entry> {
    let bytes = std::fs::read(ledger).unwrap();
    assert_eq!(bytes.len() % ENTRY_BYTES, 0, "a ledger of whole entries");
    let entry = |b: &[u8]| {
        let four = |at: usize| <[u8; 4]>::try_from(&b[at..at + 4]).unwrap();
        (
            u32::from_le_bytes(four(0)),
            i64::from_le_bytes(b[4..12].try_into().unwrap()),
            i32::from_le_bytes(four(12)),
            i32::from_le_bytes(four(16)),
        )
    };
    bytes.chunks_exact(ENTRY_BYTES).map(entry).collect()
}

async fn stored(database: &Database) -> Vec<Entry> {
    let mut psql = database.psql().await;
    let rows = sqlx::query_as::<_, (i32, i64, i32, i32)>(
        "select substr(terminal_id, 7)::int, (extract(epoch from fix_time) * 1000)::bigint,
            round(lon * 1e7)::int, round(lat * 1e7)::int
         from position where terminal_id like 'bench-%'",
    )
    .fetch(&mut psql);
    rows.map_ok(|(number, fix_ms, lon, lat)| (number.unsigned_abs(), fix_ms, lon, lat))
        .try_collect()
        .await
        .unwrap()
}
