//! What a large fleet takes of the server's memory.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;

use crate::generator::Generator;
use crate::ground::{Ground, Onemap};
use crate::load::{Login, Plan};
use crate::support::{printed, run};
use crate::{processes, setting};

/// The broker takes one message at a time of each.
const CONNECTIONS: u32 = 200;
const RATE: f64 = 5_000.0;
/// Until what was only needed to start is given back.
const SETTLE: Duration = Duration::from_secs(10);
/// Until the first trip of each vehicle is begun, which asks the database twice, and vehicles that are not heard of are
/// packed: the fleet is as live as before.
const REST: Duration = Duration::from_mins(3);

/// Whether every vehicle went live.
pub(crate) async fn measure() -> bool {
    let vehicles: u32 = setting("ONEMAP_BENCH_TERMINALS", 100_000);
    let mut ground = Ground::with_vehicles(0).await;
    let mut server = Onemap::serving(&ground.database.url).await;
    sleep(SETTLE).await;
    let empty_mb = processes::resident_mb(server.process());
    server.end().await;
    ground.register(vehicles).await;
    let mut server = Onemap::serving(&ground.database.url).await;
    sleep(SETTLE).await;
    let registered_mb = processes::resident_mb(server.process());
    let mut generator = Generator::start(through_a_gateway(&ground, &server, vehicles), false);
    generator.connected(CONNECTIONS as usize).await;
    generator.offer(RATE).await;
    sleep(Duration::from_secs_f64(f64::from(vehicles) / RATE + 2.0)).await;
    let done = generator.finish(240).await;
    let acknowledged: u64 = done.acknowledged.iter().sum();
    drop(generator);
    let live = all_live(&server, vehicles).await;
    sleep(SETTLE).await;
    let busy_mb = processes::resident_mb(server.process());
    sleep(REST).await;
    let live_mb = processes::resident_mb(server.process());
    server.end().await;
    let mut server = Onemap::serving(&ground.database.url).await;
    sleep(SETTLE).await;
    let again_mb = processes::resident_mb(server.process());
    println!(
        "\nmemory: {vehicles} vehicles, {acknowledged} positions acknowledged, {live} vehicles live\n  empty server {empty_mb:.0} MB; registered {:+.0} MB; live {:+.0} MB at once and {:+.0} MB at rest (asked at most +100); live after a restart {:+.0} MB",
        registered_mb - empty_mb,
        busy_mb - empty_mb,
        live_mb - empty_mb,
        again_mb - empty_mb
    );
    server.end().await;
    ground.leave(true).await;
    live >= u64::from(vehicles)
}

/// A few connections that publish for all.
fn through_a_gateway(ground: &Ground, server: &Onemap, vehicles: u32) -> Plan {
    let output = run(&ground.database, &["terminal", "gateway"]);
    assert!(output.status.success(), "{}", printed(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let (user, secret) = text.trim().split_once(':').unwrap();
    let each = vehicles.div_ceil(CONNECTIONS);
    let login = |n: u32| Login {
        client_id: format!("bench-gateway-{n}"),
        credentials: Some((user.to_owned(), secret.to_owned())),
        first: n * each + 1,
        count: each.min(vehicles - n * each),
    };
    Plan {
        broker: format!("127.0.0.1:{}", server.mqtt_port),
        logins: (0..CONNECTIONS).map(login).collect(),
        batch: 1,
        window: 200,
        ledger: None,
    }
}

/// How many vehicles have a status other than unknown, once it is as many as are awaited.
async fn all_live(server: &Onemap, vehicles: u32) -> u64 {
    let cookie = server.sign_in("supervisor").await;
    let began = Instant::now();
    loop {
        let asked =
            reqwest::Client::new().get(format!("{}/api/v1/vehicles?limit=1", server.base()));
        let answer = asked.header("cookie", &cookie).send().await.unwrap();
        let list: Value = answer.json().await.unwrap();
        let of = |status: &str| list["by_status"][status].as_u64().unwrap_or_default();
        let live = of("moving") + of("idle") + of("offline");
        if live >= u64::from(vehicles) || began.elapsed() > Duration::from_secs(30) {
            return live;
        }
        sleep(Duration::from_millis(500)).await;
    }
}
