//! The attributes: dBASE tables, with their texts in whatever encoding.

use std::io::Read as _;

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::super::attributes::{Heading, column_name};
use super::super::charset::{field, is_utf8_field};
use super::super::shape::{Tags, number_text, storable};
use super::{ImportError, Part, Parts, cut_off, malformed, trouble};

const HEADER_BYTES: usize = 32;
const END_OF_FIELDS: u8 = 0x0d;
const DELETED: u8 = b'*';

/// A longer name does not fit.
const NAME_BYTES: usize = 10;

/// A record of a `.dbf`.
pub(super) enum Record {
    /// With these attributes.
    Kept(Tags),
    /// Deleted, and not yet packed away.
    Deleted,
}

/// The records of a `.dbf`.
pub(super) struct Table {
    part: Part,
    layout: Layout,
    names: Vec<String>,
    encoding: &'static Encoding,
    is_guessed: bool,
    left: u64,
    number: u64,
}

impl Table {
    /// The encoding is the one `declared` by the `.cpg`, else the language byte's, else UTF-8 if every text is that, else
    /// GB18030.
    pub(super) fn open(
        parts: &Parts,
        declared: Option<&'static Encoding>,
    ) -> Result<Self, ImportError> {
        let (mut part, size) = parts.needed("dbf", ("the attributes", "属性"))?;
        let layout = Layout::read(&mut part, size)?;
        let known = declared.or_else(|| by_language(layout.language));
        let is_utf8 = known.is_none() && all_utf8(parts, &layout)?;
        let encoding = known.unwrap_or(if is_utf8 { UTF_8 } else { GB18030 });
        let mut names = Vec::with_capacity(layout.fields.len());
        for described in &layout.fields {
            let name = field(&described.name, encoding).ok_or_else(|| {
                malformed(format!("the names of fields in the .dbf are not in {}", told(encoding)))
            })?;
            // A character of UTF-8 has up to three bytes, of which none may fit.
            let is_full = described.name.len() + 2 >= NAME_BYTES;
            let heading = if is_full { Heading::PerhapsCut } else { Heading::Whole };
            names.push(column_name(&storable(&name), heading));
        }
        let left = layout.records;
        let is_guessed = known.is_none() && !is_utf8;
        Ok(Self { part, layout, names, encoding, is_guessed, left, number: 0 })
    }

    /// Whether nothing says how the texts are encoded, and they are not UTF-8.
    pub(super) fn is_taken_as_gb18030(&self) -> bool {
        self.is_guessed
    }

    /// The next record; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Record>, ImportError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.number += 1;
        let record = self.layout.record(&mut self.part, self.number)?;
        if record.first() == Some(&DELETED) {
            return Ok(Some(Record::Deleted));
        }
        let mut tags = Tags::new();
        for (described, name) in self.layout.fields.iter().zip(&self.names) {
            let bytes = record.get(described.from..described.from + described.length);
            let bytes = bytes.unwrap_or_default();
            let text = match described.kind {
                b'C' => Some(field(trimmed(bytes), self.encoding).ok_or_else(|| {
                    malformed(format!(
                        "field {name:?} of record {} is not in {}; name the right encoding in the .cpg",
                        self.number,
                        told(self.encoding)
                    ))
                })?),
                b'N' | b'F' => number(trimmed(bytes)),
                b'D' => day(trimmed(bytes)),
                b'L' => truth(bytes),
                // Notes and pictures stand in other files, or are none of ours.
                _ => None,
            };
            if let Some(text) = text.map(|text| storable(&text)).filter(|text| !text.is_empty()) {
                tags.entry(name.clone()).or_insert(text);
            }
        }
        Ok(Some(Record::Kept(tags)))
    }
}

fn told(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GB18030 (GBK)" } else { encoding.name() }
}

/// Simplified Chinese, of DOS and of Windows. The others are set by programs that do not mean them.
fn by_language(byte: u8) -> Option<&'static Encoding> {
    matches!(byte, 0x4d | 0x7a).then_some(GB18030)
}

