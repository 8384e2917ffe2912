//! A row between its file and the judge: nothing is checked yet.

use std::collections::BTreeMap;

use geo_types::Geometry;

use crate::problem::{Fault, Problem};

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
    /// Its number where people count the rows of such files (lines, rows of a sheet, records); `None`
    /// where that is its place among the rows read.
    pub(super) number: Option<u64>,
    /// The row's own name in its source; `None` where it has none.
    pub(super) id: Option<String>,
    pub(super) tags: Tags,
    pub(super) shape: Shape,
}

/// A judged row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Counted from 1 in the order of the file, as people count its rows.
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

impl RawRow {
    /// A row whose attributes may say its name.
    pub(super) fn of(number: Option<u64>, tags: Tags, shape: Shape) -> Self {
        Self { number, id: own_name(&tags), tags, shape }
    }
}

/// The name that a row gives itself by its attributes.
pub(super) fn own_name(tags: &Tags) -> Option<String> {
    ["id", "osm_id", "code", "编号"].iter().find_map(|name| tags.get(*name).cloned())
}

/// A shape that could not be read because it is of a kind that no layer has a use for.
pub(super) fn wrong_type(found: &str) -> Shape {
    Shape::Broken(vec![Problem::new(Fault::WrongType {
        found: storable(found),
        needed: ("a polygon or a point", "面或点"),
    })])
}

/// No geometry.
pub(super) fn empty() -> Shape {
    Shape::Broken(vec![Problem::new(Fault::Empty)])
}

/// A number as people write it: whole numbers without a point.
pub(super) fn number_text(number: f64) -> String {
    number.to_string()
}

/// A text of a file as PostgreSQL can keep it, which is without NUL.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "")
}
