//! From which zoom a feature is drawn, and how: decided once, by the feature alone, so that every tile of a zoom and
//! every copy of the server decide alike.
//!
//! A polygon below [`TINY_UNITS`] square units of a tile of 4096 cannot be seen by itself, yet many of them make a town.
//! Such a polygon stands, as a square of just that size, for as many of its like as it takes to fill it: it is drawn
//! where its area, as a share of the square's, exceeds its place in a low-discrepancy sequence. So the area on the
//! screen stays what it is on the ground, evenly spread, and what a zoom shows the next one shows too. tippecanoe sums
//! areas along a curve instead, which depends on what else is in the tile.

use super::PackedGeometry;
use super::geometry::Part;
use crate::ring::{self, cell, tidy, unit_bits};
use crate::{World, WorldBox};

/// Square units of a tile of 4096: a quarter of a pixel squared where a tile is drawn at 256 pixels.
pub const TINY_UNITS: u32 = 16;

/// Rings up to this length are tested for whether they stay simple.
const SHORT_RING: usize = 64;
/// From this zoom on the grid is the world's own: what is simple there is simple on all that are finer.
const FINEST: u8 = 18;
/// Beyond this width, in world units, areas would overflow: the finest grid, that of zoom 22, has sixteen of its units in
/// one of the world, and a ring is less than 2^30 of them across.
const WIDE: u32 = 1 << 26;

/// The first zoom of the sixteen at which it is known whether a ring is tidy.
const COARSEST: u8 = 3;

/// Never.
const NEVER: u8 = u8::MAX;

/// Zooms of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// From this zoom on it is drawn.
    pub shown: u8,
    /// From this zoom on with its own shape, below it as a square of [`TINY_UNITS`].
    pub shaped: u8,
    /// One bit for each zoom from [`COARSEST`] on: whether that ring needs no tidying there.
    tidy: u16,
    /// One bit for each zoom: whether it is one ring, and what the zoom needs of that ring, rounded to its grid, is simple.
    simple: u32,
}

impl Rank {
    /// What is neither dropped nor checked: points and lines.
    pub(super) const ALWAYS: Self = Self { shown: 0, shaped: 0, tidy: 0, simple: 0 };

    /// Of polygons with this doubled area, in world units squared.
    pub(super) fn of_polygons(doubled_area: u128, bbox: &WorldBox) -> Self {
        // A square unit of zoom z is 4^(20 − z) world units, and a share of the square is a share of 2^32.
        let zoom = |reached: &dyn Fn(u128) -> bool| {
            (0..=40_u8).find(|z| reached(doubled_area << (2 * z))).unwrap_or(NEVER)
        };
        let shaped = zoom(&|area| area >= u128::from(2 * TINY_UNITS) << 40);
        let place = u128::from(spread(bbox.middle()));
        let shown = zoom(&|area| area > place << (41 + TINY_UNITS.ilog2() - 32)).min(shaped);
        Self { shown, shaped, tidy: 0, simple: 0 }
    }

    /// The same of a feature that has this geometry, where it is one short ring.
    pub(super) fn with_ring(self, geometry: PackedGeometry<'_>, bbox: &WorldBox) -> Self {
        let is_narrow = (bbox.max.x - bbox.min.x).max(bbox.max.y - bbox.min.y) < WIDE;
        let is_short = (3..=SHORT_RING).contains(&geometry.points.len());
        let is_ring = geometry.polygon_ends == [1] && geometry.part_ends.len() == 1;
        let (tidy, simple) = if is_narrow && is_short && is_ring {
            simple(geometry.only_part(), self.shaped)
        } else {
            (0, 0)
        };
        Self { tidy, simple, ..self }
    }

    /// Whether it is a polygon of one ring, the vertices of which that this zoom needs are simple where [`tidy`] has put them on
    /// its grid.
    #[inline]
    pub fn is_simple_at(self, zoom: u8) -> bool {
        self.simple >> zoom.min(FINEST) & 1 == 1
    }

    /// Whether it is, and [`tidy`] leaves these vertices as they are.
    #[inline]
    pub fn is_tidy_at(self, zoom: u8) -> bool {
        zoom >= COARSEST && self.tidy >> (zoom.min(FINEST) - COARSEST) & 1 == 1
    }

    /// Whether there is a zoom at which it is.
    #[inline]
    pub(super) fn is_ever_simple(self) -> bool {
        self.simple != 0
    }
}

