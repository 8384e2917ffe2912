//! Ours against the peer and the floor, with one connection and with many.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sqlx::PgConnection;

use crate::asking::{Measured, Server, Until, percentile};
use crate::servers::{Martin, bare, floor, martin, ours, part};
use crate::support::TestApp;
use crate::table::{Address, fill, import, side, tiles_at};
use crate::zooms;

/// Tiles a zoom that many connections ask for again and again.
const TILES: usize = 100;
/// Those that one connection asks for, once: at low zooms there are fewer.
const MANY_TILES: usize = 4 * TILES;
/// They are asked in turn, so many tiles at a time, so that what else the machine does meets all of them alike.
const BLOCK: usize = 10;
/// How often all of them are asked for, each time by servers that have never been asked.
const ROUNDS: usize = 3;
const AFTER_START: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 16;
/// How often those that answer from memory are asked in turn, and how long at a time.
const TURNS: usize = 3;
const TURN: Duration = Duration::from_secs(1);

pub(crate) async fn measure(mut app: TestApp) {
    let mut psql = app.database.psql().await;
    import(&app);
    let rows = fill(&mut psql, side(), side()).await;
    let started = Instant::now();
    fresh(&mut app).await;
    println!(
        "{rows} buildings: ready {:.1} s after a restart (bound 15 s), {} MB resident with the small demo city (bound 300 MB)",
        started.elapsed().as_secs_f64(),
        app.resident_mb()
    );
    let peer = martin(&app, false).await;
    one_connection(&mut app, peer.as_ref(), &mut psql).await;
    println!("{} MB resident", app.resident_mb());
    let cached_peer = martin(&app, true).await;
    many_connections(&mut app, peer.as_ref(), cached_peer.as_ref(), &mut psql).await;
    println!("{} MB resident at the end", app.resident_mb());
    drop((peer, cached_peer));
    app.end().await;
}

/// A server that has not been asked for anything.
async fn fresh(app: &mut TestApp) {
    app.restart().await;
    app.wait_until_ready().await;
}

async fn one_connection(app: &mut TestApp, peer: Option<&Martin>, psql: &mut PgConnection) {
    let mut random = StdRng::seed_from_u64(20_261_126);
    let mut wanted = Vec::new();
    for z in zooms() {
        wanted.push((z, tiles_at(psql, z, MANY_TILES, &mut random).await));
    }
    let floor = floor(answered(app, &wanted).await).await;
    let mut measured: Vec<[Measured; 3]> = wanted.iter().map(|_| Default::default()).collect();
    for _ in 0..ROUNDS {
        let bare = bare(app).await;
        fresh(app).await;
        let person = app.sign_in("county").await;
        let ours = ours(app, &person);
        // What a start leaves to do once it is ready is not what is measured.
        tokio::time::sleep(AFTER_START).await;
        let servers = [app.process(), floor.process(), bare.process()];
        part(true, &servers);
        for ((_, tiles), measured) in wanted.iter().zip(&mut measured) {
            in_turn(tiles, [&ours, &floor.server, &bare.server], measured).await;
        }
        part(false, &servers);
    }
    println!(
        "uncached, one connection, identity, {MANY_TILES} tiles a zoom at most, {ROUNDS} times by fresh servers, the client on one core and the servers on another; milliseconds"
    );
    println!(
        "{:>4} {:>6} {:>7} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7}",
        "zoom",
        "tiles",
        "mean",
        "p50",
        "p99",
        "features",
        "bytes",
        "martin",
        "p99",
        "features",
        "bytes",
        "ratio",
        "floor",
        "ratio",
        "bare",
        "ratio"
    );
    let processes: Vec<u32> = peer.map(Martin::process).into_iter().collect();
    part(true, &processes);
    for ((z, tiles), [own, floor, bare]) in wanted.iter().zip(&measured) {
        let theirs = match peer {
            Some(martin) => Some(martin.server.one_by_one(tiles).await.0),
            None => None,
        };
        println!("{}", line(*z, own, theirs.as_ref(), floor, bare));
    }
    part(false, &processes);
    println!(
        "* fewer features here: those too small for the zoom are merged, and counted in the tile"
    );
    println!("bare: the same tiles without sign-in, rights and headers (bound of its ratio 1.15)");
}

