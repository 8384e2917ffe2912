//! Why an archive is not written, or not read. What was there before is still there.

use std::io;
use std::path::{Path, PathBuf};

use gis_data::Text2;

use crate::{TileCoord, TileError};

/// An archive that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The extension says neither.
    #[error("{} ends in neither .pmtiles nor .mbtiles", .0.display())]
    UnknownFormat(PathBuf),
    /// Nobody said that it may be replaced.
    #[error("{} is there already; choose another name, or say that it may be replaced", .0.display())]
    Exists(PathBuf),
    /// The layers hold nothing for this viewer, or nothing there.
    #[error("{layers} hold nothing that {viewer} may see{}", if *is_box { " in this box" } else { "" })]
    Nothing {
        /// Comma-separated.
        layers: String,
        /// Their name.
        viewer: String,
        /// Whether a box was asked for.
        is_box: bool,
    },
    /// The first is above the last, or there is no such zoom.
    #[error(
        "zooms {first} to {last}: the first is at most the last, and both are at most {}",
        crate::MAX_ZOOM
    )]
    BadZooms {
        /// As asked.
        first: u8,
        /// As asked.
        last: u8,
    },
    /// All of the layers begin further down.
    #[error("no layer has tiles up to zoom {last}: {}", spelled(starts))]
    AboveZooms {
        /// The last zoom that was asked for.
        last: u8,
        /// Each layer with its first zoom.
        starts: Vec<(String, u8)>,
    },
    /// More addresses than are allowed.
    #[error("more than {limit} tiles, which is the limit; {}", way_out(*fits))]
    TooManyTiles {
        /// How many are allowed.
        limit: u64,
        /// The first zoom, and the last up to which they would have fitted.
        fits: Option<(u8, u8)>,
    },
    /// A layer that the database draws.
    #[error("layer {0} is not in memory, which exports are made from; give it more")]
    NotInMemory(String),
    /// Somebody asked to stop.
    #[error("cancelled; nothing was written")]
    Cancelled,
    /// The layers cannot be asked for.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The file system refused.
    #[error("{doing} {}", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The PMTiles library refused.
    #[error("{doing} the PMTiles archive {}", path.display())]
    Pmtiles {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Its answer.
        #[source]
        source: pmtiles::PmtError,
    },
    /// SQLite refused.
    #[error("{doing} the MBTiles archive {}", path.display())]
    Mbtiles {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// Its answer.
        #[source]
        source: rusqlite::Error,
    },
    /// A stored tile cannot be unpacked.
    #[error("unpack tile {coord} of the base map {base}")]
    Unpack {
        /// The base map's name.
        base: String,
        /// The tile.
        coord: TileCoord,
        /// What is wrong with it.
        #[source]
        source: io::Error,
    },
    /// The file is an archive, and one that cannot be served.
    #[error("{} cannot be served: {}", path.display(), reason.en)]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why, and what to do.
        reason: Text2,
    },
}

impl ArchiveError {
    pub(super) fn unusable(path: &Path, zh: &str, en: &str) -> Self {
        Self::Unusable { path: path.to_owned(), reason: Text2::new(zh, en) }
    }

    /// The same in Chinese, for people.
    pub fn message_zh(&self) -> String {
        match self {
            Self::UnknownFormat(path) => {
                format!("{} 的扩展名既不是 .pmtiles 也不是 .mbtiles", path.display())
            }
            Self::Exists(path) => {
                format!("{} 已存在：请换一个文件名，或明确要求覆盖", path.display())
            }
            Self::Nothing { layers, viewer, is_box } => format!(
                "{viewer} 在{}图层 {layers} 中没有可见的要素",
                if *is_box { "所给范围内的" } else { "" }
            ),
            Self::BadZooms { first, last } => format!(
                "级别 {first} 至 {last} 无效：起始级别不得大于终止级别，且都不得大于 {}",
                crate::MAX_ZOOM
            ),
            Self::AboveZooms { last, starts } => {
                format!("各图层在 {last} 级以内都没有瓦片，起始级别为：{}", spelled(starts))
            }
            Self::TooManyTiles { limit, fits } => {
                let fitting = fits
                    .map(|(first, last)| format!("{first} 至 {last} 级不超出；"))
                    .unwrap_or_default();
                format!("瓦片数超过上限 {limit}：{fitting}请减少级别、缩小范围或提高上限")
            }
            Self::NotInMemory(layer) => {
                format!("图层 {layer} 不在内存中，无法导出：请增大图层内存")
            }
            Self::Cancelled => "已取消，没有写入任何文件".to_owned(),
            Self::Tile(_) => "所请求的图层不可用".to_owned(),
            Self::File { path, source, .. } => format!("无法读写 {}：{source}", path.display()),
            Self::Pmtiles { path, source, .. } => {
                format!("无法读写 PMTiles 文件 {}：{source}", path.display())
            }
            Self::Mbtiles { path, source, .. } => {
                format!("无法读写 MBTiles 文件 {}：{source}", path.display())
            }
            Self::Unpack { base, coord, .. } => format!("底图 {base} 的瓦片 {coord} 已损坏"),
            Self::Unusable { path, reason } => {
                format!("{} 不能用作底图：{}", path.display(), reason.zh)
            }
        }
    }
}

fn spelled(starts: &[(String, u8)]) -> String {
    let one = |(name, first): &(String, u8)| format!("{name} {first}");
    starts.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn way_out(fits: Option<(u8, u8)>) -> String {
    let fitting = fits.map(|(a, b)| format!("zooms {a} to {b} fit: ")).unwrap_or_default();
    format!("{fitting}ask for fewer zooms, a smaller box or a higher limit")
}
