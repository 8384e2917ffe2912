//! A field of a form, and what can be wrong with what was typed into it.

use gis_data::{Personal, Text2};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// One thing a form asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The key in the body, line or patch.
    pub name: String,
    /// The label.
    pub title: Text2,
    /// What may be typed.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Whether it may be left out.
    #[serde(default)]
    pub need: Need,
    /// Whether lists filter and sort by it: then it is a column of the kind's projection.
    #[serde(default)]
    pub listed: bool,
    /// Filled in by the program; forms only show it.
    #[serde(default)]
    pub derived: bool,
    /// What else somebody who fills it in should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text2>,
    /// Who somebody is: masked for those whose work does not need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<Personal>,
    /// Of texts: the most characters (Unicode scalar values, so a 汉字 is one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_chars: Option<usize>,
    /// Of choices, in the order shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Of numbers and dates: the least, as a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Of numbers and dates: the most, as a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Of decimals: how many places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// What its number counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text2>,
    /// Of places: which kinds; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feature_kinds: Vec<String>,
    /// Of documents: which kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_kind: Option<String>,
}

/// Whether a field may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// It must be there.
    #[default]
    Required,
    /// It may be left out.
    Optional,
}

/// What may be typed into a field, and how it stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line: a text that is not blank.
    Text,
    /// Several lines.
    LongText,
    /// One of the options.
    Choice,
    /// A whole number.
    Integer,
    /// A decimal as a text: `"12.5"`.
    Decimal,
    /// Yuan to two places, as a text.
    Money,
    /// Square metres to four places, as a text.
    Area,
    /// A day: `"2026-11-25"`.
    Date,
    /// A minute in Beijing: `"2026-11-25T09:30+08:00"`.
    Moment,
    /// Yes or no.
    Boolean,
    /// The key of an organisation.
    Org,
    /// The key of an account.
    Person,
    /// The key of a place.
    Feature,
    /// The key of another document.
    Document,
}

impl FieldType {
    /// Its type in a projection.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Text | Self::LongText | Self::Choice => "text",
            // Exact numbers as whole parts: integers compare without leaking, so that their indexes are used under
            // row-level security.
            Self::Integer
            | Self::Org
            | Self::Person
            | Self::Feature
            | Self::Document
            | Self::Decimal
            | Self::Money
            | Self::Area => "bigint",
            Self::Date => "date",
            Self::Moment => "timestamptz",
            Self::Boolean => "boolean",
        }
    }

    /// Whether it stands in JSON as the number of a row.
    pub(crate) fn is_reference(self) -> bool {
        matches!(self, Self::Org | Self::Person | Self::Feature | Self::Document)
    }

    /// Whether it is an exact number that stands in JSON as a text.
    pub(crate) fn is_decimal(self) -> bool {
        matches!(self, Self::Decimal | Self::Money | Self::Area)
    }
}

impl Field {
    /// How many places its numbers have at most.
    pub(crate) fn places(&self) -> u32 {
        match self.kind {
            FieldType::Decimal => self.scale.unwrap_or(2).min(8),
            // The space ledger counts square centimetres.
            FieldType::Area => 4,
            _ => 2,
        }
    }

    /// By how much a projection multiplies its numbers to make them whole.
    pub(crate) fn multiplier(&self) -> i64 {
        10_i64.pow(self.places())
    }
}

/// A value that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub title: Text2,
}

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// Where: `title`, `body.category`, `lines.0.area`, `patch.note`, `feature_ids`.
    pub field: String,
    /// The limit that was broken: a length, or the list of values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Json>,
    /// What to tell the person who typed it.
    pub message: Text2,
}

impl FieldFault {
    /// A fault at a field, with the message in both languages.
    pub fn new(field: &str, limit: Option<Json>, zh: &str, en: &str) -> Self {
        Self { field: field.to_owned(), limit, message: Text2::new(zh, en) }
    }
}