/// A few tiles of one server, the same of the next, and so on.
async fn in_turn(tiles: &[Address], servers: [&Server; 3], measured: &mut [Measured; 3]) {
    let mut known: &[Address] = &[];
    for tiles in tiles.chunks(BLOCK) {
        for (measured, server) in measured.iter_mut().zip(servers) {
            // A connection that has slept longer than the others is no slower for it.
            server.one_by_one(known).await;
            measured.add(server.one_by_one(tiles).await.0);
        }
        known = &tiles[..1];
    }
}

/// What ours answers to all of these, for a server that does nothing else.
async fn answered(app: &TestApp, wanted: &[(u8, Vec<Address>)]) -> HashMap<String, Bytes> {
    let person = app.sign_in("county").await;
    let ours = ours(app, &person);
    let mut answers = HashMap::new();
    for (_, tiles) in wanted {
        answers.extend(ours.one_by_one(tiles).await.1);
    }
    answers
}

fn line(
    z: u8,
    own: &Measured,
    theirs: Option<&Measured>,
    floor: &Measured,
    bare: &Measured,
) -> String {
    let each = |measured: &Measured, n: usize| n / measured.ms.len();
    let peer = theirs.map_or_else(
        || format!("{:>8} {:>8} {:>8} {:>8} {:>7}", "-", "-", "-", "-", "-"),
        |p| {
            let (here, there) = (each(own, own.features), each(p, p.features));
            let mark = if there > here { "*" } else { "" };
            format!(
                "{:>8.2} {:>8.2} {:>8} {:>8} {:>6.1}{mark}",
                p.mean(),
                p.percentile(0.99),
                there,
                each(p, p.bytes),
                p.mean() / own.mean()
            )
        },
    );
    format!(
        "{z:>4} {:>6} {:>7.3} {:>7.3} {:>7.3} {:>8} {:>8} {peer} {:>7.3} {:>7.2} {:>7.3} {:>7.2}",
        own.ms.len(),
        own.mean(),
        own.percentile(0.5),
        own.percentile(0.99),
        each(own, own.features),
        each(own, own.bytes),
        floor.mean(),
        own.mean() / floor.mean(),
        bare.mean(),
        own.mean() / bare.mean(),
    )
}

async fn many_connections(
    app: &mut TestApp,
    peer: Option<&Martin>,
    cached_peer: Option<&Martin>,
    psql: &mut PgConnection,
) {
    let mut random = StdRng::seed_from_u64(20_261_127);
    println!("{CONNECTIONS} connections; requests a second, and p99 in milliseconds");
    println!(
        "{:>4} {:>6} {:>9} {:>7} {:>9} {:>7} {:>7} {:>9} {:>9} {:>9} {:>7}",
        "zoom",
        "tiles",
        "uncached",
        "p99",
        "martin",
        "p99",
        "ratio",
        "cached",
        "martin",
        "floor",
        "ratio"
    );
    fresh(app).await;
    let person = app.sign_in("county").await;
    let ours = ours(app, &person);
    for z in zooms() {
        let tiles = tiles_at(psql, z, 50 * TILES, &mut random).await;
        let uncached = ours.at_once(&tiles, CONNECTIONS, Until::All).await;
        let few = &tiles[..tiles.len().min(TILES)];
        let theirs = match peer {
            Some(martin) => martin.server.at_once(few, CONNECTIONS, Until::All).await,
            None => (f64::NAN, f64::NAN),
        };
        // All of them fit the caches.
        let (_, answers) = ours.one_by_one(few).await;
        let floor = floor(answers).await;
        let asked = [Some(&ours), cached_peer.map(|martin| &martin.server), Some(&floor.server)];
        for server in asked.into_iter().flatten() {
            server.at_once(few, CONNECTIONS, Until::All).await;
        }
        let mut rates = [const { Vec::new() }; 3];
        for _ in 0..TURNS {
            for (rates, server) in rates.iter_mut().zip(asked) {
                rates.push(match server {
                    Some(server) => server.at_once(few, CONNECTIONS, Until::Passed(TURN)).await.0,
                    None => f64::NAN,
                });
            }
        }
        let [cached, theirs_cached, floor] = rates.map(|rates| percentile(&rates, 0.5));
        println!(
            "{z:>4} {:>6} {:>9.0} {:>7.2} {:>9.0} {:>7.1} {:>7.1} {cached:>9.0} {theirs_cached:>9.0} {floor:>9.0} {:>7.2}",
            tiles.len(),
            uncached.0,
            uncached.1,
            theirs.0,
            theirs.1,
            uncached.0 / theirs.0,
            cached / floor,
        );
    }
}
