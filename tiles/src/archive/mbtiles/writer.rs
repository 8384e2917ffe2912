//! Writes MBTiles.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::super::Result;
use super::super::export::{Packed, Sink};
use super::super::metadata::Metadata;
use super::{queries, refused, row_from_south};
use crate::TileCoord;

pub(in crate::archive) struct MbtilesSink {
    connection: Connection,
    path: PathBuf,
    /// Which image has which content.
    images: HashMap<u128, i64>,
}

impl MbtilesSink {
    pub(in crate::archive) fn create(path: &Path, metadata: &Metadata) -> Result<Self> {
        let begun = Connection::open(path).and_then(|connection| {
            queries::begin(&connection)?;
            for (name, value) in metadata.rows() {
                queries::put_metadata(&connection, name, &value)?;
            }
            Ok(connection)
        });
        let connection = begun.map_err(refused("begin", path))?;
        Ok(Self { connection, path: path.to_owned(), images: HashMap::new() })
    }
}

impl Sink for MbtilesSink {
    fn put(&mut self, coord: TileCoord, tile: &Packed) -> Result<()> {
        let written = refused("write", &self.path);
        let next = i64::try_from(self.images.len()).unwrap_or(i64::MAX);
        let tile_id = match self.images.entry(tile.hash) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                queries::put_image(&self.connection, next, &tile.bytes).map_err(&written)?;
                *new.insert(next)
            }
        };
        let address = (coord.z(), coord.x(), row_from_south(coord));
        queries::put_address(&self.connection, address, tile_id).map_err(written)
    }

    fn finish(self: Box<Self>) -> Result<u64> {
        let finished = refused("finish", &self.path);
        queries::commit(&self.connection).map_err(&finished)?;
        self.connection.close().map_err(|(_open, error)| finished(error))?;
        Ok(self.images.len() as u64)
    }
}
