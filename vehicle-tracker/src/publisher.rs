//! A terminal's side of QoS 1: what has been handed over is published again on every new connection
//! until it is acknowledged.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rumqttc::{AsyncClient, Event, MqttOptions, Outgoing, Packet, QoS};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::broker::{BrokerUrl, PACKET_LIMIT_BYTES};
use crate::error::{Result, TrackerError};

const KEEP_ALIVE: Duration = Duration::from_secs(30);
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);

/// One publish.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    /// How many positions it holds.
    pub(crate) positions: usize,
    /// Where its sender has it in the books, if it keeps any.
    pub(crate) receipt: Receipt,
}

/// A terminal, and a message in its ledger.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Receipt {
    pub(crate) terminal: usize,
    pub(crate) page: usize,
}

/// A connection's identity and limits.
#[derive(Debug, Clone)]
pub(crate) struct Publisher {
    pub(crate) broker: BrokerUrl,
    pub(crate) client_id: String,
    /// Publishes without an acknowledgement at any time.
    pub(crate) window: u16,
    /// How long to go on without a connection.
    pub(crate) patience: Duration,
}

struct Unacknowledged {
    delivery: Delivery,
    /// Given by the client when the packet leaves.
    packet_id: Option<u16>,
}

enum Ended {
    /// Everything handed over has been acknowledged, and nothing more will come.
    Done,
    Lost(String),
}

impl Publisher {
    /// Publishes until the source is closed and everything from it is acknowledged.
    pub(crate) async fn run(
        self,
        mut source: mpsc::Receiver<Delivery>,
        mut acknowledged: impl FnMut(&Delivery),
    ) -> Result<()> {
        let mut waiting = VecDeque::new();
        let mut alive_at = Instant::now();
        loop {
            let connection =
                self.connection(&mut source, &mut waiting, &mut acknowledged, &mut alive_at);
            match connection.await {
                Ended::Done => return Ok(()),
                Ended::Lost(last) if alive_at.elapsed() >= self.patience => {
                    let waited_s = alive_at.elapsed().as_secs();
                    return Err(TrackerError::Publish {
                        broker: self.broker.to_string(),
                        waited_s,
                        last,
                    });
                }
                Ended::Lost(last) => {
                    tracing::debug!(
                        client = self.client_id,
                        last,
                        "connecting to the broker again"
                    );
                    tokio::time::sleep(RECONNECT_PAUSE).await;
                }
            }
        }
    }

    /// One connection, from CONNECT to its loss or the end of the work.
    async fn connection(
        &self,
        source: &mut mpsc::Receiver<Delivery>,
        waiting: &mut VecDeque<Unacknowledged>,
        acknowledged: &mut impl FnMut(&Delivery),
        alive_at: &mut Instant,
    ) -> Ended {
        let window = usize::from(self.window);
        let (client, mut polled) = AsyncClient::new(self.options(), window + 8);
        let (told, mut events) = mpsc::unbounded_channel();
        // Polled in a task of its own: a poll dropped half way could lose what it was writing.
        let _polling = AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let event = polled.poll().await;
                let is_over = event.is_err();
                if told.send(event).is_err() || is_over {
                    return;
                }
            }
        }));
        for unacknowledged in waiting.iter_mut() {
            unacknowledged.packet_id = None;
            if let Err(error) = hand_over(&client, &unacknowledged.delivery) {
                return Ended::Lost(error.to_string());
            }
        }
        loop {
            if waiting.is_empty() && source.is_closed() && source.is_empty() {
                // The connection may be gone already; nothing depends on the farewell.
                let _ = client.disconnect().await;
                while let Some(Ok(event)) = events.recv().await {
                    if matches!(event, Event::Outgoing(Outgoing::Disconnect)) {
                        break;
                    }
                }
                return Ended::Done;
            }
            tokio::select! {
                event = events.recv() => match event {
                    Some(Ok(Event::Outgoing(Outgoing::Publish(id)))) => {
                        if let Some(next) = waiting.iter_mut().find(|u| u.packet_id.is_none()) {
                            next.packet_id = Some(id);
                        }
                    }
                    Some(Ok(Event::Incoming(packet))) => {
                        *alive_at = Instant::now();
                        if let Packet::PubAck(ack) = packet
                            && let Some(place) = waiting.iter().position(|u| u.packet_id == Some(ack.pkid))
                            && let Some(done) = waiting.remove(place)
                        {
                            acknowledged(&done.delivery);
                        }
                    }
                    Some(Ok(Event::Outgoing(_))) => {}
                    Some(Err(error)) => return Ended::Lost(error.to_string()),
                    None => return Ended::Lost("the connection's task ended".to_owned()),
                },
                delivery = source.recv(), if waiting.len() < window && !is_drained(source) => {
                    let Some(delivery) = delivery else { continue };
                    let handed = hand_over(&client, &delivery);
                    waiting.push_back(Unacknowledged { delivery, packet_id: None });
                    if let Err(error) = handed {
                        return Ended::Lost(error.to_string());
                    }
                }
            }
        }
    }

    fn options(&self) -> MqttOptions {
        let mut options =
            MqttOptions::new(self.client_id.as_str(), self.broker.host.as_str(), self.broker.port);
        let limit = PACKET_LIMIT_BYTES as usize;
        options
            .set_keep_alive(KEEP_ALIVE)
            .set_max_packet_size(limit, limit)
            .set_inflight(self.window);
        if let Some((user, password)) = &self.broker.credentials {
            options.set_credentials(user.as_str(), password.as_str());
        }
        options
    }
}

fn is_drained(source: &mpsc::Receiver<Delivery>) -> bool {
    source.is_closed() && source.is_empty()
}

fn hand_over(client: &AsyncClient, delivery: &Delivery) -> Result<(), rumqttc::ClientError> {
    let Delivery { topic, payload, .. } = delivery;
    client.try_publish(topic.as_str(), QoS::AtLeastOnce, false, payload.clone())
}
