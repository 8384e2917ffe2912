//! Identifiers. Each is a newtype, so that a building cannot be asked for by an organisation's number.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type,
        )]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A feature 要素: below 2^53, so that it is exact in JavaScript; also the MVT id.
    FeatureId, i64
);
id!(
    /// An organisation 机构.
    OrgId, i64
);
id!(
    /// A row of the scope dictionary: one combination of managing and using organisations.
    ScopeId, i32
);
