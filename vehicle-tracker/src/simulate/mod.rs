//! Vehicles that drive through a city and tell of it as real terminals do: a connection each, QoS 1.
//!
//! [`run`] has them tell it plainly. [`trial`] gives them the troubles of the field and a ledger each of what was
//! acknowledged, which is compared with the database at the end.

mod clock;
mod drive;
mod ledger;
mod queries;
mod reconcile;
mod report;
mod trial;
mod trouble;
mod troubled;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gis_data::demo::City;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::broker::BrokerUrl;
use crate::error::{Result, TrackerError};
use crate::publisher::{Delivery, Publisher, Receipt};
use crate::topic::{Channel, TerminalId, Topic};

use drive::{Driver, Motion};

pub use report::{Finding, Findings, LedgerReport, Rejections};
pub use trial::{Trial, run as trial};
pub use trouble::{TroubleCounts, Troubles};

/// Beyond this many, vehicles share connections.
const CONNECTIONS: usize = 200;
const WINDOW: u16 = 16;
/// What a terminal remembers while its broker is away, in publishes.
const MEMORY: usize = 600;
/// After the end, how long the last acknowledgements are waited for.
const FINISH_LIMIT: Duration = Duration::from_secs(5);

/// What to simulate, and where to.
#[derive(Debug, Clone)]
pub struct SimulateOptions {
    /// `mqtt://host:port`.
    pub broker_url: String,
    /// How many of the city's vehicles drive.
    pub vehicles: usize,
    /// Positions a second, of each.
    pub rate_hz: f64,
    /// The same seed drives the same ways.
    pub seed: u64,
}

/// What a simulation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulationReport {
    /// Vehicles that drove.
    pub vehicles: usize,
    /// Positions handed to a broker.
    pub sent: u64,
    /// Positions a broker has acknowledged.
    pub acknowledged: u64,
}

struct Terminal {
    topic: String,
    driver: Driver,
    serial: u64,
}

/// Drives until told to stop; a broker that goes away is waited for.
pub async fn run(
    options: SimulateOptions,
    city: &City,
    stop: CancellationToken,
) -> Result<SimulationReport> {
    let period = checked_rate(options.rate_hz)?;
    let broker: BrokerUrl = options.broker_url.parse()?;
    let terminals = terminals(city, options.vehicles, options.seed)?;
    let vehicles = terminals.len();
    let (sent, acknowledged) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut groups: Vec<Vec<Terminal>> = Vec::new();
    groups.resize_with(vehicles.min(CONNECTIONS), Vec::new);
    for (index, terminal) in terminals.into_iter().enumerate() {
        groups[index % CONNECTIONS].push(terminal);
    }
    let mut tasks = JoinSet::new();
    let mut publishing = JoinSet::new();
    let run_id = uuid::Uuid::new_v4().simple().to_string();
    for (index, group) in groups.into_iter().enumerate() {
        let (queue, source) = mpsc::channel(MEMORY);
        let acknowledged = Arc::clone(&acknowledged);
        publishing.spawn(publisher(&broker, &run_id, index).run(source, move |delivery| {
            acknowledged.fetch_add(delivery.positions as u64, Relaxed);
        }));
        tasks.spawn(drive(group, period, queue, Arc::clone(&sent), stop.clone()));
    }
    while tasks.join_next().await.is_some() {}
    let finished = async { while publishing.join_next().await.is_some() {} };
    if tokio::time::timeout(FINISH_LIMIT, finished).await.is_err() {
        tracing::warn!("the simulation ends with positions unacknowledged");
    }
    Ok(SimulationReport {
        vehicles,
        sent: sent.load(Relaxed),
        acknowledged: acknowledged.load(Relaxed),
    })
}

/// The time between two positions.
fn checked_rate(rate_hz: f64) -> Result<Duration> {
    if rate_hz.is_finite() && rate_hz > 0.0 && rate_hz <= 100.0 {
        return Ok(Duration::from_secs_f64(1.0 / rate_hz));
    }
    let reason = format!("the rate is {rate_hz} Hz, it must be above 0 and at most 100");
    Err(TrackerError::Simulate { reason })
}

/// One connection of a run.
fn publisher(broker: &BrokerUrl, run_id: &str, index: usize) -> Publisher {
    Publisher {
        broker: broker.clone(),
        client_id: format!("onemap-simulate-{run_id}-{index}"),
        window: WINDOW,
        patience: Duration::MAX,
    }
}

fn terminals(city: &City, vehicles: usize, seed: u64) -> Result<Vec<Terminal>> {
    let drivers = drivers(city, vehicles, seed)?.into_iter();
    Ok(drivers
        .map(|(terminal, driver)| Terminal {
            topic: Topic::of(terminal, Channel::Position).to_string(),
            driver,
            serial: 0,
        })
        .collect())
}

/// The city's first vehicles, where they are parked.
fn drivers(city: &City, vehicles: usize, seed: u64) -> Result<Vec<(TerminalId, Driver)>> {
    let graph = Arc::new(city.road_graph.clone());
    if graph.edges.is_empty() || city.vehicles.is_empty() {
        let reason = "the city has no roads or no vehicles".to_owned();
        return Err(TrackerError::Simulate { reason });
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let driving = city.vehicles.iter().take(vehicles);
    driving
        .map(|vehicle| {
            let terminal = TerminalId::new_checked(&vehicle.terminal_id).ok_or_else(|| {
                TrackerError::Simulate {
                    reason: format!("{:?} cannot name a terminal", vehicle.terminal_id),
                }
            })?;
            let own = ChaCha8Rng::seed_from_u64(rng.random());
            Ok((terminal, Driver::new(Arc::clone(&graph), vehicle.home_node, own)))
        })
        .collect()
}

async fn drive(
    mut terminals: Vec<Terminal>,
    period: Duration,
    queue: mpsc::Sender<Delivery>,
    sent: Arc<AtomicU64>,
    stop: CancellationToken,
) {
    // Terminals are not in step with each other.
    let phase = period.mul_f64(ChaCha8Rng::from_os_rng().random_range(0.0..1.0));
    let mut ticks = interval_at(tokio::time::Instant::now() + phase, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut last = Instant::now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let elapsed_s = last.elapsed().as_secs_f64();
        last = Instant::now();
        for terminal in &mut terminals {
            let motion = terminal.driver.advance(elapsed_s);
            terminal.serial += 1;
            let delivery = Delivery {
                topic: terminal.topic.clone(),
                payload: payload(&motion, terminal.serial),
                positions: 1,
                receipt: Receipt::default(),
            };
            tokio::select! {
                () = stop.cancelled() => return,
                handed = queue.send(delivery) => match handed {
                    Ok(()) => sent.fetch_add(1, Relaxed),
                    Err(_) => return,
                },
            };
        }
    }
}

fn payload(motion: &Motion, serial: u64) -> Bytes {
    let round = |value: f64, factor: f64| (value * factor).round() / factor;
    let now_ms = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
    let value = json!({
        "t": i64::try_from(now_ms).unwrap_or_default(),
        "lon": round(motion.lon, 1e7),
        "lat": round(motion.lat, 1e7),
        "speed_kmh": round(motion.speed_kmh, 10.0),
        "heading": round(motion.heading_deg, 10.0).rem_euclid(360.0),
        "acc": 5,
        "serial": serial,
    });
    Bytes::from(value.to_string())
}
