//! Many who drag the map at once, for a while, with edits going on: nothing fails, and the memory stays as it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::asking::{Server, percentile};
use crate::edits;
use crate::servers::ours;
use crate::support::TestApp;
use crate::table::{Address, fill, import, side, tiles_at};

const CONNECTIONS: usize = 16;

/// What the requests so far came to.
#[derive(Default)]
struct Counted {
    asked: AtomicUsize,
    failed: AtomicUsize,
}

pub(crate) async fn measure(mut app: TestApp) {
    let minutes: u64 = std::env::var("ONEMAP_BENCH_MINUTES").map_or(10, |n| n.parse().unwrap());
    let mut psql = app.database.psql().await;
    import(&app);
    let rows = fill(&mut psql, side(), side()).await;
    app.restart().await;
    app.wait_until_ready().await;
    let person = app.sign_in("county").await;
    let server = ours(&app, &person);
    let places = tiles_at(&mut psql, 13, 2_000, &mut StdRng::seed_from_u64(13)).await;
    let (done, counted) = (Arc::new(AtomicBool::new(false)), Arc::new(Counted::default()));
    let editing = tokio::spawn(edits::edit(app.database.psql().await, rows, Arc::clone(&done)));
    let panning: Vec<_> = (0..CONNECTIONS)
        .map(|n| {
            let (server, places) = (server.clone(), places.clone());
            tokio::spawn(pan(server, places, n as u64, Arc::clone(&done), Arc::clone(&counted)))
        })
        .collect();
    println!("{CONNECTIONS} connections pan for {minutes} minutes among 1,000 edits a second");
    println!("{:>6} {:>9} {:>7} {:>8}", "minute", "requests", "failed", "MB");
    let started = Instant::now();
    for minute in 1..=minutes {
        tokio::time::sleep_until((started + Duration::from_secs(60 * minute)).into()).await;
        println!(
            "{minute:>6} {:>9} {:>7} {:>8}",
            counted.asked.load(Ordering::Relaxed),
            counted.failed.load(Ordering::Relaxed),
            app.resident_mb()
        );
    }
    done.store(true, Ordering::Relaxed);
    let mut ms = Vec::new();
    for one in panning {
        ms.extend(one.await.unwrap());
    }
    println!(
        "{} edits; a view of 6 tiles took p50 {:.1} ms, p99 {:.1} ms",
        editing.await.unwrap(),
        percentile(&ms, 0.5),
        percentile(&ms, 0.99)
    );
    app.end().await;
}

/// Somebody who drags the map about and zooms, and looks at each view for a moment.
async fn pan(
    server: Server,
    places: Vec<Address>,
    seed: u64,
    done: Arc<AtomicBool>,
    counted: Arc<Counted>,
) -> Vec<f64> {
    let (mut random, mut ms) = (StdRng::seed_from_u64(seed), Vec::new());
    while !done.load(Ordering::Relaxed) {
        let (_, x, y) = *places.choose(&mut random).unwrap();
        let z: u8 = random.random_range(9..=17);
        let scaled = |v: i32| if z < 13 { v >> (13 - z) } else { v << (z - 13) };
        let (mut x, mut y) = (scaled(x), scaled(y));
        for _drag in 0..8 {
            let asked = Instant::now();
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)] {
                let url = format!("{}/{z}/{}/{}", server.base, x + dx, y + dy);
                let answer = server.client.get(&url).header("accept-encoding", "zstd").send().await;
                let is_good = match answer {
                    Ok(response) => {
                        response.status().is_success() && response.bytes().await.is_ok()
                    }
                    Err(_) => false,
                };
                counted.asked.fetch_add(1, Ordering::Relaxed);
                counted.failed.fetch_add(usize::from(!is_good), Ordering::Relaxed);
            }
            ms.push(asked.elapsed().as_secs_f64() * 1_000.0);
            x += random.random_range(-1..=1);
            y += random.random_range(-1..=1);
            tokio::time::sleep(Duration::from_millis(random.random_range(20..120))).await;
        }
    }
    ms
}
