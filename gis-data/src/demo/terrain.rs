//! The lie of the land: where the river runs, how far the rings reach, which quarter a place is in.

use std::f64::consts::TAU;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::plan::{CityPlan, CitySize};
use super::shape::{Pt, distance, dot, left, length, pt, unit};

/// The character of a quarter, which decides its blocks and buildings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    OldTown,
    Centre,
    Campus,
    Living,
    Industry,
    CountyTown,
    Country,
}

/// A closed outline around the origin: an ellipse made irregular by a few waves.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    centre: Pt,
    half_x: f64,
    half_y: f64,
    waves: [(f64, f64, f64); 3],
}

impl Ring {
    fn new(rng: &mut ChaCha8Rng, centre: Pt, half: Pt, roughness: f64) -> Self {
        let mut wave =
            |count: f64, part: f64| (count, roughness * part, rng.random_range(0.0..TAU));
        let waves = [wave(2.0, 0.5), wave(3.0, 0.35), wave(5.0, 0.15)];
        Self { centre, half_x: half.x, half_y: half.y, waves }
    }

    /// The point in the direction of an angle, moved outwards by some metres.
    pub(super) fn at(&self, angle: f64, outwards_m: f64) -> Pt {
        let p = self.on(angle);
        if outwards_m == 0.0 {
            return p;
        }
        let step = 0.002;
        let along = self.on(angle + step) - self.on(angle - step);
        p - left(unit(along)) * outwards_m
    }

    /// Points along the outline, counter-clockwise, about `step_m` apart.
    pub(super) fn sample(&self, outwards_m: f64, step_m: f64) -> Vec<Pt> {
        let around = TAU * (self.half_x + self.half_y) / 2.0;
        let count = (around / step_m).ceil().max(24.0);
        let mut points = Vec::new();
        let mut i = 0.0;
        while i < count {
            points.push(self.at(TAU * i / count, outwards_m));
            i += 1.0;
        }
        points
    }

    /// Whether a point lies inside the outline.
    pub(super) fn holds(&self, p: Pt) -> bool {
        let q = self.normalised(p);
        length(q) < self.reach(libm::atan2(q.y, q.x))
    }

    fn angle(&self, p: Pt) -> f64 {
        let q = self.normalised(p);
        libm::atan2(q.y, q.x)
    }

    fn normalised(&self, p: Pt) -> Pt {
        pt((p.x - self.centre.x) / self.half_x, (p.y - self.centre.y) / self.half_y)
    }

    fn reach(&self, angle: f64) -> f64 {
        1.0 + self.waves.iter().map(|&(n, a, phase)| a * libm::sin(n * angle + phase)).sum::<f64>()
    }

    fn on(&self, angle: f64) -> Pt {
        let reach = self.reach(angle);
        let (x, y) = (libm::cos(angle) * self.half_x, libm::sin(angle) * self.half_y);
        self.centre + pt(x, y) * reach
    }
}

/// An island in the river: where along it, in metres north, and how large.
#[derive(Debug, Clone, Copy)]
pub(super) struct Island {
    pub(super) north_m: f64,
    pub(super) half_long_m: f64,
    pub(super) half_wide_m: f64,
}

/// Everything about the land that the later steps ask for.
#[derive(Debug, Clone)]
pub(super) struct Terrain {
    pub(super) scale: f64,
    pub(super) boundary: Ring,
    pub(super) motorway: Ring,
    pub(super) inner_ring: Option<Ring>,
    pub(super) old_town: Ring,
    pub(super) has_moat: bool,
    pub(super) islands: Vec<Island>,
    /// Where lakes in large parks lie.
    pub(super) lakes: Vec<Pt>,
    centre: Ring,
    campus: Ring,
    works: Vec<Ring>,
    towns: Vec<Ring>,
    river_phase: f64,
    river_half_m: f64,
    warp: [(f64, f64, f64); 4],
}

/// The distance between the water's edge and the riverside road.
pub(super) const BANK_M: f64 = 55.0;
/// The distance between the motorway and its frontage roads.
pub(super) const BELT_M: f64 = 70.0;

impl Terrain {
    pub(super) fn new(plan: &CityPlan, rng: &mut ChaCha8Rng) -> Self {
        let full = plan.size == CitySize::Full;
        let scale = if full { 1.0 } else { 0.2 };
        let at = |x: f64, y: f64| pt(x * scale, y * scale);
        let mut ring = |x: f64, y: f64, rx: f64, ry: f64, roughness: f64| {
            Ring::new(rng, at(x, y), at(rx, ry), roughness)
        };
        let boundary = ring(0.0, 0.0, 10_400.0, 8_500.0, 0.05);
        let motorway = ring(150.0, -100.0, 7_500.0, 6_000.0, 0.05);
        let inner_ring = full.then(|| ring(200.0, 300.0, 4_300.0, 3_300.0, 0.04));
        let old_town = ring(-2_000.0, 500.0, 1_350.0, 1_150.0, 0.07);
        let centre = ring(2_700.0, 900.0, 1_600.0, 1_400.0, 0.12);
        let campus = ring(3_300.0, 3_900.0, 1_250.0, 1_000.0, 0.12);
        let works = vec![
            ring(4_600.0, -3_000.0, 2_300.0, 1_700.0, 0.15),
            ring(-4_900.0, -2_900.0, 1_700.0, 1_500.0, 0.15),
        ];
        let towns = vec![
            ring(-7_900.0, 4_400.0, 1_000.0, 850.0, 0.1),
            ring(7_700.0, -4_800.0, 1_000.0, 850.0, 0.1),
        ];
        let island = |north: f64, long: f64, wide: f64| Island {
            north_m: north * scale,
            half_long_m: long * scale,
            half_wide_m: wide * scale,
        };
        let islands = if full {
            vec![island(-1_300.0, 560.0, 95.0), island(3_500.0, 380.0, 60.0)]
        } else {
            vec![island(-1_300.0, 900.0, 150.0)]
        };
        let lakes = if full {
            vec![at(2_500.0, 2_250.0), at(-4_300.0, 2_300.0), at(1_700.0, -3_700.0)]
        } else {
            vec![at(2_500.0, 2_250.0)]
        };
        let mut wave =
            |size: f64, long: f64| (size * scale, long * scale, rng.random_range(0.0..TAU));
        let warp = [
            wave(330.0, 2_100.0),
            wave(300.0, 1_750.0),
            wave(210.0, 1_150.0),
            wave(230.0, 2_600.0),
        ];
        Self {
            scale,
            boundary,
            motorway,
            inner_ring,
            old_town,
            has_moat: full,
            islands,
            lakes,
            centre,
            campus,
            works,
            towns,
            river_phase: rng.random_range(-0.35..0.35),
            river_half_m: if full { 120.0 } else { 45.0 },
            warp,
        }
    }

