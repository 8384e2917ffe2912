//! Why a filter is refused: what is wrong, where it stands, and what would do.

use std::fmt;

use crate::AttributeType;

/// A refused filter.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterError {
    /// What is wrong.
    pub fault: FilterFault,
    /// Where, if the reader knows it.
    pub at: Option<Place>,
}

/// A place in a filter, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The n-th character of CQL2 text.
    Character(usize),
    /// A line and a column of JSON.
    Line(usize, usize),
}

/// What can be wrong with a filter.
#[derive(Debug, Clone, PartialEq)]
pub enum FilterFault {
    /// Nothing but blanks.
    Empty,
    /// More bytes of text than [`MAX_TEXT_BYTES`](super::MAX_TEXT_BYTES).
    TextTooLong(usize),
    /// More bytes of JSON than [`MAX_JSON_BYTES`](super::MAX_JSON_BYTES).
    JsonTooLong(usize),
    /// Deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
    /// More nodes than [`MAX_NODES`](super::MAX_NODES).
    TooManyNodes,
    /// A list with more values than [`MAX_LIST`](super::MAX_LIST).
    ListTooLong,
    /// A list without values.
    EmptyList,
    /// Something else was expected.
    Syntax {
        /// What stands there; nothing at the end of the filter.
        found: Option<String>,
        /// What could stand there.
        expected: Expected,
    },
    /// A text or a quoted name that does not end.
    Unclosed(char),
    /// Beyond what a number holds.
    NumberTooLarge(String),
    /// A text with a NUL character, which no text of the database can hold.
    Nul,
    /// Not JSON at all; the parser's own words.
    Json(String),
    /// JSON that is no part of CQL2.
    NotCql2(String),
    /// An operator with too few or too many arguments.
    Arguments {
        /// The operator.
        operator: &'static str,
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// `AND` or `OR` of less than two.
    TooFewArguments(&'static str),
    /// `IN` without a list.
    NeedsList,
    /// The layer has no such attribute.
    UnknownAttribute {
        /// What was written.
        name: String,
        /// What the layer has.
        known: Vec<String>,
    },
    /// Two values that cannot be compared.
    Incomparable(Typed, Typed),
    /// Something else where only texts go: the operator and what it was given.
    NeedsText(&'static str, Typed),
    /// A pattern of `LIKE` that is no literal.
    NeedsPattern,
    /// A pattern that ends with a lone backslash.
    PatternEnd,
    /// A value where a condition is needed.
    NotACondition(Typed),
    /// A condition where a value is needed.
    NotAValue,
    /// `NULL` where a value is needed.
    Null,
    /// Part of CQL2, and not of ours.
    Unsupported(Unsupported, String),
}

/// What a reader of CQL2 text waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// An attribute, a value, or an opening bracket.
    Operand,
    /// An operator after an attribute or a value, or the end.
    Operator,
    /// `AND` between the bounds of `BETWEEN`.
    And,
    /// `BETWEEN`, `IN` or `LIKE` after `NOT`.
    AfterNot,
    /// `NULL` after `IS`.
    Null,
    /// This character.
    Character(char),
    /// A comma, or the bracket that ends the list.
    ListGoesOn,
}

/// A value or an attribute, as messages call it.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    /// An attribute of the layer.
    Attribute(String, AttributeType),
    /// A number.
    Number(String),
    /// A text.
    Text(String),
    /// `TRUE` or `FALSE`.
    Boolean(bool),
}

/// What of CQL2 is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsupported {
    /// `S_INTERSECTS` and the like, and geometries.
    Spatial,
    /// `T_AFTER` and the like, dates, times and intervals.
    Temporal,
    /// `A_CONTAINS` and the like.
    Array,
    /// `+`, `-`, `*`, `/`, `%`, `^`, `DIV`.
    Arithmetic,
    /// `ACCENTI`.
    Accents,
    /// Any other function.
    Function,
}

impl FilterError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match &self.fault {
            FilterFault::Empty => "empty",
            FilterFault::TextTooLong(_)
            | FilterFault::JsonTooLong(_)
            | FilterFault::TooDeep
            | FilterFault::TooManyNodes
            | FilterFault::ListTooLong => "too_large",
            FilterFault::EmptyList
            | FilterFault::Syntax { .. }
            | FilterFault::Unclosed(_)
            | FilterFault::NumberTooLarge(_)
            | FilterFault::Nul
            | FilterFault::Json(_)
            | FilterFault::NotCql2(_)
            | FilterFault::Arguments { .. }
            | FilterFault::TooFewArguments(_)
            | FilterFault::NeedsList
            | FilterFault::PatternEnd => "syntax",
            FilterFault::UnknownAttribute { .. } => "unknown_attribute",
            FilterFault::Incomparable(..)
            | FilterFault::NeedsText(..)
            | FilterFault::NeedsPattern
            | FilterFault::NotACondition(_)
            | FilterFault::NotAValue
            | FilterFault::Null => "type_mismatch",
            FilterFault::Unsupported(..) => "unsupported",
        }
    }

    /// What is wrong and where, in English.
    pub fn message(&self) -> String {
        let what = self.fault.message();
        match self.at {
            None => what,
            Some(Place::Character(n)) => format!("{what} (character {n})"),
            Some(Place::Line(line, column)) => format!("{what} (line {line}, column {column})"),
        }
    }

    /// The same in Chinese.
    pub fn message_zh(&self) -> String {
        let what = self.fault.message_zh();
        match self.at {
            None => what,
            Some(Place::Character(n)) => format!("{what}（第 {n} 个字符）"),
            Some(Place::Line(line, column)) => format!("{what}（第 {line} 行第 {column} 列）"),
        }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for FilterError {}

impl FilterFault {
    /// Where no place is known.
    pub(super) fn unplaced(self) -> FilterError {
        FilterError { fault: self, at: None }
    }

    /// With its place.
    pub(super) fn at(self, at: impl Into<Option<Place>>) -> FilterError {
        FilterError { fault: self, at: at.into() }
    }
}
