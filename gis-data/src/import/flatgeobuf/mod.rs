//! FlatGeobuf 3: a header, an index that is passed over, then features one after another. Read by hand, because what
//! is needed of its tables is little and each claim in them has to be checked anyway.

mod buffer;

use std::io::{BufReader, Read as _, copy, sink as nowhere};

use crate::crs::Crs;
use crate::problem::Problem;

use super::ImportError;
use super::attributes::{Heading, column_name};
use super::format::{Asked, Format, Own, Sink, settle};
use super::input::{Counted, Input};
use super::shape::{RawRow, Ring, Shape, Tags, empty, number_text, storable, wrong_type};

use buffer::{Broken, Found, Table};

const NAME: &str = "FlatGeobuf";

/// Version 3; the last byte is a patch that changes nothing.
const MAGIC: &[u8] = b"fgb\x03fgb";

const MOST_HEADER_BYTES: u64 = 16 << 20;
const MOST_FEATURE_BYTES: u64 = 256 << 20;
const NODE_BYTES: u64 = 40;
const MOST_COLUMNS: usize = 2_000;
const MOST_NAME_BYTES: usize = 4_000;

/// Features for the web.
#[derive(Debug)]
pub(super) struct FlatGeobuf;

impl Format for FlatGeobuf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["fgb"]
    }

    fn recognises(&self, head: &[u8], _input: &Input) -> bool {
        head.starts_with(MAGIC)
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let mut file = BufReader::new(input.pass()?);
        let mut magic = [0; 8];
        file.read_exact(&mut magic).map_err(|_short| cut_off("it ends in its first bytes"))?;
        if !magic.starts_with(MAGIC) {
            return Err(malformed("it does not begin as version 3 of the format does"));
        }
        let bytes = sized(&mut file, MOST_HEADER_BYTES, "the header")?
            .ok_or_else(|| cut_off("it ends before the header"))?;
        let header =
            Header::read(&bytes).map_err(|_broken| malformed("its header cannot be read"))?;
        let crs = settle(NAME, asked, header.own_system(), None, sink)?;
        header.pass_index(&mut file)?;
        sink.begin(crs)?;
        let mut number = 0;
        while header.count == 0 || number < header.count {
            let what = format!("feature {}", number + 1);
            match sized(&mut file, MOST_FEATURE_BYTES, &what)? {
                Some(bytes) => sink.row(header.row(&bytes))?,
                None if header.count == 0 => break,
                None => {
                    let detail =
                        format!("its header says {} features, it has {number}", header.count);
                    return Err(cut_off(&detail));
                }
            }
            number += 1;
        }
        Ok(())
    }
}

