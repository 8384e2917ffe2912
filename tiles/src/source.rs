//! Where a layer's features come from.

use std::sync::Arc;

use gis_data::{Layer, Snapshot};

/// A layer that tiles can be cut from.
///
/// Everything is in memory: a mirror of the database, or a live state that packs itself with
/// [`Snapshot::of`]. A layer that does not fit the memory will make its bytes elsewhere; it then gets a
/// second, defaulted method that answers with bytes, and [`crate::Tiles`] asks that one first.
pub trait Source: Send + Sync {
    /// The catalogue's definition: name, zooms, and the attributes in the order of the values.
    fn layer(&self) -> &Layer;

    /// The features as they are now. Its version must move whenever they do.
    fn snapshot(&self) -> Arc<Snapshot>;
}
