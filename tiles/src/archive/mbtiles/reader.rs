//! Reads MBTiles.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use gis_data::sqlite;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value as Json;

use super::super::base::{BaseInfo, EARTH, TileFormat, plain};
use super::super::target::failed;
use super::super::{ArchiveError, Result};
use super::{queries, refused, row_from_south};
use crate::{MAX_ZOOM, TileCoord};

/// Connections that are kept for the next question.
const IDLE: usize = 8;

pub(in crate::archive) struct MbtilesReader {
    path: PathBuf,
    /// A connection answers one question at a time.
    idle: Mutex<Vec<Connection>>,
}

impl MbtilesReader {
    pub(in crate::archive) fn open(path: &Path) -> Result<Self> {
        is_whole(path)?;
        Ok(Self { path: path.to_owned(), idle: Mutex::default() })
    }

    pub(in crate::archive) fn info(&self) -> Result<BaseInfo> {
        let rows: BTreeMap<String, String> =
            self.ask("open", queries::metadata)?.into_iter().collect();
        let row = |name: &str| rows.get(name).map(String::as_str).unwrap_or_default();
        let any = self.ask("open", queries::any_tile)?.unwrap_or_default();
        let format = TileFormat::named(row("format")).or_else(|| TileFormat::of_bytes(&any));
        let format = format.ok_or_else(|| {
            ArchiveError::unusable(
                &self.path,
                &format!("瓦片格式“{}”不受支持，支持 pbf、png、jpg、webp", row("format")),
                &format!("format {:?}; served are pbf, png, jpg and webp", row("format")),
            )
        })?;
        let (mut lowest, mut deepest) = (row("minzoom").parse().ok(), row("maxzoom").parse().ok());
        if lowest.is_none() || deepest.is_none() {
            (lowest, deepest) = self.ask("open", queries::zooms)?;
        }
        let bounds: Vec<f64> =
            row("bounds").split(',').filter_map(|side| side.trim().parse().ok()).collect();
        let more: Json = serde_json::from_str(row("json")).unwrap_or_default();
        Ok(BaseInfo {
            title: plain(row("name")),
            attribution: plain(row("attribution")),
            format,
            min_zoom: lowest.unwrap_or(0),
            max_zoom: deepest.unwrap_or(MAX_ZOOM),
            bounds: bounds.try_into().unwrap_or(EARTH),
            vector_layers: more["vector_layers"].as_array().cloned().unwrap_or_default(),
        })
    }

    /// The tile as it is stored.
    pub(in crate::archive) fn tile(&self, coord: TileCoord) -> Result<Option<Bytes>> {
        let address = (coord.z(), coord.x(), row_from_south(coord));
        let found = self.ask("read", |connection| queries::tile(connection, address))?;
        Ok(found.map(Bytes::from))
    }

    fn ask<T>(
        &self,
        doing: &'static str,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match waiting {
            Some(connection) => connection,
            None => Connection::open_with_flags(&self.path, flags)
                .map_err(refused(doing, &self.path))?,
        };
        let answer = question(&connection).map_err(refused(doing, &self.path))?;
        let mut idle = idle();
        if idle.len() < IDLE {
            idle.push(connection);
        }
        Ok(answer)
    }
}

/// Whether the file is as long as its header says: a copy that was cut off shows at the start, and by its own name.
fn is_whole(path: &Path) -> Result<()> {
    let file = File::open(path).map_err(failed("open", path))?;
    let length = file.metadata().map_err(failed("measure", path))?.len();
    let mut header = [0; sqlite::HEADER_BYTES];
    let has_header = file.read_exact_at(&mut header, 0).is_ok();
    if !has_header || !header.starts_with(sqlite::MAGIC) {
        return Err(ArchiveError::unusable(
            path,
            "不是 SQLite 数据库，因而不是 MBTiles",
            "it is no SQLite database, so no MBTiles",
        ));
    }
    let Some(whole) = sqlite::declared_bytes(&header).filter(|whole| *whole > length) else {
        return Ok(());
    };
    Err(ArchiveError::unusable(
        path,
        &format!("文件不完整：应有 {whole} 字节，只有 {length} 字节，请重新复制"),
        &format!("it is cut off: {length} of {whole} bytes; copy it again"),
    ))
}
