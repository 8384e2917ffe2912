//! How soon an edit is in a tile, and what a thousand of them a second do to those who look.

use std::f64::consts::PI;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use sqlx::{Executor as _, PgConnection};

use crate::asking::{Server, percentile};
use crate::servers::ours;
use crate::support::TestApp;
use crate::table::{Address, fill, followed, import, side, tiles_at};

const FIRST: i64 = 1_000_000_000_001;
/// Each hundredth of a second.
const EDITS_AT_ONCE: i64 = 10;
const SECONDS: u64 = 60;
/// Somebody who drags a map.
const ASKED_A_SECOND: u64 = 50;

pub(crate) async fn measure(mut app: TestApp) {
    let mut psql = app.database.psql().await;
    import(&app);
    let rows = fill(&mut psql, side(), side()).await;
    app.restart().await;
    app.wait_until_ready().await;
    let person = app.sign_in("county").await;
    let server = ours(&app, &person);
    one_edit(&server, &mut psql).await;
    println!("{} MB resident before many edits", app.resident_mb());
    let mut random = StdRng::seed_from_u64(7);
    for z in [12, 14, 16] {
        let tiles = tiles_at(&mut psql, z, 200, &mut random).await;
        let (quiet, _) = server.one_by_one(&tiles).await;
        println!(
            "z{z} in peace: p50 {:.2} ms, p99 {:.2} ms",
            quiet.percentile(0.5),
            quiet.percentile(0.99)
        );
    }
    let tiles = tiles_at(&mut psql, 14, 2_000, &mut random).await;
    let mut all = tiles;
    all.extend(tiles_at(&mut psql, 12, 500, &mut random).await);
    all.extend(tiles_at(&mut psql, 16, 2_000, &mut random).await);
    many_edits(&server, &app, rows, &all).await;
    followed().await;
    println!("{} MB resident after them", app.resident_mb());
    app.end().await;
}

/// From the commit of an edit to the first tile that shows it.
async fn one_edit(server: &Server, psql: &mut PgConnection) {
    let mut ms = Vec::new();
    for round in 0..50 {
        let floors = 100 + round;
        let place: (f64, f64) = sqlx::query_as(
            "select st_x(c), st_y(c) from bench_building, lateral (select st_centroid(geom) as c) m where feature_id = $1",
        )
        .bind(FIRST + i64::from(round) * 997)
        .fetch_one(&mut *psql)
        .await
        .unwrap();
        let tile = tile_at(15, place);
        let before = server.get(tile).await;
        sqlx::query("update bench_building set floors_above = $2 where feature_id = $1")
            .bind(FIRST + i64::from(round) * 997)
            .bind(floors)
            .execute(&mut *psql)
            .await
            .unwrap();
        let committed = Instant::now();
        while server.get(tile).await == before {
            assert!(committed.elapsed() < Duration::from_secs(5), "the edit is not seen");
        }
        ms.push(committed.elapsed().as_secs_f64() * 1_000.0);
    }
    println!(
        "an edit is in its tile {:.0} ms after its commit (p50), {:.0} at most of {} (bound 200)",
        percentile(&ms, 0.5),
        percentile(&ms, 1.0),
        ms.len()
    );
}

#[expect(clippy::cast_possible_truncation, reason = "columns and rows of tiles")]
fn tile_at(z: u8, (lon, lat): (f64, f64)) -> Address {
    let side = f64::from(1_u32 << z);
    let y = (1.0 - lat.to_radians().tan().asinh() / PI) / 2.0;
    (z, ((lon + 180.0) / 360.0 * side) as i32, (y * side) as i32)
}

async fn many_edits(server: &Server, app: &TestApp, rows: i64, tiles: &[Address]) {
    let done = Arc::new(AtomicBool::new(false));
    let edits = tokio::spawn(edit(app.database.psql().await, rows, Arc::clone(&done)));
    let mut random = StdRng::seed_from_u64(8);
    let (started, mut ms) = (Instant::now(), Vec::new());
    let mut ticks = tokio::time::interval(Duration::from_millis(1_000 / ASKED_A_SECOND));
    while started.elapsed() < Duration::from_secs(SECONDS) {
        ticks.tick().await;
        let asked = Instant::now();
        server.get(*tiles.choose(&mut random).unwrap()).await;
        ms.push(asked.elapsed().as_secs_f64() * 1_000.0);
    }
    done.store(true, Ordering::Relaxed);
    let made = edits.await.unwrap();
    println!(
        "{made} edits in {SECONDS} s; {} tiles of z12, z14 and z16 meanwhile: p50 {:.2} ms, p99 {:.2} ms (bound 10), {:.1} at most",
        ms.len(),
        percentile(&ms, 0.5),
        percentile(&ms, 0.99),
        percentile(&ms, 1.0)
    );
}

/// A thousand edits a second of buildings drawn by lot, until told to stop; answers how many.
pub(crate) async fn edit(mut psql: PgConnection, rows: i64, done: Arc<AtomicBool>) -> usize {
    psql.execute("set synchronous_commit = off").await.unwrap();
    let (mut random, made) = (StdRng::seed_from_u64(9), AtomicUsize::new(0));
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    while !done.load(Ordering::Relaxed) {
        ticks.tick().await;
        let ids: Vec<i64> =
            (0..EDITS_AT_ONCE).map(|_| FIRST + random.random_range(0..rows)).collect();
        let edited = sqlx::query(
            "update bench_building set floors_above = (floors_above + 1) % 50, geom = st_translate(geom, 1e-7, 0)
             where feature_id = any($1)",
        )
        .bind(ids)
        .execute(&mut psql)
        .await
        .unwrap();
        made.fetch_add(usize::try_from(edited.rows_affected()).unwrap(), Ordering::Relaxed);
    }
    made.into_inner()
}
