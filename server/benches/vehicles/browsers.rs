//! Browsers that watch a part of the map, and note how old a position is when it reaches them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures::{SinkExt as _, StreamExt as _};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::header::HeaderValue;
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

/// A binary frame of the live stream as far as it is looked at.
struct Frame {
    is_snapshot: bool,
    /// Handles and fix times.
    vehicles: Vec<(u32, i64)>,
}

impl Frame {
    fn read(bytes: &[u8]) -> Self {
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        let at_ms = f64::from_le_bytes(bytes[8..16].try_into().unwrap()) as i64;
        let count = (number(20) + number(24)) as usize;
        // The lower half of the fix time, which is near the clock's.
        let fix_ms = |low: u32| at_ms + i64::from(low.wrapping_sub(at_ms as u32).cast_signed());
        let row = |row: usize| (number(32 + row * 20), fix_ms(number(32 + row * 20 + 12)));
        Self { is_snapshot: bytes[0] == 1, vehicles: (0..count).map(row).collect() }
    }
}

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
            let view = json!({"subscribe":
                {"bbox": bbox, "zoom": 12.0, "layers": ["vehicles"], "format": "binary"}});
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
    let mut newest: HashMap<u32, i64> = HashMap::new();
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
        let bytes = match message {
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(_)) => continue,
            Some(Err(_)) | None => panic!("the live stream ended"),
        };
        let arrived_ms = now_ms();
        let frame = Frame::read(&bytes);
        let Watching::From(began_ms) = *watching.borrow() else { continue };
        seen.frames += 1;
        seen.bytes += bytes.len() as u64;
        for (handle, fix_ms) in frame.vehicles {
            let before = newest.insert(handle, fix_ms);
            // A snapshot tells what is old; a vehicle that only comes into view or falls silent is no news either.
            let is_news = fix_ms >= began_ms && before.is_none_or(|before| before < fix_ms);
            if is_news && !frame.is_snapshot {
                seen.ages_ms.push(arrived_ms - fix_ms as f64);
            }
        }
    }
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1e3
}
