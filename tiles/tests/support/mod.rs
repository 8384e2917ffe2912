//! Layers that live in a test.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part of this")]

use std::sync::Arc;

use gis_data::{
    Attribute, AttributeType, GeometryType, Layer, OwnedFeature, Snapshot, Text2, Viewer,
};
use tiles::{Ask, Encoding, Format, Held, Source, Tile, TileCoord, TileError, Tiles, Wish};
use time::OffsetDateTime;

/// What most of them carry.
pub const ATTRIBUTES: &[(&str, AttributeType)] = &[
    ("name", AttributeType::Text),
    ("ordinal", AttributeType::Int),
    ("area_m2", AttributeType::Float),
];

/// A layer whose features stay as they are.
pub struct Fixed {
    pub layer: Layer,
    pub snapshot: Arc<Snapshot>,
}

impl Source for Fixed {
    fn layer(&self) -> &Layer {
        &self.layer
    }

    fn held(&self) -> Held<'_> {
        Held::Memory(Arc::clone(&self.snapshot))
    }

    fn version(&self, _coord: TileCoord) -> u64 {
        self.snapshot.version()
    }
}

/// A layer with [`ATTRIBUTES`].
pub fn source(
    id: &str,
    geometry: GeometryType,
    zooms: (u8, u8),
    features: Vec<OwnedFeature>,
) -> Fixed {
    source_with(ATTRIBUTES, id, geometry, zooms, features)
}

pub fn source_with(
    attributes: &[(&str, AttributeType)],
    id: &str,
    geometry: GeometryType,
    zooms: (u8, u8),
    features: Vec<OwnedFeature>,
) -> Fixed {
    let attribute = |(name, kind): &(&str, AttributeType)| Attribute {
        name: (*name).to_owned(),
        kind: *kind,
        title: Text2::new("", name),
    };
    let layer = Layer {
        layer_id: id.to_owned(),
        relation: id.to_owned(),
        geometry_column: "geom".to_owned(),
        geometry,
        title: Text2::new("图层", id),
        group_id: "base".to_owned(),
        attributes: attributes.iter().map(attribute).collect(),
        min_zoom: zooms.0,
        max_zoom: zooms.1,
        ordinal: 0,
        style: serde_json::json!({}),
        version: 1,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    };
    let snapshot = Arc::new(Snapshot::of(features, layer.max_zoom, 1));
    Fixed { layer, snapshot }
}

pub fn waited<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// As the program sees it, without a cache.
pub fn tile(sources: &[&dyn Source], coord: TileCoord) -> Result<Option<Vec<u8>>, TileError> {
    waited(tiles::tile(sources, coord, &Viewer::program()))
}

pub fn asked(
    tiles: &Arc<Tiles>,
    layers: &str,
    address: (u8, u32, u32),
    viewer: &Viewer,
) -> Result<Option<Tile>, TileError> {
    asked_for(tiles, layers, address, viewer, Wish::default())
}

pub fn asked_for(
    tiles: &Arc<Tiles>,
    layers: &str,
    address: (u8, u32, u32),
    viewer: &Viewer,
    wish: Wish,
) -> Result<Option<Tile>, TileError> {
    let (layers, viewer, encoding) = (layers.to_owned(), viewer.clone(), Encoding::Identity);
    let format = Format::Mvt;
    waited(tiles.tile(&Ask { layers, address, viewer, format, encoding, wish }))
}
