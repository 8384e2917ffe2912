//! What the vehicle tracker holds: nothing that was acknowledged is lost while everything is killed, how many positions a
//! second are stored before they are acknowledged, how soon a browser sees them, and what a large fleet takes of memory.
//! Broker, server, database, terminals and browsers share this machine; each is a process of its own.
//!
//! `ONEMAP_BENCH` says what is measured, with commas: `loss`, `loss-mosquitto`, `single`, `batch`, `latency`, `memory`, `places`,
//! `replay`; without it all of them, in half an hour. `ONEMAP_BENCH_MINUTES` (10) is how long the two of loss go on,
//! `ONEMAP_BENCH_SECONDS` (120; of latency 60) how long the others; `ONEMAP_BENCH_TERMINALS` how many terminals there are,
//! `ONEMAP_BENCH_WINDOW` (1) how many messages each has unacknowledged at most, `ONEMAP_BENCH_RATE` the positions a second
//! that `single` (25,000) and `batch` (80,000) offer, `ONEMAP_BENCH_BROWSERS` how many browsers watch,
//! `ONEMAP_BENCH_SEED` what is killed when. The time of the disk stands beside every figure: it bounds all of them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark fails by panicking and prints what it measured"
)]

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../shared/machine.rs"]
mod machine;

mod browsers;
mod cluster;
mod fleet;
mod generator;
mod ground;
mod latency;
mod ledger;
mod link;
mod load;
mod loss;
mod memory;
mod mosquitto;
mod mqtt;
mod places;
mod processes;
mod replay;
mod throughput;

use std::str::FromStr;

use throughput::Kind;

const ALL: &str = "loss,loss-mosquitto,single,batch,latency,memory,places,replay";

fn main() {
    if let Ok(plan) = std::env::var(load::LOAD) {
        return load::run(&plan);
    }
    let is_good = tokio::runtime::Runtime::new().unwrap().block_on(measure());
    if !is_good {
        println!("\nFAILED: see above");
        std::process::exit(1);
    }
}

async fn measure() -> bool {
    println!("{}", machine::machine());
    let wanted = std::env::var("ONEMAP_BENCH").unwrap_or_else(|_| ALL.to_owned());
    let mut is_good = true;
    for part in wanted.split(',') {
        is_good &= match part {
            "loss" => loss::measure().await,
            "loss-mosquitto" => mosquitto::measure().await,
            "single" => throughput::measure(Kind::Single).await,
            "batch" => throughput::measure(Kind::Batch).await,
            "latency" => latency::measure().await,
            "memory" => memory::measure().await,
            "places" => places::measure(),
            "replay" => replay::measure().await,
            other => {
                println!("ONEMAP_BENCH={other}: there are {ALL}");
                false
            }
        };
    }
    is_good
}

/// A number from the environment, or the usual one.
fn setting<T: FromStr>(name: &str, usual: T) -> T {
    std::env::var(name).map_or(usual, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name}={text} is not such a number"))
    })
}
