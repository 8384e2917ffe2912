//! What a standard said of a document: which row, what it allows, what was found.

use gis_data::Text2;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::standard::Ruling;

/// A judgement by a standard, as it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The row of the standards that decided.
    pub standard_param_id: i64,
    /// Its set.
    pub code: String,
    /// What people call what was judged.
    pub title: Text2,
    /// The limit.
    pub limit: Decimal,
    /// What limit and finding count.
    pub unit: Text2,
    /// The number of the document 文号.
    pub document: String,
    /// Where in it.
    #[serde(default)]
    pub clause: String,
    /// The first day of the row.
    #[serde(default)]
    pub valid_from: Option<String>,
    /// Whether something may be refused by it.
    pub is_enforced: bool,
    /// What came out.
    pub found: Text2,
}

impl Decision {
    /// A decision by a ruling.
    pub fn new(ruling: &Ruling, title: Text2, unit: Text2, found: Text2) -> Self {
        Self {
            standard_param_id: ruling.standard_param_id,
            code: ruling.code.clone(),
            title,
            limit: ruling.limit,
            unit,
            document: ruling.document.clone(),
            clause: ruling.clause.clone(),
            valid_from: ruling.valid_from.map(|d| d.to_string()),
            is_enforced: ruling.is_enforced,
            found,
        }
    }
}
