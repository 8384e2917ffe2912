//! `onemap simulate`.

use anyhow::Context as _;
use gis_data::Store;
use gis_data::demo::{City, generate};
use tokio_util::sync::CancellationToken;
use vehicle_tracker::simulate::{self, SimulateOptions};

use crate::args::SimulateArgs;
use crate::commands::demo;
use crate::config::Config;
use crate::identity::Identity;

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
    let identity = Identity::open(Store::connect(&config.database_url).await?).await?;
    let broker_url = config.feeder_url(&identity);
    drive(broker_url, &city, args.vehicles, args.rate, stop).await
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
