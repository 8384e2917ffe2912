//! How terminals behind somebody else's broker hear what is committed: `onemap/v1/{terminal}/ack`.
//!
//! By a connection of its own, opened when the first terminal counts: what is told must not hold up what we acknowledge
//! to the broker. The session persists, so that what was on its way when the connection broke is sent again.

use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, ConnectionError, EventLoop, MqttOptions};
use tokio_util::task::AbortOnDropHandle;

use super::ranges::Told;
use crate::topic::{Channel, Topic};

/// What may wait for the connection; more waits for the next second.
const QUEUE: usize = 16_384;
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);
/// How long the last words may take.
const FINISH_LIMIT: Duration = Duration::from_secs(5);

/// Silent until something is told.
pub(super) struct Voice {
    options: MqttOptions,
    open: Option<Open>,
}

struct Open {
    client: AsyncClient,
    polling: AbortOnDropHandle<()>,
}

impl Voice {
    pub(super) fn new(options: MqttOptions) -> Self {
        Self { options, open: None }
    }

    /// `false` when there is no room for it now.
    pub(super) fn tell(&mut self, told: &Told) -> bool {
        let open = self.open.get_or_insert_with(|| Open::new(self.options.clone()));
        let Ok(payload) = serde_json::to_vec(told) else { return false };
        let topic = Topic::of(told.terminal.clone(), Channel::Ack).to_string();
        open.client.try_publish(topic, QoS::AtLeastOnce, false, payload).is_ok()
    }

    /// Says what waits, and ends.
    pub(super) async fn end(self) {
        let Some(Open { client, polling }) = self.open else { return };
        let said = async {
            let _ = client.disconnect().await;
            let _ = polling.await;
        };
        if tokio::time::timeout(FINISH_LIMIT, said).await.is_err() {
            tracing::warn!("left terminals untold of what is committed; they will send it again");
        }
    }
}

impl Open {
    fn new(options: MqttOptions) -> Self {
        let (client, events) = AsyncClient::new(options, QUEUE);
        Self { client, polling: AbortOnDropHandle::new(tokio::spawn(poll(events))) }
    }
}

async fn poll(mut events: EventLoop) {
    let mut is_lost = false;
    loop {
        match events.poll().await {
            Ok(event) => {
                is_lost = false;
                if matches!(event, rumqttc::v5::Event::Outgoing(rumqttc::Outgoing::Disconnect)) {
                    return;
                }
            }
            Err(ConnectionError::RequestsDone) => return,
            Err(error) => {
                if !std::mem::replace(&mut is_lost, true) {
                    tracing::warn!(%error, "terminals are not told what is committed, connecting again");
                }
                tokio::time::sleep(RECONNECT_PAUSE).await;
            }
        }
    }
}