/// A place in a sequence over the ground whose neighbours are far from each other: the R2 sequence of M. Roberts (2018),
/// on cells of 4.8 m at the equator.
fn spread(place: World) -> u32 {
    let (x, y) = (place.x >> 9, place.y >> 9);
    x.wrapping_mul(3_242_174_889).wrapping_add(y.wrapping_mul(2_447_445_414))
}

/// The bits of the zooms at which what they need of a ring is tidy, and of those at which it is simple once it is, from the
/// first that shows its shape on.
fn simple(ring: Part<'_>, shaped: u8) -> (u16, u32) {
    let mut tidied = Vec::with_capacity(ring.points.len());
    let (mut is_tidy, mut is_simple) = (0, 0);
    for zoom in shaped..=FINEST {
        let shift = unit_bits(zoom);
        tidy(ring.at(zoom).map(|place| cell(place, shift)), &mut tidied);
        if ring::is_simple(&tidied) {
            is_simple |= 1 << zoom;
            if zoom >= COARSEST && tidied.len() == ring.at(zoom).count() {
                is_tidy |= 1 << (zoom - COARSEST);
            }
        }
    }
    (is_tidy, is_simple)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(doubled_area: u128, bbox: &WorldBox, points: &[World]) -> Rank {
        let part_ends = &[u32::try_from(points.len()).unwrap()];
        let geometry = PackedGeometry { points, needs: &[], part_ends, polygon_ends: &[1] };
        Rank::of_polygons(doubled_area, bbox).with_ring(geometry, bbox)
    }

    fn square(x: u32, y: u32, side: u32) -> Rank {
        let at = |dx, dy| World { x: x + dx, y: y + dy };
        let ring = [at(0, 0), at(side, 0), at(side, side), at(0, side)];
        let bbox = WorldBox { min: ring[0], max: ring[2] };
        ranked(2 * u128::from(side) * u128::from(side), &bbox, &ring)
    }

    #[test]
    fn a_square_has_its_shape_from_sixteen_square_units_on() {
        // Four units a side at zoom 10, where a unit is 1024 world units.
        assert_eq!(square(1 << 30, 1 << 30, 4096).shaped, 10);
        assert_eq!(square(1 << 30, 1 << 30, 4095).shaped, 11);
    }

    #[test]
    fn the_area_on_the_screen_is_that_on_the_ground() {
        let houses: Vec<Rank> = (0..200)
            .flat_map(|x| {
                (0..200).map(move |y| square((1 << 30) + x * 2100, (1 << 30) + y * 1900, 1000))
            })
            .collect();
        for z in 8..13 {
            let drawn = houses.iter().filter(|h| h.shown <= z).count();
            let share = (1000.0 * 1000.0) / f64::from(TINY_UNITS << (2 * (20 - z)));
            let expected = 40_000.0 * share.min(1.0);
            let drawn = f64::from(u32::try_from(drawn).unwrap());
            assert!(
                (drawn - expected).abs() <= 0.05 * expected + 5.0,
                "{z}: {drawn} for {expected}"
            );
        }
    }

    #[test]
    fn a_ring_is_simple_where_rounding_leaves_it_so() {
        let at = |x: u32, y: u32| World { x: (1 << 30) + x, y: (1 << 30) + y };
        let area = WorldBox { min: at(0, 0), max: at(4000, 4000) };
        let rank = |ring: &[World]| ranked(20_000_000, &area, ring);
        let zooms = |rank: Rank| (0..=22).filter(|z| rank.is_simple_at(*z)).collect::<Vec<u8>>();
        let square = [at(0, 0), at(4000, 0), at(4000, 4000), at(0, 4000)];
        let shaped = rank(&square).shaped;
        assert_eq!(zooms(rank(&square)), (shaped..=22).collect::<Vec<_>>());
        let waist =
            [at(0, 0), at(2000, 1990), at(4000, 0), at(4000, 4000), at(2000, 2010), at(0, 4000)];
        let narrow = zooms(rank(&waist));
        assert!(narrow.contains(&16), "20 units of the world are five of zoom 16: {narrow:?}");
        assert!(!narrow.contains(&12), "and a thirteenth of one of zoom 12: {narrow:?}");
        let bow = [at(0, 0), at(4000, 4000), at(4000, 0), at(0, 4000)];
        assert!(zooms(rank(&bow)).is_empty());
        let back = [at(0, 0), at(4000, 0), at(2000, 0)];
        assert!(zooms(rank(&back)).is_empty());
    }
}
