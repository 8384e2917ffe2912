//! A layer that the database draws, with the contract of those in memory: the same names, ids, attributes, zooms, buffer,
//! ranks and counts, and the same predicate. What memory does better is left out: rings are as `ST_AsMVTGeom` leaves them.

mod queries;

use std::sync::Arc;

use gis_data::{Direct, GisError, Layer, Mirrors, Store, Viewer};

use crate::choice::Choice;
use crate::{Held, Result, Source, TileCoord, TileError};

/// One layer that is drawn from the database.
#[derive(Debug)]
pub struct DirectLayer {
    mirrors: Arc<Mirrors>,
    layer_id: String,
    store: Store,
    /// The question of a tile, for the whole life of the layer: each connection prepares it once.
    sql: String,
}

impl DirectLayer {
    /// Every such layer.
    pub fn all(mirrors: &Arc<Mirrors>, store: &Store) -> Vec<Self> {
        let layers = mirrors.all_direct().map(Direct::layer);
        layers.map(|layer| Self::new(mirrors, layer, store)).collect()
    }

    fn new(mirrors: &Arc<Mirrors>, layer: &Layer, store: &Store) -> Self {
        Self {
            mirrors: Arc::clone(mirrors),
            layer_id: layer.layer_id.clone(),
            store: store.clone(),
            sql: queries::tile(layer, &Choice::default()).0,
        }
    }

    /// The layer's bytes in a tile. Whoever stops waiting ends the statement with the connection.
    pub(crate) async fn bytes(
        &self,
        coord: TileCoord,
        viewer: &Viewer,
        choice: &Choice,
    ) -> Result<Vec<u8>> {
        let failed = |source| self.failed(coord, source);
        let mut drawing = self.store.drawing().await.map_err(failed)?;
        let drawn =
            queries::draw(&mut drawing, &self.sql, self.layer(), (coord, viewer), choice).await;
        drawing.finish();
        drawn.map_err(failed)
    }

    fn failed(&self, coord: TileCoord, source: GisError) -> TileError {
        TileError::Database { layer: self.layer_id.clone(), coord, source }
    }

    fn direct(&self) -> &Direct {
        self.mirrors.direct(&self.layer_id).expect("layers never leave the mirrors")
    }
}

impl Source for DirectLayer {
    fn layer(&self) -> &Layer {
        self.direct().layer()
    }

    fn held(&self) -> Held<'_> {
        Held::Database(self)
    }

    fn version(&self, coord: TileCoord) -> u64 {
        self.direct().version_of(coord.z(), coord.x(), coord.y())
    }
}
