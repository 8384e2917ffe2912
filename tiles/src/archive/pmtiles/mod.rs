//! PMTiles v3: directories along a Hilbert curve, tiles behind them, in one file.

mod reader;
mod writer;

use std::path::Path;

use ::pmtiles::PmtError;

pub(super) use reader::PmtilesReader;
pub(super) use writer::PmtilesSink;

use super::ArchiveError;

fn refused(doing: &'static str, path: &Path) -> impl Fn(PmtError) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::Pmtiles { doing, path: path.clone(), source }
}
