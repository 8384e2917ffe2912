//! How many positions a second are stored before they are acknowledged, and how long that takes at half of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::browsers::Browsers;
use crate::generator::Generator;
use crate::ground::{Ground, Onemap};
use crate::load::Phase;
use crate::{processes, setting};

const FENCES: u32 = 1_000;
const HALF_S: f64 = 60.0;
/// How long trips and alarms of what was stored are waited for.
const JUDGED_LIMIT: Duration = Duration::from_mins(2);
const HALF_P99_MS: f64 = 50.0;

/// How positions travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One a message.
    Single,
    /// As a terminal sends what it kept while it was away.
    Batch,
}

impl Kind {
    fn batch(self) -> u32 {
        match self {
            Self::Single => 1,
            Self::Batch => 20,
        }
    }

    /// Positions a second that are asked for, and that are hoped for.
    fn rates(self) -> (f64, f64) {
        match self {
            Self::Single => (15_000.0, 25_000.0),
            Self::Batch => (60_000.0, 80_000.0),
        }
    }
}

/// Whether nothing was lost.
pub(crate) async fn measure(kind: Kind) -> bool {
    let seconds: f64 = setting("ONEMAP_BENCH_SECONDS", 120.0);
    let (asked, hoped) = kind.rates();
    let rate: f64 = setting("ONEMAP_BENCH_RATE", hoped);
    let terminals: u32 = setting("ONEMAP_BENCH_TERMINALS", 2_000);
    let window: usize = setting("ONEMAP_BENCH_WINDOW", 1);
    let clients: usize = setting("ONEMAP_BENCH_BROWSERS", 10);
    let ground = Ground::with_vehicles(terminals).await;
    ground.draw_fences(FENCES).await;
    let segment_ms = ground.age_log().await;
    let mut server = Onemap::serving(&ground.database.url).await;
    let mut generator =
        Generator::start(ground.plan(server.mqtt_port, kind.batch(), window), false);
    generator.connected(terminals as usize).await;
    let browsers = Browsers::open(&server, clients, 0.2).await;
    println!(
        "\n{kind:?}: {} a message, {terminals} terminals with {window} unacknowledged each, {FENCES} fences, {clients} browsers; asked {asked}/s, hoped {hoped}/s; a new segment of the log p99 {segment_ms:.0} ms, made before; {}",
        kind.batch(),
        processes::disk(&ground.database).await
    );
    let postmaster = processes::postmaster(&ground.database).await;
    let processes = (server.process(), postmaster, generator.process());
    let spent = || processes::spent(processes.0, processes.1, processes.2);
    let steps_before = steps(&server).await;
    let before = spent();
    let stored_before = ground.stored().await;
    generator.offer(rate).await;
    sleep(Duration::from_secs_f64(seconds)).await;
    let after = spent();
    let memory_mb = processes::resident_mb(server.process());
    let phase = generator.pause().await;
    let stored = ground.stored().await - stored_before;
    print(&phase, Some(stored));
    print_steps(&steps_before, &steps(&server).await, stored);
    println!(
        "  {}; server memory {memory_mb:.0} MB; server and postgres {:.1} µs a position",
        processes::cores(before, after, seconds),
        (after[0] - before[0] + after[1] - before[1]) * 1e6 / phase.acknowledged as f64
    );
    let began = Instant::now();
    while !ground.is_judged().await && began.elapsed() < JUDGED_LIMIT {
        sleep(Duration::from_millis(100)).await;
    }
    println!(
        "  trips and alarms of it all: {:.1} s after its end (waited for at most {} s)",
        began.elapsed().as_secs_f64(),
        JUDGED_LIMIT.as_secs()
    );
    // What the load before left to be written is written: half of it is what a server does all day.
    ground.write_out().await;
    let steps_before = steps(&server).await;
    generator.offer(asked / 2.0).await;
    sleep(Duration::from_secs_f64(HALF_S)).await;
    let half = generator.pause().await;
    println!("  at half of what is asked, where p99 is to be at most {HALF_P99_MS:.0} ms:");
    print(&half, None);
    print_steps(&steps_before, &steps(&server).await, half.acknowledged);
    browsers.close().await;
    let done = generator.finish(60).await;
    server.end().await;
    let is_good = nothing_is_lost(&ground, &done.published, &done.acknowledged).await;
    ground.leave(is_good).await;
    is_good
}

