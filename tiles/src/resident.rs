//! A layer that the ground floor mirrors in memory.

use std::sync::Arc;

use gis_data::{Layer, Mirror, Mirrors};

use crate::{Held, Source, TileCoord};

/// One layer of the mirrors; it exists for as long as this does.
#[derive(Debug, Clone)]
pub struct Resident {
    mirrors: Arc<Mirrors>,
    layer_id: String,
}

impl Resident {
    /// `None` when the layer is not in memory.
    pub fn new_checked(mirrors: Arc<Mirrors>, layer_id: &str) -> Option<Self> {
        mirrors.get(layer_id)?;
        Some(Self { mirrors, layer_id: layer_id.to_owned() })
    }

    /// Every mirrored layer in drawing order.
    pub fn all(mirrors: &Arc<Mirrors>) -> Vec<Self> {
        let ids: Vec<String> =
            mirrors.in_order().iter().map(|m| m.layer().layer_id.clone()).collect();
        ids.into_iter().map(|layer_id| Self { mirrors: Arc::clone(mirrors), layer_id }).collect()
    }

    fn mirror(&self) -> &Mirror {
        self.mirrors.get(&self.layer_id).expect("layers never leave the mirrors")
    }
}

impl Source for Resident {
    fn layer(&self) -> &Layer {
        self.mirror().layer()
    }

    fn held(&self) -> Held<'_> {
        Held::Memory(self.mirror().snapshot())
    }

    fn version(&self, coord: TileCoord) -> u64 {
        self.mirror().version_of(coord.z(), coord.x(), coord.y())
    }
}
