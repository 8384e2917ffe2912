//! `onemap replay`.

use anyhow::Context as _;
use gis_data::Store;
use vehicle_tracker::replay::{self, ReplayOptions, Speed};

use crate::args::ReplayArgs;
use crate::config::Config;
use crate::identity::Identity;

pub(crate) async fn run(config: &Config, args: ReplayArgs) -> anyhow::Result<()> {
    let speed: Speed = args.speed.parse().map_err(anyhow::Error::msg).context("--speed")?;
    let store = Store::connect(&config.database_url).await?;
    let identity = Identity::open(store.clone()).await?;
    let broker_url = config.feeder_url(&identity);
    let options = ReplayOptions { path: args.file, broker_url, speed };
    let report = replay::run(&store, &options, &mut |_progress| {}).await.context("replay")?;
    tracing::info!("{report}");
    Ok(())
}
