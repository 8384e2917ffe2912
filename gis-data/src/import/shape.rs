//! A row between its file and the judge: nothing is checked yet.

use std::collections::BTreeMap;

use geo_types::Geometry;

use crate::problem::Problem;

use super::attributes::Attributes;

/// East, north, as in the file.
pub(super) type Position = [f64; 2];

/// One ring, as in the file: perhaps open, perhaps crossing itself.
pub(super) type Ring = Vec<Position>;

/// A geometry as the file has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A place.
    Point(Position),
    /// Parts, each an outer ring and its holes.
    Polygons(Vec<Vec<Ring>>),
    /// No geometry could be made of it.
    Broken(Vec<Problem>),
}

/// What is known about a row by name.
pub(super) type Tags = BTreeMap<String, String>;

/// A row as the file has it.
#[derive(Debug, Clone)]
pub(super) struct RawRow {
    /// The row's own name in its source; `None` where it has none.
    pub(super) id: Option<String>,
    pub(super) tags: Tags,
    pub(super) shape: Shape,
}

/// A judged row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Counted from 1 in the order of the file.
    pub(super) number: u64,
    pub(super) source_ref: String,
    pub(super) verdict: Result<GoodRow, Vec<Problem>>,
}

/// A row fit for its table.
#[derive(Debug, Clone)]
pub(super) struct GoodRow {
    pub(super) geometry: Geometry<f64>,
    pub(super) wkb: Vec<u8>,
    pub(super) attributes: Attributes,
    pub(super) content_hash: i64,
}

/// A text of a file as PostgreSQL can keep it, which is without NUL.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "")
}
