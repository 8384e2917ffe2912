//! Whom a step asks.

use gis_data::Tx;

use super::PersonId;
use super::queries::{self, ApprovalRow};
use crate::Result;
use crate::definition::{StepDefinition, Who};

/// The accounts that a step asks, in order; those who are disabled are left out.
pub(super) async fn resolve(
    tx: &mut Tx,
    approval: &ApprovalRow,
    step: &StepDefinition,
) -> Result<Vec<PersonId>> {
    let doc_id = approval.doc_id;
    match &step.who {
        Who::Role(role) => queries::with_role(tx, doc_id, role).await,
        Who::Head(levels) => queries::head(tx, doc_id, *levels).await,
        Who::Field(field) => queries::in_field(tx, doc_id, field).await,
        Who::Chosen(_) => {
            queries::existing(tx, approval.chosen.get(&step.name).map_or(&[], Vec::as_slice)).await
        }
        Who::Logins(logins) => queries::with_logins(tx, logins).await,
    }
}

/// The heads of the organisation above that of somebody.
pub(super) async fn heads_above(tx: &mut Tx, person: PersonId) -> Result<Vec<PersonId>> {
    queries::heads_above(tx, person).await
}
