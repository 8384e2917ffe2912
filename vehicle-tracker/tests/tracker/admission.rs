//! Who is let in, and what under: the embedded broker's door from outside.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Packet, QoS,
    SubscribeReasonCode,
};

use crate::database::Database;
use crate::door::{KeyRing, secret_of};
use crate::terminal::position;
use crate::{start, start_behind};

const SECOND: Duration = Duration::from_secs(5);

fn client(broker: SocketAddr, credentials: Option<(&str, &str)>) -> (AsyncClient, EventLoop) {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let mut options = MqttOptions::new(id, broker.ip().to_string(), broker.port());
    if let Some((name, secret)) = credentials {
        options.set_credentials(name, secret);
    }
    AsyncClient::new(options, 10)
}

/// The broker's answer to a connection.
async fn answer(broker: SocketAddr, credentials: Option<(&str, &str)>) -> ConnectReturnCode {
    let (_client, mut events) = client(broker, credentials);
    match events.poll().await {
        Ok(Event::Incoming(Packet::ConnAck(ack))) => ack.code,
        Err(ConnectionError::ConnectionRefused(code)) => code,
        other => panic!("no answer to a connection: {other:?}"),
    }
}

/// Everything until the connection ends or a second has passed.
async fn events_of(mut events: EventLoop) -> (Vec<Packet>, bool) {
    let mut seen = Vec::new();
    let ended = tokio::time::timeout(SECOND, async {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(packet)) => {
                    let is_last = matches!(packet, Packet::PubAck(_) | Packet::SubAck(_));
                    seen.push(packet);
                    if is_last {
                        return false;
                    }
                }
                Ok(Event::Outgoing(_)) => {}
                Err(_) => return true,
            }
        }
    })
    .await;
    (seen, ended.unwrap_or(false))
}

#[tokio::test]
async fn only_the_right_secret_opens_the_door() {
    let database = Database::create().await;
    let tracker = start(&database).await;
    let broker = tracker.mqtt_address().unwrap();
    let right = secret_of("T1");
    assert_eq!(answer(broker, Some(("T1", &right))).await, ConnectReturnCode::Success);
    for wrong in [
        None,
        Some(("T1", "guessed")),
        Some(("T1", "")),
        Some(("T2", right.as_str())),
        Some(("stranger", "anything")),
    ] {
        let code = answer(broker, wrong).await;
        assert_ne!(code, ConnectReturnCode::Success, "{wrong:?}");
    }
    tracker.shutdown().await;
}

#[tokio::test]
async fn a_terminal_cannot_speak_for_another() {
    let database = Database::create().await;
    database.register(2).await;
    let tracker = start(&database).await;
    let broker = tracker.mqtt_address().unwrap();
    for topic in ["onemap/v1/T2/position", "somewhere/else"] {
        let (client, events) = client(broker, Some(("T1", &secret_of("T1"))));
        let body = position(5, 105.0).to_string();
        client.publish(topic, QoS::AtLeastOnce, false, body).await.unwrap();
        let (seen, is_cut_off) = events_of(events).await;
        assert!(is_cut_off, "{topic}: {seen:?}");
        assert!(!seen.iter().any(|p| matches!(p, Packet::PubAck(_))), "{topic}: {seen:?}");
    }
    let stored = "select count(*) from position";
    let rejected = "select count(*) from position_reject";
    assert_eq!((database.count(stored).await, database.count(rejected).await), (0, 0));
    tracker.shutdown().await;
}

#[tokio::test]
async fn a_terminal_hears_nothing_that_is_meant_for_another() {
    let database = Database::create().await;
    let tracker = start(&database).await;
    let broker = tracker.mqtt_address().unwrap();
    for (filter, is_heard) in [
        ("onemap/v1/T1/command", true),
        ("onemap/v1/T2/command", false),
        ("onemap/v1/+/position", false),
        ("#", false),
    ] {
        let (client, events) = client(broker, Some(("T1", &secret_of("T1"))));
        client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        let (seen, _) = events_of(events).await;
        let granted = seen.iter().any(|packet| match packet {
            Packet::SubAck(ack) => {
                ack.return_codes.iter().any(|c| matches!(c, SubscribeReasonCode::Success(_)))
            }
            _ => false,
        });
        assert_eq!(granted, is_heard, "{filter}: {seen:?}");
    }
    tracker.shutdown().await;
}

#[tokio::test]
async fn a_credential_taken_away_ends_the_connection_at_the_next_word() {
    let database = Database::create().await;
    database.register(1).await;
    let door = Arc::new(KeyRing::default());
    let tracker = start_behind(&database, Duration::from_mins(1), Arc::clone(&door)).await;
    let mut terminal = crate::terminal(&tracker, "T1").await;
    terminal.send(position(5, 105.0).to_string()).await;
    assert!(terminal.is_acknowledged_within(SECOND).await);
    door.revoke("T1");
    terminal.send(position(1, 105.1).to_string()).await;
    assert!(terminal.is_cut_off_within(SECOND).await);
    tracker.shutdown().await;
}
