//! Standards 标准: every limit of a rule is data, with the place and the days where it holds and the document it comes
//! from. A rule asks the book; the answer names the row it used.

mod book;
mod queries;
mod register;
mod value;

use gis_data::{Store, Text2, Viewer};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

pub use book::{Book, Question, Ruling};
use register::Register;
pub use value::Value;
pub(crate) use value::to_hundredths;

use crate::{ModuleError, Result};

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

/// One row: a limit, where and when it holds, and how sure we are of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standard {
    /// The key, which decisions keep.
    pub param_id: i64,
    /// Its set: `office.person_area`.
    pub code: String,
    /// `CN`, or a code of GB/T 2260: it holds there and in all that lies in it.
    pub jurisdiction: String,
    /// The level of the body 机关层级, `*` for all.
    pub level: String,
    /// The rank of the post 职级 or the form of the building, `*` for all.
    pub rank: String,
    /// What it allows.
    pub value: Value,
    /// The first day; none where nobody knows.
    pub from: Option<Date>,
    /// The first day on which it does not hold any more.
    pub until: Option<Date>,
    /// How sure we are of it.
    pub evidence: Evidence,
    /// When it was last read against the text.
    pub checked_on: Option<Date>,
    /// The number of the document 文号.
    pub document: String,
    /// Where in it; empty if nobody noted it.
    pub clause: String,
    /// A local row that allows more than the row above it says so, or does not count.
    pub loosens: bool,
    /// What else a reader should know.
    pub note: Option<String>,
}

/// How sure we are of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Read in a copy of the text.
    Checked,
    /// From knowledge.
    Recalled,
    /// Shown, never enforced.
    Doubtful,
}

impl Standard {
    /// Whether it holds on a day.
    pub fn is_in_force(&self, on: Date) -> bool {
        self.from.is_none_or(|from| from <= on) && self.until.is_none_or(|until| on < until)
    }

    /// Whether a rule may refuse something by it.
    pub fn is_enforced(&self) -> bool {
        self.evidence != Evidence::Doubtful
    }
}

/// Whether a limit is the most or the least that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// More is too much.
    Most,
    /// Less is too little.
    Least,
}

impl Bound {
    fn stricter(self, a: Decimal, b: Decimal) -> bool {
        match self {
            Self::Most => a < b,
            Self::Least => a > b,
        }
    }
}

/// The rows of one set, as people read them.
#[derive(Debug, Serialize)]
pub struct StandardSet {
    /// `office.person_area`.
    pub code: String,
    /// What people call it.
    pub title: Text2,
    /// What its numbers count.
    pub unit: Text2,
    /// Whether they are upper or lower limits.
    pub bound: Bound,
    /// All of them, superseded ones too, the newest first within a level and rank.
    pub items: Vec<StandardLine>,
}

/// A word of the register.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Term {
    /// The name in the database.
    pub code: String,
    /// What people call it.
    #[serde(flatten)]
    pub title: Text2,
}

/// A row with titles.
#[derive(Debug, Serialize)]
pub struct StandardLine {
    /// The key.
    pub standard_param_id: i64,
    /// `CN`, or a code of GB/T 2260.
    pub jurisdiction: String,
    /// The level, none for all.
    pub level: Option<Term>,
    /// The rank or form, none for all.
    pub rank: Option<Term>,
    /// What it allows.
    pub value: Value,
    /// The first day.
    #[serde(with = "iso_date::option")]
    pub valid_from: Option<Date>,
    /// The last day.
    #[serde(with = "iso_date::option")]
    pub valid_to: Option<Date>,
    /// Whether it holds on the day asked for.
    pub is_in_force: bool,
    /// How sure we are.
    pub evidence: Evidence,
    /// Whether a rule may refuse something by it.
    pub is_enforced: bool,
    /// When it was last read against the text.
    #[serde(with = "iso_date::option")]
    pub checked_on: Option<Date>,
    /// The number of the document 文号.
    pub document: String,
    /// Where in it.
    pub clause: String,
    /// What else a reader should know.
    pub note: Option<String>,
}

/// Puts the rows that come with the program on file, and ends those that it says have ended; answers how many there are.
///
/// A row on file that says something else is a [`ModuleError::StandardChanged`]: rows are never edited.
pub async fn publish_standards(store: &Store) -> Result<usize> {
    let register = Register::shipped()?;
    let rows = register.rows();
    let mut tx = store.as_viewer(&Viewer::program()).await.map_err(ModuleError::Ground)?;
    queries::publish(&mut tx, &rows).await?;
    let missing = queries::missing(&mut tx, &rows).await?;
    if !missing.is_empty() {
        return Err(ModuleError::StandardChanged(missing));
    }
    tx.commit().await.map_err(ModuleError::query("commit the standards"))?;
    Ok(rows.len())
}

/// Every row on file.
pub async fn read_standards(store: &Store, viewer: &Viewer) -> Result<Book> {
    let mut tx = store.as_viewer(viewer).await.map_err(ModuleError::Ground)?;
    Book::new(queries::all(&mut tx).await?)
}

/// Every row on file by set, for a page; `on` is the day asked for.
pub async fn list_standards(store: &Store, viewer: &Viewer, on: Date) -> Result<Vec<StandardSet>> {
    let book = read_standards(store, viewer).await?;
    Ok(Register::shipped()?.shown(book.rows(), on))
}
