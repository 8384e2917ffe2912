//! An archive as a base map: its tiles as they are stored, and what a style has to know of it.

use std::io::Read as _;
use std::path::Path;

use bytes::Bytes;
use flate2::read::GzDecoder;
use serde_json::{Value as Json, json};
use xxhash_rust::xxh3::xxh3_128;

use super::mbtiles::MbtilesReader;
use super::pmtiles::PmtilesReader;
use super::{ArchiveError, Format, Result};
use crate::{Encoding, TileCoord};

/// The part of the earth that Web Mercator shows.
pub(super) const EARTH: [f64; 4] = [-180.0, -85.051_129, 180.0, 85.051_129];

/// What a tile may become when it is unpacked for somebody who takes no compression.
const PLAIN_BYTES: u64 = 64 << 20;

/// What the tiles of a base map are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileFormat {
    /// Mapbox Vector Tiles.
    Mvt,
    /// Pictures.
    Png,
    /// Pictures.
    Jpeg,
    /// Pictures.
    Webp,
}

impl TileFormat {
    /// Whether they are pictures.
    pub fn is_raster(self) -> bool {
        self != Self::Mvt
    }

    /// Their media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Mvt => "application/vnd.mapbox-vector-tile",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// By the name that MBTiles has for it.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "pbf" | "mvt" => Self::Mvt,
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg,
            "webp" => Self::Webp,
            _ => return None,
        })
    }

    /// By how a picture begins.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }
}

/// What an archive says of itself.
#[derive(Debug, Clone)]
pub(super) struct BaseInfo {
    pub(super) title: String,
    pub(super) attribution: String,
    pub(super) format: TileFormat,
    pub(super) min_zoom: u8,
    pub(super) max_zoom: u8,
    pub(super) bounds: [f64; 4],
    pub(super) vector_layers: Vec<Json>,
}

enum Reader {
    Pmtiles(Box<PmtilesReader>),
    Mbtiles(MbtilesReader),
}

/// A base map 底图: an archive that somebody else has made, seen by everybody who has signed in. It is read as it was when it
/// was opened.
pub struct Base {
    name: String,
    info: BaseInfo,
    reader: Reader,
}

/// A tile of a base map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseTile {
    /// As stored, or unpacked for whoever does not take that.
    pub bytes: Bytes,
    /// How the bytes are compressed.
    pub encoding: Encoding,
    /// A strong entity tag with its quotes.
    pub etag: String,
}

impl Base {
    /// Opens a file, which is refused when it is broken or holds what cannot be served.
    pub fn open(name: &str, path: &Path) -> Result<Self, ArchiveError> {
        let (reader, info) = match Format::of_path(path)? {
            Format::Pmtiles => {
                let reader = PmtilesReader::open(path)?;
                let info = reader.info()?;
                (Reader::Pmtiles(Box::new(reader)), info)
            }
            Format::Mbtiles => {
                let reader = MbtilesReader::open(path)?;
                let info = reader.info()?;
                (Reader::Mbtiles(reader), info)
            }
        };
        Ok(Self { name: name.to_owned(), info, reader })
    }

    /// Its name in URLs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it: what the archive says, or its name.
    pub fn title(&self) -> &str {
        if self.info.title.is_empty() { &self.name } else { &self.info.title }
    }

    /// What must be said wherever it is shown.
    pub fn attribution(&self) -> &str {
        &self.info.attribution
    }

    /// What its tiles are.
    pub fn format(&self) -> TileFormat {
        self.info.format
    }

    /// First and last zoom with tiles.
    pub fn zooms(&self) -> (u8, u8) {
        (self.info.min_zoom, self.info.max_zoom)
    }

    /// West, south, east, north.
    pub fn bounds(&self) -> [f64; 4] {
        self.info.bounds
    }

    /// The layers of vector tiles, as TileJSON describes them.
    pub fn vector_layers(&self) -> &[Json] {
        &self.info.vector_layers
    }

