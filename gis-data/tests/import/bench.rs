//! A database, a folder of files and short ways to import and to ask.

use std::path::{Path, PathBuf};

use gis_data::Store;
use gis_data::import::{
    self, ImportError, ImportLayer, ImportMode, ImportReport, ImportRequest, NoProgress,
};

use crate::support::TestDatabase;
use sqlx::PgConnection;

/// Everything that an import may write, counted.
const EVERYTHING: [&str; 9] = [
    "feature",
    "scope",
    "feature_source",
    "feature_change",
    "building_version",
    "parcel_version",
    "facility",
    "import_batch",
    "import_problem",
];

/// A place to import in.
pub(crate) struct Bench {
    pub(crate) store: Store,
    psql: PgConnection,
    folder: tempfile::TempDir,
    // Last, so that it is dropped after its connections.
    _database: TestDatabase,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::create().await;
        Self {
            store: database.store().await,
            psql: database.psql().await,
            folder: tempfile::tempdir().unwrap(),
            _database: database,
        }
    }

    /// Writes a file to import.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) async fn import(
        &self,
        file: &Path,
        layer: ImportLayer,
    ) -> Result<ImportReport, ImportError> {
        self.import_as(request(file, layer)).await
    }

    pub(crate) async fn import_as(
        &self,
        request: ImportRequest,
    ) -> Result<ImportReport, ImportError> {
        import::run(&self.store, &request, &NoProgress).await
    }

    /// One number.
    pub(crate) async fn count(&mut self, statement: &str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&mut self.psql).await.unwrap()
    }

    /// A column of texts.
    pub(crate) async fn texts(&mut self, statement: &str) -> Vec<String> {
        sqlx::query_scalar(statement).fetch_all(&mut self.psql).await.unwrap()
    }

    pub(crate) async fn execute(&mut self, statement: &str) {
        sqlx::query(statement).execute(&mut self.psql).await.unwrap();
    }

    /// How many rows stand in each table that an import may write.
    pub(crate) async fn everything(&mut self) -> Vec<(&'static str, i64)> {
        let mut counts = Vec::new();
        for table in EVERYTHING {
            counts.push((table, self.count(&format!("select count(*) from {table}")).await));
        }
        counts
    }
}

pub(crate) fn request(file: &Path, layer: ImportLayer) -> ImportRequest {
    ImportRequest {
        file: file.to_owned(),
        layer,
        crs: None,
        table: None,
        source: None,
        mode: ImportMode::Commit,
    }
}

/// A feature of a GeoJSON file: its id (JSON), properties (JSON) and outer ring (JSON).
pub(crate) fn polygon(id: &str, properties: &str, ring: &str) -> String {
    format!(
        r#"{{"type":"Feature","id":{id},"properties":{properties},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#
    )
}

/// A GeoJSON file of features.
pub(crate) fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

pub(crate) const SQUARE: &str =
    "[[121.49,31.24],[121.4901,31.24],[121.4901,31.2401],[121.49,31.2401],[121.49,31.24]]";
pub(crate) const OTHER: &str =
    "[[121.5,31.24],[121.5001,31.24],[121.5001,31.2401],[121.5,31.2401],[121.5,31.24]]";
pub(crate) const BOW: &str =
    "[[121.6,31.24],[121.602,31.242],[121.602,31.24],[121.6,31.242],[121.6,31.24]]";
