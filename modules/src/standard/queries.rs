//! The SQL of standards. They are for everybody who is signed in.

use serde_json::Value as Json;
use sqlx::{FromRow, PgConnection};
use time::Date;

use super::register::{NewRow, value_of};
use super::{Evidence, Standard};
use crate::{ModuleError, Result};

#[derive(Debug, FromRow)]
struct Row {
    standard_param_id: i64,
    code: String,
    jurisdiction: String,
    level: String,
    rank: String,
    value: Json,
    valid_from: Option<Date>,
    valid_until: Option<Date>,
    evidence: String,
    checked_on: Option<Date>,
    document: String,
    clause: String,
    loosens: bool,
    note: Option<String>,
}

/// Ends what has ended and adds what is new.
pub(super) async fn publish(tx: &mut PgConnection, rows: &[NewRow<'_>]) -> Result<()> {
    sqlx::query(
        "update standard_param s set valid = daterange(lower(s.valid), g.ends)
         from jsonb_to_recordset($1) as g(code text, jurisdiction text, level text, rank text, begins date, ends date)
         where s.code = g.code and s.jurisdiction = g.jurisdiction and s.level = g.level and s.rank = g.rank
           and lower(s.valid) is not distinct from g.begins and upper(s.valid) is null and g.ends is not null",
    )
    .bind(sqlx::types::Json(rows))
    .execute(&mut *tx)
    .await
    .map_err(ModuleError::query("end superseded standards"))?;
    sqlx::query(
        "insert into standard_param (code, jurisdiction, level, rank, valid, value, document, clause, evidence,
             checked_on, loosens, note)
         select code, jurisdiction, level, rank, daterange(begins, ends), value, document, clause, evidence,
             checked_on, loosens, note
         from jsonb_to_recordset($1) as g(code text, jurisdiction text, level text, rank text, begins date, ends date,
             value jsonb, document text, clause text, evidence text, checked_on date, loosens boolean, note text)
         on conflict do nothing",
    )
    .bind(sqlx::types::Json(rows))
    .execute(tx)
    .await
    .map_err(ModuleError::query("put standards on file"))?;
    Ok(())
}

/// Those that are not on file as they are given, by what they are about.
pub(super) async fn missing(tx: &mut PgConnection, rows: &[NewRow<'_>]) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "select concat_ws(' ', code, jurisdiction, level, rank, begins)
         from jsonb_to_recordset($1) as g(code text, jurisdiction text, level text, rank text, begins date, ends date,
             value jsonb, document text)
         where not exists (select from standard_param s
             where s.code = g.code and s.jurisdiction = g.jurisdiction and s.level = g.level and s.rank = g.rank
               and s.valid = daterange(g.begins, g.ends) and s.value = g.value and s.document = g.document)",
    )
    .bind(sqlx::types::Json(rows))
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("compare standards"))
}

pub(super) async fn all(tx: &mut PgConnection) -> Result<Vec<Standard>> {
    let rows: Vec<Row> = sqlx::query_as(
        "select standard_param_id, code, jurisdiction, level, rank, value, lower(valid) as valid_from,
                upper(valid) as valid_until, evidence, checked_on, document, clause, loosens, note
         from standard_param order by standard_param_id",
    )
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read the standards"))?;
    rows.into_iter()
        .map(|row| {
            Ok(Standard {
                value: value_of(&row.value)?,
                evidence: match row.evidence.as_str() {
                    "checked" => Evidence::Checked,
                    "recalled" => Evidence::Recalled,
                    _ => Evidence::Doubtful,
                },
                param_id: row.standard_param_id,
                code: row.code,
                jurisdiction: row.jurisdiction,
                level: row.level,
                rank: row.rank,
                from: row.valid_from,
                until: row.valid_until,
                checked_on: row.checked_on,
                document: row.document,
                clause: row.clause,
                loosens: row.loosens,
                note: row.note,
            })
        })
        .collect()
}
