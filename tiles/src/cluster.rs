//! Points that could not be told apart on the screen stand together as one that says how many they are. Who stands with
//! whom depends on the zoom's own cells, which no tile divides, so that neighbouring tiles agree and nobody is counted twice.

use std::collections::BTreeMap;

use gis_data::{FeatureRef, World};

use crate::TileCoord;

/// How many points a cluster stands for; a cluster has no id and nothing else to say.
pub const POINT_COUNT: &str = "point_count";

/// A tile has 2^3 cells each way: 64 pixels of one that is drawn at 512.
pub(crate) const CELL_BITS: u8 = 3;

/// The points of a tile while they come.
pub(crate) struct Clusters<'a> {
    coord: TileCoord,
    /// By row and column of their cells.
    cells: BTreeMap<(u32, u32), Cluster<'a>>,
}

/// The points of a cell.
pub(crate) struct Cluster<'a> {
    pub(crate) count: i64,
    /// The one that came first.
    pub(crate) first: FeatureRef<'a>,
    sum: (u64, u64),
}

impl<'a> Clusters<'a> {
    pub(crate) fn of(coord: TileCoord) -> Self {
        Self { coord, cells: BTreeMap::new() }
    }

    /// A feature lies where its middle does; in the buffer it is another tile's.
    pub(crate) fn meet(&mut self, feature: &FeatureRef<'a>) {
        let place = feature.bbox.middle();
        if TileCoord::at(self.coord.z(), place) != Some(self.coord) {
            return;
        }
        let bits = u32::from(32 - self.coord.z() - CELL_BITS);
        let cluster = self
            .cells
            .entry((place.y >> bits, place.x >> bits))
            .or_insert_with(|| Cluster { count: 0, first: *feature, sum: (0, 0) });
        cluster.count += 1;
        cluster.sum.0 += u64::from(place.x);
        cluster.sum.1 += u64::from(place.y);
    }

    pub(crate) fn finish(self) -> impl Iterator<Item = Cluster<'a>> {
        self.cells.into_values()
    }
}

impl Cluster<'_> {
    /// In the middle of all its points.
    pub(crate) fn place(&self) -> World {
        let count = self.count.unsigned_abs().max(1);
        let mean = |sum: u64| u32::try_from(sum / count).unwrap_or(u32::MAX);
        World { x: mean(self.sum.0), y: mean(self.sum.1) }
    }
}
