//! Who is looking. `may(permission, scope)` is the one predicate of the product: lists, single reads, search, tiles,
//! streams, exports and counts ask it, or ask SQL the same by the arrays it compiles to.

mod permission;
mod personal;
mod scope_set;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ScopeId;

pub use permission::Permission;
pub use personal::{Personal, without_numbers};
pub use scope_set::ScopeSet;

/// What somebody may see and do, compiled once from what was granted. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    name: Arc<str>,
    rights: Rights,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rights {
    Program,
    Person { read: ScopeSet, others: Arc<BTreeMap<Permission, ScopeSet>>, is_unmasked: bool },
}

impl Viewer {
    /// The program itself: mirrors, imports, the tracker. No request is ever answered as this viewer.
    pub fn program() -> Self {
        Self { name: Arc::from("program"), rights: Rights::Program }
    }

    /// A viewer who may do each thing within a set of scopes. A permission that is not there is not held; one with
    /// an empty set is held over nothing in particular, as those that have no place.
    pub fn compiled(name: &str, mut allowed: BTreeMap<Permission, ScopeSet>) -> Self {
        let read = allowed.remove(&Permission::Read).unwrap_or_else(|| ScopeSet::from_iter([]));
        Self {
            name: Arc::from(name),
            rights: Rights::Person { read, others: Arc::new(allowed), is_unmasked: false },
        }
    }

    /// A viewer who may do everything in just these scopes.
    pub fn of_scopes(name: &str, scopes: impl IntoIterator<Item = ScopeId>) -> Self {
        let set: ScopeSet = scopes.into_iter().collect();
        Self::compiled(name, Permission::ALL.into_iter().map(|p| (p, set.clone())).collect())
    }

    /// This viewer with no more than these permissions: what a token was made for.
    #[must_use]
    pub fn limited_to(&self, permissions: &BTreeSet<Permission>) -> Self {
        let Rights::Person { read, others, .. } = &self.rights else { return self.clone() };
        let mut kept: BTreeMap<Permission, ScopeSet> = others
            .iter()
            .filter(|(p, _)| permissions.contains(p))
            .map(|(p, s)| (*p, s.clone()))
            .collect();
        if permissions.contains(&Permission::Read) {
            kept.insert(Permission::Read, read.clone());
        }
        Self::compiled(&self.name, kept)
    }

    /// This viewer while masks are lifted: personal fields are in clear wherever they may unmask.
    #[must_use]
    pub fn unmasked(mut self) -> Self {
        if let Rights::Person { is_unmasked, .. } = &mut self.rights {
            *is_unmasked = true;
        }
        self
    }

    /// Whether a personal field of a thing of this scope is read in clear.
    pub fn reads(&self, field: Personal, scope: ScopeId) -> bool {
        let is_lifted = matches!(self.rights, Rights::Person { is_unmasked: true, .. });
        field.clear_with().iter().any(|p| self.may(*p, scope))
            || (is_lifted && self.may(Permission::Unmask, scope))
    }

