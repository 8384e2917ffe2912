//! What processes take, as Linux tells it in /proc, and the disk that all of it waits for.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::support::Database;

/// Of /proc on every Linux there is.
const TICKS_A_SECOND: f64 = 100.0;
const WRITES: usize = 200;
const WRITE_BYTES: usize = 8 << 10;

/// Processor seconds of a process so far.
fn cpu_s(process: u32) -> f64 {
    let stat = stat(process);
    (stat[11] + stat[12]) as f64 / TICKS_A_SECOND
}

/// Processor seconds so far of server, database, generator, this process with its browsers, and the whole machine.
pub(crate) fn spent(server: u32, postmaster: u32, generator: u32) -> [f64; 5] {
    let own = cpu_s(std::process::id());
    [cpu_s(server), postgres_cpu_s(postmaster), cpu_s(generator), own, machine_cpu_s()]
}

/// Cores that were busy between two counts. What others took shows whether the figures are worth anything.
pub(crate) fn cores(before: [f64; 5], after: [f64; 5], seconds: f64) -> String {
    let [server, postgres, generator, browsers, machine] =
        std::array::from_fn(|n| (after[n] - before[n]) / seconds);
    let others = machine - server - postgres - generator - browsers;
    format!(
        "cores: server {server:.2}, postgres {postgres:.2}, generator {generator:.2}, browsers {browsers:.2}, the kernel and others {others:.2}"
    )
}

/// Processor seconds of everything since the machine started.
fn machine_cpu_s() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap();
    let ticks: Vec<i64> = text
        .lines()
        .next()
        .unwrap()
        .split_ascii_whitespace()
        .skip(1)
        .map(|word| word.parse().unwrap())
        .collect();
    // user, nice, system, then idle and waiting for the disk, then interrupts.
    (ticks[..3].iter().sum::<i64>() + ticks[5..7].iter().sum::<i64>()) as f64 / TICKS_A_SECOND
}

/// Resident memory of a process in 2^20 bytes.
pub(crate) fn resident_mb(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

/// The database server's first process, the parent of the others.
pub(crate) async fn postmaster(database: &Database) -> u32 {
    let backend: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut database.psql().await)
        .await
        .unwrap();
    u32::try_from(stat(backend.unsigned_abs())[1]).unwrap()
}

/// Processor seconds of the database server so far, those of connections that are closed included.
fn postgres_cpu_s(postmaster: u32) -> f64 {
    let own = stat(postmaster);
    let mut ticks: i64 = own[11..15].iter().sum();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let stat = stat(process);
        if stat.get(1) == Some(&i64::from(postmaster)) {
            ticks += stat[11] + stat[12];
        }
    }
    ticks as f64 / TICKS_A_SECOND
}

/// Ends a process as a lost machine does.
pub(crate) fn kill(process: u32) {
    let _ = Command::new("kill").args(["-KILL", &process.to_string()]).status();
}

/// The numbers of /proc/…/stat from the state on, which is left 0; nothing for a process that is gone.
fn stat(process: u32) -> Vec<i64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    after_name.split_ascii_whitespace().map(|word| word.parse().unwrap_or(0)).collect()
}

/// How long 8 KiB take to the disk under the database: half of the times, 99 of 100. Milliseconds.
async fn fsync_ms(database: &Database) -> (f64, f64) {
    let data: String = sqlx::query_scalar("select current_setting('data_directory')")
        .fetch_one(&mut database.psql().await)
        .await
        .unwrap();
    let path = Path::new(&data).parent().unwrap().join("bench-fsync");
    let mut file = File::create(&path).unwrap();
    let mut times: Vec<f64> = (0..WRITES)
        .map(|_| {
            let began = Instant::now();
            file.write_all(&[7; WRITE_BYTES]).unwrap();
            file.sync_data().unwrap();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    fs::remove_file(&path).unwrap();
    times.sort_unstable_by(f64::total_cmp);
    (times[WRITES / 2], times[WRITES * 99 / 100])
}

/// The same in words, to stand beside a figure.
pub(crate) async fn disk(database: &Database) -> String {
    let (half, most) = fsync_ms(database).await;
    format!("write and fdatasync of 8 KiB: p50 {half:.2} ms, p99 {most:.2} ms")
}
