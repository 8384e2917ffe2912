//! Official vehicles and the point facilities of official grounds.

use geo_types::Coord;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::block::{Block, Use};
use super::city::{Building, Facility, Parcel, Vehicle};
use super::frame::Frame;
use super::org_tree::OrgTree;
use super::shape::{Pt, contains, distance, left, pt, segment_distance, sides, unit};

const GROUNDS: [&str; 9] =
    ["门岗", "食堂", "停车场", "充电桩", "充电桩", "会议中心", "配电房", "文体中心", "应急物资点"];

/// The facilities on official parcels; `rings` are each block's buildings.
pub(super) fn facilities(
    blocks: &[Block],
    rings: &[Vec<Vec<Pt>>],
    parcels: &[Parcel],
    parcel_of: &[Option<usize>],
    frame: &Frame,
    rng: &mut ChaCha8Rng,
) -> Vec<Facility> {
    let mut facilities: Vec<Facility> = Vec::new();
    for ((block, rings), parcel) in blocks.iter().zip(rings).zip(parcel_of) {
        let Some(parcel) = *parcel else { continue };
        let classes: &[&'static str] = match block.usage {
            Use::Government => &GROUNDS,
            Use::University => &["门岗", "食堂", "停车场", "充电桩", "文体中心"],
            Use::School | Use::Hospital => &["门岗", "食堂", "停车场"],
            Use::Vacant => continue,
            _ => &["门岗", "停车场"],
        };
        for &class in classes {
            let Some(spot) = spot(block, rings, class, rng) else { continue };
            facilities.push(Facility {
                code: format!("F-{:05}", facilities.len() + 1),
                name: format!("{}{class}", parcels[parcel].name),
                class,
                org: parcels[parcel].org,
                parcel,
                point: frame.point(spot),
            });
        }
    }
    facilities
}

/// A guard post stands at the longest side; all else on open ground.
fn spot(block: &Block, rings: &[Vec<Pt>], class: &str, rng: &mut ChaCha8Rng) -> Option<Pt> {
    let clear = |ring: &[Pt], p: Pt| {
        !contains(ring, p) && sides(ring).all(|(a, b)| segment_distance(p, a, b) > 1.0)
    };
    let free = |p: Pt| contains(&block.lot, p) && rings.iter().all(|ring| clear(ring, p));
    if class == "门岗" {
        let (a, b) = sides(&block.lot)
            .max_by(|(a, b), (c, d)| distance(*a, *b).total_cmp(&distance(*c, *d)))?;
        let gate = (a + b) / 2.0 + left(unit(b - a)) * 1.5;
        return free(gate).then_some(gate);
    }
    let (mut low, mut high) = (block.middle, block.middle);
    for p in &block.lot {
        low = pt(low.x.min(p.x), low.y.min(p.y));
        high = pt(high.x.max(p.x), high.y.max(p.y));
    }
    (0..40)
        .map(|_| pt(rng.random_range(low.x..high.x), rng.random_range(low.y..high.y)))
        .find(|&p| free(p))
}

/// The vehicles, shared out among the city's and the counties' units.
pub(super) fn vehicles(
    count: usize,
    orgs: &OrgTree,
    buildings: &[Building],
    nodes: &[Coord<f64>],
    rng: &mut ChaCha8Rng,
) -> Vec<Vehicle> {
    const TYPES: [(&str, &str); 10] = [
        ("轿车", "公务轿车"),
        ("轿车", "公务轿车"),
        ("轿车", "新能源轿车"),
        ("轿车", "新能源轿车"),
        ("越野车", "应急越野车"),
        ("商务车", "公务商务车"),
        ("商务车", "接待商务车"),
        ("中巴", "机关中巴"),
        ("执法车", "综合执法车"),
        ("执法车", "巡查执法车"),
    ];
    let homes: Vec<&Building> =
        buildings.iter().filter(|building| !building.using_orgs.is_empty()).collect();
    (0..count)
        .map(|i| {
            // Two of five belong to the city, the others to the counties in turn.
            let (org, letter) = if i % 5 < 2 {
                (orgs.bureaus[(i / 5 * 2 + i % 5) % orgs.bureaus.len()], 'A')
            } else {
                let turn = i / 5 * 3 + i % 5 - 2;
                let county = turn % orgs.counties.len();
                let bureaus = &orgs.counties[county].bureaus;
                (
                    bureaus[turn / orgs.counties.len() % bureaus.len()],
                    ['B', 'C', 'D', 'E', 'F'][county],
                )
            };
            let same_place = |b: &&&Building| {
                b.using_orgs.contains(&org)
                    || orgs.orgs[b.managing_org].region_code == orgs.orgs[org].region_code
            };
            let home = homes
                .iter()
                .find(|b| b.using_orgs.contains(&org))
                .or_else(|| homes.iter().find(same_place))
                .or(homes.first());
            let start = home.and_then(|b| b.footprint.exterior().0.first().copied());
            let home_node = nearest(nodes, start.unwrap_or_default(), rng.random_range(0..12));
            let (vehicle_type, title) = TYPES[rng.random_range(0..TYPES.len())];
            let number = i + 1;
            let tail = ['K', 'M', 'N', 'X', 'Z'][rng.random_range(0..5)];
            Vehicle {
                code: format!("V-{number:04}"),
                plate: format!("澜{letter}·{number:04}{tail}"),
                name: format!("{title}{number:03}"),
                vehicle_type,
                org,
                terminal_id: format!("demo-{number:04}"),
                home: nodes[home_node],
                home_node,
            }
        })
        .collect()
}

/// The `rank`-th nearest node, so that the vehicles of one yard do not all stand on one spot.
fn nearest(nodes: &[Coord<f64>], to: Coord<f64>, rank: usize) -> usize {
    let mut order: Vec<(f64, usize)> = nodes
        .iter()
        .enumerate()
        .map(|(i, node)| {
            let (x, y) = ((node.x - to.x) * 0.8, node.y - to.y);
            (x * x + y * y, i)
        })
        .collect();
    let rank = rank.min(order.len().saturating_sub(1));
    order.select_nth_unstable_by(rank, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))).1.1
}
