//! The engine: a store and the definitions that documents are made by. What it can do stands in the files of what it does:
//! `document/`, `approval/`, `ledger/`, `map/`, `sheet/`.

use std::sync::Arc;

use gis_data::{FeatureId, Store, Tx, Viewer};

use crate::definition::Registry;
use crate::{ModuleError, Result};

/// Documents, approvals and ledgers over one store, by one set of definitions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    store: Store,
    registry: Arc<Registry>,
}

/// Where demonstration documents hang.
#[derive(Debug, Clone, Default)]
pub struct DemoPlaces {
    /// Rooms in use, spread over the buildings.
    pub rooms: Vec<FeatureId>,
    /// Who files them: somebody with an account, over the whole city.
    pub clerk: Option<Viewer>,
}

impl Engine {
    /// An engine.
    pub fn new(store: Store, registry: Arc<Registry>) -> Self {
        Self { store, registry }
    }

    /// The ground it stands on.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The definitions it goes by.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A transaction that sees and does what the viewer may.
    pub(crate) async fn begin(&self, viewer: &Viewer) -> Result<Tx> {
        self.store.as_viewer(viewer).await.map_err(ModuleError::Ground)
    }

    /// Writes the demonstration data of every module; answers how many documents there are then.
    pub async fn seed_demo(&self, places: &DemoPlaces) -> Result<usize> {
        let mut count = 0;
        for demo in self.registry.demos() {
            count += demo(self, places).await?;
        }
        Ok(count)
    }
}
