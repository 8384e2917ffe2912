//! Addresses of tiles, and the grid on which a tile's coordinates are counted.

use geo_types::Coord;
use gis_data::ring::{cell, extent_bits, unit_bits};
use gis_data::{World, WorldBox};

/// The deepest zoom. Up to 18 one tile unit is a whole number of world units; beyond it the world's
/// 9 mm are coarser than the tile's grid, which is harmless.
pub const MAX_ZOOM: u8 = 22;

/// The address of a tile in the XYZ scheme (y to the south): `z` ≤ 22, `x` and `y` below 2^z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileCoord {
    z: u8,
    x: u32,
    y: u32,
}

impl TileCoord {
    /// `None` when there is no such tile.
    pub fn new_checked(z: u8, x: u32, y: u32) -> Option<Self> {
        let on_earth = z <= MAX_ZOOM && u64::from(x.max(y)) < 1 << z;
        on_earth.then_some(Self { z, x, y })
    }

    /// The tile over a place; `None` beyond [`MAX_ZOOM`].
    pub fn at(z: u8, place: World) -> Option<Self> {
        let index = |v: u32| u32::try_from(u64::from(v) << z >> 32).ok();
        if z > MAX_ZOOM { None } else { Self::new_checked(z, index(place.x)?, index(place.y)?) }
    }

    /// Zoom.
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column, from −180° eastwards.
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row, from 85.0511° southwards.
    pub fn y(self) -> u32 {
        self.y
    }

    /// Width and height of the tile in its own units: 4096, and 16384 from zoom 16 on.
    pub fn extent(self) -> u16 {
        1 << extent_bits(self.z)
    }

    /// How far geometries reach over the edge, in tile units: 8 pixels of a tile drawn at 512.
    pub fn buffer(self) -> u16 {
        self.extent() / 64
    }

    /// The tile above; `None` for the whole earth.
    pub fn parent(self) -> Option<Self> {
        let z = self.z.checked_sub(1)?;
        Some(Self { z, x: self.x / 2, y: self.y / 2 })
    }

    /// The four tiles below, north-west first, row by row; `None` at [`MAX_ZOOM`].
    pub fn children(self) -> Option<[Self; 4]> {
        let child = |dx, dy| Self { z: self.z + 1, x: self.x * 2 + dx, y: self.y * 2 + dy };
        (self.z < MAX_ZOOM).then(|| [child(0, 0), child(1, 0), child(0, 1), child(1, 1)])
    }

    /// What has to be looked at to draw this tile: its square with the buffer and one unit for rounding,
    /// cut at the edge of the world (nothing is drawn across the antimeridian).
    pub fn buffered_box(self) -> WorldBox {
        let size = 1_i64 << (32 - self.z);
        let reach = ((size * (i64::from(self.buffer()) + 1)) >> extent_bits(self.z)) + 1;
        let edge = |index: u32, extra: i64| {
            let units = i64::from(index) * size + extra;
            u32::try_from(units.max(0)).unwrap_or(u32::MAX)
        };
        WorldBox {
            min: World { x: edge(self.x, -reach), y: edge(self.y, -reach) },
            max: World { x: edge(self.x, size + reach), y: edge(self.y, size + reach) },
        }
    }

    /// The grid of its units.
    pub(crate) fn grid(self) -> Grid {
        let bits = extent_bits(self.z);
        Grid {
            zoom: self.z,
            origin: Coord { x: i64::from(self.x) << bits, y: i64::from(self.y) << bits },
            shift: unit_bits(self.z),
            finer: self.z.saturating_sub(32 - bits),
        }
    }
}

/// The grid on which a tile's coordinates are counted, from its north-west corner. All tiles of a zoom are windows on
/// one grid, so a vertex lands on the same spot in each of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    zoom: u8,
    origin: Coord<i64>,
    /// A unit is 2^`shift` world units, or, beyond the world's resolution, 2^`finer` to one of them.
    shift: u8,
    finer: u8,
}

impl Grid {
    pub(crate) fn zoom(self) -> u8 {
        self.zoom
    }

    /// The nearest point of the grid.
    pub(crate) fn snap(self, place: World) -> Coord<i64> {
        let cell = cell(place, self.shift);
        Coord {
            x: (cell.x << self.finer) - self.origin.x,
            y: (cell.y << self.finer) - self.origin.y,
        }
    }
}

impl std::fmt::Display for TileCoord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_outside_the_earth_does_not_exist() {
        assert!(TileCoord::new_checked(0, 0, 0).is_some());
        assert!(TileCoord::new_checked(0, 1, 0).is_none());
        assert!(TileCoord::new_checked(3, 7, 7).is_some());
        assert!(TileCoord::new_checked(3, 0, 8).is_none());
        assert!(TileCoord::new_checked(22, (1 << 22) - 1, 0).is_some());
        assert!(TileCoord::new_checked(23, 0, 0).is_none());
        assert!(TileCoord::new_checked(255, 0, 0).is_none());
    }

    #[test]
    fn parents_and_children_agree() {
        let tile = TileCoord::new_checked(5, 19, 11).unwrap();
        for child in tile.children().unwrap() {
            assert_eq!(child.parent(), Some(tile));
        }
        assert_eq!(TileCoord::new_checked(0, 0, 0).unwrap().parent(), None);
        assert_eq!(TileCoord::new_checked(22, 0, 0).unwrap().children(), None);
    }

    #[test]
    fn a_place_lies_on_its_tile_at_every_zoom() {
        let place = World { x: 3_605_123_457, y: 1_700_000_001 };
        for z in 0..=MAX_ZOOM {
            let local = TileCoord::at(z, place).unwrap().grid().snap(place);
            let extent = i64::from(TileCoord::at(z, place).unwrap().extent());
            assert!((0..=extent).contains(&local.x) && (0..=extent).contains(&local.y), "zoom {z}");
        }
    }

    #[test]
    fn neighbours_put_a_vertex_on_the_same_spot() {
        let place = World { x: 3_221_225_471, y: 1_234_567_891 };
        for z in 1..=MAX_ZOOM {
            let tile = TileCoord::at(z, place).unwrap();
            let west = TileCoord::new_checked(z, tile.x() - 1, tile.y()).unwrap();
            assert_eq!(
                west.grid().snap(place).x,
                tile.grid().snap(place).x + i64::from(tile.extent())
            );
            assert_eq!(west.grid().snap(place).y, tile.grid().snap(place).y);
        }
    }

    #[test]
    fn the_box_of_the_whole_earth_stays_on_the_earth() {
        let all = TileCoord::new_checked(0, 0, 0).unwrap().buffered_box();
        assert_eq!((all.min, all.max.x, all.max.y), (World { x: 0, y: 0 }, u32::MAX, u32::MAX));
    }

    #[test]
    fn the_box_holds_every_place_that_snaps_into_the_buffer() {
        for z in [4, 12, 16, 19, 20, 21, 22] {
            let tile = TileCoord::new_checked(z, 1 << (z - 1), 1 << (z - 1)).unwrap();
            let b = tile.buffered_box();
            let outside = tile.grid().snap(World { x: b.min.x - 1, y: b.max.y + 1 });
            assert!(outside.x < -i64::from(tile.buffer()), "zoom {z}: {outside:?}");
            assert!(outside.y > i64::from(tile.extent() + tile.buffer()), "zoom {z}: {outside:?}");
        }
    }
}
