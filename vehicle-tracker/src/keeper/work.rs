//! One pass: the batches since the cursor, vehicle by vehicle.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gis_data::{FeatureId, Store, Tx, Viewer};
use time::OffsetDateTime;
use tokio::task::yield_now;

use super::lane::{Came, Lane};
use super::lanes::Lanes;
use super::latest::Latest;
use super::queries::{self, Cursor, FirstPage, Written};
use super::settings::Settings;
use crate::batch;
use crate::counters::Counters;
use crate::error::{Result, TrackerError};
use crate::fix::epoch_ms;
use crate::live::look_some;
use crate::point::Point;
use crate::step::Step;
use crate::trip::TripRules;

/// How often vehicles that say nothing are looked at.
const TICK_EVERY: Duration = Duration::from_secs(30);
/// How many of them in a pass: a network that fails makes a whole fleet silent at once, and what is found of it is written in
/// one transaction.
const TICK_AT_ONCE: usize = 2_048;
/// How soon a number that was set for a rule, or a fence, counts.
const SETTINGS_EVERY: Duration = Duration::from_secs(5);

/// Vehicles that are worked on before others may use the processor.
const IN_A_ROW: usize = 16;

/// Positions of one pass: what is written of them is one transaction.
const AT_A_PASS: i64 = 50_000;

/// Vehicles that are judged again in a pass.
const AGAIN_AT_A_PASS: usize = 64;

/// Vehicles of which nothing is remembered that are read at one time.
const AT_ONCE: usize = 256;

/// Vehicles in a pass of which nothing is remembered though they were heard of lately.
const WAKE_AT_A_PASS: usize = 256;

/// How often old batches are taken away.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

/// What a pass came to.
pub(super) enum Pass {
    /// All that there was.
    Done,
    /// There is more.
    Some,
    /// Another server has the cursor.
    Elsewhere,
}

/// A vehicle of which nothing is remembered.
struct Stranger {
    vehicle: FeatureId,
    points: Vec<Point>,
    again_ms: Option<i64>,
}

/// The same as it is on file.
struct Begun {
    /// The first moment that is to be judged.
    first_ms: i64,
    /// That of its checkpoint, or the beginning of time.
    from_ms: i64,
    lane: Lane,
    page: FirstPage,
}

/// What is remembered of a vehicle, the moment after which what was certain before is void (`None`: nothing is), and what
/// was found.
type Gone = (Lane, Option<i64>, Came);

/// What is remembered between two passes.
pub(super) struct Work {
    rules: TripRules,
    counters: Arc<Counters>,
    settings: Settings,
    settings_at: Option<Instant>,
    /// Vehicles whose orders or seals have changed, with the first moment that is to be judged again.
    again: BTreeMap<FeatureId, i64>,
    /// Vehicles that were heard of before this server held the cursor: they may fall silent without another word.
    to_wake: BTreeSet<FeatureId>,
    ticked_at: Instant,
    /// From where on vehicles are still to be looked at in this round.
    tick_from: Option<FeatureId>,
    pruned_at: Option<Instant>,
    lanes: Lanes,
    latest: Latest,
    /// Where the last pass of this server left the cursor: if it stands elsewhere, somebody else moved on.
    left_at: Option<Cursor>,
}

