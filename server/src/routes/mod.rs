//! One resource a file; handlers are thin.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod base;
pub(crate) mod documents;
pub(crate) mod features;
pub(crate) mod health;
pub(crate) mod icons;
pub(crate) mod layers;
pub(crate) mod live;
pub(crate) mod modules;
pub(crate) mod office_space;
pub(crate) mod oidc;
pub(crate) mod orgs;
pub(crate) mod overview;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod sheets;
pub(crate) mod standards;
pub(crate) mod styles;
pub(crate) mod table;
pub(crate) mod tasks;
pub(crate) mod terminals;
pub(crate) mod tiles;
pub(crate) mod users;
pub(crate) mod vehicles;
pub(crate) mod views;
