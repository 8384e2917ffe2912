//! A layer that is not in memory: what changed in it is followed all the same, so that its tiles are never stale.

use std::sync::atomic::{AtomicU64, Ordering};

use super::stamps::Stamps;
use crate::{Bbox, Layer, WorldBox};

/// A layer of the catalogue that is drawn from the database.
#[derive(Debug)]
pub struct Direct {
    layer: Layer,
    version: AtomicU64,
    stamps: Stamps,
}

impl Direct {
    pub(super) fn new(layer: Layer) -> Self {
        Self { layer, version: AtomicU64::new(1), stamps: Stamps::default() }
    }

    /// The catalogue's definition.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// The version that last changed what the tile `z/x/y` with its buffer is made of; to be asked before the database is.
    pub fn version_of(&self, z: u8, x: u32, y: u32) -> u64 {
        self.stamps.of(z, x, y)
    }

    /// Says that the features in these boxes changed, or, without any, that anything may have; answers the new version.
    pub(crate) fn touch(&self, boxes: Option<&[Bbox]>) -> u64 {
        let version = self.version.fetch_add(1, Ordering::AcqRel) + 1;
        match boxes {
            Some(boxes) => {
                self.stamps.touch(version, boxes.iter().map(|b| WorldBox::from_bbox(*b)));
            }
            None => self.stamps.touch_all(version),
        }
        version
    }
}
