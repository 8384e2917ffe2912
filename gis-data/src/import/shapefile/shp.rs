//! The shapes: records in the order of the `.shx`, or one after another where there is none.

use std::io::{Read, copy, sink};

use crate::problem::Problem;

use super::super::shape::{Position, Ring, Shape, empty, wrong_type};
use super::rings::parts_of;
use super::{ImportError, NAME, Part, Parts, cut_off, malformed, trouble};

/// The number that a `.shp` and a `.shx` begin with.
pub(super) const CODE: u32 = 9_994;

const HEADER_BYTES: usize = 100;

/// One record; the largest countries' coasts take a tenth of it.
const MOST_RECORD_BYTES: u64 = 256 << 20;

/// Where reading can go on from another byte.
pub(super) trait Place: Read {
    /// Goes there; `false` where the file is only read front to back.
    fn go_to(&mut self, byte: u64) -> std::io::Result<bool>;
}

/// The records of a `.shp`.
pub(super) struct Shapes {
    shp: Part,
    index: Option<Part>,
    /// Where the next byte comes from.
    at: u64,
    end: u64,
    number: u64,
}

impl Shapes {
    pub(super) fn open(parts: &Parts) -> Result<Self, ImportError> {
        let (mut shp, size) = parts.needed("shp", ("the shapes", "图形"))?;
        let end = header(&mut shp, "shp", size)?;
        let index = match parts.part("shx")? {
            Some((mut shx, size)) => {
                header(&mut shx, "shx", size)?;
                Some(shx)
            }
            None => None,
        };
        Ok(Self { shp, index, at: HEADER_BYTES as u64, end, number: 0 })
    }

    /// The next shape; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Shape>, ImportError> {
        let Some(start) = self.start()? else { return Ok(None) };
        self.number += 1;
        let number = self.number;
        let failed = |e: std::io::Error| trouble("shp", &format!("record {number}"), &e);
        if start < self.at {
            let went = self.shp.go_to(start).map_err(failed)?;
            if !went {
                return Err(malformed(format!(
                    "record {number} stands before the one it follows; unpack the archive and import the .shp"
                )));
            }
        } else if start > self.at {
            let gap = start - self.at;
            let skipped = copy(&mut (&mut self.shp).take(gap), &mut sink()).map_err(failed)?;
            if skipped < gap {
                return Err(cut_off(format!("the .shp ends before record {number}")));
            }
        }
        let mut head = [0; 8];
        self.shp.read_exact(&mut head).map_err(failed)?;
        let length = u64::from(be_u32(&head, 4)) * 2;
        if length > MOST_RECORD_BYTES || start + 8 + length > self.end {
            return Err(malformed(format!(
                "record {number} of the .shp claims {length} bytes, the file has fewer or a record may not have so many"
            )));
        }
        let mut record = Vec::new();
        (&mut self.shp).take(length).read_to_end(&mut record).map_err(failed)?;
        if (record.len() as u64) < length {
            return Err(cut_off(format!("the .shp ends in record {number}")));
        }
        self.at = start + 8 + length;
        Ok(Some(shape(&record)))
    }

    /// Where the next record begins.
    fn start(&mut self) -> Result<Option<u64>, ImportError> {
        let Some(index) = &mut self.index else {
            return Ok((self.at < self.end).then_some(self.at));
        };
        let mut entry = [0; 8];
        let mut read = 0;
        while let Some(rest) = entry.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match index.read(rest) {
                Ok(0) if read == 0 => return Ok(None),
                Ok(0) => {
                    return Err(cut_off(format!("the .shx ends in entry {}", self.number + 1)));
                }
                Ok(n) => read += n,
                Err(e) => return Err(trouble("shx", &format!("entry {}", self.number + 1), &e)),
            }
        }
        let start = u64::from(be_u32(&entry, 0)) * 2;
        if start < HEADER_BYTES as u64 || start + 8 > self.end {
            return Err(malformed(format!(
                "entry {} of the .shx points outside the .shp; make the .shx anew, or remove it",
                self.number + 1
            )));
        }
        Ok(Some(start))
    }
}

