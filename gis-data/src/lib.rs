#![doc = include_str!("../README.md")]

mod change;
pub mod crs;
pub mod demo;
mod error;
pub mod feature;
mod id;
pub mod import;
pub mod integrity;
pub mod layer;
mod mirror;
#[cfg(test)]
mod noise;
mod position;
mod problem;
pub mod query;
pub mod ring;
pub mod search;
pub mod seed;
pub mod sqlite;
mod store;
mod viewer;
mod world;

pub use change::{Follower, LayerChange};
pub use error::{GisError, Result};
pub use id::{FeatureId, OrgId, ScopeId};
pub use layer::{Attribute, AttributeType, GeometryType, Layer, Text2};
pub use mirror::{
    Budget, Direct, FeatureRef, Met, Mirror, Mirrors, OwnedFeature, PackedGeometry, Part, Rank,
    Snapshot, TINY_UNITS, Value, ValueRef, Values,
};
pub use position::{Bbox, LonLat};
pub use problem::{Fault, Problem};
pub use query::{Bound, Filter, FilterError};
pub use store::{DRAWING_TIMEOUT, Drawing, Role, Store, Tx, connect_as_owner, migrate};
pub use viewer::{Permission, Personal, ScopeSet, Viewer, without_numbers};
pub use world::{World, WorldBox, doubled_area};
