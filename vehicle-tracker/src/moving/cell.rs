//! The cells: squares of degrees, each of four quarters, down to 38 m of latitude.

use std::f64::consts::PI;

use gis_data::{Bbox, LonLat};

/// Steps of the grid per degree: 2^32 to the turn, 9 mm of the equator each.
const PER_DEGREE: f64 = 4_294_967_296.0 / 360.0;
const RADIANS: f64 = 2.0 * PI / 4_294_967_296.0;

/// The northernmost row; southernmost is 0.
const TOP: u32 = (1 << 31) - 1;
/// The rows of the equator and beyond are north.
const EQUATOR: u32 = 1 << 30;

/// Depth of the smallest cells.
pub(super) const DEEPEST: u8 = 20;

/// A square of the grid: column, row and depth, 0 for the whole earth and one deeper for each
/// quartering.
///
/// The grid keeps the order of coordinates: what is further east or north is in no lower a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    x: u32,
    y: u32,
    depth: u8,
}

impl Cell {
    /// Everything.
    pub(super) const EARTH: Self = Self { x: 0, y: 0, depth: 0 };

    /// The single step of the grid in which a place lies.
    pub(super) fn of(place: LonLat) -> Self {
        Self { x: step(place.lon() + 180.0), y: step(place.lat() + 90.0).min(TOP), depth: 32 }
    }

    pub(super) fn depth(self) -> u8 {
        self.depth
    }

    /// Quarter 0 is south-west, 1 south-east, 2 north-west, 3 north-east.
    pub(super) fn quarter(self, i: usize) -> Self {
        let half = self.size() / 2;
        let shifted = |by: bool| if by { half } else { 0 };
        Self {
            x: self.x + low_32(shifted(i & 1 == 1)),
            y: self.y + low_32(shifted(i & 2 == 2)),
            depth: self.depth + 1,
        }
    }

    /// The cell of a depth in which a place lies.
    pub(super) fn around(place: LonLat, depth: u8) -> Self {
        let step = Self::of(place);
        let keep = low_32(u64::MAX << (32 - u32::from(depth)));
        Self { x: step.x & keep, y: step.y & keep, depth }
    }

    /// In which quarter of this cell another, that lies in it, is.
    pub(super) fn quarter_of(self, inner: Self) -> usize {
        let shift = 31 - u32::from(self.depth);
        let bit = |v: u32| usize::from((v >> shift) & 1 == 1);
        bit(inner.x) | bit(inner.y) << 1
    }

    /// Whether another, smaller one lies in this.
    pub(super) fn holds(self, inner: Self) -> bool {
        let shift = 32 - u32::from(self.depth);
        let differs = u64::from((self.x ^ inner.x) | (self.y ^ inner.y));
        differs >> shift == 0
    }

    /// Radians of latitude from a step of the grid to the nearest row, and from the equator to the
    /// nearest row of those between; neither is too much.
    pub(super) fn north_from(self, from: Self) -> (f64, f64) {
        let (south, north) = (u64::from(self.y), u64::from(self.y) + self.size());
        let y = u64::from(from.y);
        let gap = south.saturating_sub(y).max(y.saturating_sub(north));
        let low = y.min(south.max(y.min(north)));
        let high = y.max(south.max(y.min(north)));
        let equator = u64::from(EQUATOR);
        let off = low.saturating_sub(equator).max(equator.saturating_sub(high));
        (whole(gap.saturating_sub(2)) * RADIANS, whole(off.saturating_sub(2)) * RADIANS)
    }

    /// Radians of longitude from a step of the grid to the nearest column, the short way round;
    /// never too much.
    pub(super) fn east_from(self, from: Self) -> f64 {
        let west_edge = from.x.wrapping_sub(self.x);
        if u64::from(west_edge) < self.size() {
            return 0.0;
        }
        let east = self.x.wrapping_sub(from.x);
        let west = west_edge.wrapping_sub(low_32(self.size()));
        whole(u64::from(east.min(west).saturating_sub(2))) * RADIANS
    }

    /// Radians from the equator to the row nearest to a pole; never too little.
    pub(super) fn farthest_lat(self) -> f64 {
        let last = u64::from(self.y) + self.size();
        let south = u64::from(EQUATOR).saturating_sub(u64::from(self.y));
        whole(last.saturating_sub(u64::from(EQUATOR)).max(south).min(u64::from(EQUATOR))) * RADIANS
    }

    /// The middle of a cell on the earth, and at least half a side in radians.
    pub(super) fn middle(self) -> (LonLat, f64) {
        let half = whole(self.size()) / 2.0;
        let lon = (f64::from(self.x) + half) / PER_DEGREE - 180.0;
        let lat = (f64::from(self.y) + half) / PER_DEGREE - 90.0;
        let place = LonLat::new_checked(lon, lat).expect("cells with vehicles are on the earth");
        (place, (half + 2.0) * RADIANS)
    }

    /// Steps to a side; 2^32 for the whole earth.
    fn size(self) -> u64 {
        1 << (32 - u32::from(self.depth))
    }
}

/// Columns and rows of the grid, the last ones included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    x: [u32; 2],
    y: [u32; 2],
}

impl Window {
    /// Every step in which a place of the box may lie.
    pub(super) fn of(bbox: &Bbox) -> Self {
        let x = [bbox.west, bbox.east].map(|lon| step(lon + 180.0));
        let y = [bbox.south, bbox.north].map(|lat| step(lat + 90.0).min(TOP));
        Self { x, y }
    }

    /// Which quarters of a cell it touches, of a cell that it touches itself.
    pub(super) fn quarters(&self, cell: Cell) -> [bool; 4] {
        let middle = cell.quarter(3);
        let west_east = [self.x[0] < middle.x, self.x[1] >= middle.x];
        let south_north = [self.y[0] < middle.y, self.y[1] >= middle.y];
        [0, 1, 2, 3].map(|i: usize| west_east[i & 1] && south_north[i >> 1])
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a conversion that stops at the ends of the grid is what is wanted"
)]
fn step(degrees: f64) -> u32 {
    (degrees * PER_DEGREE) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "2^32 is to become 0: columns go round")]
fn low_32(steps: u64) -> u32 {
    steps as u32
}

#[expect(clippy::cast_precision_loss, reason = "no more than 2^32 steps")]
fn whole(steps: u64) -> f64 {
    steps as f64
}
