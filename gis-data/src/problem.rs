//! What can be wrong with a row: every fault of a geometry, with its ring, vertex and place.

use std::fmt::Write as _;

/// One fault of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What is wrong.
    pub fault: Fault,
    /// The ring it is in, counted from 0 over all parts; the first ring of a part is its outer one.
    pub ring: Option<usize>,
    /// The vertex in that ring, counted from 0.
    pub vertex: Option<usize>,
    /// Where it is: longitude and latitude, or the file's own numbers where they mean no place.
    pub place: Option<(f64, f64)>,
}

/// The kinds of fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// No geometry, or one without coordinates.
    Empty,
    /// A geometry that the layer has no use for.
    WrongType {
        /// What the file has.
        found: String,
        /// What the layer needs, in English and Chinese.
        needed: (&'static str, &'static str),
    },
    /// A coordinate that is not two numbers.
    NotNumbers,
    /// Infinite or not a number.
    NotFinite,
    /// A coordinate that is no place in the file's system.
    OutsideCrs(String),
    /// Fewer than three different points in a ring.
    TooFewPoints,
    /// A ring that does not end where it began.
    NotClosed,
    /// A ring that crosses, touches or retraces itself.
    SelfIntersection,
    /// A hole that is not inside its outer ring.
    HoleOutside,
    /// Two holes of one part that overlap.
    HolesOverlap,
    /// Two rings that share an edge.
    SharedEdge,
    /// Two parts that overlap.
    PartsOverlap,
    /// A member the file refers to and does not contain.
    Missing {
        /// `node` or `way`.
        kind: &'static str,
        /// Its number.
        id: i64,
    },
    /// A geometry whose bytes or words cannot be read.
    Unreadable {
        /// How it is written, such as `WKT`.
        format: &'static str,
        /// What is wrong, in English and Chinese.
        reason: (String, String),
    },
    /// A cell that should hold a number.
    NoNumber {
        /// The heading of its column.
        column: String,
        /// What it holds.
        text: String,
    },
    /// More cells than there are columns: a comma or quote too many.
    SurplusCells {
        /// How many cells.
        cells: usize,
        /// How many columns.
        columns: usize,
    },
    /// The geometry engine of the database refused it.
    Refused(String),
}

