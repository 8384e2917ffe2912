//! The credentials of terminals: drawn at random, shown once, kept as a digest under the server's key.

use serde_json::{Value, json};

use super::sign_in::{Origin, hidden};
use super::{Account, Identity, queries, secret};
use crate::audit::{self, Entry};
use crate::error::{ApiError, ApiResult};

/// What the key is used for here.
const PURPOSE: &str = "terminal";

impl Identity {
    pub(crate) async fn terminals(&self, q: Option<&str>, limit: i64) -> ApiResult<Value> {
        let mut tx = self.begin().await?;
        let (total, items) = queries::terminals(&mut tx, q, limit).await?;
        Ok(json!({"total": total, "items": items}))
    }

    /// A new secret for a terminal; the old one stops working.
    pub(crate) async fn issue_credential(
        &self,
        by: &Account,
        terminal: &str,
        from: &Origin,
    ) -> ApiResult<String> {
        let drawn = secret::draw().map_err(hidden)?;
        let digest = self.key.keyed(PURPOSE, &drawn);
        let mut tx = self.begin().await?;
        if !queries::set_terminal_secret(&mut tx, terminal, Some(&digest)).await? {
            return Err(unknown_terminal(terminal));
        }
        audit::append(
            &mut tx,
            &Entry::of(&by.login, "terminal-credential-issued", from).on(terminal),
        )
        .await?;
        tx.commit().await.map_err(queries::failed("issue a credential"))?;
        self.reload_terminals().await?;
        Ok(drawn)
    }

    /// A secret for every terminal that has none: a fleet is put into service in one go.
    pub(crate) async fn issue_missing_credentials(
        &self,
        by: &Account,
        from: &Origin,
    ) -> ApiResult<Vec<(String, String)>> {
        let mut tx = self.begin().await?;
        let mut drawn = Vec::new();
        for terminal in queries::terminals_without_secret(&mut tx).await? {
            drawn.push((terminal, secret::draw().map_err(hidden)?));
        }
        let kept: Vec<(&str, [u8; 32])> =
            drawn.iter().map(|(t, s)| (t.as_str(), self.key.keyed(PURPOSE, s))).collect();
        queries::set_terminal_secrets(&mut tx, &kept).await?;
        // One act, one row: it names every terminal that it was done to.
        let terminals: Vec<&str> = drawn.iter().map(|(terminal, _)| terminal.as_str()).collect();
        let entry = Entry::of(&by.login, "terminal-credential-issued", from)
            .on("missing")
            .with(json!({"count": terminals.len(), "terminals": terminals}));
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("issue credentials"))?;
        self.reload_terminals().await?;
        Ok(drawn)
    }

    pub(crate) async fn revoke_credential(
        &self,
        by: &Account,
        terminal: &str,
        from: &Origin,
    ) -> ApiResult<()> {
        let mut tx = self.begin().await?;
        if !queries::set_terminal_secret(&mut tx, terminal, None).await? {
            return Err(unknown_terminal(terminal));
        }
        audit::append(
            &mut tx,
            &Entry::of(&by.login, "terminal-credential-revoked", from).on(terminal),
        )
        .await?;
        tx.commit().await.map_err(queries::failed("revoke a credential"))?;
        self.reload_terminals().await?;
        Ok(())
    }

    /// What the broker compares: a digest of what a terminal shows.
    pub(super) fn terminal_digest(&self, shown: &str) -> [u8; 32] {
        self.key.keyed(PURPOSE, shown)
    }
}

fn unknown_terminal(id: &str) -> ApiError {
    ApiError::not_found(&format!("没有终端“{id}”"), &format!("no terminal {id:?}"))
}
