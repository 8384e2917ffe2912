//! Vehicles counted by cells of the map, for a view from so far that nobody could tell them apart.
//!
//! Cells are those by which points of tiles stand together: of a zoom's own grid, which no view divides. What has changed
//! since the last telling is taken out of its cell as it was and put into its cell as it is, so that a difference costs
//! the changes and not the fleet.

use std::collections::{BTreeMap, BTreeSet};

use gis_data::{Bbox, Viewer, World, WorldBox};

use super::View;
use crate::live::{Seen, Standing, Status};

/// The world has 2^3 cells each way at zoom 0: 64 pixels of a map that is 512 wide, up to 128 before the next zoom.
const CELL_BITS: u8 = 3;
/// From this zoom on vehicles are always told as themselves.
const NEAR_ZOOM: f64 = 13.0;
/// Whoever has clusters keeps them a little nearer than that.
const STILL_FAR_ZOOM: f64 = 13.5;
/// Whoever has clusters keeps them until there are fewer vehicles than would bring them by one in so many.
const FEWER_BY: usize = 4;
/// Where a cluster stands is told to a 64th of its cell, two pixels at the most: less is no change.
const PLACE_BITS: u32 = 6;
/// Around a box of the world when it is asked in degrees: more than projecting there and back may be off.
const SLACK_DEG: f64 = 1e-6;

/// A cell of the grid of 2^level by 2^level into which the Web Mercator world (EPSG:3857) is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Columns east of −180°.
    pub x: u32,
    /// Rows south of 85.0511°.
    pub y: u32,
}

/// The vehicles of a cell that a viewer may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cluster {
    /// Where they are counted.
    pub cell: Cell,
    /// The middle of where they are, in the cell; Web Mercator.
    pub place: World,
    /// All of them.
    pub count: u32,
    /// Those on the move.
    pub moving: u32,
    /// Those that stand; the rest are silent.
    pub idle: u32,
}

/// Clusters as they are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    /// The grid's; it stays the same from one snapshot to the next.
    pub level: u8,
    /// New cells, and those that are not as they were.
    pub cells: Vec<Cluster>,
    /// Cells of which nothing is left.
    pub gone: Vec<Cell>,
}

/// What a client is told at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// Each vehicle.
    Vehicles,
    /// How many there are where.
    Clusters,
}

/// Whether a zoom is one of clusters. What is told already decides where it stands on the edge.
pub(super) fn is_far(zoom: f64, now: Telling) -> bool {
    zoom < if now == Telling::Clusters { STILL_FAR_ZOOM } else { NEAR_ZOOM }
}

/// Whether so many vehicles are more than a client wants told one by one. What is told already decides on the edge.
pub(super) fn are_many(vehicles: usize, most: usize, now: Telling) -> bool {
    vehicles > if now == Telling::Clusters { most - most / FEWER_BY } else { most }
}

/// What the members of a cell come to.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: u32,
    moving: u32,
    idle: u32,
    sum: (u64, u64),
}

/// The vehicles that a viewer may see in the cells that a view touches, and what the client was told of them.
#[derive(Debug)]
pub(super) struct Counted {
    level: u8,
    /// Whole cells.
    window: WorldBox,
    tallies: BTreeMap<Cell, Tally>,
    total: usize,
    told: BTreeMap<Cell, Cluster>,
    /// The cells in which something happened since.
    touched: BTreeSet<Cell>,
}

impl Counted {
    /// Counts what there is; nothing is told yet.
    pub(super) fn of(seen: &Seen<'_>, viewer: &Viewer, view: &View) -> Self {
        let mut counted = Self::nothing(view);
        counted.count(seen, viewer);
        counted
    }

    fn nothing(view: &View) -> Self {
        let level = level_of(view.zoom);
        let within = low_bits(32 - u32::from(level));
        let WorldBox { min, max } = WorldBox::from_bbox(view.bbox);
        let window = WorldBox {
            min: World { x: min.x & !within, y: min.y & !within },
            max: World { x: max.x | within, y: max.y | within },
        };
        let (tallies, told, touched) = Default::default();
        Self { level, window, tallies, total: 0, told, touched }
    }

    /// How many vehicles there are in all cells.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Counts anew; what is told stays, so that the next difference leads from there to here.
    pub(super) fn count(&mut self, seen: &Seen<'_>, viewer: &Viewer) {
        self.touched.extend(self.told.keys());
        self.tallies.clear();
        self.total = 0;
        seen.visit_bbox(viewer, &self.asked(), |vehicle| self.put(vehicle.standing(), viewer));
    }

