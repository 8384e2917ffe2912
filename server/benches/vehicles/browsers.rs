//! Browsers that watch a part of the map, and note how old a position is when it reaches them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures::{SinkExt as _, StreamExt as _};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::fleet::GROUND;
use crate::ground::Onemap;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// All of them, on one thread of this process.
pub(crate) struct Browsers {
    /// What is noted: nothing yet, what was fixed from this moment on, or the end.
    watching: watch::Sender<Watching>,
    tasks: JoinSet<Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watching {
    No,
    From(i64),
    Over,
}

/// What browsers were told while they noted it.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Age of each new position when it was read. Milliseconds.
    pub(crate) ages_ms: Vec<f64>,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
}

/// A frame of the live stream as far as it is looked at.
#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    vehicles: Vec<Vehicle>,
    #[serde(default)]
    upsert: Vec<Vehicle>,
}

/// `[feature_id, lon, lat, heading_deg, speed_kmh, fix_ms, status, plate]`
type Vehicle = (i64, f64, f64, f64, f64, i64, u8, String);

impl Browsers {
    /// Signs in and opens so many streams, each on a random part of the ground with sides `part` as long.
    pub(crate) async fn open(server: &Onemap, count: usize, part: f64) -> Self {
        let (watching, watched) = watch::channel(Watching::No);
        let mut tasks = JoinSet::new();
        let mut random = StdRng::seed_from_u64(9);
        let cookie = Arc::new(server.sign_in("supervisor").await);
        let [west, south, width, height] = GROUND;
        for _ in 0..count {
            let west = west + random.random_range(0.0..=1.0 - part) * width;
            let south = south + random.random_range(0.0..=1.0 - part) * height;
            let bbox = [west, south, west + part * width, south + part * height];
            let view = json!({"subscribe": {"bbox": bbox, "zoom": 12.0, "layers": ["vehicles"]}});
            let mut socket = connect(server, &cookie).await;
            socket.send(Message::Text(view.to_string().into())).await.unwrap();
            tasks.spawn(read(socket, watched.clone()));
        }
        Self { watching, tasks }
    }

    /// From now on what is told is noted.
    pub(crate) fn note(&self) {
        self.watching.send_replace(Watching::From(now_ms() as i64));
    }

    /// Hangs up; what was noted.
    pub(crate) async fn close(self) -> Seen {
        let Self { watching, mut tasks } = self;
        watching.send_replace(Watching::Over);
        let mut all = Seen::default();
        while let Some(seen) = tasks.join_next().await {
            let seen = seen.unwrap();
            all.ages_ms.extend(seen.ages_ms);
            all.frames += seen.frames;
            all.bytes += seen.bytes;
        }
        all.ages_ms.sort_unstable_by(f64::total_cmp);
        all
    }
}

async fn connect(server: &Onemap, cookie: &str) -> Socket {
    let base = server.base();
    let mut request =
        format!("{}/api/v1/live", base.replace("http://", "ws://")).into_client_request().unwrap();
    request.headers_mut().insert("cookie", HeaderValue::from_str(cookie).unwrap());
    request.headers_mut().insert("origin", HeaderValue::from_str(&base).unwrap());
    tokio_tungstenite::connect_async(request).await.unwrap().0
}

async fn read(mut socket: Socket, mut watching: watch::Receiver<Watching>) -> Seen {
    let mut seen = Seen::default();
    let mut newest: HashMap<i64, i64> = HashMap::new();
    loop {
        let message = tokio::select! {
            message = socket.next() => message,
            changed = watching.changed() => {
                if changed.is_err() || *watching.borrow() == Watching::Over {
                    return seen;
                }
                continue;
            }
        };
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(_)) => continue,
            Some(Err(_)) | None => panic!("the live stream ended"),
        };
        let arrived_ms = now_ms();
        let frame: Frame = serde_json::from_str(&text).unwrap();
        let Watching::From(began_ms) = *watching.borrow() else { continue };
        seen.frames += 1;
        seen.bytes += text.len() as u64;
        // A snapshot tells what is old; a vehicle that only comes into view or falls silent is no news either.
        for vehicle in frame.vehicles {
            newest.insert(vehicle.0, vehicle.5);
        }
        for vehicle in frame.upsert {
            let before = newest.insert(vehicle.0, vehicle.5);
            if vehicle.5 >= began_ms && before.is_none_or(|before| before < vehicle.5) {
                seen.ages_ms.push(arrived_ms - vehicle.5 as f64);
            }
        }
    }
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1e3
}
