//! Vehicles along a route.

use gis_data::LonLat;

use super::MovingIndex;
use super::cell::Cell;
use super::metric::{
    R_MIN_M, Vector, arc_m, between2, chord2_of, cross, dot, normal, on_ground, scaled,
};
use super::quadtree::{Child, Quadtree};
use crate::live::Handle;

/// Ends nearer than this on the unit sphere, six micrometres on the ground, make no leg, and nor do
/// ends on opposite sides of the earth.
const SHORTEST: f64 = 1e-12;

/// A vehicle by a route.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnRoute {
    /// Whose position.
    pub id: Handle,
    /// Metres from the vehicle to the nearest place of the route.
    pub off_m: f64,
    /// Metres along the route from its start to that place.
    pub at_m: f64,
}

impl MovingIndex {
    /// Every vehicle no more than `radius_m` metres from a route, in the order of the route.
    ///
    /// A route goes the shortest way from place to place; one place alone is a route too. `off_m` is
    /// right to 1e-4 of itself for radii up to 50 km, anywhere on earth.
    pub fn along(&self, route: &[LonLat], radius_m: f64) -> Vec<OnRoute> {
        let limit2 = chord2_of(radius_m);
        let mut walk = Walk { tree: &self.tree, limit2, found: Vec::new() };
        walk.go(0, Cell::EARTH, &Leg::all(route));
        walk.found.sort_unstable_by(|a, b| a.at_m.total_cmp(&b.at_m).then(a.id.cmp(&b.id)));
        walk.found
    }
}

/// A part of a route from one place to the next.
///
/// It runs where a plane through the centre of the unit sphere cuts the sphere of normals.
#[derive(Debug, Clone, Copy)]
struct Leg {
    from: Vector,
    to: Vector,
    /// At right angles to the plane; `None` for a leg of no length.
    side: Option<Vector>,
    /// In the plane, at right angles to `from`, towards `to`.
    ahead: Vector,
    /// The angle between its ends.
    turn: f64,
    /// Metres from the start of the route.
    start_m: f64,
    length_m: f64,
}

impl Leg {
    fn all(route: &[LonLat]) -> Vec<Self> {
        let normals: Vec<Vector> = route.iter().copied().map(normal).collect();
        let mut start_m = 0.0;
        let mut legs = Vec::with_capacity(normals.len());
        for (i, &from) in normals.iter().enumerate() {
            let to = normals.get(i + 1).copied();
            if to.is_none() && i > 0 {
                break;
            }
            let leg = Self::new(from, to.unwrap_or(from), start_m);
            start_m += leg.length_m;
            legs.push(leg);
        }
        legs
    }

    fn new(from: Vector, to: Vector, start_m: f64) -> Self {
        let across = cross(from, to);
        let sin = dot(across, across).sqrt();
        let side = (sin > SHORTEST).then(|| scaled(across, 1.0 / sin));
        let ahead = side.map_or(from, |side| cross(side, from));
        let length_m = arc_m(between2(on_ground(from), on_ground(to)));
        Self { from, to, side, ahead, turn: sin.atan2(dot(from, to)), start_m, length_m }
    }

    /// The place of the leg that is nearest to another on the unit sphere, and which part of the
    /// leg lies before it.
    fn foot(&self, of: Vector) -> (Vector, f64) {
        if let Some(side) = self.side {
            let (along, ahead) = (dot(of, self.from), dot(of, self.ahead));
            let length = along.hypot(ahead);
            // Before `to` means on its near side, seen from within the plane.
            let is_before_end = dot(cross(side, self.to), of) <= 0.0;
            if ahead >= 0.0 && is_before_end && length > SHORTEST {
                let [c, s] = [along / length, ahead / length];
                let foot = [0, 1, 2].map(|i: usize| c * self.from[i] + s * self.ahead[i]);
                return (foot, (s.atan2(c) / self.turn).clamp(0.0, 1.0));
            }
        }
        let is_end_nearer = dot(of, self.to) > dot(of, self.from);
        if is_end_nearer { (self.to, 1.0) } else { (self.from, 0.0) }
    }
}

struct Walk<'a> {
    tree: &'a Quadtree,
    limit2: f64,
    found: Vec<OnRoute>,
}

impl Walk<'_> {
    /// Goes through a cell with the legs that may come near it.
    fn go(&mut self, node: u32, cell: Cell, near: &[Leg]) {
        for (i, child) in self.tree.children(node).into_iter().enumerate() {
            if child == Child::Nothing {
                continue;
            }
            let quarter = cell.quarter(i);
            let ball = Ball::around(quarter);
            let is_near = |leg: &&Leg| ball.is_near(leg, self.limit2);
            let near: Vec<Leg> = near.iter().filter(is_near).copied().collect();
            match child {
                Child::Node(below) if !near.is_empty() => self.go(below, quarter, &near),
                Child::Bucket(first) => self.judge(first, &near),
                Child::Node(_) | Child::Nothing => {}
            }
        }
    }

    fn judge(&mut self, first: u32, near: &[Leg]) {
        let (limit2, found) = (self.limit2, &mut self.found);
        self.tree.visit(first, |id, place| {
            let at = normal(place);
            let ground = on_ground(at);
            let mut best: Option<(f64, f64)> = None;
            for leg in near {
                let (foot, part) = leg.foot(at);
                let chord2 = between2(ground, on_ground(foot));
                if chord2 <= limit2 && best.is_none_or(|(least, _)| chord2 < least) {
                    best = Some((chord2, leg.start_m + part * leg.length_m));
                }
            }
            if let Some((chord2, at_m)) = best {
                found.push(OnRoute { id, off_m: arc_m(chord2), at_m });
            }
        });
    }
}

/// A ball on the unit sphere around a cell.
struct Ball {
    middle: Vector,
    radius: f64,
}

impl Ball {
    fn around(cell: Cell) -> Self {
        let (middle, half) = cell.middle();
        let cos = middle.lat().to_radians().cos().max(0.0);
        // The square of a chord is that of the step north plus that of the step east.
        let radius = half * (1.0 + cos * (cos + half).min(1.0)).sqrt();
        Self { middle: normal(middle), radius }
    }

    /// Whether a leg may come near enough to something in the ball.
    fn is_near(&self, leg: &Leg, limit2: f64) -> bool {
        let (foot, _) = leg.foot(self.middle);
        let gap = (between2(self.middle, foot).sqrt() - self.radius).max(0.0) * R_MIN_M;
        gap * gap <= limit2
    }
}
