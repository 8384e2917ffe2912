//! Random input for tests: noise, and valid input in which a few bytes were changed.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// As many cases as `PROPTEST_CASES` says; nothing is written to disk.
pub(crate) fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// Any characters, control characters among them.
pub(crate) fn text(most: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![any::<char>(), proptest::char::range('\0', '\u{7f}')];
    vec(character, 0..=most).prop_map(String::from_iter)
}

/// Any bytes.
pub(crate) fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=most)
}

/// What was valid, with one to five changes.
pub(crate) fn damaged(valid: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let change = prop_oneof![
        4 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Put(at, byte)),
        2 => (any::<Index>(), bytes(4)).prop_map(|(at, new)| Change::Insert(at, new)),
        2 => (any::<Index>(), 1..9_usize).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (any::<Index>(), 1..99_usize).prop_map(|(at, count)| Change::Repeat(at, count)),
        1 => any::<Index>().prop_map(Change::Truncate),
    ];
    (valid, vec(change, 1..=5)).prop_map(|(valid, changes)| changes.iter().fold(valid, made))
}

#[derive(Debug, Clone)]
enum Change {
    Flip(Index, u8),
    Put(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Truncate(Index),
}

fn made(mut bytes: Vec<u8>, change: &Change) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let end = |at: usize, count: usize| (at + count).min(bytes.len());
    match change {
        Change::Flip(at, bit) => *at.get_mut(&mut bytes) ^= 1 << bit,
        Change::Put(at, byte) => *at.get_mut(&mut bytes) = *byte,
        Change::Insert(at, new) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, new.iter().copied());
        }
        Change::Remove(at, count) => {
            let at = at.index(bytes.len());
            let end = end(at, *count);
            bytes.drain(at..end);
        }
        Change::Repeat(at, count) => {
            let at = at.index(bytes.len());
            let again = bytes[at..end(at, *count)].to_vec();
            bytes.splice(at..at, again);
        }
        Change::Truncate(at) => bytes.truncate(at.index(bytes.len())),
    }
    bytes
}
