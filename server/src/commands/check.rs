//! `onemap check`: what is stored agrees with itself.

use anyhow::{Context as _, bail};
use gis_data::Store;
use modules::Engine;
use vehicle_tracker::archive;

use crate::config::Config;

pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let store = Store::connect(&config.database_url).await?;
    let checked = Engine::new(store.clone(), config.registry()?)
        .verify_all()
        .await
        .context("verify the history of documents")?;
    tracing::info!("{checked} documents: every event chain is whole");
    let rooms = modules::space::verify(&store).await.context("add up the space ledger")?;
    if !rooms.is_empty() {
        let rooms: Vec<String> = rooms.iter().map(ToString::to_string).collect();
        bail!("the space ledger does not add up in rooms {}", rooms.join(", "));
    }
    tracing::info!("the space ledger: balances are the sums of their entries");
    let faults = gis_data::integrity::faults(&store).await?;
    for fault in &faults {
        tracing::error!("{fault}");
    }
    let files = archive::faults(&store, config.positions.folder.as_deref()).await?;
    for fault in &files {
        tracing::error!("{fault}");
    }
    let count = faults.len() + files.len();
    if count > 0 {
        bail!("{count} faults");
    }
    tracing::info!("places and organisations agree; the files of archived positions are there");
    Ok(())
}
