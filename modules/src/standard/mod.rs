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
pub(crate) use register::Register;
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
    /// Who changed what, the newest first.
    pub history: Vec<StandardAct>,
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
    let mut tx = store.as_viewer(viewer).await.map_err(ModuleError::Ground)?;
    let rows = queries::all(&mut tx).await?;
    let mut sets = Register::shipped()?.shown(&rows, on);
    let mut acts = queries::acts(&mut tx).await?;
    for line in sets.iter_mut().flat_map(|set| &mut set.items) {
        line.history = acts.remove(&line.standard_param_id).unwrap_or_default();
    }
    Ok(sets)
}

/// Every row on file, within a transaction.
pub(crate) async fn book_in(tx: &mut gis_data::Tx) -> Result<Book> {
    Book::new(queries::all(tx).await?)
}

/// A row that somebody adds: the edition before it ends on its first day.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEdition {
    /// The set.
    pub code: String,
    /// `CN`, or a code of GB/T 2260.
    pub jurisdiction: String,
    /// The level, `*` for all.
    pub level: String,
    /// The rank or form, `*` for all.
    pub rank: String,
    /// What it allows.
    pub value: Value,
    /// The first day.
    #[serde(with = "iso_date")]
    pub valid_from: Date,
    /// The number of the document 文号.
    pub document: String,
    /// Where in it.
    pub clause: String,
    /// How sure one is of it.
    pub evidence: Evidence,
    /// Whether it allows more than a row above it, and means to.
    #[serde(default)]
    pub loosens: bool,
    /// What else a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

impl crate::Engine {
    /// Puts a row on file; answers its key. The row before it ends, and is never edited otherwise.
    pub async fn add_standard(&self, viewer: &Viewer, new: NewEdition) -> Result<i64> {
        use crate::FieldFault;
        let register = Register::shipped()?;
        let mut faults = Vec::new();
        if !register.knows(&new.code) {
            faults.push(FieldFault::new("code", None, "没有这项标准", "there is no such standard"));
        }
        if !new.value.is_sound() {
            faults.push(FieldFault::new(
                "value",
                None,
                "数值不成立：分点应递增，限额不能为负",
                "points must rise and limits cannot be negative",
            ));
        }
        for (field, text) in [("document", &new.document), ("jurisdiction", &new.jurisdiction)] {
            if text.trim().is_empty() || text.contains('\0') || text.chars().count() > 200 {
                faults.push(FieldFault::new(
                    field,
                    None,
                    "不能为空，且不超过 200 个字",
                    "must have 1 to 200 characters",
                ));
            }
        }
        let is_region = new.jurisdiction == "CN"
            || (new.jurisdiction.len() == 6
                && new.jurisdiction.bytes().all(|b| b.is_ascii_digit()));
        if !is_region {
            faults.push(FieldFault::new(
                "jurisdiction",
                None,
                "应为 CN 或六位行政区划代码",
                "must be CN or six digits of GB/T 2260",
            ));
        }
        if !faults.is_empty() {
            return Err(ModuleError::Invalid(faults));
        }
        let mut tx = self.begin(viewer).await?;
        let id = queries::add(&mut tx, &new, viewer.name()).await?;
        tx.commit().await.map_err(ModuleError::query("commit a standard"))?;
        Ok(id)
    }

    /// Notes that somebody has read a row against its text: from then on it is enforced.
    pub async fn confirm_standard(&self, viewer: &Viewer, id: i64, note: &str) -> Result<()> {
        let mut tx = self.begin(viewer).await?;
        if !queries::confirm(&mut tx, id, viewer.name(), note).await? {
            return Err(ModuleError::Nothing(format!("standard {id}")));
        }
        tx.commit().await.map_err(ModuleError::query("commit a confirmation"))
    }
}

/// What somebody did to a row.
#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct StandardAct {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: time::OffsetDateTime,
    /// Who.
    pub actor: String,
    /// `added`, `ended`, `confirmed`.
    pub act: String,
    /// Why.
    pub note: Option<String>,
}
