//! Why there is no tile.

use std::sync::Arc;

use crate::TileCoord;
use crate::tile::MAX_LAYERS;

/// The result of everything in this crate that can fail.
pub type Result<T, E = TileError> = std::result::Result<T, E>;

/// A tile that cannot be made, named after what is wrong with the question.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// No source has this name.
    #[error("no layer is named {name:?}; there are: {}", known.join(", "))]
    UnknownLayer {
        /// What was asked for.
        name: String,
        /// What there is, in drawing order.
        known: Vec<String>,
    },
    /// None of the layers has tiles at this zoom.
    #[error("tile {coord} is outside the zooms of its layers: {}", spelled(ranges))]
    OutsideZooms {
        /// The tile.
        coord: TileCoord,
        /// Each layer with its first and last zoom.
        ranges: Vec<(String, u8, u8)>,
    },
    /// There is no such tile.
    #[error(
        "tile {z}/{x}/{y} is outside the earth: columns and rows end below 2^zoom, zooms at 22"
    )]
    OutsideEarth {
        /// Zoom as asked.
        z: u8,
        /// Column as asked.
        x: u32,
        /// Row as asked.
        y: u32,
    },
    /// More layers than one tile may join.
    #[error("{asked} layers in one tile, the limit is {MAX_LAYERS}")]
    TooManyLayers {
        /// How many were named.
        asked: usize,
    },
    /// The filter cannot be asked of a layer.
    #[error("filter layer {layer}: {source}")]
    Filter {
        /// The layer.
        layer: String,
        /// What is wrong with it.
        source: gis_data::FilterError,
    },
    /// None of the layers has such an attribute.
    #[error("no layer of the tile has the attribute {name:?}; there are: {}", known.join(", "))]
    UnknownProperty {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The database did not draw it, or not in time.
    #[error("draw layer {layer} of tile {coord} in the database")]
    Database {
        /// The layer.
        layer: String,
        /// The tile.
        coord: TileCoord,
        /// Its answer.
        #[source]
        source: gis_data::GisError,
    },
    /// Encoding ended in a panic: a fault of this crate.
    #[error("encode a tile")]
    Panicked(#[source] tokio::task::JoinError),
    /// The tile cannot be written in the format: a fault of this crate.
    #[error("write a tile in another format")]
    Format(#[source] mlt_core::MltError),
    /// Somebody else's question of the same tile failed.
    #[error(transparent)]
    Shared(Arc<Self>),
}

fn spelled(ranges: &[(String, u8, u8)]) -> String {
    let one = |(name, min, max): &(String, u8, u8)| format!("{name} {min} to {max}");
    ranges.iter().map(one).collect::<Vec<_>>().join(", ")
}
