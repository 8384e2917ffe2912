//! Reads PMTiles: a directory, then the tile, by their places in the file. Not mapped into memory, where a file that
//! somebody cuts short would end the whole server.

use std::fs::File;
use std::future::{Future, ready};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::executor::block_on;
use pmtiles::{
    AsyncBackend, AsyncPmTilesReader, BackendResponse, Compression, MokaCache, PmtError, PmtResult,
    TileType,
};
use serde_json::Value as Json;

use super::super::base::{BaseInfo, TileFormat, text};
use super::super::target::failed;
use super::super::{ArchiveError, Result};
use super::refused;
use crate::TileCoord;

/// Directories of an archive that are kept.
const DIRECTORY_BYTES: u64 = 16 << 20;

/// Where the header has the four sections: root directory, metadata, leaf directories, tiles.
const SECTIONS: std::ops::Range<usize> = 8..72;

pub(in crate::archive) struct PmtilesReader {
    inner: AsyncPmTilesReader<Plain, MokaCache>,
    path: PathBuf,
}

impl PmtilesReader {
    pub(in crate::archive) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(failed("open", path))?;
        let cache = MokaCache::with_max_bytes(DIRECTORY_BYTES);
        let opened = block_on(AsyncPmTilesReader::try_from_cached_source(Plain(file), cache));
        let inner = opened.map_err(refused("open", path))?;
        is_whole(path)?;
        Ok(Self { inner, path: path.to_owned() })
    }

    pub(in crate::archive) fn info(&self) -> Result<BaseInfo> {
        let header = self.inner.get_header();
        let format = match header.tile_type {
            TileType::Mvt => TileFormat::Mvt,
            TileType::Png => TileFormat::Png,
            TileType::Jpeg => TileFormat::Jpeg,
            TileType::Webp => TileFormat::Webp,
            other => {
                return Err(ArchiveError::unusable(
                    &self.path,
                    &format!("瓦片类型 {other:?} 不受支持，支持 mvt、png、jpg、webp"),
                    &format!("tiles of type {other:?}; served are mvt, png, jpg and webp"),
                ));
            }
        };
        if let coding @ (Compression::Brotli | Compression::Unknown) = header.tile_compression {
            return Err(ArchiveError::unusable(
                &self.path,
                &format!("瓦片压缩方式 {coding:?} 不受支持，请改用 gzip 重新生成"),
                &format!("tiles compressed by {coding:?}; write it again with gzip"),
            ));
        }
        let metadata = block_on(self.inner.get_metadata()).map_err(refused("open", &self.path))?;
        let metadata: Json = serde_json::from_str(&metadata).map_err(|e| {
            ArchiveError::unusable(
                &self.path,
                &format!("元数据不是有效的 JSON：{e}"),
                &format!("its metadata are not JSON: {e}"),
            )
        })?;
        Ok(BaseInfo {
            title: text(&metadata["name"]),
            attribution: text(&metadata["attribution"]),
            format,
            min_zoom: header.min_zoom,
            max_zoom: header.max_zoom,
            bounds: [
                header.min_longitude,
                header.min_latitude,
                header.max_longitude,
                header.max_latitude,
            ],
            vector_layers: metadata["vector_layers"].as_array().cloned().unwrap_or_default(),
        })
    }

    /// The tile as it is stored.
    pub(in crate::archive) fn tile(&self, coord: TileCoord) -> Result<Option<Bytes>> {
        pmtiles::TileCoord::new(coord.z(), coord.x(), coord.y())
            .and_then(|place| block_on(self.inner.get_tile(place)))
            .map_err(refused("read", &self.path))
    }
}

/// Whether the file is as long as its header says: a copy that was cut off shows at the start and not at some tile.
fn is_whole(path: &Path) -> Result<()> {
    let file = File::open(path).map_err(failed("open", path))?;
    let length = file.metadata().map_err(failed("measure", path))?.len();
    let mut header = [0; SECTIONS.end];
    file.read_exact_at(&mut header, 0).map_err(failed("read", path))?;
    let numbers: Vec<u64> = header[SECTIONS]
        .chunks_exact(8)
        .map(|n| u64::from_le_bytes(n.try_into().expect("eight bytes")))
        .collect();
    let end = numbers.chunks_exact(2).map(|s| s[0].saturating_add(s[1])).max().unwrap_or(0);
    if end <= length {
        return Ok(());
    }
    Err(ArchiveError::unusable(
        path,
        &format!("文件不完整：应有 {end} 字节，只有 {length} 字节，请重新复制"),
        &format!("it is cut off: {length} of {end} bytes; copy it again"),
    ))
}

/// A file that is read by places.
struct Plain(File);

impl AsyncBackend for Plain {
    fn read(
        &self,
        offset: u64,
        length: usize,
    ) -> impl Future<Output = PmtResult<BackendResponse>> + Send {
        ready(self.up_to(offset, length).map_err(PmtError::from))
    }
}

impl Plain {
    fn up_to(&self, offset: u64, length: usize) -> io::Result<BackendResponse> {
        let there = self.0.metadata()?.len().saturating_sub(offset);
        let length = length.min(usize::try_from(there).unwrap_or(usize::MAX));
        let mut bytes = vec![0; length];
        self.0.read_exact_at(&mut bytes, offset)?;
        Ok(BackendResponse::new(Bytes::from(bytes)))
    }
}
