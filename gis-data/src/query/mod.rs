//! Filters: CQL2 (OGC 21-065r2) as text or JSON, checked against a layer once, run in two ways with one answer.
//!
//! | file | does |
//! |---|---|
//! | `token`, `text` | words, then a tree, from text |
//! | `json` | the same tree from JSON |
//! | `compile` | the tree becomes an expression over the layer's attributes |
//! | `truth` | runs it over values in memory |
//! | `queries` | writes it as SQL |
//! | `canonical` | what two filters are compared by |
//!
//! The grammar is read by hand. The crate that knows it whole reads nested lists in time that doubles with each bracket
//! (8 s for 70 bytes, unoptimised), keeps whole numbers as floats, and switches `serde_json` to another order
//! of keys in the entire program.

mod canonical;
mod compile;
mod error;
mod expr;
mod fold;
mod json;
mod limit;
mod operator;
mod pattern;
mod queries;
mod text;
mod token;
mod tree;
mod truth;
mod wording;

use std::sync::Arc;

pub use error::{Expected, FilterError, FilterFault, Place, Typed, Unsupported};
pub use limit::{MAX_DEPTH, MAX_JSON_BYTES, MAX_LIST, MAX_NODES, MAX_TEXT_BYTES};
pub use queries::Bound;

use crate::{Layer, Values};
use expr::Expr;
use tree::Node;

/// A condition on the attributes of a layer. It holds the places of attributes in the definition it was
/// compiled for: when the layer is published anew, compile it again.
///
/// ```
/// use gis_data::layer::standard_layers;
/// use gis_data::query::Filter;
///
/// let layers = standard_layers();
/// let buildings = layers.iter().find(|layer| layer.layer_id == "buildings").unwrap();
/// let filter = Filter::parse_text("height_m >= 24 AND use_kind <> 'office'", buildings)?;
/// let (sql, values) = filter.to_sql(1);
/// assert_eq!(
///     sql,
///     "(nullif(\"height_m\"::double precision, 'NaN') >= $1 and (\"use_kind\"::text collate \"C\") <> $2)"
/// );
/// assert_eq!(values.len(), 2);
/// # Ok::<(), gis_data::query::FilterError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    expr: Expr,
    attributes: Vec<Arc<str>>,
    fingerprint: u128,
}

impl Filter {
    /// From CQL2 text.
    pub fn parse_text(text: &str, layer: &Layer) -> Result<Self, FilterError> {
        Self::compiled(&text::parse(text)?, layer)
    }

    /// From CQL2 JSON.
    pub fn parse_json(json: &str, layer: &Layer) -> Result<Self, FilterError> {
        Self::compiled(&json::parse(json)?, layer)
    }

    fn compiled(node: &Node, layer: &Layer) -> Result<Self, FilterError> {
        let expr = compile::condition(node, layer)?;
        let mut attributes: Vec<Arc<str>> =
            expr.columns().into_iter().map(|column| Arc::clone(&column.name)).collect();
        attributes.sort();
        attributes.dedup();
        Ok(Self { attributes, fingerprint: expr.fingerprint(), expr })
    }

    /// Whether it is true of a feature with these values; neither false nor unknown will do. Values that are not of their
    /// attribute's type count as absent.
    pub fn matches(&self, values: Values<'_>) -> bool {
        self.expr.truth(values) == Some(true)
    }

    /// The same for filters that ask the same in other words, after restarts and on other machines too: part of cache keys.
    /// It does not say of which layer.
    pub fn fingerprint(&self) -> u128 {
        self.fingerprint
    }

    /// The attributes that decide it, by name, each once. Whoever may not read one of them must not filter by it.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.attributes.iter().map(|name| &**name)
    }

    /// As a condition for `where` over the layer's relation, its parameters counted from `first_parameter`.
    pub fn to_sql(&self, first_parameter: usize) -> (String, Vec<Bound>) {
        queries::condition(&self.expr, first_parameter)
    }
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
