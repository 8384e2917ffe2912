#![doc = include_str!("../README.md")]

pub mod alarm;
pub mod archive;
mod batch;
mod broker;
pub mod command;
mod counters;
mod datum;
mod decode;
mod error;
pub mod fence;
mod fix;
mod gateway;
mod hub;
mod journal;
pub mod jt808;
mod keeper;
mod live;
mod message;
pub mod moving;
#[cfg(test)]
mod noise;
mod pipeline;
mod point;
mod publisher;
mod quality;
mod reason;
pub mod replay;
pub mod simulate;
mod stage;
mod step;
mod topic;
mod tracker;
pub mod trip;
pub mod vehicles;

pub use broker::{BrokerUrl, Claim, Door, Guest, Registered};
pub use counters::CounterSnapshot;
pub use datum::Datum;
pub use decode::{Boot, DECODERS, Decoder, Item, Mark, Reading, Told};
pub use error::{Result, TrackerError};
pub use fix::Fix;
pub use hub::{Cell, ClientFeed, Cluster, Clusters, Delta, Hub, Update, View};
pub use live::{
    About, Counts, Handle, Live, LivePosition, LiveVehicle, RegisterNews, Status, VehicleInfo,
};
pub use pipeline::{STAGES, Stage};
pub use point::Point;
pub use quality::Quality;
pub use reason::{Fault, Reason};
pub use step::StepTimes;
pub use topic::{Channel, TerminalId, Topic};
pub use tracker::{BrokerConfig, BrokerTls, Tracker, TrackerConfig};
