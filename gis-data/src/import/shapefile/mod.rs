//! Shapefile (ESRI Shapefile Technical Description, 1998): `.shp` with `.dbf`, `.prj`, `.cpg` and `.shx` beside
//! it, or a zip archive with them. Shapes and attributes are read side by side, a record at a time.

mod dbf;
mod rings;
mod shp;

use std::io::{BufReader, Read};

use encoding_rs::Encoding;

use crate::crs::Crs;

use super::archive::{Archive, Entry, MAGIC};
use super::charset::named;
use super::format::{Asked, Format, Own, Sink, choose, settle};
use super::input::{Counted, Input};
use super::shape::RawRow;
use super::{ImportError, Note};

use dbf::{Record, Table};
use shp::{Place, Shapes};

const NAME: &str = "Shapefile";

/// A system or an encoding is named in fewer bytes than this.
const MOST_WORDS_BYTES: u64 = 1 << 16;

/// The vector format that every geographic information system writes.
#[derive(Debug)]
pub(super) struct Shapefile;

impl Format for Shapefile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["shp", "zip"]
    }

    fn recognises(&self, head: &[u8], input: &Input) -> bool {
        head.starts_with(&shp::CODE.to_be_bytes())
            || (head.starts_with(MAGIC) && Archive::has(input, ".shp"))
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let parts = Parts::open(input, asked, sink)?;
        let mut shapes = Shapes::open(&parts)?;
        let declared = parts.words("cpg")?.filter(|name| !name.trim().is_empty());
        let declared = declared.map(|name| declared_encoding(&name)).transpose()?;
        let mut table = Table::open(&parts, declared)?;
        let own = parts.words("prj")?.map_or(Own::Silent, |wkt| Own::from(Crs::from_wkt(&wkt)));
        let crs = settle(NAME, asked, own, None, sink)?;
        if table.is_taken_as_gb18030() {
            sink.note(Note::TakenAsGb18030);
        }
        sink.begin(crs)?;
        let mut number = 0;
        loop {
            let (shape, tags) = (shapes.next()?, table.next()?);
            number += 1;
            match (shape, tags) {
                (Some(shape), Some(Record::Kept(tags))) => {
                    sink.row(RawRow::of(Some(number), tags, shape))?;
                }
                (Some(_), Some(Record::Deleted)) => {}
                (None, None) => return Ok(()),
                (None, Some(_)) => return Err(uneven(number - 1, "shp", "dbf")),
                (Some(_), None) => return Err(uneven(number - 1, "dbf", "shp")),
            }
        }
    }
}

fn declared_encoding(name: &str) -> Result<&'static Encoding, ImportError> {
    named(name).ok_or_else(|| {
        let name: String = name.trim().chars().take(40).collect();
        malformed(format!("the .cpg names an unknown encoding, {name:?}; correct or remove it"))
    })
}

fn uneven(records: u64, fewer: &str, more: &str) -> ImportError {
    malformed(format!("the .{fewer} has {records} records, the .{more} has more"))
}

fn malformed(detail: impl Into<String>) -> ImportError {
    ImportError::Malformed { format: NAME, detail: detail.into() }
}

fn cut_off(detail: impl Into<String>) -> ImportError {
    ImportError::CutOff { format: NAME, detail: detail.into() }
}

/// What reading a part met: its end where there should be more, or another trouble.
fn trouble(part: &str, at: &str, error: &std::io::Error) -> ImportError {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        cut_off(format!("the .{part} ends in {at}"))
    } else {
        malformed(format!("the .{part} cannot be read at {at}: {error}"))
    }
}

/// The files of one shapefile.
enum Parts {
    /// Beside each other in a folder; the `.shp` is the one that was named.
    Folder(Input),
    /// In an archive, with their common name.
    Zipped(Archive, String),
}

impl Parts {
    fn open(input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<Self, ImportError> {
        if !input.head()?.starts_with(MAGIC) {
            if input.extension() == "zip" {
                return Err(malformed("it is no zip archive"));
            }
            return Ok(Self::Folder(input.clone()));
        }
        let archive = Archive::open(input)?;
        let stems: Vec<String> =
            archive.ending(".shp").filter_map(|e| Some(stem(&e.name)?.to_owned())).collect();
        if stems.is_empty() {
            return Err(malformed("the archive has no .shp"));
        }
        let chosen = choose(NAME, asked, &stems, sink)?;
        let stem = stems.get(chosen).cloned().unwrap_or_default();
        Ok(Self::Zipped(archive, stem))
    }

    /// One of the files from its front, and its length in bytes; `None` where it is missing.
    fn part(&self, extension: &str) -> Result<Option<(Part, u64)>, ImportError> {
        match self {
            Self::Folder(shp) if extension == "shp" => {
                Ok(Some((Part::File(shp.pass()?), shp.size())))
            }
            Self::Folder(shp) => match shp.beside(extension) {
                // An empty file says as much as a missing one.
                Ok(None) | Err(ImportError::EmptyFile(_)) => Ok(None),
                Ok(Some(beside)) => Ok(Some((Part::File(beside.pass()?), beside.size()))),
                Err(error) => Err(error),
            },
            Self::Zipped(archive, own) => {
                let is_own = |entry: &&Entry| stem(&entry.name) == Some(own.as_str());
                let Some(entry) = archive.ending(&format!(".{extension}")).find(is_own) else {
                    return Ok(None);
                };
                let unpacked = BufReader::with_capacity(1 << 16, archive.unpack(entry)?);
                Ok(Some((Part::Unpacked(Box::new(unpacked)), entry.size)))
            }
        }
    }

    /// A file that must be there.
    fn needed(
        &self,
        extension: &'static str,
        of: (&'static str, &'static str),
    ) -> Result<(Part, u64), ImportError> {
        self.part(extension)?.ok_or_else(|| {
            let file = match self {
                Self::Folder(shp) => shp.path().to_owned(),
                Self::Zipped(_, stem) => format!("{stem}.shp").into(),
            };
            ImportError::MissingPart { file, part: extension, of }
        })
    }

    /// The text of a small file.
    fn words(&self, extension: &str) -> Result<Option<String>, ImportError> {
        let Some((part, _)) = self.part(extension)? else { return Ok(None) };
        let mut bytes = Vec::new();
        part.take(MOST_WORDS_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|e| trouble(extension, "its beginning", &e))?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// A path without its last extension.
fn stem(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(stem, _)| stem)
}

/// One of the files.
enum Part {
    File(Counted),
    Unpacked(Box<dyn Read>),
}

impl Read for Part {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Unpacked(unpacked) => unpacked.read(buffer),
        }
    }
}

impl Place for Part {
    fn go_to(&mut self, byte: u64) -> std::io::Result<bool> {
        match self {
            Self::File(file) => file.go_to(byte).map(|()| true),
            Self::Unpacked(_) => Ok(false),
        }
    }
}
