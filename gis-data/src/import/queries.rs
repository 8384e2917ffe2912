//! The SQL of imports. A batch of rows travels as one array per column.

use std::collections::HashMap;

use sqlx::Row as _;

use crate::{GisError, Result, Tx};

use super::{ImportLayer, ImportReport};

/// A batch of rows, one array per column; `feature_id` is filled in before they are written.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) feature_id: Vec<i64>,
    pub(super) wkb: Vec<Vec<u8>>,
    pub(super) code: Vec<Option<String>>,
    pub(super) name: Vec<Option<String>>,
    pub(super) term: Vec<Option<String>>,
    pub(super) address: Vec<Option<String>>,
    pub(super) height_m: Vec<Option<f32>>,
    pub(super) floors_above: Vec<Option<i16>>,
    pub(super) floors_below: Vec<Option<i16>>,
    pub(super) built_year: Vec<Option<i16>>,
    pub(super) certificate_no: Vec<Option<String>>,
}

/// A fault that only GEOS saw.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Index in the batch.
    pub(super) index: usize,
    pub(super) reason: String,
    pub(super) place: Option<(f64, f64)>,
}

/// Makes imports of one source follow each other.
pub(super) async fn lock_source(tx: &mut Tx, source: &str) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('import ' || $1, 0))")
        .bind(source)
        .execute(&mut **tx)
        .await
        .map_err(GisError::query("lock the source of an import"))?;
    Ok(())
}

/// Asks GEOS, whose word the tables' constraints take, about each geometry.
pub(super) async fn refusals(tx: &mut Tx, wkb: &[Vec<u8>]) -> Result<Vec<Refusal>> {
    let rows = sqlx::query(
        "select n, reason(d) as reason, st_x(location(d)) as lon, st_y(location(d)) as lat
         from unnest($1::bytea[]) with ordinality as g(wkb, n),
              lateral st_isvaliddetail(st_geomfromwkb(g.wkb, 4326)) d
         where not valid(d)",
    )
    .bind(wkb)
    .fetch_all(&mut **tx)
    .await
    .map_err(GisError::query("judge geometries"))?;
    rows.into_iter()
        .map(|row| {
            let number: i64 = row.try_get("n")?;
            let (lon, lat): (Option<f64>, Option<f64>) = (row.try_get("lon")?, row.try_get("lat")?);
            Ok(Refusal {
                index: usize::try_from(number - 1).unwrap_or_default(),
                reason: row.try_get::<Option<String>, _>("reason")?.unwrap_or_default(),
                place: lon.zip(lat),
            })
        })
        .collect::<Result<_, sqlx::Error>>()
        .map_err(GisError::query("judge geometries"))
}

/// Which of these rows are known, as which feature and with what content.
pub(super) async fn known(
    tx: &mut Tx,
    source: &str,
    refs: &[String],
) -> Result<HashMap<String, (i64, i64)>> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select source_ref, feature_id, content_hash from feature_source
         where source = $1 and source_ref = any($2)",
    )
    .bind(source)
    .bind(refs)
    .fetch_all(&mut **tx)
    .await
    .map_err(GisError::query("look up known rows"))?;
    Ok(rows.into_iter().map(|(name, id, hash)| (name, (id, hash))).collect())
}

/// New identities for features that no organisation manages yet.
pub(super) async fn new_features(tx: &mut Tx, kind: &str, count: usize) -> Result<Vec<i64>> {
    sqlx::query_scalar(
        "with s as materialized (select scope_for('{}', '{}', 0::smallint, $1) as scope_id)
         insert into feature (kind, scope_id)
         select $1, s.scope_id from s, generate_series(1, $2) returning feature_id",
    )
    .bind(kind)
    .bind(i64::try_from(count).unwrap_or(i64::MAX))
    .fetch_all(&mut **tx)
    .await
    .map_err(GisError::query("make features"))
}

/// Remembers where features came from and what their rows said.
pub(super) async fn remember(
    tx: &mut Tx,
    source: &str,
    refs: &[String],
    feature_ids: &[i64],
    hashes: &[i64],
) -> Result<()> {
    sqlx::query(
        "insert into feature_source (source, source_ref, feature_id, content_hash)
         select $1, r.* from unnest($2::text[], $3::bigint[], $4::bigint[]) as r
         on conflict (source, source_ref) do update set content_hash = excluded.content_hash",
    )
    .bind(source)
    .bind(refs)
    .bind(feature_ids)
    .bind(hashes)
    .execute(&mut **tx)
    .await
    .map_err(GisError::query("remember sources"))?;
    Ok(())
}

macro_rules! with_rows {
    ($statement:literal) => {
        concat!(
            "with r as (select feature_id, st_geomfromwkb(wkb, 4326) as geom, code, name, term, address,
                    height_m, floors_above, floors_below, built_year, certificate_no
                 from unnest($1::bigint[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[],
                    $7::real[], $8::smallint[], $9::smallint[], $10::smallint[], $11::text[])
                 as u(feature_id, wkb, code, name, term, address, height_m, floors_above, floors_below,
                    built_year, certificate_no)) ",
            $statement
        )
    };
}

