//! Who is looking: a viewer compiles once to a set of scopes, and every list, tile, stream and
//! export asks that set.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ScopeId;

/// What somebody may see, as a set over the scope dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    name: Arc<str>,
    scopes: Scopes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Scopes {
    All,
    Only(Arc<BTreeSet<ScopeId>>),
}

impl Viewer {
    /// The program itself: mirrors, imports, the tracker.
    pub fn program() -> Self {
        Self { name: Arc::from("program"), scopes: Scopes::All }
    }

    /// Everybody who can reach a server that has no accounts yet: sees all scopes.
    pub fn everyone() -> Self {
        Self { name: Arc::from("everyone"), scopes: Scopes::All }
    }

    /// A viewer of just these scopes.
    pub fn of_scopes(name: &str, scopes: impl IntoIterator<Item = ScopeId>) -> Self {
        Self { name: Arc::from(name), scopes: Scopes::Only(Arc::new(scopes.into_iter().collect())) }
    }

    /// The name that history records.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether features of this scope are visible.
    pub fn sees(&self, scope: ScopeId) -> bool {
        match &self.scopes {
            Scopes::All => true,
            Scopes::Only(set) => set.contains(&scope),
        }
    }

    /// The set for SQL: `null` means every scope, so statements read
    /// `($1::int[] is null or scope_id = any($1))`.
    pub fn scope_array(&self) -> Option<Vec<i32>> {
        match &self.scopes {
            Scopes::All => None,
            Scopes::Only(set) => Some(set.iter().map(|s| s.0).collect()),
        }
    }

    /// Part of every cache key: two viewers with one fingerprint see the same.
    pub fn fingerprint(&self) -> u64 {
        match &self.scopes {
            Scopes::All => 0,
            Scopes::Only(set) => {
                let bytes: Vec<u8> = set.iter().flat_map(|s| s.0.to_le_bytes()).collect();
                xxhash_rust::xxh3::xxh3_64(&bytes)
            }
        }
    }
}
