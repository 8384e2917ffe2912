//! What a zoom leaves of a geometry, decided on the whole feature and never on a tile's share of it, so
//! that neighbouring tiles agree. Vertices that the zoom does not need are left out, the same of all features that share them, and
//! the others only ever move to the nearest point of the zoom's grid: a border that two parcels share stays shared.

use geo_types::Coord;
use gis_data::ring::is_straight;
use gis_data::{PackedGeometry, Part, TINY_UNITS, doubled_area};

use crate::coord::Grid;

/// A ring on the grid of a tile, not closed by a repeated vertex.
pub(crate) type Ring = Vec<Coord<i64>>;

/// How much a zoom keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Every polygon that is more than nothing on the grid: the layer's last zoom.
    Full,
    /// Without what nobody could see: the zooms before it.
    Visible,
}

/// The rings of all polygons, as mirrors keep them: exteriors with positive area (clockwise on a screen, as MVT 2.1 wants)
/// and holes with negative area.
pub(crate) fn rings(geometry: PackedGeometry<'_>, grid: Grid, detail: Detail) -> Vec<Ring> {
    let mut kept = Vec::new();
    for polygon in geometry.polygons() {
        for (n, ring) in polygon.into_iter().enumerate() {
            if detail == Detail::Visible && is_tiny(doubled_area(ring.points), grid) {
                if n == 0 {
                    break;
                }
                continue;
            }
            kept.push(snapped(ring, grid));
        }
    }
    kept
}

/// A line's vertices on the grid, without repeated ones and those that lie straight between others.
pub(crate) fn line(part: Part<'_>, grid: Grid) -> Vec<Coord<i64>> {
    let mut kept: Vec<Coord<i64>> = Vec::with_capacity(part.points.len());
    for point in snapped(part, grid) {
        if let [.., a, b] = kept[..]
            && is_straight(a, b, point)
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}

fn snapped(part: Part<'_>, grid: Grid) -> Vec<Coord<i64>> {
    let mut points: Vec<Coord<i64>> = part.at(grid.zoom()).map(|p| grid.snap(p)).collect();
    points.dedup();
    points
}

fn is_tiny(doubled_area: i128, grid: Grid) -> bool {
    // Such a unit is 2^(20 − z) world units; both sides are squared and doubled.
    doubled_area.abs() << (2 * grid.zoom()) < i128::from(2 * TINY_UNITS) << 40
}
