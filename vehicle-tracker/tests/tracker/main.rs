//! From a terminal's MQTT client to the database and the live state, nothing replaced.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what a test cannot do ends it, and what it skips it says"
)]

mod admission;
mod archive;
mod commands;
mod database;
mod door;
mod durability;
mod external;
mod gateway;
mod judged;
mod live;
mod rejection;
mod terminal;
mod traffic;
mod trips;
mod troubles;
mod usage;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use vehicle_tracker::{BrokerConfig, Tracker, TrackerConfig};

use database::Database;
use door::KeyRing;
use terminal::Terminal;

/// A tracker on a port of its own.
async fn start(database: &Database) -> Tracker {
    start_with(database, Duration::from_mins(1)).await
}

async fn start_with(database: &Database, outage_limit: Duration) -> Tracker {
    start_behind(database, outage_limit, Arc::new(KeyRing::default())).await
}

async fn start_behind(database: &Database, outage_limit: Duration, door: Arc<KeyRing>) -> Tracker {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = TrackerConfig {
        outage_limit,
        jt808_listen: Some(listen),
        ..TrackerConfig::new(BrokerConfig::Embedded { listen, tls: None }, door)
    };
    Tracker::start(database.store.clone(), config).await.unwrap()
}

async fn terminal(tracker: &Tracker, name: &str) -> Terminal {
    Terminal::connect(tracker.mqtt_address().unwrap(), name).await
}

/// Waits until it holds, at most five seconds.
async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within five seconds: {what}");
}
