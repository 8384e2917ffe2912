//! Terminals with troubles against a real broker and a real database, and their ledgers at the end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gis_data::demo::City;
use gis_data::{Store, Viewer};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::drive::Driver;
use super::ledger::{LEDGER_LIMIT, Ledger};
use super::queries::{self, Beginning};
use super::reconcile::{Rejections, reconcile};
use super::report::LedgerReport;
use super::trouble::{TroubleCounts, Troubles};
use super::troubled::Troubled;
use super::wire::Said;
use super::{CONNECTIONS, MEMORY, SimulateOptions, checked_rate, drivers, publisher};
use crate::broker::BrokerUrl;
use crate::error::Result;
use crate::fix::epoch_ms;
use crate::publisher::{Delivery, Receipt};
use crate::topic::{TerminalId, Topic};

/// After the end, how long outstanding acknowledgements are waited for.
const FINISH_LIMIT: Duration = Duration::from_secs(30);
/// Rejections read at one time.
const PAGE: i64 = 1_000;
/// Positions with times around those of a ledger are looked at for what no ledger knows.
const AROUND: time::Duration = time::Duration::hours(1);

/// A run that is over, with the ledgers of its terminals.
#[derive(Debug)]
pub struct Trial {
    seed: u64,
    began: Beginning,
    took: Duration,
    books: Arc<Books>,
    ended: Ended,
}

/// Every terminal and its ledger, in the same order.
#[derive(Debug)]
struct Books {
    terminals: Vec<TerminalId>,
    ledgers: Vec<Mutex<Ledger>>,
    /// Sendings in all ledgers.
    filled: AtomicUsize,
    is_full: AtomicBool,
}

/// A terminal on the road.
struct Unit {
    /// Its place in the books.
    number: usize,
    driver: Driver,
    terminal: Troubled,
}

/// What terminals have to say of themselves at the end.
#[derive(Debug, Default)]
struct Ended {
    jt808_terminals: usize,
    kept: usize,
    forgotten: u64,
    troubles: TroubleCounts,
}

/// Drives terminals with troubles until told to stop, or until the ledgers are full, and waits up to half a minute for
/// what is not acknowledged yet. Nobody else may speak for these terminals meanwhile.
pub async fn run(
    options: SimulateOptions,
    troubles: Troubles,
    store: &Store,
    city: &City,
    stop: CancellationToken,
) -> Result<Trial> {
    troubles.check()?;
    let period = checked_rate(options.rate_hz)?;
    let broker: BrokerUrl = options.broker_url.parse()?;
    let units = units(city, &options, troubles, period)?;
    let (terminals, units): (Vec<TerminalId>, Vec<Unit>) = units.into_iter().unzip();
    let books = Arc::new(Books::of(terminals));
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let began = queries::beginning(&mut tx).await?;
    drop(tx);

    let started = Instant::now();
    let over = stop.child_token();
    let mut groups: Vec<Vec<Unit>> = Vec::new();
    groups.resize_with(units.len().min(CONNECTIONS), Vec::new);
    for unit in units {
        groups[unit.number % CONNECTIONS].push(unit);
    }
    let (mut driving, mut publishing) = (JoinSet::new(), JoinSet::new());
    let run_id = uuid::Uuid::new_v4().simple().to_string();
    for (index, group) in groups.into_iter().enumerate() {
        let (queue, source) = mpsc::channel(MEMORY);
        let acknowledging = Arc::clone(&books);
        publishing.spawn(publisher(&broker, &run_id, index).run(source, move |delivery| {
            acknowledging.acknowledge(delivery.receipt);
        }));
        let seed = options.seed.wrapping_add(index as u64);
        driving.spawn(drive(group, period, seed, queue, Arc::clone(&books), over.clone()));
    }
    let mut ended = Ended::default();
    while let Some(units) = driving.join_next().await {
        units.unwrap_or_default().iter().for_each(|unit| ended.add(&unit.terminal));
    }
    let took = started.elapsed();
    let finished = async { while publishing.join_next().await.is_some() {} };
    if tokio::time::timeout(FINISH_LIMIT, finished).await.is_err() {
        tracing::warn!("the simulation ends with positions unacknowledged");
    }
    publishing.shutdown().await;
    Ok(Trial { seed: options.seed, began, took, books, ended })
}

