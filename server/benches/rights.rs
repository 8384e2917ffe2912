//! What rights cost. A county's account against one that sees the whole city, in turns in the same run; and how long
//! ten thousand terminals take to come back after a restart, against a listener that lets everybody in.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark fails by panicking and prints what it measured"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use support::{Person, TestApp, printed, run};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

const TERMINALS: usize = 10_000;
/// Connections in the making at one time; a listener's queue holds about as many.
const AT_ONCE: usize = 512;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);
const CLIENTS: usize = 4;

#[tokio::main]
async fn main() {
    let mut app = TestApp::start().await;
    // `reads` or `terminals` after `--` asks for one of the two.
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let is_asked = |part: &str| asked.is_empty() || asked.iter().any(|a| a == part);
    if is_asked("reads") {
        reads(&app).await;
    }
    if is_asked("terminals") {
        terminals(&mut app).await;
    }
    app.end().await;
}

async fn reads(app: &TestApp) {
    let (city, county) = (app.sign_in("supervisor").await, app.sign_in("county").await);
    let mut psql = app.database.psql().await;
    let tiles: Vec<(i32, i32)> = sqlx::query_as(
        "select distinct floor((st_x(c) + 180) / 360 * 32768)::int,
                floor((1 - asinh(tan(radians(st_y(c)))) / pi()) / 2 * 32768)::int
         from building b join feature f using (feature_id) join scope s on s.scope_id = f.scope_id
              join org o on o.org_id = any(s.managing_orgs) join org top on top.code = 'U0151',
              lateral (select st_centroid(b.geom::geometry) as c) m
         where o.path <@ top.path",
    )
    .fetch_all(&mut psql)
    .await
    .unwrap();
    let building: i64 = sqlx::query_scalar(
        "select f.parent_id from feature f join scope s using (scope_id), org top
         where f.kind = 'floor' and top.code = 'U0151'
           and exists (select from org o where o.path <@ top.path and o.org_id = any(s.managing_orgs)) limit 1",
    )
    .fetch_one(&mut psql)
    .await
    .unwrap();
    let surfaces = [
        (
            "tiles",
            tiles
                .iter()
                .map(|(x, y)| format!("/tiles/buildings,parcels,rooms/15/{x}/{y}"))
                .collect(),
        ),
        ("layers", vec!["/api/v1/layers".to_owned()]),
        ("vehicles", vec!["/api/v1/vehicles?limit=20".to_owned()]),
        ("documents", vec!["/api/v1/documents?limit=20".to_owned()]),
        ("children", vec![format!("/api/v1/features/{building}/children")]),
        ("search", vec!["/api/v1/search?q=%E5%8A%9E%E5%85%AC&limit=10".to_owned()]),
    ];
    println!("{:<10} {:>12} {:>12} {:>7}", "requests/s", "whole city", "county", "ratio");
    for (name, paths) in surfaces {
        let paths: Arc<[String]> = paths.into();
        let (mut whole, mut part) = (0.0, 0.0);
        for round in 0..=ROUNDS {
            let rates = (rate(app, &city, &paths).await, rate(app, &county, &paths).await);
            // The first fills the caches of both.
            if round > 0 {
                (whole, part) = (whole + rates.0, part + rates.1);
            }
        }
        let (whole, part) = (whole / ROUNDS as f64, part / ROUNDS as f64);
        println!("{name:<10} {whole:>12.0} {part:>12.0} {:>7.2}", part / whole);
    }
}

