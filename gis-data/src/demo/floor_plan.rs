//! The floors of an office building: rooms along both sides of a corridor, cut on a grid of whole
//! centimetres so that they tile their floor and share every vertex.

use std::collections::BTreeSet;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::draft::Axes;
use super::shape::{Pt, pt};

/// A corner on the plan, in centimetres from the building's middle.
type Corner = (i32, i32);

const ROOM_DEEP: i32 = 780;
const CORRIDOR_WIDE: i32 = 240;
/// The depth of a bar: rooms, corridor, rooms.
const BAR_DEEP: i32 = 2 * ROOM_DEEP + CORRIDOR_WIDE;
const STAIR_WIDE: i32 = 400;
const TOILET_WIDE: i32 = 540;
const LIFT_WIDE: i32 = 800;

/// The shape of an office building: a bar with wings to the south.
#[derive(Debug, Clone)]
pub(super) struct FloorPlan {
    /// Where the plan lies in the city.
    pub(super) axes: Axes,
    half_long: i32,
    half_deep: i32,
    /// The western edge of each wing.
    wings: Vec<i32>,
}

/// One room's place on a floor.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    west: i32,
    south: i32,
    east: i32,
    north: i32,
    pub(super) use_kind: &'static str,
    pub(super) name: &'static str,
}

/// A floor in the city's frame.
#[derive(Debug)]
pub(super) struct Storey {
    pub(super) outline: Vec<Pt>,
    pub(super) rooms: Vec<(Cell, Vec<Pt>)>,
}

/// How many wings a bar has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wings {
    None,
    West,
    Both,
    Three,
}

impl FloorPlan {
    /// A plan of a length in whole metres; wings reach `wing_m` to the south.
    pub(super) fn new(axes: Axes, long_m: i32, wing_m: i32, wings: Wings) -> Self {
        let half_long = long_m * 50;
        let wing = if wings == Wings::None { 0 } else { wing_m * 100 };
        let half_deep = BAR_DEEP.midpoint(wing);
        let (west, east) = (-half_long, half_long - BAR_DEEP);
        let wings = match wings {
            Wings::None => vec![],
            Wings::West => vec![west],
            Wings::Both => vec![west, east],
            Wings::Three => vec![west, -BAR_DEEP / 2, east],
        };
        Self { axes, half_long, half_deep, wings }
    }

    /// Length and depth of the rectangle around the plan, in metres.
    pub(super) fn size_m(&self) -> (f64, f64) {
        (f64::from(self.half_long) / 50.0, f64::from(self.half_deep) / 50.0)
    }

    pub(super) fn outline(&self) -> Vec<Pt> {
        self.corners().into_iter().map(|c| self.place(c)).collect()
    }

    /// Draws one storey; storeys of a building share their stairs but not their partitions.
    pub(super) fn storey(&self, ordinal: i8, rng: &mut ChaCha8Rng) -> Storey {
        let cells = self.cells(ordinal, rng);
        let mut corners = BTreeSet::new();
        for cell in &cells {
            corners.extend(cell.ring());
        }
        let node = |ring: &[Corner]| -> Vec<Pt> {
            noded(ring, &corners).into_iter().map(|c| self.place(c)).collect()
        };
        Storey {
            outline: node(&self.corners()),
            rooms: cells.iter().map(|cell| (cell.clone(), node(&cell.ring()))).collect(),
        }
    }

    fn place(&self, (x, y): Corner) -> Pt {
        self.axes.to_city(pt(f64::from(x) / 100.0, f64::from(y) / 100.0))
    }

    /// The outline, counter-clockwise from the south-west.
    fn corners(&self) -> Vec<Corner> {
        let (long, south, north) = (self.half_long, -self.half_deep, self.half_deep);
        let bar = north - BAR_DEEP;
        let mut corners = Vec::new();
        for &west in &self.wings {
            let east = west + BAR_DEEP;
            if west > -long {
                corners.push((west, bar));
            }
            corners.extend([(west, south), (east, south)]);
            if east < long {
                corners.push((east, bar));
            }
        }
        if !self.wings.contains(&-long) {
            corners.insert(0, (-long, bar));
        }
        if self.wings.last().is_none_or(|west| west + BAR_DEEP < long) {
            corners.push((long, bar));
        }
        corners.extend([(long, north), (-long, north)]);
        corners
    }

