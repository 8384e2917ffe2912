//! The same through somebody else's broker: terminals publish to mosquitto, two servers share the subscription, one of them
//! is killed again and again. Acknowledged means: by mosquitto, which itself is not killed.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::generator::Generator;
use crate::ground::{Ground, Onemap};
use crate::support::free_port;
use crate::{ledger, processes, setting};

const RATE: f64 = 5_000.0;
const FINISH_S: u64 = 120;
/// For what the broker still holds when the load has ended.
const QUIET_LIMIT: Duration = Duration::from_mins(3);
/// What the server says when it is one of the consumers.
const CONNECTED: &str = "connected to the broker";

/// Whether nothing was lost.
pub(crate) async fn measure() -> bool {
    let minutes: f64 = setting("ONEMAP_BENCH_MINUTES", 10.0);
    let terminals: u32 = setting("ONEMAP_BENCH_TERMINALS", 1_000);
    let Some(broker) = Mosquitto::start().await else {
        println!("\nloss-mosquitto: mosquitto is not installed");
        return false;
    };
    let ground = Ground::with_vehicles(terminals).await;
    println!(
        "\nloss-mosquitto: {terminals} terminals, {RATE} positions a second, one a message, for {minutes} min; {}",
        processes::disk(&ground.database).await
    );
    let mut steady = consumer(&ground, broker.port, "steady").await;
    let mut killed = consumer(&ground, broker.port, "killed").await;
    // The subscription goes out right after the connection; before it, the broker keeps nothing.
    sleep(Duration::from_secs(1)).await;
    let mut plan = ground.plan(broker.port, 1, setting("ONEMAP_BENCH_WINDOW", 1));
    for login in &mut plan.logins {
        login.credentials = None;
    }
    let mut generator = Generator::start(plan, true);
    generator.connected(terminals as usize).await;
    generator.offer(RATE).await;
    let mut random = StdRng::seed_from_u64(setting("ONEMAP_BENCH_SEED", 6));
    let (began, mut kills, mut ended_by_itself) = (Instant::now(), 0, 0);
    while began.elapsed().as_secs_f64() < minutes * 60.0 {
        sleep(Duration::from_secs_f64(random.random_range(2.0..8.0))).await;
        for server in [&mut steady, &mut killed] {
            if server.has_ended() {
                ended_by_itself += 1;
                server.kill();
                server.start("serve", &[]);
            }
        }
        killed.kill();
        kills += 1;
        sleep(Duration::from_secs_f64(random.random_range(0.0..2.0))).await;
        killed.start("serve", &[]);
    }
    let loaded_s = began.elapsed().as_secs_f64();
    let done = generator.finish(FINISH_S).await;
    let published: u64 = done.published.iter().sum();
    let acknowledged: u64 = done.acknowledged.iter().sum();
    println!(
        "  {loaded_s:.0} s: {published} published ({:.0}/s), {acknowledged} acknowledged by mosquitto; one consumer killed {kills} times, ended by itself {ended_by_itself} times",
        published as f64 / loaded_s
    );
    quiet(&ground, acknowledged).await;
    println!("  taken in by the steady consumer: {}", told(&steady).await);
    steady.end().await;
    killed.end().await;
    let verdict = ledger::compare(&generator.ledger(), &ground.database).await;
    verdict.print();
    let is_good = verdict.is_good();
    if !is_good {
        println!(
            "steady:\n{}\nkilled:\n{}\nmosquitto:\n{}",
            steady.last_words(),
            killed.last_words(),
            broker.last_words()
        );
    }
    ground.leave(is_good).await;
    is_good
}

/// A server that takes from the broker.
async fn consumer(ground: &Ground, port: u16, name: &str) -> Onemap {
    let environment = [
        ("MQTT_URL", format!("mqtt://127.0.0.1:{port}")),
        ("ONEMAP_MQTT_CLIENT_ID", format!("onemap-bench-{name}")),
    ];
    let mut server = Onemap::new(&ground.database.url, &environment);
    server.start("serve", &[]);
    server.ready().await;
    for _ in 0..200 {
        if server.log().contains(CONNECTED) {
            return server;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("no consumer of the broker:\n{}", server.last_words());
}

/// Waits until everything that was acknowledged is stored, or nothing more comes.
async fn quiet(ground: &Ground, acknowledged: u64) {
    let began = Instant::now();
    let (mut stored, mut changed) = (0, Instant::now());
    while began.elapsed() < QUIET_LIMIT && changed.elapsed() < Duration::from_secs(40) {
        let now = ground.stored().await;
        if now >= acknowledged {
            break;
        }
        if now != stored {
            (stored, changed) = (now, Instant::now());
        }
        sleep(Duration::from_secs(1)).await;
    }
    println!("  quiet {:.0} s after the end of the load", began.elapsed().as_secs_f64());
}

/// The counters of a server.
async fn told(server: &Onemap) -> String {
    let cookie = server.sign_in("admin").await;
    let asked = reqwest::Client::new().get(format!("{}/metrics", server.base()));
    let text = asked.header("cookie", cookie).send().await.unwrap().text().await.unwrap();
    let wanted = ["onemap_positions_stored_total", "onemap_positions_duplicate_total"];
    let lines = text.lines().filter(|line| wanted.iter().any(|name| line.starts_with(name)));
    lines.collect::<Vec<_>>().join(", ")
}

/// A broker that keeps sessions and messages, without limits on how many wait.
struct Mosquitto {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Mosquitto {
    async fn start() -> Option<Self> {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        let place = folder.path().display().to_string();
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|of| {
            use std::os::unix::fs::MetadataExt as _;
            of.uid() == 0
        });
        // Started by root it becomes another user, who may not write here.
        let user = if is_root { "user root\n" } else { "" };
        let config = format!(
            "{user}listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {place}/\n\
             max_queued_messages 0\nmax_inflight_messages 2000\nlog_dest file {place}/log\n"
        );
        std::fs::write(folder.path().join("conf"), config).unwrap();
        // Debian keeps it where plain users do not look.
        let child = ["mosquitto", "/usr/sbin/mosquitto"].iter().find_map(|program| {
            Command::new(program)
                .arg("-c")
                .arg(folder.path().join("conf"))
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .ok()
        })?;
        let broker = Self { child, port, folder };
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Some(broker);
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("mosquitto does not listen:\n{}", broker.last_words());
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }
}
