//! Where the vehicles are now, to be asked by place: in a box, nearest, within, along a route.

mod along;
mod cell;
mod metric;
mod quadtree;
mod search;
#[cfg(test)]
mod tests;

use gis_data::LonLat;

use crate::live::Handle;
pub use along::OnRoute;
use quadtree::Quadtree;

/// The positions of vehicles on the move.
///
/// The tree quarters the earth until a cell holds few vehicles, so cells are as large as the traffic
/// is thin: some 250 m in a city, 38 m at the least. A vehicle that stays in its cell changes a number
/// in place. Every search is exact. Distances are metres on WGS 84 as the arc over the chord between
/// two places: right to 1e-6 of themselves up to 250 km, to 1e-4 up to 2,500 km.
#[derive(Debug, Default)]
pub struct MovingIndex {
    tree: Quadtree,
}

/// What putting a vehicle came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was not there before.
    Entered,
    /// It stayed in its cell: no cell changed.
    Within,
    /// It went from one cell to another.
    Across,
}

impl MovingIndex {
    /// How many vehicles there are.
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where a vehicle is.
    pub fn get(&self, id: Handle) -> Option<LonLat> {
        self.tree.get(id)
    }

    /// Says where a vehicle is now.
    pub fn put(&mut self, id: Handle, place: LonLat) -> Step {
        self.tree.put(id, place)
    }

    /// Forgets a vehicle; says where it was.
    pub fn remove(&mut self, id: Handle) -> Option<LonLat> {
        self.tree.remove(id)
    }
}
