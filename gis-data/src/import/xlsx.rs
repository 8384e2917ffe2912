//! Excel workbooks (`.xlsx`): one sheet, cell by cell. Before calamine reads a workbook its parts are unpacked once to
//! see that nothing in them is too large for memory, because what it keeps there has no bounds of its own.

use std::fs::File;
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, XlsxCellReader, XlsxError};

use crate::crs::Crs;

use super::ImportError;
use super::archive::{Archive, Entry, MAGIC};
use super::format::{Asked, Format, Own, Sink, choose, settle};
use super::input::Input;
use super::shape::number_text;
use super::table::{Decimals, MOST_COLUMNS, Table};

const NAME: &str = "Excel (xlsx)";

/// Texts that cells share, and all else that is kept while a sheet is read.
const MOST_KEPT_BYTES: u64 = 128 << 20;
/// One cell; Excel itself allows 32,767 characters.
const MOST_CELL_BYTES: u64 = 4 << 20;

/// Workbooks of Excel.
#[derive(Debug)]
pub(super) struct Xlsx;

impl Format for Xlsx {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["xlsx", "xlsm"]
    }

    fn recognises(&self, head: &[u8], input: &Input) -> bool {
        head.starts_with(MAGIC) && Archive::has(input, "xl/workbook.xml")
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        weigh(input)?;
        let crs = settle(NAME, asked, Own::Silent, Some(Crs::WGS84), sink)?;
        // It panics at some workbooks that no program writes.
        catch_unwind(AssertUnwindSafe(|| rows(input, asked, crs, sink)))
            .unwrap_or_else(|_panic| Err(malformed("its content makes no sense")))
    }
}

fn rows(input: &Input, asked: &Asked, crs: Crs, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let failed = |e: XlsxError| malformed(e);
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(input.seekable()?).map_err(failed)?;
    let sheets = book.sheet_names();
    if sheets.is_empty() {
        return Err(malformed("it has no sheet"));
    }
    let chosen = choose(NAME, asked, &sheets, sink)?;
    let sheet = sheets.get(chosen).cloned().unwrap_or_default();
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(failed)?;
    sink.begin(crs)?;
    let mut table = Table::new(NAME, Decimals::Point, crs.to_string(), sink);
    read_cells(&mut cells, &mut table)?;
    table.end()
}

fn read_cells(
    cells: &mut XlsxCellReader<'_, BufReader<File>>,
    table: &mut Table<'_>,
) -> Result<(), ImportError> {
    let mut row: Option<(u32, Vec<String>)> = None;
    while let Some(cell) = cells.next_cell().map_err(malformed)? {
        let ((number, column), text) = (cell.get_position(), text_of(cell.get_value()));
        if text.is_empty() {
            continue;
        }
        let column = column as usize;
        if column >= MOST_COLUMNS {
            return Err(malformed(format!(
                "row {} has more than {MOST_COLUMNS} columns",
                number + 1
            )));
        }
        match &mut row {
            Some((last, _)) if number < *last => {
                return Err(malformed(format!("row {} follows row {}", number + 1, *last + 1)));
            }
            Some((last, texts)) if number == *last => put(texts, column, text),
            _ => {
                give(row.take(), table)?;
                let mut texts = Vec::new();
                put(&mut texts, column, text);
                row = Some((number, texts));
            }
        }
    }
    give(row, table)
}

fn put(texts: &mut Vec<String>, column: usize, text: String) {
    if texts.len() <= column {
        texts.resize(column + 1, String::new());
    }
    if let Some(cell) = texts.get_mut(column) {
        *cell = text;
    }
}

fn give(row: Option<(u32, Vec<String>)>, table: &mut Table<'_>) -> Result<(), ImportError> {
    let Some((number, texts)) = row else { return Ok(()) };
    let cells: Vec<&str> = texts.iter().map(String::as_str).collect();
    table.take(u64::from(number) + 1, &cells)
}

/// A cell as somebody reads it: days as `2026-11-25`, numbers as they were typed.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.trim().to_owned()
        }
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(yes) => yes.to_string(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "errors are mapped by it")]
fn malformed(detail: impl ToString) -> ImportError {
    ImportError::Malformed { format: NAME, detail: detail.to_string() }
}

/// Unpacks every part once: sheets may be as long as they like if each of their cells is small, other parts may not.
fn weigh(input: &Input) -> Result<(), ImportError> {
    let archive = Archive::open(input)?;
    let mut kept = 0;
    for entry in archive.ending(".xml").chain(archive.ending(".rels")) {
        let most = if is_sheet(entry) { u64::MAX } else { MOST_KEPT_BYTES - kept };
        let read = weigh_part(archive.unpack(entry)?, most)
            .map_err(|e| malformed(format!("{}: {e}", entry.name)))?;
        if !is_sheet(entry) {
            kept += read;
        }
    }
    Ok(())
}

fn is_sheet(entry: &Entry) -> bool {
    entry.name.to_lowercase().contains("worksheets/")
}

fn weigh_part(mut part: impl Read, most: u64) -> std::io::Result<u64> {
    let mut chunk = vec![0; 1 << 16];
    let (mut read, mut token) = (0, Token::default());
    loop {
        let n = part.read(&mut chunk)?;
        if n == 0 {
            return Ok(read);
        }
        read += n as u64;
        let piece = chunk.get(..n).unwrap_or_default();
        if read > most || piece.iter().any(|byte| token.push(*byte) > MOST_CELL_BYTES) {
            return Err(std::io::Error::other("it is too large to be read"));
        }
    }
}

/// A tag, a text or a comment of XML, whose length counts because each is read whole.
#[derive(Debug, Default)]
struct Token {
    length: u64,
    within: Within,
    /// The last bytes, of which the youngest is lowest.
    last: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Within {
    #[default]
    Text,
    Tag,
    Quoted(u8),
    Comment,
    Characters,
}

impl Token {
    /// How long the token is with this byte.
    fn push(&mut self, byte: u8) -> u64 {
        self.last = self.last << 8 | u64::from(byte);
        self.length += 1;
        let ends = |word: &[u8]| {
            let mask = (1_u64 << (8 * word.len())) - 1;
            self.last & mask == word.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let next = match (self.within, byte) {
            (Within::Text, b'<') => Within::Tag,
            (Within::Tag, b'>') => Within::Text,
            (Within::Tag, b'"' | b'\'') => Within::Quoted(byte),
            (Within::Tag, _) if self.length == 4 && ends(b"<!--") => Within::Comment,
            (Within::Tag, _) if self.length == 3 && ends(b"<![") => Within::Characters,
            (Within::Quoted(quote), _) if byte == quote => Within::Tag,
            (Within::Comment, b'>') if ends(b"-->") => Within::Text,
            (Within::Characters, b'>') if ends(b"]]>") => Within::Text,
            (same, _) => same,
        };
        let is_new = (self.within == Within::Text) != (next == Within::Text);
        self.within = next;
        if is_new {
            self.length = u64::from(next != Within::Text);
        }
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(xml: &str) -> u64 {
        let mut token = Token::default();
        xml.bytes().map(|byte| token.push(byte)).max().unwrap_or_default()
    }

    #[test]
    fn what_xml_is_read_in_one_piece_is_measured() {
        assert_eq!(longest("<a><b/></a><a><b/></a>"), 3);
        assert_eq!(longest("<a>办公</a>"), 6);
        assert_eq!(longest("<a x='>>>>>>'/>"), 14);
        assert_eq!(longest("<!-- <a> <b> -->"), 15);
        assert_eq!(longest("<![CDATA[<<>>]]>"), 15);
    }
}
