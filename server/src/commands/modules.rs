//! `onemap modules plan`: what changed definitions would do; `onemap modules types`: definitions as TypeScript.

use anyhow::bail;
use gis_data::Store;

use crate::args::ModulesCommand;
use crate::config::Config;

#[expect(clippy::print_stdout, reason = "the answer of a command")]
pub(crate) async fn run(config: &Config, command: &ModulesCommand) -> anyhow::Result<()> {
    if let ModulesCommand::Types = command {
        print!("{}", ::modules::typescript(&*config.registry()?));
        return Ok(());
    }
    let store = Store::connect(&config.database_url).await?;
    let changes = ::modules::pending(&store, &*config.registry()?).await?;
    for change in &changes {
        let mark = if change.is_fault { "✗" } else { "·" };
        println!(
            "{mark} {}  {} / {}  [{} 份单据 documents]",
            change.subject, change.what.zh, change.what.en, change.documents
        );
    }
    let faults = changes.iter().filter(|c| c.is_fault).count();
    if faults > 0 {
        bail!("{faults} changes cannot happen as they are");
    }
    if changes.is_empty() {
        println!("没有待应用的变更 / nothing is pending");
    }
    Ok(())
}
