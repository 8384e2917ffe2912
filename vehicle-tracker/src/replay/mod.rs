//! Publishes a recorded trace as its terminals would have: in arrays, QoS 1, through a real broker.

mod trace;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gis_data::Store;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::mpsc;
use tokio::task::JoinError;

use crate::broker::BrokerUrl;
use crate::error::{Result, TrackerError};
use crate::publisher::{Delivery, Publisher, Receipt};
use crate::topic::{Channel, TerminalId, Topic};
use crate::vehicles::{Registration, register};

use trace::Point;

/// Positions in one message at full speed.
const MESSAGE_POSITIONS: usize = 500;
const WINDOW: u16 = 64;
const PATIENCE: Duration = Duration::from_mins(1);
/// A recording's longer pauses are passed over in this time.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How fast a trace is published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// As fast as it is acknowledged.
    Max,
    /// This many times as fast as it was recorded.
    Realtime(f64),
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        let factor = text.strip_suffix('x').unwrap_or(text).parse::<f64>().ok();
        factor
            .filter(|f| f.is_finite() && *f > 0.0)
            .map(Self::Realtime)
            .ok_or_else(|| format!("{text:?} is neither \"max\" nor a number above 0"))
    }
}

/// What to replay, and where to.
#[derive(Debug, Clone)]
pub struct ReplayOptions {
    /// GeoLife CSV (`lat,lng,datetime,uid`, plain or gzip) or GPX.
    pub path: PathBuf,
    /// `mqtt://host:port`.
    pub broker_url: String,
    /// How fast.
    pub speed: Speed,
}

/// What has been published and acknowledged so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Positions read from the file.
    pub read: usize,
    /// Positions that the broker has acknowledged.
    pub acknowledged: usize,
}

/// What a replay did.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayReport {
    /// Positions published, each acknowledged.
    pub positions: usize,
    /// Messages they were in.
    pub messages: usize,
    /// Terminals they came from.
    pub terminals: usize,
    /// From first to last.
    pub took: Duration,
}

impl fmt::Display for ReplayReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { positions, messages, terminals, took } = self;
        let took_s = took.as_secs_f64();
        write!(
            f,
            "{positions} positions of {terminals} terminals in {messages} messages, all acknowledged, in {took_s:.1} s"
        )
    }
}

