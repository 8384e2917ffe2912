//! A building on the drawing board: its shape in metres, before it gets a code, an owner and an
//! address.

use super::floor_plan::FloorPlan;
use super::shape::{Pt, left, pt};

/// A building as a block's pattern draws it.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) exterior: Vec<Pt>,
    /// A courtyard, clockwise.
    pub(super) courtyard: Option<Vec<Pt>>,
    pub(super) name: Option<String>,
    pub(super) use_kind: &'static str,
    pub(super) floors_above: u8,
    pub(super) floors_below: u8,
    pub(super) storey_m: f64,
    pub(super) built_year: u16,
    /// Index into the blocks.
    pub(super) block: usize,
    /// An office building's floors and the units that use it.
    pub(super) office: Option<Office>,
}

/// What only buildings with floors on file have.
#[derive(Debug, Clone)]
pub(super) struct Office {
    pub(super) plan: FloorPlan,
    pub(super) managing_org: usize,
    pub(super) using_orgs: Vec<usize>,
}

/// The outline of a building in its own rectangle, width along x and depth along y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Form {
    Slab,
    /// A slab whose front steps back at both ends.
    Stepped,
    Ell,
    Yoke,
    Court,
    /// A square with its corners cut.
    Tower,
    /// A cross-shaped residential tower.
    Cross,
    Comb,
}

impl Form {
    /// The exterior, counter-clockwise around the origin, and a courtyard, clockwise.
    #[expect(clippy::too_many_lines, reason = "a table of outlines reads best in one piece")]
    pub(super) fn outline(self, width: f64, depth: f64) -> (Vec<Pt>, Option<Vec<Pt>>) {
        let (x, y) = (width / 2.0, depth / 2.0);
        let ring =
            |points: &[(f64, f64)]| points.iter().map(|&(x, y)| pt(x, y)).collect::<Vec<Pt>>();
        match self {
            Self::Slab => (ring(&[(-x, -y), (x, -y), (x, y), (-x, y)]), None),
            Self::Stepped => {
                let (a, d) = (x * 0.55, y * 0.6);
                let points =
                    [(-x, -d), (-a, -d), (-a, -y), (a, -y), (a, -d), (x, -d), (x, y), (-x, y)];
                (ring(&points), None)
            }
            Self::Ell => {
                let t = (width * 0.36).min(depth * 0.42);
                let points = [(-x, -y), (-x + t, -y), (-x + t, y - t), (x, y - t), (x, y), (-x, y)];
                (ring(&points), None)
            }
            Self::Yoke => {
                let t = (width * 0.27).min(depth * 0.42);
                let points = [
                    (-x, -y),
                    (-x + t, -y),
                    (-x + t, y - t),
                    (x - t, y - t),
                    (x - t, -y),
                    (x, -y),
                    (x, y),
                    (-x, y),
                ];
                (ring(&points), None)
            }
            Self::Court => {
                let t = width.min(depth) * 0.27;
                let hole = [(-x + t, -y + t), (-x + t, y - t), (x - t, y - t), (x - t, -y + t)];
                (ring(&[(-x, -y), (x, -y), (x, y), (-x, y)]), Some(ring(&hole)))
            }
            Self::Tower => {
                let c = x.min(y) * 0.42;
                let points = [
                    (-x + c, -y),
                    (x - c, -y),
                    (x, -y + c),
                    (x, y - c),
                    (x - c, y),
                    (-x + c, y),
                    (-x, y - c),
                    (-x, -y + c),
                ];
                (ring(&points), None)
            }
            Self::Cross => {
                let (a, b) = (x * 0.45, y * 0.45);
                let points = [
                    (-a, -y),
                    (a, -y),
                    (a, -b),
                    (x, -b),
                    (x, b),
                    (a, b),
                    (a, y),
                    (-a, y),
                    (-a, b),
                    (-x, b),
                    (-x, -b),
                    (-a, -b),
                ];
                (ring(&points), None)
            }
            Self::Comb => {
                let t = width * 0.15;
                let s = y - depth * 0.34;
                let points = [
                    (-x, -y),
                    (-x + t, -y),
                    (-x + t, s),
                    (-t / 2.0, s),
                    (-t / 2.0, -y),
                    (t / 2.0, -y),
                    (t / 2.0, s),
                    (x - t, s),
                    (x - t, -y),
                    (x, -y),
                    (x, y),
                    (-x, y),
                ];
                (ring(&points), None)
            }
        }
    }
}

/// A local frame: an origin and the direction of its x axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axes {
    pub(super) origin: Pt,
    pub(super) x: Pt,
}

impl Axes {
    pub(super) fn to_city(self, p: Pt) -> Pt {
        self.origin + self.x * p.x + left(self.x) * p.y
    }

    pub(super) fn to_local(self, p: Pt) -> Pt {
        let d = p - self.origin;
        pt(super::shape::dot(d, self.x), super::shape::dot(d, left(self.x)))
    }

    pub(super) fn ring(self, ring: &[Pt]) -> Vec<Pt> {
        ring.iter().map(|&p| self.to_city(p)).collect()
    }
}
