//! GeoPackage (OGC 12-128r19): one feature table of a SQLite file that is opened to read and never written beside.

mod queries;

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::crs::Crs;
use crate::problem::Problem;
use crate::sqlite;

use super::ImportError;
use super::attributes::{Heading, column_name};
use super::format::{Asked, Format, Own, Sink, choose, settle};
use super::input::Input;
use super::shape::{RawRow, Shape, Tags, empty, number_text, storable};
use super::wkb;

use queries::{FeatureTable, System};

const NAME: &str = "GeoPackage";

/// What a GeoPackage says it is, from version to version.
const APPLICATIONS: [&[u8]; 4] = [b"GPKG", b"GP10", b"GP11", b"GP12"];

/// Geometries of SQLite.
#[derive(Debug)]
pub(super) struct GeoPackage;

impl Format for GeoPackage {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gpkg"]
    }

    fn recognises(&self, head: &[u8], _input: &Input) -> bool {
        head.starts_with(sqlite::MAGIC)
            && head.get(68..72).is_some_and(|application| APPLICATIONS.contains(&application))
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        is_whole(input)?;
        let refused = |e: rusqlite::Error| refused(input, &e);
        let connection = open(input.path()).map_err(refused)?;
        let tables = queries::feature_tables(&connection).map_err(refused)?;
        if tables.is_empty() {
            return Err(malformed("it has no table of features"));
        }
        let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
        let chosen = choose(NAME, asked, &names, sink)?;
        let Some(table) = tables.get(chosen) else { return Ok(()) };
        let system = queries::system(&connection, table.srs_id).map_err(refused)?;
        let crs = settle(NAME, asked, own_system(table.srs_id, system), None, sink)?;
        sink.begin(crs)?;
        rows(&connection, table, input, sink)
    }
}

fn rows(
    connection: &Connection,
    table: &FeatureTable,
    input: &Input,
    sink: &mut dyn Sink,
) -> Result<(), ImportError> {
    let refused = |e: rusqlite::Error| refused(input, &e);
    let mut statement = queries::rows(connection, &table.name).map_err(refused)?;
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let names: Vec<String> =
        columns.iter().map(|column| column_name(column, Heading::Whole)).collect();
    let mut rows = statement.query(()).map_err(refused)?;
    while let Some(row) = rows.next().map_err(refused)? {
        let (mut tags, mut shape) = (Tags::new(), empty());
        for (at, (column, name)) in columns.iter().zip(&names).enumerate() {
            let value = row.get_ref(at).map_err(refused)?;
            if *column == table.column {
                shape = shape_of(value, table.srs_id);
            } else if let Some(word) = word(value) {
                tags.entry(name.clone()).or_insert(word);
            }
        }
        sink.row(RawRow::of(None, tags, shape))?;
    }
    Ok(())
}

fn word(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number_text(number)),
        ValueRef::Text(text) => Some(storable(&String::from_utf8_lossy(text))),
    }
}

/// The header of a geometry (clause 2.1.3), then WKB.
fn shape_of(value: ValueRef<'_>, srs_id: i32) -> Shape {
    let unreadable = |en: &str, zh: &str| Shape::Broken(vec![Problem::unreadable(NAME, en, zh)]);
    let bytes = match value {
        ValueRef::Null => return empty(),
        ValueRef::Blob(bytes) => bytes,
        _ => return unreadable("it is no blob", "不是二进制字段"),
    };
    let [b'G', b'P', 0, flags, rest @ ..] = bytes else {
        return unreadable("it does not begin as a geometry does", "开头不是图形标识 GP");
    };
    let envelope_numbers = match flags >> 1 & 7 {
        0 => 0,
        1 => 4,
        2 | 3 => 6,
        4 => 8,
        _ => return unreadable("its envelope is of an unknown kind", "外包框类型未知"),
    };
    let Some((own, after)) = rest.split_first_chunk::<4>() else {
        return unreadable("it is cut off", "内容不完整");
    };
    let own = if flags & 1 == 1 { i32::from_le_bytes(*own) } else { i32::from_be_bytes(*own) };
    if own != srs_id && own > 0 {
        return unreadable(
            &format!("it is in system {own}, its table in {srs_id}"),
            &format!("其坐标系为 {own}，而所在表为 {srs_id}"),
        );
    }
    if flags & 0x10 != 0 {
        return empty();
    }
    match after.get(8 * envelope_numbers..) {
        Some(wkb) => wkb::shape(wkb),
        None => unreadable("it is cut off", "内容不完整"),
    }
}

/// Systems 0 and -1 are those that nobody knows.
fn own_system(srs_id: i32, system: Option<System>) -> Own {
    match system {
        _ if srs_id <= 0 => Own::Silent,
        None => Own::Silent,
        Some(system) if system.organization.eq_ignore_ascii_case("EPSG") => {
            Own::from(format!("EPSG:{}", system.code).parse())
        }
        Some(system) => Own::from(Crs::from_wkt(&system.definition)),
    }
}

/// A file that nobody writes at the moment is opened as one that never changes, so that SQLite puts nothing beside it.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            other if other.is_ascii_alphanumeric() => uri.push(char::from(*other)),
            other => {
                let _infallible = write!(uri, "%{other:02X}");
            }
        }
    }
    let mut journal = path.as_os_str().to_owned();
    journal.push("-wal");
    uri.push_str(if Path::new(&journal).exists() { "?mode=ro" } else { "?mode=ro&immutable=1" });
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags)?;
    queries::distrust(&connection)?;
    Ok(connection)
}

/// Whether the file is as long as its header says.
fn is_whole(input: &Input) -> Result<(), ImportError> {
    let mut header = [0; sqlite::HEADER_BYTES];
    let has_header = input.seekable()?.read_exact(&mut header).is_ok();
    if !header.starts_with(sqlite::MAGIC) {
        return Err(malformed("it is no SQLite database"));
    }
    let detail = match sqlite::declared_bytes(&header) {
        _ if !has_header => "it ends within its header".to_owned(),
        Some(whole) if whole > input.size() => {
            format!("it says it has {whole} bytes and has {}", input.size())
        }
        _ => return Ok(()),
    };
    Err(ImportError::CutOff { format: NAME, detail })
}

fn refused(input: &Input, error: &rusqlite::Error) -> ImportError {
    match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure) => {
            input.failed(std::io::Error::other(error.to_string()))
        }
        _ => malformed(&error.to_string()),
    }
}

fn malformed(detail: &str) -> ImportError {
    ImportError::Malformed { format: NAME, detail: detail.to_owned() }
}