    /// The text of a personal field as this viewer reads it.
    pub fn shown<'t>(&self, field: Personal, scope: ScopeId, text: &'t str) -> Cow<'t, str> {
        if self.reads(field, scope) { Cow::Borrowed(text) } else { Cow::Owned(field.masked(text)) }
    }

    /// Free text as this viewer reads it: with the numbers in it, or without.
    pub fn shown_text<'t>(&self, scope: ScopeId, text: &'t str) -> Cow<'t, str> {
        if self.reads(Personal::Phone, scope) {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(without_numbers(text))
        }
    }

    /// The name that history records.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether things of this scope may be seen.
    #[inline]
    pub fn sees(&self, scope: ScopeId) -> bool {
        self.may(Permission::Read, scope)
    }

    /// The predicate: whether this may be done to a thing of this scope.
    #[inline]
    pub fn may(&self, permission: Permission, scope: ScopeId) -> bool {
        match &self.rights {
            Rights::Program => true,
            Rights::Person { read, .. } if permission == Permission::Read => read.contains(scope),
            Rights::Person { others, .. } => {
                others.get(&permission).is_some_and(|set| set.contains(scope))
            }
        }
    }

    /// What policies go by: `*` for the program, or the scopes in which it reads as bytes.
    pub(crate) fn sight(&self) -> String {
        match &self.rights {
            Rights::Program => "*".to_owned(),
            Rights::Person { read, .. } => read.to_bytea(),
        }
    }

    /// The set for SQL: `null` means every scope, so statements read
    /// `($1::int[] is null or scope_id = any($1))`.
    pub fn scope_array(&self) -> Option<Vec<i32>> {
        self.scopes_for(Permission::Read)
    }

    /// The same for another permission.
    pub fn scopes_for(&self, permission: Permission) -> Option<Vec<i32>> {
        let of = |set: &ScopeSet| set.iter().map(|s| s.0).collect();
        match &self.rights {
            Rights::Program => None,
            Rights::Person { read, .. } if permission == Permission::Read => Some(of(read)),
            Rights::Person { others, .. } => {
                Some(others.get(&permission).map(of).unwrap_or_default())
            }
        }
    }

    /// Part of every cache key: two viewers with one fingerprint see the same.
    pub fn fingerprint(&self) -> u64 {
        match &self.rights {
            Rights::Program => 0,
            Rights::Person { read, .. } => read.fingerprint(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(scopes: &[i32]) -> ScopeSet {
        scopes.iter().map(|n| ScopeId(*n)).collect()
    }

    fn dispatcher() -> Viewer {
        let allowed = [(Permission::Read, set(&[0, 1, 2])), (Permission::Track, set(&[1]))];
        Viewer::compiled("dispatcher", allowed.into())
    }

    #[test]
    fn what_is_not_allowed_is_refused() {
        let viewer = dispatcher();
        assert!(viewer.sees(ScopeId(2)) && !viewer.sees(ScopeId(3)));
        assert!(viewer.may(Permission::Track, ScopeId(1)));
        assert!(!viewer.may(Permission::Track, ScopeId(2)));
        assert!(!viewer.may(Permission::Record, ScopeId(1)));
        assert_eq!(viewer.scopes_for(Permission::Record), Some(vec![]));
    }

    #[test]
    fn somebody_without_rights_sees_nothing_and_the_program_everything() {
        let nobody = Viewer::compiled("nobody", BTreeMap::new());
        assert_eq!(nobody.scope_array(), Some(vec![]));
        assert!(!nobody.sees(ScopeId(1)));
        assert_eq!(Viewer::program().scope_array(), None);
        assert_ne!(nobody.fingerprint(), Viewer::program().fingerprint());
    }

    #[test]
    fn personal_fields_are_in_clear_where_work_needs_them_or_a_mask_was_lifted() {
        let allowed = [(Permission::Read, set(&[1, 2])), (Permission::Unmask, set(&[2]))];
        let reader = Viewer::compiled("reader", allowed.into());
        assert!(dispatcher().reads(Personal::Plate, ScopeId(1)));
        assert!(!dispatcher().reads(Personal::Plate, ScopeId(2)), "tracks only in scope 1");
        assert_eq!(reader.shown(Personal::Plate, ScopeId(2), "京A·12345"), "京A·**345");
        let lifted = reader.clone().unmasked();
        assert_eq!(lifted.shown(Personal::Plate, ScopeId(2), "京A·12345"), "京A·12345");
        assert!(!lifted.reads(Personal::Plate, ScopeId(1)), "may not unmask there");
        assert!(!lifted.limited_to(&[Permission::Read].into()).reads(Personal::Plate, ScopeId(2)));
        assert_ne!(lifted, reader);
    }

    #[test]
    fn a_token_takes_away_and_never_adds() {
        let only_read = dispatcher().limited_to(&[Permission::Read, Permission::Record].into());
        assert!(only_read.sees(ScopeId(1)));
        assert!(!only_read.may(Permission::Track, ScopeId(1)));
        assert!(!only_read.may(Permission::Record, ScopeId(1)));
        assert!(!dispatcher().limited_to(&[Permission::Track].into()).sees(ScopeId(1)));
    }
}
