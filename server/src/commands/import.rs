//! `onemap import`.

use gis_data::Store;
use gis_data::import::{self, ImportMode, ImportRequest, Progress};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::ImportArgs;
use crate::config::Config;

pub(crate) async fn run(config: &Config, args: ImportArgs) -> anyhow::Result<()> {
    let store = Store::connect(&config.database_url).await?;
    let request = ImportRequest {
        file: args.file,
        layer: args.layer.parse()?,
        crs: args.crs.as_deref().map(str::parse).transpose()?,
        table: args.table,
        source: None,
        mode: if args.dry_run { ImportMode::DryRun } else { ImportMode::Commit },
    };
    let bar = Bar::new();
    let report = import::run(&store, &request, &bar).await;
    bar.0.finish_and_clear();
    let report = report.map_err(|e| anyhow::anyhow!("{}\n{e}", e.message_zh()))?;
    tracing::info!("{report}");
    Ok(())
}

struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn bytes(&self, read: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(read);
    }

    fn rows(&self, read: u64) {
        self.0.set_message(format!("{read} rows"));
    }
}
