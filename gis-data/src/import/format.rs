//! The formats that files come in: a value per format in one slice.

use crate::crs::{Crs, CrsError};

use super::csv::Csv;
use super::flatgeobuf::FlatGeobuf;
use super::geojson::GeoJson;
use super::geopackage::GeoPackage;
use super::gpx::Gpx;
use super::input::Input;
use super::kml::Kml;
use super::osm::OsmPbf;
use super::shape::RawRow;
use super::shapefile::Shapefile;
use super::xlsx::Xlsx;
use super::{ImportError, ImportLayer, Note};

/// Every format that can be read.
pub(super) const FORMATS: &[&dyn Format] =
    &[&OsmPbf, &GeoJson, &Shapefile, &Csv, &Xlsx, &GeoPackage, &Kml, &FlatGeobuf, &Gpx];

/// What the user asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) layer: ImportLayer,
    /// The system the user named.
    pub(super) crs: Option<Crs>,
    /// The table the user named, where a file has several.
    pub(super) table: Option<String>,
}

/// A way to read rows from a file, front to back.
pub(super) trait Format: Send + Sync {
    /// Its name for people.
    fn name(&self) -> &'static str;

    /// How the names of such files end, in lower case.
    fn extensions(&self) -> &'static [&'static str];

    /// Whether a file that begins like this is of the format. Default: its name alone says so.
    fn recognises(&self, _head: &[u8], _input: &Input) -> bool {
        false
    }

    /// How often the file is read from front to back. Default: once.
    fn passes(&self) -> u64 {
        1
    }

    /// The source that all files of the format share. Default: none, each file is its own.
    fn common_source(&self) -> Option<&'static str> {
        None
    }

    /// Reads all rows of the layer.
    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError>;
}

/// The format of a file: what its content says, else what its name says.
pub(super) fn format_of(input: &Input) -> Result<&'static dyn Format, ImportError> {
    let head = input.head()?;
    let extension = input.extension();
    FORMATS
        .iter()
        .find(|format| format.recognises(&head, input))
        .or_else(|| FORMATS.iter().find(|f| f.extensions().contains(&extension.as_str())))
        .copied()
        .ok_or_else(|| ImportError::UnknownFormat(input.path().to_owned()))
}

/// The names of all formats, for people.
pub(super) fn names(between: &str) -> String {
    FORMATS.iter().map(|format| format.name()).collect::<Vec<_>>().join(between)
}

/// Takes rows as they are read.
pub(super) trait Sink {
    /// Called once, before the first row.
    fn begin(&mut self, crs: Crs) -> Result<(), ImportError>;

    /// Called for what the report should tell.
    fn note(&mut self, note: Note);

    /// Called for each row.
    fn row(&mut self, row: RawRow) -> Result<(), ImportError>;
}

/// What a file says of its coordinate system.
#[derive(Debug)]
pub(super) enum Own {
    /// Nothing.
    Silent,
    /// One that is accepted.
    Says(Crs),
    /// One that is not.
    Refused(CrsError),
}

impl From<Result<Crs, CrsError>> for Own {
    fn from(read: Result<Crs, CrsError>) -> Self {
        match read {
            Ok(crs) => Self::Says(crs),
            Err(error) => Self::Refused(error),
        }
    }
}

/// The system a file is read in. What the user named goes before what the file says, and the report
/// tells where they differ; `silent` is the system where neither speaks, if the format has one.
pub(super) fn settle(
    format: &'static str,
    asked: &Asked,
    own: Own,
    silent: Option<Crs>,
    sink: &mut dyn Sink,
) -> Result<Crs, ImportError> {
    let Some(crs) = asked.crs else {
        return match own {
            Own::Says(crs) => Ok(crs),
            Own::Refused(error) => Err(ImportError::FileCrs(error)),
            Own::Silent => silent.ok_or(ImportError::NoCrs(format)),
        };
    };
    let named = match own {
        Own::Says(own) if own != crs => Some(own.to_string()),
        Own::Refused(error) => Some(error.system()),
        Own::Says(_) | Own::Silent => None,
    };
    if let Some(file) = named {
        sink.note(Note::OtherCrs { file, used: crs.to_string() });
    }
    Ok(crs)
}

/// The table to be read of those a file has: the one the user named, else the first, and the report
/// tells that there are others.
pub(super) fn choose(
    format: &'static str,
    asked: &Asked,
    tables: &[String],
    sink: &mut dyn Sink,
) -> Result<usize, ImportError> {
    let Some(name) = &asked.table else {
        if let [first, others @ ..] = tables
            && !others.is_empty()
        {
            sink.note(Note::OneTable { read: first.clone(), others: others.to_vec() });
        }
        return Ok(0);
    };
    tables.iter().position(|table| table == name).ok_or_else(|| ImportError::NoTable {
        format,
        named: name.clone(),
        tables: tables.to_vec(),
    })
}
