#![doc = include_str!("../README.md")]

mod archive;
mod cache;
mod choice;
mod clip;
mod cluster;
mod coord;
mod direct;
mod encode;
mod encoding;
mod error;
mod format;
mod generalise;
mod icon;
mod resident;
mod source;
mod style;
mod tile;
mod tilejson;
mod write;

pub use archive::{
    About, ArchiveError, Base, BaseTile, Existing, MOST_TILES, Order, Progress, Summary,
    TileFormat, export,
};
pub use choice::{FilterLang, Wish};
pub use cluster::POINT_COUNT;
pub use coord::{MAX_ZOOM, TileCoord};
pub use direct::DirectLayer;
pub use encode::MERGED;
pub use encoding::Encoding;
pub use error::{Result, TileError};
pub use format::{Format, with_mlt};
pub use icon::{
    Drawing, ICON_MOST_BYTES, ICON_PX, Icon, IconFault, IconName, Icons, Origin, Ratio,
    SpriteError, SpriteSheet,
};
pub use resident::Resident;
pub use source::{Held, Source};
pub use style::{Lang, LegendIcon, LegendItem, Shape, Theme, legend, style, with_bases};
pub use tile::{Ask, MAX_LAYERS, Tile, Tiles, tile};
pub use tilejson::tilejson;
