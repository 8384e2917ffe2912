//! What a tile costs: ours against martin's of the same table in the same run, and against a server that does nothing but
//! send the same bytes. The table is Liechtenstein's buildings, repeated on a grid.
//!
//! `ONEMAP_BENCH_GRID` (11) sets the side of the grid, `ONEMAP_MARTIN` names the peer's program; without it the columns of
//! the peer stay empty. Uncached means that an edit anywhere in the layer came before, and the peer's cache is off.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark fails by panicking and prints what it measured"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use bytes::Bytes;
use fast_mvt::MvtReaderRef;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use sqlx::{Executor as _, PgConnection};
use support::{Person, TestApp, free_port, printed, run};

const TILES: usize = 100;
const CONNECTIONS: usize = 16;

/// Answers of one server to one list of tiles.
struct Measured {
    ms: Vec<f64>,
    bytes: usize,
    features: usize,
}

struct Peer {
    child: Child,
    base: String,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::main]
async fn main() {
    let mut app = TestApp::start().await;
    let mut psql = app.database.psql().await;
    let rows = fill(&app, &mut psql).await;
    let loading = Instant::now();
    app.restart().await;
    app.wait_until_ready().await;
    println!(
        "{rows} buildings: ready {:.1} s after a restart (bound 15 s), {} MB resident (bound 300 MB with the small demo city)",
        loading.elapsed().as_secs_f64(),
        app.resident_mb()
    );
    let person = app.sign_in("county").await;
    let martin = martin(&app).await;
    one_connection(&person, &app, martin.as_ref(), &mut psql).await;
    many_connections(&person, &app, martin.as_ref(), &mut psql).await;
    println!("{} MB resident at the end", app.resident_mb());
    drop(martin);
    app.end().await;
}

async fn one_connection(
    person: &Person,
    app: &TestApp,
    martin: Option<&Peer>,
    psql: &mut PgConnection,
) {
    let (plain, mut random) = (reqwest::Client::new(), StdRng::seed_from_u64(20_261_126));
    println!("uncached, one connection, 100 tiles a zoom at most; milliseconds");
    println!(
        "{:>4} {:>8} {:>8} {:>8} {:>9} {:>8} {:>9} {:>8} {:>9} {:>7} {:>7}",
        "zoom",
        "mean",
        "p50",
        "p99",
        "features",
        "bytes",
        "martin",
        "features",
        "bytes",
        "ratio",
        "floor"
    );
    for z in 8..=18_u8 {
        let tiles = tiles_at(psql, z, &mut random).await;
        touch(psql).await;
        let (ours, answers) = one_by_one(&person.client, &app.base, &tiles).await;
        let floor_base = floor(answers).await;
        let (floor, _) = one_by_one(&plain, &floor_base, &tiles).await;
        let peer = match martin {
            Some(martin) => Some(one_by_one(&plain, &martin.base, &tiles).await.0),
            None => None,
        };
        let mean = |m: &Measured| m.ms.iter().sum::<f64>() / m.ms.len() as f64;
        let each = |n: usize| n / tiles.len();
        println!(
            "{z:>4} {:>8.2} {:>8.2} {:>8.2} {:>9} {:>8} {} {:>7.2}",
            mean(&ours),
            percentile(&ours.ms, 0.5),
            percentile(&ours.ms, 0.99),
            each(ours.features),
            each(ours.bytes),
            peer.map_or_else(
                || format!("{:>9} {:>8} {:>9} {:>7}", "-", "-", "-", "-"),
                |p| {
                    let mark = if p.features > ours.features { "*" } else { "" };
                    format!(
                        "{:>9.2} {:>8} {:>9} {:>6.1}{mark}",
                        mean(&p),
                        each(p.features),
                        each(p.bytes),
                        mean(&p) / mean(&ours)
                    )
                }
            ),
            mean(&ours) / mean(&floor),
        );
    }
    println!(
        "* fewer features here: those too small for the zoom are merged, and counted in the tile"
    );
}

