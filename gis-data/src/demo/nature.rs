//! Water and green: the river with its islands, the moat, lakes in parks, belts, fields.

use std::f64::consts::TAU;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::block::{Block, Use};
use super::name::Names;
use super::pattern::pieces;
use super::shape::{
    Pt, centroid, contains, distance, inset_convex, is_simple, length, meeting, pt, sides,
    signed_area,
};
use super::terrain::{BANK_M, BELT_M, Island, Terrain};

/// An area in metres: an open counter-clockwise ring and clockwise holes.
#[derive(Debug)]
pub(super) struct Patch {
    pub(super) class: &'static str,
    pub(super) name: Option<String>,
    pub(super) exterior: Vec<Pt>,
    pub(super) holes: Vec<Vec<Pt>>,
}

/// Water first, then green.
#[derive(Debug, Default)]
pub(super) struct Nature {
    pub(super) water: Vec<Patch>,
    pub(super) green: Vec<Patch>,
}

impl Nature {
    pub(super) fn new(
        terrain: &Terrain,
        blocks: &[Block],
        names: &mut Names,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut nature = Self::default();
        nature.river(terrain);
        nature.banks(terrain);
        nature.belts(terrain);
        if terrain.has_moat {
            let mut hole = terrain.old_town.sample(-66.0, 30.0);
            hole.reverse();
            nature.water.push(Patch {
                class: "moat",
                name: Some("护城河".to_owned()),
                exterior: terrain.old_town.sample(-30.0, 30.0),
                holes: vec![hole],
            });
        }
        for block in blocks {
            match block.usage {
                Use::Lake => nature.lake(block, 0.72, names, rng),
                Use::Park if block.area_m2 > 16_000.0 && rng.random_bool(0.6) => {
                    nature.lake(block, 0.4, names, rng);
                }
                Use::Park => {
                    let name = (block.area_m2 > 6_000.0).then(|| format!("{}公园", names.pair()));
                    nature.plant("park", name, block.lot.clone());
                }
                Use::Verge => nature.plant("grass", None, block.lot.clone()),
                Use::Fields | Use::Village => nature.fields(block, rng),
                _ => {}
            }
        }
        nature
    }

    pub(super) fn plant(&mut self, class: &'static str, name: Option<String>, exterior: Vec<Pt>) {
        self.green.push(Patch { class, name, exterior, holes: Vec::new() });
    }

    fn river(&mut self, terrain: &Terrain) {
        let reach = 10_600.0 * terrain.scale;
        let step = 45.0;
        let (mut east, mut west) = (Vec::new(), Vec::new());
        let mut north_m = reach;
        while north_m > -reach {
            let half = terrain.river_half(north_m);
            east.push(terrain.beside_river(north_m, -half));
            west.push(terrain.beside_river(north_m, half));
            north_m -= step;
        }
        // Down the west bank and up the east one runs counter-clockwise.
        let mut exterior = west;
        exterior.extend(east.into_iter().rev());
        if signed_area(&exterior) < 0.0 {
            exterior.reverse();
        }
        let mut holes = Vec::new();
        for (island, name) in terrain.islands.iter().zip(["白鹭洲", "芦影洲"]) {
            let shore = shore(terrain, island, 0.0);
            let mut hole = shore.clone();
            hole.reverse();
            holes.push(hole);
            self.plant("park", Some(name.to_owned()), shore);
        }
        let name = Some("澜江".to_owned());
        self.water.push(Patch { class: "river", name, exterior, holes });
    }

    /// Parks along the water, in pieces.
    fn banks(&mut self, terrain: &Terrain) {
        let reach = 8_200.0 * terrain.scale;
        let piece = 420.0;
        for side in [-1.0, 1.0] {
            let mut north_m = reach;
            while north_m > -reach {
                let mut ring = Vec::new();
                for (from_water, forth) in [(7.0, true), (BANK_M - 17.0, false)] {
                    for i in 0..=10 {
                        let t = f64::from(if forth { i } else { 10 - i }) / 10.0;
                        let at = north_m - piece * t;
                        let aside = terrain.river_half(at) + from_water;
                        ring.push(terrain.beside_river(at, side * aside));
                    }
                }
                if signed_area(&ring) < 0.0 {
                    ring.reverse();
                }
                let middle = terrain.river_at(north_m - piece / 2.0);
                if is_simple(&ring) {
                    let class = if terrain.motorway.holds(middle) { "park" } else { "grass" };
                    self.plant(class, None, ring);
                }
                north_m -= piece;
            }
        }
    }

    /// Woods along the motorway, broken where the river passes.
    fn belts(&mut self, terrain: &Terrain) {
        let pieces = if terrain.scale < 1.0 { 24 } else { 90 };
        for i in 0..pieces {
            for side in [-1.0, 1.0] {
                let mut ring = Vec::new();
                for (aside, forth) in [(22.0, true), (BELT_M - 13.0, false)] {
                    for j in 0..=6 {
                        let t = f64::from(if forth { j } else { 6 - j }) / 6.0;
                        let angle = TAU * (f64::from(i) + 0.02 + 0.96 * t) / f64::from(pieces);
                        ring.push(terrain.motorway.at(angle, side * aside));
                    }
                }
                if signed_area(&ring) < 0.0 {
                    ring.reverse();
                }
                let dry = ring.iter().all(|&p| !terrain.near_river(p, 12.0));
                if dry && is_simple(&ring) {
                    self.plant("forest", None, ring);
                }
            }
        }
    }