    fn cells(&self, ordinal: i8, rng: &mut ChaCha8Rng) -> Vec<Cell> {
        let (long, south, north) = (self.half_long, -self.half_deep, self.half_deep);
        let bar = north - BAR_DEEP;
        let mut cells = Vec::new();
        let mut add = |x: (i32, i32), y: (i32, i32), kind: (&'static str, &'static str)| {
            let (use_kind, name) = kind;
            cells.push(Cell { west: x.0, south: y.0, east: x.1, north: y.1, use_kind, name });
        };
        add((-long, long), (bar + ROOM_DEEP, north - ROOM_DEEP), ("走廊", "走廊"));
        // The northern row holds what goes through all storeys.
        let row = (north - ROOM_DEEP, north);
        let west_end = -long + STAIR_WIDE + TOILET_WIDE;
        let east_end = long - STAIR_WIDE - 360;
        add((-long, -long + STAIR_WIDE), row, ("楼梯间", "西楼梯间"));
        add((-long + STAIR_WIDE, west_end), row, ("卫生间", "卫生间"));
        for (from, to) in cut(west_end, -LIFT_WIDE / 2, ordinal, rng) {
            add((from, to), row, room_kind(to - from, ordinal, rng));
        }
        add((-LIFT_WIDE / 2, LIFT_WIDE / 2), row, ("楼梯间", "电梯厅"));
        for (from, to) in cut(LIFT_WIDE / 2, east_end, ordinal, rng) {
            add((from, to), row, room_kind(to - from, ordinal, rng));
        }
        add((east_end, east_end + 360), row, ("设备间", "强弱电间"));
        add((long - STAIR_WIDE, long), row, ("楼梯间", "东楼梯间"));
        // The southern row leaves a way into each wing, and a hall on the ground floor.
        let row = (bar, bar + ROOM_DEEP);
        let mut ways: Vec<(i32, i32, bool)> = self
            .wings
            .iter()
            .map(|west| (west + ROOM_DEEP, west + ROOM_DEEP + CORRIDOR_WIDE, true))
            .collect();
        if ordinal == 1 && !ways.iter().any(|way| way.0 < 600 && way.1 > -600) {
            ways.push((-600, 600, false));
            ways.sort_unstable();
        }
        let mut from = -long;
        for &(west, east, _) in &ways {
            for (a, b) in cut(from, west, ordinal, rng) {
                add((a, b), row, room_kind(b - a, ordinal, rng));
            }
            from = east;
        }
        for (a, b) in cut(from, long, ordinal, rng) {
            add((a, b), row, room_kind(b - a, ordinal, rng));
        }
        for (west, east, wing) in ways {
            if !wing {
                add((west, east), row, ("走廊", "门厅"));
                continue;
            }
            add((west, east), (south, bar + ROOM_DEEP), ("走廊", "走廊"));
            for side in [(west - ROOM_DEEP, west), (east, east + ROOM_DEEP)] {
                add(
                    side,
                    (south, south + STAIR_WIDE),
                    if side.0 < west {
                        ("楼梯间", "南楼梯间")
                    } else {
                        ("卫生间", "卫生间")
                    },
                );
                for (a, b) in cut(south + STAIR_WIDE, bar, ordinal, rng) {
                    add(side, (a, b), room_kind(b - a, ordinal, rng));
                }
            }
        }
        cells
    }
}

impl Cell {
    fn ring(&self) -> [Corner; 4] {
        [
            (self.west, self.south),
            (self.east, self.south),
            (self.east, self.north),
            (self.west, self.north),
        ]
    }
}

/// Cuts a length into rooms on a grid of 60 cm.
fn cut(from: i32, to: i32, ordinal: i8, rng: &mut ChaCha8Rng) -> Vec<(i32, i32)> {
    const WIDTHS: [i32; 8] = [360, 360, 360, 420, 540, 540, 720, 900];
    const BASEMENT: [i32; 3] = [720, 1_440, 2_160];
    let (widths, least): (&[i32], i32) =
        if ordinal < 0 { (&BASEMENT, 600) } else { (&WIDTHS, 330) };
    let mut rooms = Vec::new();
    let mut at = from;
    while at < to {
        let mut next = at + widths[rng.random_range(0..widths.len())];
        if next + least > to {
            next = to;
        }
        rooms.push((at, next));
        at = next;
    }
    rooms
}

fn room_kind(wide: i32, ordinal: i8, rng: &mut ChaCha8Rng) -> (&'static str, &'static str) {
    let chance = rng.random_range(0..100);
    if ordinal < 0 {
        return match chance {
            0..=54 => ("车库", "地下车库"),
            55..=69 => ("设备间", "水泵房"),
            70..=84 => ("储藏室", "物资库"),
            _ => ("机房", "配电机房"),
        };
    }
    match chance {
        0..=39 if wide >= 720 => ("会议室", "会议室"),
        0..=4 => ("档案室", "档案室"),
        5..=7 => ("储藏室", "储藏室"),
        8..=10 => ("机房", "网络机房"),
        11..=16 if ordinal == 1 => ("值班室", "值班室"),
        _ => ("办公室", "办公室"),
    }
}

/// A ring with every corner of the floor that lies on its sides.
fn noded(ring: &[Corner], corners: &BTreeSet<Corner>) -> Vec<Corner> {
    let mut all = Vec::new();
    for (i, &a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        all.push(a);
        let (low, high) = (a.min(b), a.max(b));
        let mut between: Vec<Corner> = corners
            .range(low..=high)
            .copied()
            .filter(|c| *c != a && *c != b)
            .filter(|c| if a.0 == b.0 { c.0 == a.0 } else { c.1 == a.1 })
            .collect();
        if a > b {
            between.reverse();
        }
        all.extend(between);
    }
    all
}
