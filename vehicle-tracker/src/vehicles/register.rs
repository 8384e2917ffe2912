//! Vehicles enter the register with the terminal they carry.

use gis_data::{FeatureId, OrgId, Store, Viewer};

use super::queries;
use crate::error::{Result, TrackerError};
use crate::topic::TerminalId;

/// A vehicle to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The terminal it carries.
    pub terminal: TerminalId,
    /// Number plate, nobody else's.
    pub plate: String,
    /// What people call it.
    pub name: String,
    /// Saloon, van, bus, …
    pub vehicle_type: String,
    /// Whose it is; it decides who may see it.
    pub org: Option<OrgId>,
}

/// Registers vehicles in one transaction and answers their features in the same order. A terminal
/// that is registered already keeps its vehicle, so doing it twice changes nothing.
pub async fn register(store: &Store, vehicles: &[Registration]) -> Result<Vec<FeatureId>> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let mut ids = Vec::with_capacity(vehicles.len());
    for vehicle in vehicles {
        ids.push(queries::register(&mut tx, vehicle).await?);
    }
    tx.commit().await.map_err(TrackerError::query("register vehicles"))?;
    Ok(ids)
}
