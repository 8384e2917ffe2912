//! `onemap simulate`: vehicles that drive, and terminals with troubles whose ledgers are held against the database.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use gis_data::Store;
use gis_data::demo::{City, generate};
use tokio_util::sync::CancellationToken;
use vehicle_tracker::BrokerConfig;
use vehicle_tracker::simulate::{self, Findings, LedgerReport, SimulateOptions, Trial, Troubles};

use crate::args::{SimulateArgs, TroubleArgs};
use crate::commands::demo;
use crate::config::Config;
use crate::identity::Identity;

/// A broker of somebody else's acknowledges before we have stored: what it still holds may take this long.
const UNDER_WAY: Duration = Duration::from_secs(30);

pub(crate) async fn run(config: &Config, args: SimulateArgs) -> anyhow::Result<()> {
    let plan = demo::plan(args.city);
    let city = tokio::task::spawn_blocking(move || generate(&plan)).await?;
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    let seconds = args.seconds;
    tokio::spawn(async move {
        let over = async {
            match seconds {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            asked = tokio::signal::ctrl_c() => if asked.is_err() { return },
            () = over => {}
        }
        stopper.cancel();
    });
    tracing::info!("{} vehicles drive, Ctrl-C ends", args.vehicles.min(city.vehicles.len()));
    let store = Store::connect(&config.database_url).await?;
    let identity = Identity::open(store.clone()).await?;
    let options = SimulateOptions {
        broker_url: config.feeder_url(&identity),
        vehicles: args.vehicles,
        rate_hz: args.rate,
        seed: args.seed,
    };
    if !args.trouble.trouble {
        simulate::run(options, &city, stop).await.context("simulate")?;
        return Ok(());
    }
    let troubles = troubles(&args.trouble);
    let trial =
        simulate::trial(options, troubles, &store, &city, stop).await.context("simulate")?;
    let report = compared(config, &trial, &store).await.context("compare the ledgers")?;
    let mut out = io::stdout().lock();
    if args.trouble.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&mut out, &report)?;
    }
    if !report.is_clean() {
        bail!("the database does not hold what the ledgers say (数据库与台账不符)");
    }
    Ok(())
}

/// Drives the city's vehicles until told to stop.
pub(crate) async fn drive(
    broker_url: String,
    city: &City,
    vehicles: usize,
    rate_hz: f64,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let options = SimulateOptions { broker_url, vehicles, rate_hz, seed: 1 };
    simulate::run(options, city, stop).await.context("simulate")?;
    Ok(())
}

fn troubles(args: &TroubleArgs) -> Troubles {
    Troubles {
        jt808_share: args.jt808_share,
        offline_share: args.offline_share,
        offline_s: args.offline_seconds,
        duplicate_share: args.duplicate_share,
        disorder_share: args.disorder_share,
        skew_share: args.skew_share,
        jumps_per_hour: args.jumps_per_hour,
        drift_share: args.drift_share,
        no_fix_share: args.no_fix_share,
        gzip_share: args.gzip_share,
    }
}

async fn compared(
    config: &Config,
    trial: &Trial,
    store: &Store,
) -> vehicle_tracker::Result<LedgerReport> {
    let patience = match config.broker {
        BrokerConfig::Embedded { .. } => Duration::ZERO,
        BrokerConfig::External { .. } => UNDER_WAY,
    };
    let ended = Instant::now();
    loop {
        let report = trial.compare(store).await?;
        if report.lost.count == 0 || ended.elapsed() >= patience {
            return Ok(report);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn print(out: &mut impl Write, report: &LedgerReport) -> io::Result<()> {
    let LedgerReport { seed, terminals, jt808_terminals, seconds, troubles, .. } = report;
    writeln!(
        out,
        "终端 terminals {terminals}（其中 of which JT/T 808: {jt808_terminals}）  历时 took {seconds:.1} s  种子 seed {seed}"
    )?;
    if report.is_full {
        writeln!(out, "台账已满，提前结束 / the ledgers are full, which ended it")?;
    }
    let rows = [
        ("离线 offline spells", troubles.offline_spells),
        ("补传 batches", troubles.batches),
        ("重发 sent again", troubles.duplicates),
        ("乱序 out of order", troubles.disordered),
        ("时钟跳变 clock jumps", troubles.clock_jumps),
        ("漂移 drifted", troubles.drifted),
        ("未定位 without a fix", troubles.without_fix),
        ("压缩 packed", troubles.packed),
        ("报文 messages", report.messages),
        ("定位（含重发） positions, repeats included", report.sent),
        ("不同定位 different positions", report.positions),
        ("已确认 acknowledged", report.acknowledged),
        ("已入库 stored", report.stored),
        (
            "未确认而已在库（允许） on file without an acknowledgement, allowed",
            report.unacknowledged_on_file,
        ),
        ("结束时未发出 still in the terminals", u64::try_from(report.kept).unwrap_or(u64::MAX)),
        ("终端存满而丢弃 no room in the terminals", report.forgotten),
        ("恰在时限上，存或拒均可 either stored or rejected, both right", report.either),
    ];
    for (name, count) in rows {
        writeln!(out, "  {name}: {count}")?;
    }
    for (reason, counts) in &report.rejected {
        let (expected, found) = (counts.expected, counts.found);
        writeln!(out, "  拒收 rejected {reason}: 预期 expected {expected}, 实际 found {found}")?;
    }
    for (name, findings) in [
        ("丢失 LOST", &report.lost),
        ("重复 TWICE", &report.twice),
        ("多出 INVENTED", &report.invented),
        ("判错 MISJUDGED", &report.misjudged),
    ] {
        found(out, name, findings)?;
    }
    Ok(())
}

fn found(out: &mut impl Write, name: &str, findings: &Findings) -> io::Result<()> {
    writeln!(out, "{name} {}", findings.count)?;
    for finding in &findings.first {
        let (terminal, at) = (&finding.terminal, &finding.fix_time);
        writeln!(out, "    {terminal}  {at}  {}  {}", finding.content_hash, finding.note)?;
    }
    Ok(())
}
