//! Questions over HTTP, and how long the answers took.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use fast_mvt::MvtReaderRef;

use crate::table::Address;

/// A server that has tiles, and what it has to be told.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) client: reqwest::Client,
    /// Up to the zoom of an address.
    pub(crate) base: String,
}

/// Answers of one server to one list of tiles.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) ms: Vec<f64>,
    pub(crate) bytes: usize,
    pub(crate) features: usize,
}

/// How long many ask at once.
#[derive(Clone, Copy)]
pub(crate) enum Until {
    /// Each tile has been answered once.
    All,
    /// So much time has passed; the tiles are asked for again and again.
    Passed(Duration),
}

impl Measured {
    pub(crate) fn add(&mut self, more: Self) {
        self.ms.extend(more.ms);
        self.bytes += more.bytes;
        self.features += more.features;
    }

    pub(crate) fn mean(&self) -> f64 {
        self.ms.iter().sum::<f64>() / self.ms.len() as f64
    }

    pub(crate) fn percentile(&self, share: f64) -> f64 {
        percentile(&self.ms, share)
    }
}

pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let at = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[at]
}

pub(crate) fn path_of((z, x, y): Address) -> String {
    format!("{z}/{x}/{y}")
}

impl Server {
    pub(crate) async fn get(&self, tile: Address) -> Bytes {
        let url = format!("{}/{}", self.base, path_of(tile));
        let asked = self.client.get(&url).header("accept-encoding", "identity").send();
        let response = asked.await.unwrap();
        assert!(response.status().is_success(), "{url}: {}", response.status());
        response.bytes().await.unwrap()
    }

    /// Each tile after the other has been answered.
    pub(crate) async fn one_by_one(&self, tiles: &[Address]) -> (Measured, HashMap<String, Bytes>) {
        let (mut measured, mut answers) = (Measured::default(), HashMap::new());
        for tile in tiles {
            let started = Instant::now();
            let bytes = self.get(*tile).await;
            measured.ms.push(started.elapsed().as_secs_f64() * 1_000.0);
            measured.bytes += bytes.len();
            let reader = MvtReaderRef::new(&bytes).unwrap();
            measured.features += reader.layers().map(|l| l.features().count()).sum::<usize>();
            answers.insert(path_of(*tile), bytes);
        }
        (measured, answers)
    }

    /// Requests a second over so many connections, and the slowest hundredth, in milliseconds.
    pub(crate) async fn at_once(
        &self,
        tiles: &[Address],
        connections: usize,
        until: Until,
    ) -> (f64, f64) {
        let (next, tiles) = (Arc::new(AtomicUsize::new(0)), Arc::<[_]>::from(tiles));
        let started = Instant::now();
        let workers: Vec<_> = (0..connections)
            .map(|_| {
                let (next, tiles, server) = (Arc::clone(&next), Arc::clone(&tiles), self.clone());
                tokio::spawn(async move {
                    let mut ms = Vec::new();
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        let is_over = match until {
                            Until::All => n >= tiles.len(),
                            Until::Passed(time) => started.elapsed() >= time,
                        };
                        if is_over {
                            return ms;
                        }
                        let asked = Instant::now();
                        server.get(tiles[n % tiles.len()]).await;
                        ms.push(asked.elapsed().as_secs_f64() * 1_000.0);
                    }
                })
            })
            .collect();
        let mut ms = Vec::new();
        for worker in workers {
            ms.extend(worker.await.unwrap());
        }
        (ms.len() as f64 / started.elapsed().as_secs_f64(), percentile(&ms, 0.99))
    }
}
