//! Which tiles an export asks for: those of its box and zooms whose buffered box meets the box of a feature.
//!
//! What a tile draws says nothing about the tiles below it: a polygon may be too small for a zoom and stand there for
//! others, or be stood for. The boxes of features do: the buffered box of a tile holds those of its children, so that
//! where it meets no feature, none of them does.

use std::ops::ControlFlow;
use std::ops::RangeInclusive;

use gis_data::{Viewer, World, WorldBox};
use pmtiles::TileId;

use super::{ArchiveError, Result};
use crate::{Source, TileCoord};

/// Boxes of features in a box of the world, and the zooms asked for.
pub(super) struct Cover {
    /// Of each layer: from which zoom on it has tiles, and what it holds.
    layers: Vec<(u8, Vec<WorldBox>)>,
    area: WorldBox,
    zooms: RangeInclusive<u8>,
}

impl Cover {
    /// Looks at what the viewer sees of the sources. Without an area it is the box around that; `None` where that is
    /// nothing.
    pub(super) fn of(
        sources: &[&dyn Source],
        viewer: &Viewer,
        area: Option<WorldBox>,
        zooms: RangeInclusive<u8>,
    ) -> Option<Self> {
        let layers: Vec<(u8, Vec<WorldBox>)> = sources
            .iter()
            .filter_map(|source| {
                let snapshot = source.held().in_memory()?;
                let seen = snapshot.iter().filter(|f| viewer.sees(f.scope)).map(|f| f.bbox);
                Some((source.layer().min_zoom, seen.collect()))
            })
            .collect();
        let all = layers.iter().flat_map(|(_, boxes)| boxes);
        let around = WorldBox::around(all.flat_map(|b| [b.min, b.max]))?;
        let area = area.unwrap_or(around);
        around.intersects(&area).then_some(Self { layers, area, zooms })
    }

    /// The box that is asked for.
    pub(super) fn area(&self) -> WorldBox {
        self.area
    }

    /// How many tiles there are to ask for, or that they are more than that.
    pub(super) fn count(&self, limit: u64) -> Result<u64> {
        let (mut count, mut zoom) = (0, 0);
        let ended = self.each(&mut |tile| {
            if count == limit {
                zoom = tile.z();
                return ControlFlow::Break(());
            }
            count += 1;
            ControlFlow::Continue(())
        });
        if ended.is_continue() {
            return Ok(count);
        }
        let first = *self.zooms.start();
        let fits = (zoom > first).then(|| (first, zoom - 1));
        Err(ArchiveError::TooManyTiles { limit, fits })
    }

    /// Walks through them zoom by zoom, along the curve by which PMTiles orders them.
    pub(super) fn each<B>(
        &self,
        f: &mut impl FnMut(TileCoord) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let Some(earth) = TileCoord::new_checked(0, 0, 0) else { return ControlFlow::Continue(()) };
        for zoom in self.zooms.clone() {
            let drawn = self.layers.iter().filter(|(first, _)| *first <= zoom);
            let mut boxes: Vec<WorldBox> = drawn.flat_map(|(_, boxes)| boxes).copied().collect();
            self.descend(earth, &mut boxes, zoom, f)?;
        }
        ControlFlow::Continue(())
    }

    /// The tiles of a zoom below this one. The boxes that reach into it are brought to the front, so that its
    /// children look at no others.
    fn descend<B>(
        &self,
        tile: TileCoord,
        boxes: &mut [WorldBox],
        zoom: u8,
        f: &mut impl FnMut(TileCoord) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if !square(tile).intersects(&self.area) {
            return ControlFlow::Continue(());
        }
        let reach = tile.buffered_box();
        if tile.z() == zoom {
            let is_met = boxes.iter().any(|b| b.intersects(&reach));
            return if is_met { f(tile) } else { ControlFlow::Continue(()) };
        }
        let mut met = 0;
        for n in 0..boxes.len() {
            if boxes[n].intersects(&reach) {
                boxes.swap(n, met);
                met += 1;
            }
        }
        if met == 0 {
            return ControlFlow::Continue(());
        }
        for child in tile.children().map(along_the_curve).into_iter().flatten() {
            self.descend(child, &mut boxes[..met], zoom, f)?;
        }
        ControlFlow::Continue(())
    }
}

