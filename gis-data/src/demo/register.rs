//! Enters what was drawn into the register: parcels, buildings, floors and rooms with their codes,
//! owners and addresses.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::block::{Block, Use};
use super::city::{Building, Floor, Parcel, Room};
use super::draft::{Draft, Office};
use super::frame::Frame;
use super::name::COUNTIES;
use super::org_tree::OrgTree;
use super::shape::{Pt, centroid, segment_distance};
use super::streets::Street;

/// The rows of the register, in the order of their codes.
#[derive(Debug, Default)]
pub(super) struct Register {
    pub(super) parcels: Vec<Parcel>,
    /// For each block its parcel.
    pub(super) parcel_of: Vec<Option<usize>>,
    pub(super) buildings: Vec<Building>,
    pub(super) floors: Vec<Floor>,
    pub(super) rooms: Vec<Room>,
    /// The next house number of each street.
    numbers: Vec<u32>,
}

impl Register {
    pub(super) fn new(streets: &[Street]) -> Self {
        Self { numbers: vec![1; streets.len()], ..Self::default() }
    }

    /// Enters the parcels of all registered blocks.
    pub(super) fn enter_parcels(
        &mut self,
        blocks: &[Block],
        names: &[Option<String>],
        streets: &[Street],
        orgs: &OrgTree,
        frame: &Frame,
    ) {
        for (block, name) in blocks.iter().zip(names) {
            self.parcel_of.push(block.registered.then_some(self.parcels.len()));
            if !block.registered {
                continue;
            }
            let (land_use, kind) = land_use(block.usage);
            let number = self.parcels.len() + 1;
            let address = self.address(block.middle, block, streets);
            let name = name.clone().unwrap_or_else(|| format!("{address}{land_use}"));
            self.parcels.push(Parcel {
                code: format!("P-{number:05}"),
                name,
                land_use,
                org: orgs.answering_for(block.county, kind),
                region: block.county + 1,
                address,
                area: frame.polygon(&block.lot, &[]),
            });
        }
    }

    pub(super) fn enter_building(
        &mut self,
        draft: Draft,
        block: &Block,
        streets: &[Street],
        orgs: &OrgTree,
        frame: &Frame,
        rng: &mut ChaCha8Rng,
    ) {
        let parcel = self.parcel_of[draft.block];
        let (managing_org, using_orgs) = match &draft.office {
            Some(office) => (office.managing_org, office.using_orgs.clone()),
            None => (orgs.answering_for(block.county, draft.use_kind), Vec::new()),
        };
        if let (Some(parcel), Some(_)) = (parcel, &draft.office) {
            self.parcels[parcel].org = managing_org;
        }
        let courtyards: Vec<Vec<Pt>> = draft.courtyard.iter().cloned().collect();
        let index = self.buildings.len();
        let height_m = f64::from(draft.floors_above) * draft.storey_m + 1.2;
        let address = self.address(centroid(&draft.exterior), block, streets);
        self.buildings.push(Building {
            code: format!("B-{:06}", index + 1),
            name: draft.name,
            use_kind: draft.use_kind,
            managing_org,
            using_orgs,
            region: block.county + 1,
            height_m: (height_m * 10.0).round() / 10.0,
            floors_above: draft.floors_above,
            floors_below: draft.floors_below,
            built_year: draft.built_year,
            address,
            parcel,
            footprint: frame.polygon(&draft.exterior, &courtyards),
        });
        if let Some(office) = draft.office {
            self.enter_floors(index, &office, draft.floors_above, draft.floors_below, frame, rng);
        }
    }

    fn enter_floors(
        &mut self,
        building: usize,
        office: &Office,
        above: u8,
        below: u8,
        frame: &Frame,
        rng: &mut ChaCha8Rng,
    ) {
        let (above_i, below_i) = (above.cast_signed(), below.cast_signed());
        let ordinals: Vec<i8> = (-below_i..=above_i).filter(|&ordinal| ordinal != 0).collect();
        for ordinal in ordinals {
            let storey = office.plan.storey(ordinal, rng);
            let floor = self.floors.len();
            let code = format!("{}-{}", self.buildings[building].code, level(ordinal));
            let name = if ordinal < 0 {
                format!("地下{}层", ordinal.unsigned_abs())
            } else {
                format!("{ordinal}层")
            };
            self.floors.push(Floor {
                code: code.clone(),
                building,
                ordinal,
                name,
                area: frame.polygon(&storey.outline, &[]),
            });
            let count = storey.rooms.len();
            for (i, (cell, ring)) in storey.rooms.into_iter().enumerate() {
                let number = if ordinal < 0 {
                    format!("B{}{:02}", ordinal.unsigned_abs(), i + 1)
                } else {
                    format!("{ordinal}{:02}", i + 1)
                };
                let shared =
                    matches!(cell.use_kind, "走廊" | "楼梯间" | "卫生间" | "设备间" | "车库");
                let status = match rng.random_range(0..100) {
                    0..=6 if cell.use_kind == "办公室" => "空置",
                    7..=8 if !shared => "维修",
                    _ => "在用",
                };
                let org = (!shared && status != "空置" && ordinal > 0)
                    .then(|| share(&office.using_orgs, ordinal, above, i, count))
                    .flatten();
                self.rooms.push(Room {
                    code: format!("{code}-{:02}", i + 1),
                    floor,
                    number,
                    name: cell.name.to_owned(),
                    use_kind: cell.use_kind,
                    org,
                    status,
                    area: frame.polygon(&ring, &[]),
                });
            }
        }
    }

    /// The nearest street and the next number on it.
    fn address(&mut self, at: Pt, block: &Block, streets: &[Street]) -> String {
        let nearest = block.streets.iter().min_by(|(a, b, _), (c, d, _)| {
            segment_distance(at, *a, *b).total_cmp(&segment_distance(at, *c, *d))
        });
        let county = COUNTIES[block.county].1;
        let Some(&(.., street)) = nearest else { return county.to_owned() };
        let number = &mut self.numbers[street as usize];
        *number += 1;
        format!("{county}{}{}号", streets[street as usize].name, number)
    }
}

/// Units follow each other from the ground up, so that each has neighbouring rooms.
fn share(orgs: &[usize], ordinal: i8, above: u8, room: usize, rooms: usize) -> Option<usize> {
    let storey = usize::from(ordinal.unsigned_abs()) - 1;
    let place = (storey * rooms + room) * orgs.len() / (usize::from(above) * rooms);
    orgs.get(place).or(orgs.last()).copied()
}

fn level(ordinal: i8) -> String {
    if ordinal < 0 { format!("B{}", ordinal.unsigned_abs()) } else { format!("F{ordinal:02}") }
}

/// The land use of a parcel, and the use of buildings whose bureau answers for it.
fn land_use(usage: Use) -> (&'static str, &'static str) {
    match usage {
        Use::Government => ("机关团体用地", "办公"),
        Use::School | Use::University => ("教育用地", "教育"),
        Use::Hospital => ("医疗卫生用地", "医疗"),
        Use::Vacant => ("储备用地", "办公"),
        Use::Works => ("工业用地", "工业"),
        Use::Business | Use::Shops => ("商服用地", "商业"),
        _ => ("城镇住宅用地", "住宅"),
    }
}
