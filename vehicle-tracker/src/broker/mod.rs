//! Where messages come from: our own broker, or somebody else's.

mod door;
mod embedded;
mod external;
mod intake;
mod ranges;
mod url;
mod voice;

pub use door::{Claim, Door, Guest, Registered};
pub(crate) use embedded::EmbeddedBroker;
pub(crate) use external::ExternalBroker;
pub(crate) use intake::Intake;
pub use url::BrokerUrl;

/// The largest packet that is read, from terminals and from brokers.
pub(crate) const PACKET_LIMIT_BYTES: u32 = 1 << 20;
