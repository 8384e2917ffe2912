//! `onemap simulate`.

use anyhow::Context as _;
use gis_data::demo::{City, generate};
use tokio_util::sync::CancellationToken;
use vehicle_tracker::simulate::{self, SimulateOptions};

use crate::args::SimulateArgs;
use crate::commands::demo;
use crate::config::Config;

pub(crate) async fn run(config: &Config, args: SimulateArgs) -> anyhow::Result<()> {
    let plan = demo::plan(args.city);
    let city = tokio::task::spawn_blocking(move || generate(&plan)).await?;
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopper.cancel();
        }
    });
    tracing::info!("{} vehicles drive, Ctrl-C ends", args.vehicles.min(city.vehicles.len()));
    drive(config, &city, args.vehicles, args.rate, stop).await
}

/// Drives the city's vehicles until told to stop.
pub(crate) async fn drive(
    config: &Config,
    city: &City,
    vehicles: usize,
    rate_hz: f64,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let options =
        SimulateOptions { broker_url: config.mqtt_url.clone(), vehicles, rate_hz, seed: 1 };
    simulate::run(options, city, stop).await.context("simulate")?;
    Ok(())
}
