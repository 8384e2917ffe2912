//! The broker inside: `rmqtt` as a library.
//!
//! Positions are taken in the hook that decides whether a publish is allowed, because that is the
//! one hook which the broker awaits before it acknowledges and which can say no: an error there ends
//! the connection without a PUBACK, so the terminal sends again.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rmqtt::codec::types::{Publish as CodecPublish, QoS};
use rmqtt::codec::v5::SubscribeAckReason;
use rmqtt::context::ServerContext;
use rmqtt::hook::{Handler, HookResult, Parameter, Register, ReturnType, Type};
use rmqtt::net::Builder;
use rmqtt::server::MqttServer;
use rmqtt::types::{AuthResult, From, Id, PublishAclResult, SubscribeAclResult};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Claim, Door, Intake, PACKET_LIMIT_BYTES};
use crate::command::Way;
use crate::error::{Result, TrackerError};
use crate::message::Message;
use crate::topic::{Channel, TerminalId, Topic};
use crate::tracker::BrokerTls;

const NAME: &str = "onemap";
/// Above every other handler: nothing may allow a publish before it is stored.
const PRIORITY: u32 = u32::MAX;
/// Unacknowledged packets of one client; the rest waits in its socket.
const CLIENT_WINDOW: NonZeroU16 = NonZeroU16::new(256).expect("256 is not zero");

/// A running broker; `shutdown` stops it.
pub(crate) struct EmbeddedBroker {
    address: SocketAddr,
    closing: CancellationToken,
    hooks: Box<dyn Register>,
    accepting: JoinHandle<()>,
    context: ServerContext,
    door: Arc<dyn Door>,
}

impl EmbeddedBroker {
    /// Opens the port and stores what terminals publish.
    pub(crate) async fn start(
        listen: SocketAddr,
        tls: Option<BrokerTls>,
        door: Arc<dyn Door>,
        intake: Intake,
    ) -> Result<Self> {
        let refused = |address: SocketAddr| {
            move |source: rmqtt::Error| TrackerError::Listen { address, source: source.into() }
        };
        // Busy checks look at the load of the whole machine and would turn terminals away.
        let context = ServerContext::new().busy_check_enable(false).build().await;
        let closing = CancellationToken::new();
        let hooks = context.extends.hook_mgr().register();
        let hook = StoreFirst { intake, closing: closing.clone(), door: Arc::clone(&door) };
        hooks.add_priority(Type::MessagePublishCheckAcl, PRIORITY, Box::new(hook)).await;
        for kind in [Type::ClientAuthenticate, Type::ClientSubscribeCheckAcl] {
            let keeper = DoorKeeper { door: Arc::clone(&door) };
            hooks.add_priority(kind, PRIORITY, Box::new(keeper)).await;
        }
        hooks.start().await;
        let at = |address: SocketAddr| {
            Builder::new()
                .name(NAME)
                .laddr(address)
                .reuseaddr(Some(true))
                .nodelay(true)
                .allow_anonymous(false)
                .max_packet_size(PACKET_LIMIT_BYTES)
                .max_inflight(CLIENT_WINDOW)
                .send_timeout(Duration::from_secs(10))
        };
        let listener =
            at(listen).bind().and_then(rmqtt::net::Listener::tcp).map_err(refused(listen))?;
        let address = listener.local_addr().map_err(refused(listen))?;
        let mut server = MqttServer::new(context.clone()).listener_by_id(listener, 1);
        if let Some(BrokerTls { listen, cert, key }) = tls {
            let by_tls = at(listen)
                .tls_cert(Some(cert.to_string_lossy()))
                .tls_key(Some(key.to_string_lossy()))
                .bind()
                .and_then(rmqtt::net::Listener::tls)
                .map_err(refused(listen))?;
            let address = by_tls.local_addr().map_err(refused(listen))?;
            tracing::info!(%address, "listening for terminals over MQTT with TLS");
            server = server.listener_by_id(by_tls, 2);
        }
        let server = server.build();
        let accepting = tokio::spawn(async move {
            if let Err(error) = server.run().await {
                tracing::error!(%error, "the embedded broker stopped");
            }
        });
        tracing::info!(%address, "listening for terminals over MQTT");
        Ok(Self { address, closing, hooks, accepting, context, door })
    }

