//! `onemap replay`.

use anyhow::Context as _;
use gis_data::Store;
use vehicle_tracker::replay::{self, ReplayOptions, Speed};

use crate::args::ReplayArgs;
use crate::config::Config;

pub(crate) async fn run(config: &Config, args: ReplayArgs) -> anyhow::Result<()> {
    let speed: Speed = args.speed.parse().map_err(anyhow::Error::msg).context("--speed")?;
    let store = Store::connect(&config.database_url).await?;
    let options = ReplayOptions { path: args.file, broker_url: config.mqtt_url.clone(), speed };
    let report = replay::run(&store, &options, &mut |_progress| {}).await.context("replay")?;
    tracing::info!("{report}");
    Ok(())
}