impl Work {
    pub(super) fn new(rules: TripRules, counters: Arc<Counters>) -> Self {
        Self {
            rules,
            counters,
            settings: Settings::new(),
            settings_at: None,
            again: BTreeMap::new(),
            to_wake: BTreeSet::new(),
            ticked_at: Instant::now(),
            tick_from: None,
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
            self.to_wake = queries::heard_lately(&mut tx).await?;
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
        let (seen, is_all) =
            look_some(&mut snapshot, &cursor.xid, &cursor.applied, AT_A_PASS).await?;
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
        for vehicle in self.again.keys().take(AGAIN_AT_A_PASS) {
            of_vehicle.entry(*vehicle).or_default();
        }
        for vehicle in self.to_wake.iter().take(WAKE_AT_A_PASS) {
            of_vehicle.entry(*vehicle).or_default();
        }
        let done: BTreeSet<FeatureId> = of_vehicle.keys().copied().collect();
        self.work_off(&mut snapshot, of_vehicle, &mut written).await?;
        let is_judged = self.again.keys().all(|vehicle| done.contains(vehicle));
        drop(snapshot);
        self.to_wake.retain(|vehicle| !done.contains(vehicle));
        self.tick(&mut written);
        let is_prune_due = self.pruned_at.is_none_or(|at| at.elapsed() >= PRUNE_EVERY);
        let latest = self.latest.due();
        // Where nothing has come the cursor stays: a quiet night writes nothing.
        let is_quiet = seen.batches.is_empty() && written.is_empty() && self.again.is_empty();
        if is_quiet && latest.is_none() && !is_prune_due {
            self.left_at = Some(cursor);
            return Ok(if self.to_wake.is_empty() { Pass::Done } else { Pass::Some });
        }
        let next = Cursor { xid: seen.cursor, applied: seen.at_or_after };
        let write_at = Instant::now();
        queries::write(&mut tx, &written).await?;
        let judged = self.settings.cursor().filter(|_| is_judged);
        queries::move_cursor(&mut tx, &next, judged).await?;
        let is_latest_written = latest.is_some();
        if let Some(latest) = latest {
            queries::write_latest(&mut tx, latest, &next).await?;
        }
        if is_prune_due {
            queries::prune_batches(&mut tx).await?;
            self.pruned_at = Some(Instant::now());
        }
        tx.commit().await.map_err(TrackerError::query("commit trips"))?;
        self.counters.steps.count(Step::Keep, write_at.elapsed());
        if is_latest_written {
            self.latest.written();
        }
        self.again.retain(|vehicle, _| !done.contains(vehicle));
        self.left_at = Some(next);
        let is_all = is_all && is_judged && self.to_wake.is_empty();
        Ok(if is_all { Pass::Done } else { Pass::Some })
    }

    /// Vehicle by vehicle.
    async fn work_off(
        &mut self,
        snapshot: &mut Tx,
        of_vehicle: BTreeMap<FeatureId, Vec<Point>>,
        written: &mut Written,
    ) -> Result<()> {
        let mut begun = HashMap::new();
        let mut strange = self.strangers(&of_vehicle).into_iter();
        for (n, (vehicle, points)) in of_vehicle.into_iter().enumerate() {
            // Positions are waiting to be acknowledged, trips are not waited for.
            if n.is_multiple_of(IN_A_ROW) {
                yield_now().await;
            }
            if begun.is_empty() && !self.lanes.holds(vehicle) {
                let some: Vec<_> = strange.by_ref().take(AT_ONCE).collect();
                begun = begin(snapshot, &some).await?;
            }
            let gone = match begun.remove(&vehicle) {
                Some(begun) => {
                    let (mut lane, void_after_ms, mut came) =
                        self.resume(snapshot, vehicle, begun).await?;
                    if self.to_wake.contains(&vehicle) {
                        // What a tick had found before is void and found again at once.
                        lane.tick(now_ms(), &self.settings.of(vehicle), &mut came);
                    }
                    Some((lane, void_after_ms, came))
                }
                None => self.go(snapshot, vehicle, points).await?,
            };
            if let Some((lane, void_after_ms, came)) = gone {
                written.take(vehicle, void_after_ms, came);
                self.lanes.put(vehicle, lane);
            }
        }
        Ok(())
    }

    /// Goes on by a vehicle's new positions, or again from the checkpoint before the first late one or
    /// before what is to be judged again. `None` when nothing is known of it and all came later than their time had gone
    /// to the archive: what became certain by positions that have gone is never void.
    async fn go(
        &mut self,
        snapshot: &mut Tx,
        vehicle: FeatureId,
        mut points: Vec<Point>,
    ) -> Result<Option<Gone>> {
        points.sort_by_key(|p| p.fix_ms);
        let again_ms = self.again.get(&vehicle).copied();
        let first_ms = first_to_judge(&points, again_ms, i64::MIN).unwrap_or(i64::MAX);
        self.settings.reach(snapshot, vehicle, first_ms).await?;
        let is_apart = points.is_sorted_by(|a, b| a.fix_ms < b.fix_ms);
        let mut held = self.lanes.take(vehicle);
        if let Some(lane) = &mut held
            && is_apart
            && again_ms.is_none()
            && lane.fed_ms().is_none_or(|fed_ms| fed_ms < first_ms)
        {
            let mut came = Came::default();
            self.feed(lane, vehicle, &points, &mut came);
            return Ok(held.map(|lane| (lane, None, came)));
        }
        let gone_ms = queries::archived_until(snapshot, &[vehicle.0]).await?;
        let gone_ms = gone_ms.get(&vehicle).copied().unwrap_or(i64::MIN);
        let Some(first_ms) = first_to_judge(&points, again_ms, gone_ms) else {
            return Ok(held.map(|lane| (lane, None, Came::default())));
        };
        let checkpoint = queries::checkpoint_before(snapshot, vehicle, first_ms).await?;
        let (from_ms, lane) = checkpoint.unwrap_or((i64::MIN, Lane::default()));
        let page = FirstPage::default();
        let begun = Begun { first_ms, from_ms: from_ms.max(gone_ms), lane, page };
        self.resume(snapshot, vehicle, begun).await.map(Some)
    }

    /// Goes on from a checkpoint by all positions after it.
    async fn resume(
        &mut self,
        snapshot: &mut Tx,
        vehicle: FeatureId,
        begun: Begun,
    ) -> Result<Gone> {
        let Begun { first_ms, from_ms, mut lane, page } = begun;
        self.settings.reach(snapshot, vehicle, first_ms).await?;
        let (mut came, mut after_ms) = (Came::default(), from_ms);
        let FirstPage { points: mut page, is_all } = page;
        loop {
            if let Some(last) = page.last() {
                after_ms = last.fix_ms;
                self.feed(&mut lane, vehicle, &page, &mut came);
            }
            if is_all {
                break;
            }
            page = queries::positions_after(snapshot, vehicle, after_ms).await?;
            if page.is_empty() {
                break;
            }
        }
        Ok((lane, Some(from_ms), came))
    }

    /// The vehicles of which nothing is remembered, in their order.
    fn strangers(&self, of_vehicle: &BTreeMap<FeatureId, Vec<Point>>) -> Vec<Stranger> {
        let strange = of_vehicle.iter().filter(|(vehicle, _)| !self.lanes.holds(**vehicle));
        // One that only wakes goes on from its newest checkpoint.
        let woken_ms = |vehicle| self.to_wake.contains(vehicle).then(now_ms);
        strange
            .map(|(vehicle, points)| Stranger {
                vehicle: *vehicle,
                points: points.clone(),
                again_ms: self.again.get(vehicle).copied().or_else(|| woken_ms(vehicle)),
            })
            .collect()
    }

    fn feed(&self, lane: &mut Lane, vehicle: FeatureId, points: &[Point], came: &mut Came) {
        let setting = self.settings.of(vehicle);
        self.counters.steps.time(Step::Judge, || lane.feed(points, &self.rules, &setting, came));
    }

    /// Now and then, some vehicles a pass: who has fallen silent.
    fn tick(&mut self, written: &mut Written) {
        if self.tick_from.is_none() && self.ticked_at.elapsed() >= TICK_EVERY {
            self.ticked_at = Instant::now();
            self.tick_from = Some(FeatureId(i64::MIN));
        }
        if let Some(from) = self.tick_from {
            let came_to = |vehicle, came| written.take(vehicle, None, came);
            self.tick_from = self.lanes.tick(from, TICK_AT_ONCE, now_ms(), &self.settings, came_to);
        }
    }
}

fn now_ms() -> i64 {
    epoch_ms(OffsetDateTime::now_utc())
}

/// The first moment that is to be judged, of positions and of what is to be judged again, after what went to the archive.
fn first_to_judge(points: &[Point], again_ms: Option<i64>, gone_ms: i64) -> Option<i64> {
    let stays_ms = points.iter().map(|p| p.fix_ms).filter(|ms| *ms > gone_ms).min();
    let again_ms = again_ms.map(|ms| ms.max(gone_ms.saturating_add(1)));
    stays_ms.into_iter().chain(again_ms).min()
}

/// Of many vehicles, in three questions: what went to the archive, each one's last checkpoint before what is to be judged,
/// and the first positions after that. Those of which nothing is to be judged are not in the answer.
async fn begin(snapshot: &mut Tx, some: &[Stranger]) -> Result<HashMap<FeatureId, Begun>> {
    let ids: Vec<i64> = some.iter().map(|stranger| stranger.vehicle.0).collect();
    let gone = queries::archived_until(snapshot, &ids).await?;
    let gone_ms = |vehicle| gone.get(&vehicle).copied().unwrap_or(i64::MIN);
    let asked: Vec<(FeatureId, i64)> = some
        .iter()
        .filter_map(|Stranger { vehicle, points, again_ms }| {
            Some((*vehicle, first_to_judge(points, *again_ms, gone_ms(*vehicle))?))
        })
        .collect();
    let mut lanes = queries::checkpoints_before(snapshot, &asked).await?;
    let begun: Vec<(FeatureId, i64, i64, Lane)> = asked
        .into_iter()
        .map(|(vehicle, first_ms)| {
            let (from_ms, lane) = lanes.remove(&vehicle).unwrap_or((i64::MIN, Lane::default()));
            (vehicle, first_ms, from_ms.max(gone_ms(vehicle)), lane)
        })
        .collect();
    let from: Vec<_> = begun.iter().map(|(vehicle, _, from_ms, _)| (*vehicle, *from_ms)).collect();
    let mut pages = queries::first_positions(snapshot, &from).await?;
    let with_page = |(vehicle, first_ms, from_ms, lane)| {
        let nothing = FirstPage { points: Vec::new(), is_all: true };
        let page = pages.remove(&vehicle).unwrap_or(nothing);
        (vehicle, Begun { first_ms, from_ms, lane, page })
    };
    Ok(begun.into_iter().map(with_page).collect())
}