async fn many_connections(
    person: &Person,
    app: &TestApp,
    martin: Option<&Peer>,
    psql: &mut PgConnection,
) {
    let (plain, mut random) = (reqwest::Client::new(), StdRng::seed_from_u64(20_261_127));
    println!("{CONNECTIONS} connections; requests a second");
    println!("{:>4} {:>9} {:>9} {:>9} {:>9}", "zoom", "uncached", "martin", "cached", "floor");
    for z in 10..=14_u8 {
        let tiles = tiles_at(psql, z, &mut random).await;
        touch(psql).await;
        let uncached = at_once(person, &app.base, &tiles, 1).await;
        let peer = match martin {
            Some(martin) => {
                let nobody = Person { client: plain.clone(), cookie: String::new() };
                at_once(&nobody, &martin.base, &tiles, 1).await
            }
            None => f64::NAN,
        };
        let rounds = 2_000 / tiles.len();
        let cached = at_once(person, &app.base, &tiles, rounds).await;
        let (_, answers) = one_by_one(&person.client, &app.base, &tiles).await;
        let floor_base = floor(answers).await;
        let nobody = Person { client: plain.clone(), cookie: String::new() };
        let floor = at_once(&nobody, &floor_base, &tiles, rounds).await;
        println!(
            "{z:>4} {uncached:>9.0} {peer:>9.0} {cached:>9.0} {floor:>9.0}  uncached/martin {:.1}, cached/floor {:.2}",
            uncached / peer,
            cached / floor
        );
    }
}

