//! `onemap import`.

use gis_data::Store;
use gis_data::import::{self, ImportRequest, Progress};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::ImportArgs;
use crate::config::Config;

pub(crate) async fn run(config: &Config, args: ImportArgs) -> anyhow::Result<()> {
    let store = Store::connect(&config.database_url).await?;
    let request = ImportRequest {
        path: args.file,
        layer: args.layer.parse()?,
        crs: args.crs,
        dry_run: args.dry_run,
    };
    let bar = Bar::new();
    let report = import::run(&store, &request, &bar).await;
    bar.0.finish_and_clear();
    tracing::info!("{}", report?);
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
    fn advance(&self, bytes: u64, total_bytes: u64, rows: u64) {
        self.0.set_length(total_bytes);
        self.0.set_position(bytes);
        self.0.set_message(format!("{rows} rows"));
    }
}
