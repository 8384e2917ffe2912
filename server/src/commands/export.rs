//! `onemap export`.

use std::io::Write as _;
use std::path::{Path, absolute};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, anyhow};
use gis_data::{Budget, Follower, Permission, Store, Viewer, seed};
use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressStyle};
use serde_json::json;
use tiles::{About, ArchiveError, Existing, Order, Progress, Resident, Source, Summary, Tiles};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::args::ExportArgs;
use crate::audit::Outcome;
use crate::config::Config;
use crate::identity::{Identity, command_line};
use crate::wire;

pub(crate) async fn run(config: &Config, args: ExportArgs) -> anyhow::Result<()> {
    let store = Store::connect(&config.database_url).await?;
    let identity = Identity::open(store.clone()).await?;
    let viewer = viewer(&identity, args.as_login.as_deref()).await?;
    let data_at = OffsetDateTime::now_utc().replace_nanosecond(0)?.format(&Rfc3339)?;
    let follower = Follower::start_within(store.clone(), &Budget::unlimited())
        .await
        .context("load the layers")?;
    let sources = Resident::all(&follower.mirrors());
    let tiles = Tiles::new(sources.into_iter().map(|r| Arc::new(r) as Arc<dyn Source>).collect());
    // A layer that is not there is said before the log says that it was taken.
    tiles.named(&args.layers)?;
    log(&identity, &args, Outcome::Ok).await?;
    let notice = seed::notice(&store).await?.map(|notice| notice.zh);
    let stop = Arc::new(AtomicBool::new(false));
    tokio::spawn(stop_when_told(Arc::clone(&stop)));
    let args = Arc::new(args);
    let asked = Arc::clone(&args);
    let written = tokio::task::spawn_blocking(move || {
        let name = asked.file.file_stem().unwrap_or_default().to_string_lossy();
        let about = About { name: &name, notice: notice.as_deref(), data_at: &data_at };
        write(&asked, &tiles, &viewer, about, &stop)
    });
    match written.await? {
        Ok(summary) => Ok(say(&args.file, &summary)?),
        Err(error) => {
            log(&identity, &args, Outcome::Failed).await?;
            let zh = error.message_zh();
            let way_out = flags(&error);
            let file = args.file.display();
            Err(anyhow!(error).context(format!("export to {file} ({zh}{way_out})")))
        }
    }
}

/// Whose eyes it is for: nobody's by itself.
async fn viewer(identity: &Identity, login: Option<&str>) -> anyhow::Result<Viewer> {
    let Some(login) = login else { return Ok(Viewer::program()) };
    let account = identity.account_of_login(login).await?;
    if !account.may_any(&[Permission::Export]) {
        return Err(anyhow!(
            "{login} may not export; the security administrator grants a role with this right \
             ({login} 没有导出权限，请由安全管理员授权)"
        ));
    }
    Ok(account.viewer)
}

/// What leaves the system is in the audit log before it does; that it did not comes after.
async fn log(identity: &Identity, args: &ExportArgs, outcome: Outcome) -> anyhow::Result<()> {
    let (by, from) = command_line();
    let detail = json!({
        "layers": args.layers,
        "as": args.as_login,
        "everything": args.everything,
        "zooms": args.zooms.map(|z| [z.0, z.1]),
        "bbox": args.bbox.map(|b| b.0.to_array()),
    });
    let target = absolute(&args.file)?.display().to_string();
    Ok(identity.log_tiles_export(&by, (&target, outcome), detail, &from).await?)
}

async fn stop_when_told(stop: Arc<AtomicBool>) {
    wire::told_to_end().await;
    tracing::info!("ending: the unfinished archive is taken away");
    stop.store(true, Ordering::Relaxed);
}

fn write(
    args: &ExportArgs,
    tiles: &Tiles,
    viewer: &Viewer,
    about: About<'_>,
    stop: &AtomicBool,
) -> Result<Summary, ArchiveError> {
    let sources = tiles.named(&args.layers)?;
    let order = Order {
        sources: &sources,
        viewer,
        area: args.bbox.map(|b| b.0),
        zooms: args.zooms.map(|z| (z.0, z.1)),
        most_tiles: args.most_tiles,
        existing: if args.force { Existing::Replace } else { Existing::Refuse },
        about,
    };
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    let written = tiles::export(&order, &args.file, stop, &mut |progress| show(&bar, progress));
    bar.finish_and_clear();
    written
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.total);
    bar.set_position(progress.done);
    let left = progress.left().map(|left| format!(", {} left", HumanDuration(left)));
    bar.set_message(format!("{}{}", HumanBytes(progress.bytes), left.unwrap_or_default()));
}

/// By which flags it may go.
fn flags(error: &ArchiveError) -> &'static str {
    match error {
        ArchiveError::Exists(_) => ": --force",
        ArchiveError::TooManyTiles { .. } => ": --zooms, --bbox, --most-tiles",
        ArchiveError::Nothing { is_box: true, .. } => ": --bbox",
        _ => "",
    }
}

fn say(file: &Path, summary: &Summary) -> std::io::Result<()> {
    let Summary { tiles, distinct, bytes, took } = summary;
    writeln!(
        std::io::stdout(),
        "{}: {tiles} tiles, {distinct} distinct, {bytes} bytes, {:.1} s",
        file.display(),
        took.as_secs_f64()
    )
}
