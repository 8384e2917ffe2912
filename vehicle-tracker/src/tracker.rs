//! Everything joined: broker, journal, live state, hub.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gis_data::Store;
use tokio::task::JoinHandle;

use crate::broker::{Door, EmbeddedBroker, ExternalBroker, Intake};
use crate::command::{Links, Sender};
use crate::counters::{CounterSnapshot, Counters};
use crate::error::Result;
use crate::gateway::Gateway;
use crate::hub::Hub;
use crate::journal::{Journal, JournalTask, Shown};
use crate::keeper::Keeper;
use crate::live::{Live, LiveFollower, Own};

/// How the tracker is to run.
#[derive(Debug, Clone)]
pub struct TrackerConfig {
    /// Where messages come from.
    pub broker: BrokerConfig,
    /// Where JT/T 808 terminals connect by TCP; port 0 takes a free one, `None` lets none in.
    pub jt808_listen: Option<SocketAddr>,
    /// How long publishers are kept waiting for a database that does not answer before they are
    /// refused and send again later.
    pub outage_limit: Duration,
    /// Who may connect to the embedded broker; an external one keeps its own door.
    pub door: Arc<dyn Door>,
}

impl TrackerConfig {
    /// A configuration with the usual limits.
    pub fn new(broker: BrokerConfig, door: Arc<dyn Door>) -> Self {
        Self { broker, jt808_listen: None, outage_limit: Duration::from_secs(15), door }
    }
}

/// Whose broker terminals speak to.
#[derive(Debug, Clone)]
pub enum BrokerConfig {
    /// Ours, in this process.
    Embedded {
        /// Where terminals connect; port 0 takes a free one.
        listen: SocketAddr,
        /// A second door, by TLS.
        tls: Option<BrokerTls>,
    },
    /// An MQTT 5 broker with shared subscriptions.
    External {
        /// `mqtt://[user:password@]host[:port]`.
        url: String,
        /// Names our persistent session; different for every server, the same over restarts.
        client_id: String,
    },
}

/// Where terminals connect by TLS, with the broker's certificate chain and key as PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerTls {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The certificate and those up to its authority.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// The running tracker; `shutdown` ends it.
pub struct Tracker {
    live: Arc<Live>,
    hub: Arc<Hub>,
    counters: Arc<Counters>,
    broker: Broker,
    gateway: Option<Gateway>,
    journal: JournalTask,
    following: JoinHandle<()>,
    keeping: JoinHandle<()>,
    sending: JoinHandle<()>,
}

enum Broker {
    Embedded(EmbeddedBroker),
    External(ExternalBroker),
}

impl Tracker {
    /// Loads the live state, then lets terminals in.
    pub async fn start(store: Store, config: TrackerConfig) -> Result<Self> {
        let live = Arc::new(Live::default());
        let own = Own::default();
        let follower = LiveFollower::start(store.clone(), Arc::clone(&live), own.clone()).await?;
        let shown = Shown { live: Arc::clone(&live), own };
        let counters = Arc::new(Counters::default());
        let keeper = Keeper::start(store.clone(), Arc::clone(&counters)).await?;
        let (way_in, journal) =
            Journal::start(&store, &shown, Arc::clone(&counters), config.outage_limit);
        let intake = Intake { journal: way_in, store: store.clone() };
        let links = Links::default();
        let (broker, gateway) = match doors(config, &intake, &links, &counters).await {
            Ok(open) => open,
            Err(error) => {
                journal.close().await;
                return Err(error);
            }
        };
        drop(intake);
        let way = match &broker {
            Broker::Embedded(broker) => broker.way(),
            Broker::External(broker) => broker.way(),
        };
        let sending = tokio::spawn(Sender { store, links, way }.run());
        let following = tokio::spawn(follower.run());
        let keeping = tokio::spawn(keeper.run());
        let hub = Arc::new(Hub::new(Arc::clone(&live)));
        Ok(Self { live, hub, counters, broker, gateway, journal, following, keeping, sending })
    }

    /// Where every vehicle is.
    pub fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live)
    }

    /// Feeds for browsers.
    pub fn hub(&self) -> Arc<Hub> {
        Arc::clone(&self.hub)
    }

    /// What has been done since the start.
    pub fn counters(&self) -> CounterSnapshot {
        self.counters.snapshot()
    }

    /// Where terminals connect; `None` with an external broker.
    pub fn mqtt_address(&self) -> Option<SocketAddr> {
        match &self.broker {
            Broker::Embedded(broker) => Some(broker.address()),
            Broker::External(_) => None,
        }
    }

    /// Where JT/T 808 terminals connect by TCP.
    pub fn jt808_address(&self) -> Option<SocketAddr> {
        self.gateway.as_ref().map(Gateway::address)
    }

    /// Lets nobody in, commits and acknowledges what was taken, and ends.
    pub async fn shutdown(self) {
        match self.broker {
            Broker::Embedded(broker) => broker.shutdown().await,
            Broker::External(broker) => broker.shutdown().await,
        }
        if let Some(gateway) = self.gateway {
            gateway.shutdown().await;
        }
        self.journal.close().await;
        for task in [self.following, self.keeping, self.sending] {
            task.abort();
            // The handle of an aborted task says no more than that.
            let _ = task.await;
        }
    }
}

/// Opens every way in that is asked for, or none.
async fn doors(
    config: TrackerConfig,
    intake: &Intake,
    links: &Links,
    counters: &Arc<Counters>,
) -> Result<(Broker, Option<Gateway>)> {
    let gateway = match config.jt808_listen {
        Some(listen) => {
            let door = Arc::clone(&config.door);
            let desk = (intake.clone(), links.clone());
            Some(Gateway::start(listen, door, desk, Arc::clone(counters)).await?)
        }
        None => None,
    };
    let broker = match config.broker {
        BrokerConfig::Embedded { listen, tls } => {
            EmbeddedBroker::start(listen, tls, config.door, intake.clone())
                .await
                .map(Broker::Embedded)
        }
        BrokerConfig::External { url, client_id } => {
            ExternalBroker::start(&url, &client_id, intake.clone()).map(Broker::External)
        }
    };
    match broker {
        Ok(broker) => Ok((broker, gateway)),
        Err(error) => {
            if let Some(gateway) = gateway {
                gateway.shutdown().await;
            }
            Err(error)
        }
    }
}
