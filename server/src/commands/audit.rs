//! `onemap audit`.

use anyhow::{Context as _, bail};
use gis_data::Store;

use crate::audit;
use crate::config::Config;

pub(crate) async fn verify(config: &Config) -> anyhow::Result<()> {
    let store = Store::connect(&config.database_url).await?;
    let verdict = audit::verify(&store).await.context("read the audit log")?;
    if let Some(fault) = verdict.fault {
        bail!(
            "audit row {}: {} ({}); {} rows were checked",
            fault.audit_id,
            fault.reason.en,
            fault.reason.zh,
            verdict.checked
        );
    }
    tracing::info!(
        "{} rows: the audit log is whole; it ends with {}",
        verdict.checked,
        verdict.head
    );
    Ok(())
}
