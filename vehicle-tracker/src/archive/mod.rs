//! Days of positions that were kept long enough go to files, and come back from them.
//!
//! A day goes when everything in it was received longer ago than the policy says. It is written to a file beside its
//! place, read back, given its name, and only then taken out of the database, in the transaction that enters the
//! file into the book and only if nobody has changed the day since it was read. Whenever that ends, the day is in the database or in a
//! file on the book. Trips, stops and alarms stay; what became certain by a position that went is not judged again.

mod columns;
mod file;
mod place;
mod queries;
mod restore;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gis_data::{Store, Tx, Viewer};
use sqlx::{Connection as _, FromRow};
use time::{Date, OffsetDateTime};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::error::{Result, TrackerError};

use columns::{COLUMNS, Part};
use file::{Fault, Told, Writer};
use place::Named;
use queries::Release;

pub use place::{FileFault, faults};
pub use restore::{Restored, restore};

/// How many days positions and rejections are kept in the database, unless it is said otherwise.
pub const KEPT_DAYS: u16 = 180;
/// The least: late positions, trips and orders are judged by what is in the database.
pub const LEAST_DAYS: u16 = 7;

/// A day with the clock of its positions, two days over: hardly anything is still to come.
const CLOSED_AFTER: time::Duration = time::Duration::days(3);
/// Whoever writes to a closed day waits while it is indexed, at most this long: as long as a commit may take.
const INDEX_LIMIT_MS: u32 = 25_000;
const RELEASE_TRIES: u32 = 3;
const RELEASE_PAUSE: Duration = Duration::from_secs(1);
/// Rejections that are taken away in one transaction.
const REJECTS_AT_ONCE: i32 = 10_000;

/// What stays in the database, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Where days go that were kept long enough. Default: nowhere, and nothing is ever taken away.
    pub folder: Option<PathBuf>,
    /// Days that positions stay after their receipt, [`LEAST_DAYS`] at least.
    pub positions_days: u16,
    /// Days that rejections stay after their receipt, [`LEAST_DAYS`] at least.
    pub rejects_days: u16,
}

impl Default for Policy {
    fn default() -> Self {
        Self { folder: None, positions_days: KEPT_DAYS, rejects_days: KEPT_DAYS }
    }
}

impl Policy {
    /// What was received before this was kept long enough.
    fn kept_from(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
            - time::Duration::days(i64::from(self.positions_days.max(LEAST_DAYS)))
    }
}

/// A day that may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Of the fixes, in UTC.
    pub day: Date,
    /// The file that it would be in, were it written now.
    pub file: PathBuf,
    /// How many positions it holds, as the database estimates.
    pub row_estimate: i64,
    /// What it takes in the database, with its indexes.
    pub byte_count: i64,
}

/// How far a day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// So many of its positions are in the file.
    Written(Date, u64),
    /// The file is whole and is about to be read back.
    Verifying(Date, &'a Path),
}

/// A day that is no longer in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// Of the fixes, in UTC.
    pub day: Date,
    /// The file that it is in; `None` for a day without a position.
    pub file: Option<PathBuf>,
    /// How many positions.
    pub rows: i64,
    /// Size of the file.
    pub byte_count: i64,
}

/// Why a day that may go stayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stayed {
    /// Another server or command archives, or puts back.
    Elsewhere,
    /// Positions came while it was being read.
    Changed,
    /// Not all of its positions have become trips yet.
    Unread,
    /// It was in use all the while.
    Busy,
}

/// What an evening's work came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Days that went.
    pub gone: Vec<Gone>,
    /// Days that could have gone and are looked at again the next time.
    pub stayed: Vec<(Date, Stayed)>,
    /// Days that stayed because something went wrong, each with what.
    pub failed: Vec<(Date, TrackerError)>,
    /// Days that got their index by place.
    pub indexed: Vec<Date>,
    /// Rejections that were taken away.
    pub rejects: i64,
}

/// A file on the book.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
struct FileOnBook {
    file_name: String,
    byte_count: i64,
}

/// A day as it was read.
#[derive(Debug)]
struct Taken {
    told: Told,
    /// What the reading transaction saw.
    seen: String,
    last_received_us: Option<i64>,
    /// The newest position of each vehicle, in microseconds.
    newest: Vec<(i64, i64)>,
}

/// The days that may go, oldest first; none without a folder.
pub async fn due(store: &Store, policy: &Policy) -> Result<Vec<Due>> {
    let Some(folder) = &policy.folder else { return Ok(Vec::new()) };
    let kept_from = policy.kept_from();
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let mut due = Vec::new();
    for row in queries::days_before(&mut tx, kept_from.date(), kept_from).await? {
        if queries::is_received_since(&mut tx, row.day, kept_from).await? {
            continue;
        }
        let file = place::free(folder, row.day)?;
        let (row_estimate, byte_count) = (row.row_estimate, row.byte_count);
        due.push(Due { day: row.day, file, row_estimate, byte_count });
    }
    Ok(due)
}

