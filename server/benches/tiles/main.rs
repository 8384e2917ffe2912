//! What a tile costs: ours against martin's of the same table in the same run, and against a server that does nothing but
//! send the same bytes. The table is Liechtenstein's buildings, repeated on a grid.
//!
//! `ONEMAP_MARTIN` names the peer's program; without it its columns stay empty. `ONEMAP_BENCH` says what is measured, with
//! commas: `peer` (the default), `cpu`, `edits`, `sizes`, `pans`. `ONEMAP_BENCH_GRID` (11) sets the side of the grid,
//! `ONEMAP_BENCH_FIRST` (8) and `ONEMAP_BENCH_LAST` (18) the zooms, `ONEMAP_BENCH_MINUTES` (10) how long pans go on. Uncached means that the server has never been asked for the tile; the
//! peer's cache is off.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::many_single_char_names,
    reason = "a benchmark fails by panicking and prints what it measured"
)]

#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../shared/machine.rs"]
mod machine;

mod asking;
mod cpu;
mod edits;
mod pans;
mod peer;
mod servers;
mod sizes;
mod table;

use support::TestApp;

/// One line of the report for each zoom.
fn zooms() -> std::ops::RangeInclusive<u8> {
    let zoom = |name: &str, usual: u8| std::env::var(name).map_or(usual, |z| z.parse().unwrap());
    zoom("ONEMAP_BENCH_FIRST", 8)..=zoom("ONEMAP_BENCH_LAST", 18)
}

#[tokio::main]
async fn main() {
    if let Ok(what) = std::env::var(servers::SERVE) {
        return servers::serve(&what).await;
    }
    let wanted = std::env::var("ONEMAP_BENCH").unwrap_or_else(|_| "peer".to_owned());
    println!("{}", machine::machine());
    for part in wanted.split(',') {
        let app = TestApp::start().await;
        match part {
            "peer" => peer::measure(app).await,
            "cpu" => cpu::measure(app).await,
            "edits" => edits::measure(app).await,
            "sizes" => sizes::measure(app).await,
            "pans" => pans::measure(app).await,
            other => {
                app.end().await;
                println!("ONEMAP_BENCH={other}: there are peer, cpu, edits, sizes and pans");
            }
        }
    }
}
