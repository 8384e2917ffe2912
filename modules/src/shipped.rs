//! The modules that come with the program, as `build.rs` found them: one folder each below the folders of the six systems.

use crate::definition::Shipped;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
