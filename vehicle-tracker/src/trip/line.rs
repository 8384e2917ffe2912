//! The line of a trip, made smaller while it grows.

use std::f64::consts::{PI, TAU};

use gis_data::LonLat;
use serde::{Deserialize, Serialize};

use super::ground::{Spot, float};

/// A line has at most so many vertices; one that would have more becomes coarser as a whole.
const MOST_VERTICES: usize = 512;

/// Where the vehicle was at a moment; between two of them it went straight on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Vertex {
    /// Epoch milliseconds.
    pub at_ms: i64,
    /// Where.
    pub place: LonLat,
}

/// A place on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, i32, i32)", into = "(i64, i32, i32)")]
pub(super) struct Node {
    pub(super) at_ms: i64,
    pub(super) spot: Spot,
}

/// Nodes, and what may still become one.
///
/// From the last node a sleeve is held over all positions since: the directions in which a straight
/// line passes each of them within the tolerance (Zhao and Saalfeld, Linear-time sleeve-fitting
/// polyline simplification, 1997). The position before the one that leaves the sleeve becomes a node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    nodes: Vec<Node>,
    /// The last position, unless it is a node.
    tip: Option<Node>,
    sleeve: Option<Sleeve>,
    /// Twice as wide each time that the line was made coarser.
    coarser: u8,
}

/// Directions in nanoradians, left and right of the first one; the farthest position in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Sleeve {
    middle: i64,
    right: i64,
    left: i64,
    far_mm: i64,
}

impl Line {
    /// Forgets all and begins here. Keeps its memory.
    pub(super) fn restart(&mut self, node: Node) {
        self.nodes.clear();
        self.nodes.push(node);
        (self.tip, self.sleeve, self.coarser) = (None, None, 0);
    }

    /// The next position; `line_m` is the tolerance in metres.
    pub(super) fn add(&mut self, node: Node, line_m: f64) {
        let tolerance_m = line_m * f64::from(1_u32 << self.coarser.min(30));
        let Some(from) = self.nodes.last().copied() else {
            return self.nodes.push(node);
        };
        match Sleeve::narrowed(self.sleeve, from, node, tolerance_m) {
            Fit::Within(sleeve) => self.sleeve = sleeve,
            Fit::Beside => {
                let corner = self.tip.unwrap_or(node);
                self.push(corner, line_m);
                let from = self.nodes.last().copied().unwrap_or(corner);
                self.sleeve = Sleeve::opened(from, node, tolerance_m);
            }
        }
        self.tip = Some(node);
    }

    /// Makes the last position a node: what lies behind it never moves the line before it.
    pub(super) fn pin(&mut self, line_m: f64) {
        if let Some(tip) = self.tip.take() {
            self.push(tip, line_m);
            self.sleeve = None;
        }
    }

    /// The line up to a position on it, which becomes its end.
    pub(super) fn until(&self, end: Node) -> Vec<Vertex> {
        let before = self.nodes.partition_point(|node| node.at_ms < end.at_ms);
        self.nodes[..before]
            .iter()
            .chain([&end])
            .map(|node| Vertex { at_ms: node.at_ms, place: node.spot.place() })
            .collect()
    }

    fn push(&mut self, node: Node, line_m: f64) {
        self.nodes.push(node);
        while self.nodes.len() >= MOST_VERTICES && self.coarser < 30 {
            self.coarser += 1;
            let tolerance_m = line_m * f64::from(1_u32 << self.coarser);
            thin(&mut self.nodes, tolerance_m);
        }
    }
}

/// Leaves out what a line twice as coarse does not need. The ends stay.
fn thin(nodes: &mut Vec<Node>, tolerance_m: f64) {
    let (mut kept, mut sleeve) = (1, None);
    for at in 1..nodes.len() {
        if let Fit::Within(narrowed) =
            Sleeve::narrowed(sleeve, nodes[kept - 1], nodes[at], tolerance_m)
        {
            sleeve = narrowed;
            continue;
        }
        nodes[kept] = nodes[at - 1];
        sleeve = Sleeve::opened(nodes[kept], nodes[at], tolerance_m);
        kept += 1;
    }
    nodes[kept] = nodes[nodes.len() - 1];
    nodes.truncate(kept + 1);
}

/// Whether a straight line passes all positions since the node.
enum Fit {
    /// One does: it may go in these directions, or in any while all of them are at the node.
    Within(Option<Sleeve>),
    /// None does, or it would lose the farthest position because the way turned back.
    Beside,
}

impl Sleeve {
    fn opened(from: Node, to: Node, tolerance_m: f64) -> Option<Self> {
        match Self::narrowed(None, from, to, tolerance_m) {
            Fit::Within(sleeve) => sleeve,
            Fit::Beside => None,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "angles and lengths on the earth fit")]
    fn narrowed(sleeve: Option<Self>, from: Node, to: Node, tolerance_m: f64) -> Fit {
        let (east, north) = from.spot.metres_to(to.spot);
        let away_m = (east * east + north * north).sqrt();
        if away_m <= tolerance_m {
            let is_lost = sleeve.is_some_and(|held| held.far_m() > 2.0 * tolerance_m);
            return if is_lost { Fit::Beside } else { Fit::Within(sleeve) };
        }
        let nano = |angle: f64| (angle * 1e9).round() as i64;
        let angle = north.atan2(east);
        let half = nano((tolerance_m / away_m).asin());
        let far_mm = (away_m * 1e3) as i64;
        let Some(held) = sleeve else {
            let middle = nano(angle);
            return Fit::Within(Some(Self { middle, right: -half, left: half, far_mm }));
        };
        let turned = angle - float(held.middle) / 1e9;
        let turned = nano(turned - TAU * ((turned + PI) / TAU).floor());
        if turned < held.right || turned > held.left || away_m + tolerance_m < held.far_m() {
            return Fit::Beside;
        }
        Fit::Within(Some(Self {
            right: held.right.max(turned - half),
            left: held.left.min(turned + half),
            far_mm: held.far_mm.max(far_mm),
            ..held
        }))
    }

    fn far_m(self) -> f64 {
        float(self.far_mm) / 1e3
    }
}

impl From<(i64, i32, i32)> for Node {
    fn from((at_ms, lon_e7, lat_e7): (i64, i32, i32)) -> Self {
        Self { at_ms, spot: Spot::from((lon_e7, lat_e7)) }
    }
}

impl From<Node> for (i64, i32, i32) {
    fn from(node: Node) -> Self {
        (node.at_ms, node.spot.lon_e7, node.spot.lat_e7)
    }
}
