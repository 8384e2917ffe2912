//! `onemap audit`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use gis_data::Store;

use crate::args::AuditCommand;
use crate::audit::{self, Verdict};
use crate::config::Config;

pub(crate) async fn run(config: &Config, command: AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::Verify { archives } => verify(config, &archives).await,
        AuditCommand::Archive { to, kept_days } => archive(config, &to, kept_days).await,
    }
}

async fn verify(config: &Config, archives: &[PathBuf]) -> anyhow::Result<()> {
    let store = Store::connect(&config.database_url).await?;
    if archives.is_empty() {
        let verdict = audit::verify(&store).await.context("read the audit log")?;
        return told("the audit log", verdict);
    }
    for path in archives {
        let verdict = audit::verify_file(&store, path).await?;
        told(&path.display().to_string(), verdict)?;
    }
    Ok(())
}

fn told(what: &str, verdict: Verdict) -> anyhow::Result<()> {
    if let Some(fault) = verdict.fault {
        bail!(
            "audit row {}: {} ({}); {} rows of {what} were checked",
            fault.audit_id,
            fault.reason.en,
            fault.reason.zh,
            verdict.checked
        );
    }
    tracing::info!("{} rows: {what} is whole; it ends with {}", verdict.checked, verdict.head);
    Ok(())
}

async fn archive(config: &Config, to: &Path, kept_days: u16) -> anyhow::Result<()> {
    let gone = audit::archive(&config.database_url, to, kept_days).await?;
    for month in &gone {
        tracing::info!("{} rows are in {}", month.rows, month.file.display());
    }
    tracing::info!("{} months archived; later ones stay for {kept_days} days", gone.len());
    Ok(())
}
