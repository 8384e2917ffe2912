//! Agreements between tables that no constraint can state.

mod queries;

use crate::{Result, Store};

/// Every disagreement, as a sentence that names the feature.
pub async fn faults(store: &Store) -> Result<Vec<String>> {
    let mut tx = store.snapshot().await?;
    let mut faults = Vec::new();
    for (feature_id, kind, table) in queries::wrong_kinds(&mut tx).await? {
        faults.push(format!("feature {feature_id} is a {kind} but stands in {table}"));
    }
    for feature_id in queries::rooms_of_other_buildings(&mut tx).await? {
        faults.push(format!("room {feature_id} names a building that is not its floor's"));
    }
    for feature_id in queries::rooms_outside_their_floor(&mut tx).await? {
        faults.push(format!("room {feature_id} lies outside its floor"));
    }
    for layer_id in queries::layers_without_relation(&mut tx).await? {
        faults.push(format!("layer {layer_id} names a relation that does not exist"));
    }
    Ok(faults)
}
