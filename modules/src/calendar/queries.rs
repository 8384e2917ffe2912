//! The SQL of the calendar.

use sqlx::PgConnection;

use super::Exception;
use crate::{ModuleError, Result};

pub(super) async fn publish(tx: &mut PgConnection, days: &[Exception]) -> Result<()> {
    sqlx::query(
        "insert into calendar_day (day, is_working, name, citation)
         select * from unnest($1::date[], $2::boolean[], $3::text[], $4::text[]) on conflict (day) do nothing",
    )
    .bind(days.iter().map(|d| d.day).collect::<Vec<_>>())
    .bind(days.iter().map(|d| d.is_working).collect::<Vec<_>>())
    .bind(days.iter().map(|d| d.name.clone()).collect::<Vec<_>>())
    .bind(days.iter().map(|d| d.citation.clone()).collect::<Vec<_>>())
    .execute(tx)
    .await
    .map_err(ModuleError::query("publish the calendar"))?;
    Ok(())
}
