//! Government compounds: chooses blocks for them and puts up office buildings with floors.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::block::{Block, Use};
use super::clearance::Carriageways;
use super::draft::{Axes, Form, Office};
use super::floor_plan::{FloorPlan, Wings};
use super::name::{CITY, COUNTIES};
use super::org_tree::OrgTree;
use super::packer::{Facing, Kind, Packer, Slot};
use super::pattern::{Built, pieces};
use super::plan::CitySize;
use super::shape::{Pt, centroid, distance, length, pt};
use super::terrain::{Terrain, Zone};

/// A compound to find a place for.
struct Wanted {
    name: String,
    buildings: usize,
    county: usize,
    /// Where it would best be.
    near: Pt,
    floors: (u8, u8),
    managing_org: usize,
    using_orgs: Vec<usize>,
}

/// The compounds by block, each with its buildings; the blocks become government land.
pub(super) fn build(
    blocks: &mut [Block],
    carriageways: &Carriageways,
    orgs: &OrgTree,
    terrain: &Terrain,
    size: CitySize,
    rng: &mut ChaCha8Rng,
) -> Vec<(usize, Built)> {
    let mut compounds = Vec::new();
    for wanted in wanted(orgs, terrain, size, rng) {
        let mut candidates: Vec<usize> = (0..blocks.len())
            .filter(|&i| blocks[i].county == wanted.county && suits(&blocks[i], &wanted, size))
            .collect();
        candidates.sort_by(|&a, &b| {
            let far = |i: usize| {
                let country = if blocks[i].zone == Zone::Country { 9_000.0 } else { 0.0 };
                distance(blocks[i].middle, wanted.near) + country
            };
            far(a).total_cmp(&far(b))
        });
        for index in candidates {
            if blocks[index].area_m2 > 120_000.0 {
                let cut = pieces(&blocks[index].lot, 30_000.0, 12.0, rng);
                let Some(lot) = cut.into_iter().find(|lot| super::shape::is_simple(lot)) else {
                    continue;
                };
                blocks[index].middle = centroid(&lot);
                blocks[index].lot = lot;
            }
            if let Some(built) = put_up(&blocks[index], index, &wanted, rng)
                && built.drafts.iter().all(|draft| carriageways.clear_of(draft))
            {
                blocks[index].usage = Use::Government;
                blocks[index].registered = true;
                compounds.push((index, built));
                break;
            }
        }
    }
    compounds
}

fn suits(block: &Block, wanted: &Wanted, size: CitySize) -> bool {
    let per_building = block.area_m2 / f64::from(u32::try_from(wanted.buildings).unwrap_or(1));
    let free = match block.usage {
        Use::Government | Use::Lake | Use::Verge | Use::Hospital | Use::University => false,
        Use::Fields | Use::Village => size == CitySize::Small,
        _ => true,
    };
    free && per_building > 5_500.0 && (per_building < 26_000.0 || size == CitySize::Small)
}

fn wanted(orgs: &OrgTree, terrain: &Terrain, size: CitySize, rng: &mut ChaCha8Rng) -> Vec<Wanted> {
    let at = |x: f64, y: f64| pt(x, y) * terrain.scale;
    let seats = [
        at(-2_600.0, -1_700.0),
        at(2_700.0, 1_500.0),
        at(2_700.0, -2_600.0),
        at(-7_900.0, 4_400.0),
        at(7_700.0, -4_800.0),
    ];
    let full = size == CitySize::Full;
    let affairs = orgs.bureaus[0];
    let mut all = Vec::new();
    let joint: Vec<usize> = [0, 1]
        .into_iter()
        .flat_map(|county| [1, 4, 6, 8].map(|bureau| orgs.counties[county].bureaus[bureau]))
        .chain([orgs.bureaus[19]])
        .collect();
    all.push(Wanted {
        name: format!("{CITY}联合办公楼"),
        buildings: 1,
        county: 1,
        near: at(2_000.0, 0.0),
        floors: (12, 14),
        managing_org: affairs,
        using_orgs: joint,
    });
    if full {
        all.push(Wanted {
            name: format!("{CITY}机关办公大楼"),
            buildings: 5,
            county: 1,
            near: at(2_600.0, 900.0),
            floors: (9, 18),
            managing_org: affairs,
            using_orgs: orgs.bureaus.clone(),
        });
    }
    for (county, units) in orgs.counties.iter().enumerate() {
        let mut using_orgs = vec![units.government];
        using_orgs.extend(&units.bureaus);
        all.push(Wanted {
            name: format!("{}机关办公楼", COUNTIES[county].1),
            buildings: if full { 3 } else { 1 },
            county,
            near: seats[county],
            floors: if county > 2 { (4, 7) } else { (5, 11) },
            managing_org: units.bureaus[0],
            using_orgs,
        });
    }
    if full {
        let own = orgs.bureaus.iter().skip(2).step_by(2).chain(&orgs.stations).take(14);
        for (i, &org) in own.enumerate() {
            let county = [1, 0, 2][i % 3];
            let aside =
                at(rng.random_range(-2_200.0..2_200.0), rng.random_range(-1_600.0..1_600.0));
            all.push(Wanted {
                name: format!("{}办公楼", orgs.orgs[org].name),
                buildings: 1,
                county,
                near: seats[county] + aside,
                floors: (4, 12),
                managing_org: org,
                using_orgs: vec![org],
            });
        }
        for (county, units) in orgs.counties.iter().enumerate() {
            let org = units.bureaus[3];
            let aside = at(rng.random_range(-700.0..700.0), rng.random_range(-700.0..700.0));
            all.push(Wanted {
                name: format!("{}办公楼", orgs.orgs[org].name),
                buildings: 1,
                county,
                near: seats[county] + aside,
                floors: (4, 8),
                managing_org: org,
                using_orgs: vec![org, units.bureaus[4]],
            });
        }
    }
    all
}

