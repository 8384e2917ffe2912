//! Writes PMTiles.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::PathBuf;

use bytes::Bytes;
use pmtiles::{CallerKey, Compression, Header, PmTilesStreamWriter, PmTilesWriter, TileType};

use super::super::Result;
use super::super::export::{Packed, Sink};
use super::super::metadata::Metadata;
use super::super::target::{Target, failed};
use super::refused;
use crate::TileCoord;

/// What the header takes at the front of the file.
const HEADER_BYTES: usize = 127;

pub(in crate::archive) struct PmtilesSink {
    writer: PmTilesStreamWriter<File, CallerKey<u128>>,
    /// The same file, to read what was written.
    file: File,
    path: PathBuf,
}

impl PmtilesSink {
    pub(in crate::archive) fn create(target: &Target, metadata: &Metadata) -> Result<Self> {
        let path = target.unfinished().to_owned();
        let [west, south, east, north] = metadata.bounds.to_array();
        let (lon, lat, zoom) = metadata.center;
        let writer = PmTilesWriter::new(TileType::Mvt)
            .precompressed(Compression::Gzip)
            .min_zoom(*metadata.zooms.start())
            .max_zoom(*metadata.zooms.end())
            .bounds(west, south, east, north)
            .center(lon, lat)
            .center_zoom(zoom)
            .metadata(metadata.to_json().to_string())
            .dedup_by_key::<u128>()
            .create(target.file()?)
            .map_err(refused("begin", &path))?;
        Ok(Self { writer, file: target.file()?, path })
    }
}

impl Sink for PmtilesSink {
    fn put(&mut self, coord: TileCoord, tile: &Packed) -> Result<()> {
        pmtiles::TileCoord::new(coord.z(), coord.x(), coord.y())
            .and_then(|place| self.writer.add_tile(place, &tile.bytes, Some(tile.hash)))
            .map_err(refused("write", &self.path))
    }

    fn finish(self: Box<Self>) -> Result<u64> {
        let Self { writer, mut file, path } = *self;
        writer.finalize().map_err(refused("finish", &path))?;
        let mut header = vec![0; HEADER_BYTES];
        file.rewind()
            .and_then(|()| file.read_exact(&mut header))
            .map_err(failed("read back", &path))?;
        let header =
            Header::try_from_bytes(Bytes::from(header)).map_err(refused("read back", &path))?;
        Ok(header.n_tile_contents().map_or(0, u64::from))
    }
}
