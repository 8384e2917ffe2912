//! Archives of tiles: one file that holds a pyramid. Layers are exported to PMTiles v3 and MBTiles 1.3, and archives of
//! either kind, also with pictures in them, are read as base maps.

mod base;
mod cover;
mod error;
mod export;
mod mbtiles;
mod metadata;
mod pmtiles;
mod target;

use std::path::Path;

pub use base::{Base, BaseTile, TileFormat};
pub use error::ArchiveError;
pub use export::{Existing, MOST_TILES, Order, Progress, Summary, export};
pub use metadata::About;

/// The result of whatever reads or writes an archive.
type Result<T, E = ArchiveError> = std::result::Result<T, E>;

/// The two kinds of archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Pmtiles,
    Mbtiles,
}

impl Format {
    /// By the extension, in letters of any size.
    fn of_path(path: &Path) -> Result<Self> {
        match path.extension() {
            Some(e) if e.eq_ignore_ascii_case("pmtiles") => Ok(Self::Pmtiles),
            Some(e) if e.eq_ignore_ascii_case("mbtiles") => Ok(Self::Mbtiles),
            _ => Err(ArchiveError::UnknownFormat(path.to_owned())),
        }
    }
}