/// Registers a vehicle for each terminal of the trace, publishes every position and returns when the
/// last is acknowledged. Where the trace breaks off, what stands before the fault is published.
pub async fn run(
    store: &Store,
    options: &ReplayOptions,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ReplayReport> {
    let started = Instant::now();
    let publisher = Publisher {
        broker: options.broker_url.parse::<BrokerUrl>()?,
        client_id: format!("onemap-replay-{}", uuid::Uuid::new_v4().simple()),
        window: WINDOW,
        patience: PATIENCE,
    };
    let (points, read) = mpsc::channel(4 * MESSAGE_POSITIONS);
    let path = options.path.clone();
    let reading = tokio::task::spawn_blocking(move || {
        trace::read(&path, &mut |point| points.blocking_send(point).is_ok())
    });
    let (queue, source) = mpsc::channel(usize::from(WINDOW));
    let (told, mut acknowledgements) = mpsc::unbounded_channel();
    let publishing = tokio::spawn(publisher.run(source, move |delivery| {
        // Nobody listens any more when the replay has failed elsewhere.
        let _ = told.send(delivery.positions);
    }));

    let read_count = &AtomicUsize::new(0);
    let packer =
        Packer { store, speed: options.speed, queue, parcels: BTreeMap::new(), last_time: None };
    let feeding = async move {
        // Owned in here, so that their end, good or bad, ends reader and publisher.
        let (mut read, mut packer) = (read, packer);
        while let Some(point) = read.recv().await {
            read_count.fetch_add(1, Relaxed);
            packer.take(point).await?;
        }
        packer.flush().await?;
        Ok::<usize, TrackerError>(packer.parcels.len())
    };
    let (mut positions, mut messages) = (0, 0);
    let listening = async {
        while let Some(count) = acknowledgements.recv().await {
            positions += count;
            messages += 1;
            progress(Progress { read: read_count.load(Relaxed), acknowledged: positions });
        }
    };
    let (fed, ()) = tokio::join!(feeding, listening);
    joined(publishing.await)?;
    joined(reading.await)?;
    Ok(ReplayReport { positions, messages, terminals: fed?, took: started.elapsed() })
}

fn joined(ended: Result<Result<()>, JoinError>) -> Result<()> {
    match ended {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Gathers points by terminal into messages.
struct Packer<'a> {
    store: &'a Store,
    speed: Speed,
    queue: mpsc::Sender<Delivery>,
    parcels: BTreeMap<TerminalId, Vec<Value>>,
    last_time: Option<OffsetDateTime>,
}

impl Packer<'_> {
    async fn take(&mut self, point: Point) -> Result<()> {
        if !self.parcels.contains_key(&point.terminal) {
            self.enter(&point.terminal).await?;
        }
        self.keep_pace(point.fix_time).await;
        let terminal = point.terminal.clone();
        let parcel = self.parcels.entry(terminal.clone()).or_default();
        parcel.push(point.into_json());
        if parcel.len() >= MESSAGE_POSITIONS || matches!(self.speed, Speed::Realtime(_)) {
            self.send(&terminal).await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        let terminals: Vec<TerminalId> = self.parcels.keys().cloned().collect();
        for terminal in terminals {
            self.send(&terminal).await?;
        }
        Ok(())
    }

    async fn enter(&mut self, terminal: &TerminalId) -> Result<()> {
        let vehicle = Registration {
            terminal: terminal.clone(),
            plate: format!("回放 {terminal}"),
            name: format!("轨迹回放 {terminal}"),
            vehicle_type: "轨迹回放".to_owned(),
            org: None,
        };
        register(self.store, &[vehicle]).await?;
        self.parcels.insert(terminal.clone(), Vec::new());
        Ok(())
    }

    async fn keep_pace(&mut self, fix_time: OffsetDateTime) {
        let before = self.last_time.replace(fix_time);
        if let (Speed::Realtime(factor), Some(before)) = (self.speed, before) {
            let recorded = Duration::try_from(fix_time - before).unwrap_or_default();
            let wanted = Duration::try_from_secs_f64(recorded.as_secs_f64() / factor);
            tokio::time::sleep(wanted.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)).await;
        }
    }

    async fn send(&mut self, terminal: &TerminalId) -> Result<()> {
        let values = self.parcels.get_mut(terminal).map(std::mem::take).unwrap_or_default();
        if values.is_empty() {
            return Ok(());
        }
        let topic = Topic::of(terminal.clone(), Channel::Position).to_string();
        let positions = values.len();
        let payload = Bytes::from(Value::from(values).to_string());
        // A publisher that has ended tells why at its own end.
        let receipt = Receipt::default();
        let _ = self.queue.send(Delivery { topic, payload, positions, receipt }).await;
        Ok(())
    }
}

impl Point {
    fn into_json(self) -> Value {
        json!({
            "t": self.fix_time.format(&Rfc3339).unwrap_or_default(),
            "lon": self.lon, "lat": self.lat, "speed_kmh": self.speed_kmh,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_text_is_a_speed_only_when_time_goes_forward(
            text in prop_oneof![
                noise::text(12), "[-+]?[0-9]{0,4}[.]?[0-9]{0,3}(e[-+]?[0-9]{1,3})?x{0,2}",
                "max|-?inf|nanx?|infinity|0x|-0", any::<f64>().prop_map(|f| format!("{f}x")),
            ]
        ) {
            match text.parse::<Speed>() {
                Ok(Speed::Realtime(factor)) => {
                    prop_assert!(factor.is_finite() && factor > 0.0, "{text:?}");
                    prop_assert_eq!(format!("{factor}x").parse(), Ok(Speed::Realtime(factor)));
                }
                Ok(Speed::Max) => prop_assert_eq!(text, "max"),
                Err(told) => prop_assert!(told.contains("neither")),
            }
        }
    }
}
