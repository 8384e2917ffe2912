//! `onemap archive`.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use gis_data::Store;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use vehicle_tracker::archive::{self, Due, Policy, Stayed, Step};

use crate::args::ArchiveCommand;
use crate::config::Config;

pub(crate) async fn run(config: &Config, command: ArchiveCommand) -> anyhow::Result<()> {
    let store = Store::connect(&config.database_url).await?;
    match command {
        ArchiveCommand::Positions { dry_run } => {
            positions(&store, &config.positions, dry_run).await
        }
        ArchiveCommand::Restore { file } => restore(&store, &file).await,
    }
}

async fn positions(store: &Store, policy: &Policy, is_dry_run: bool) -> anyhow::Result<()> {
    if policy.folder.is_none() {
        bail!(
            "no folder for the archive: give --archive-dir, or positions stay in the database \
             (未指定归档目录，定位数据全部保留在数据库中：请用 --archive-dir 指定)"
        );
    }
    let due = archive::due(store, policy).await.context("look for days that may go")?;
    if is_dry_run {
        return Ok(say_due(&due, policy)?);
    }
    let bar = bar("{spinner} {pos} {msg}");
    let summary = archive::archive(store, policy, &mut |step| match step {
        Step::Written(day, rows) => {
            bar.set_position(rows);
            bar.set_message(format!("positions of {day} (正在写入 {day} 的定位)"));
        }
        Step::Verifying(day, _) => {
            bar.set_message(format!("positions of {day} are read back (正在校验 {day})"));
        }
    })
    .await;
    bar.finish_and_clear();
    let summary = summary.context("archive positions (归档定位数据)")?;
    let mut out = std::io::stdout();
    for gone in &summary.gone {
        let file = gone.file.as_ref().map_or_else(String::new, |f| f.display().to_string());
        let (day, rows, bytes) = (gone.day, gone.rows, gone.byte_count);
        writeln!(out, "{day}: {rows} positions, {bytes} bytes {file} (已归档 {rows} 条)")?;
    }
    for (day, why) in &summary.stayed {
        writeln!(out, "{day}: {}", reason(*why))?;
    }
    let failed = summary.failed.len();
    let (gone, stayed) = (summary.gone.len(), summary.stayed.len() + failed);
    let rejects = summary.rejects;
    writeln!(
        out,
        "{gone} days archived, {stayed} stayed, {rejects} old rejections taken away \
         (归档 {gone} 天，保留 {stayed} 天，清理过期拒收记录 {rejects} 条)"
    )?;
    for (day, error) in summary.failed {
        let error = anyhow::Error::new(error);
        writeln!(out, "{day}: stays, {error:#} (保留：归档失败)")?;
    }
    anyhow::ensure!(failed == 0, "{failed} days could not be archived ({failed} 天归档失败)");
    Ok(())
}

fn say_due(due: &[Due], policy: &Policy) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    for day in due {
        let Due { day, file, row_estimate, byte_count } = day;
        let (file, size) = (file.display(), HumanBytes(u64::try_from(*byte_count).unwrap_or(0)));
        writeln!(
            out,
            "{day}: about {row_estimate} positions to {file}, then {size} out of the database \
             (约 {row_estimate} 条写入后移出数据库)"
        )?;
    }
    let (count, days) = (due.len(), policy.positions_days);
    writeln!(
        out,
        "{count} days would go; what was received within {days} days stays \
         (将归档 {count} 天，近 {days} 天收到的保留)"
    )
}

fn reason(stayed: Stayed) -> &'static str {
    match stayed {
        Stayed::Elsewhere => "stays, another server or command is at work (保留：另有归档正在进行)",
        Stayed::Changed => "stays, positions came while it was read (保留：归档期间有新定位)",
        Stayed::Unread => "stays, not all of it has become trips (保留：行程尚未全部生成)",
        Stayed::Busy => "stays, it is in use (保留：数据正被使用)",
    }
}

async fn restore(store: &Store, file: &Path) -> anyhow::Result<()> {
    let bar = bar("{bar:40} {pos}/{len}");
    let restored = archive::restore(store, file, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })
    .await;
    bar.finish_and_clear();
    let restored = restored
        .with_context(|| format!("put {} back (恢复 {})", file.display(), file.display()))?;
    let mut out = std::io::stdout();
    let (day, rows, new) = (restored.day, restored.rows, restored.new);
    writeln!(
        out,
        "{day}: {new} of {rows} positions were put back, the others are there ({day} 恢复 {new} 条，共 {rows} 条)"
    )?;
    if !restored.is_on_book {
        writeln!(
            out,
            "the file is not on this database's book: its day goes again when days are archived \
             (该文件未登记，下次归档时将再次移出)"
        )?;
    }
    Ok(())
}

fn bar(template: &str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
