//! `onemap terminal`.

use std::io::Write as _;

use gis_data::Store;

use crate::args::TerminalCommand;
use crate::config::Config;
use crate::identity::{Identity, command_line};

pub(crate) async fn run(config: &Config, command: TerminalCommand) -> anyhow::Result<()> {
    let identity = Identity::open(Store::connect(&config.database_url).await?).await?;
    let (by, from) = command_line();
    match command {
        TerminalCommand::Issue { terminal } => {
            let secret = identity.issue_credential(&by, &terminal, &from).await?;
            writeln!(std::io::stdout(), "{secret}")?;
        }
        TerminalCommand::IssueMissing => {
            let drawn = identity.issue_missing_credentials(&by, &from).await?;
            let mut out = std::io::stdout().lock();
            writeln!(out, "terminal_id,secret")?;
            for (terminal, secret) in drawn {
                writeln!(out, "{terminal},{secret}")?;
            }
        }
        TerminalCommand::Gateway => {
            let (name, secret) = identity.feeder();
            writeln!(std::io::stdout(), "{name}:{secret}")?;
        }
        TerminalCommand::Revoke { terminal } => {
            identity.revoke_credential(&by, &terminal, &from).await?;
        }
    }
    Ok(())
}