    /// A park with a lake in it, and an island where the lake is large.
    fn lake(&mut self, block: &Block, fill: f64, names: &mut Names, rng: &mut ChaCha8Rng) {
        let middle = block.middle;
        if !contains(&block.lot, middle) {
            self.plant("park", None, block.lot.clone());
            return;
        }
        let phases: [f64; 3] = [(); 3].map(|()| rng.random_range(0.0..TAU));
        let least = shortest_reach(&block.lot, middle);
        let count = 56;
        let shore: Vec<Pt> = (0..count)
            .map(|i| {
                let angle = TAU * f64::from(i) / f64::from(count);
                let to = pt(libm::cos(angle), libm::sin(angle));
                let wobble = 1.0
                    + 0.16 * libm::sin(2.0 * angle + phases[0])
                    + 0.1 * libm::sin(3.0 * angle + phases[1])
                    + 0.06 * libm::sin(5.0 * angle + phases[2]);
                let reach = (reach(&block.lot, middle, to) * 0.55 + least * 0.45) * fill;
                middle + to * (reach * wobble * 0.8)
            })
            .collect();
        let pair = names.pair();
        let mut hole = shore.clone();
        hole.reverse();
        let large = signed_area(&shore) > 30_000.0;
        let mut holes = Vec::new();
        if large {
            let around = middle + pt(least * 0.18, least * 0.1) * fill;
            let size = least * fill * 0.17;
            let island: Vec<Pt> = (0..18)
                .map(|i| {
                    let angle = TAU * f64::from(i) / 18.0;
                    let swell = size * (1.0 + 0.2 * libm::sin(2.0 * angle + phases[1]));
                    around + pt(libm::cos(angle) * 1.4, libm::sin(angle)) * swell
                })
                .collect();
            let mut edge = island.clone();
            edge.reverse();
            holes.push(edge);
            self.plant("park", None, island);
        }
        self.green.push(Patch {
            class: "park",
            name: Some(format!("{pair}{}", if large { "湖公园" } else { "公园" })),
            exterior: block.lot.clone(),
            holes: vec![hole],
        });
        self.water.push(Patch {
            class: if large { "lake" } else { "pond" },
            name: large.then(|| format!("{pair}湖")),
            exterior: shore,
            holes,
        });
    }

    fn fields(&mut self, block: &Block, rng: &mut ChaCha8Rng) {
        let village = (block.usage == Use::Village).then(|| {
            let longest = sides(&block.lot)
                .max_by(|(a, b), (c, d)| distance(*a, *b).total_cmp(&distance(*c, *d)));
            longest.map_or(block.middle, |(a, b)| (a + b) / 2.0)
        });
        let wooded = rng.random_bool(0.16);
        for piece in pieces(&block.lot, 70_000.0, 5.0, rng) {
            let margins = vec![rng.random_range(2.0..7.0); piece.len()];
            let Some(field) = inset_convex(&piece, &margins) else { continue };
            let middle = centroid(&field);
            let near_houses = village.is_some_and(|v| {
                length(v - middle) < 240.0
                    || field.iter().any(|&p| length(v - p) < 235.0)
                    || contains(&field, v)
            });
            let class = if wooded && rng.random_bool(0.85) {
                "forest"
            } else {
                ["farmland", "farmland", "farmland", "farmland", "orchard", "forest"]
                    [rng.random_range(0..6)]
            };
            if !near_houses && rng.random_bool(0.93) {
                self.plant(class, None, field);
            }
        }
    }
}

/// The outline of an island, grown by some metres.
fn shore(terrain: &Terrain, island: &Island, grown: f64) -> Vec<Pt> {
    let mut ring = Vec::new();
    let count = 22;
    for (side, forth) in [(1.0, true), (-1.0, false)] {
        for i in 0..count {
            let t = f64::from(if forth { i } else { count - i }) / f64::from(count) * 2.0 - 1.0;
            let half = island.half_wide_m * (1.0 - t * t) * (1.0 - 0.35 * t) + grown;
            ring.push(terrain.beside_river(island.north_m - t * island.half_long_m, side * half));
        }
    }
    if signed_area(&ring) < 0.0 {
        ring.reverse();
    }
    ring
}

/// How far a ring is from a point in a direction.
fn reach(ring: &[Pt], from: Pt, to: Pt) -> f64 {
    let far = from + to * 20_000.0;
    sides(ring)
        .filter_map(|(a, b)| meeting(from, far, a, b))
        .map(|(t, _)| t * 20_000.0)
        .fold(20_000.0, f64::min)
}

fn shortest_reach(ring: &[Pt], from: Pt) -> f64 {
    (0..36)
        .map(|i| TAU * f64::from(i) / 36.0)
        .map(|angle| reach(ring, from, pt(libm::cos(angle), libm::sin(angle))))
        .fold(20_000.0, f64::min)
}
