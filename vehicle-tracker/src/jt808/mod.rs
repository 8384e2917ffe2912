//! JT/T 808, the protocol of vehicle terminals: bytes to messages, replies and commands to bytes, and
//! every byte explained. Pure: nothing here reads a socket or a clock.
//!
//! Numbers are big-endian, text is GBK, times are BCD in GMT+8. The edition (2011, 2013, 2019) of a
//! header is told by its length and never by its version bit, because terminals set that bit wrongly.
//!
//! ```text
//!     bytes -> Splitter -> Frame (header, body) -> Message -> Location, Batch, Register, ...
//!     Command + layout of the terminal + serial -> Frame -> bytes
//! ```

mod answer;
mod authentication;
mod batch;
mod bits;
mod command;
mod cursor;
mod escape;
mod explain;
mod fault;
mod frame;
mod header;
mod hex;
mod item;
mod location;
mod message;
mod parts;
#[cfg(test)]
mod recorded;
mod register;
mod reply;
#[cfg(test)]
pub(crate) mod samples;
mod splitter;
mod text;
mod words;

pub use answer::{LocationReply, ParameterItem, Parameters, TerminalReply, TerminalResult};
pub use authentication::Authentication;
pub use batch::{Batch, BatchItem, BatchKind};
pub use bits::{Alarms, Load, Status};
pub use command::{Command, Outlet, Parameter, Text, TextKind};
pub use explain::{Explained, explain};
pub use fault::{BodyFault, BodyFaultKind, CommandFault, FrameFault, FrameFaultKind, ItemFault};
pub use frame::Frame;
pub use header::{Encryption, Header, Layout, Part};
pub use hex::{HexFault, HexFound, frames, from_hex};
pub use item::{Item, Value};
pub use location::Location;
pub use message::{Message, MessageId};
pub use parts::{Gap, Parts};
pub use register::{Edition, Register};
pub use reply::{GeneralResult, RegisterResult};
pub use splitter::{Cut, Splitter};
pub(crate) use text::hex;
pub use words::Words;
