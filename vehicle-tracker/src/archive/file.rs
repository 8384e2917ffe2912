//! A day of positions as a Parquet file, written and read part by part.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, Type as Physical, ZstdLevel};
use parquet::column::reader::{ColumnReader, get_typed_column_reader};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use sha2::{Digest as _, Sha256};
use time::Date;
use time::macros::format_description;

use super::columns::{COLUMNS, Cells, Kind, Part, Presence};

/// What is wrong with a file, in the words of whoever found it.
pub(super) type Fault = Box<dyn Error + Send + Sync>;

/// Rows of a group: what is in memory at one time.
pub(super) const GROUP_ROWS: usize = 32_768;
/// A group of more rows is none of ours.
const MOST_GROUP_ROWS: i64 = 1 << 20;
const ZSTD_LEVEL: i32 = 6;
const DAY_KEY: &str = "onemap.day";
const HASH_KEY: &str = "onemap.content_sha256";

/// What a file holds, as it says of itself or as somebody found it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// Of the fixes, in UTC.
    pub(super) day: Date,
    pub(super) rows: i64,
    pub(super) sha256: Vec<u8>,
}

/// A file that is being written.
pub(super) struct Writer {
    file: SerializedFileWriter<File>,
    day: Date,
    rows: i64,
    hash: Sha256,
}

impl Writer {
    /// Makes the file, which must not be there.
    pub(super) fn create(path: &Path, day: Date) -> Result<Self, Fault> {
        let schema = Arc::new(parse_message_type(&schema())?);
        let file =
            SerializedFileWriter::new(File::create_new(path)?, schema, Arc::new(properties()?))?;
        Ok(Self { file, day, rows: 0, hash: Sha256::new() })
    }

    pub(super) fn write(&mut self, part: &Part) -> Result<(), Fault> {
        let mut group = self.file.next_row_group()?;
        for (column, cells) in COLUMNS.iter().zip(part.cells()) {
            let mut writer = group.next_column()?.ok_or("a column is missing")?;
            write_cells(&mut writer, cells, column.presence)?;
            writer.close()?;
        }
        group.close()?;
        part.digest(&mut self.hash);
        self.rows += i64::try_from(part.len())?;
        Ok(())
    }

    /// Writes the end of the file, and waits until all of it is on the disk.
    pub(super) fn finish(mut self) -> Result<Told, Fault> {
        let sha256 = self.hash.finalize().to_vec();
        for (key, value) in [(DAY_KEY, written(self.day)?), (HASH_KEY, hex(&sha256))] {
            let pair = KeyValue { key: key.to_owned(), value: Some(value) };
            self.file.append_key_value_metadata(pair);
        }
        self.file.finish()?;
        self.file.inner().sync_all()?;
        Ok(Told { day: self.day, rows: self.rows, sha256 })
    }
}

/// A file that is read.
pub(super) struct Reader {
    file: SerializedFileReader<File>,
    told: Told,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let file = SerializedFileReader::new(File::open(path)?)?;
        let metadata = file.metadata().file_metadata();
        let schema = metadata.schema_descr();
        let is_ours = schema.num_columns() == COLUMNS.len()
            && COLUMNS.iter().zip(schema.columns()).all(|(column, found)| {
                found.name() == column.name
                    && found.physical_type() == physical(column.kind)
                    && found.max_def_level() == i16::from(column.presence == Presence::Perhaps)
                    && found.max_rep_level() == 0
            });
        if !is_ours {
            return Err("its columns are not those of an archive of positions".into());
        }
        let pairs = metadata.key_value_metadata().map(Vec::as_slice).unwrap_or_default();
        let value = |key: &str| {
            let pair = pairs.iter().find(|pair| pair.key == key);
            pair.and_then(|pair| pair.value.clone()).ok_or(format!("it does not tell {key}"))
        };
        let day = Date::parse(&value(DAY_KEY)?, format_description!("[year]-[month]-[day]"))?;
        let sha256 = bytes(&value(HASH_KEY)?).ok_or("its hash is not written as one")?;
        let told = Told { day, rows: metadata.num_rows(), sha256 };
        Ok(Self { file, told })
    }

    /// What the file says of itself.
    pub(super) fn told(&self) -> &Told {
        &self.told
    }

    /// Its rows, group by group, until `take` fails.
    pub(super) fn parts<E: From<Fault>>(
        &self,
        mut take: impl FnMut(Part) -> Result<(), E>,
    ) -> Result<(), E> {
        for group in 0..self.file.num_row_groups() {
            take(self.part(group)?)?;
        }
        Ok(())
    }

    fn part(&self, group: usize) -> Result<Part, Fault> {
        let group = self.file.get_row_group(group)?;
        let count = group.metadata().num_rows();
        if !(1..=MOST_GROUP_ROWS).contains(&count) {
            return Err(format!("a group of {count} rows").into());
        }
        let rows = usize::try_from(count)?;
        let cells: Result<Vec<Cells>, Fault> = COLUMNS
            .iter()
            .enumerate()
            .map(|(at, column)| read_cells(&*group, at, column.kind, rows))
            .collect();
        Part::new_checked(cells?).ok_or_else(|| "its columns are of several lengths".into())
    }
}

