//! Imports into a real PostGIS: what goes in, what is refused, and what a second run changes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bench;
mod broken;
mod formats;
mod geojson;
mod osm;
mod pbf;
mod refused;
mod shared_data;
#[path = "../support/mod.rs"]
mod support;
mod systems;
