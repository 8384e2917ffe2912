//! A consumer of somebody else's broker: MQTT 5, one persistent session, shared subscription.
//!
//! That broker acknowledges to the terminal by itself; we acknowledge to it after the commit, in
//! the order of receipt, and only on the connection that delivered the message. One task polls and
//! never waits for the database; another waits and acknowledges, and tells terminals that count what is committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::intake::Kept;
use super::ranges::Ranges;
use super::voice::Voice;
use super::{BrokerUrl, Intake, PACKET_LIMIT_BYTES};
use crate::command::Way;
use crate::error::{Result, TrackerError};
use crate::message::Message;
use crate::topic::{Channel, FILTERS, TerminalId, Topic};

/// Messages the broker may have sent without our acknowledgement.
const WINDOW: u16 = 2_000;
/// Messages that wait for their commit. Far more than the window: mosquitto 2.0 sends a backlog beyond it after
/// a reconnection. What finds no room is asked for once the rest is acknowledged: to ask at once makes it send all of that
/// again, for ever.
const QUEUE: usize = 128 * 1_024;
/// How long the broker keeps our place while we are away.
const SESSION_S: u32 = 7 * 86_400;
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);
/// How often a terminal is told what is committed, unless a gap closes.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// How long a shutdown waits for commits that are under way.
const FINISH_LIMIT: Duration = Duration::from_secs(10);

/// A running consumer; `shutdown` ends it.
pub(crate) struct ExternalBroker {
    closing: CancellationToken,
    polling: JoinHandle<()>,
    acknowledging: JoinHandle<()>,
    session: Arc<Session>,
}

struct Received {
    generation: u64,
    publish: Publish,
}

/// Shared by both tasks.
struct Session {
    client: AsyncClient,
    /// Counts connections: an acknowledgement never crosses from one to the next.
    generation: AtomicU64,
    /// Asks for a new connection, on which the broker sends again what we could not store.
    reconnect: Notify,
    closing: CancellationToken,
}

impl ExternalBroker {
    /// Connects in the background and keeps trying; `client_id` must stay the same over restarts.
    pub(crate) fn start(url: &str, client_id: &str, intake: Intake) -> Result<Self> {
        let url: BrokerUrl = url.parse()?;
        if client_id.is_empty() {
            let reason = "a persistent session needs a client id".to_owned();
            return Err(TrackerError::BrokerUrl { url: url.to_string(), reason });
        }
        let (client, events) = AsyncClient::new(options(&url, client_id), usize::from(WINDOW) * 2);
        let closing = CancellationToken::new();
        let session = Arc::new(Session {
            client,
            generation: AtomicU64::new(0),
            reconnect: Notify::new(),
            closing: closing.clone(),
        });
        let (queue, received) = mpsc::channel(QUEUE);
        let polling = tokio::spawn(poll(events, Arc::clone(&session), queue));
        let voice = Voice::new(options(&url, &format!("{client_id}-ack")));
        let acknowledging =
            tokio::spawn(acknowledge(received, Arc::clone(&session), intake, voice));
        Ok(Self { closing, polling, acknowledging, session })
    }

    /// How terminals are told something.
    pub(crate) fn way(&self) -> Box<dyn Way> {
        Box::new(ToBroker(Arc::clone(&self.session)))
    }

    /// Stops reading, acknowledges what gets committed meanwhile, and disconnects.
    pub(crate) async fn shutdown(self) {
        self.closing.cancel();
        let both = async { tokio::join!(self.acknowledging, self.polling) };
        if tokio::time::timeout(FINISH_LIMIT, both).await.is_err() {
            tracing::warn!("left the broker with messages unacknowledged; it will send them again");
        }
    }
}

/// To a broker that knows who listens, and does not tell.
struct ToBroker(Arc<Session>);

#[async_trait]
impl Way for ToBroker {
    async fn reaches(&self, _terminal: &TerminalId) -> bool {
        !self.0.closing.is_cancelled()
    }

    async fn publish(&self, terminal: &TerminalId, payload: Vec<u8>) -> bool {
        let topic = Topic::of(terminal.clone(), Channel::Command).to_string();
        self.0.client.try_publish(topic, QoS::AtLeastOnce, false, payload).is_ok()
    }
}

fn options(url: &BrokerUrl, client_id: &str) -> MqttOptions {
    let mut options = MqttOptions::new(client_id, url.host.as_str(), url.port);
    options
        .set_manual_acks(true)
        .set_clean_start(false)
        .set_keep_alive(KEEP_ALIVE)
        .set_connection_timeout(5)
        .set_session_expiry_interval(Some(SESSION_S))
        .set_receive_maximum(Some(WINDOW))
        .set_max_packet_size(Some(PACKET_LIMIT_BYTES));
    if let Some((user, password)) = &url.credentials {
        options.set_credentials(user.as_str(), password.as_str());
    }
    options
}

