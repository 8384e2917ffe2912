//! Server and database are killed with -9 again and again under load; what was acknowledged is all there, once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use sqlx::Connection as _;
use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::generator::Generator;
use crate::ground::{Ground, Onemap};
use crate::load::now_ms;
use crate::{ledger, processes, setting};

/// Positions a second, one a message.
const RATE: f64 = 5_000.0;
/// Until positions are acknowledged again.
const RECOVERY_LIMIT: Duration = Duration::from_mins(2);
/// For what is still unacknowledged when the last kill is over.
const FINISH_S: u64 = 120;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Server,
    Backend,
    Postmaster,
}

struct Killer {
    cluster: Cluster,
    database_url: String,
    server: Onemap,
    generator: Generator,
    random: StdRng,
    /// Seconds from a kill to the first acknowledgement of something that was published after it.
    recoveries: BTreeMap<Victim, Vec<f64>>,
    kills: BTreeMap<Victim, u32>,
    ended_by_itself: u32,
}

/// Whether nothing was lost.
pub(crate) async fn measure() -> bool {
    let Some(cluster) = Cluster::of_this_run() else {
        println!("loss: only on a database server of its own; unset DATABASE_URL");
        return false;
    };
    let minutes: f64 = setting("ONEMAP_BENCH_MINUTES", 10.0);
    let terminals: u32 = setting("ONEMAP_BENCH_TERMINALS", 1_000);
    let ground = Ground::with_vehicles(terminals).await;
    println!(
        "\nloss: {terminals} terminals, {RATE} positions a second, one a message, for {minutes} min; {}",
        processes::disk(&ground.database).await
    );
    let server = Onemap::serving(&ground.database.url).await;
    let window = setting("ONEMAP_BENCH_WINDOW", 1);
    let mut generator = Generator::start(ground.plan(server.mqtt_port, 1, window), true);
    generator.connected(terminals as usize).await;
    generator.offer(RATE).await;
    let mut killer = Killer {
        cluster,
        database_url: ground.database.url.clone(),
        server,
        generator,
        random: StdRng::seed_from_u64(setting("ONEMAP_BENCH_SEED", 6)),
        recoveries: BTreeMap::new(),
        kills: BTreeMap::new(),
        ended_by_itself: 0,
    };
    let began = Instant::now();
    killer.rage(Duration::from_secs_f64(minutes * 60.0)).await;
    killer.end(ground, began).await
}

impl Killer {
    async fn rage(&mut self, span: Duration) {
        let began = Instant::now();
        self.rest(3.0).await;
        while began.elapsed() < span {
            let victim = match self.random.random_range(0..3) {
                0 => Victim::Server,
                1 => Victim::Backend,
                _ => Victim::Postmaster,
            };
            let killed_ms = now_ms();
            if !self.kill(victim).await {
                // Nobody is connected while the database recovers.
                self.rest(0.2).await;
                continue;
            }
            *self.kills.entry(victim).or_default() += 1;
            // Now and then the next comes before it has got over this one.
            if self.random.random_bool(0.25) {
                let pause = self.random.random_range(0.0..1.5);
                self.rest(pause).await;
                continue;
            }
            if !self.recovered(victim, killed_ms).await {
                return;
            }
            let pause = self.random.random_range(1.0..5.0);
            self.rest(pause).await;
        }
    }

    /// Whether there was somebody to kill.
    async fn kill(&mut self, victim: Victim) -> bool {
        match victim {
            Victim::Server => {
                self.server.kill();
                let pause = self.random.random_range(0.0..0.5);
                sleep(Duration::from_secs_f64(pause)).await;
                self.server.start("serve", &[]);
            }
            Victim::Backend => {
                let Some(backend) = self.backend().await else { return false };
                processes::kill(backend);
            }
            Victim::Postmaster => {
                self.cluster.crash();
                let pause = self.random.random_range(0.0..1.0);
                sleep(Duration::from_secs_f64(pause)).await;
                self.cluster.start();
            }
        }
        true
    }

    /// Some connection of the server; none while the database recovers.
    async fn backend(&mut self) -> Option<u32> {
        let mut psql = sqlx::PgConnection::connect(&self.database_url).await.ok()?;
        let backends: Vec<i32> = sqlx::query_scalar(
            "select pid from pg_stat_activity where datname = current_database()
             and backend_type = 'client backend' and pid <> pg_backend_pid() order by pid",
        )
        .fetch_all(&mut psql)
        .await
        .ok()?;
        let place = self.random.random_range(0..backends.len().max(1));
        backends.get(place).map(|backend| backend.unsigned_abs())
    }

    /// Waits until a position that was published after the kill is acknowledged.
    async fn recovered(&mut self, victim: Victim, killed_ms: i64) -> bool {
        let began = Instant::now();
        loop {
            self.tend().await;
            if self.generator.progress().newest_ms > killed_ms {
                let took_ms = now_ms() - killed_ms;
                self.recoveries.entry(victim).or_default().push(took_ms as f64 / 1e3);
                return true;
            }
            if began.elapsed() > RECOVERY_LIMIT {
                println!(
                    "  !!!! {victim:?} killed, and nothing acknowledged for {RECOVERY_LIMIT:?} !!!!\n{}",
                    self.server.last_words()
                );
                return false;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn rest(&mut self, seconds: f64) {
        let began = Instant::now();
        while began.elapsed().as_secs_f64() < seconds {
            self.tend().await;
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// As systemd does: a server that ends by itself is started again after a second.
    async fn tend(&mut self) {
        if self.server.has_ended() {
            self.ended_by_itself += 1;
            sleep(Duration::from_secs(1)).await;
            self.server.kill();
            self.server.start("serve", &[]);
        }
    }

    async fn end(mut self, ground: Ground, began: Instant) -> bool {
        if sqlx::PgConnection::connect(&self.database_url).await.is_err() {
            self.rest(5.0).await;
        }
        self.tend().await;
        let loaded_s = began.elapsed().as_secs_f64();
        let done = self.generator.finish(FINISH_S).await;
        let published: u64 = done.published.iter().sum();
        let acknowledged: u64 = done.acknowledged.iter().sum();
        println!(
            "  {:.0} s: {published} published ({:.0}/s), {acknowledged} acknowledged; {} connections lost and opened again",
            loaded_s,
            published as f64 / loaded_s,
            done.lost
        );
        for (victim, kills) in &self.kills {
            let mut times = self.recoveries.remove(victim).unwrap_or_default();
            times.sort_unstable_by(f64::total_cmp);
            let half = times.get(times.len() / 2).copied().unwrap_or_default();
            let most = times.last().copied().unwrap_or_default();
            println!(
                "  kill -9 of the {:<12} {kills:>4} times; acknowledged again after {half:.2} s, {most:.2} s at most ({} waited for)",
                format!("{victim:?}").to_lowercase(),
                times.len()
            );
        }
        if self.ended_by_itself > 0 {
            println!(
                "  the server ended by itself {} times:\n{}",
                self.ended_by_itself,
                self.server.last_words()
            );
        }
        let is_all_acknowledged = published == acknowledged;
        if !is_all_acknowledged || done.waiting > 0 {
            println!(
                "  !!!! after {FINISH_S} s {} positions are not acknowledged and {} were never published: the machine does not hold this rate !!!!",
                published - acknowledged,
                done.waiting
            );
        }
        self.server.end().await;
        let verdict = ledger::compare(&self.generator.ledger(), &ground.database).await;
        verdict.print();
        let is_good = verdict.is_good() && is_all_acknowledged && done.waiting == 0;
        ground.leave(is_good).await;
        is_good
    }
}
