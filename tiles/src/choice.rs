//! Which features of a layer somebody asks for, and which of their attributes.

use gis_data::{Filter, Layer};
use xxhash_rust::xxh3::xxh3_128;

use crate::{Result, TileError};

/// A language of filters (OGC 21-065r2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilterLang {
    /// CQL2 text.
    #[default]
    Text,
    /// CQL2 JSON.
    Json,
}

/// What is asked of every layer of a tile. Without anything, all features come with all attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// A condition on attributes.
    pub filter: Option<String>,
    /// Its language.
    pub lang: FilterLang,
    /// Names of attributes.
    pub properties: Option<Vec<String>>,
}

/// A wish, understood for one layer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    pub(crate) filter: Option<Filter>,
    /// Whether each attribute of the layer is drawn; all of them without.
    drawn: Option<Vec<bool>>,
    /// Part of cache keys; 0 for everything.
    pub(crate) fingerprint: u128,
}

impl Wish {
    /// Whether nothing in particular is asked for.
    pub fn is_everything(&self) -> bool {
        self.filter.is_none() && self.properties.is_none()
    }

    /// The wish for each of some layers. A condition must hold of every layer's attributes; an attribute must be that of one
    /// of them at least.
    pub(crate) fn of(&self, layers: &[&Layer]) -> Result<Vec<Choice>> {
        if self.is_everything() {
            return Ok(layers.iter().map(|_| Choice::default()).collect());
        }
        if let Some(name) =
            self.properties.iter().flatten().find(|name| !layers.iter().any(|l| has(l, name)))
        {
            let known = layers.iter().flat_map(|l| l.attributes.iter().map(|a| a.name.clone()));
            return Err(TileError::UnknownProperty { name: name.clone(), known: known.collect() });
        }
        layers.iter().map(|layer| self.of_layer(layer)).collect()
    }

    fn of_layer(&self, layer: &Layer) -> Result<Choice> {
        let parse = |text: &String| match self.lang {
            FilterLang::Text => Filter::parse_text(text, layer),
            FilterLang::Json => Filter::parse_json(text, layer),
        };
        let filter = self
            .filter
            .as_ref()
            .map(parse)
            .transpose()
            .map_err(|source| TileError::Filter { layer: layer.layer_id.clone(), source })?;
        let drawn: Option<Vec<bool>> = self
            .properties
            .as_ref()
            .map(|names| layer.attributes.iter().map(|a| names.contains(&a.name)).collect());
        let mut told = filter.as_ref().map_or(0, Filter::fingerprint).to_le_bytes().to_vec();
        told.push(u8::from(filter.is_some()));
        told.extend(drawn.iter().flatten().map(|is_drawn| u8::from(*is_drawn) + 1));
        Ok(Choice { filter, drawn, fingerprint: xxh3_128(&told) })
    }
}

impl Choice {
    /// Whether the n-th attribute is drawn.
    pub(crate) fn draws(&self, n: usize) -> bool {
        self.drawn.as_ref().is_none_or(|drawn| drawn.get(n).copied().unwrap_or(false))
    }
}

fn has(layer: &Layer, name: &str) -> bool {
    layer.attributes.iter().any(|a| a.name == name)
}
