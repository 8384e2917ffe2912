//! From a terminal to a browser: ten thousand vehicles, a hundred browsers.

use std::time::Duration;

use tokio::time::sleep;

use crate::browsers::Browsers;
use crate::generator::Generator;
use crate::ground::{Ground, Onemap};
use crate::{processes, setting};

/// Between two reports of a vehicle.
const REPORT_S: f64 = 5.0;
/// The sides of a browser's view, as a part of the ground's.
const PART: f64 = 0.25;
const LIMIT_MS: f64 = 300.0;

/// Whether positions came at all.
pub(crate) async fn measure() -> bool {
    let vehicles: u32 = setting("ONEMAP_BENCH_TERMINALS", 10_000);
    let clients: usize = setting("ONEMAP_BENCH_BROWSERS", 100);
    let seconds: f64 = setting("ONEMAP_BENCH_SECONDS", 60.0);
    let ground = Ground::with_vehicles(vehicles).await;
    let mut server = Onemap::serving(&ground.database.url).await;
    println!(
        "\nlatency: {vehicles} vehicles every {REPORT_S} s, {clients} browsers with {:.0} of them in view each; {}",
        f64::from(vehicles) * PART * PART,
        processes::disk(&ground.database).await
    );
    let mut generator = Generator::start(ground.plan(server.mqtt_port, 1, 1), false);
    generator.connected(vehicles as usize).await;
    let browsers = Browsers::open(&server, clients, PART).await;
    generator.offer(f64::from(vehicles) / REPORT_S).await;
    // Everybody has reported once and every browser has its snapshot.
    sleep(Duration::from_secs_f64(REPORT_S * 2.0)).await;
    let process = generator.process();
    let postmaster = processes::postmaster(&ground.database).await;
    let spent = || processes::spent(server.process(), postmaster, process);
    let before = spent();
    browsers.note();
    sleep(Duration::from_secs_f64(seconds)).await;
    let after = spent();
    let seen = browsers.close().await;
    let phase = generator.pause().await;
    let ages = &seen.ages_ms;
    let at =
        |part: f64| ages.get(((ages.len() as f64 * part) as usize).min(ages.len() - 1)).copied();
    let [half, most, all] = [0.5, 0.99, 1.0].map(|part| at(part).unwrap_or(f64::NAN));
    println!(
        "  terminal to browser: p50 {half:.0} ms, p99 {most:.0} ms (asked {LIMIT_MS:.0}), longest {all:.0} ms, of {} positions in {} frames, {:.0} kB/s a browser",
        ages.len(),
        seen.frames,
        seen.bytes as f64 / 1e3 / seconds / clients as f64
    );
    println!(
        "  PUBLISH to PUBACK: p50 {:.1} ms, p99 {:.1} ms; {}; server memory {:.0} MB",
        phase.answer_ms[0],
        phase.answer_ms[1],
        processes::cores(before, after, seconds),
        processes::resident_mb(server.process())
    );
    server.end().await;
    ground.leave(true).await;
    !seen.ages_ms.is_empty()
}
