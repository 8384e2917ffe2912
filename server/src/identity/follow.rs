//! Follows the outbox of rights, as mirrors follow the outbox of places: a number alone loses rows that commit late,
//! so everything from the last snapshot's oldest open transaction onward is looked at again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use gis_data::Viewer;
use time::OffsetDateTime;

use super::{Identity, queries};
use crate::error::ApiResult;

/// Rights that change take effect within this and the time of one request.
const EVERY: Duration = Duration::from_millis(500);

/// Runs as long as the server. While the database is away nothing can change either.
pub(crate) async fn follow(identity: Arc<Identity>) {
    let mut horizon = 0_u64;
    let mut seen: Option<BTreeSet<(u64, i64)>> = None;
    loop {
        match look(&identity, horizon).await {
            Ok((next, rows)) => {
                let is_news = seen.as_ref().is_none_or(|seen| !rows.is_subset(seen));
                let now = OffsetDateTime::now_utc().unix_timestamp();
                if is_news || identity.has_lapsed(now) {
                    identity.forget();
                    if identity.reload_terminals().await.is_err() {
                        seen = None;
                        continue;
                    }
                }
                seen = Some(rows);
                horizon = next;
            }
            Err(_logged) => seen = None,
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn look(identity: &Identity, horizon: u64) -> ApiResult<(u64, BTreeSet<(u64, i64)>)> {
    let mut tx = identity.store.as_viewer(&Viewer::program()).await?;
    queries::access_changes(&mut tx, horizon).await
}
