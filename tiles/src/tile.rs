//! Layers, an address and a viewer become bytes.

use std::sync::Arc;

use bytes::Bytes;
use gis_data::{Layer, Viewer};
use xxhash_rust::xxh3::Xxh3;

use crate::cache::{Cache, Key};
use crate::{Result, Source, TileCoord, TileError, encode};

/// How many layers one tile may join.
pub const MAX_LAYERS: usize = 32;

/// A finished tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Mapbox Vector Tile 2.1, not compressed.
    pub bytes: Bytes,
    /// A strong entity tag with its quotes: the content and who may see it. Features are in the order of
    /// their ids, so a restart does not change it.
    pub etag: String,
}

/// Encodes the sources that have tiles at this zoom, one after the other, without a cache. `None` when
/// nothing is there.
pub fn tile(sources: &[&dyn Source], coord: TileCoord, viewer: &Viewer) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    for source in sources.iter().filter(|s| has_zoom(s.layer(), coord)) {
        bytes.extend(encode_source(*source, coord, viewer)?);
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// Every layer that can be asked for, with a bounded cache. Encoding takes milliseconds of a processor:
/// an async server calls it where blocking is allowed.
pub struct Tiles {
    sources: Vec<Arc<dyn Source>>,
    cache: Cache,
}

impl Tiles {
    /// Sources in drawing order.
    pub fn new(sources: Vec<Arc<dyn Source>>) -> Self {
        Self { sources, cache: Cache::new() }
    }

    /// All of them, in drawing order.
    pub fn sources(&self) -> &[Arc<dyn Source>] {
        &self.sources
    }

    /// The sources of comma-separated names, in the order asked; a name given twice counts once, because
    /// a tile must not hold two layers of one name.
    pub fn named(&self, names: &str) -> Result<Vec<&dyn Source>> {
        let mut found: Vec<&dyn Source> = Vec::new();
        for (asked, name) in (1..).zip(names.split(',')) {
            if asked > MAX_LAYERS {
                return Err(TileError::TooManyLayers { asked: names.split(',').count() });
            }
            let source =
                self.sources.iter().find(|s| s.layer().layer_id == name).ok_or_else(|| {
                    TileError::UnknownLayer {
                        name: name.to_owned(),
                        known: self.sources.iter().map(|s| s.layer().layer_id.clone()).collect(),
                    }
                })?;
            if !found.iter().any(|s| s.layer().layer_id == name) {
                found.push(source.as_ref());
            }
        }
        Ok(found)
    }

    /// The tile of comma-separated layers at `z/x/y` as this viewer may see it; `None` when it is empty.
    /// Layers outside their zooms are left out; when that is all of them, there is no such tile.
    pub fn tile(
        &self,
        names: &str,
        (z, x, y): (u8, u32, u32),
        viewer: &Viewer,
    ) -> Result<Option<Tile>> {
        let sources = self.named(names)?;
        let coord = TileCoord::new_checked(z, x, y).ok_or(TileError::OutsideEarth { z, x, y })?;
        let drawn: Vec<&dyn Source> =
            sources.iter().copied().filter(|s| has_zoom(s.layer(), coord)).collect();
        if drawn.is_empty() {
            let range = |l: &Layer| (l.layer_id.clone(), l.min_zoom, l.max_zoom);
            let ranges = sources.iter().map(|s| range(s.layer())).collect();
            return Err(TileError::OutsideZooms { coord, ranges });
        }
        let mut parts = Vec::with_capacity(drawn.len());
        for source in drawn {
            parts.push(self.part(source, coord, viewer)?);
        }
        let bytes = match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => parts.into_iter().chain([last]).flatten().collect(),
            None => Bytes::new(),
        };
        Ok((!bytes.is_empty()).then(|| Tile { etag: etag(&bytes, viewer), bytes }))
    }

    fn part(&self, source: &dyn Source, coord: TileCoord, viewer: &Viewer) -> Result<Bytes> {
        let snapshot = source.snapshot();
        let layer = source.layer();
        let key = Key {
            layer_id: Arc::from(layer.layer_id.as_str()),
            coord,
            definition: layer.version,
            version: snapshot.version(),
            viewer: viewer.fingerprint(),
        };
        self.cache.get_or_make(key, || {
            encode::layer(layer, &snapshot.in_box(&coord.buffered_box(), viewer), coord)
        })
    }
}

fn encode_source(source: &dyn Source, coord: TileCoord, viewer: &Viewer) -> Result<Vec<u8>> {
    let snapshot = source.snapshot();
    encode::layer(source.layer(), &snapshot.in_box(&coord.buffered_box(), viewer), coord)
}

fn has_zoom(layer: &Layer, coord: TileCoord) -> bool {
    (layer.min_zoom..=layer.max_zoom).contains(&coord.z())
}

fn etag(bytes: &[u8], viewer: &Viewer) -> String {
    let mut hash = Xxh3::new();
    hash.update(bytes);
    format!("\"{:016x}-{:x}\"", hash.digest(), viewer.fingerprint())
}
