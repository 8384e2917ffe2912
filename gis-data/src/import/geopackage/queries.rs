//! The SQL of GeoPackages, which is SQLite's and another file's: nothing of the product's own database.

use rusqlite::{Connection, OptionalExtension as _, Result, Statement};

/// A table of features.
pub(super) struct FeatureTable {
    pub(super) name: String,
    /// The column of its geometries.
    pub(super) column: String,
    /// The number of its coordinate system in this file.
    pub(super) srs_id: i32,
}

/// A coordinate system as the file describes it.
pub(super) struct System {
    /// Whose code it is, such as `EPSG`.
    pub(super) organization: String,
    pub(super) code: i64,
    /// In WKT.
    pub(super) definition: String,
}

/// The file is somebody else's: what is in it may run no functions, and cells are checked before they are read.
pub(super) fn distrust(connection: &Connection) -> Result<()> {
    connection.execute_batch(
        "pragma trusted_schema = off; pragma cell_size_check = on; pragma query_only = on;",
    )
}

/// The tables of features, in the order they were made. Views are left out: they may ask for anything.
pub(super) fn feature_tables(connection: &Connection) -> Result<Vec<FeatureTable>> {
    let mut statement = connection.prepare(
        "select g.table_name, g.column_name, g.srs_id
         from gpkg_geometry_columns g
         join gpkg_contents c on c.table_name = g.table_name and c.data_type = 'features'
         join sqlite_master t on t.name = g.table_name and t.type = 'table'
             and t.sql not like 'create virtual%'
         order by t.rowid",
    )?;
    let tables = statement.query_map((), |row| {
        Ok(FeatureTable { name: row.get(0)?, column: row.get(1)?, srs_id: row.get(2)? })
    })?;
    tables.collect()
}

/// The coordinate system of this number.
pub(super) fn system(connection: &Connection, srs_id: i32) -> Result<Option<System>> {
    let sql = "select organization, organization_coordsys_id, definition
        from gpkg_spatial_ref_sys where srs_id = ?1";
    connection
        .query_row(sql, [srs_id], |row| {
            Ok(System { organization: row.get(0)?, code: row.get(1)?, definition: row.get(2)? })
        })
        .optional()
}

/// All rows of a table. The name of a table cannot be bound, so it is quoted; it comes from the file's own list.
pub(super) fn rows<'c>(connection: &'c Connection, table: &str) -> Result<Statement<'c>> {
    connection.prepare(&format!("select * from \"{}\"", table.replace('"', "\"\"")))
}