/// Writes new rows into today's view of their layer.
pub(super) async fn insert(tx: &mut Tx, layer: ImportLayer, rows: &Columns) -> Result<()> {
    let statement = match layer {
        ImportLayer::Buildings => with_rows!(
            "insert into building (feature_id, geom, code, name, use_kind, address, height_m,
                floors_above, floors_below, built_year)
             select feature_id, geom, code, name, term, address, height_m, floors_above,
                floors_below, built_year from r returning feature_id"
        ),
        ImportLayer::Parcels => with_rows!(
            "insert into parcel (feature_id, geom, code, name, land_use, certificate_no)
             select feature_id, geom, code, name, term, certificate_no from r returning feature_id"
        ),
        ImportLayer::Facilities => with_rows!(
            "insert into facility (feature_id, geom, code, name, class)
             select feature_id, geom, code, name, term from r returning feature_id"
        ),
    };
    run(tx, statement, rows).await?;
    Ok(())
}

/// Corrects known rows and says which were there to be corrected. What the file does not say stays.
pub(super) async fn update(tx: &mut Tx, layer: ImportLayer, rows: &Columns) -> Result<Vec<i64>> {
    let statement = match layer {
        ImportLayer::Buildings => with_rows!(
            "update building t set geom = r.geom, code = coalesce(r.code, t.code),
                name = coalesce(r.name, t.name), use_kind = coalesce(r.term, t.use_kind),
                address = coalesce(r.address, t.address),
                height_m = coalesce(r.height_m, t.height_m),
                floors_above = coalesce(r.floors_above, t.floors_above),
                floors_below = coalesce(r.floors_below, t.floors_below),
                built_year = coalesce(r.built_year, t.built_year)
             from r where t.feature_id = r.feature_id returning t.feature_id"
        ),
        ImportLayer::Parcels => with_rows!(
            "update parcel t set geom = r.geom, code = coalesce(r.code, t.code),
                name = coalesce(r.name, t.name), land_use = coalesce(r.term, t.land_use),
                certificate_no = coalesce(r.certificate_no, t.certificate_no)
             from r where t.feature_id = r.feature_id returning t.feature_id"
        ),
        ImportLayer::Facilities => with_rows!(
            "update facility t set geom = r.geom, code = coalesce(r.code, t.code),
                name = coalesce(r.name, t.name), class = coalesce(r.term, t.class)
             from r where t.feature_id = r.feature_id returning t.feature_id"
        ),
    };
    run(tx, statement, rows).await
}

async fn run(tx: &mut Tx, statement: &'static str, rows: &Columns) -> Result<Vec<i64>> {
    sqlx::query_scalar(statement)
        .bind(&rows.feature_id)
        .bind(&rows.wkb)
        .bind(&rows.code)
        .bind(&rows.name)
        .bind(&rows.term)
        .bind(&rows.address)
        .bind(&rows.height_m)
        .bind(&rows.floors_above)
        .bind(&rows.floors_below)
        .bind(&rows.built_year)
        .bind(&rows.certificate_no)
        .fetch_all(&mut **tx)
        .await
        .map_err(GisError::query("write imported rows"))
}

/// Whether this very file has been imported into the layer in this system before.
pub(super) async fn seen(tx: &mut Tx, report: &ImportReport, sha256: &str) -> Result<bool> {
    sqlx::query_scalar(
        "select exists (select from import_batch where sha256 = $1 and layer = $2 and crs = $3)",
    )
    .bind(sha256)
    .bind(report.layer.id())
    .bind(&report.crs)
    .fetch_one(&mut **tx)
    .await
    .map_err(GisError::query("look for an earlier import"))
}

/// Records the run.
pub(super) async fn record(
    tx: &mut Tx,
    report: &ImportReport,
    sha256: &str,
    started_at: time::OffsetDateTime,
) -> Result<i64> {
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    sqlx::query_scalar(
        "insert into import_batch (file_name, sha256, layer, crs, started_at, finished_at, read_count,
            inserted_count, updated_count, unchanged_count, rejected_count)
         values ($1, $2, $3, $4, $5, clock_timestamp(), $6, $7, $8, $9, $10) returning import_id",
    )
    .bind(&report.file_name)
    .bind(sha256)
    .bind(report.layer.id())
    .bind(&report.crs)
    .bind(started_at)
    .bind(count(report.read))
    .bind(count(report.inserted))
    .bind(count(report.updated))
    .bind(count(report.unchanged))
    .bind(count(report.rejected))
    .fetch_one(&mut **tx)
    .await
    .map_err(GisError::query("record an import"))
}

/// A batch of faults, one array per column.
#[derive(Debug, Default)]
pub(super) struct ProblemColumns {
    pub(super) row_no: Vec<i64>,
    pub(super) fault_no: Vec<i32>,
    pub(super) source_ref: Vec<String>,
    pub(super) code: Vec<&'static str>,
    pub(super) message: Vec<String>,
    pub(super) ring: Vec<Option<i32>>,
    pub(super) vertex: Vec<Option<i32>>,
    pub(super) lon: Vec<Option<f64>>,
    pub(super) lat: Vec<Option<f64>>,
}

/// Keeps the faults of an import.
pub(super) async fn keep_problems(tx: &mut Tx, id: i64, rows: &ProblemColumns) -> Result<()> {
    sqlx::query(
        "insert into import_problem (import_id, row_no, fault_no, source_ref, code, message, ring,
            vertex, lon, lat)
         select $1, r.* from unnest($2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[],
            $7::int[], $8::int[], $9::float8[], $10::float8[]) as r",
    )
    .bind(id)
    .bind(&rows.row_no)
    .bind(&rows.fault_no)
    .bind(&rows.source_ref)
    .bind(&rows.code)
    .bind(&rows.message)
    .bind(&rows.ring)
    .bind(&rows.vertex)
    .bind(&rows.lon)
    .bind(&rows.lat)
    .execute(&mut **tx)
    .await
    .map_err(GisError::query("keep the problems of an import"))?;
    Ok(())
}
