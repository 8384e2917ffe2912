//! Layers, an address and a viewer become bytes.

use std::sync::Arc;

use bytes::Bytes;
use gis_data::{Layer, Viewer};
use xxhash_rust::xxh3::xxh3_128;

use crate::cache::{Cache, Key, Part};
use crate::choice::{Choice, Wish};
use crate::encoding::Encoding;
use crate::format::Format;
use crate::{Held, Result, Source, TileCoord, TileError, encode};

/// How many layers one tile may join.
pub const MAX_LAYERS: usize = 32;

/// A tile for which no more than about so many features are looked at, in all its layers, is encoded where it is asked for:
/// that takes less than half a millisecond.
const QUICK_FEATURES: usize = 4_096;

/// A finished tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// In the format that was asked for, and compressed as asked.
    pub bytes: Bytes,
    /// A strong entity tag with its quotes: the content, how it is compressed, and who may see it. Features come in an
    /// order that depends on them alone, so that restarts, copies of the server and edits elsewhere do not change it.
    pub etag: String,
}

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Layers by name, with commas between them.
    pub layers: String,
    /// Zoom, column and row.
    pub address: (u8, u32, u32),
    /// Who asks.
    pub viewer: Viewer,
    /// What the answer is written in.
    pub format: Format,
    /// How it travels.
    pub encoding: Encoding,
    /// Which features, and what of them.
    pub wish: Wish,
}

/// A layer of a tile that is asked for.
struct Drawn {
    /// Which of the sources.
    source: usize,
    choice: Choice,
}

/// Encodes the sources that have tiles at this zoom, one after the other, without a cache. `None` when
/// nothing is there. Those in memory take milliseconds of a processor.
pub async fn tile(
    sources: &[&dyn Source],
    coord: TileCoord,
    viewer: &Viewer,
) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    for source in sources.iter().filter(|s| has_zoom(s.layer(), coord)) {
        bytes.extend(match source.held() {
            Held::Memory(snapshot) => {
                encode::layer(source.layer(), &snapshot, coord, viewer, &Choice::default())
            }
            Held::Database(direct) => direct.bytes(coord, viewer, &Choice::default()).await?,
        });
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}

/// The same of those in memory alone.
pub(crate) fn in_memory(sources: &[&dyn Source], coord: TileCoord, viewer: &Viewer) -> Vec<u8> {
    let drawn = sources.iter().filter(|s| has_zoom(s.layer(), coord));
    drawn
        .filter_map(|source| Some((source.layer(), source.held().in_memory()?)))
        .flat_map(|(layer, snapshot)| {
            encode::layer(layer, &snapshot, coord, viewer, &Choice::default())
        })
        .collect()
}