    /// The middle of the river at a northing.
    pub(super) fn river_at(&self, north_m: f64) -> Pt {
        let y = (north_m / self.scale) - 600.0;
        let meander =
            560.0 * libm::sin(y / 1_500.0 + self.river_phase) + 190.0 * libm::sin(y / 760.0 + 1.0);
        pt((330.0 - 0.3 * y + meander) * self.scale, north_m)
    }

    /// A point beside the middle of the river; positive is to the right looking south.
    pub(super) fn beside_river(&self, north_m: f64, aside: f64) -> Pt {
        let along = self.river_at(north_m - 5.0) - self.river_at(north_m + 5.0);
        self.river_at(north_m) - left(unit(along)) * aside
    }

    /// Half the width of the water at a northing; it widens around islands.
    pub(super) fn river_half(&self, north_m: f64) -> f64 {
        let base = self.river_half_m * (1.0 + 0.16 * libm::sin(north_m / (900.0 * self.scale)));
        let widening: f64 = self
            .islands
            .iter()
            .map(|island| {
                let t = (north_m - island.north_m) / (island.half_long_m * 1.5);
                island.half_wide_m * 1.15 * libm::exp(-t * t)
            })
            .sum();
        base + widening
    }

    /// Whether a point lies in the river or within some metres of it.
    pub(super) fn near_river(&self, p: Pt, within_m: f64) -> bool {
        let reach = self.river_half(p.y) + within_m;
        (-8..=8).any(|i| {
            let q = self.river_at(p.y + f64::from(i) * reach / 6.0);
            distance(p, q) < reach
        })
    }

    /// Whether a line through a point goes along one of the rings close to it.
    pub(super) fn runs_beside_a_ring(&self, p: Pt, along: Pt) -> bool {
        let rings = [Some(&self.motorway), self.inner_ring.as_ref(), Some(&self.old_town)];
        rings.into_iter().flatten().any(|ring| {
            let angle = ring.angle(p);
            let (on, ahead) = (ring.at(angle, 0.0), ring.at(angle + 0.01, 0.0));
            let tangent = unit(ahead - on);
            let reach = 330.0 * self.scale.max(0.6);
            distance(on, p) < reach && dot(tangent, unit(along)).abs() > 0.86
        })
    }

    /// Bends the plain grid of avenues.
    pub(super) fn bend(&self, p: Pt) -> Pt {
        let [a, b, c, d] = self.warp;
        let wave =
            |(size, long, phase): (f64, f64, f64), t: f64| size * libm::sin(t / long + phase);
        let q =
            pt(p.x + wave(a, p.y) + wave(c, p.y + p.x), p.y + wave(b, p.x) + wave(d, p.x - p.y));
        // The whole grid stands a little askew, as old grids do.
        pt(q.x * 0.9945 - q.y * 0.1045, q.x * 0.1045 + q.y * 0.9945)
    }

    pub(super) fn zone(&self, p: Pt) -> Zone {
        if !self.motorway.holds(p) {
            return if self.towns.iter().any(|town| town.holds(p)) {
                Zone::CountyTown
            } else {
                Zone::Country
            };
        }
        if self.old_town.holds(p) {
            Zone::OldTown
        } else if self.centre.holds(p) {
            Zone::Centre
        } else if self.campus.holds(p) {
            Zone::Campus
        } else if self.works.iter().any(|works| works.holds(p)) {
            Zone::Industry
        } else {
            Zone::Living
        }
    }

    /// Which district or county a place belongs to, as an index from 0; the river is a border.
    pub(super) fn county(&self, p: Pt) -> usize {
        const SEATS: [(f64, f64); 5] = [
            (-2_600.0, 0.0),
            (2_600.0, 1_900.0),
            (2_900.0, -3_000.0),
            (-8_300.0, 4_400.0),
            (8_300.0, -5_200.0),
        ];
        let q = p / self.scale;
        let west = |p: Pt| p.x < self.river_at(p.y).x;
        let far = |&(x, y): &(f64, f64)| {
            let seat = pt(x, y);
            let detour = if west(p) == west(seat * self.scale) { 0.0 } else { 3_500.0 };
            distance(q, seat) + detour
        };
        // The counties proper begin outside the motorway.
        let eligible = if self.motorway.holds(p) { &SEATS[..3] } else { &SEATS[..] };
        let mut best = 0;
        for (index, seat) in eligible.iter().enumerate() {
            if far(seat) < far(&SEATS[best]) {
                best = index;
            }
        }
        best
    }
}