fn put_up(block: &Block, index: usize, wanted: &Wanted, rng: &mut ChaCha8Rng) -> Option<Built> {
    let mut packer = Packer::new(block, index, Facing::South);
    let kind = Kind::new("办公", wanted.floors, (1996, 2021));
    for number in 0..wanted.buildings {
        place_office(&mut packer, wanted, number, &kind, rng)?;
    }
    let mut greens = Vec::new();
    for size in [pt(60.0, 34.0), pt(40.0, 22.0), pt(26.0, 16.0)] {
        if let Some(spot) = free_spot(&packer, size, 6.0, pt(0.0, packer.low.y * 0.5))
            && let Some(lawn) = packer.reserve(Slot::new(spot, size.x, size.y, 6.0))
        {
            greens.push(("grass", None, lawn));
            break;
        }
    }
    let canteen = pt(28.0, 16.0);
    if let Some(spot) = free_spot(&packer, canteen, 9.0, pt(packer.high.x, packer.high.y)) {
        let kind = Kind::new("商业", (1, 2), (2000, 2018));
        let slot = Slot::new(spot, canteen.x, canteen.y, 9.0);
        if let Some(draft) = packer.build(slot, Form::Slab, &kind, rng) {
            draft.name = Some(format!("{}食堂", wanted.name));
        }
    }
    let name = wanted.name.replace("办公大楼", "大院").replace("办公楼", "院区");
    Some(Built { drafts: packer.drafts, greens, name: Some(name) })
}

fn place_office(
    packer: &mut Packer,
    wanted: &Wanted,
    number: usize,
    kind: &Kind,
    rng: &mut ChaCha8Rng,
) -> Option<()> {
    let wish = match number {
        0 => [Wings::Both, Wings::Three][rng.random_range(0..2)],
        1 | 2 => Wings::None,
        _ => Wings::West,
    };
    let (long, wing) = (rng.random_range(62..86), rng.random_range(18..27));
    let tries = [
        (long, wing, wish),
        (long - 6, 18, Wings::West),
        (56, 0, Wings::None),
        (44, 0, Wings::None),
    ];
    for (long_m, wing_m, wings) in tries {
        let axes = Axes { origin: pt(0.0, 0.0), x: pt(1.0, 0.0) };
        let size = FloorPlan::new(axes, long_m, wing_m, wings).size_m();
        let Some(spot) = free_spot(packer, pt(size.0, size.1), 18.0, pt(0.0, 0.0)) else {
            continue;
        };
        let axes = Axes { origin: packer.axes.to_city(spot), x: packer.axes.x };
        let plan = FloorPlan::new(axes, long_m, wing_m, wings);
        let slot = Slot::new(spot, size.0, size.1, 18.0);
        let draft = packer.build(slot, Form::Slab, kind, rng)?;
        draft.exterior = plan.outline();
        draft.floors_below = [0, 1, 1, 2][rng.random_range(0..4)];
        draft.name = Some(if wanted.buildings > 1 {
            format!("{}{}号楼", wanted.name, number + 1)
        } else {
            wanted.name.clone()
        });
        // Each building of a compound takes its share of the units.
        let share = wanted.using_orgs.len().div_ceil(wanted.buildings);
        let using_orgs: Vec<usize> =
            wanted.using_orgs.iter().copied().skip(number * share).take(share).collect();
        draft.office = Some(Office { plan, managing_org: wanted.managing_org, using_orgs });
        return Some(());
    }
    None
}

/// The free place of a size that is nearest to a wish, in the packer's frame.
fn free_spot(packer: &Packer, size: Pt, gap: f64, wish: Pt) -> Option<Pt> {
    let mut best: Option<(f64, Pt)> = None;
    let mut y = packer.low.y + size.y / 2.0;
    while y < packer.high.y - size.y / 2.0 {
        let mut x = packer.low.x + size.x / 2.0;
        while x < packer.high.x - size.x / 2.0 {
            let spot = pt(x, y);
            let far = length(spot - wish);
            if best.is_none_or(|(least, _)| far < least)
                && packer.is_free(Slot::new(spot, size.x, size.y, gap))
            {
                best = Some((far, spot));
            }
            x += 5.0;
        }
        y += 5.0;
    }
    best.map(|(_, spot)| spot)
}
