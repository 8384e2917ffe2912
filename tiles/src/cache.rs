//! Encoded layers of tiles, so that what has not changed is not encoded again. Entries of old versions
//! are never asked for and fall out by age.

use std::sync::Arc;

use bytes::Bytes;
use moka::sync;

use crate::{Result, TileCoord};

/// Bytes of tiles that are kept.
const CAPACITY_BYTES: u64 = 64 << 20;
/// What an entry costs beside its bytes: key, pointers, bookkeeping.
const ENTRY_BYTES: u32 = 256;

/// Everything a layer's bytes depend on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) layer_id: Arc<str>,
    pub(crate) coord: TileCoord,
    /// The layer's version in the catalogue.
    pub(crate) definition: i64,
    /// The snapshot's version.
    pub(crate) version: u64,
    /// The viewer's fingerprint.
    pub(crate) viewer: u64,
}

pub(crate) struct Cache(sync::Cache<Key, Bytes>);

impl Cache {
    pub(crate) fn new() -> Self {
        let weigh = |_: &Key, bytes: &Bytes| {
            u32::try_from(bytes.len()).unwrap_or(u32::MAX).saturating_add(ENTRY_BYTES)
        };
        Self(sync::Cache::builder().max_capacity(CAPACITY_BYTES).weigher(weigh).build())
    }

    /// Those who ask for the same key at the same time share one computation. Failures are not kept.
    pub(crate) fn get_or_make(
        &self,
        key: Key,
        make: impl Fn() -> Result<Vec<u8>>,
    ) -> Result<Bytes> {
        if let Some(bytes) = self.0.get(&key) {
            return Ok(bytes);
        }
        let mut failure = None;
        let entry = self.0.entry(key).or_optionally_insert_with(|| match make() {
            Ok(bytes) => Some(Bytes::from(bytes)),
            Err(error) => {
                failure = Some(error);
                None
            }
        });
        match (entry, failure) {
            (Some(entry), _) => Ok(entry.into_value()),
            (None, Some(error)) => Err(error),
            // Another caller's computation failed, and only it was given the reason.
            (None, None) => make().map(Bytes::from),
        }
    }
}
