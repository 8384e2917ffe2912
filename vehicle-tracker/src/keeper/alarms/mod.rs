//! Alarms on file: what rules found, and what they take back.

mod queries;

pub(super) use queries::{withdraw, write};
