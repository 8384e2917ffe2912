//! Why a whole file is refused. In each of these cases the database is left as it was.

use std::path::PathBuf;

use crate::GisError;
use crate::crs::CrsError;

use super::{ImportLayer, RowProblem, format, table};

/// A refused import.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file could not be opened or read.
    #[error("read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// Nothing in it at all.
    #[error("{} is empty (0 bytes)", .0.display())]
    EmptyFile(PathBuf),
    /// No format is recognised.
    #[error("{} is none of these: {}", .0.display(), format::names(", "))]
    UnknownFormat(PathBuf),
    /// The file ends before its content does.
    #[error("the {format} file is cut off: {detail}")]
    CutOff {
        /// The format.
        format: &'static str,
        /// Where.
        detail: String,
    },
    /// The content breaks the rules of its format.
    #[error("the {format} file is damaged: {detail}")]
    Malformed {
        /// The format.
        format: &'static str,
        /// What and where.
        detail: String,
    },
    /// A file that belongs to another is not beside it.
    #[error("{} needs its .{part} beside it, where {} stand; put it there, with the same name", file.display(), of.0)]
    MissingPart {
        /// The file.
        file: PathBuf,
        /// The extension of what is missing.
        part: &'static str,
        /// What stands in it, in English and Chinese.
        of: (&'static str, &'static str),
    },
    /// The named table is not in the file.
    #[error("the {format} file has no table {named:?}; it has: {}", tables.join(", "))]
    NoTable {
        /// The format.
        format: &'static str,
        /// What was asked for.
        named: String,
        /// What there is.
        tables: Vec<String>,
    },
    /// No column says where its rows are.
    #[error(
        "the {format} file has no columns that say where its rows are; needed are two, one of {} and one of {}, or one of {} \
         with WKT; its first row is: {}",
        table::LON.join(" "), table::LAT.join(" "), table::WKT.join(" "), found.join(" | ")
    )]
    NoPlaces {
        /// The format.
        format: &'static str,
        /// The first row.
        found: Vec<String>,
    },
    /// Well-formed, and nothing in it for the layer.
    #[error("the file has no {0}")]
    NoRows(ImportLayer),
    /// The declared system is not accepted.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// The file names a system that is not accepted.
    #[error(
        "the coordinate system of the file is not accepted: {0}; if the file names it wrongly, name the right one with --crs"
    )]
    FileCrs(CrsError),
    /// The file says nothing of its system, and its format has none of its own.
    #[error(
        "the {0} file does not say its coordinate system; name it with --crs, such as --crs EPSG:4490"
    )]
    NoCrs(&'static str),
    /// The format fixes its system and another was declared.
    #[error("an OSM PBF file is always in WGS 84 (EPSG:4326), not in {0}")]
    FixedCrs(String),
    /// Most coordinates are no places in the declared system.
    #[error(
        "wrong coordinate system: {outside} of {total} coordinates are outside {crs}, the first is \
         {east}, {north}{}", .guess.as_ref().map(|g| format!("; {}", g.0)).unwrap_or_default()
    )]
    WrongCrs {
        /// The system.
        crs: String,
        /// The first coordinate outside it, as in the file.
        east: f64,
        /// Its second number.
        north: f64,
        /// How many are outside.
        outside: u64,
        /// Of how many.
        total: u64,
        /// What the numbers look like, in English and Chinese.
        guess: Option<(String, String)>,
    },
    /// Not one row is good.
    #[error(
        "none of the {rejected} rows can be used; {}: {}", first.name(), first.problem.message()
    )]
    NothingGood {
        /// How many rows there are.
        rejected: u64,
        /// The first fault of the first row.
        first: Box<RowProblem>,
    },
    /// Not one of the layers that can be imported.
    #[error("unknown layer {0:?}; files can be imported into buildings, parcels, facilities")]
    UnknownLayer(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] GisError),
    /// Nobody takes the rows any more: writing failed, and that failure is the one reported.
    #[error("writing has stopped")]
    Stopped,
    /// The reading thread was lost.
    #[error("the reader stopped unexpectedly")]
    Reader(#[source] tokio::task::JoinError),
}

impl ImportError {
    /// The same in Chinese, for people.
    pub fn message_zh(&self) -> String {
        match self {
            Self::Read { path, source } => format!("无法读取 {}：{source}", path.display()),
            Self::EmptyFile(path) => format!("{} 是空文件（0 字节）", path.display()),
            Self::UnknownFormat(path) => {
                format!("{} 不是以下任何一种格式：{}", path.display(), format::names("、"))
            }
            Self::CutOff { format, detail } => format!("{format} 文件不完整，被截断：{detail}"),
            Self::Malformed { format, detail } => format!("{format} 文件已损坏：{detail}"),
            Self::MissingPart { file, part, of } => format!(
                "{} 旁边缺少同名的 .{part} 文件（其中是{}），请放在同一文件夹",
                file.display(),
                of.1
            ),
            Self::NoTable { format, named, tables } => {
                format!("{format} 文件中没有表 {named:?}；现有：{}", tables.join("、"))
            }
            Self::NoPlaces { format, found } => format!(
                "{format} 文件中没有表示位置的列；需要经度列（{}）和纬度列（{}），或 WKT 列（{}）；首行为：{}",
                table::LON.join("、"),
                table::LAT.join("、"),
                table::WKT.join("、"),
                found.join(" | ")
            ),
            Self::NoRows(layer) => format!("文件中没有{}", layer.title_zh()),
            Self::Crs(error) => error.message_zh(),
            Self::FileCrs(error) => format!(
                "文件的坐标系不可用：{}；如果文件标注有误，请用 --crs 指定正确的坐标系",
                error.message_zh()
            ),
            Self::NoCrs(format) => {
                format!("{format} 文件没有说明坐标系，请用 --crs 指定，例如 --crs EPSG:4490")
            }
            Self::FixedCrs(crs) => {
                format!("OSM PBF 文件的坐标系固定为 WGS 84（EPSG:4326），不能是 {crs}")
            }
            Self::WrongCrs { crs, east, north, outside, total, guess } => format!(
                "坐标系不对：{total} 个坐标中有 {outside} 个超出 {crs} 的有效范围，第一个是 {east}, {north}{}",
                guess.as_ref().map(|g| format!("；{}", g.1)).unwrap_or_default()
            ),
            Self::NothingGood { rejected, first } => format!(
                "{rejected} 行中没有一行可用；{}：{}",
                first.name(),
                first.problem.message_zh()
            ),
            Self::UnknownLayer(name) => {
                format!(
                    "未知图层 {name:?}；可导入 buildings（房屋）、parcels（宗地）、facilities（设施）"
                )
            }
            Self::Store(_) => "数据库操作失败".to_owned(),
            Self::Stopped => "写入已停止".to_owned(),
            Self::Reader(_) => "读取线程意外中止".to_owned(),
        }
    }
}
