//! What the tracker has done since it started, for metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

use crate::reason::Reason;
use crate::step::{Step, StepTimes, Steps};

/// Running counts, shared by whoever counts.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    received: AtomicU64,
    acknowledged: AtomicU64,
    refused: AtomicU64,
    stored: AtomicU64,
    duplicate: AtomicU64,
    rejected: [AtomicU64; Reason::ALL.len()],
    batches: AtomicU64,
    database_errors: AtomicU64,
    last_commit_us: AtomicU64,
    queue_depth: AtomicU64,
    links: AtomicU64,
    broken_frames: AtomicU64,
    pub(crate) steps: Steps,
}

/// One look at the counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CounterSnapshot {
    /// Messages that reached the journal.
    pub received: u64,
    /// Messages whose commit was confirmed.
    pub acknowledged: u64,
    /// Messages that could not be stored and were not acknowledged.
    pub refused: u64,
    /// Positions that were new.
    pub stored: u64,
    /// Positions that were there already.
    pub duplicate: u64,
    /// Rejections by the stable code of their reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Transactions committed.
    pub batches: u64,
    /// Transactions that failed and were tried again.
    pub database_errors: u64,
    /// How long the last transaction took.
    pub last_commit_ms: f64,
    /// Messages waiting for a transaction.
    pub queue_depth: u64,
    /// Open links of JT/T 808 terminals.
    pub links: u64,
    /// Frames of JT/T 808 over TCP whose checksum or length was wrong.
    pub broken_frames: u64,
    /// What each step of a position's way costs.
    pub steps: Vec<StepTimes>,
}

impl Counters {
    /// One look.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of one transaction")]
    pub(crate) fn snapshot(&self) -> CounterSnapshot {
        CounterSnapshot {
            received: self.received.load(Relaxed),
            acknowledged: self.acknowledged.load(Relaxed),
            refused: self.refused.load(Relaxed),
            stored: self.stored.load(Relaxed),
            duplicate: self.duplicate.load(Relaxed),
            rejected: Reason::ALL
                .into_iter()
                .zip(&self.rejected)
                .map(|(reason, count)| (reason.code(), count.load(Relaxed)))
                .collect(),
            batches: self.batches.load(Relaxed),
            database_errors: self.database_errors.load(Relaxed),
            last_commit_ms: self.last_commit_us.load(Relaxed) as f64 / 1_000.0,
            queue_depth: self.queue_depth.load(Relaxed),
            links: self.links.load(Relaxed),
            broken_frames: self.broken_frames.load(Relaxed),
            steps: self.steps.snapshot(),
        }
    }

    pub(crate) fn count_received(&self) {
        self.received.fetch_add(1, Relaxed);
        self.queue_depth.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_taken(&self, messages: usize) {
        self.queue_depth.fetch_sub(messages as u64, Relaxed);
    }

    pub(crate) fn count_acknowledged(&self, messages: usize) {
        self.acknowledged.fetch_add(messages as u64, Relaxed);
    }

    pub(crate) fn count_refused(&self, messages: usize) {
        self.refused.fetch_add(messages as u64, Relaxed);
    }

    pub(crate) fn count_link_opened(&self) {
        self.links.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_link_closed(&self) {
        self.links.fetch_sub(1, Relaxed);
    }

    pub(crate) fn count_broken_frame(&self) {
        self.broken_frames.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_database_error(&self) {
        self.database_errors.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_commit(
        &self,
        stored: u64,
        duplicate: u64,
        rejected: impl IntoIterator<Item = Reason>,
        took: Duration,
    ) {
        self.stored.fetch_add(stored, Relaxed);
        self.duplicate.fetch_add(duplicate, Relaxed);
        for reason in rejected {
            self.rejected[reason as usize].fetch_add(1, Relaxed);
        }
        self.batches.fetch_add(1, Relaxed);
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.last_commit_us.store(took_us, Relaxed);
        self.steps.count(Step::Commit, took);
    }
}