fn along_the_curve(mut tiles: [TileCoord; 4]) -> [TileCoord; 4] {
    let place = |t: &TileCoord| pmtiles::TileCoord::new(t.z(), t.x(), t.y()).map(TileId::from);
    tiles.sort_by_key(|t| place(t).map_or(u64::MAX, TileId::value));
    tiles
}

/// The tile without its buffer.
fn square(tile: TileCoord) -> WorldBox {
    let size = 1_u64 << (32 - tile.z());
    let units = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let corner = |x: u64, y: u64| World { x: units(x), y: units(y) };
    let (x, y) = (u64::from(tile.x()) * size, u64::from(tile.y()) * size);
    WorldBox { min: corner(x, y), max: corner(x + size - 1, y + size - 1) }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};

    use super::*;

    fn cover(boxes: Vec<WorldBox>, zooms: RangeInclusive<u8>) -> Cover {
        let earth = WorldBox { min: World { x: 0, y: 0 }, max: World { x: u32::MAX, y: u32::MAX } };
        Cover { layers: vec![(0, boxes)], area: earth, zooms }
    }

    fn asked(cover: &Cover) -> Vec<TileCoord> {
        let mut all = Vec::new();
        let ended = cover.each(&mut |tile| {
            all.push(tile);
            ControlFlow::<()>::Continue(())
        });
        assert!(ended.is_continue());
        all
    }

    #[test]
    fn descending_finds_what_looking_at_every_tile_finds() {
        let mut random = StdRng::seed_from_u64(7);
        for _ in 0..20 {
            let boxes: Vec<WorldBox> = (0..6)
                .map(|_| {
                    let (x, y) = (random.random::<u32>(), random.random::<u32>());
                    let side = random.random::<u32>() >> random.random_range(2..31);
                    let max = World { x: x.saturating_add(side), y: y.saturating_add(side) };
                    WorldBox { min: World { x, y }, max }
                })
                .collect();
            let mut found = asked(&cover(boxes.clone(), 0..=6));
            assert!(found.is_sorted_by_key(|t| {
                TileId::from(pmtiles::TileCoord::new(t.z(), t.x(), t.y()).unwrap()).value()
            }));
            found.sort();
            let mut expected = Vec::new();
            for z in 0..=6_u8 {
                for x in 0..1 << z {
                    for y in 0..1 << z {
                        let tile = TileCoord::new_checked(z, x, y).unwrap();
                        if boxes.iter().any(|b| b.intersects(&tile.buffered_box())) {
                            expected.push(tile);
                        }
                    }
                }
            }
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_tile_holds_what_its_children_look_at() {
        for z in 0..22 {
            let tile = TileCoord::new_checked(z, (1 << z) / 3, (1 << z) / 2).unwrap();
            let (outer, all) = (tile.buffered_box(), tile.children().unwrap());
            for inner in all.map(TileCoord::buffered_box) {
                assert!(outer.min.x <= inner.min.x && inner.max.x <= outer.max.x, "{tile}");
                assert!(outer.min.y <= inner.min.y && inner.max.y <= outer.max.y, "{tile}");
            }
        }
    }

    #[test]
    fn a_limit_says_which_zooms_would_have_fitted() {
        let place = World { x: 3_000_000_000, y: 2_000_000_001 };
        let one = WorldBox { min: place, max: place };
        assert_eq!(cover(vec![one], 0..=10).count(11).unwrap(), 11);
        let error = cover(vec![one], 4..=10).count(3).unwrap_err();
        assert!(matches!(error, ArchiveError::TooManyTiles { limit: 3, fits: Some((4, 6)) }));
        let error = cover(vec![one], 4..=10).count(0).unwrap_err();
        assert!(matches!(error, ArchiveError::TooManyTiles { limit: 0, fits: None }));
    }

    #[test]
    fn a_layer_is_looked_at_from_its_first_zoom_on_and_the_box_cuts() {
        let place = |x, y| {
            let at = World { x, y };
            WorldBox { min: at, max: at }
        };
        let (west, east) = (place(1 << 30, 1 << 30), place(3 << 30, 1 << 30));
        let cover =
            Cover { layers: vec![(0, vec![west]), (2, vec![east])], area: east, zooms: 0..=3 };
        let zooms: Vec<u8> = asked(&cover).iter().map(|t| t.z()).collect();
        // At zoom 1 only the western layer is drawn, and the box has no part in its half. On an edge of tiles two meet.
        assert!(zooms.contains(&0));
        assert!(!zooms.contains(&1));
        assert!(zooms.contains(&3));
    }
}
