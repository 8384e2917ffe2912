//! `onemap migrate`.

use anyhow::Context as _;
use gis_data::{Store, seed};

use crate::config::Config;
use crate::identity::publish_roles;

pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    let count = gis_data::migrate(&config.database_url).await.context("migrate")?;
    let store = Store::connect(&config.database_url).await?;
    seed::publish_layers(&store).await.context("publish the layer catalogue")?;
    publish_roles(&store).await.context("publish the roles")?;
    let standards = modules::publish_standards(&store).await.context("publish the standards")?;
    modules::publish_calendar(&store).await.context("publish the calendar of working days")?;
    let changes = modules::apply_definitions(&config.database_url, &store, &*config.registry()?)
        .await
        .context("apply the definitions of documents")?;
    for change in &changes {
        tracing::info!("{}: {} ({} documents)", change.subject, change.what.en, change.documents);
    }
    tracing::info!(
        "{count} migrations are applied; layers, roles and {standards} standards are published"
    );
    Ok(())
}