/// Every layer that can be asked for, with a bounded cache.
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

    /// The tile of some layers as this viewer may see it; `None` when it is empty. Layers below their zooms are left out;
    /// when that is all of them, there is no such tile. Those who ask for the same at the same time share the work, and the
    /// database stops drawing when the last of them has gone.
    pub async fn tile(self: &Arc<Self>, ask: &Ask) -> Result<Option<Tile>> {
        let (drawn, coord) = self.drawn(ask)?;
        let mut parts = Vec::with_capacity(drawn.len());
        for layer in drawn {
            parts.push(self.part(layer, coord, &ask.viewer).await?);
        }
        if ask.format == Format::Mvt {
            return self.joined(parts, ask);
        }
        let (tiles, ask) = (Arc::clone(self), ask.clone());
        let joined = tokio::task::spawn_blocking(move || tiles.joined(parts, &ask));
        joined.await.map_err(TileError::Panicked)?
    }

    /// The same where it takes no time worth speaking of: because it is in the cache, or has little in it. `None` when it
    /// would.
    #[expect(clippy::option_option, reason = "not quick, and empty, are two things")]
    pub fn quick_tile(&self, ask: &Ask) -> Result<Option<Option<Tile>>> {
        if ask.format != Format::Mvt {
            return Ok(None);
        }
        let (drawn, coord) = self.drawn(ask)?;
        let mut parts = Vec::with_capacity(drawn.len());
        let few = QUICK_FEATURES / drawn.len().max(1);
        for layer in drawn {
            let key = self.key(&layer, coord, &ask.viewer);
            let source = &self.sources[layer.source];
            if let Some(part) = self.cache.get(&key) {
                parts.push(part);
            } else if let Held::Memory(snapshot) = source.held()
                && snapshot.is_little(&coord.buffered_box(), few)
            {
                let (viewer, choice) = (&ask.viewer, &layer.choice);
                let made = encode::layer(source.layer(), &snapshot, coord, viewer, choice);
                parts.push(self.cache.keep(key, made));
            } else {
                return Ok(None);
            }
        }
        self.joined(parts, ask).map(Some)
    }

    /// Which sources have something at this address, by their numbers.
    fn drawn(&self, ask: &Ask) -> Result<(Vec<Drawn>, TileCoord)> {
        let ((z, x, y), asked) = (ask.address, self.numbers(&ask.layers)?);
        let coord = TileCoord::new_checked(z, x, y).ok_or(TileError::OutsideEarth { z, x, y })?;
        let layers: Vec<&Layer> = asked.iter().map(|n| self.sources[*n].layer()).collect();
        if !layers.iter().any(|layer| has_zoom(layer, coord)) {
            let range = |l: &&Layer| (l.layer_id.clone(), l.min_zoom, l.max_zoom);
            return Err(TileError::OutsideZooms {
                coord,
                ranges: layers.iter().map(range).collect(),
            });
        }
        // Also of those without tiles at this zoom: what may be asked does not depend on it.
        let choices = ask.wish.of(&layers)?;
        let all = asked.into_iter().zip(choices).map(|(source, choice)| Drawn { source, choice });
        let is_drawn = |drawn: &Drawn| has_zoom(self.sources[drawn.source].layer(), coord);
        Ok((all.filter(is_drawn).collect(), coord))
    }

    fn joined(&self, mut parts: Vec<Part>, ask: &Ask) -> Result<Option<Tile>> {
        parts.retain(|part| !part.bytes.is_empty());
        let hashes: Vec<u8> = parts.iter().flat_map(|part| part.hash.to_le_bytes()).collect();
        let hash = xxh3_128(&hashes);
        let bytes = match parts.pop() {
            None => return Ok(None),
            Some(only) if parts.is_empty() => only.bytes,
            Some(last) => parts.into_iter().chain([last]).flat_map(|part| part.bytes).collect(),
        };
        let (format, encoding) = (ask.format, ask.encoding);
        let tag = format!("{}{}", format.tag(), encoding.tag());
        let etag = format!("\"{hash:032x}-{:x}{tag}\"", ask.viewer.fingerprint());
        Ok(Some(Tile { bytes: self.cache.sent(hash, &bytes, format, encoding)?, etag }))
    }

    async fn part(
        self: &Arc<Self>,
        drawn: Drawn,
        coord: TileCoord,
        viewer: &Viewer,
    ) -> Result<Part> {
        let key = self.key(&drawn, coord, viewer);
        match self.sources[drawn.source].held() {
            Held::Database(direct) => {
                self.cache.get_or_draw(key, direct.bytes(coord, viewer, &drawn.choice)).await
            }
            Held::Memory(snapshot) => {
                let (tiles, viewer) = (Arc::clone(self), viewer.clone());
                let made = tokio::task::spawn_blocking(move || {
                    let (layer, choice) = (tiles.sources[drawn.source].layer(), &drawn.choice);
                    let encode = || encode::layer(layer, &snapshot, coord, &viewer, choice);
                    tiles.cache.get_or_make(key, encode)
                });
                made.await.map_err(TileError::Panicked)
            }
        }
    }

    fn key(&self, drawn: &Drawn, coord: TileCoord, viewer: &Viewer) -> Key {
        let (source, choice) = (drawn.source, drawn.choice.fingerprint);
        let version = self.sources[source].version(coord);
        Key { source, coord, version, viewer: viewer.fingerprint(), choice }
    }
}

/// Beyond a layer's last zoom its tiles are cut from the same data, for those who do not scale them up.
fn has_zoom(layer: &Layer, coord: TileCoord) -> bool {
    coord.z() >= layer.min_zoom
}
