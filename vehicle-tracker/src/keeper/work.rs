//! One pass: the batches since the cursor, vehicle by vehicle.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gis_data::{FeatureId, Store, Tx, Viewer};
use time::OffsetDateTime;
use tokio::task::yield_now;

use super::lane::{Came, Lane};
use super::lanes::Lanes;
use super::latest::Latest;
use super::queries::{self, Cursor, Written};
use super::settings::Settings;
use crate::batch;
use crate::error::{Result, TrackerError};
use crate::fix::epoch_ms;
use crate::live::look;
use crate::point::Point;
use crate::trip::TripRules;

/// How often vehicles that say nothing are looked at.
const TICK_EVERY: Duration = Duration::from_secs(30);
/// How soon a number that was set for a rule, or a fence, counts.
const SETTINGS_EVERY: Duration = Duration::from_secs(5);

/// Vehicles that are worked on before others may use the processor.
const IN_A_ROW: usize = 16;

/// How often old batches are taken away.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// What a pass came to.
pub(super) enum Pass {
    /// All that there was.
    Done,
    /// Another server has the cursor.
    Elsewhere,
}

/// What is remembered between two passes.
pub(super) struct Work {
    rules: TripRules,
    settings: Settings,
    settings_at: Option<Instant>,
    /// Vehicles whose orders have changed, with the first moment that is to be judged again.
    again: BTreeMap<FeatureId, i64>,
    ticked_at: Instant,
    pruned_at: Option<Instant>,
    lanes: Lanes,
    latest: Latest,
    /// Where the last pass of this server left the cursor: if it stands elsewhere, somebody else moved on.
    left_at: Option<Cursor>,
}

impl Work {
    pub(super) fn new(rules: TripRules) -> Self {
        Self {
            rules,
            settings: Settings::new(),
            settings_at: None,
            again: BTreeMap::new(),
            ticked_at: Instant::now(),
            pruned_at: None,
            lanes: Lanes::default(),
            latest: Latest::default(),
            left_at: None,
        }
    }

    /// After a failure: what is in memory may be ahead of what is on file.
    pub(super) fn forget(&mut self) {
        self.lanes.forget();
        self.latest = Latest::default();
        self.left_at = None;
    }

    pub(super) async fn pass(&mut self, store: &Store) -> Result<Pass> {
        let mut tx = store.as_viewer(&Viewer::program()).await?;
        let Some(cursor) = queries::lock_cursor(&mut tx).await? else {
            self.forget();
            return Ok(Pass::Elsewhere);
        };
        if self.left_at.as_ref() != Some(&cursor) {
            self.forget();
        }
        if self.settings_at.is_none_or(|at| at.elapsed() >= SETTINGS_EVERY) {
            for (vehicle, ms) in self.settings.load(&mut tx).await? {
                let first_ms = self.again.entry(vehicle).or_insert(ms);
                *first_ms = ms.min(*first_ms);
            }
            self.settings_at = Some(Instant::now());
        }
        let mut snapshot = store.snapshot().await?;
        self.latest.catch_up(&mut snapshot).await?;
        let seen = look(&mut snapshot, Some(&cursor.xid), &cursor.applied).await?;
        let mut of_vehicle: BTreeMap<FeatureId, Vec<Point>> = BTreeMap::new();
        for row in &seen.batches {
            match batch::unpack(row.batch_id, row.format, &row.payload) {
                Ok(stored) => {
                    for stored in &stored {
                        self.latest.take(stored);
                        of_vehicle.entry(stored.vehicle_id).or_default().push(stored.point);
                    }
                }
                // Its positions are stored; the next late one of each vehicle brings them in.
                Err(error) => tracing::error!(%error, "a batch is passed over"),
            }
            yield_now().await;
        }
        let mut written = Written::default();
        for vehicle in self.again.keys() {
            of_vehicle.entry(*vehicle).or_default();
        }
        for (n, (vehicle, points)) in of_vehicle.into_iter().enumerate() {
            // Positions are waiting to be acknowledged, trips are not waited for.
            if n.is_multiple_of(IN_A_ROW) {
                yield_now().await;
            }
            let again_ms = self.again.get(&vehicle).copied();
            let gone = self.go(&mut snapshot, vehicle, points, again_ms).await?;
            let (lane, void_after_ms, came) = gone;
            written.take(vehicle, void_after_ms, came);
            self.lanes.put(vehicle, lane);
        }
        drop(snapshot);
        self.tick(&mut written);
        let is_prune_due = self.pruned_at.is_none_or(|at| at.elapsed() >= PRUNE_EVERY);
        let latest = self.latest.due();
        // Where nothing has come the cursor stays: a quiet night writes nothing.
        if seen.batches.is_empty() && written.is_empty() && latest.is_none() && !is_prune_due {
            self.left_at = Some(cursor);
            return Ok(Pass::Done);
        }
        let next = Cursor { xid: seen.cursor, applied: seen.at_or_after };
        queries::write(&mut tx, &written).await?;
        queries::move_cursor(&mut tx, &next).await?;
        let is_latest_written = latest.is_some();
        if let Some(latest) = latest {
            queries::write_latest(&mut tx, latest, &next).await?;
        }
        if !self.again.is_empty() {
            queries::move_duty_cursor(&mut tx, self.settings.duty_cursor()).await?;
        }
        if is_prune_due {
            queries::prune_batches(&mut tx).await?;
            self.pruned_at = Some(Instant::now());
        }
        tx.commit().await.map_err(TrackerError::query("commit trips"))?;
        if is_latest_written {
            self.latest.written();
        }
        self.again.clear();
        self.left_at = Some(next);
        Ok(Pass::Done)
    }