/// Writes the days that may go to files and takes them out of the database, indexes days that are over, and takes old
/// rejections away. Without a folder it only indexes. `tell` hears how far it is.
pub async fn archive(
    store: &Store,
    policy: &Policy,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<Summary> {
    let mut summary = Summary::default();
    if let Some(folder) = &policy.folder {
        for due in due(store, policy).await? {
            match archive_day(store, policy, folder, due.day, tell).await {
                Ok(Ok(gone)) => summary.gone.push(gone),
                Ok(Err(stayed)) => summary.stayed.push((due.day, stayed)),
                // The others go all the same.
                Err(error) => summary.failed.push((due.day, error)),
            }
        }
        summary.rejects = prune_rejects(store, policy.rejects_days.max(LEAST_DAYS)).await?;
    }
    summary.indexed = index_closed(store).await?;
    Ok(summary)
}

/// Days the positions of which are in files, among those that a window touches. Where some were put back, or came late, the day is
/// among them until a file of it is back.
pub async fn days_away(store: &Store, span: &std::ops::Range<OffsetDateTime>) -> Result<Vec<Date>> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let utc = |moment: OffsetDateTime| moment.to_offset(time::UtcOffset::UTC).date();
    queries::days_away(&mut tx, utc(span.start), utc(span.end)).await
}

