//! One command a file.

mod archive;
mod audit;
mod check;
mod demo;
mod explain;
mod export;
mod icon;
mod import;
mod migrate;
mod modules;
mod replay;
mod simulate;
mod terminal;
mod tls;
mod user;

use crate::args::{Args, Command};
use crate::config::Config;
use crate::wire;

/// Does what was typed.
pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    // These need neither database nor configuration.
    let command = match args.command {
        Command::Tls(command) => return tls::run(command),
        Command::Explain(explain) => return explain::run(&explain),
        command => command,
    };
    let config = Config::from_settings(args.settings)?;
    match command {
        Command::Tls(_) | Command::Explain(_) => Ok(()),
        Command::Serve => wire::serve(config, None, |_city| {}).await,
        Command::Demo(demo) => demo::run(config, demo).await,
        Command::Migrate => migrate::run(&config).await,
        Command::Import(import) => import::run(&config, import).await,
        Command::Export(export) => export::run(&config, export).await,
        Command::Simulate(simulate) => simulate::run(&config, simulate).await,
        Command::Replay(replay) => replay::run(&config, replay).await,
        Command::Modules(command) => modules::run(&config, &command).await,
        Command::Check => check::run(&config).await,
        Command::User(user) => user::run(&config, user).await,
        Command::Terminal(terminal) => terminal::run(&config, terminal).await,
        Command::Icon(command) => icon::run(&config, command).await,
        Command::Audit(command) => audit::run(&config, command).await,
        Command::Archive(command) => archive::run(&config, command).await,
    }
}
