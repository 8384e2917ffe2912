//! Judged messages -> batches -> COMMIT -> and only then the answer that lets the acknowledgement go.
//!
//! A few tasks commit, each a batch of its own, so that the disk syncs one while the next is written;
//! while they do, messages gather, so that the batch grows with the load and nobody waits for a timer. A failing database is retried while publishers wait;
//! after a long outage they are refused, which means: no acknowledgement, they will send again.

mod queries;

use std::sync::Arc;
use std::time::{Duration, Instant};

use gis_data::{Store, Viewer};
use time::{Date, OffsetDateTime};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::batch::Stored;
use crate::counters::Counters;
use crate::error::{Result, TrackerError};
use crate::fix::epoch_ms;
use crate::live::{Live, LivePosition, Own};
use crate::message::{Judged, Message};
use crate::reason::{Fault, Reason};
use crate::step::Step;

use queries::Written;

pub(crate) use queries::ensure_partition;

/// Messages that may wait; more publishers than that wait for a place.
const QUEUE_MESSAGES: usize = 8_192;
/// A batch takes messages until it holds this many items.
const BATCH_ITEMS: usize = 4_000;
/// Transactions at one time. PostgreSQL flushes those that wait together; more would only make the
/// batches smaller.
const WRITERS: usize = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// A transaction that takes longer is given up and tried again.
const COMMIT_LIMIT: Duration = Duration::from_secs(30);

/// The way in, cloned by every broker.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    queue: mpsc::Sender<Entry>,
    counters: Arc<Counters>,
}

/// The running journal; `close` ends it.
#[derive(Debug)]
pub(crate) struct JournalTask {
    closing: CancellationToken,
    writers: JoinSet<()>,
}

impl JournalTask {
    /// Takes nothing more, commits and answers what was taken, and ends.
    pub(crate) async fn close(mut self) {
        self.closing.cancel();
        while let Some(ended) = self.writers.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "the journal did not end well");
            }
        }
    }
}

/// Where people see what is committed, before anybody reads it back.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    pub(crate) live: Arc<Live>,
    pub(crate) own: Own,
}

impl Shown {
    fn committed(&self, new: &[Stored], batch_id: Option<i64>) {
        let positions = new.iter().filter_map(|s| Some((s.vehicle_id, LivePosition::of(s)?)));
        self.live.apply_positions(positions, epoch_ms(OffsetDateTime::now_utc()));
        if let Some(batch_id) = batch_id {
            self.own.add(batch_id);
        }
    }
}

#[derive(Debug)]
struct Entry {
    judged: Judged,
    answer: oneshot::Sender<()>,
    since: Instant,
}

impl Journal {
    /// Starts the committing tasks, which tell what they have committed to `shown`. `outage_limit` is how
    /// long publishers are kept waiting for a database that does not answer.
    pub(crate) fn start(
        store: &Store,
        shown: &Shown,
        counters: Arc<Counters>,
        outage_limit: Duration,
    ) -> (Self, JournalTask) {
        let (queue, entries) = mpsc::channel(QUEUE_MESSAGES);
        let entries = Arc::new(Mutex::new(entries));
        let closing = CancellationToken::new();
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let writer = Writer {
                store: store.clone(),
                shown: shown.clone(),
                counters: Arc::clone(&counters),
                outage_limit,
                known_days: Vec::new(),
                out_since: None,
            };
            writers.spawn(writer.run(Arc::clone(&entries), closing.clone()));
        }
        (Self { queue, counters }, JournalTask { closing, writers })
    }

    /// Decodes and judges; `None` when the topic is not one we store.
    pub(crate) fn judge(&self, message: Message) -> Option<Judged> {
        self.counters.steps.time(Step::Decode, || message.judge())
    }

    /// Returns after the commit that holds the message; `NotStored` means: do not acknowledge.
    pub(crate) async fn store(&self, judged: Judged) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        let place = self.queue.reserve().await.map_err(|_closed| TrackerError::NotStored)?;
        self.counters.count_received();
        place.send(Entry { judged, answer, since: Instant::now() });
        answered.await.map_err(|_dropped| TrackerError::NotStored)
    }
}

struct Writer {
    store: Store,
    shown: Shown,
    counters: Arc<Counters>,
    outage_limit: Duration,
    /// Days whose partition is there.
    known_days: Vec<Date>,
    /// Since when every transaction has failed.
    out_since: Option<Instant>,
}

impl Writer {
    async fn run(mut self, entries: Arc<Mutex<mpsc::Receiver<Entry>>>, closing: CancellationToken) {
        while let Some(taken) = take(&entries, &closing).await {
            self.counters.count_taken(taken.len());
            for entry in &taken {
                self.counters.steps.count(Step::Wait, entry.since.elapsed());
            }
            self.settle(taken).await;
        }
    }

