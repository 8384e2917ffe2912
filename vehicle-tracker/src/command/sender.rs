//! The task that hands commands over.

use std::time::Duration;

use async_trait::async_trait;
use gis_data::{Store, Tx, Viewer};
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use tokio::time::{MissedTickBehavior, interval};

use super::queries::{self, Waiting};
use super::{Answer, Links, Order};
use crate::error::{Result, TrackerError};
use crate::topic::TerminalId;

const EVERY: Duration = Duration::from_secs(1);
/// A second's work.
const MOST: i64 = 1_000;

/// How a terminal is reached by MQTT.
#[async_trait]
pub(crate) trait Way: Send + Sync {
    /// Whether anybody would take what is published to the terminal.
    async fn reaches(&self, terminal: &TerminalId) -> bool;

    /// Publishes to it; `false` when nobody took it.
    async fn publish(&self, terminal: &TerminalId, payload: Vec<u8>) -> bool;
}

/// Sends, until its task is aborted.
pub(crate) struct Sender {
    pub(crate) store: Store,
    pub(crate) links: Links,
    pub(crate) way: Box<dyn Way>,
}

impl Sender {
    pub(crate) async fn run(self) {
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut was_lost = false;
        loop {
            every.tick().await;
            match self.send().await {
                Ok(()) => was_lost = false,
                Err(error) => {
                    if !std::mem::replace(&mut was_lost, true) {
                        let source: &dyn std::error::Error = &error;
                        tracing::warn!(error = source, "commands wait for the database");
                    }
                }
            }
        }
    }

    /// One look at what waits.
    async fn send(&self) -> Result<()> {
        let mut tx = self.store.as_viewer(&Viewer::program()).await?;
        queries::expire(&mut tx).await?;
        let waiting = queries::waiting(&mut tx, MOST).await?;
        commit(tx).await?;
        for order in waiting {
            let is_linked = self.links.has(&order.terminal);
            // One that speaks JT/T 808 is linked with another server, or with none.
            if is_linked || !order.speaks_jt808 && self.way.reaches(&order.terminal).await {
                self.hand_over(order, is_linked).await?;
            }
        }
        Ok(())
    }

    async fn hand_over(&self, order: Waiting, is_linked: bool) -> Result<()> {
        let Waiting { command_id, terminal, kind, expires_at, .. } = order;
        let mut tx = self.store.as_viewer(&Viewer::program()).await?;
        if !queries::claim(&mut tx, command_id).await? {
            return Ok(());
        }
        let by = if is_linked { "JT/T 808" } else { "MQTT" };
        queries::add_event(&mut tx, command_id, "sent", None, by).await?;
        // On file before it leaves: whatever happens now, it is not sent again.
        commit(tx).await?;
        let is_gone = if is_linked {
            self.links.give(&terminal, Order { command_id, kind })
        } else {
            let mut payload = json!(kind);
            payload["id"] = json!(command_id);
            payload["expires"] = json!(expires_at.format(&Rfc3339).ok());
            self.way.publish(&terminal, payload.to_string().into_bytes()).await
        };
        if is_gone {
            return Ok(());
        }
        let mut tx = self.store.as_viewer(&Viewer::program()).await?;
        queries::give_back(&mut tx, command_id).await?;
        commit(tx).await
    }
}

/// Keeps what a terminal said to a command that was sent to it.
pub(crate) async fn keep_answer(
    store: &Store,
    terminal: &TerminalId,
    answer: &Answer,
) -> Result<()> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    queries::answered(&mut tx, terminal, answer).await?;
    commit(tx).await
}

async fn commit(tx: Tx) -> Result<()> {
    tx.commit().await.map_err(TrackerError::query("commit what became of commands"))
}
