//! The formats that files come in: a value per format in one slice.

use crate::crs::Crs;

use super::geojson::GeoJson;
use super::input::Input;
use super::osm::OsmPbf;
use super::shape::RawRow;
use super::{ImportError, ImportLayer};

/// Every format that can be read.
pub(super) const FORMATS: &[&dyn Format] = &[&OsmPbf, &GeoJson];

/// A way to read rows from a file, front to back.
pub(super) trait Format: Send + Sync {
    /// Whether a file that begins like this is of the format.
    fn recognises(&self, head: &[u8]) -> bool;

    /// How often the file is read from front to back. Default: once.
    fn passes(&self) -> u64 {
        1
    }

    /// The source that all files of the format share. Default: none, each file is its own.
    fn common_source(&self) -> Option<&'static str> {
        None
    }

    /// Reads all rows of the layer; `declared` is the system the user named.
    fn read(
        &self,
        input: &Input,
        layer: ImportLayer,
        declared: Option<Crs>,
        sink: &mut dyn Sink,
    ) -> Result<(), ImportError>;
}

/// Takes rows as they are read.
pub(super) trait Sink {
    /// Called once, before the first row.
    fn begin(&mut self, crs: Crs) -> Result<(), ImportError>;

    /// Called for each row.
    fn row(&mut self, row: RawRow) -> Result<(), ImportError>;
}
