//! The SQL of standards. They are for everybody who is signed in.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sqlx::{FromRow, PgConnection};
use time::Date;

use super::register::{NewRow, value_of};
use super::{Evidence, NewEdition, Standard, StandardAct};
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
               and s.value = g.value and s.document = g.document
               and (s.valid = daterange(g.begins, g.ends) or (lower(s.valid) is not distinct from g.begins
                    and exists (select from standard_act a where a.standard_param_id = s.standard_param_id and a.act = 'ended'))))",
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

/// Adds an edition and ends the one before it on its first day.
pub(super) async fn add(tx: &mut PgConnection, new: &NewEdition, actor: &str) -> Result<i64> {
    let failed = ModuleError::query("add a standard");
    let ended: Vec<i64> = sqlx::query_scalar(
        "update standard_param set valid = daterange(lower(valid), $5::date)
         where code = $1 and jurisdiction = $2 and level = $3 and rank = $4 and valid @> $5::date and lower(valid) is distinct from $5
         returning standard_param_id",
    )
    .bind(&new.code)
    .bind(&new.jurisdiction)
    .bind(&new.level)
    .bind(&new.rank)
    .bind(new.valid_from)
    .fetch_all(&mut *tx)
    .await
    .map_err(ModuleError::query("end the edition before"))?;
    let evidence = match new.evidence {
        Evidence::Checked => "checked",
        Evidence::Recalled => "recalled",
        Evidence::Doubtful => "doubtful",
    };
    let id: Result<i64, sqlx::Error> = sqlx::query_scalar(
        "insert into standard_param (code, jurisdiction, level, rank, valid, value, document, clause, evidence, checked_on, loosens, note)
         values ($1, $2, $3, $4, daterange($5, null), $6, $7, $8, $9, case when $9 = 'checked' then city_today() end, $10, $11)
         returning standard_param_id",
    )
    .bind(&new.code)
    .bind(&new.jurisdiction)
    .bind(&new.level)
    .bind(&new.rank)
    .bind(new.valid_from)
    .bind(sqlx::types::Json(&new.value))
    .bind(&new.document)
    .bind(&new.clause)
    .bind(evidence)
    .bind(new.loosens)
    .bind(&new.note)
    .fetch_one(&mut *tx)
    .await;
    let is_taken = |e: &sqlx::Error| {
        e.as_database_error().is_some_and(|d| d.code().as_deref() == Some("23P01"))
    };
    let id = match id {
        Err(error) if is_taken(&error) => {
            return Err(ModuleError::Invalid(vec![crate::FieldFault::new(
                "valid_from",
                None,
                "该日之后已有版本，请另选日期",
                "there is an edition on or after that day",
            )]));
        }
        other => other.map_err(failed)?,
    };
    for (param, act) in ended.iter().map(|e| (*e, "ended")).chain([(id, "added")]) {
        act_on(tx, param, actor, act, new.note.as_deref()).await?;
    }
    Ok(id)
}

pub(super) async fn confirm(
    tx: &mut PgConnection,
    id: i64,
    actor: &str,
    note: &str,
) -> Result<bool> {
    let done = sqlx::query(
        "update standard_param set evidence = 'checked', checked_on = city_today() where standard_param_id = $1",
    )
    .bind(id)
    .execute(&mut *tx)
    .await
    .map_err(ModuleError::query("confirm a standard"))?;
    if done.rows_affected() == 1 {
        act_on(tx, id, actor, "confirmed", Some(note)).await?;
    }
    Ok(done.rows_affected() == 1)
}

async fn act_on(
    tx: &mut PgConnection,
    id: i64,
    actor: &str,
    act: &str,
    note: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "insert into standard_act (standard_param_id, actor, act, note) values ($1, $2, $3, $4)",
    )
    .bind(id)
    .bind(actor)
    .bind(act)
    .bind(note)
    .execute(tx)
    .await
    .map_err(ModuleError::query("note who changed a standard"))?;
    Ok(())
}

/// What people did, by row, the newest first.
pub(super) async fn acts(tx: &mut PgConnection) -> Result<BTreeMap<i64, Vec<StandardAct>>> {
    #[derive(FromRow)]
    struct Row {
        standard_param_id: i64,
        #[sqlx(flatten)]
        act: StandardAct,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "select standard_param_id, at, actor, act, note from standard_act order by standard_act_id desc",
    )
    .fetch_all(tx)
    .await
    .map_err(ModuleError::query("read who changed standards"))?;
    let mut by_row: BTreeMap<i64, Vec<StandardAct>> = BTreeMap::new();
    for row in rows {
        by_row.entry(row.standard_param_id).or_default().push(row.act);
    }
    Ok(by_row)
}
