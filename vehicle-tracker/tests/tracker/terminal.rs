//! A terminal: a real MQTT client that knows what has been acknowledged.

use std::net::SocketAddr;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Outgoing,
    Packet, QoS,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::door::secret_of;

pub(crate) struct Terminal {
    client: AsyncClient,
    events: EventLoop,
    topic: String,
    name: String,
}

impl Terminal {
    /// Connects as a terminal and waits for the broker's answer. Told to come later, as while a session of the same name
    /// is being ended, it does.
    pub(crate) async fn connect(broker: SocketAddr, terminal: &str) -> Self {
        let mut options =
            MqttOptions::new(format!("client-{terminal}"), broker.ip().to_string(), broker.port());
        options.set_credentials(terminal, secret_of(terminal));
        options.set_keep_alive(Duration::from_mins(1)).set_max_packet_size(1 << 20, 1 << 20);
        let (client, mut events) = AsyncClient::new(options, 100);
        let mut tries = 0;
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => break,
                Err(ConnectionError::ConnectionRefused(ConnectReturnCode::ServiceUnavailable))
                    if tries < 20 =>
                {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                other => drop(other.unwrap()),
            }
        }
        let (topic, name) = (format!("onemap/v1/{terminal}/position"), terminal.to_owned());
        Self { client, events, topic, name }
    }

    /// Publishes and waits until it has left, not until it is acknowledged.
    pub(crate) async fn send(&mut self, payload: impl Into<Vec<u8>>) {
        self.client.publish(&self.topic, QoS::AtLeastOnce, false, payload).await.unwrap();
        while !matches!(self.events.poll().await.unwrap(), Event::Outgoing(Outgoing::Publish(_))) {}
    }

    /// Whether the next acknowledgement comes within the time.
    pub(crate) async fn is_acknowledged_within(&mut self, limit: Duration) -> bool {
        tokio::time::timeout(limit, async {
            loop {
                match self.events.poll().await {
                    Ok(Event::Incoming(Packet::PubAck(_))) => return true,
                    Ok(_) => {}
                    Err(_) => return false,
                }
            }
        })
        .await
        .unwrap_or(false)
    }

    /// Whether the broker ends the connection within the time, with no acknowledgement before.
    pub(crate) async fn is_cut_off_within(&mut self, limit: Duration) -> bool {
        tokio::time::timeout(limit, async {
            loop {
                match self.events.poll().await {
                    Ok(Event::Incoming(Packet::PubAck(_))) => return false,
                    Ok(_) => {}
                    Err(_) => return true,
                }
            }
        })
        .await
        .unwrap_or(false)
    }

    /// Asks to be told commands.
    pub(crate) async fn listen(&mut self) {
        self.listen_to(&self.name.clone(), "command").await;
    }

    /// Asks to be told what a terminal is told on a channel.
    pub(crate) async fn listen_to(&mut self, terminal: &str, channel: &str) {
        let topic = format!("onemap/v1/{terminal}/{channel}");
        self.client.subscribe(topic, QoS::AtLeastOnce).await.unwrap();
        while !matches!(self.events.poll().await.unwrap(), Event::Incoming(Packet::SubAck(_))) {}
    }

    /// The next thing told within the time.
    pub(crate) async fn hears_within(&mut self, limit: Duration) -> Option<Value> {
        let heard = async {
            loop {
                if let Event::Incoming(Packet::Publish(told)) = self.events.poll().await.unwrap() {
                    return serde_json::from_slice(&told.payload).unwrap();
                }
            }
        };
        tokio::time::timeout(limit, heard).await.ok()
    }

    /// Says what became of a command, and waits for the acknowledgement.
    pub(crate) async fn reports(&mut self, answer: &Value) {
        let topic = format!("onemap/v1/{}/command/ack", self.name);
        self.client.publish(topic, QoS::AtLeastOnce, false, answer.to_string()).await.unwrap();
        assert!(self.is_acknowledged_within(Duration::from_secs(20)).await, "no acknowledgement");
    }

    /// Publishes and waits for the acknowledgement.
    pub(crate) async fn deliver(&mut self, payload: impl Into<Vec<u8>>) {
        self.send(payload).await;
        assert!(self.is_acknowledged_within(Duration::from_secs(20)).await, "no acknowledgement");
    }
}

/// A position some seconds ago.
pub(crate) fn position(age_s: i64, lon: f64) -> Value {
    let t = OffsetDateTime::now_utc() - time::Duration::seconds(age_s);
    json!({"t": i64::try_from(t.unix_timestamp_nanos() / 1_000_000).unwrap(), "lon": lon, "lat": 36.5, "speed_kmh": 42, "heading": 90})
}
