//! Ours against the peer and the floor, with one connection and with many.

use std::time::Instant;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sqlx::PgConnection;

use crate::ZOOMS;
use crate::asking::{Measured, Server};
use crate::servers::{Martin, bare, floor, martin, ours};
use crate::support::TestApp;
use crate::table::{fill, import, side, tiles_at};

const TILES: usize = 100;
const CONNECTIONS: usize = 16;

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
    let person = app.sign_in("county").await;
    let peer = martin(&app, false).await;
    let bare = bare(&app).await;
    one_connection(&ours(&app, &person), &bare.server, peer.as_ref(), &mut psql).await;
    drop(bare);
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

async fn one_connection(
    ours: &Server,
    bare: &Server,
    peer: Option<&Martin>,
    psql: &mut PgConnection,
) {
    let mut random = StdRng::seed_from_u64(20_261_126);
    println!("uncached, one connection, identity, {TILES} tiles a zoom at most; milliseconds");
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
    for z in ZOOMS {
        let tiles = tiles_at(psql, z, TILES, &mut random).await;
        // The first question of a connection opens it.
        ours.one_by_one(&tiles_at(psql, 19, 3, &mut random).await).await;
        let (own, answers) = ours.one_by_one(&tiles).await;
        let floor = floor(answers).await;
        floor.server.one_by_one(&tiles[..1]).await;
        let (floor, _) = floor.server.one_by_one(&tiles).await;
        let (bare, _) = bare.one_by_one(&tiles).await;
        let theirs = match peer {
            Some(martin) => Some(martin.server.one_by_one(&tiles).await.0),
            None => None,
        };
        println!("{}", line(z, &own, theirs.as_ref(), &floor, &bare));
    }
    println!(
        "* fewer features here: those too small for the zoom are merged, and counted in the tile"
    );
    println!("bare: the same tiles without sign-in, rights and headers (bound of its ratio 1.15)");
}

fn line(
    z: u8,
    own: &Measured,
    theirs: Option<&Measured>,
    floor: &Measured,
    bare: &Measured,
) -> String {
    let each = |n: usize| n / own.ms.len();
    let peer = theirs.map_or_else(
        || format!("{:>8} {:>8} {:>8} {:>8} {:>7}", "-", "-", "-", "-", "-"),
        |p| {
            let mark = if p.features > own.features { "*" } else { "" };
            format!(
                "{:>8.2} {:>8.2} {:>8} {:>8} {:>6.1}{mark}",
                p.mean(),
                p.percentile(0.99),
                each(p.features),
                each(p.bytes),
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
        each(own.features),
        each(own.bytes),
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
    for z in ZOOMS {
        let tiles = tiles_at(psql, z, 10 * TILES, &mut random).await;
        let uncached = ours.at_once(&tiles, 1, CONNECTIONS).await;
        let theirs = match peer {
            Some(martin) => {
                martin.server.at_once(&tiles[..tiles.len().min(TILES)], 1, CONNECTIONS).await
            }
            None => (f64::NAN, f64::NAN),
        };
        // All of them fit the caches.
        let few = &tiles[..tiles.len().min(TILES)];
        let rounds = 6_000 / few.len();
        let (_, answers) = ours.one_by_one(few).await;
        let floor = floor(answers).await;
        let (cached, _) = ours.at_once(few, rounds, CONNECTIONS).await;
        let theirs_cached = match cached_peer {
            Some(martin) => {
                martin.server.at_once(few, 1, CONNECTIONS).await;
                martin.server.at_once(few, rounds, CONNECTIONS).await.0
            }
            None => f64::NAN,
        };
        let (floor, _) = floor.server.at_once(few, rounds, CONNECTIONS).await;
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
