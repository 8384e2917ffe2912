//! Layers, an address and a viewer become bytes.

use std::sync::Arc;

use bytes::Bytes;
use gis_data::{Layer, Viewer};
use xxhash_rust::xxh3::xxh3_128;

use crate::cache::{Cache, Key, Part};
use crate::encoding::Encoding;
use crate::{Result, Source, TileCoord, TileError, encode};

/// How many layers one tile may join.
pub const MAX_LAYERS: usize = 32;

/// From this zoom on a tile is encoded where it is asked for: half a millisecond on average, unoptimised.
const QUICK_ZOOM: u8 = 13;

/// A finished tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Mapbox Vector Tile 2.1, compressed as asked.
    pub bytes: Bytes,
    /// A strong entity tag with its quotes: the content, how it is compressed, and who may see it. Features come in an
    /// order that depends on them alone, so that restarts, copies of the server and edits elsewhere do not change it.
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
        Ok(self.numbers(names)?.into_iter().map(|n| self.sources[n].as_ref()).collect())
    }

    fn numbers(&self, names: &str) -> Result<Vec<usize>> {
        let mut found: Vec<usize> = Vec::new();
        for (asked, name) in (1..).zip(names.split(',')) {
            if asked > MAX_LAYERS {
                return Err(TileError::TooManyLayers { asked: names.split(',').count() });
            }
            let known = || self.sources.iter().map(|s| s.layer().layer_id.clone()).collect();
            let n =
                self.sources.iter().position(|s| s.layer().layer_id == name).ok_or_else(|| {
                    TileError::UnknownLayer { name: name.to_owned(), known: known() }
                })?;
            if !found.contains(&n) {
                found.push(n);
            }
        }
        Ok(found)
    }

    /// The tile of comma-separated layers at `z/x/y` as this viewer may see it; `None` when it is empty.
    /// Layers outside their zooms are left out; when that is all of them, there is no such tile.
    pub fn tile(
        &self,
        names: &str,
        address: (u8, u32, u32),
        viewer: &Viewer,
        encoding: Encoding,
    ) -> Result<Option<Tile>> {
        let (drawn, coord) = self.drawn(names, address)?;
        let parts =
            drawn.into_iter().map(|n| self.part(n, coord, viewer)).collect::<Result<_>>()?;
        Ok(self.joined(parts, viewer, encoding))
    }

    /// The same where it takes no time worth speaking of: because it is in the cache, or has little in it. `None` when it
    /// would.
    #[expect(clippy::option_option, reason = "not quick, and empty, are two things")]
    pub fn quick_tile(
        &self,
        names: &str,
        address: (u8, u32, u32),
        viewer: &Viewer,
        encoding: Encoding,
    ) -> Result<Option<Option<Tile>>> {
        let (drawn, coord) = self.drawn(names, address)?;
        let mut parts = Vec::with_capacity(drawn.len());
        for n in drawn {
            match self.cache.get(&self.key(n, coord, viewer)) {
                Some(part) => parts.push(part),
                None if coord.z() >= QUICK_ZOOM => parts.push(self.part(n, coord, viewer)?),
                None => return Ok(None),
            }
        }
        Ok(Some(self.joined(parts, viewer, encoding)))
    }

    /// Which sources have something at this address, by their numbers.
    fn drawn(&self, names: &str, (z, x, y): (u8, u32, u32)) -> Result<(Vec<usize>, TileCoord)> {
        let asked = self.numbers(names)?;
        let coord = TileCoord::new_checked(z, x, y).ok_or(TileError::OutsideEarth { z, x, y })?;
        let has_zoom = |n: &&usize| has_zoom(self.sources[**n].layer(), coord);
        let drawn: Vec<usize> = asked.iter().filter(has_zoom).copied().collect();
        if drawn.is_empty() {
            let range = |l: &Layer| (l.layer_id.clone(), l.min_zoom, l.max_zoom);
            let ranges = asked.into_iter().map(|n| range(self.sources[n].layer())).collect();
            return Err(TileError::OutsideZooms { coord, ranges });
        }
        Ok((drawn, coord))
    }

    fn joined(&self, mut parts: Vec<Part>, viewer: &Viewer, encoding: Encoding) -> Option<Tile> {
        parts.retain(|part| !part.bytes.is_empty());
        let hashes: Vec<u8> = parts.iter().flat_map(|part| part.hash.to_le_bytes()).collect();
        let hash = xxh3_128(&hashes);
        let bytes = match parts.pop()? {
            only if parts.is_empty() => only.bytes,
            last => parts.into_iter().chain([last]).flat_map(|part| part.bytes).collect(),
        };
        let tag = encoding.tag();
        let etag = format!("\"{hash:032x}-{:x}{tag}\"", viewer.fingerprint());
        Some(Tile { bytes: self.cache.compressed(hash, &bytes, encoding), etag })
    }

    fn part(&self, n: usize, coord: TileCoord, viewer: &Viewer) -> Result<Part> {
        let source = &self.sources[n];
        let snapshot = source.snapshot();
        let key = Key { version: snapshot.version(), ..self.key(n, coord, viewer) };
        self.cache.get_or_make(key, || encode::layer(source.layer(), &snapshot, coord, viewer))
    }

    fn key(&self, source: usize, coord: TileCoord, viewer: &Viewer) -> Key {
        let version = self.sources[source].snapshot().version();
        Key { source, coord, version, viewer: viewer.fingerprint() }
    }
}

fn encode_source(source: &dyn Source, coord: TileCoord, viewer: &Viewer) -> Result<Vec<u8>> {
    encode::layer(source.layer(), &source.snapshot(), coord, viewer)
}

/// Beyond a layer's last zoom its tiles are cut from the same data, for those who do not scale them up.
fn has_zoom(layer: &Layer, coord: TileCoord) -> bool {
    coord.z() >= layer.min_zoom
}
