#![doc = include_str!("../README.md")]

mod batch;
mod broker;
mod counters;
mod decode;
mod error;
mod fix;
mod hub;
mod journal;
pub mod jt808;
mod live;
mod message;
#[cfg(test)]
mod noise;
mod pipeline;
mod publisher;
mod reason;
pub mod replay;
pub mod simulate;
mod stage;
mod topic;
mod tracker;
pub mod vehicles;

pub use broker::{BrokerUrl, Claim, Door, Guest};
pub use counters::CounterSnapshot;
pub use decode::{DECODERS, Decoder, Item, Reading};
pub use error::{Result, TrackerError};
pub use fix::Fix;
pub use hub::{ClientFeed, Hub, Update, View};
pub use live::{Counts, Live, LivePosition, LiveVehicle, Status, VehicleInfo};
pub use pipeline::{STAGES, Stage};
pub use reason::{Fault, Reason};
pub use topic::{Channel, TerminalId, Topic};
pub use tracker::{BrokerConfig, BrokerTls, Tracker, TrackerConfig};