    /// The tile for somebody who takes these encodings; `None` where there is none. Reads a file: an async server calls
    /// it where blocking is allowed.
    pub fn tile(&self, coord: TileCoord, accepted: Option<&str>) -> Result<Option<BaseTile>> {
        let stored = match &self.reader {
            Reader::Pmtiles(reader) => reader.tile(coord)?,
            Reader::Mbtiles(reader) => reader.tile(coord)?,
        };
        stored.map(|bytes| self.taken(coord, bytes, accepted)).transpose()
    }

    /// TileJSON 3.0.
    pub fn tilejson(&self, base_url: &str) -> Json {
        let mut document = json!({
            "tilejson": "3.0.0",
            "name": self.title(),
            "scheme": "xyz",
            "tiles": [self.template(base_url)],
            "minzoom": self.info.min_zoom,
            "maxzoom": self.info.max_zoom,
            "bounds": self.info.bounds,
            "attribution": self.info.attribution,
        });
        if !self.info.format.is_raster() {
            document["vector_layers"] = json!(self.info.vector_layers);
        }
        document
    }

    /// The address of its tiles with its three placeholders.
    pub(crate) fn template(&self, base_url: &str) -> String {
        format!("{base_url}/base/{}/{{z}}/{{x}}/{{y}}", self.name)
    }

    fn taken(&self, coord: TileCoord, bytes: Bytes, accepted: Option<&str>) -> Result<BaseTile> {
        let hash = xxh3_128(&bytes);
        let stored = encoding_of(&bytes);
        if stored.is_accepted(accepted) {
            return Ok(BaseTile { bytes, encoding: stored, etag: format!("\"{hash:032x}\"") });
        }
        let mut unpacked = Vec::new();
        let done = match stored {
            Encoding::Zstd => zstd::Decoder::new(&bytes[..])
                .and_then(|zstd| zstd.take(PLAIN_BYTES).read_to_end(&mut unpacked)),
            _ => GzDecoder::new(&bytes[..]).take(PLAIN_BYTES).read_to_end(&mut unpacked),
        };
        done.map_err(|source| ArchiveError::Unpack { base: self.name.clone(), coord, source })?;
        let etag = format!("\"{hash:032x}-plain\"");
        Ok(BaseTile { bytes: unpacked.into(), encoding: Encoding::Identity, etag })
    }
}

/// By how compressed bytes begin: neither a vector tile nor a picture begins like that.
fn encoding_of(bytes: &[u8]) -> Encoding {
    match bytes {
        [0x1f, 0x8b, ..] => Encoding::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Encoding::Zstd,
        _ => Encoding::Identity,
    }
}

/// The text of a member, if it is one.
pub(super) fn text(member: &Json) -> String {
    plain(member.as_str().unwrap_or_default())
}

/// Without the tags that attributions are written with: what is shown is text.
pub(super) fn plain(html: &str) -> String {
    let mut is_tag = false;
    let text: String = html
        .chars()
        .filter(|c| {
            let was_tag = is_tag;
            is_tag = (is_tag || *c == '<') && *c != '>';
            !was_tag && *c != '<'
        })
        .collect();
    text.replace("&copy;", "©").replace("&amp;", "&").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribution_is_shown_without_its_tags() {
        let html = "<a href=\"https://example.org\">&copy; 测绘院</a> &amp; others";
        assert_eq!(plain(html), "© 测绘院 & others");
        assert_eq!(plain("<a href=\"x\">© A</a> B"), "© A B");
        assert_eq!(plain("a > b"), "a > b");
    }

    #[test]
    fn formats_are_known_by_name_and_by_their_first_bytes() {
        assert_eq!(TileFormat::named("PBF"), Some(TileFormat::Mvt));
        assert_eq!(TileFormat::named("jpeg"), Some(TileFormat::Jpeg));
        assert_eq!(TileFormat::named("tiff"), None);
        assert_eq!(TileFormat::of_bytes(b"RIFF\x10\0\0\0WEBPVP8 "), Some(TileFormat::Webp));
        assert_eq!(TileFormat::of_bytes(&[0x1a, 3]), None);
        assert_eq!(encoding_of(&[0x1f, 0x8b, 8]), Encoding::Gzip);
    }
}