/// A piece with its length before it; `None` at the end of the file.
fn sized(
    file: &mut BufReader<Counted>,
    most: u64,
    what: &str,
) -> Result<Option<Vec<u8>>, ImportError> {
    let unread = |e: std::io::Error| malformed(&format!("{what} cannot be read: {e}"));
    let mut length = Vec::new();
    file.by_ref().take(4).read_to_end(&mut length).map_err(unread)?;
    if length.is_empty() {
        return Ok(None);
    }
    let Ok(length) = <[u8; 4]>::try_from(length) else {
        return Err(cut_off(&format!("it ends in {what}")));
    };
    let length = u64::from(u32::from_le_bytes(length));
    if length > most {
        return Err(malformed(&format!("{what} claims {length} bytes, at most {most} are read")));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(length).read_to_end(&mut bytes).map_err(unread)?;
    if (bytes.len() as u64) < length {
        return Err(cut_off(&format!("it ends in {what}")));
    }
    Ok(Some(bytes))
}

struct Header {
    kind: u8,
    columns: Vec<(String, u8)>,
    count: u64,
    node_items: u64,
    crs: Option<(i32, String)>,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let table = Table::root(bytes)?;
        let mut columns = Vec::new();
        for column in table.tables(7)? {
            let column = column?;
            let name = column.text(0)?.ok_or(Broken)?;
            // Columns may claim to be one another: without bounds a small header would fill the memory.
            if name.len() > MOST_NAME_BYTES || columns.len() == MOST_COLUMNS {
                return Err(Broken);
            }
            columns
                .push((column_name(&storable(name), Heading::Whole), column.u8(1)?.unwrap_or(0)));
        }
        let crs = match table.table(10)? {
            Some(crs) => {
                let organization = crs.text(0)?.unwrap_or_default();
                let is_epsg = organization.is_empty() || organization.eq_ignore_ascii_case("EPSG");
                let code = if is_epsg { crs.i32(1)?.unwrap_or(0) } else { 0 };
                Some((code, crs.text(4)?.unwrap_or_default().to_owned()))
            }
            None => None,
        };
        Ok(Self {
            kind: table.u8(2)?.unwrap_or(0),
            columns,
            count: table.u64(8)?.unwrap_or(0),
            node_items: u64::from(table.u16(9)?.unwrap_or(16)),
            crs,
        })
    }

    fn own_system(&self) -> Own {
        match &self.crs {
            Some((code, _)) if *code > 0 => Own::from(format!("EPSG:{code}").parse()),
            Some((_, wkt)) if !wkt.is_empty() => Own::from(Crs::from_wkt(wkt)),
            Some(_) | None => Own::Silent,
        }
    }

    /// The index is a tree of boxes, all levels of it in a row.
    fn pass_index(&self, file: &mut BufReader<Counted>) -> Result<(), ImportError> {
        if self.node_items == 0 || self.count == 0 {
            return Ok(());
        }
        if self.node_items == 1 {
            return Err(malformed("its index has one item a node"));
        }
        let (mut level, mut nodes) = (self.count, self.count);
        while level > 1 {
            level = level.div_ceil(self.node_items);
            nodes = nodes.saturating_add(level);
        }
        // One feature has a node above it all the same.
        nodes = if self.count == 1 { 2 } else { nodes };
        let bytes = nodes.saturating_mul(NODE_BYTES);
        let passed = copy(&mut file.take(bytes), &mut nowhere())
            .map_err(|e| malformed(&format!("its index cannot be read: {e}")))?;
        if passed < bytes { Err(cut_off("it ends in its index")) } else { Ok(()) }
    }

    fn row(&self, bytes: &[u8]) -> RawRow {
        self.read_row(bytes).unwrap_or_else(|_broken| {
            let fault = Problem::unreadable(NAME, "its bytes are no feature", "字节不是有效的要素");
            RawRow::of(None, Tags::new(), Shape::Broken(vec![fault]))
        })
    }

    fn read_row(&self, bytes: &[u8]) -> Result<RawRow, Broken> {
        let feature = Table::root(bytes)?;
        let shape = match feature.table(0)? {
            Some(geometry) => shape_of(&geometry, self.kind, bytes.len())?,
            None => empty(),
        };
        let tags = self.tags(feature.bytes(1)?.unwrap_or_default())?;
        Ok(RawRow::of(None, tags, shape))
    }

    /// Numbers of columns, each with its value.
    fn tags(&self, mut rest: &[u8]) -> Result<Tags, Broken> {
        let mut tags = Tags::new();
        while !rest.is_empty() {
            let number = usize::from(u16::from_le_bytes(take(&mut rest)?));
            let (name, kind) = self.columns.get(number).ok_or(Broken)?;
            if let Some(text) = value(&mut rest, *kind)? {
                tags.entry(name.clone()).or_insert_with(|| storable(&text));
            }
        }
        Ok(tags)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Broken> {
    let (taken, after) = rest.split_first_chunk::<N>().ok_or(Broken)?;
    *rest = after;
    Ok(*taken)
}

/// A value of one of the format's kinds as a text; `None` for bytes that are no text.
fn value(rest: &mut &[u8], kind: u8) -> Found<String> {
    let text = match kind {
        0 => i8::from_le_bytes(take(rest)?).to_string(),
        1 => u8::from_le_bytes(take(rest)?).to_string(),
        2 => (u8::from_le_bytes(take(rest)?) != 0).to_string(),
        3 => i16::from_le_bytes(take(rest)?).to_string(),
        4 => u16::from_le_bytes(take(rest)?).to_string(),
        5 => i32::from_le_bytes(take(rest)?).to_string(),
        6 => u32::from_le_bytes(take(rest)?).to_string(),
        7 => i64::from_le_bytes(take(rest)?).to_string(),
        8 => u64::from_le_bytes(take(rest)?).to_string(),
        9 => f32::from_le_bytes(take(rest)?).to_string(),
        10 => number_text(f64::from_le_bytes(take(rest)?)),
        11..=14 => {
            let length = u32::from_le_bytes(take(rest)?) as usize;
            let (bytes, after) = rest.split_at_checked(length).ok_or(Broken)?;
            *rest = after;
            if kind == 14 {
                return Ok(None);
            }
            String::from_utf8_lossy(bytes).into_owned()
        }
        _ => return Err(Broken),
    };
    Ok(Some(text))
}

/// `bytes` is how many the feature has: more positions than fit in them are not its own.
fn shape_of(geometry: &Table<'_>, kind: u8, bytes: usize) -> Result<Shape, Broken> {
    let kind = geometry.u8(6)?.filter(|own| *own != 0).unwrap_or(kind);
    Ok(match kind {
        1 => match geometry.positions(1)?.as_slice() {
            [] => empty(),
            [place] => Shape::Point(*place),
            _ => return Err(Broken),
        },
        3 => Shape::Polygons(vec![rings(geometry)?]),
        6 => {
            let (mut parts, mut claimed) = (Vec::new(), 0);
            for part in geometry.tables(7)? {
                let rings = rings(&part?)?;
                claimed += 16 * rings.iter().map(Vec::len).sum::<usize>();
                if claimed > bytes {
                    return Err(Broken);
                }
                parts.push(rings);
            }
            Shape::Polygons(parts)
        }
        2 => wrong_type("LineString"),
        4 => wrong_type("MultiPoint"),
        5 => wrong_type("MultiLineString"),
        7 => wrong_type("GeometryCollection"),
        8..=17 => wrong_type("Curve"),
        _ => return Err(Broken),
    })
}

/// Where each ring ends, in positions; one ring needs no end.
fn rings(geometry: &Table<'_>) -> Result<Vec<Ring>, Broken> {
    let positions = geometry.positions(1)?;
    let ends = geometry.numbers(0)?;
    if ends.is_empty() {
        return Ok(if positions.is_empty() { Vec::new() } else { vec![positions] });
    }
    let mut from = 0;
    let mut rings = Vec::with_capacity(ends.len());
    for end in ends {
        let end = end as usize;
        rings.push(positions.get(from..end).ok_or(Broken)?.to_vec());
        from = end;
    }
    if from == positions.len() { Ok(rings) } else { Err(Broken) }
}

fn malformed(detail: &str) -> ImportError {
    ImportError::Malformed { format: NAME, detail: detail.to_owned() }
}

fn cut_off(detail: &str) -> ImportError {
    ImportError::CutOff { format: NAME, detail: detail.to_owned() }
}
