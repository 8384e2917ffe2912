//! The catalogue of what can be drawn. A layer names a relation with `feature_id`, `scope_id`, `geom`
//! and one column per attribute; whoever owns the relation publishes the layer.

mod queries;
mod standard;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use time::OffsetDateTime;

pub use queries::{list, publish};
pub use standard::{group_title, standard_layers};

/// A text in the two languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text2 {
    /// 简体中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text2 {
    /// Chinese first.
    pub fn new(zh: &str, en: &str) -> Self {
        Self { zh: zh.to_owned(), en: en.to_owned() }
    }
}

/// What a layer's geometries are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GeometryType {
    /// Polygons or multipolygons.
    Polygon,
    /// Lines or multilines.
    Line,
    /// Points or multipoints.
    Point,
}

/// How an attribute travels into tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttributeType {
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A string.
    Text,
}

/// A column of a layer's relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Column and MVT key.
    pub name: String,
    /// Type in tiles.
    #[serde(rename = "type")]
    pub kind: AttributeType,
    /// What people call it.
    pub title: Text2,
}

/// A row of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the name is the column's and the contract's")]
pub struct Layer {
    /// Name in URLs, tiles and the change feed.
    pub layer_id: String,
    /// View or table it is drawn from.
    pub relation: String,
    /// Column of its geometry, SRID 4326.
    pub geometry_column: String,
    /// What its geometries are.
    pub geometry: GeometryType,
    /// What people call it.
    pub title: Text2,
    /// Its heading in the layer tree (see [`group_title`]).
    pub group_id: String,
    /// What tiles carry beside the id.
    pub attributes: Vec<Attribute>,
    /// Lowest zoom with tiles.
    pub min_zoom: u8,
    /// Highest zoom with tiles; browsers scale those up beyond it.
    pub max_zoom: u8,
    /// Drawing order, lowest first.
    pub ordinal: i16,
    /// What a style compiler needs to know (colours, extrusion); its meaning is theirs.
    pub style: Json,
    /// Moves with every change of definition.
    pub version: i64,
    /// When the definition last moved.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

impl Layer {
    /// Below this zoom its points stand together in clusters, as its style asks for (`{"cluster_below": 15}`); 0 for never. At
    /// the last zoom, whose tiles browsers scale up, each point stands for itself.
    pub fn clustered_below(&self) -> u8 {
        let asked =
            self.style["cluster_below"].as_u64().filter(|_| self.geometry == GeometryType::Point);
        asked.and_then(|zoom| u8::try_from(zoom).ok()).unwrap_or(0).min(self.max_zoom)
    }

    /// Names that are put into SQL text must be plain identifiers.
    pub(crate) fn has_plain_names(&self) -> bool {
        let plain = |s: &str| {
            !s.is_empty()
                && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        plain(&self.relation)
            && plain(&self.geometry_column)
            && self.attributes.iter().all(|a| plain(&a.name))
    }
}
