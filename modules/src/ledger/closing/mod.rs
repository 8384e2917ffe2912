//! The gate of closed periods 结账: entries that begin on a closed day are refused, whichever ledger's function brings them.

mod queries;

use gis_data::{Permission, Tx, Viewer};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::FromRow;
use time::{Date, OffsetDateTime};

use super::space;
use crate::dates::{day, today};
use crate::definition::FieldFault;
use crate::engine::Engine;
use crate::{ModuleError, Result};

/// The ledger of space and of the people in it.
pub(crate) const SPACE: &str = "space";

/// A closing, or an opening again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Closing {
    /// Which ledger.
    pub ledger: String,
    /// The last closed day: `2026-10-31`.
    pub through: String,
    /// Who: a login, and the name of the account.
    pub actor: String,
    /// That name; empty if the account is gone.
    pub actor_name: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Why.
    pub note: String,
}

/// What somebody wants closed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewClosing {
    /// Which ledger.
    pub ledger: String,
    /// The last day to close; before the one in force, it opens the days after it again.
    pub through: String,
    /// Why.
    pub note: String,
}

/// Refuses entries that begin on a closed day. Whoever closes waits for the postings under way, and they for it.
pub(crate) async fn gate(
    tx: &mut Tx,
    ledger: &str,
    begins: impl Iterator<Item = Date>,
) -> Result<()> {
    queries::share(tx, ledger).await?;
    let (Some(first), Some(through)) = (begins.min(), queries::through(tx, ledger).await?) else {
        return Ok(());
    };
    if first <= through { Err(ModuleError::PeriodClosed { on: first, through }) } else { Ok(()) }
}

impl Engine {
    /// Every closing of a ledger, the newest first.
    pub async fn closings(&self, viewer: &Viewer, ledger: &str) -> Result<Vec<Closing>> {
        queries::all(&mut *self.begin(viewer).await?, ledger).await
    }

    /// Closes a ledger through a day that is over, if it adds up, or opens days again, also if it does not: that is how it is
    /// put right. It concerns every room in the ledger, so [`ModuleError::NotOverAll`] unless the viewer keeps standards
    /// over all of them.
    pub async fn close_period(&self, viewer: &Viewer, new: &NewClosing) -> Result<Vec<Closing>> {
        let mut faults = Vec::new();
        let mut say = |field: &str, limit: Option<serde_json::Value>, zh: &str, en: &str| {
            faults.push(FieldFault::new(field, limit, zh, en));
        };
        if new.ledger != SPACE {
            say("ledger", Some(json!([SPACE])), "没有这本台账", "there is no such ledger");
        }
        let through = day(&new.through);
        if through.is_none_or(|through| through >= today()) {
            say("through", None, "应为今天以前的日期", "must be a day before today");
        }
        let note = new.note.trim();
        if !(2..=500).contains(&note.chars().count()) || note.contains('\0') {
            say(
                "note",
                Some(json!(500)),
                "说明应为 2 至 500 个字",
                "a note has 2 to 500 characters",
            );
        }
        let (Some(through), true) = (through, faults.is_empty()) else {
            return Err(ModuleError::Invalid(faults));
        };
        let mut tx = self.begin(&Viewer::program()).await?;
        let scopes = viewer.scopes_for(Permission::ManageStandards);
        if queries::has_rooms_beyond(&mut tx, scopes).await? {
            return Err(ModuleError::NotOverAll);
        }
        queries::hold(&mut tx, &new.ledger).await?;
        let in_force = queries::through(&mut tx, &new.ledger).await?;
        if in_force.is_none_or(|closed| through > closed) {
            let unsound = space::verify(self.store()).await?;
            if !unsound.is_empty() {
                return Err(ModuleError::LedgerUnsound(unsound));
            }
        }
        queries::insert(&mut tx, &new.ledger, through, viewer.name(), note).await?;
        let closings = queries::all(&mut tx, &new.ledger).await?;
        tx.commit().await.map_err(ModuleError::query("commit a closing"))?;
        Ok(closings)
    }
}
