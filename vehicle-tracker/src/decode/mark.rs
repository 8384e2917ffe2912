//! How a terminal counts what it sends.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A longer name of a start is none.
const MOST_BYTES: usize = 64;

/// A number that a terminal gave to an item since one of its starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Since which start.
    pub boot: Boot,
    /// Counts up by one from there.
    pub serial: i64,
}

/// What a terminal calls one of its starts: a whole number, or a text of at most 64 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Boot {
    /// A number.
    Number(i64),
    /// A text.
    Name(Box<str>),
}

impl Mark {
    /// The mark of an item of JSON, readable or not as a position; `None` where it has none that anybody could tell back.
    pub(super) fn of(item: &Value) -> Option<Self> {
        Some(Self { boot: Boot::of(item.get("boot")?)?, serial: item.get("serial")?.as_i64()? })
    }
}

impl Boot {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => number.as_i64().map(Self::Number),
            Value::String(name) if (1..=MOST_BYTES).contains(&name.len()) => {
                Some(Self::Name(name.as_str().into()))
            }
            _ => None,
        }
    }
}
