//! Blocks: the land between streets that can be built on, and what each is used for.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::plan::CitySize;
use super::shape::{Pt, bounding_rect, centroid, inset, inset_convex, signed_area};
use super::streets::{Land, Layout};
use super::terrain::{Terrain, Zone};

/// What a block is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Lanes,
    Estate,
    Towers,
    Business,
    Shops,
    Works,
    School,
    University,
    Hospital,
    Government,
    Park,
    Lake,
    Vacant,
    Village,
    Fields,
    /// Too small or thin for anything but grass.
    Verge,
}

/// A face that is neither water nor a motorway's belt.
#[derive(Debug)]
pub(super) struct Block {
    /// The land within the pavements, an open counter-clockwise ring.
    pub(super) lot: Vec<Pt>,
    /// The middle line of each street around it, with the street.
    pub(super) streets: Vec<(Pt, Pt, u32)>,
    pub(super) middle: Pt,
    pub(super) area_m2: f64,
    pub(super) zone: Zone,
    /// Index into the counties.
    pub(super) county: usize,
    pub(super) usage: Use,
    /// Whether it is state land in official use, and so a parcel of the register.
    pub(super) registered: bool,
}

const PAVEMENT_M: f64 = 4.5;

pub(super) fn blocks(
    layout: &Layout,
    terrain: &Terrain,
    size: CitySize,
    rng: &mut ChaCha8Rng,
) -> Vec<Block> {
    let mut blocks = Vec::new();
    for face in 0..layout.mesh.face_count() {
        if layout.lands[face as usize] != Land::Block {
            continue;
        }
        let halves = layout.mesh.around(face);
        let outline: Vec<Pt> = halves.iter().map(|&h| layout.mesh.origin(h)).collect();
        let margins: Vec<f64> = halves
            .iter()
            .map(|&h| {
                let street = layout.streets.get(layout.mesh.street(h) as usize);
                street.map_or(6.0, |s| s.class.width_m() / 2.0) + PAVEMENT_M
            })
            .collect();
        let Some(lot) = inset(&outline, &margins).or_else(|| inset_convex(&outline, &margins))
        else {
            continue;
        };
        let middle = centroid(&lot);
        let zone = terrain.zone(middle);
        let area_m2 = signed_area(&lot);
        let usage = usage(&lot, area_m2, zone, terrain, rng);
        let streets = halves
            .iter()
            .filter(|&&h| (layout.mesh.street(h) as usize) < layout.streets.len())
            .map(|&h| (layout.mesh.origin(h), layout.mesh.target(h), layout.mesh.street(h)))
            .collect();
        let share = match (usage, size) {
            (Use::School | Use::University | Use::Hospital | Use::Vacant, _) => 1.0,
            (
                Use::Estate | Use::Towers | Use::Shops | Use::Works | Use::Business,
                CitySize::Small,
            ) => 0.5,
            (Use::Estate | Use::Towers, CitySize::Full) => 0.045,
            (Use::Works | Use::Business, CitySize::Full) => 0.08,
            _ => 0.0,
        };
        let registered = rng.random_bool(share);
        let county = terrain.county(middle);
        blocks.push(Block { lot, streets, middle, area_m2, zone, county, usage, registered });
    }
    blocks
}

fn usage(lot: &[Pt], area_m2: f64, zone: Zone, terrain: &Terrain, rng: &mut ChaCha8Rng) -> Use {
    let rect = bounding_rect(lot);
    if terrain.lakes.iter().any(|&lake| super::shape::contains(lot, lake)) {
        return Use::Lake;
    }
    if zone == Zone::Country {
        return if area_m2 > 60_000.0 && rng.random_bool(0.3) { Use::Village } else { Use::Fields };
    }
    if area_m2 < 2_200.0 || rect.half_short < 20.0 {
        return Use::Verge;
    }
    let big = area_m2 > 14_000.0;
    let chance = rng.random_range(0.0..1.0);
    let from = |table: &[(f64, Use)]| {
        let mut rest = chance;
        for &(share, usage) in table {
            rest -= share;
            if rest < 0.0 {
                return usage;
            }
        }
        table[0].1
    };
    match zone {
        Zone::OldTown => {
            from(&[(0.84, Use::Lanes), (0.08, Use::Shops), (0.03, Use::School), (0.05, Use::Park)])
        }
        Zone::Centre => from(&[
            (0.5, Use::Business),
            (0.3, Use::Towers),
            (0.1, Use::Shops),
            (0.06, Use::Park),
            (0.04, Use::Vacant),
        ]),
        Zone::Campus if big => {
            from(&[(0.8, Use::University), (0.1, Use::Park), (0.1, Use::Towers)])
        }
        Zone::Living | Zone::Campus if big => from(&[
            (0.5, Use::Estate),
            (0.23, Use::Towers),
            (0.07, Use::Lanes),
            (0.06, Use::School),
            (0.015, Use::Hospital),
            (0.045, Use::Park),
            (0.035, Use::Shops),
            (0.045, Use::Vacant),
        ]),
        Zone::Industry => {
            from(&[(0.86, Use::Works), (0.05, Use::Vacant), (0.04, Use::Park), (0.05, Use::Estate)])
        }
        Zone::CountyTown => from(&[
            (0.45, Use::Estate),
            (0.35, Use::Lanes),
            (0.08, Use::Shops),
            (0.06, Use::School),
            (0.06, Use::Park),
        ]),
        _ => from(&[(0.45, Use::Shops), (0.35, Use::Estate), (0.2, Use::Park)]),
    }
}