fn print(phase: &Phase, stored: Option<u64>) {
    let rate = |count: u64| count as f64 / phase.seconds;
    let stored = stored.map(|n| format!(", stored {:.0}/s", rate(n))).unwrap_or_default();
    println!(
        "  {:.0} s: offered {:.0}/s, acknowledged {:.0}/s{stored}",
        phase.seconds,
        rate(phase.offered),
        rate(phase.acknowledged)
    );
    let [half, most, all] = phase.answer_ms;
    let [due_half, due_most, _] = phase.due_ms;
    println!(
        "  PUBLISH to PUBACK: p50 {half:.1} ms, p99 {most:.1} ms, longest {all:.1} ms; from the moment it was due: p50 {due_half:.1} ms, p99 {due_most:.1} ms"
    );
}

/// What a step has taken so far: how often, seconds, and by upper bounds how many.
type Steps = BTreeMap<String, (f64, f64, Vec<(f64, f64)>)>;

/// As the server tells them to whoever watches it.
async fn steps(server: &Onemap) -> Steps {
    let cookie = server.sign_in("admin").await;
    let asked = reqwest::Client::new().get(format!("{}/metrics", server.base()));
    let text = asked.header("cookie", cookie).send().await.unwrap().text().await.unwrap();
    let mut steps = Steps::new();
    for line in text.lines().filter_map(|l| l.strip_prefix("onemap_position_step_seconds_")) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let value: f64 = value.parse().unwrap();
        let label = |label: &str| {
            let after = name.split_once(&format!("{label}=\""))?.1;
            Some(after.split_once('"')?.0.to_owned())
        };
        let (count, seconds, within) = steps.entry(label("step").unwrap()).or_default();
        match name.split_once('{').unwrap().0 {
            "count" => *count = value,
            "sum" => *seconds = value,
            _ => within.extend(label("le").unwrap().parse().ok().map(|bound: f64| (bound, value))),
        }
    }
    assert!(!steps.is_empty(), "{text}");
    steps
}

/// By step, and with the bound that 99 of 100 times are within.
fn print_steps(before: &Steps, after: &Steps, positions: u64) {
    let mut told = Vec::new();
    for (step, (count, seconds, within)) in after {
        let (count_before, seconds_before, within_before) = &before[step];
        let (count, seconds) = (count - count_before, seconds - seconds_before);
        let times = within.iter().zip(within_before).map(|((bound, n), (_, b))| (*bound, n - b));
        let p99 = times.clone().find(|(_, n)| *n >= count * 0.99).map(|(bound, _)| bound);
        let p99 = p99.map_or_else(|| "longer".to_owned(), |bound| format!("{:.3}", bound * 1e3));
        let most = times.rev().take_while(|(_, n)| *n >= count).last().map(|(bound, _)| bound);
        told.push(format!(
            "{step} {:.1} µs a position ({count:.0} times, mean {:.3} ms, p99 within {p99} ms, all within {} ms)",
            seconds * 1e6 / positions as f64,
            seconds * 1e3 / count.max(1.0),
            most.map_or_else(|| "?".to_owned(), |bound| format!("{:.3}", bound * 1e3)),
        ));
    }
    println!("  steps: {}", told.join("; "));
}

/// By the counts of each terminal: everything acknowledged is stored, and nothing that was not published.
async fn nothing_is_lost(ground: &Ground, published: &[u64], acknowledged: &[u64]) -> bool {
    let stored = ground.stored_by_terminal().await;
    let lost: u64 = acknowledged.iter().zip(&stored).map(|(a, s)| a.saturating_sub(*s)).sum();
    let invented: u64 = stored.iter().zip(published).map(|(s, p)| s.saturating_sub(*p)).sum();
    let total = |counts: &[u64]| counts.iter().sum::<u64>();
    println!(
        "  ledgers: {} published, {} acknowledged, {} stored; LOST {lost}, STORED TWICE {invented}",
        total(published),
        total(acknowledged),
        total(&stored)
    );
    if lost + invented > 0 {
        println!("  !!!! ACKNOWLEDGED POSITIONS ARE LOST OR DOUBLE !!!!");
    }
    lost + invented == 0 && total(acknowledged) > 0
}
