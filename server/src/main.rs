//! `onemap`: one map for a government's buildings, land and vehicles.

mod args;
mod audit;
mod base;
mod client;
mod commands;
mod config;
mod envelope;
mod error;
mod extract;
mod guard;
mod icons;
mod identity;
mod listener;
mod live;
mod metrics;
mod moving;
mod openapi;
mod rate;
mod router;
mod routes;
mod state;
mod tls;
mod wire;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

/// Layers are packed anew, and tiles come and go, on many threads for months: the system's allocator keeps much of what it
/// has once had.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("ONEMAP_LOG")
        .unwrap_or_else(|_unset| EnvFilter::new("info,sqlx=warn,rmqtt=warn,rmqtt_net=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match commands::run(args::Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
