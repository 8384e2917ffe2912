//! Import 数据导入: a file -> rows -> every fault of each -> one transaction.
//!
//! - Good rows go to their layer, bad rows to `import_problem` with every reason; a file without any
//!   good row is refused as a whole and leaves the database as it was, and so is a file that is cut
//!   off, empty or declared in the wrong coordinate system.
//! - The same row of the same source is the same feature for ever (`feature_source`). A row that has
//!   not changed is not touched, so an import after the first changes nothing; a run that finds
//!   nothing new in a file it has seen before writes no `import_batch` either.
//! - An import adds and corrects. It removes nothing that a later file no longer has, and never
//!   empties a column that the file says nothing about.

mod archive;
mod assemble;
mod attributes;
mod charset;
mod csv;
mod error;
mod flatgeobuf;
mod format;
mod geojson;
mod geopackage;
mod gpx;
mod input;
mod judge;
mod kml;
mod osm;
mod queries;
#[cfg(test)]
mod random;
mod report;
mod run;
mod shape;
mod shapefile;
mod table;
mod terms;
mod wkb;
mod wkt;
mod write;
mod xlsx;
mod xml;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::crs::Crs;

pub use error::ImportError;
pub use report::{ImportOutcome, ImportReport, Note, RowProblem};
pub use run::run;

/// What to import.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The file.
    pub file: PathBuf,
    /// Where its rows go.
    pub layer: ImportLayer,
    /// The file's coordinate system, where the file does not say or says it wrongly. A format that has one of its
    /// own, and a table of longitudes and latitudes, is in WGS 84 unless told; other files are refused then.
    pub crs: Option<Crs>,
    /// The table, sheet or shapefile to read, where a file has several; the first unless told.
    pub table: Option<String>,
    /// The name under which the rows are known again; the file's name without extension unless told.
    pub source: Option<String>,
    /// Whether to keep the result.
    pub mode: ImportMode,
}

/// Whether an import is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// Commits.
    Commit,
    /// Does everything but commit.
    DryRun,
}

/// The layers that files can be imported into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportLayer {
    /// 房屋.
    Buildings,
    /// 宗地.
    Parcels,
    /// 设施.
    Facilities,
}

impl ImportLayer {
    /// Every layer, as typed on the command line.
    pub const ALL: [Self; 3] = [Self::Buildings, Self::Parcels, Self::Facilities];

    /// The id in the layer catalogue.
    pub fn id(self) -> &'static str {
        match self {
            Self::Buildings => "buildings",
            Self::Parcels => "parcels",
            Self::Facilities => "facilities",
        }
    }

    /// The name for people.
    pub fn title_zh(self) -> &'static str {
        match self {
            Self::Buildings => "房屋",
            Self::Parcels => "宗地",
            Self::Facilities => "设施",
        }
    }

    /// The kind of its features.
    fn kind(self) -> &'static str {
        match self {
            Self::Buildings => "building",
            Self::Parcels => "parcel",
            Self::Facilities => "facility",
        }
    }
}

impl fmt::Display for ImportLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for ImportLayer {
    type Err = ImportError;

    fn from_str(text: &str) -> Result<Self, ImportError> {
        Self::ALL
            .into_iter()
            .find(|layer| layer.id() == text)
            .ok_or_else(|| ImportError::UnknownLayer(text.to_owned()))
    }
}

/// Is told how far an import has come, about five times a second.
pub trait Progress: Send + Sync {
    /// Bytes read of the bytes there are to read (a file that is read several times counts as often).
    /// Default: not shown.
    fn bytes(&self, _read: u64, _total: u64) {}

    /// Rows judged so far. Default: not shown.
    fn rows(&self, _read: u64) {}
}

/// Shows nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {}