/// Passes over the whole table.
fn all_utf8(parts: &Parts, layout: &Layout) -> Result<bool, ImportError> {
    if !layout.fields.iter().all(|described| is_utf8_field(&described.name)) {
        return Ok(false);
    }
    let (mut part, size) = parts.needed("dbf", ("the attributes", "属性"))?;
    Layout::read(&mut part, size)?;
    for number in 1..=layout.records {
        let record = layout.record(&mut part, number)?;
        let texts = layout.fields.iter().filter(|described| described.kind == b'C');
        for described in texts {
            let bytes = record.get(described.from..described.from + described.length);
            if !is_utf8_field(trimmed(bytes.unwrap_or_default())) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// What the header says.
struct Layout {
    records: u64,
    record_bytes: usize,
    language: u8,
    fields: Vec<Described>,
}

struct Described {
    name: Vec<u8>,
    kind: u8,
    from: usize,
    length: usize,
}

impl Layout {
    /// Leaves the part at its first record.
    fn read(part: &mut Part, size: u64) -> Result<Self, ImportError> {
        let failed = |e: std::io::Error| trouble("dbf", "its header", &e);
        let mut head = [0; HEADER_BYTES];
        part.read_exact(&mut head).map_err(failed)?;
        let short = |at: usize| {
            u16::from_le_bytes([
                head.get(at).copied().unwrap_or_default(),
                head.get(at + 1).copied().unwrap_or_default(),
            ])
        };
        let records = u64::from(short(4)) + (u64::from(short(6)) << 16);
        let (header_bytes, record_bytes) = (usize::from(short(8)), usize::from(short(10)));
        if header_bytes <= HEADER_BYTES || record_bytes == 0 {
            return Err(malformed("the .dbf is no dBASE table"));
        }
        let whole = header_bytes as u64 + records * record_bytes as u64;
        if whole > size {
            return Err(cut_off(format!(
                "the .dbf says it has {records} records, {whole} bytes, and has {size}"
            )));
        }
        let mut rest = vec![0; header_bytes - HEADER_BYTES];
        part.read_exact(&mut rest).map_err(failed)?;
        let mut fields = Vec::new();
        let mut from = 1;
        for described in rest.chunks_exact(HEADER_BYTES) {
            let [kind, .., length, _decimals] = described.get(11..18).unwrap_or_default() else {
                break;
            };
            if described.first() == Some(&END_OF_FIELDS) {
                break;
            }
            let name = described.get(..11).unwrap_or_default();
            let name = name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
            let length = usize::from(*length);
            fields.push(Described { name, kind: *kind, from, length });
            from += length;
        }
        if from > record_bytes {
            return Err(malformed("the fields of the .dbf are longer than its records"));
        }
        let language = head.get(29).copied().unwrap_or_default();
        Ok(Self { records, record_bytes, language, fields })
    }

    fn record(&self, part: &mut Part, number: u64) -> Result<Vec<u8>, ImportError> {
        let mut record = vec![0; self.record_bytes];
        part.read_exact(&mut record)
            .map_err(|e| trouble("dbf", &format!("record {number}"), &e))?;
        Ok(record)
    }
}

/// Without the blanks and zeros that fill a field up.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or_default().trim_ascii()
}

/// As it is written, without the zeros that fill its decimals up; nothing where it is no number.
fn number(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let number: f64 = text.parse().ok()?;
    if text.contains(['.', 'e', 'E']) { Some(number_text(number)) } else { Some(text.to_owned()) }
}

/// `20240517` as 2024-05-17.
fn day(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_day = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |from: usize, to: usize| text.get(from..to);
    (is_day && text != "00000000")
        .then(|| Some(format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?)))
        .flatten()
}

fn truth(bytes: &[u8]) -> Option<String> {
    match bytes.first()? {
        b'T' | b't' | b'Y' | b'y' => Some("true".to_owned()),
        b'F' | b'f' | b'N' | b'n' => Some("false".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_they_were_meant() {
        assert_eq!(number(b"20.500000").as_deref(), Some("20.5"));
        assert_eq!(number(b"310104000012345678").as_deref(), Some("310104000012345678"));
        assert_eq!(number(b"1.20000e+01").as_deref(), Some("12"));
        assert_eq!(number(b"*****"), None);
        assert_eq!(day(b"20240517").as_deref(), Some("2024-05-17"));
        assert_eq!(day(b"00000000"), None);
        assert_eq!(truth(b"?"), None);
    }
}