async fn archive_day(
    store: &Store,
    policy: &Policy,
    folder: &Path,
    day: Date,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<Result<Gone, Stayed>> {
    // Open until the day has gone: whoever has lost the connection has lost the lock, and takes nothing out.
    let mut guard = store.as_viewer(&Viewer::program()).await?;
    if !queries::lock(&mut guard).await? {
        return Ok(Err(Stayed::Elsewhere));
    }
    check_columns(&mut guard).await?;
    let mut watch = store.as_viewer(&Viewer::program()).await?;
    if let Some(stayed) = queries::watch(&mut watch, day).await? {
        return Ok(Err(stayed));
    }
    watch.commit().await.map_err(TrackerError::query("watch a day of positions"))?;
    let part_file = place::begin(folder, day)?;
    let written = write(store, day, &part_file, tell).await;
    let settled = match written {
        Ok(taken) => {
            let on_book = queries::hashes_of(&mut guard, day).await;
            let kept_from = policy.kept_from();
            match on_book {
                Ok(on_book) => settle(folder, &part_file, (taken, on_book), kept_from, tell).await,
                Err(error) => Err(error),
            }
        }
        Err(error) => Err(error),
    };
    place::clear(&part_file)?;
    let Some((taken, file)) = settled? else { return Ok(Err(Stayed::Changed)) };
    match release(&mut guard, policy, &taken, file.as_ref()).await? {
        Release::Gone => {
            guard.commit().await.map_err(TrackerError::query("let a day of positions go"))?;
            let byte_count = file.as_ref().map_or(0, |file| file.byte_count);
            let file = file.map(|file| folder.join(file.name));
            Ok(Ok(Gone { day, file, rows: taken.told.rows, byte_count }))
        }
        Release::Changed => Ok(Err(Stayed::Changed)),
        Release::Unread => Ok(Err(Stayed::Unread)),
        Release::Busy => Ok(Err(Stayed::Busy)),
    }
}

async fn check_columns(tx: &mut Tx) -> Result<()> {
    let found = queries::columns(tx).await?;
    let known = COLUMNS.map(|column| column.name);
    if found == known {
        return Ok(());
    }
    Err(TrackerError::ArchiveColumns { found: found.join(", "), known: known.join(", ") })
}

/// Writes a day, as one snapshot sees it, in the order of vehicle and time.
async fn write(
    store: &Store,
    day: Date,
    path: &Path,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<Taken> {
    let mut snapshot = store.snapshot().await?;
    let seen = queries::seen(&mut snapshot).await?;
    let (send, mut parts) = mpsc::channel::<Part>(1);
    let (count, mut counts) = mpsc::unbounded_channel::<u64>();
    let target = path.to_owned();
    let writing = spawn_blocking(move || {
        let mut writer = Writer::create(&target, day)?;
        let (mut newest, mut last_received_us) = (Vec::new(), None);
        while let Some(part) = parts.blocking_recv() {
            writer.write(&part)?;
            for (vehicle, fix_us, received_us) in part.keys() {
                last_received_us = last_received_us.max(Some(received_us));
                match newest.last_mut() {
                    Some((last, us)) if *last == vehicle => *us = fix_us,
                    _ => newest.push((vehicle, fix_us)),
                }
            }
            // Nobody may be listening.
            let _ = count.send(u64::try_from(part.len())?);
        }
        Ok::<_, Fault>((writer.finish()?, last_received_us, newest))
    });
    let telling = async {
        let mut written = 0;
        while let Some(more) = counts.recv().await {
            written += more;
            tell(Step::Written(day, written));
        }
    };
    let reading = queries::read_day(&mut snapshot, day, send);
    let (read, written, ()) = tokio::join!(reading, writing, telling);
    let written = written.map_err(Fault::from).and_then(|written| written);
    let (told, last_received_us, newest) = written.map_err(failed("write", path))?;
    read?;
    Ok(Taken { told, seen, last_received_us, newest })
}

/// Reads the file back and gives it its name, with its size. `None` when something came lately after all; no name for
/// a day without a position.
async fn settle(
    folder: &Path,
    part_file: &Path,
    (taken, on_book): (Taken, BTreeMap<String, Vec<u8>>),
    kept_from: OffsetDateTime,
    tell: &mut (dyn FnMut(Step<'_>) + Send),
) -> Result<Option<(Taken, Option<Named>)>> {
    let kept_from_us = kept_from.unix_timestamp_nanos() / 1_000;
    if taken.last_received_us.is_some_and(|us| i128::from(us) >= kept_from_us) {
        return Ok(None);
    }
    if taken.told.rows == 0 {
        return Ok(Some((taken, None)));
    }
    tell(Step::Verifying(taken.told.day, part_file));
    let (folder, path, told) = (folder.to_owned(), part_file.to_owned(), taken.told.clone());
    let named = spawn_blocking(move || {
        if file::verify(&path)? != told {
            return Err(Fault::from("it reads back as something else"));
        }
        place::name(&folder, &path, &told, &on_book)
    });
    // A reader that broken bytes have brought down has refused them.
    let named = named.await.map_err(Fault::from).and_then(|named| named);
    let named = named.map_err(failed("verify", part_file))?;
    Ok(Some((taken, Some(named))))
}

/// Waits a little for those who are using the day.
async fn release(
    guard: &mut Tx,
    policy: &Policy,
    taken: &Taken,
    file: Option<&Named>,
) -> Result<Release> {
    let failed = || TrackerError::query("let a day of positions go");
    for tries in 1.. {
        let mut attempt = guard.begin().await.map_err(failed())?;
        let days = policy.positions_days.max(LEAST_DAYS);
        let answer = queries::release(&mut attempt, days, taken, file).await?;
        if answer == Release::Gone {
            attempt.commit().await.map_err(failed())?;
            return Ok(answer);
        }
        attempt.rollback().await.map_err(failed())?;
        if answer != Release::Busy || tries == RELEASE_TRIES {
            return Ok(answer);
        }
        tokio::time::sleep(RELEASE_PAUSE).await;
    }
    Ok(Release::Busy)
}

async fn prune_rejects(store: &Store, kept_days: u16) -> Result<i64> {
    let mut pruned = 0;
    loop {
        let mut tx = store.as_viewer(&Viewer::program()).await?;
        let some = queries::prune_rejects(&mut tx, kept_days, REJECTS_AT_ONCE).await?;
        tx.commit().await.map_err(TrackerError::query("take old rejections away"))?;
        pruned += some;
        if some < i64::from(REJECTS_AT_ONCE) {
            return Ok(pruned);
        }
    }
}

async fn index_closed(store: &Store) -> Result<Vec<Date>> {
    let lately = OffsetDateTime::now_utc() - CLOSED_AFTER;
    let mut indexed = Vec::new();
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let days = queries::days_before(&mut tx, lately.date(), OffsetDateTime::now_utc()).await?;
    for row in days.into_iter().filter(|row| !row.is_indexed) {
        if queries::is_received_since(&mut tx, row.day, lately).await? {
            continue;
        }
        let mut making = store.as_viewer(&Viewer::program()).await?;
        if !queries::lock(&mut making).await? {
            break;
        }
        if queries::index(&mut making, row.day, INDEX_LIMIT_MS).await? {
            making.commit().await.map_err(TrackerError::query("index a day of positions"))?;
            indexed.push(row.day);
        }
    }
    Ok(indexed)
}

/// For `map_err`: what could not be done with a file.
fn failed<E: Into<Fault>>(what: &'static str, path: &Path) -> impl FnOnce(E) -> TrackerError {
    let path = path.to_owned();
    move |source| TrackerError::Archive { what, path, source: source.into() }
}