    /// Commits a batch and answers it. A batch that PostgreSQL refuses for what is in it is halved
    /// until the one message at fault is alone; that one becomes a rejection.
    async fn settle(&mut self, batch: Vec<Entry>) {
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            match self.persist(&part).await {
                Outcome::Committed => {
                    self.counters.count_acknowledged(part.len());
                    for entry in part {
                        // A publisher that has gone meanwhile needs no answer.
                        let _ = entry.answer.send(());
                    }
                }
                Outcome::Out => self.counters.count_refused(part.len()),
                Outcome::Refused(_) if part.len() > 1 => {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part]);
                }
                Outcome::Refused(why) => {
                    let already = |e: &Entry| {
                        e.judged.rejects.iter().any(|r| r.fault.reason == Reason::RefusedByStorage)
                    };
                    if part.iter().any(already) {
                        self.counters.count_refused(part.len());
                        continue;
                    }
                    parts.push(part.into_iter().map(|e| e.refused(&why)).collect());
                }
            }
        }
    }

    async fn persist(&mut self, batch: &[Entry]) -> Outcome {
        let mut pause = FIRST_PAUSE;
        loop {
            let started = Instant::now();
            let limited = tokio::time::timeout(COMMIT_LIMIT, self.commit(batch)).await;
            let result = limited
                .unwrap_or(Err(TrackerError::CommitTimeout { limit_s: COMMIT_LIMIT.as_secs() }));
            let error = match result {
                Ok(written) => {
                    if self.out_since.take().is_some() {
                        tracing::info!("the database is back, positions are stored again");
                    }
                    let Written { new, batch_id, duplicate, rejected } = written;
                    let stored = new.len() as u64;
                    self.counters.count_commit(stored, duplicate, rejected, started.elapsed());
                    let show = || self.shown.committed(&new, batch_id);
                    self.counters.steps.time(Step::Show, show);
                    return Outcome::Committed;
                }
                Err(error) => error,
            };
            self.counters.count_database_error();
            if is_about_content(&error) && !is_about_partition(&error) {
                return Outcome::Refused(reason_in_full(&error));
            }
            // A partition may have gone with what made the transaction fail, or to the archive; a late position makes
            // it anew.
            self.known_days.clear();
            let out_since = *self.out_since.get_or_insert_with(|| {
                let source: &dyn std::error::Error = &error;
                tracing::warn!(error = source, "positions wait for the database");
                started
            });
            if out_since.elapsed() >= self.outage_limit {
                return Outcome::Out;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn commit(&mut self, batch: &[Entry]) -> Result<Written> {
        self.ensure_days(batch).await?;
        let mut tx = self.store.as_viewer(&Viewer::program()).await?;
        let judged: Vec<&Judged> = batch.iter().map(|e| &e.judged).collect();
        let written = queries::write(&mut tx, &judged).await?;
        tx.commit().await.map_err(TrackerError::query("commit positions"))?;
        Ok(written)
    }

    /// In transactions of their own: making a partition locks the table, and two servers doing so
    /// after their first insert would wait for each other.
    async fn ensure_days(&mut self, batch: &[Entry]) -> Result<()> {
        let mut days: Vec<Date> =
            batch.iter().flat_map(|e| &e.judged.fixes).map(|f| f.fix_time().date()).collect();
        days.sort_unstable();
        days.dedup();
        days.retain(|day| !self.known_days.contains(day));
        for day in days {
            let mut tx = self.store.as_viewer(&Viewer::program()).await?;
            ensure_partition(&mut tx, day).await?;
            tx.commit().await.map_err(TrackerError::query("make a partition"))?;
            self.known_days.push(day);
        }
        Ok(())
    }
}

/// The next batch; `None` when the journal is closed and empty. One writer at a time waits for it.
async fn take(
    entries: &Mutex<mpsc::Receiver<Entry>>,
    closing: &CancellationToken,
) -> Option<Vec<Entry>> {
    let mut entries = entries.lock().await;
    let first = loop {
        tokio::select! {
            entry = entries.recv() => break entry?,
            () = closing.cancelled(), if !entries.is_closed() => entries.close(),
        }
    };
    let mut taken = vec![first];
    let mut items = weight(&taken);
    while items < BATCH_ITEMS {
        let Ok(entry) = entries.try_recv() else { break };
        items += weight(std::slice::from_ref(&entry));
        taken.push(entry);
    }
    Some(taken)
}

enum Outcome {
    Committed,
    /// The database has been out of reach for too long.
    Out,
    /// The database works and refuses this content.
    Refused(String),
}

impl Entry {
    fn refused(self, why: &str) -> Self {
        let Self { judged, answer, since } = self;
        let Judged { message, terminal, .. } = judged;
        let fault = Fault::new(Reason::RefusedByStorage, why);
        Self { judged: message.refuse(terminal, fault), answer, since }
    }
}

fn weight(entries: &[Entry]) -> usize {
    entries.iter().map(|e| 1 + e.judged.fixes.len() + e.judged.rejects.len()).sum()
}

/// Whether the same statement with the same content would fail for ever: SQLSTATE class 22 (data)
/// or 23 (integrity).
fn is_about_content(error: &TrackerError) -> bool {
    let TrackerError::Query { source: sqlx::Error::Database(database), .. } = error else {
        return false;
    };
    database.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

/// Whether there was no partition for a row: class 23 as well, but no constraint has refused it.
fn is_about_partition(error: &TrackerError) -> bool {
    let TrackerError::Query { source: sqlx::Error::Database(database), .. } = error else {
        return false;
    };
    database.code().as_deref() == Some("23514") && database.constraint().is_none()
}

fn reason_in_full(error: &TrackerError) -> String {
    let source = std::error::Error::source(error);
    source.map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