    /// A vehicle that stood one way stands another.
    pub(super) fn step(&mut self, was: Option<Standing>, is: Option<Standing>, viewer: &Viewer) {
        if was != is {
            self.take(was, viewer);
            self.put(is, viewer);
        }
    }

    /// What is to be told after what was; `None` for nothing.
    pub(super) fn news(&mut self) -> Option<Clusters> {
        let mut news = Clusters { level: self.level, cells: Vec::new(), gone: Vec::new() };
        for cell in std::mem::take(&mut self.touched) {
            let Some(tally) = self.tallies.get(&cell) else {
                news.gone.extend(self.told.remove(&cell).map(|_| cell));
                continue;
            };
            let cluster = tally.cluster(cell, self.level);
            if self.told.insert(cell, cluster) != Some(cluster) {
                news.cells.push(cluster);
            }
        }
        (!news.cells.is_empty() || !news.gone.is_empty()).then_some(news)
    }

    /// Everything, for a client that has nothing.
    pub(super) fn all(&mut self) -> Clusters {
        self.told.clear();
        self.touched = self.tallies.keys().copied().collect();
        let nothing = Clusters { level: self.level, cells: Vec::new(), gone: Vec::new() };
        self.news().unwrap_or(nothing)
    }

    fn put(&mut self, standing: Option<Standing>, viewer: &Viewer) {
        let Some((cell, standing)) = self.counted(standing, viewer) else { return };
        self.touched.insert(cell);
        self.total += 1;
        self.tallies.entry(cell).or_default().put(standing);
    }

    fn take(&mut self, standing: Option<Standing>, viewer: &Viewer) {
        let Some((cell, standing)) = self.counted(standing, viewer) else { return };
        let Some(tally) = self.tallies.get_mut(&cell) else { return };
        self.touched.insert(cell);
        self.total -= 1;
        tally.take(standing);
        if tally.count == 0 {
            self.tallies.remove(&cell);
        }
    }

    /// A vehicle that the viewer may see in the window, and its cell.
    fn counted(&self, standing: Option<Standing>, viewer: &Viewer) -> Option<(Cell, Standing)> {
        let standing = standing.filter(|standing| viewer.sees(standing.scope))?;
        let place = standing.place;
        let is_inside = WorldBox { min: place, max: place }.intersects(&self.window);
        is_inside.then(|| (cell_of(place, self.level), standing))
    }

    /// A box in degrees in which everything is that the window holds, and a little more. What is beyond the latitudes of
    /// the map stands on its edge.
    fn asked(&self) -> Bbox {
        let Bbox { west, south, east, north } = self.window.to_bbox();
        Bbox {
            west: (west - SLACK_DEG).max(-180.0),
            south: if self.window.max.y == u32::MAX { -90.0 } else { south - SLACK_DEG },
            east: (east + SLACK_DEG).min(180.0),
            north: if self.window.min.y == 0 { 90.0 } else { north + SLACK_DEG },
        }
    }
}

impl Tally {
    fn put(&mut self, Standing { place, status, .. }: Standing) {
        self.count += 1;
        self.moving += u32::from(status == Status::Moving);
        self.idle += u32::from(status == Status::Idle);
        self.sum = (self.sum.0 + u64::from(place.x), self.sum.1 + u64::from(place.y));
    }

    fn take(&mut self, Standing { place, status, .. }: Standing) {
        self.count -= 1;
        self.moving -= u32::from(status == Status::Moving);
        self.idle -= u32::from(status == Status::Idle);
        self.sum = (self.sum.0 - u64::from(place.x), self.sum.1 - u64::from(place.y));
    }

    fn cluster(&self, cell: Cell, level: u8) -> Cluster {
        let within = low_bits((32 - u32::from(level)).saturating_sub(PLACE_BITS));
        let middle = |sum: u64| {
            // The mean of numbers of 32 bits is one.
            let mean = u32::try_from(sum / u64::from(self.count.max(1))).unwrap_or(u32::MAX);
            (mean & !within) | (within / 2)
        };
        let place = World { x: middle(self.sum.0), y: middle(self.sum.1) };
        let Self { count, moving, idle, .. } = *self;
        Cluster { cell, place, count, moving, idle }
    }
}

/// The level of the cells of a zoom; zooms beyond those of clusters have that of the last.
fn level_of(zoom: f64) -> u8 {
    let whole = (0..=13).rev().find(|whole| f64::from(*whole) <= zoom).unwrap_or(0);
    whole + CELL_BITS
}

fn cell_of(place: World, level: u8) -> Cell {
    let bits = 32 - u32::from(level);
    Cell { x: place.x >> bits, y: place.y >> bits }
}

/// As many ones, of fewer than 32.
fn low_bits(count: u32) -> u32 {
    (1 << count) - 1
}
