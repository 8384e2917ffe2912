//! A field of a form, and what can be wrong with what was typed into it.

use gis_data::{Personal, Text2};
use serde::Serialize;
use serde_json::Value as Json;

/// A text of a definition in the two languages of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Title {
    /// 简体中文.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Title {
    /// Chinese first.
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en }
    }
}

impl From<Title> for Text2 {
    fn from(title: Title) -> Self {
        Self::new(title.zh, title.en)
    }
}

/// One thing a form asks for.
#[derive(Debug, Serialize)]
pub struct Field {
    /// The key in the body or patch.
    pub name: &'static str,
    /// The label.
    pub title: Title,
    /// Whether it may be left out.
    pub need: Need,
    /// Who somebody is: masked for those whose work does not need it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub personal: Option<Personal>,
    /// What may be typed.
    #[serde(flatten)]
    pub kind: FieldType,
}

/// Whether a field may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// It must be there.
    Required,
    /// It may be left out.
    Optional,
}

/// What may be typed into a field.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum FieldType {
    /// A text that is not blank and at most so long.
    Text {
        /// The most characters (Unicode scalar values, so a 汉字 is one).
        max_chars: usize,
    },
    /// One of these values.
    Choice {
        /// In the order shown.
        options: &'static [Choice],
    },
}

/// A value that can be chosen.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Choice {
    /// What is stored.
    pub value: &'static str,
    /// What is shown.
    pub title: Title,
}

/// One thing wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldFault {
    /// Where: `title`, `body.category`, `patch.note`, `feature_ids`.
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
