//! XML, piece by piece: however long the file, one piece is in memory at a time, and none may be large.

use std::cell::Cell;
use std::io::{BufReader, Error, ErrorKind, Read};
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_8};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::ImportError;
use super::charset::{Utf8, named};

/// A row with all that is in it; the coordinates of the largest polygon have some of them.
const MOST_ROW_BYTES: u64 = 64 << 20;
/// Folders within folders.
const DEEPEST: usize = 200;

/// A piece of a document. Names are without their prefix.
#[derive(Debug)]
pub(super) enum Piece {
    /// An element begins, with these attributes.
    Start(String, Vec<(String, String)>),
    /// Text within it.
    Text(String),
    /// It ends.
    End(String),
}

/// A document as its pieces come.
pub(super) struct Xml<R: Read> {
    format: &'static str,
    reader: Reader<BufReader<Watched<Utf8<R>>>>,
    since_row: Rc<Cell<u64>>,
    buffer: Vec<u8>,
    depth: usize,
}

struct Watched<R> {
    inner: R,
    since_row: Rc<Cell<u64>>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.since_row.set(self.since_row.get() + n as u64);
        if self.since_row.get() > MOST_ROW_BYTES {
            let text = format!("a row, a tag or a text is longer than {MOST_ROW_BYTES} bytes");
            return Err(Error::new(ErrorKind::InvalidData, text));
        }
        Ok(n)
    }
}

impl<R: Read> Xml<R> {
    /// `head` is how the document begins; its encoding stands there.
    pub(super) fn new(format: &'static str, head: &[u8], inner: R) -> Self {
        let since_row = Rc::new(Cell::new(0));
        let inner = Utf8::new(inner, declared_encoding(head));
        let watched = Watched { inner, since_row: Rc::clone(&since_row) };
        let mut reader = Reader::from_reader(BufReader::new(watched));
        reader.config_mut().expand_empty_elements = true;
        Self { format, reader, since_row, buffer: Vec::new(), depth: 0 }
    }

    /// Called where no row is being read: what comes from here on counts as of the next one.
    pub(super) fn begin_row(&self) {
        self.since_row.set(0);
    }

    /// The next piece; `None` after the end of the document.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, ImportError> {
        loop {
            self.buffer.clear();
            let at = self.reader.buffer_position();
            let event = self
                .reader
                .read_event_into(&mut self.buffer)
                .map_err(|e| trouble(self.format, at, &e))?;
            let piece = match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        return Err(malformed(
                            self.format,
                            format!("more than {DEEPEST} elements within each other at byte {at}"),
                        ));
                    }
                    start_of(&start).map_err(|e| trouble(self.format, at, &e))?
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    Piece::End(end.local_name().as_ref().to_owned())
                }
                Event::Text(text) => Piece::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Piece::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(named) => {
                    let character =
                        named.resolve_char_ref().map_err(|e| trouble(self.format, at, &e))?;
                    let text = character.map(String::from);
                    // What a document defines for itself is never looked up.
                    let text = text
                        .or_else(|| resolve_predefined_entity(&named).map(str::to_owned))
                        .ok_or_else(|| {
                            malformed(self.format, format!("unknown entity at byte {at}"))
                        })?;
                    Piece::Text(text)
                }
                Event::Eof if self.depth > 0 => {
                    let detail = format!("{} elements have no end at byte {at}", self.depth);
                    return Err(ImportError::CutOff { format: self.format, detail });
                }
                Event::Eof => return Ok(None),
                Event::Empty(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_) => continue,
            };
            return Ok(Some(piece));
        }
    }
}

fn start_of(start: &BytesStart<'_>) -> quick_xml::Result<Piece> {
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned();
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
    }
    Ok(Piece::Start(start.local_name().as_ref().to_owned(), attributes))
}

fn declared_encoding(head: &[u8]) -> &'static Encoding {
    let head = String::from_utf8_lossy(head);
    let declaration = head.split("?>").next().unwrap_or_default();
    let name =
        declaration.split("encoding").nth(1).and_then(|after| after.split(['"', '\'']).nth(1));
    name.and_then(named).unwrap_or(UTF_8)
}

fn trouble(format: &'static str, at: u64, error: &quick_xml::Error) -> ImportError {
    match error {
        // All of them are something that is not closed where the file ends.
        quick_xml::Error::Syntax(_) => {
            ImportError::CutOff { format, detail: format!("{error}, at byte {at}") }
        }
        quick_xml::Error::Io(e) if e.kind() == ErrorKind::UnexpectedEof => {
            ImportError::CutOff { format, detail: format!("{e}, at byte {at}") }
        }
        _ => malformed(format, format!("{error}, at byte {at}")),
    }
}

fn malformed(format: &'static str, detail: String) -> ImportError {
    ImportError::Malformed { format, detail }
}

/// Whether a document begins with this element, perhaps after a declaration and comments.
pub(super) fn begins_with(head: &[u8], element: &str) -> bool {
    let (head, ..) = UTF_8.decode(head);
    let head = head.trim_start();
    head.starts_with('<') && head.contains(&format!("<{element}"))
}
