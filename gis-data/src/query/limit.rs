//! How much a filter may ask of those who read it. Counted while it is read, so that nothing large is ever built.

use super::error::FilterFault;

/// Of CQL2 text.
pub const MAX_TEXT_BYTES: usize = 8 * 1024;
/// Of CQL2 JSON, which says the same in about four times as many bytes.
pub const MAX_JSON_BYTES: usize = 32 * 1024;
/// How deep brackets, `NOT` and functions may stand in one another.
pub const MAX_DEPTH: usize = 32;
/// How many operators, attributes and values there may be, lists of `IN` aside.
pub const MAX_NODES: usize = 256;
/// How many values a list of `IN` may have.
pub const MAX_LIST: usize = 1_000;

/// What is left of the nodes, and how deep the reader stands.
#[derive(Debug, Default)]
pub(super) struct Budget {
    nodes: usize,
    depth: usize,
}

impl Budget {
    /// One more operator, attribute or value.
    pub(super) fn node(&mut self) -> Result<(), FilterFault> {
        self.nodes += 1;
        if self.nodes > MAX_NODES { Err(FilterFault::TooManyNodes) } else { Ok(()) }
    }

    /// One level down.
    pub(super) fn enter(&mut self) -> Result<(), FilterFault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(FilterFault::TooDeep) } else { Ok(()) }
    }

    /// And up again; after an error nobody goes up.
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }
}

/// Refuses a list of `IN` that is empty or too long.
pub(super) fn check_list(len: usize) -> Result<(), FilterFault> {
    match len {
        0 => Err(FilterFault::EmptyList),
        1..=MAX_LIST => Ok(()),
        _ => Err(FilterFault::ListTooLong),
    }
}
