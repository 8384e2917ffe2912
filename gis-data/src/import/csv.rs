//! Tables in text (RFC 4180, and with semicolons or tabs), in UTF-8, UTF-16 with a mark, or GB18030. Read twice: once
//! to know the encoding.

use std::cell::Cell;
use std::io::{Error, ErrorKind, Read};
use std::rc::Rc;

use csv::{ByteRecord, ErrorKind as CsvErrorKind, ReaderBuilder};
use encoding_rs::{Encoding, GB18030, UTF_8};

use crate::crs::Crs;

use super::charset::{Utf8, Utf8Check};
use super::format::{Asked, Format, Own, Sink, settle};
use super::input::Input;
use super::table::{Decimals, MOST_COLUMNS, Table};
use super::{ImportError, Note};

const NAME: &str = "CSV";

/// A row with the largest geometry has some; a quote that is never closed would take the rest of the file.
const MOST_ROW_BYTES: u64 = 64 << 20;

/// Tables in text.
#[derive(Debug)]
pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv", "tsv", "tab", "txt"]
    }

    fn passes(&self) -> u64 {
        2
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let encoding = encoding_of(input)?;
        if encoding == GB18030 {
            sink.note(Note::TakenAsGb18030);
        }
        let delimiter = delimiter_of(input, encoding)?;
        let crs = settle(NAME, asked, Own::Silent, Some(Crs::WGS84), sink)?;
        sink.begin(crs)?;
        let decimals = if delimiter == b',' { Decimals::Point } else { Decimals::PointOrComma };
        let table = Table::new(NAME, decimals, crs.to_string(), sink);
        rows(input, encoding, delimiter, table)
    }
}

fn rows(
    input: &Input,
    encoding: &'static Encoding,
    delimiter: u8,
    mut table: Table<'_>,
) -> Result<(), ImportError> {
    let watch = Rc::new(Watch::default());
    let reader = Watched { inner: Utf8::new(input.pass()?, encoding), watch: Rc::clone(&watch) };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(reader);
    let mut record = ByteRecord::new();
    let (mut line, mut cells) = (0, 0);
    loop {
        watch.since_row.set(0);
        let read = reader.read_byte_record(&mut record).map_err(|e| trouble(input, e, line))?;
        if !read {
            break;
        }
        line = record.position().map_or(0, csv::Position::line);
        cells = record.len();
        if cells > MOST_COLUMNS {
            return Err(malformed(format!("line {line} has more than {MOST_COLUMNS} cells")));
        }
        let texts: Vec<&str> =
            record.iter().map(|cell| std::str::from_utf8(cell).unwrap_or_default()).collect();
        table.take(line, &texts)?;
    }
    if watch.quotes.get() % 2 == 1 {
        let detail = format!("a quote is not closed; the last row begins in line {line}");
        return Err(ImportError::CutOff { format: NAME, detail });
    }
    let is_ended = matches!(watch.last.get(), b'\n' | b'\r');
    if !is_ended && table.width().is_some_and(|width| cells < width) {
        let detail = format!("its last row, line {line}, has {cells} cells and no end");
        return Err(ImportError::CutOff { format: NAME, detail });
    }
    table.end()
}

/// What went by on the way to the parser.
#[derive(Debug, Default)]
struct Watch {
    since_row: Cell<u64>,
    quotes: Cell<u64>,
    last: Cell<u8>,
}

struct Watched<R> {
    inner: R,
    watch: Rc<Watch>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let piece = buffer.get(..n).unwrap_or_default();
        let watch = &self.watch;
        watch.since_row.set(watch.since_row.get() + n as u64);
        if watch.since_row.get() > MOST_ROW_BYTES {
            let text =
                format!("a row is longer than {MOST_ROW_BYTES} bytes; is a quote not closed?");
            return Err(Error::new(ErrorKind::InvalidData, text));
        }
        for byte in piece {
            watch.quotes.set(watch.quotes.get() + u64::from(*byte == b'"'));
        }
        if let Some(last) = piece.last() {
            watch.last.set(*last);
        }
        Ok(n)
    }
}

fn malformed(detail: String) -> ImportError {
    ImportError::Malformed { format: NAME, detail }
}

fn trouble(input: &Input, error: csv::Error, line: u64) -> ImportError {
    match error.into_kind() {
        CsvErrorKind::Io(e) if e.kind() == ErrorKind::InvalidData => {
            malformed(format!("after line {line}: {e}"))
        }
        CsvErrorKind::Io(e) => input.failed(e),
        other => malformed(format!("after line {line}: {other:?}")),
    }
}

/// A mark at the front decides, else whether all of the file is UTF-8.
fn encoding_of(input: &Input) -> Result<&'static Encoding, ImportError> {
    if let Some((marked, _)) = Encoding::for_bom(&input.head()?) {
        return Ok(marked);
    }
    let mut reader = input.pass()?;
    let mut check = Utf8Check::default();
    let mut piece = vec![0; 1 << 16];
    loop {
        match reader.read(&mut piece).map_err(|e| input.failed(e))? {
            0 => break,
            n => check.push(piece.get(..n).unwrap_or_default()),
        }
    }
    Ok(if check.is_utf8() { UTF_8 } else { GB18030 })
}

/// The one of the three that parts most cells in the first lines.
fn delimiter_of(input: &Input, encoding: &'static Encoding) -> Result<u8, ImportError> {
    let head = input.head()?;
    let (head, ..) = encoding.decode(&head);
    let mut is_quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for c in head.chars() {
        is_quoted ^= c == '"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!is_quoted && c == char::from(*delimiter));
        }
    }
    // Of those that are equal the last would be taken, and commas are the rule.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    Ok(most.map_or(b',', |(delimiter, _)| *delimiter))
}
