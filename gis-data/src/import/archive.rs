//! What is in a zip archive, read as it is unpacked: never more than the archive says, never more than a
//! real file of such a size could hold, and with its checksum verified at its end.

use std::io::{Error, ErrorKind, Read, Result, Take};

use encoding_rs::GB18030;
use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::ImportError;
use super::input::{Counted, Input};

const NAME: &str = "zip";

/// What may be packed this tightly is small in any case.
const SMALL_BYTES: u64 = 16 << 20;

/// Tables and coordinates seldom become smaller than a twentieth.
const MOST_TIGHTLY: u64 = 100;

/// A zip archive begins like this.
pub(super) const MAGIC: &[u8] = b"PK\x03\x04";

/// The files in an archive, which is read anew for each.
#[derive(Debug)]
pub(super) struct Archive {
    input: Input,
    entries: Vec<Entry>,
}

/// A file in an archive.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its path in the archive, in UTF-8 or else GB18030, as Windows writes it.
    pub(super) name: String,
    /// As long as the archive says it is, in bytes.
    pub(super) size: u64,
    start: u64,
    packed: u64,
    crc: u32,
    is_deflated: bool,
}

impl Archive {
    /// Reads the list of what is in the archive.
    pub(super) fn open(input: &Input) -> std::result::Result<Self, ImportError> {
        let damaged = |e: &dyn std::fmt::Display| ImportError::Malformed {
            format: NAME,
            detail: e.to_string(),
        };
        let mut archive = ZipArchive::new(input.seekable()?).map_err(|e| damaged(&e))?;
        let mut entries = Vec::new();
        for index in 0..archive.len() {
            let file = archive.by_index_raw(index).map_err(|e| damaged(&e))?;
            if file.is_dir() {
                continue;
            }
            let raw = file.name_raw();
            let name = std::str::from_utf8(raw)
                .map_or_else(|_not_utf8| GB18030.decode(raw).0.into_owned(), str::to_owned);
            let (packing, is_deflated) =
                (file.compression(), file.compression() == CompressionMethod::DEFLATE);
            if !is_deflated && packing != CompressionMethod::STORE {
                return Err(damaged(&format!("{name} is packed by {packing}, which is not read")));
            }
            if file.encrypted() {
                return Err(damaged(&format!("{name} is encrypted")));
            }
            let start = file.data_start().unwrap_or_default();
            let (size, packed, crc) = (file.size(), file.compressed_size(), file.crc32());
            entries.push(Entry { name, size, start, packed, crc, is_deflated });
        }
        Ok(Self { input: input.clone(), entries })
    }

    /// Whether an archive that can be read has a file whose name ends so.
    pub(super) fn has(input: &Input, end: &str) -> bool {
        Self::open(input).is_ok_and(|archive| archive.ending(end).next().is_some())
    }

    /// The files whose names end so, in whatever case.
    pub(super) fn ending(&self, end: &str) -> impl Iterator<Item = &Entry> {
        let end = end.to_lowercase();
        // macOS keeps a shadow of each file in a folder of its own.
        self.entries.iter().filter(move |entry| {
            entry.name.to_lowercase().ends_with(&end) && !entry.name.starts_with("__MACOSX/")
        })
    }

    /// Unpacks a file from its front.
    pub(super) fn unpack(&self, entry: &Entry) -> std::result::Result<Unpacked, ImportError> {
        if entry.size > SMALL_BYTES && entry.size / MOST_TIGHTLY > entry.packed {
            return Err(ImportError::Malformed {
                format: NAME,
                detail: format!(
                    "{} unpacks from {} to {} bytes, more than {MOST_TIGHTLY} times as many; if that is right, unpack \
                     the archive and import the file",
                    entry.name, entry.packed, entry.size
                ),
            });
        }
        let mut file = self.input.pass()?;
        file.go_to(entry.start).map_err(|e| self.input.failed(e))?;
        let packed = file.take(entry.packed);
        let inner = if entry.is_deflated {
            Inner::Deflated(DeflateDecoder::new(packed))
        } else {
            Inner::Stored(packed)
        };
        Ok(Unpacked { inner, left: entry.size, crc: Crc::new(), expected: entry.crc })
    }
}

/// Bytes as they are unpacked.
pub(super) struct Unpacked {
    inner: Inner,
    left: u64,
    crc: Crc,
    expected: u32,
}

enum Inner {
    Stored(Take<Counted>),
    Deflated(DeflateDecoder<Take<Counted>>),
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let n = match &mut self.inner {
            Inner::Stored(inner) => inner.read(buffer),
            Inner::Deflated(inner) => inner.read(buffer),
        }?;
        let wrong = |what| Err(Error::new(ErrorKind::InvalidData, what));
        match self.left.checked_sub(n as u64) {
            None => return wrong("the archive holds more of it than it says"),
            Some(left) => self.left = left,
        }
        self.crc.update(buffer.get(..n).unwrap_or_default());
        if n == 0 && self.left > 0 {
            return wrong("the archive holds less of it than it says");
        }
        if self.left == 0 && self.crc.sum() != self.expected {
            return wrong("its checksum in the archive is another");
        }
        Ok(n)
    }
}
