//! A broker that acknowledges by itself: what it hands us is acknowledged to it after the commit.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rmqtt::context::ServerContext;
use rmqtt::net::{Builder, Listener};
use rmqtt::server::MqttServer;
use rmqtt::subscribe::SharedSubscription;
use rmqtt::types::{
    ClientId, Id, IsOnline, NodeId, SharedGroup, SubscriptionIdentifier, SubscriptionOptions,
    TopicName,
};
use sqlx::Executor as _;
use vehicle_tracker::{BrokerConfig, Tracker, TrackerConfig};

use crate::database::Database;
use crate::door::KeyRing;
use crate::terminal::{Terminal, position};

const STORED: &str = "select count(*) from position";

/// Always the first member that is there.
struct FirstMember;

#[async_trait]
impl SharedSubscription for FirstMember {
    fn is_supported(&self) -> bool {
        true
    }

    async fn choice(
        &self,
        _: &ServerContext,
        _: &SharedGroup,
        _: &Id,
        _: &TopicName,
        members: &[(
            NodeId,
            ClientId,
            SubscriptionOptions,
            Option<Vec<SubscriptionIdentifier>>,
            Option<IsOnline>,
        )],
    ) -> Option<(usize, IsOnline)> {
        (!members.is_empty()).then_some((0, true))
    }
}

/// An MQTT 5 broker that knows nothing of us.
async fn foreign_broker() -> SocketAddr {
    let context = ServerContext::new().busy_check_enable(false).build().await;
    *context.extends.shared_subscription_mut().await = Box::new(FirstMember);
    let listener = Builder::new()
        .name("foreign")
        .laddr(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .bind()
        .and_then(Listener::tcp)
        .unwrap();
    let address = listener.local_addr().unwrap();
    MqttServer::new(context).listener_by_id(listener, 1).build().start();
    address
}

async fn start(database: &Database, broker: SocketAddr, outage_limit: Duration) -> Tracker {
    let url = format!("mqtt://{broker}");
    let broker = BrokerConfig::External { url, client_id: "onemap-ingest-test".to_owned() };
    let config =
        TrackerConfig { outage_limit, ..TrackerConfig::new(broker, Arc::new(KeyRing::default())) };
    Tracker::start(database.store.clone(), config).await.unwrap()
}

async fn stored_within_20_s(database: &Database, count: i64) -> bool {
    for _ in 0..200 {
        if database.count(STORED).await == count {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

/// Publishes until the consumer's subscription is in place, which only shows in what it stores.
async fn first_stored(database: &Database, terminal: &mut Terminal) {
    for _ in 0..100 {
        terminal.deliver(position(1_000, 105.0).to_string()).await;
        if stored_soon(database).await {
            return;
        }
    }
    panic!("the consumer stores nothing");
}

async fn stored_soon(database: &Database) -> bool {
    tokio::time::sleep(Duration::from_millis(200)).await;
    database.count(STORED).await > 0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_foreign_broker_hands_over_is_stored() {
    let database = Database::create().await;
    database.register(1).await;
    let broker = foreign_broker().await;
    let tracker = start(&database, broker, Duration::from_mins(1)).await;
    let mut terminal = Terminal::connect(broker, "T1").await;
    first_stored(&database, &mut terminal).await;
    let before = database.count(STORED).await;
    for number in 0..50 {
        terminal.deliver(position(500 - number, 105.0).to_string()).await;
    }
    assert!(stored_within_20_s(&database, before + 50).await);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_stored_is_handed_over_again() {
    let database = Database::create().await;
    database.register(1).await;
    let broker = foreign_broker().await;
    let tracker = start(&database, broker, Duration::from_millis(300)).await;
    let mut terminal = Terminal::connect(broker, "T1").await;
    first_stored(&database, &mut terminal).await;
    let before = database.count(STORED).await;

    let mut owner = database.connect().await;
    owner.execute("alter table position rename to position_away").await.unwrap();
    for number in 0..5 {
        terminal.deliver(position(500 - number, 105.0).to_string()).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(tracker.counters().refused > 0);
    owner.execute("alter table position_away rename to position").await.unwrap();
    assert!(stored_within_20_s(&database, before + 5).await, "{}", database.count(STORED).await);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_we_were_away_is_stored_on_return() {
    let database = Database::create().await;
    database.register(1).await;
    let broker = foreign_broker().await;
    let tracker = start(&database, broker, Duration::from_mins(1)).await;
    let mut terminal = Terminal::connect(broker, "T1").await;
    first_stored(&database, &mut terminal).await;
    let before = database.count(STORED).await;
    tracker.shutdown().await;
    for number in 0..5 {
        terminal.deliver(position(500 - number, 105.0).to_string()).await;
    }
    let tracker = start(&database, broker, Duration::from_mins(1)).await;
    assert!(stored_within_20_s(&database, before + 5).await, "{}", database.count(STORED).await);
    tracker.shutdown().await;
}