    /// Where terminals connect.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How terminals are told something.
    pub(crate) fn way(&self) -> Box<dyn Way> {
        let (context, door) = (self.context.clone(), Arc::clone(&self.door));
        Box::new(ToSubscribers { context, door })
    }

    /// Stops accepting and stops storing; what has been handed to the journal is still answered.
    pub(crate) async fn shutdown(self) {
        self.closing.cancel();
        self.accepting.abort();
        // The handle of an aborted task says no more than that.
        let _ = self.accepting.await;
        drop(self.hooks);
    }
}

/// Answers after the commit.
struct StoreFirst {
    intake: Intake,
    door: Arc<dyn Door>,
    closing: CancellationToken,
}

#[async_trait]
impl Handler for StoreFirst {
    async fn hook(&self, parameter: &Parameter, decided: Option<HookResult>) -> ReturnType {
        let Parameter::MessagePublishCheckAcl(session, publish) = parameter else {
            return (true, decided);
        };
        if self.closing.is_cancelled() {
            return refuse();
        }
        let name = session.username().map(AsRef::as_ref);
        let may = self.door.guest(name).is_some_and(|guest| guest.may_publish(&publish.topic));
        if !may {
            tracing::warn!(name, topic = %publish.topic, "refused: not their topic");
            return refuse();
        }
        let message = Message::now(publish.topic.to_string(), publish.payload.clone());
        match self.intake.take(message).await {
            None | Some(Ok(_)) => (true, decided),
            Some(Err(_)) => refuse(),
        }
    }
}

/// To whoever has subscribed to a terminal's commands, for as long as it may come in.
struct ToSubscribers {
    context: ServerContext,
    door: Arc<dyn Door>,
}

#[async_trait]
impl Way for ToSubscribers {
    async fn reaches(&self, terminal: &TerminalId) -> bool {
        if self.door.guest(Some(terminal.as_str())).is_none() {
            return false;
        }
        let topic = Topic::of(terminal.clone(), Channel::Command).to_string();
        let routes = self.context.extends.router().await.get(&topic).await;
        routes.is_ok_and(|routes| !routes.is_empty())
    }

    async fn publish(&self, terminal: &TerminalId, payload: Vec<u8>) -> bool {
        let publish = CodecPublish {
            dup: false,
            retain: false,
            qos: QoS::AtLeastOnce,
            topic: Topic::of(terminal.clone(), Channel::Command).to_string().into(),
            packet_id: None,
            payload: payload.into(),
            properties: None,
        };
        let id = Id::new(self.context.node.id(), 0, None, None, NAME.into(), None);
        let shared = self.context.extends.shared().await;
        let told = shared.forwards(None, From::from_system(id), publish.into()).await;
        told.unwrap_or_else(|(count, _)| count) > 0
    }
}

/// Lets terminals in, and to what is sent to them.
struct DoorKeeper {
    door: Arc<dyn Door>,
}

#[async_trait]
impl Handler for DoorKeeper {
    async fn hook(&self, parameter: &Parameter, decided: Option<HookResult>) -> ReturnType {
        match parameter {
            Parameter::ClientAuthenticate(connect) => {
                let claim = Claim {
                    client_id: connect.client_id(),
                    name: connect.username().map(AsRef::as_ref),
                    secret: connect.password().map(AsRef::as_ref),
                };
                let verdict = if self.door.admit(&claim) {
                    AuthResult::Allow(false, None)
                } else {
                    tracing::warn!(
                        client_id = claim.client_id,
                        name = claim.name,
                        "refused: no such credential"
                    );
                    AuthResult::BadUsernameOrPassword
                };
                (false, Some(HookResult::AuthResult(verdict)))
            }
            Parameter::ClientSubscribeCheckAcl(session, subscribe) => {
                let name = session.username().map(AsRef::as_ref);
                let may = self
                    .door
                    .guest(name)
                    .is_some_and(|guest| guest.may_subscribe(&subscribe.topic_filter));
                if may {
                    return (true, decided);
                }
                tracing::warn!(name, filter = %subscribe.topic_filter, "refused: not theirs to hear");
                let refused = SubscribeAclResult::new_failure(SubscribeAckReason::NotAuthorized);
                (false, Some(HookResult::SubscribeAclResult(refused)))
            }
            _ => (true, decided),
        }
    }
}

/// Ends the connection without an acknowledgement.
fn refuse() -> ReturnType {
    (false, Some(HookResult::PublishAclResult(PublishAclResult::rejected(true, None))))
}
