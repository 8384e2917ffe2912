//! MBTiles 1.3: the tables `map` and `images` of SQLite behind the view `tiles`; rows count from the south.

mod queries;
mod reader;
mod writer;

use std::path::Path;

pub(super) use reader::MbtilesReader;
pub(super) use writer::MbtilesSink;

use super::ArchiveError;
use crate::TileCoord;

/// The row as MBTiles counts it.
fn row_from_south(coord: TileCoord) -> u32 {
    let rows = 1_u32 << coord.z();
    rows - 1 - coord.y()
}

fn refused(doing: &'static str, path: &Path) -> impl Fn(rusqlite::Error) -> ArchiveError {
    let path = path.to_owned();
    move |source| ArchiveError::Mbtiles { doing, path: path.clone(), source }
}
