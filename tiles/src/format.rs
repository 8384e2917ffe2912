//! What a tile is written in.

use std::collections::BTreeSet;

use bytes::Bytes;
use mlt_core::encoder::EncoderConfig;
use mlt_core::mvt::mvt_to_tile_layers;
use serde_json::Value as Json;

use crate::encoding::accepts;
use crate::{Result, TileError};

/// A format of vector tiles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Mapbox Vector Tile 2.1.
    #[default]
    Mvt,
    /// MapLibre Tile 1: columns instead of features. Buildings take four fifths of the bytes when both are compressed, and
    /// several times as long to make.
    Mlt,
}

impl Format {
    /// What an `Accept` asks for by name; the other is for everybody.
    pub fn accepted(header: Option<&str>) -> Self {
        if accepts(header, Self::Mlt.media_type()) { Self::Mlt } else { Self::Mvt }
    }

    /// Its name in `Content-Type` and `Accept`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Mvt => "application/vnd.mapbox-vector-tile",
            Self::Mlt => "application/vnd.maplibre-tile",
        }
    }

    /// What tells its entity tags from the other's.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Mvt => "",
            Self::Mlt => "-mlt",
        }
    }

    /// A Mapbox Vector Tile in this format.
    pub(crate) fn written(self, mvt: &Bytes) -> Result<Bytes> {
        if self == Self::Mvt {
            return Ok(mvt.clone());
        }
        // In the order in which they are drawn, which is already one of neighbours: others are no smaller.
        let config = EncoderConfig::default()
            .with_spatial_morton_sort(false)
            .with_spatial_hilbert_sort(false)
            .with_id_sort(false);
        let mut written = Vec::new();
        for layer in mvt_to_tile_layers(mvt).map_err(TileError::Format)? {
            let layer = layer.encode(config).map_err(TileError::Format)?;
            written.extend(layer);
        }
        Ok(written.into())
    }
}

/// A style the sources of which, as far as they are named, ask for MapLibre Tiles.
pub fn with_mlt(mut style: Json, layers: &BTreeSet<String>) -> Json {
    for (name, source) in style["sources"].as_object_mut().into_iter().flatten() {
        if layers.contains(name) {
            source["encoding"] = "mlt".into();
        }
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_given_to_those_who_name_it() {
        for (header, format) in [
            (None, Format::Mvt),
            (Some("*/*"), Format::Mvt),
            (Some("application/vnd.mapbox-vector-tile"), Format::Mvt),
            (Some("application/vnd.maplibre-tile"), Format::Mlt),
            (Some("text/html, application/vnd.maplibre-tile;q=0.9, */*"), Format::Mlt),
            (Some("application/vnd.maplibre-tile;q=0, */*"), Format::Mvt),
        ] {
            assert_eq!(Format::accepted(header), format, "{header:?}");
        }
    }

    #[test]
    fn only_named_sources_ask_for_it() {
        let sources = serde_json::json!({ "sources": { "a": { "type": "vector" }, "b": {} } });
        let style = with_mlt(sources, &BTreeSet::from(["a".to_owned(), "c".to_owned()]));
        assert_eq!(style["sources"]["a"]["encoding"], "mlt");
        assert!(style["sources"]["b"]["encoding"].is_null());
    }
}
