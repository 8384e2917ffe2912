//! Spreadsheets: documents of a kind as rows, in and out. `bytes -> Sheet -> rows -> documents`, and back.

mod import;
mod lookup;
mod queries;
mod read;
mod write;

use gis_data::Text2;
use serde::{Deserialize, Serialize};

pub use import::{ImportOutcome, ImportProblem};
pub use read::Sheet;

use crate::definition::{Field, Kind};

/// The language of headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// 简体中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// A text in this language.
    pub(crate) fn of(self, text: &Text2) -> &str {
        match self {
            Self::Zh => &text.zh,
            Self::En => &text.en,
        }
    }
}

/// The most rows of an import.
pub(crate) const MOST_ROWS: usize = 100_000;
/// The most rows of an export.
pub(crate) const MOST_EXPORTED: usize = 100_000;

/// What stands in a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Column {
    /// The title of the document.
    Title,
    /// The places it hangs off, by name or code, several apart by `；`.
    Places,
    /// A field of the body.
    Field(Field),
    /// A field of the lines: rows of one document stand below each other, the later ones with the body left empty.
    Line(Field),
}

impl Column {
    /// The heading.
    pub(crate) fn title(&self) -> Text2 {
        match self {
            Self::Title => Text2::new("标题", "Title"),
            Self::Places => Text2::new("地点", "Places"),
            Self::Field(field) => field.title.clone(),
            Self::Line(field) => Text2::new(
                &format!("明细：{}", field.title.zh),
                &format!("Line: {}", field.title.en),
            ),
        }
    }

    /// Where a fault of a form stands in this column.
    pub(crate) fn holds(&self, at: &str) -> bool {
        match self {
            Self::Title => at == "title",
            Self::Places => at == "feature_ids",
            Self::Field(field) => at.strip_prefix("body.") == Some(&field.name),
            Self::Line(field) => {
                at.starts_with("lines.") && at.rsplit('.').next() == Some(&field.name)
            }
        }
    }
}

/// The columns of a kind that can be filled in.
pub(crate) fn columns(kind: &Kind) -> Vec<Column> {
    let fields = kind.fields.iter().filter(|f| !f.derived).cloned().map(Column::Field);
    let lines = kind.lines.iter().flat_map(|l| &l.fields).cloned().map(Column::Line);
    [Column::Title, Column::Places].into_iter().chain(fields).chain(lines).collect()
}
