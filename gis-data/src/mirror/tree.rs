//! A static tree of boxes over rows that already lie in the order of a Hilbert curve: neighbours in the order are
//! neighbours on the ground, so sixteen rows in a row make a node, sixteen nodes the next, and no pointers are needed.

use crate::{World, WorldBox};

/// Rows or nodes below a node.
const FAN: usize = 16;

/// The boxes above the rows, level by level; the rows' own boxes are the caller's.
#[derive(Debug, Default)]
pub(super) struct Tree {
    levels: Vec<Vec<WorldBox>>,
}

impl Tree {
    pub(super) fn over(boxes: &[WorldBox]) -> Self {
        let mut levels: Vec<Vec<WorldBox>> = Vec::new();
        let mut below = boxes;
        while below.len() > 1 {
            let level = below.chunks(FAN).map(around).collect();
            levels.push(level);
            below = levels.last().map_or(&[], Vec::as_slice);
        }
        Self { levels }
    }

    /// The rows whose boxes meet the area, in ascending order.
    pub(super) fn each_in(&self, boxes: &[WorldBox], area: &WorldBox, f: &mut impl FnMut(usize)) {
        self.descend(self.levels.len(), 0, boxes, area, f);
    }

    /// Whether no more than about so many rows meet the area, by the nodes right above the rows.
    pub(super) fn is_little(&self, area: &WorldBox, rows: usize) -> bool {
        let mut left = rows / FAN + 1;
        self.levels.is_empty() || self.count_down(self.levels.len() - 1, 0, area, &mut left)
    }

    /// Takes the nodes of the lowest level below the n-th of this one from what is left; whether there were enough.
    fn count_down(&self, level: usize, n: usize, area: &WorldBox, left: &mut usize) -> bool {
        if !self.levels[level][n].intersects(area) {
            return true;
        }
        let Some(below) = level.checked_sub(1) else {
            return left.checked_sub(1).is_some_and(|fewer| {
                *left = fewer;
                true
            });
        };
        let children = n * FAN..self.levels[below].len().min((n + 1) * FAN);
        children.into_iter().all(|child| self.count_down(below, child, area, left))
    }

    /// Looks below the n-th node of a level; level 0 are the rows.
    fn descend(
        &self,
        level: usize,
        n: usize,
        boxes: &[WorldBox],
        area: &WorldBox,
        f: &mut impl FnMut(usize),
    ) {
        let Some(below) = level.checked_sub(1) else {
            if boxes.first().is_some_and(|only| only.intersects(area)) {
                f(0);
            }
            return;
        };
        let children = if below == 0 { boxes } else { &self.levels[below - 1] };
        let (from, to) = (n * FAN, children.len().min((n + 1) * FAN));
        for (child, bbox) in (from..to).zip(&children[from..to]) {
            if bbox.intersects(area) {
                if below == 0 { f(child) } else { self.descend(below, child, boxes, area, f) }
            }
        }
    }
}

fn around(boxes: &[WorldBox]) -> WorldBox {
    boxes[1..].iter().fold(boxes[0], |a, b| WorldBox {
        min: World { x: a.min.x.min(b.min.x), y: a.min.y.min(b.min.y) },
        max: World { x: a.max.x.max(b.max.x), y: a.max.y.max(b.max.y) },
    })
}

/// Where the middle of a box lies on a Hilbert curve through the world square, on a grid of 2^24 cells a side: after
/// Hilbert 1891, by the rotations of Wikipedia's `xy2d`.
pub(super) fn along(bbox: &WorldBox) -> u64 {
    let middle = bbox.middle();
    let (mut x, mut y) = (middle.x >> 8, middle.y >> 8);
    let (mut along, mut side) = (0, 1_u32 << 23);
    while side > 0 {
        let (right, down) = (u64::from(x & side > 0), u64::from(y & side > 0));
        along += u64::from(side) * u64::from(side) * ((3 * right) ^ down);
        if down == 0 {
            if right == 1 {
                (x, y) = (0xff_ffff - x, 0xff_ffff - y);
            }
            (x, y) = (y, x);
        }
        side >>= 1;
    }
    along
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn square(x: u32, y: u32, side: u32) -> WorldBox {
        WorldBox {
            min: World { x, y },
            max: World { x: x.saturating_add(side), y: y.saturating_add(side) },
        }
    }

    #[test]
    fn the_curve_goes_from_neighbour_to_neighbour() {
        let mut cells: Vec<(u64, u32, u32)> = (0..64)
            .flat_map(|x| (0..64).map(move |y| (along(&square(x << 8, y << 8, 0)), x, y)))
            .collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            let step = pair[0].1.abs_diff(pair[1].1) + pair[0].2.abs_diff(pair[1].2);
            assert_eq!((pair[1].0 - pair[0].0, step), (1, 1), "{pair:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_boxes_are_found_as_by_looking_at_each(
            boxes in vec((0..1000_u32, 0..1000_u32, 0..200_u32), 0..300),
            area in (0..1000_u32, 0..1000_u32, 0..500_u32),
        ) {
            let boxes: Vec<WorldBox> = boxes.into_iter().map(|(x, y, s)| square(x, y, s)).collect();
            let area = square(area.0, area.1, area.2);
            let mut found = Vec::new();
            Tree::over(&boxes).each_in(&boxes, &area, &mut |row| found.push(row));
            let expected: Vec<usize> = (0..boxes.len()).filter(|&row| boxes[row].intersects(&area)).collect();
            prop_assert_eq!(&found, &expected);
            let tree = Tree::over(&boxes);
            prop_assert!(tree.is_little(&area, boxes.len()));
            prop_assert!(expected.len() <= 32 || !tree.is_little(&area, expected.len() - 32));
        }
    }
}