impl Trial {
    /// Reads what is on file of its terminals, with the rights of the program, and compares.
    pub async fn compare(&self, store: &Store) -> Result<LedgerReport> {
        let mut report = LedgerReport {
            seed: self.seed,
            terminals: self.books.terminals.len(),
            jt808_terminals: self.ended.jt808_terminals,
            seconds: self.took.as_secs_f64(),
            kept: self.ended.kept,
            forgotten: self.ended.forgotten,
            troubles: self.ended.troubles,
            is_full: self.books.is_full.load(Relaxed),
            ..LedgerReport::default()
        };
        let mut tx = store.as_viewer(&Viewer::program()).await?;
        let names: Vec<&str> = self.books.terminals.iter().map(TerminalId::as_str).collect();
        let vehicles: BTreeMap<_, _> =
            queries::vehicles(&mut tx, &names).await?.into_iter().collect();
        let mut rejections: BTreeMap<String, Rejections> = BTreeMap::new();
        let mut after = self.began.reject_id;
        loop {
            let page = queries::rejected(&mut tx, &names, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.reject_id;
            for row in page {
                rejections.entry(row.terminal_id.clone()).or_default().add(row);
            }
        }
        for (number, name) in names.into_iter().enumerate() {
            let span = self.books.ledger(number).and_then(|ledger| ledger.span());
            let rows = match (vehicles.get(name), span) {
                (Some(vehicle), Some((first, last))) => {
                    queries::stored(&mut tx, *vehicle, (first - AROUND, last + AROUND)).await?
                }
                _ => Vec::new(),
            };
            let rejections = rejections.remove(name).unwrap_or_default();
            if let Some(ledger) = self.books.ledger(number) {
                reconcile(&mut report, name, &ledger, &rows, rejections, self.began.at);
            }
        }
        Ok(report)
    }
}

impl Books {
    fn of(terminals: Vec<TerminalId>) -> Self {
        let ledgers = terminals.iter().map(|_| Mutex::default()).collect();
        Self { terminals, ledgers, filled: AtomicUsize::new(0), is_full: AtomicBool::new(false) }
    }

    fn ledger(&self, number: usize) -> Option<MutexGuard<'_, Ledger>> {
        self.ledgers.get(number).map(|l| l.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Enters a message; `None` when there is no room for it.
    fn hand_over(&self, number: usize, said: &Said) -> Option<Receipt> {
        let filled = self.filled.fetch_add(said.sendings.len(), Relaxed) + said.sendings.len();
        if filled > LEDGER_LIMIT {
            self.is_full.store(true, Relaxed);
            return None;
        }
        let mut ledger = self.ledger(number)?;
        let page = ledger.hand_over(&said.payload, &said.sendings, OffsetDateTime::now_utc());
        Some(Receipt { terminal: number, page })
    }

    fn acknowledge(&self, receipt: Receipt) {
        if let Some(mut ledger) = self.ledger(receipt.terminal) {
            ledger.acknowledge(receipt.page, OffsetDateTime::now_utc());
        }
    }
}

impl Ended {
    fn add(&mut self, terminal: &Troubled) {
        self.jt808_terminals += usize::from(terminal.speaks_jt808());
        self.kept += terminal.kept();
        self.forgotten += terminal.forgotten();
        self.troubles.add(terminal.counts());
    }
}

/// The city's vehicles in its order, each with troubles of its own.
fn units(
    city: &City,
    options: &SimulateOptions,
    troubles: Troubles,
    period: Duration,
) -> Result<Vec<(TerminalId, Unit)>> {
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed.wrapping_add(1));
    let drivers = drivers(city, options.vehicles, options.seed)?;
    let units = (0..).zip(drivers).map(|(number, (name, driver))| {
        let phone = u32::try_from(number + 1).unwrap_or(u32::MAX);
        let terminal = Troubled::new(troubles, period.as_secs_f64(), phone, rng.random());
        (name, Unit { number, driver, terminal })
    });
    Ok(units.collect())
}

/// Answers the terminals as they are at the end.
async fn drive(
    mut units: Vec<Unit>,
    period: Duration,
    seed: u64,
    queue: mpsc::Sender<Delivery>,
    books: Arc<Books>,
    over: CancellationToken,
) -> Vec<Unit> {
    // Connections are not in step with each other.
    let phase = period.mul_f64(ChaCha8Rng::seed_from_u64(seed).random_range(0.0..1.0));
    let mut ticks = interval_at(tokio::time::Instant::now() + phase, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut last = Instant::now();
    loop {
        tokio::select! {
            () = over.cancelled() => return units,
            _ = ticks.tick() => {}
        }
        let elapsed_s = last.elapsed().as_secs_f64();
        last = Instant::now();
        for unit in &mut units {
            let motion = unit.driver.advance(elapsed_s);
            for said in unit.terminal.tick(epoch_ms(OffsetDateTime::now_utc()), &motion) {
                let place = tokio::select! {
                    () = over.cancelled() => return units,
                    place = queue.reserve() => place,
                };
                let Ok(place) = place else { return units };
                let Some(receipt) = books.hand_over(unit.number, &said) else {
                    over.cancel();
                    return units;
                };
                let Some(terminal) = books.terminals.get(unit.number) else { return units };
                let topic = Topic::of(terminal.clone(), said.channel).to_string();
                let positions = said.sendings.len();
                place.send(Delivery { topic, payload: said.payload, positions, receipt });
            }
        }
    }
}
