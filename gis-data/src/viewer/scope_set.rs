//! A set over the scope dictionary: one bit a scope, and a fingerprint that is computed once.

use std::sync::Arc;

use crate::ScopeId;

/// Some scopes. Cheap to clone; two sets of the same scopes are equal and have one fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeSet {
    /// Bit `n % 64` of word `n / 64` is scope `n`; the last word is not zero.
    words: Arc<[u64]>,
    fingerprint: u64,
}

impl ScopeSet {
    /// Whether the scope is in it.
    pub fn contains(&self, scope: ScopeId) -> bool {
        let Ok(n) = usize::try_from(scope.0) else { return false };
        self.words.get(n / 64).is_some_and(|word| word >> (n % 64) & 1 == 1)
    }

    /// Its scopes in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = ScopeId> + '_ {
        (0_i32..).step_by(64).zip(self.words.iter()).flat_map(|(first, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| ScopeId(first + bit))
        })
    }

    /// Its bits as PostgreSQL writes bytes: bit `n % 8` of byte `n / 8` is scope `n`.
    pub fn to_bytea(&self) -> String {
        let bytes: Vec<u8> = self.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        format!("\\x{}", hex::encode(bytes))
    }

    /// Equal for equal sets, and never 0.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

impl FromIterator<ScopeId> for ScopeSet {
    /// Negative scopes do not exist and are left out.
    fn from_iter<I: IntoIterator<Item = ScopeId>>(scopes: I) -> Self {
        let mut words: Vec<u64> = Vec::new();
        for n in scopes.into_iter().filter_map(|s| usize::try_from(s.0).ok()) {
            if words.len() <= n / 64 {
                words.resize(n / 64 + 1, 0);
            }
            words[n / 64] |= 1 << (n % 64);
        }
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let fingerprint = xxhash_rust::xxh3::xxh3_64(&bytes).max(1);
        Self { words: words.into(), fingerprint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(scopes: &[i32]) -> ScopeSet {
        scopes.iter().map(|n| ScopeId(*n)).collect()
    }

    #[test]
    fn it_holds_what_was_put_in_and_nothing_else() {
        let some = set(&[1, 63, 64, 700]);
        for n in -5..1_000 {
            assert_eq!(some.contains(ScopeId(n)), [1, 63, 64, 700].contains(&n), "{n}");
        }
        assert_eq!(some.iter().map(|s| s.0).collect::<Vec<_>>(), [1, 63, 64, 700]);
        assert_eq!(set(&[]).iter().count(), 0);
    }

    #[test]
    fn equal_sets_have_one_fingerprint_however_they_were_made() {
        assert_eq!(set(&[5, 200, 5]), set(&[200, 5]));
        assert_eq!(set(&[5, 200]).fingerprint(), set(&[200, 5]).fingerprint());
        assert_ne!(set(&[5]).fingerprint(), set(&[6]).fingerprint());
        assert_ne!(set(&[]).fingerprint(), 0);
    }
}
