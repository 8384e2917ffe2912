//! `onemap icon`: the same that administrators do on their page.

use std::io::Write as _;
use std::{fs, io};

use anyhow::Context as _;
use gis_data::Store;
use tiles::{ICON_MOST_BYTES, Origin};

use crate::args::IconCommand;
use crate::config::Config;
use crate::icons::{IconBook, too_large};
use crate::identity::command_line;

pub(crate) async fn run(config: &Config, command: IconCommand) -> anyhow::Result<()> {
    let book = IconBook::open(Store::connect(&config.database_url).await?).await?;
    let (by, from) = command_line();
    match command {
        IconCommand::List => list(&book)?,
        IconCommand::Put { name, file } => {
            let size = fs::metadata(&file).with_context(|| format!("read {}", file.display()))?;
            if size.len() > 16 * ICON_MOST_BYTES as u64 {
                return Err(too_large(&name).into());
            }
            let svg = fs::read(&file).with_context(|| format!("read {}", file.display()))?;
            book.put(&by, &name, &svg, &from).await?;
            let origin = book.held().found(&name)?.origin;
            writeln!(io::stdout(), "{name}\t{}", title(origin))?;
        }
        IconCommand::Remove { name } => book.remove(&by, &name, &from).await?,
    }
    Ok(())
}

/// A line for each: name, where it comes from, what people call it, who changed it and when.
fn list(book: &IconBook) -> io::Result<()> {
    let held = book.held();
    let mut out = io::stdout().lock();
    for (name, icon) in held.icons.iter() {
        let (by, at) = held
            .changed(name)
            .map_or((String::new(), String::new()), |changed| (changed.by.to_owned(), changed.at));
        let called = icon.title.as_ref().map_or("", |title| title.zh.as_str());
        writeln!(out, "{name}\t{}\t{called}\t{by}\t{at}", title(icon.origin))?;
    }
    Ok(())
}

fn title(origin: Origin) -> &'static str {
    match origin {
        Origin::Shipped => "shipped",
        Origin::Replaced => "replaced",
        Origin::Added => "added",
    }
}