/// Reads the whole file, and answers what is in it.
pub(super) fn read_through(path: &Path) -> Result<Told, Fault> {
    let reader = Reader::open(path)?;
    let (mut rows, mut hash) = (0, Sha256::new());
    reader.parts(|part| {
        part.digest(&mut hash);
        rows += i64::try_from(part.len())?;
        Ok::<(), Fault>(())
    })?;
    Ok(Told { day: reader.told.day, rows, sha256: hash.finalize().to_vec() })
}

/// Reads the whole file: it holds what it says of itself, or there is a fault.
pub(super) fn verify(path: &Path) -> Result<Told, Fault> {
    let told = Reader::open(path)?.told;
    let found = read_through(path)?;
    if found != told {
        return Err(format!(
            "it tells of {} rows with the hash {} and holds {} with {}",
            told.rows,
            hex(&told.sha256),
            found.rows,
            hex(&found.sha256)
        )
        .into());
    }
    Ok(found)
}

fn schema() -> String {
    let mut text = "message position {\n".to_owned();
    for column in &COLUMNS {
        let presence = match column.presence {
            Presence::Always => "REQUIRED",
            Presence::Perhaps => "OPTIONAL",
        };
        let (kind, meaning) = match column.kind {
            Kind::Long => ("INT64", ""),
            Kind::Time => ("INT64", " (TIMESTAMP(MICROS,true))"),
            Kind::Int => ("INT32", ""),
            Kind::Short => ("INT32", " (INTEGER(16,true))"),
            Kind::Double => ("DOUBLE", ""),
            Kind::Float => ("FLOAT", ""),
            Kind::Bool => ("BOOLEAN", ""),
            Kind::Text => ("BYTE_ARRAY", " (UTF8)"),
            Kind::Json => ("BYTE_ARRAY", " (JSON)"),
        };
        // A String takes whatever is written.
        let _ = writeln!(text, "  {presence} {kind} {}{meaning};", column.name);
    }
    text.push('}');
    text
}

fn physical(kind: Kind) -> Physical {
    match kind {
        Kind::Long | Kind::Time => Physical::INT64,
        Kind::Int | Kind::Short => Physical::INT32,
        Kind::Double => Physical::DOUBLE,
        Kind::Float => Physical::FLOAT,
        Kind::Bool => Physical::BOOLEAN,
        Kind::Text | Kind::Json => Physical::BYTE_ARRAY,
    }
}

/// Times as differences and hashes as they are: a dictionary of them would be larger than they.
fn properties() -> Result<WriterProperties, ParquetError> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL)?;
    let key = |column_idx| SortingColumn { column_idx, descending: false, nulls_first: false };
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_created_by(concat!("onemap ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_sorting_columns(Some([0, 1, 2].map(key).to_vec()));
    for column in COLUMNS.iter().filter(|column| column.kind == Kind::Time) {
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(column.name), false)
            .set_column_encoding(ColumnPath::from(column.name), Encoding::DELTA_BINARY_PACKED);
    }
    let hash = ColumnPath::from("content_hash");
    Ok(properties.set_column_dictionary_enabled(hash, false).build())
}

fn write_cells(
    writer: &mut SerializedColumnWriter<'_>,
    cells: &Cells,
    presence: Presence,
) -> Result<(), ParquetError> {
    match cells {
        Cells::Long(cells) => write::<Int64Type>(writer, cells, presence),
        Cells::Int(cells) => write::<Int32Type>(writer, cells, presence),
        Cells::Double(cells) => write::<DoubleType>(writer, cells, presence),
        Cells::Float(cells) => write::<FloatType>(writer, cells, presence),
        Cells::Bool(cells) => write::<BoolType>(writer, cells, presence),
        Cells::Text(cells) => {
            let texts = cells.iter().map(|text| text.as_deref().map(ByteArray::from));
            write::<ByteArrayType>(writer, &texts.collect::<Vec<_>>(), presence)
        }
    }
}

fn write<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    cells: &[Option<T::T>],
    presence: Presence,
) -> Result<(), ParquetError> {
    let values: Vec<T::T> = cells.iter().flatten().cloned().collect();
    if presence == Presence::Always && values.len() != cells.len() {
        return Err(ParquetError::General("a value is missing that every row has".to_owned()));
    }
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let levels = (presence == Presence::Perhaps).then_some(levels.as_slice());
    writer.typed::<T>().write_batch(&values, levels, None)?;
    Ok(())
}

