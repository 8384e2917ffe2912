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
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _};
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

/// A position that its terminal counts since a start; each lies a second after the one before.
fn counted(boot: &str, serial: i64) -> Value {
    let mut told = position(1_000 - serial, 105.0);
    (told["boot"], told["serial"]) = (boot.into(), serial.into());
    told
}

/// Listens until a range ends with this number; what is told before ends earlier, and begins with the same number.
async fn heard_up_to(ear: &mut Terminal, boot: &str, (from, to): (i64, i64)) {
    loop {
        let told = ear.hears_within(Duration::from_secs(10)).await.expect("a range is told");
        assert_eq!((&told["boot"], &told["from"]), (&json!(boot), &json!(from)), "{told}");
        let last = told["to"].as_i64().unwrap();
        assert!(last <= to, "{told}");
        if last == to {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_behind_a_foreign_broker_hears_which_of_its_numbers_are_committed() {
    let database = Database::create().await;
    database.register(1).await;
    let broker = foreign_broker().await;
    let tracker = start(&database, broker, Duration::from_mins(1)).await;
    let mut terminal = Terminal::connect(broker, "T1").await;
    let mut ear = Terminal::connect(broker, "ear").await;
    ear.listen_to("T1", "ack").await;
    first_stored(&database, &mut terminal).await;
    assert_eq!(ear.hears_within(Duration::from_millis(1_500)).await, None, "it does not count");

    for serial in 4..=6 {
        terminal.deliver(counted("a", serial).to_string()).await;
    }
    heard_up_to(&mut ear, "a", (4, 6)).await;
    terminal.deliver(json!([counted("a", 9), counted("a", 8)]).to_string()).await;
    heard_up_to(&mut ear, "a", (8, 9)).await;
    // What is kept as a rejection is on file too, and closes the gap.
    let mut refused = counted("a", 7);
    refused["lon"] = 200.into();
    terminal.deliver(refused.to_string()).await;
    let told = ear.hears_within(Duration::from_secs(10)).await;
    assert_eq!(told, Some(json!({"boot": "a", "from": 4, "to": 9})));
    assert_eq!(ear.hears_within(Duration::from_millis(1_500)).await, None, "all is told");

    // Sent again because it did not hear; then it starts anew.
    terminal.deliver(counted("a", 5).to_string()).await;
    heard_up_to(&mut ear, "a", (4, 9)).await;
    terminal.deliver(counted("b", 1).to_string()).await;
    heard_up_to(&mut ear, "b", (1, 1)).await;

    nothing_is_told_before_its_commit(&database, &mut terminal, &mut ear).await;

    tracker.shutdown().await;
    let tracker = start(&database, broker, Duration::from_mins(1)).await;
    terminal.deliver(counted("b", 3).to_string()).await;
    heard_up_to(&mut ear, "b", (3, 3)).await;
    let mut late = Terminal::connect(broker, "late").await;
    late.listen_to("T1", "ack").await;
    assert_eq!(late.hears_within(Duration::from_millis(500)).await, None, "nothing is retained");
    tracker.shutdown().await;
}

/// Of start `b` 1 is told already; 2 waits for the database.
async fn nothing_is_told_before_its_commit(
    database: &Database,
    terminal: &mut Terminal,
    ear: &mut Terminal,
) {
    let mut blocker = database.connect().await;
    let mut held = blocker.begin().await.unwrap();
    held.execute("lock table position_batch in exclusive mode").await.unwrap();
    terminal.deliver(counted("b", 2).to_string()).await;
    assert_eq!(ear.hears_within(Duration::from_secs(2)).await, None, "it is not committed");
    held.rollback().await.unwrap();
    heard_up_to(ear, "b", (1, 2)).await;
}