/// Reads a header and gives the length of the file, which is the one it says.
fn header(part: &mut Part, name: &str, size: u64) -> Result<u64, ImportError> {
    let mut header = [0; HEADER_BYTES];
    part.read_exact(&mut header).map_err(|e| trouble(name, "its header", &e))?;
    if be_u32(&header, 0) != CODE {
        return Err(malformed(format!("the .{name} does not begin with {CODE}")));
    }
    let said = u64::from(be_u32(&header, 24)) * 2;
    if said > size {
        return Err(cut_off(format!("the .{name} says it has {said} bytes and has {size}")));
    }
    if said < HEADER_BYTES as u64 {
        return Err(malformed(format!("the .{name} says it has {said} bytes")));
    }
    Ok(said)
}

/// A record without its header.
fn shape(record: &[u8]) -> Shape {
    let Some(kind) = record.get(..4).map(|_| le_u32(record, 0)) else {
        return unreadable("it has no type", "没有类型");
    };
    match kind {
        0 => empty(),
        1 | 11 | 21 => match (le_f64(record, 4), le_f64(record, 12)) {
            (Some(x), Some(y)) => Shape::Point([x, y]),
            _ => unreadable("the point has no two numbers", "点不足两个数值"),
        },
        3 | 13 | 23 => wrong_type("LineString"),
        5 | 15 | 25 => polygon(record),
        8 | 18 | 28 => wrong_type("MultiPoint"),
        31 => wrong_type("MultiPatch"),
        other => unreadable(&format!("type {other} is unknown"), &format!("类型 {other} 未知")),
    }
}

fn polygon(record: &[u8]) -> Shape {
    let shorter = || {
        unreadable(
            "the record is shorter than its parts and points",
            "记录长度小于其部分和点的数量",
        )
    };
    if record.len() < 44 {
        return shorter();
    }
    let (parts, points) = (le_u32(record, 36) as usize, le_u32(record, 40) as usize);
    let starts =
        parts.checked_mul(4).and_then(|bytes| record.get(44..44_usize.checked_add(bytes)?));
    let Some(starts) = starts else { return shorter() };
    let first = 44 + starts.len();
    let places =
        points.checked_mul(16).and_then(|bytes| record.get(first..first.checked_add(bytes)?));
    let Some(places) = places else { return shorter() };
    let mut starts: Vec<usize> =
        starts.chunks_exact(4).map(|bytes| le_u32(bytes, 0) as usize).collect();
    starts.push(points);
    if starts.first() != Some(&0) || !starts.is_sorted() {
        return unreadable("its parts are not in order", "各部分的顺序不对");
    }
    let ring = |bounds: &[usize]| -> Ring {
        let [from, to] = *bounds else { return Ring::new() };
        let bytes = places.get(from * 16..to * 16).unwrap_or_default();
        bytes.chunks_exact(16).map(position).collect()
    };
    if points == 0 {
        return empty();
    }
    Shape::Polygons(parts_of(starts.windows(2).map(ring).collect()))
}

fn position(bytes: &[u8]) -> Position {
    [le_f64(bytes, 0).unwrap_or(f64::NAN), le_f64(bytes, 8).unwrap_or(f64::NAN)]
}

fn unreadable(en: &str, zh: &str) -> Shape {
    Shape::Broken(vec![Problem::unreadable(NAME, en, zh)])
}

fn four(bytes: &[u8], at: usize) -> [u8; 4] {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).unwrap_or_default()
}

fn be_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(four(bytes, at))
}

fn le_u32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(four(bytes, at))
}

fn le_f64(bytes: &[u8], at: usize) -> Option<f64> {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map(f64::from_le_bytes)
}
