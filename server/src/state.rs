//! What handlers share.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use gis_data::search::SearchIndex;
use gis_data::{LayerChange, Mirrors, Store, Text2};
use modules::Engine;
use tiles::{Base, Tiles};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use vehicle_tracker::{Hub, Live, Tracker};

use crate::icons::IconBook;
use crate::identity::Identity;
use crate::rate::Limits;

/// State of the router: cheap to clone, empty until the city is loaded.
#[derive(Clone, Default)]
pub(crate) struct AppState(Arc<Shared>);

/// What all clones of the state have in common.
#[derive(Default)]
pub(crate) struct Shared {
    city: OnceLock<Arc<City>>,
    /// Cancelled when the server is to end; open streams end with it.
    pub(crate) ending: CancellationToken,
    /// Whether browsers reach this server by TLS: then cookies go by nothing else.
    pub(crate) is_tls: bool,
    /// Who asks too much waits.
    pub(crate) limits: Limits,
}

impl AppState {
    pub(crate) fn new(limits: Limits, is_tls: bool) -> Self {
        Self(Arc::new(Shared { is_tls, limits, ..Shared::default() }))
    }

    /// The loaded city, if it is.
    pub(crate) fn city(&self) -> Option<Arc<City>> {
        self.city.get().map(Arc::clone)
    }

    /// From now on the server is ready.
    pub(crate) fn open(&self, city: City) -> Arc<City> {
        Arc::clone(self.city.get_or_init(|| Arc::new(city)))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Everything that is in memory, with the ways to the rest.
pub(crate) struct City {
    pub(crate) store: Store,
    pub(crate) modules: Engine,
    pub(crate) identity: Arc<Identity>,
    pub(crate) icons: Arc<IconBook>,
    pub(crate) mirrors: Arc<Mirrors>,
    pub(crate) changes: broadcast::Sender<LayerChange>,
    pub(crate) search: Arc<SearchIndex>,
    pub(crate) tiles: Arc<Tiles>,
    /// Layers the tiles of which may travel as MapLibre Tiles.
    pub(crate) mlt: BTreeSet<String>,
    /// In the order in which people choose among them.
    pub(crate) bases: Arc<[Base]>,
    pub(crate) live: Arc<Live>,
    pub(crate) hub: Arc<Hub>,
    /// Taken out when the server ends.
    pub(crate) tracker: tokio::sync::Mutex<Option<Tracker>>,
    pub(crate) notice: Option<Text2>,
    /// Shown on the sign-in page of the demo, and nowhere else.
    pub(crate) demo_password: Option<Arc<str>>,
}