fn read_cells(
    group: &dyn RowGroupReader,
    at: usize,
    kind: Kind,
    rows: usize,
) -> Result<Cells, Fault> {
    let column = group.get_column_reader(at)?;
    Ok(match kind {
        Kind::Long | Kind::Time => Cells::Long(read::<Int64Type>(column, rows)?),
        Kind::Int | Kind::Short => Cells::Int(read::<Int32Type>(column, rows)?),
        Kind::Double => Cells::Double(read::<DoubleType>(column, rows)?),
        Kind::Float => Cells::Float(read::<FloatType>(column, rows)?),
        Kind::Bool => Cells::Bool(read::<BoolType>(column, rows)?),
        Kind::Text | Kind::Json => {
            let text = |text: ByteArray| Ok::<_, ParquetError>(text.as_utf8()?.to_owned());
            let texts = read::<ByteArrayType>(column, rows)?.into_iter();
            Cells::Text(texts.map(|cell| cell.map(text).transpose()).collect::<Result<_, _>>()?)
        }
    })
}

fn read<T: DataType>(column: ColumnReader, rows: usize) -> Result<Vec<Option<T::T>>, Fault> {
    let mut reader = get_typed_column_reader::<T>(column);
    let (mut levels, mut values, mut count) = (Vec::new(), Vec::new(), 0);
    while count < rows {
        let (read, ..) = reader.read_records(rows - count, Some(&mut levels), None, &mut values)?;
        if read == 0 {
            return Err(format!("a column ends after {count} of {rows} rows").into());
        }
        count += read;
    }
    if levels.is_empty() {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    Ok(levels.into_iter().map(|level| if level > 0 { values.next() } else { None }).collect())
}

/// A day as it stands in names.
pub(super) fn written(day: Date) -> Result<String, time::error::Format> {
    day.format(format_description!("[year]-[month]-[day]"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // A String takes whatever is written.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return None;
    }
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use time::macros::date;

    use super::*;

    /// Rows with every kind of value, with and without those that may be missing.
    fn part(rows: i64) -> Part {
        let numbers = || 0..rows;
        let perhaps = |n: i64| n % 3 != 0;
        let cells = COLUMNS.iter().map(|column| {
            let is_there = |n: &i64| column.presence == Presence::Always || perhaps(*n);
            let some = |n: i64| is_there(&n).then_some(n);
            let int = |n: i64| i32::try_from(n).unwrap();
            match column.kind {
                Kind::Long | Kind::Time => Cells::Long(
                    numbers().map(|n| some(n).map(|n| 1_772_323_200_000_001 + n)).collect(),
                ),
                Kind::Int | Kind::Short => {
                    Cells::Int(numbers().map(|n| some(n).map(|n| int(n) - 9)).collect())
                }
                Kind::Double => Cells::Double(
                    numbers()
                        .map(|n| some(n).map(|n| 105.000_000_1 + f64::from(int(n)) / 3.0))
                        .collect(),
                ),
                Kind::Float => Cells::Float(
                    numbers()
                        .map(|n| {
                            some(n).map(|n| f32::from_bits(0x4200_0001 + int(n).cast_unsigned()))
                        })
                        .collect(),
                ),
                Kind::Bool => Cells::Bool(numbers().map(|n| some(n).map(|n| n % 2 == 0)).collect()),
                Kind::Text | Kind::Json => {
                    Cells::Text(numbers().map(|n| some(n).map(|n| format!("终端 {n}"))).collect())
                }
            }
        });
        Part::new_checked(cells.collect()).unwrap()
    }

    fn file(path: &Path, parts: &[Part]) -> Told {
        let mut writer = Writer::create(path, date!(2026 - 03 - 02)).unwrap();
        for part in parts {
            writer.write(part).unwrap();
        }
        writer.finish().unwrap()
    }

    #[test]
    fn what_was_written_is_read_bit_by_bit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("day.parquet");
        let parts = [part(1_000), part(7)];
        let told = file(&path, &parts);
        assert_eq!(told.rows, 1_007);
        assert_eq!(verify(&path).unwrap(), told);
        let mut found = Vec::new();
        let reader = Reader::open(&path).unwrap();
        reader
            .parts(|part| {
                found.push(part);
                Ok::<(), Fault>(())
            })
            .unwrap();
        assert_eq!(found, parts);
    }

    #[test]
    fn a_file_that_was_cut_or_changed_anywhere_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("day.parquet"), dir.path().join("other.parquet"));
        let told = file(&path, &[part(500)]);
        let whole = fs::read(&path).unwrap();
        for length in [0, 4, whole.len() / 2, whole.len() - 1] {
            fs::write(&other, &whole[..length]).unwrap();
            assert!(verify(&other).is_err(), "cut to {length}");
        }
        let mut missed = Vec::new();
        for at in (4..whole.len()).step_by(11) {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            fs::write(&other, &changed).unwrap();
            // Whatever a broken file does to its reader, it is not taken for the day.
            let found = std::panic::catch_unwind(|| verify(&other));
            if found.is_ok_and(|found| found.is_ok_and(|found| found != told)) {
                missed.push(at);
            }
        }
        assert!(missed.is_empty(), "{missed:?}");
    }
}
