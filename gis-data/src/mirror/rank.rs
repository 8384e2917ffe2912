//! From which zoom a feature is drawn, and how: decided once, by the feature alone, so that every tile of a zoom and
//! every copy of the server decide alike.
//!
//! A polygon below [`TINY_UNITS`] square units of a tile of 4096 cannot be seen by itself, yet many of them make a town.
//! Such a polygon stands, as a square of just that size, for as many of its like as it takes to fill it: it is drawn
//! where its area, as a share of the square's, exceeds its place in a low-discrepancy sequence. So the area on the
//! screen stays what it is on the ground, evenly spread, and what a zoom shows the next one shows too. tippecanoe sums
//! areas along a curve instead, which depends on what else is in the tile.

use crate::{World, WorldBox};

/// Square units of a tile of 4096: a quarter of a pixel squared where a tile is drawn at 256 pixels.
pub const TINY_UNITS: u32 = 16;

/// Rings up to this length are measured for their narrowest place.
const SHORT_RING: usize = 64;

/// Never.
const NEVER: u8 = u8::MAX;

/// Zooms of a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// From this zoom on it is drawn.
    pub shown: u8,
    /// From this zoom on with its own shape, below it as a square of [`TINY_UNITS`].
    pub shaped: u8,
    /// From this zoom on its only ring stays simple on the tile's grid, wherever its vertices are rounded to.
    pub clear: u8,
}

impl Rank {
    /// What is neither dropped nor checked: points and lines.
    pub(super) const ALWAYS: Self = Self { shown: 0, shaped: 0, clear: NEVER };

    /// Of polygons with this doubled area, in world units squared, all rings of which are given.
    pub(super) fn of_polygons(doubled_area: u128, bbox: &WorldBox, rings: &[&[World]]) -> Self {
        // A square unit of zoom z is 4^(20 − z) world units, and a share of the square is a share of 2^32.
        let zoom = |reached: &dyn Fn(u128) -> bool| {
            (0..=40_u8).find(|z| reached(doubled_area << (2 * z))).unwrap_or(NEVER)
        };
        let shaped = zoom(&|area| area >= u128::from(2 * TINY_UNITS) << 40);
        let place = u128::from(spread(bbox.middle()));
        let shown = zoom(&|area| area > place << (41 + TINY_UNITS.ilog2() - 32)).min(shaped);
        let clear = match rings {
            [ring] if (3..=SHORT_RING).contains(&ring.len()) => clear(ring),
            _ => NEVER,
        };
        Self { shown, shaped, clear }
    }
}

/// A place in a sequence over the ground whose neighbours are far from each other: the R2 sequence of M. Roberts (2018),
/// on cells of 4.8 m at the equator.
fn spread(place: World) -> u32 {
    let (x, y) = (place.x >> 9, place.y >> 9);
    x.wrapping_mul(3_242_174_889).wrapping_add(y.wrapping_mul(2_447_445_414))
}

/// Rounding moves a vertex by less than 0.71 units, so a ring stays simple where no vertex is nearer than 1.42 to an
/// edge that is not its own.
fn clear(ring: &[World]) -> u8 {
    let n = ring.len();
    let at = |i: usize| (i64::from(ring[i % n].x), i64::from(ring[i % n].y));
    let mut nearest = f64::INFINITY;
    for edge in 0..n {
        let this = (at(edge), at(edge + 1));
        for vertex in (edge + 2)..(edge + n) {
            let other = (at(vertex), at(vertex + 1));
            nearest = nearest.min(squared_distance(this, other.0));
            if vertex + 1 < edge + n && is_split_by(other, this) && is_split_by(this, other) {
                return NEVER;
            }
        }
    }
    let nearest = nearest.sqrt();
    // Tiles of 4096 units to zoom 15, of 16384 from zoom 16 on.
    let unit = |z: u8| if z < 16 { 20 - i32::from(z) } else { 18 - i32::from(z) };
    (0..=18_u8).find(|z| nearest > 1.5 * f64::from(unit(*z)).exp2()).unwrap_or(NEVER)
}

type Point = (i64, i64);

/// Whether the ends of the first segment lie on different sides of the line through the second, or on it.
fn is_split_by(segment: (Point, Point), (from, to): (Point, Point)) -> bool {
    let wide = |n: i64| i128::from(n);
    let turn = |c: Point| {
        wide(to.0 - from.0) * wide(c.1 - from.1) - wide(to.1 - from.1) * wide(c.0 - from.0)
    };
    turn(segment.0).signum() * turn(segment.1).signum() <= 0
}

#[expect(clippy::cast_precision_loss, reason = "a distance that decides with a margin")]
fn squared_distance((from, to): (Point, Point), point: Point) -> f64 {
    let way = |a: Point, b: Point| ((b.0 - a.0) as f64, (b.1 - a.1) as f64);
    let (edge, there) = (way(from, to), way(from, point));
    let length = edge.0 * edge.0 + edge.1 * edge.1;
    let along = (there.0 * edge.0 + there.1 * edge.1) / length;
    let along = if length > 0.0 { along.clamp(0.0, 1.0) } else { 0.0 };
    let off = (there.0 - along * edge.0, there.1 - along * edge.1);
    off.0 * off.0 + off.1 * off.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: u32, y: u32, side: u32) -> Rank {
        let at = |dx, dy| World { x: x + dx, y: y + dy };
        let ring = [at(0, 0), at(side, 0), at(side, side), at(0, side)];
        let bbox = WorldBox { min: ring[0], max: ring[2] };
        Rank::of_polygons(2 * u128::from(side) * u128::from(side), &bbox, &[&ring])
    }

    #[test]
    fn a_square_has_its_shape_from_sixteen_square_units_on() {
        // Four units a side at zoom 10, where a unit is 1024 world units.
        assert_eq!(square(1 << 30, 1 << 30, 4096).shaped, 10);
        assert_eq!(square(1 << 30, 1 << 30, 4095).shaped, 11);
        assert_eq!(square(1 << 30, 1 << 30, 4096).clear, 9);
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
    fn a_ring_that_is_narrow_somewhere_is_clear_late_and_one_that_crosses_never() {
        let at = |x: u32, y: u32| World { x: (1 << 30) + x, y: (1 << 30) + y };
        let area = WorldBox { min: at(0, 0), max: at(4000, 4000) };
        let rank = |ring: &[World]| Rank::of_polygons(20_000_000, &area, &[ring]);
        let waist =
            [at(0, 0), at(2000, 1990), at(4000, 0), at(4000, 4000), at(2000, 2010), at(0, 4000)];
        assert_eq!(rank(&waist).clear, 16, "20 units of the world are more than 1.5 of zoom 16");
        let bow = [at(0, 0), at(4000, 4000), at(4000, 0), at(0, 4000)];
        assert_eq!(rank(&bow).clear, NEVER);
        let back = [at(0, 0), at(4000, 0), at(2000, 0)];
        assert_eq!(rank(&back).clear, NEVER);
    }
}
