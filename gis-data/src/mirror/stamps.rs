//! When something last changed under a tile, so that an edit outdates the tiles it touches and no others.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::WorldBox;

/// The deepest zoom whose tiles are told apart: deeper ones share the stamp of the tile they lie in.
const DEEPEST: u8 = 14;
/// A change that meets more tiles of a zoom than this stamps the tiles above with all that lies in them.
const CELLS: u64 = 16;
/// Beyond so many stamps they are forgotten, and every tile counts as changed.
const KEPT: usize = 200_000;

type Cell = (u8, u32, u32);

/// The versions of a layer's tiles.
#[derive(Debug, Default)]
pub(super) struct Stamps(RwLock<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// What holds for tiles without a stamp.
    floor: u64,
    at: HashMap<Cell, u64>,
    /// The same for all that lies in a tile.
    below: HashMap<Cell, u64>,
}

impl Stamps {
    /// Says that a version changed what lies in these boxes. To be called when that version can already be read.
    pub(super) fn touch(&self, version: u64, boxes: impl IntoIterator<Item = WorldBox>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for area in boxes {
            kept.touch(version, &area);
        }
        if kept.at.len() + kept.below.len() > KEPT {
            *kept = Kept { floor: version, ..Kept::default() };
        }
    }

    /// Says that a version may have changed anything.
    pub(super) fn touch_all(&self, version: u64) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) =
            Kept { floor: version, ..Kept::default() };
    }

    /// The version that last changed what a tile with its buffer is made of. To be asked before the features are, so that
    /// what is made of them is never older.
    pub(super) fn of(&self, z: u8, x: u32, y: u32) -> u64 {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let over = |above: u8| {
            let shift = u32::from(z - above);
            (above, x >> shift, y >> shift)
        };
        let stamp = |stamps: &HashMap<Cell, u64>, above| stamps.get(&over(above)).copied();
        let own = stamp(&kept.at, z.min(DEEPEST));
        let of_all = (0..=z.min(DEEPEST))
            .filter(|_| !kept.below.is_empty())
            .filter_map(|above| stamp(&kept.below, above));
        of_all.chain(own).fold(kept.floor, u64::max)
    }
}

impl Kept {
    fn touch(&mut self, version: u64, area: &WorldBox) {
        let mut above: Vec<Cell> = Vec::new();
        for z in 0..=DEEPEST {
            let size = 1_u64 << (32 - z);
            // A tile's buffer is a 64th of it, and rounding reaches no further than that again.
            let margin = size / 32;
            let index = |edge: u64| u32::try_from((edge / size).min((1 << z) - 1)).unwrap_or(0);
            let from = |edge: u32| index(u64::from(edge).saturating_sub(margin));
            let to = |edge: u32| index(u64::from(edge) + margin);
            let (west, east) = (from(area.min.x), to(area.max.x));
            let (north, south) = (from(area.min.y), to(area.max.y));
            if u64::from(east - west + 1) * u64::from(south - north + 1) > CELLS {
                self.below.extend(above.into_iter().map(|cell| (cell, version)));
                return;
            }
            above = (west..=east).flat_map(|x| (north..=south).map(move |y| (z, x, y))).collect();
            self.at.extend(above.iter().map(|cell| (*cell, version)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::World;

    fn area(x: u32, y: u32, width: u32, height: u32) -> WorldBox {
        let max = World { x: x.saturating_add(width), y: y.saturating_add(height) };
        WorldBox { min: World { x, y }, max }
    }

    #[test]
    fn a_tile_that_was_not_touched_keeps_its_version() {
        let stamps = Stamps::default();
        stamps.touch(2, [area(3_000_000_000, 1_500_000_000, 5_000, 5_000)]);
        let tile = |z: u8, x: u32, y: u32| (z, x >> (32 - z), y >> (32 - z));
        let (z, x, y) = tile(14, 3_000_000_000, 1_500_000_000);
        assert_eq!(stamps.of(z, x, y), 2);
        assert_eq!(stamps.of(z + 2, x * 4, y * 4), 2, "deeper tiles go by the one they lie in");
        assert_eq!(stamps.of(z, x + 2, y), 0);
        assert_eq!(stamps.of(0, 0, 0), 2);
        stamps.touch(3, [area(0, 0, 2_000_000_000, 2_000_000_000)]);
        assert_eq!(stamps.of(14, 100, 100), 3, "one large change is one for all that lies in it");
        assert_eq!(stamps.of(14, 16_000, 100), 0);
        stamps.touch_all(4);
        assert_eq!(stamps.of(14, 16_000, 100), 4);
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_changes_are_seen_by_every_tile_they_meet(
            changes in prop::collection::vec((any::<u32>(), any::<u32>(), 0..40_u8, 0..40_u8), 1..20),
            z in 0..=22_u8, near in any::<prop::sample::Index>(), dx in -1..=1_i64, dy in -1..=1_i64,
        ) {
            let stamps = Stamps::default();
            let side = |bits: u8| u32::try_from((1_u64 << (bits % 33)) - 1).unwrap();
            let boxes: Vec<WorldBox> =
                changes.iter().map(|(x, y, w, h)| area(*x, *y, side(*w), side(*h))).collect();
            for (version, area) in (1..).zip(&boxes) {
                stamps.touch(version, [*area]);
            }
            let at = boxes[near.index(boxes.len())].min;
            let index = |edge: u32, by: i64| ((i64::from(edge) >> (32 - z)) + by).clamp(0, (1 << z) - 1);
            let (x, y) = (index(at.x, dx), index(at.y, dy));
            let size = 1_i64 << (32 - z);
            let reach = size / 64 + 2;
            let met = |area: &WorldBox| {
                let meets = |n: i64, min: u32, max: u32| {
                    i64::from(min) <= (n + 1) * size + reach && i64::from(max) >= n * size - reach
                };
                meets(x, area.min.x, area.max.x) && meets(y, area.min.y, area.max.y)
            };
            let last = (1..).zip(&boxes).filter(|(_, b)| met(b)).map(|(v, _)| v).max().unwrap_or(0);
            prop_assert!(stamps.of(z, u32::try_from(x).unwrap(), u32::try_from(y).unwrap()) >= last);
        }
    }
}
