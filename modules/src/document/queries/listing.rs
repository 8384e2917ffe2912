//! The SQL of lists. Relation, columns and order come from definitions; values are bound, as JSON that each column casts.

use std::fmt::Write as _;

use gis_data::{FeatureId, Viewer};
use serde_json::Value as Json;
use sqlx::PgConnection;

use crate::{ModuleError, Result};

/// A list, as parts of a statement.
#[derive(Debug, Default)]
pub(in crate::document) struct Listed {
    /// A projection, or `doc` for all kinds.
    pub(in crate::document) relation: String,
    /// What is compared, how the value is read (`@` stands for it), and the value.
    conditions: Vec<(String, String, Json)>,
    /// A place that they hang off, or something in it.
    pub(in crate::document) feature: Option<FeatureId>,
    /// A pattern for number or title.
    pub(in crate::document) q: Option<String>,
    /// Columns with their directions.
    pub(in crate::document) order: String,
    /// At most so many.
    pub(in crate::document) limit: u32,
    /// After so many.
    pub(in crate::document) offset: u32,
}

impl Listed {
    /// Adds a condition; `@` in `read` stands for the bound value.
    pub(in crate::document) fn push(&mut self, compared: &str, value: Json, read: &str) {
        self.conditions.push((compared.to_owned(), read.to_owned(), value));
    }

    /// `$1` scopes, `$2` place, `$3` pattern, then a value each.
    fn condition(&self) -> String {
        let mut sql = "($1::int[] is null or x.scope_id = any($1))".to_owned();
        if self.feature.is_some() {
            let _ = write!(
                sql,
                " and x.doc_id in (with recursive {} select doc_id from doc_link
                 where feature_id = any(array(select feature_id from inside)))",
                super::INSIDE
            );
        } else {
            sql.push_str(" and $2::bigint is null");
        }
        if self.q.is_some() {
            sql.push_str(" and (x.title ilike $3 or x.number ilike $3)");
        } else {
            sql.push_str(" and $3::text is null");
        }
        for (n, (compared, read, _)) in self.conditions.iter().enumerate() {
            let _ =
                write!(sql, " and {compared}{}", read.replace('@', &format!("${}::jsonb", n + 4)));
        }
        sql
    }
}

/// How many documents there are, and the keys of one page.
pub(in crate::document) async fn list(
    tx: &mut PgConnection,
    viewer: &Viewer,
    listed: &Listed,
) -> Result<(i64, Vec<i64>)> {
    let condition = listed.condition();
    let count = format!("select count(*) from {} x where {condition}", listed.relation);
    let page = format!(
        "select x.doc_id from {} x where {condition} order by {} limit {} offset {}",
        listed.relation, listed.order, listed.limit, listed.offset
    );
    let scopes = viewer.scope_array();
    let feature = listed.feature.map(|f| f.0);
    let mut total = sqlx::query_scalar(&count).bind(scopes.clone()).bind(feature).bind(&listed.q);
    let mut ids = sqlx::query_scalar(&page).bind(scopes).bind(feature).bind(&listed.q);
    for (_, _, value) in &listed.conditions {
        total = total.bind(value);
        ids = ids.bind(value);
    }
    let ids = ids.fetch_all(&mut *tx).await.map_err(ModuleError::query("list documents"))?;
    let is_all =
        listed.offset == 0 && ids.len() < usize::try_from(listed.limit).unwrap_or(usize::MAX);
    let total = if is_all {
        i64::try_from(ids.len()).unwrap_or(i64::MAX)
    } else {
        total.fetch_one(tx).await.map_err(ModuleError::query("count documents"))?
    };
    Ok((total, ids))
}