impl Problem {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, ring: None, vertex: None, place: None }
    }

    /// A geometry that cannot be read, and why in English and Chinese.
    pub(crate) fn unreadable(format: &'static str, en: &str, zh: &str) -> Self {
        Self::new(Fault::Unreadable { format, reason: (en.to_owned(), zh.to_owned()) })
    }

    pub(crate) fn in_ring(mut self, ring: usize) -> Self {
        self.ring = Some(ring);
        self
    }

    pub(crate) fn at_vertex(mut self, vertex: usize) -> Self {
        self.vertex = Some(vertex);
        self
    }

    pub(crate) fn at(mut self, east: f64, north: f64) -> Self {
        self.place = Some((east, north));
        self
    }

    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self.fault {
            Fault::Empty => "empty",
            Fault::WrongType { .. } => "wrong_type",
            Fault::NotNumbers => "not_numbers",
            Fault::NotFinite => "not_finite",
            Fault::OutsideCrs(_) => "outside_crs",
            Fault::TooFewPoints => "too_few_points",
            Fault::NotClosed => "not_closed",
            Fault::SelfIntersection => "self_intersection",
            Fault::HoleOutside => "hole_outside",
            Fault::HolesOverlap => "holes_overlap",
            Fault::SharedEdge => "shared_edge",
            Fault::PartsOverlap => "parts_overlap",
            Fault::Missing { .. } => "missing_member",
            Fault::Unreadable { .. } => "unreadable",
            Fault::NoNumber { .. } => "no_number",
            Fault::SurplusCells { .. } => "surplus_cells",
            Fault::Refused(_) => "refused",
        }
    }

    /// What is wrong and where, in English.
    pub fn message(&self) -> String {
        let what = match &self.fault {
            Fault::Empty => "the geometry is empty".to_owned(),
            Fault::WrongType { found, needed } => {
                format!("the geometry is {found}, {} is needed", needed.0)
            }
            Fault::NotNumbers => "a coordinate is not two numbers".to_owned(),
            Fault::NotFinite => "a coordinate is not finite".to_owned(),
            Fault::OutsideCrs(crs) => format!("a coordinate is outside {crs}"),
            Fault::TooFewPoints => "the ring has fewer than three different points".to_owned(),
            Fault::NotClosed => "the ring does not end where it began".to_owned(),
            Fault::SelfIntersection => "the ring crosses or touches itself".to_owned(),
            Fault::HoleOutside => "the hole is not inside its outer ring".to_owned(),
            Fault::HolesOverlap => "two holes overlap".to_owned(),
            Fault::SharedEdge => "two rings share an edge".to_owned(),
            Fault::PartsOverlap => "two parts overlap".to_owned(),
            Fault::Missing { kind, id } => format!("{kind} {id} is not in the file"),
            Fault::Unreadable { format, reason } => {
                format!("the {format} of the geometry cannot be read: {}", reason.0)
            }
            Fault::NoNumber { column, text } => {
                format!("column {column:?} needs a number and has {text:?}")
            }
            Fault::SurplusCells { cells, columns } => {
                format!("the row has {cells} cells for {columns} columns")
            }
            Fault::Refused(reason) => format!("PostGIS refuses it: {reason}"),
        };
        self.located(what, [" (ring ", ", vertex ", ") at "])
    }

    /// The same in Chinese.
    pub fn message_zh(&self) -> String {
        let what = match &self.fault {
            Fault::Empty => "图形为空".to_owned(),
            Fault::WrongType { found, needed } => {
                format!("图形类型为 {found}，需要{}", needed.1)
            }
            Fault::NotNumbers => "坐标不是两个数字".to_owned(),
            Fault::NotFinite => "坐标不是有限数值".to_owned(),
            Fault::OutsideCrs(crs) => format!("坐标超出 {crs} 的有效范围"),
            Fault::TooFewPoints => "环的不同顶点少于三个".to_owned(),
            Fault::NotClosed => "环首尾不闭合".to_owned(),
            Fault::SelfIntersection => "环自相交或自相接".to_owned(),
            Fault::HoleOutside => "内环不在外环之内".to_owned(),
            Fault::HolesOverlap => "两个内环重叠".to_owned(),
            Fault::SharedEdge => "两个环有公共边".to_owned(),
            Fault::PartsOverlap => "两个部分重叠".to_owned(),
            Fault::Missing { kind, id } => {
                format!("文件缺少{} {id}", if *kind == "node" { "节点" } else { "路径" })
            }
            Fault::Unreadable { format, reason } => {
                format!("图形的 {format} 无法读取：{}", reason.1)
            }
            Fault::NoNumber { column, text } => format!("列“{column}”应为数字，实际为“{text}”"),
            Fault::SurplusCells { cells, columns } => {
                format!("该行有 {cells} 个单元格，而表头只有 {columns} 列")
            }
            Fault::Refused(reason) => format!("PostGIS 拒绝该图形：{reason}"),
        };
        self.located(what, ["（第 ", " 环，顶点 ", "）位置 "])
    }

    /// Rings and vertices are counted from 0 in columns and from 1 for people.
    fn located(&self, mut text: String, [ring, vertex, at]: [&str; 3]) -> String {
        let close = at.chars().next().unwrap_or(')');
        if let Some(r) = self.ring {
            let _infallible = write!(text, "{ring}{}", r + 1);
            if let Some(v) = self.vertex {
                let _infallible = write!(text, "{vertex}{}", v + 1);
            }
            if self.place.is_none() {
                text.push(close);
            }
        }
        if let Some((east, north)) = self.place {
            let at = if self.ring.is_some() { at } else { at.trim_start_matches(close) };
            let _infallible = write!(text, "{at}{east}, {north}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_and_where_in_both_languages() {
        let crossing = Problem::new(Fault::SelfIntersection).in_ring(0).at_vertex(2).at(9.5, 47.1);
        assert_eq!(
            crossing.message(),
            "the ring crosses or touches itself (ring 1, vertex 3) at 9.5, 47.1"
        );
        assert_eq!(crossing.message_zh(), "环自相交或自相接（第 1 环，顶点 3）位置 9.5, 47.1");
        assert_eq!(
            Problem::new(Fault::Refused("Nested shells".to_owned())).at(1.0, 2.0).message(),
            "PostGIS refuses it: Nested shells at 1, 2"
        );
    }
}