/// Requests a second of some clients.
async fn rate(app: &TestApp, person: &Person, paths: &Arc<[String]>) -> f64 {
    let (done, started) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|offset| {
            let (person, base) = (person.clone(), app.base.clone());
            let (paths, done) = (Arc::clone(paths), Arc::clone(&done));
            tokio::spawn(async move {
                for path in paths.iter().cycle().skip(offset * paths.len() / CLIENTS) {
                    let response = person.client.get(format!("{base}{path}")).send().await.unwrap();
                    assert!(response.status().is_success(), "{path}: {}", response.status());
                    response.bytes().await.unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                    if started.elapsed() > ROUND {
                        return;
                    }
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

async fn terminals(app: &mut TestApp) {
    sqlx::query(
        "insert into terminal (terminal_id, vehicle_id)
         select 'bench-' || n, (select min(feature_id) from vehicle) from generate_series(1, $1) n",
    )
    .bind(i32::try_from(TERMINALS).unwrap())
    .execute(&mut app.database.psql().await)
    .await
    .unwrap();
    let issued = run(&app.database, &["terminal", "issue-missing"]);
    assert!(issued.status.success(), "{}", printed(&issued));
    let secrets: Arc<[(String, String)]> = String::from_utf8(issued.stdout)
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("bench-"))
        .filter_map(|line| line.split_once(','))
        .map(|(terminal, secret)| (terminal.to_owned(), secret.to_owned()))
        .collect();
    assert_eq!(secrets.len(), TERMINALS);
    let open = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = open.local_addr().unwrap().port();
    let letting_in = tokio::spawn(let_everybody_in(open));
    let floor = all_sign_in(port, &secrets).await;
    letting_in.abort();
    app.restart().await;
    let here = all_sign_in(app.mqtt_port, &secrets).await;
    println!(
        "{TERMINALS} terminals sign in: {:.2} s after a restart (bound 10 s); floor {:.2} s, ratio {:.1}",
        here.as_secs_f64(),
        floor.as_secs_f64(),
        here.as_secs_f64() / floor.as_secs_f64()
    );
}

/// Answers every CONNECT with a CONNACK that says yes.
async fn let_everybody_in(listener: TcpListener) {
    loop {
        let Ok((mut socket, _)) = listener.accept().await else { continue };
        tokio::spawn(async move {
            let mut packet = [0; 256];
            let _ = socket.read(&mut packet).await;
            let _ = socket.write_all(&[0x20, 2, 0, 0]).await;
            // Closed here: this process has the other ends already, and no more files than it may open.
        });
    }
}

/// Until every terminal is in, all of them at the same time.
async fn all_sign_in(port: u16, secrets: &Arc<[(String, String)]>) -> Duration {
    let (started, gate) = (Instant::now(), Arc::new(Semaphore::new(AT_ONCE)));
    let terminals: Vec<_> = (0..secrets.len())
        .map(|at| {
            let (secrets, gate) = (Arc::clone(secrets), Arc::clone(&gate));
            tokio::spawn(async move {
                let packet = connect(&secrets[at].0, &secrets[at].1);
                loop {
                    let in_turn = gate.acquire().await.unwrap();
                    if let Some(socket) = signed_in(port, &packet).await {
                        return socket;
                    }
                    drop(in_turn);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            })
        })
        .collect();
    let mut held = Vec::new();
    for terminal in terminals {
        held.push(terminal.await.unwrap());
    }
    started.elapsed()
}

async fn signed_in(port: u16, packet: &[u8]) -> Option<TcpStream> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    socket.write_all(packet).await.ok()?;
    let mut answer = [0; 4];
    socket.read_exact(&mut answer).await.ok()?;
    (answer == [0x20, 2, 0, 0]).then_some(socket)
}

/// CONNECT of MQTT 3.1.1 (3.1) with a clean session, the terminal's name as client identifier and user name.
fn connect(terminal: &str, secret: &str) -> Vec<u8> {
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 0b1100_0010, 0, 60];
    for text in [terminal, terminal, secret] {
        body.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        body.extend(text.as_bytes());
    }
    let mut packet = vec![0x10, 0];
    let length = u8::try_from(body.len()).unwrap();
    assert!(length < 128, "one byte of length");
    packet[1] = length;
    packet.extend(body);
    packet
}