/// Makes the table and publishes it as a layer; answers its rows.
async fn fill(app: &TestApp, psql: &mut PgConnection) -> i64 {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/osm/liechtenstein.osm.pbf");
    assert!(data.exists(), "{} is missing: this benchmark needs it", data.display());
    let path = data.to_str().unwrap();
    let imported = run(&app.database, &["import", path, "--layer", "buildings"]);
    assert!(imported.status.success(), "{}", printed(&imported));
    let side: i32 = std::env::var("ONEMAP_BENCH_GRID").map_or(11, |n| n.parse().unwrap());
    psql.execute(
        format!(
            "create table bench_building as
             select 1000000000000 + row_number() over (order by x, y, b.feature_id) as feature_id, s.scope_id,
                    st_translate(b.geom, x * 0.2, y * 0.25)::geometry(multipolygon, 4326) as geom,
                    b.name, b.use_kind, b.height_m::float8 as height_m, b.floors_above, f.scope_id::bigint as org_id
             from building b join feature f using (feature_id), generate_series(0, {side} - 1) x,
                  generate_series(0, {side} - 1) y,
                  (select f.scope_id from feature f join scope s using (scope_id), org top
                   where top.code = 'U0151' and f.kind = 'building' and exists (select from org o where o.path <@ top.path
                         and o.org_id = any(s.managing_orgs)) limit 1) s
             where b.geom && st_makeenvelope(9.4, 47.0, 9.7, 47.3, 4326);
             create index on bench_building using gist (geom);
             create unique index on bench_building (feature_id);
             grant select on bench_building to onemap_mirror;
             insert into layer (layer_id, relation, geometry_column, geometry, title, group_id, attributes, min_zoom,
                                max_zoom, ordinal, style)
             select 'bench', 'bench_building', 'geom', 'polygon', title, group_id,
                    '[{{\"name\":\"name\",\"type\":\"text\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}},
                      {{\"name\":\"use_kind\",\"type\":\"text\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}},
                      {{\"name\":\"height_m\",\"type\":\"float\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}},
                      {{\"name\":\"floors_above\",\"type\":\"int\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}},
                      {{\"name\":\"org_id\",\"type\":\"int\",\"title\":{{\"zh\":\"\",\"en\":\"\"}}}}]',
                    8, 16, 200, '{{}}'
             from layer where layer_id = 'buildings';
             analyze bench_building"
        )
        .as_str(),
    )
    .await
    .unwrap();
    sqlx::query_scalar("select count(*) from bench_building").fetch_one(psql).await.unwrap()
}

/// An edit of one building, and time for the mirror to follow it.
async fn touch(psql: &mut PgConnection) {
    psql.execute(
        "insert into feature_change (layer, feature_id, op) values ('bench', 1000000000001, 'update')",
    )
    .await
    .unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
}

/// Tiles over buildings drawn by lot, each once.
async fn tiles_at(psql: &mut PgConnection, z: u8, random: &mut StdRng) -> Vec<(u8, i32, i32)> {
    let mut found: Vec<(i32, i32)> = sqlx::query_as(
        "select distinct floor((st_x(c) + 180) / 360 * $1)::int,
                floor((1 - asinh(tan(radians(st_y(c)))) / pi()) / 2 * $1)::int
         from bench_building tablesample system (5) repeatable (7), lateral (select st_centroid(geom) as c) m",
    )
    .bind(f64::from(1_u32 << z))
    .fetch_all(psql)
    .await
    .unwrap();
    found.sort_unstable();
    found.choose_multiple(random, TILES).map(|(x, y)| (z, *x, *y)).collect()
}

fn path_of((z, x, y): (u8, i32, i32)) -> String {
    format!("{z}/{x}/{y}")
}

async fn one_by_one(
    client: &reqwest::Client,
    base: &str,
    tiles: &[(u8, i32, i32)],
) -> (Measured, HashMap<String, Bytes>) {
    let mut measured = Measured { ms: Vec::new(), bytes: 0, features: 0 };
    let mut answers = HashMap::new();
    for tile in tiles {
        let started = Instant::now();
        let bytes = get(client, base, *tile).await;
        measured.ms.push(started.elapsed().as_secs_f64() * 1_000.0);
        measured.bytes += bytes.len();
        let reader = MvtReaderRef::new(&bytes).unwrap();
        measured.features += reader.layers().map(|l| l.features().count()).sum::<usize>();
        answers.insert(path_of(*tile), bytes);
    }
    (measured, answers)
}

async fn get(client: &reqwest::Client, base: &str, tile: (u8, i32, i32)) -> Bytes {
    let url = format!("{base}/tiles/bench/{}", path_of(tile));
    let response = client.get(&url).header("accept-encoding", "identity").send().await.unwrap();
    assert!(response.status().is_success(), "{url}: {}", response.status());
    response.bytes().await.unwrap()
}

/// Requests a second, all tiles so many times.
async fn at_once(person: &Person, base: &str, tiles: &[(u8, i32, i32)], rounds: usize) -> f64 {
    let (next, all) = (Arc::new(AtomicUsize::new(0)), tiles.len() * rounds);
    let (tiles, started): (Arc<[_]>, _) = (tiles.into(), Instant::now());
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (next, tiles) = (Arc::clone(&next), Arc::clone(&tiles));
            let (client, base) = (person.client.clone(), base.to_owned());
            tokio::spawn(async move {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= all {
                        return;
                    }
                    get(&client, &base, tiles[n % tiles.len()]).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    all as f64 / started.elapsed().as_secs_f64()
}

/// A server that has these answers ready; its address.
async fn floor(answers: HashMap<String, Bytes>) -> String {
    type Answers = Arc<HashMap<String, Bytes>>;
    let answer =
        async |State(answers): State<Answers>, Path(path): Path<String>| answers[&path].clone();
    let service = Router::new().route("/tiles/bench/{*path}", axum::routing::get(answer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, service.with_state(Arc::new(answers))).into_future());
    base
}

/// The peer over the same table, with its cache off; none where it is not installed.
async fn martin(app: &TestApp) -> Option<Peer> {
    let program = std::env::var("ONEMAP_MARTIN").ok()?;
    let port = free_port();
    let config =
        std::env::temp_dir().join(format!("onemap-bench-martin-{}.yaml", std::process::id()));
    let text = format!(
        "cache:\n  size_mb: 0\nlisten_addresses: '127.0.0.1:{port}'\nbase_path: /tiles\npostgres:\n  connection_string: '{}'\n  auto_publish: false\n  tables:\n    bench:\n      schema: public\n      table: bench_building\n      srid: 4326\n      geometry_column: geom\n      id_column: feature_id\n      geometry_type: MULTIPOLYGON\n      extent: 4096\n      buffer: 64\n      clip_geom: true\n      properties:\n        name: text\n        use_kind: text\n        height_m: float8\n        floors_above: int4\n        org_id: int8\n",
        app.database.url
    );
    std::fs::write(&config, text).unwrap();
    let child = Command::new(program)
        .arg("--config")
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let peer = Peer { child, base: format!("http://127.0.0.1:{port}") };
    for _ in 0..300 {
        if reqwest::get(format!("{}/health", peer.base))
            .await
            .is_ok_and(|r| r.status().is_success())
        {
            return Some(peer);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("martin did not start: its columns stay empty");
    None
}

fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let at = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[at]
}
