//! One document takes another with it, within the same transaction: an order its request.

use serde_json::{Map, Value as Json};

use super::act::Act;
use super::apply::{Wanted, fire};
use super::{DocId, queries};
use crate::{ModuleError, Result};

/// Another document, held until the transaction ends.
pub(crate) struct Other {
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) number: Option<String>,
    pub(crate) body: Map<String, Json>,
}

impl Act<'_> {
    /// A document that the viewer sees, as it is and stays until the transaction ends. Whoever holds two holds the one that is
    /// acted on first, so that two actions never wait for each other.
    pub(crate) async fn other(&mut self, doc_id: DocId) -> Result<Option<Other>> {
        let Some(row) = queries::lock(self.tx, self.viewer, doc_id).await? else { return Ok(None) };
        let (kind, number) = (row.kind.clone(), row.number.clone());
        let content = row.into_content(Vec::new());
        Ok(Some(Other { kind, number, state: content.state, body: content.body }))
    }

    /// Does an action to it that no person does by a button (`by_plan`).
    pub(crate) async fn take_along(&mut self, doc_id: DocId, action: &str) -> Result<()> {
        let row = queries::lock(self.tx, self.viewer, doc_id)
            .await?
            .ok_or(ModuleError::NotFound(doc_id))?;
        let kind = self.engine.registry().kind(&row.kind)?;
        let nothing = Map::new();
        fire(self.engine, self.tx, self.viewer, kind, row, action, &nothing, Wanted::ByPlan).await
    }
}