    /// Goes on by a vehicle's new positions, or again from the checkpoint before the first late one or
    /// before what is to be judged again. Answers what is remembered, the moment after which what was
    /// certain before is void (`None`: nothing is), and what was found.
    async fn go(
        &mut self,
        snapshot: &mut Tx,
        vehicle: FeatureId,
        mut points: Vec<Point>,
        again_ms: Option<i64>,
    ) -> Result<(Lane, Option<i64>, Came)> {
        points.sort_by_key(|p| p.fix_ms);
        let first_ms = points.first().map_or(i64::MAX, |p| p.fix_ms);
        let first_ms = first_ms.min(again_ms.unwrap_or(i64::MAX));
        self.settings.reach(snapshot, vehicle, first_ms).await?;
        let is_apart = points.is_sorted_by(|a, b| a.fix_ms < b.fix_ms);
        let mut came = Came::default();
        if let Some(mut lane) = self.lanes.take(vehicle)
            && is_apart
            && again_ms.is_none()
            && lane.fed_ms().is_none_or(|fed_ms| fed_ms < first_ms)
        {
            lane.feed(&points, &self.rules, &self.settings.of(vehicle), &mut came);
            return Ok((lane, None, came));
        }
        let checkpoint = queries::checkpoint_before(snapshot, vehicle, first_ms).await?;
        let (from_ms, mut lane) = checkpoint.unwrap_or((i64::MIN, Lane::default()));
        let mut after_ms = from_ms;
        loop {
            let page = queries::positions_after(snapshot, vehicle, after_ms).await?;
            let Some(last) = page.last() else { break };
            after_ms = last.fix_ms;
            lane.feed(&page, &self.rules, &self.settings.of(vehicle), &mut came);
        }
        Ok((lane, Some(from_ms), came))
    }

    /// Now and then: who has fallen silent.
    fn tick(&mut self, written: &mut Written) {
        if self.ticked_at.elapsed() < TICK_EVERY {
            return;
        }
        self.ticked_at = Instant::now();
        let now_ms = epoch_ms(OffsetDateTime::now_utc());
        self.lanes.tick(now_ms, &self.settings, |vehicle, came| {
            written.take(vehicle, None, came);
        });
    }
}
