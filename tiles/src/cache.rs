//! Encoded layers of tiles, so that what has not changed is not encoded again, and tiles as they are sent, so that what has
//! been compressed is not compressed again. Entries of old versions are never asked for and fall out by age.

use bytes::Bytes;
use moka::{future, sync};
use xxhash_rust::xxh3::xxh3_128;

use crate::encoding::Encoding;
use crate::format::Format;
use crate::{Result, TileCoord, TileError};

/// Bytes of encoded layers that are kept, and as many of compressed tiles.
const CAPACITY_BYTES: u64 = 64 << 20;
/// What an entry costs beside its bytes: key, pointers, bookkeeping.
const ENTRY_BYTES: u32 = 256;

/// Everything a layer's bytes depend on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// Which of the sources.
    pub(crate) source: usize,
    pub(crate) coord: TileCoord,
    /// Of what the tile is made of.
    pub(crate) version: u64,
    /// The viewer's fingerprint.
    pub(crate) viewer: u64,
    /// That of what was chosen; 0 for everything.
    pub(crate) choice: u128,
}

/// A layer's bytes with their hash.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) bytes: Bytes,
    pub(crate) hash: u128,
}

impl From<Vec<u8>> for Part {
    fn from(bytes: Vec<u8>) -> Self {
        Self { hash: xxh3_128(&bytes), bytes: bytes.into() }
    }
}

pub(crate) struct Cache {
    parts: sync::Cache<Key, Part>,
    /// Those being drawn by the database; once drawn they are with the others.
    drawing: future::Cache<Key, Part>,
    /// By what was written anew or compressed, and how.
    sent: sync::Cache<(u128, Format, Encoding), Bytes>,
}

impl Cache {
    pub(crate) fn new() -> Self {
        let weight =
            |len: usize| u32::try_from(len).unwrap_or(u32::MAX).saturating_add(ENTRY_BYTES);
        Self {
            parts: sync::Cache::builder()
                .max_capacity(CAPACITY_BYTES)
                .weigher(move |_: &Key, part: &Part| weight(part.bytes.len()))
                .build(),
            drawing: future::Cache::builder().max_capacity(0).build(),
            sent: sync::Cache::builder()
                .max_capacity(CAPACITY_BYTES)
                .weigher(move |_: &(u128, Format, Encoding), bytes: &Bytes| weight(bytes.len()))
                .build(),
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Part> {
        self.parts.get(key)
    }

    /// What was made without looking whether somebody else was at it: that takes as long as to make it.
    pub(crate) fn keep(&self, key: Key, made: Vec<u8>) -> Part {
        let part = Part::from(made);
        self.parts.insert(key, part.clone());
        part
    }

    /// Those who ask for the same key at the same time share one computation.
    pub(crate) fn get_or_make(&self, key: Key, make: impl FnOnce() -> Vec<u8>) -> Part {
        self.parts.get_with(key, || Part::from(make()))
    }

    /// The same for what takes its time elsewhere. When the one who asks for it leaves, the next who waits asks again; when
    /// nobody waits any more, it is given up.
    pub(crate) async fn get_or_draw(
        &self,
        key: Key,
        draw: impl Future<Output = Result<Vec<u8>>>,
    ) -> Result<Part> {
        if let Some(part) = self.parts.get(&key) {
            return Ok(part);
        }
        let part =
            self.drawing.try_get_with_by_ref(&key, async { draw.await.map(Part::from) }).await;
        let part = part.map_err(TileError::Shared)?;
        self.parts.insert(key, part.clone());
        Ok(part)
    }

    /// The bytes of a Mapbox Vector Tile, which hash to this, as they are sent.
    pub(crate) fn sent(
        &self,
        hash: u128,
        bytes: &Bytes,
        format: Format,
        encoding: Encoding,
    ) -> Result<Bytes> {
        if (format, encoding) == (Format::Mvt, Encoding::Identity) {
            return Ok(bytes.clone());
        }
        let make = || Ok(encoding.compress(&format.written(bytes)?));
        self.sent.try_get_with((hash, format, encoding), make).map_err(TileError::Shared)
    }
}
