//! The demo city: 云澜市, a fictional Chinese city drawn from a seed.
//!
//! [`generate`] is a pure function: no clock, no files, no database, and no mathematics whose last
//! bit depends on the machine, so that one plan gives one city everywhere. Nothing in it is real:
//! the names and region codes are unused ones, the plates begin with a character no province has,
//! and the place on the globe (around 105.5 E, 36.5 N) is arbitrary. Everything that shows it
//! carries its label, [`NOTICE`].
//!
//! The steps, each in its file, work in metres around the centre and turn to degrees at the end:
//!
//! 1. `terrain` says where the river, the rings and the quarters lie.
//! 2. `streets` lays a skeleton of rings, avenues and banks (`arrangement`), takes its faces
//!    (`mesh`) and halves them by ever smaller streets down to blocks.
//! 3. `block` gives each block a use; `compound` takes some for official grounds and puts up office
//!    buildings, whose storeys `floor_plan` divides into rooms; `pattern` builds up the others,
//!    through `packer`, which lets no building leave its lot or touch another.
//! 4. `nature` adds water and green, `roads` the named roads and the graph to drive on, `region`
//!    the borders, `fleet` vehicles and facilities.
//! 5. `register` enters parcels, buildings, floors and rooms with codes, owners and addresses.
//!
//! Invariants, all tested: polygons are valid; buildings do not overlap; parcels do not overlap and
//! contain their buildings; the rooms of a floor tile it and share their vertices; the road graph
//! is connected.
//!
//! Not here: SQL, simulated driving, styles.

#![expect(
    clippy::many_single_char_names,
    clippy::similar_names,
    clippy::struct_field_names,
    reason = "points are a, b, c, a slot has a spot, and fields bear the names the database has"
)]

mod arrangement;
mod block;
mod city;
mod clearance;
mod compound;
mod draft;
mod fleet;
mod floor_plan;
mod frame;
mod mesh;
mod name;
mod nature;
mod org_tree;
mod packer;
mod pattern;
mod plan;
mod region;
mod register;
mod road_graph;
mod roads;
mod shape;
mod streets;
mod terrain;
#[cfg(test)]
mod tests;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

pub use city::{
    Area, Building, City, Facility, Floor, Org, Parcel, Region, Road, RoadClass, Room, Vehicle,
};
pub use plan::{CityPlan, CitySize};
pub use road_graph::{RoadEdge, RoadGraph};

use clearance::Carriageways;
use frame::Frame;
use nature::{Nature, Patch};
use org_tree::OrgTree;
use pattern::Built;
use register::Register;
use shape::Pt;
use terrain::Terrain;

/// What every surface that shows the demo city must say.
pub const NOTICE: &str = "示例数据（虚构）";

/// Draws the city of a plan.
pub fn generate(plan: &CityPlan) -> City {
    let rng = &mut ChaCha8Rng::seed_from_u64(plan.seed);
    let frame = Frame::new();
    let terrain = Terrain::new(plan, rng);
    let names = &mut name::Names::new(rng);
    let layout = streets::lay_out(&terrain, names, rng);
    let orgs = OrgTree::new();

    let carriageways = Carriageways::new(&layout);
    let mut blocks = block::blocks(&layout, &terrain, plan.size, rng);
    let mut built: Vec<Built> = blocks.iter().map(|_| Built::default()).collect();
    for (index, compound) in
        compound::build(&mut blocks, &carriageways, &orgs, &terrain, plan.size, rng)
    {
        built[index] = compound;
    }
    for (index, block) in blocks.iter().enumerate() {
        if block.usage != block::Use::Government {
            built[index] = pattern::build(block, index, names, rng);
        }
    }

    for built in &mut built {
        built.drafts.retain(|draft| carriageways.clear_of(draft));
    }

    let mut nature = Nature::new(&terrain, &blocks, names, rng);
    let mut register = Register::new(&layout.streets);
    let titles: Vec<Option<String>> = built.iter().map(|b| b.name.clone()).collect();
    register.enter_parcels(&blocks, &titles, &layout.streets, &orgs, &frame);
    let mut rings: Vec<Vec<Vec<Pt>>> = Vec::new();
    for (block, built) in blocks.iter().zip(built) {
        for (class, name, ring) in built.greens {
            nature.plant(class, name, ring);
        }
        rings.push(built.drafts.iter().map(|draft| draft.exterior.clone()).collect());
        for draft in built.drafts {
            register.enter_building(draft, block, &layout.streets, &orgs, &frame, rng);
        }
    }

    let (roads, road_graph, _) = roads::roads(&layout, &frame);
    let regions = region::regions(&layout, &terrain, &frame);
    let Register { parcels, parcel_of, buildings, floors, rooms, .. } = register;
    let facilities = fleet::facilities(&blocks, &rings, &parcels, &parcel_of, &frame, rng);
    let vehicle_count = if plan.size == CitySize::Full { 200 } else { 20 };
    let vehicles = fleet::vehicles(vehicle_count, &orgs, &buildings, &road_graph.nodes, rng);
    City {
        name: name::CITY.to_owned(),
        notice: NOTICE,
        regions,
        orgs: orgs.orgs,
        parcels,
        buildings,
        floors,
        rooms,
        roads,
        water: areas("W", nature.water, &frame),
        green: areas("G", nature.green, &frame),
        facilities,
        vehicles,
        road_graph,
    }
}

fn areas(letter: &str, patches: Vec<Patch>, frame: &Frame) -> Vec<Area> {
    let area = |(i, patch): (usize, Patch)| Area {
        code: format!("{letter}-{:05}", i + 1),
        name: patch.name,
        class: patch.class,
        area: frame.polygon(&patch.exterior, &patch.holes),
    };
    patches.into_iter().enumerate().map(area).collect()
}
