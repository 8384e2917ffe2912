//! The SQL of MBTiles, which is SQLite's and another file's: nothing of the product's own database.

use rusqlite::{Connection, OptionalExtension as _, Result, params};

/// Nobody reads the file before it is whole, so that it needs neither journal nor waiting; the application id is that
/// of MBTiles.
const SCHEMA: &str = "
    pragma application_id = 0x4d504258;
    pragma journal_mode = off;
    pragma synchronous = off;
    pragma locking_mode = exclusive;
    create table metadata (name text not null primary key, value text not null);
    create table images (tile_id integer not null primary key, tile_data blob not null);
    create table map (zoom_level integer not null, tile_column integer not null, tile_row integer not null,
                      tile_id integer not null references images,
                      primary key (zoom_level, tile_column, tile_row)) without rowid;
    create view tiles as
        select zoom_level, tile_column, tile_row, tile_data from map join images using (tile_id);";

/// Makes the tables and begins the one transaction that fills them.
pub(super) fn begin(connection: &Connection) -> Result<()> {
    connection.execute_batch(SCHEMA)?;
    connection.execute_batch("begin exclusive")
}

pub(super) fn put_metadata(connection: &Connection, name: &str, value: &str) -> Result<()> {
    let sql = "insert into metadata (name, value) values (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![name, value]).map(drop)
}

pub(super) fn put_image(connection: &Connection, tile_id: i64, tile: &[u8]) -> Result<()> {
    let sql = "insert into images (tile_id, tile_data) values (?1, ?2)";
    connection.prepare_cached(sql)?.execute(params![tile_id, tile]).map(drop)
}

pub(super) fn put_address(
    connection: &Connection,
    (zoom, column, row): (u8, u32, u32),
    tile_id: i64,
) -> Result<()> {
    let sql =
        "insert into map (zoom_level, tile_column, tile_row, tile_id) values (?1, ?2, ?3, ?4)";
    connection.prepare_cached(sql)?.execute(params![zoom, column, row, tile_id]).map(drop)
}

pub(super) fn commit(connection: &Connection) -> Result<()> {
    connection.execute_batch("commit")
}

/// All rows of the metadata; values that are no texts become texts.
pub(super) fn metadata(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection
        .prepare("select name, cast(value as text) from metadata where value is not null")?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// Lowest and highest zoom; nothing where there are no tiles.
pub(super) fn zooms(connection: &Connection) -> Result<(Option<u8>, Option<u8>)> {
    let sql = "select min(zoom_level), max(zoom_level) from tiles";
    connection.query_row(sql, (), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Some tile.
pub(super) fn any_tile(connection: &Connection) -> Result<Option<Vec<u8>>> {
    let sql = "select tile_data from tiles limit 1";
    connection.query_row(sql, (), |row| row.get(0)).optional()
}

pub(super) fn tile(
    connection: &Connection,
    (zoom, column, row): (u8, u32, u32),
) -> Result<Option<Vec<u8>>> {
    let sql =
        "select tile_data from tiles where zoom_level = ?1 and tile_column = ?2 and tile_row = ?3";
    connection
        .prepare_cached(sql)?
        .query_row(params![zoom, column, row], |row| row.get(0))
        .optional()
}
