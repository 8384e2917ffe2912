//! Repair tickets 报修: something in a room or building is broken, somebody is told to mend it, and
//! says when it is done.

mod definition;
mod demo;
mod logic;

pub(crate) use definition::DEFINITION;
pub use demo::seed_demo;
