//! One resource a file; handlers are thin.

pub(crate) mod documents;
pub(crate) mod features;
pub(crate) mod health;
pub(crate) mod layers;
pub(crate) mod live;
pub(crate) mod orgs;
pub(crate) mod overview;
pub(crate) mod search;
pub(crate) mod styles;
pub(crate) mod tiles;
pub(crate) mod vehicles;
