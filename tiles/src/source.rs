//! Where a layer's features come from.

use std::sync::Arc;

use gis_data::{Layer, Snapshot};

use crate::TileCoord;
use crate::direct::DirectLayer;

/// A layer that tiles can be cut from: a mirror of the database, a live state that packs itself with [`Snapshot::of`], or
/// the database, for a layer that does not fit the memory.
pub trait Source: Send + Sync {
    /// The catalogue's definition: name, zooms, and the attributes in the order of the values.
    fn layer(&self) -> &Layer;

    /// Where the features are.
    fn held(&self) -> Held<'_>;

    /// Moves whenever what the tile and its buffer are made of does. It is asked before [`Source::held`], so that what is
    /// made of that is never older.
    fn version(&self, coord: TileCoord) -> u64;
}

/// Where a layer's features are.
pub enum Held<'a> {
    /// In memory, as they are now.
    Memory(Arc<Snapshot>),
    /// In the database, which cuts and writes its tiles.
    Database(&'a DirectLayer),
}

impl Held<'_> {
    /// The features, if they are in memory.
    pub fn in_memory(self) -> Option<Arc<Snapshot>> {
        match self {
            Self::Memory(snapshot) => Some(snapshot),
            Self::Database(_) => None,
        }
    }
}