async fn poll(mut events: EventLoop, session: Arc<Session>, queue: mpsc::Sender<Received>) {
    let mut queue = Some(queue);
    let mut is_connected = false;
    // Messages found no room; the broker still has them.
    let mut is_behind = false;
    loop {
        if is_behind && queue.as_ref().is_none_or(|queue| queue.capacity() == QUEUE) {
            is_behind = false;
            session.reconnect.notify_one();
        }
        let polled = tokio::select! {
            polled = events.poll() => polled,
            () = session.reconnect.notified() => {
                session.generation.fetch_add(1, Ordering::SeqCst);
                events.clean();
                tokio::time::sleep(RECONNECT_PAUSE).await;
                continue;
            }
            () = session.closing.cancelled(), if queue.is_some() => {
                // The other task finishes what it holds and then disconnects, which ends this one.
                queue = None;
                continue;
            }
        };
        match polled {
            Ok(Event::Incoming(Packet::ConnAck(ack))) => {
                (is_connected, is_behind) = (true, false);
                session.generation.fetch_add(1, Ordering::SeqCst);
                tracing::info!(session_present = ack.session_present, "connected to the broker");
                // Also to what an earlier edition of this program did not ask for.
                subscribe(&session.client);
            }
            Ok(Event::Incoming(Packet::SubAck(ack))) => {
                if ack.return_codes.iter().any(|c| !matches!(c, SubscribeReasonCode::Success(_))) {
                    let codes = &ack.return_codes;
                    tracing::error!(?codes, "the broker refused the subscription to positions");
                }
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => {
                let generation = session.generation.load(Ordering::SeqCst);
                if let Some(queue) = &queue
                    && queue.try_send(Received { generation, publish }).is_err()
                    && !std::mem::replace(&mut is_behind, true)
                {
                    tracing::warn!("the broker sent more than there is room for");
                }
            }
            Ok(_) => {}
            Err(_) if queue.is_none() => return,
            Err(ConnectionError::RequestsDone) => return,
            Err(error) => {
                session.generation.fetch_add(1, Ordering::SeqCst);
                if is_connected {
                    tracing::warn!(%error, "lost the broker, connecting again");
                    is_connected = false;
                }
                tokio::time::sleep(RECONNECT_PAUSE).await;
            }
        }
    }
}

fn subscribe(client: &AsyncClient) {
    for filter in FILTERS {
        let filter = format!("$share/onemap/{filter}");
        if let Err(error) = client.try_subscribe(filter, QoS::AtLeastOnce) {
            tracing::error!(%error, "could not ask for positions");
        }
    }
}

async fn acknowledge(
    mut received: mpsc::Receiver<Received>,
    session: Arc<Session>,
    intake: Intake,
    mut voice: Voice,
) {
    let mut pending = FuturesOrdered::new();
    let mut ranges = Ranges::default();
    let mut seconds = interval(TELL_EVERY);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_open = true;
    while is_open || !pending.is_empty() {
        tokio::select! {
            next = received.recv(), if is_open && pending.len() < usize::from(WINDOW) => match next {
                Some(next) => pending.push_back(store(&intake, next)),
                None => is_open = false,
            },
            Some((received, stored)) = pending.next() => match stored {
                Ok(Kept { terminal, marks }) => {
                    // Delivered on a connection that is gone, the broker sends it again, for free.
                    let is_current = received.generation == session.generation.load(Ordering::SeqCst);
                    if is_current && let Err(error) = session.client.ack(&received.publish).await {
                        tracing::warn!(%error, "could not acknowledge");
                    }
                    if let Some(terminal) = terminal {
                        ranges.committed(&terminal, marks, |told| voice.tell(told));
                    }
                }
                Err(_) => session.reconnect.notify_one(),
            },
            _ = seconds.tick() => ranges.due(|told| voice.tell(told)),
        }
    }
    ranges.due(|told| voice.tell(told));
    voice.end().await;
    // Without a connection there is nothing to take leave of.
    let _ = session.client.try_disconnect();
}

async fn store(intake: &Intake, received: Received) -> (Received, Result<Kept>) {
    let topic = String::from_utf8_lossy(&received.publish.topic).into_owned();
    let message = Message::now(topic, received.publish.payload.clone());
    let stored = intake.take(message).await.unwrap_or(Ok(Kept::default()));
    (received, stored)
}
