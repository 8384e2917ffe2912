//! The follower of `position_batch`, for this server's own commits and everybody else's.
//!
//! A batch is found by its transaction, not by its number: number 1 may commit after number 2. Each
//! look reads every visible batch of transactions from the last snapshot's xmin onward, skips those
//! applied, and moves the cursor only to the new snapshot's xmin. What this server has committed it has
//! applied at once, and its batches are not read again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gis_data::{FeatureId, Store, Tx};
use time::OffsetDateTime;

use super::queries::OutboxCursor;
use super::{Live, LivePosition, queries};
use crate::batch;
use crate::error::Result;

const POLL: Duration = Duration::from_millis(50);
const RETRY: Duration = Duration::from_millis(500);
const REGISTER_EVERY: Duration = Duration::from_secs(1);
const NEWS_EVERY: Duration = Duration::from_millis(500);
const CLOCK_EVERY: Duration = Duration::from_secs(1);

/// Batches that this server has committed and applied itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Own(Arc<Mutex<Vec<i64>>>);

impl Own {
    /// One more; it is applied already.
    pub(crate) fn add(&self, batch_id: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(batch_id);
    }

    fn take(&self) -> Vec<i64> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps the live state equal to what is committed.
#[derive(Debug)]
pub(crate) struct LiveFollower {
    store: Store,
    live: Arc<Live>,
    own: Own,
    cursor: String,
    /// Visible batches at or after the cursor, all applied.
    applied: Vec<i64>,
    /// `None` where the whole register is to be read again.
    register: Option<OutboxCursor>,
    register_at: Instant,
    /// `None` where nobody knows which alarms and seals changed meanwhile.
    fleet: Option<OutboxCursor>,
    news_at: Instant,
    clock_at: Instant,
}

impl LiveFollower {
    /// Loads everything in one snapshot, and what was committed since the latest positions were written.
    pub(crate) async fn start(store: Store, live: Arc<Live>, own: Own) -> Result<Self> {
        let mut tx = store.snapshot().await?;
        let look = queries::look(&mut tx, None, &[]).await?;
        let written = queries::latest_cursor(&mut tx).await?;
        let register = queries::register_cursor(&mut tx).await?;
        let fleet = queries::fleet_cursor(&mut tx).await?;
        queries::register(&mut tx, None, |part| live.apply_infos(part, now_ms())).await?;
        queries::latest(&mut tx, |part| live.apply_positions(part, now_ms())).await?;
        drop(tx);
        let (cursor, applied) = written.unwrap_or((look.cursor, look.at_or_after));
        let now = Instant::now();
        let mut follower = Self {
            store,
            live,
            own,
            cursor,
            applied,
            register: Some(register),
            register_at: now,
            fleet: Some(fleet),
            news_at: now,
            clock_at: now,
        };
        follower.pass().await?;
        Ok(follower)
    }

    /// Follows until the task is aborted. A lost database is waited for; the cursor makes up for it.
    pub(crate) async fn run(mut self) {
        let mut was_lost = false;
        loop {
            let pause = match self.pass().await {
                Ok(()) => {
                    if std::mem::take(&mut was_lost) {
                        tracing::info!("the live positions are back");
                    }
                    POLL
                }
                Err(error) => {
                    // Who was away for long may find the outboxes emptied.
                    self.register = None;
                    self.fleet = None;
                    if !std::mem::replace(&mut was_lost, true) {
                        let source: &dyn std::error::Error = &error;
                        tracing::warn!(error = source, "the live positions stand still, retrying");
                    }
                    RETRY
                }
            };
            self.pass_time();
            tokio::time::sleep(pause).await;
        }
    }

    /// One look at the batches, and now and then at the register and at what else is news.
    pub(crate) async fn pass(&mut self) -> Result<()> {
        self.applied.extend(self.own.take());
        let mut tx = self.store.snapshot().await?;
        let look = queries::look(&mut tx, Some(&self.cursor), &self.applied).await?;
        if self.register_at.elapsed() >= REGISTER_EVERY {
            self.follow_register(&mut tx).await?;
            self.register_at = Instant::now();
        }
        if self.news_at.elapsed() >= NEWS_EVERY {
            self.follow_news(&mut tx).await?;
            self.news_at = Instant::now();
        }
        drop(tx);
        for row in &look.batches {
            match batch::unpack(row.batch_id, row.format, &row.payload) {
                Ok(moved) => self.live.apply_positions(
                    moved.iter().filter_map(|s| Some((s.vehicle_id, LivePosition::of(s)?))),
                    now_ms(),
                ),
                // Its positions are stored; the next batch of each vehicle shows them.
                Err(error) => tracing::error!(%error, "a batch is passed over"),
            }
        }
        self.applied = look.at_or_after;
        self.cursor = look.cursor;
        Ok(())
    }

    /// Reads what the register says of vehicles that changed, or of all.
    async fn follow_register(&mut self, tx: &mut Tx) -> Result<()> {
        let next = queries::register_cursor(tx).await?;
        let changed = match &self.register {
            Some(since) => queries::register_changes(tx, since).await?,
            None => Vec::new(),
        };
        let is_all = self.register.is_none();
        if is_all || !changed.is_empty() {
            let mut gone: BTreeSet<FeatureId> =
                if is_all { self.live.ids() } else { changed.clone() }.into_iter().collect();
            let only = (!is_all).then_some(&changed[..]);
            queries::register(tx, only, |part| {
                for info in &part {
                    gone.remove(&info.feature_id);
                }
                self.live.apply_infos(part, now_ms());
            })
            .await?;
            self.live.remove(gone);
        }
        self.register = Some(next);
        Ok(())
    }

    /// Tells of whose vehicles alarms and seals changed.
    async fn follow_news(&mut self, tx: &mut Tx) -> Result<()> {
        let next = queries::fleet_cursor(tx).await?;
        match &self.fleet {
            Some(since) => {
                let changed = queries::fleet_changes(tx, since).await?;
                if !changed.is_empty() {
                    self.live.news().tell(changed);
                }
            }
            None => self.live.news().tell_everybody(),
        }
        self.fleet = Some(next);
        Ok(())
    }

    fn pass_time(&mut self) {
        if self.clock_at.elapsed() >= CLOCK_EVERY {
            self.live.apply_clock(now_ms());
            self.clock_at = Instant::now();
        }
    }
}

fn now_ms() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}
