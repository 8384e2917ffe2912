//! What the generated city promises, checked against independent code: `geo`'s validity rules and
//! areas, an R-tree for overlaps, a plain walk for connectivity.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use geo::{Area as _, BoundingRect as _, Centroid as _, Distance as _, Euclidean};
use geo::{Intersects as _, MapCoords as _, Orient as _, Relate as _, Validation as _};
use geo_types::{Coord, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use sha2::{Digest as _, Sha256};

use super::*;

static SMALL: LazyLock<City> =
    LazyLock::new(|| generate(&CityPlan { seed: 7, size: CitySize::Small }));

static FULL: LazyLock<City> = LazyLock::new(|| generate(&CityPlan::default()));

fn envelope(polygon: &Polygon<f64>) -> AABB<[f64; 2]> {
    let rect = polygon.bounding_rect().expect("a generated polygon has points");
    AABB::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y])
}

fn tree<'a>(
    polygons: impl Iterator<Item = &'a Polygon<f64>>,
) -> RTree<GeomWithData<Rectangle<[f64; 2]>, usize>> {
    let entry = |(i, p)| {
        let bounds = envelope(p);
        GeomWithData::new(Rectangle::from_corners(bounds.lower(), bounds.upper()), i)
    };
    RTree::bulk_load(polygons.enumerate().map(entry).collect())
}

/// Pairs of polygons whose interiors share more than a point.
fn overlaps(polygons: &[&Polygon<f64>]) -> Vec<(usize, usize)> {
    let tree = tree(polygons.iter().copied());
    let mut pairs = Vec::new();
    for (i, polygon) in polygons.iter().enumerate() {
        for other in tree.locate_in_envelope_intersecting(&envelope(polygon)) {
            let j = other.data;
            if j > i && polygon.intersects(polygons[j]) {
                pairs.push((i, j));
            }
        }
    }
    pairs
}

fn polygons(city: &City) -> Vec<(String, &Polygon<f64>)> {
    let mut all: Vec<(String, &Polygon<f64>)> = Vec::new();
    all.extend(city.buildings.iter().map(|b| (b.code.clone(), &b.footprint)));
    all.extend(city.parcels.iter().map(|p| (p.code.clone(), &p.area)));
    all.extend(city.floors.iter().map(|f| (f.code.clone(), &f.area)));
    all.extend(city.rooms.iter().map(|r| (r.code.clone(), &r.area)));
    all.extend(city.water.iter().map(|w| (w.code.clone(), &w.area)));
    all.extend(city.green.iter().map(|g| (g.code.clone(), &g.area)));
    for region in &city.regions {
        all.extend(region.area.iter().map(|p| (region.code.clone(), p)));
    }
    all
}

fn assert_valid(city: &City) {
    for (code, polygon) in polygons(city) {
        assert!(polygon.is_valid(), "{code}: {:?}", polygon.validation_errors());
        let turned = polygon.orient(geo::orient::Direction::Default);
        assert_eq!(*polygon, turned, "{code} has a ring of the wrong direction");
        for c in polygon.exterior().coords() {
            assert!((c.x - (c.x * 1e7).round() / 1e7).abs() < 1e-12, "{code} is not rounded");
        }
    }
}

fn fingerprint(city: &City) -> String {
    let mut text = String::new();
    write!(text, "{city:?}").expect("a string takes any text");
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes any text");
        hex
    })
}

#[test]
fn a_seed_gives_the_same_city_on_every_machine() {
    assert_eq!(fingerprint(&SMALL), "42bffdc73e2ad25c");
    assert_eq!(fingerprint(&FULL), "ddf6cf460471401d");
}

#[test]
fn another_seed_gives_another_city() {
    let other = generate(&CityPlan { seed: 8, size: CitySize::Small });
    assert_ne!(fingerprint(&SMALL), fingerprint(&other));
}

#[test]
fn every_polygon_of_the_small_city_is_valid() {
    assert_valid(&SMALL);
}

#[test]
fn every_polygon_of_the_full_city_is_valid() {
    assert_valid(&FULL);
}

#[test]
fn the_full_city_is_as_large_as_promised() {
    let city = &*FULL;
    assert!(city.buildings.len() >= 20_000, "{} buildings", city.buildings.len());
    let offices: BTreeSet<usize> = city.floors.iter().map(|floor| floor.building).collect();
    assert_eq!(offices.len(), 40);
    assert!(city.rooms.len() >= 2_000, "{} rooms", city.rooms.len());
    assert!(city.floors.iter().any(|floor| floor.ordinal < 0));
    assert!(city.parcels.len() >= 300, "{} parcels", city.parcels.len());
    assert_eq!(city.vehicles.len(), 200);
    assert!(city.orgs.len() >= 60, "{} orgs", city.orgs.len());
    assert!(city.water.iter().any(|water| !water.area.interiors().is_empty()));
    let classes: BTreeSet<RoadClass> = city.roads.iter().map(|road| road.class).collect();
    assert_eq!(classes.len(), 6, "{classes:?}");
}

#[test]
fn every_county_of_both_cities_has_its_own_of_everything() {
    for city in [&*SMALL, &*FULL] {
        assert!(city.regions.len() > 3);
        for (index, region) in city.regions.iter().enumerate().skip(1) {
            let of = |org: usize| city.orgs[org].region_code == region.code;
            let buildings =
                city.buildings.iter().filter(|b| b.region == index && of(b.managing_org)).count();
            let rooms = city.rooms.iter().filter(|room| room.org.is_some_and(of)).count();
            let parcels = city.parcels.iter().filter(|p| p.region == index && of(p.org)).count();
            let vehicles = city.vehicles.iter().filter(|vehicle| of(vehicle.org)).count();
            let least = buildings.min(rooms).min(parcels).min(vehicles);
            assert!(
                least > 0,
                "{}: {buildings} buildings, {rooms} rooms, {parcels} parcels, {vehicles} vehicles",
                region.name
            );
        }
    }
}

#[test]
fn one_building_is_shared_by_units_of_two_counties() {
    for city in [&*SMALL, &*FULL] {
        let counties = |building: &Building| -> BTreeSet<&str> {
            let codes = building.using_orgs.iter().map(|&org| city.orgs[org].region_code.as_str());
            codes.filter(|&code| code != city.regions[0].code).collect()
        };
        let shared: Vec<&Building> =
            city.buildings.iter().filter(|b| counties(b).len() == 2).collect();
        assert_eq!(shared.len(), 1);
        let building = city.buildings.iter().position(|b| b.code == shared[0].code).unwrap();
        let sitting: BTreeSet<usize> = city
            .rooms
            .iter()
            .filter(|room| city.floors[room.floor].building == building)
            .filter_map(|room| room.org)
            .collect();
        assert_eq!(sitting, shared[0].using_orgs.iter().copied().collect());
    }
}

#[test]
fn no_building_touches_another() {
    for city in [&*SMALL, &*FULL] {
        let footprints: Vec<&Polygon<f64>> = city.buildings.iter().map(|b| &b.footprint).collect();
        let code = |i: usize| city.buildings[i].code.as_str();
        let touching: Vec<(&str, &str)> =
            overlaps(&footprints).into_iter().map(|(i, j)| (code(i), code(j))).collect();
        assert_eq!(touching, []);
    }
}

#[test]
fn parcels_keep_apart_and_contain_their_buildings() {
    for city in [&*SMALL, &*FULL] {
        let areas: Vec<&Polygon<f64>> = city.parcels.iter().map(|parcel| &parcel.area).collect();
        assert_eq!(overlaps(&areas), []);
        let tree = tree(areas.iter().copied());
        for building in &city.buildings {
            for parcel in tree.locate_in_envelope_intersecting(&envelope(&building.footprint)) {
                let inside = areas[parcel.data].relate(&building.footprint).is_contains();
                let touches = areas[parcel.data].intersects(&building.footprint);
                let own = building.parcel == Some(parcel.data);
                assert_eq!((inside, touches), (own, own), "{}", building.code);
            }
        }
    }
}

#[test]
fn no_building_stands_in_water_or_on_a_carriageway() {
    for city in [&*SMALL, &*FULL] {
        let tree = tree(city.buildings.iter().map(|building| &building.footprint));
        for water in &city.water {
            for building in tree.locate_in_envelope_intersecting(&envelope(&water.area)) {
                let building = &city.buildings[building.data];
                assert!(!building.footprint.intersects(&water.area), "{}", building.code);
            }
        }
        // Slightly less than the true scale at this latitude, so that no distance is too large.
        let metres = |c: Coord<f64>| Coord { x: c.x * 89_500.0, y: c.y * 110_900.0 };
        for road in &city.roads {
            let half_m = road.class.width_m() / 2.0;
            for line in road.line.lines() {
                let reach = half_m / 89_000.0;
                let (a, b) = (line.start, line.end);
                let around = AABB::from_corners(
                    [a.x.min(b.x) - reach, a.y.min(b.y) - reach],
                    [a.x.max(b.x) + reach, a.y.max(b.y) + reach],
                );
                for building in tree.locate_in_envelope_intersecting(&around) {
                    let building = &city.buildings[building.data];
                    let wall = building.footprint.map_coords(metres);
                    let far_m = Euclidean.distance(&wall, &line.map_coords(metres));
                    assert!(far_m > half_m, "{} is {far_m} m from {}", building.code, road.code);
                }
            }
        }
    }
}

#[test]
fn the_rooms_of_a_floor_tile_it_and_share_their_vertices() {
    type Side = [(u64, u64); 2];
    let key = |c: Coord<f64>| (c.x.to_bits(), c.y.to_bits());
    for city in [&*SMALL, &*FULL] {
        let mut rooms_of: BTreeMap<usize, Vec<&Polygon<f64>>> = BTreeMap::new();
        for room in &city.rooms {
            rooms_of.entry(room.floor).or_default().push(&room.area);
        }
        assert_eq!(rooms_of.len(), city.floors.len());
        for (floor, rooms) in rooms_of {
            let floor = &city.floors[floor];
            let sum: f64 = rooms.iter().map(|room| room.unsigned_area()).sum();
            let whole = floor.area.unsigned_area();
            assert!((sum / whole - 1.0).abs() < 1e-6, "{}: {sum} of {whole}", floor.code);
            // Every side of a room is the side of one neighbour, reversed, or of the floor.
            let mut open: BTreeSet<Side> = BTreeSet::new();
            for line in rooms.iter().flat_map(|room| room.exterior().lines()) {
                let (a, b) = (key(line.start), key(line.end));
                if !open.remove(&[b, a]) {
                    assert!(open.insert([a, b]), "{} has a side twice", floor.code);
                }
            }
            let outline: BTreeSet<Side> =
                floor.area.exterior().lines().map(|l| [key(l.start), key(l.end)]).collect();
            assert_eq!(open, outline, "{}", floor.code);
        }
    }
}

#[test]
fn codes_plates_and_terminals_are_unique() {
    for city in [&*SMALL, &*FULL] {
        let mut seen = BTreeSet::new();
        let codes = (city.buildings.iter().map(|b| &b.code))
            .chain(city.parcels.iter().map(|p| &p.code))
            .chain(city.floors.iter().map(|f| &f.code))
            .chain(city.rooms.iter().map(|r| &r.code))
            .chain(city.roads.iter().map(|r| &r.code))
            .chain(city.water.iter().chain(&city.green).map(|a| &a.code))
            .chain(city.facilities.iter().map(|f| &f.code))
            .chain(city.orgs.iter().map(|o| &o.code))
            .chain(city.regions.iter().map(|r| &r.code))
            .chain(city.vehicles.iter().flat_map(|v| [&v.code, &v.plate, &v.terminal_id]));
        for code in codes {
            assert!(seen.insert(code), "{code} is used twice");
        }
    }
}

#[test]
fn the_tree_of_units_has_three_levels_and_parents_come_first() {
    let city = &*SMALL;
    for (index, org) in city.orgs.iter().enumerate() {
        match org.parent {
            None => assert_eq!((index, org.level), (0, 1)),
            Some(parent) => {
                assert!(parent < index);
                assert_eq!(org.level, city.orgs[parent].level + 1);
                assert!(org.code.starts_with(&city.orgs[parent].code));
            }
        }
        assert!(org.code.chars().all(|c| c.is_ascii_alphanumeric()));
    }
    assert_eq!(city.orgs.iter().map(|org| org.level).max(), Some(3));
}

#[test]
fn the_road_graph_is_connected_and_its_edges_end_at_their_nodes() {
    for city in [&*SMALL, &*FULL] {
        let graph = &city.road_graph;
        for edge in &graph.edges {
            assert_eq!(edge.line.0.first(), Some(&graph.nodes[edge.from]));
            assert_eq!(edge.line.0.last(), Some(&graph.nodes[edge.to]));
            assert_eq!(edge.class, city.roads[edge.road].class);
            assert!(edge.length_m > 0.0);
            let road: BTreeSet<_> = city.roads[edge.road]
                .line
                .0
                .iter()
                .map(|c| (c.x.to_bits(), c.y.to_bits()))
                .collect();
            assert!(edge.line.0.iter().all(|c| road.contains(&(c.x.to_bits(), c.y.to_bits()))));
        }
        let mut reached = vec![false; graph.nodes.len()];
        let mut open = vec![0];
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                open.extend(graph.edges_at(node).iter().map(|&edge| graph.across(edge, node)));
            }
        }
        assert!(reached.iter().all(|&node| node));
        for vehicle in &city.vehicles {
            assert_eq!(vehicle.home, graph.nodes[vehicle.home_node]);
        }
    }
}

#[test]
fn a_route_is_the_fastest_chain_of_edges() {
    let graph = &SMALL.road_graph;
    let seconds = |edge: usize| graph.edges[edge].length_m * 3.6 / graph.edges[edge].speed_kmh;
    // Bellman-Ford as the judge.
    let mut best = vec![f64::INFINITY; graph.nodes.len()];
    best[0] = 0.0;
    for _ in 0..graph.nodes.len() {
        for (index, edge) in graph.edges.iter().enumerate() {
            best[edge.to] = best[edge.to].min(best[edge.from] + seconds(index));
            best[edge.from] = best[edge.from].min(best[edge.to] + seconds(index));
        }
    }
    for (to, &least) in best.iter().enumerate() {
        let route = graph.route(0, to).expect("the graph is connected");
        let end = route.iter().fold(0, |node, &edge| {
            assert!(graph.edges_at(node).contains(&edge));
            graph.across(edge, node)
        });
        assert_eq!(end, to);
        let cost: f64 = route.iter().map(|&edge| seconds(edge)).sum();
        assert!((cost - least).abs() < 1e-6, "{cost} s to node {to}, best {least} s");
    }
    assert_eq!(graph.route(0, graph.nodes.len()), None);
}

#[test]
fn facilities_stand_in_their_parcel_outside_its_buildings() {
    for city in [&*SMALL, &*FULL] {
        let tree = tree(city.buildings.iter().map(|building| &building.footprint));
        for facility in &city.facilities {
            let parcel = &city.parcels[facility.parcel].area;
            assert!(parcel.intersects(&facility.point), "{}", facility.code);
            let at = [facility.point.x(), facility.point.y()];
            for building in tree.locate_all_at_point(&at) {
                let footprint = &city.buildings[building.data].footprint;
                assert!(!footprint.intersects(&facility.point), "{}", facility.code);
            }
        }
    }
}

#[test]
fn the_city_lies_where_it_says() {
    let city = &*FULL;
    let middle = city.regions[0].area.centroid().expect("the city has an area");
    assert!((middle.x() - 105.5).abs() < 0.02 && (middle.y() - 36.5).abs() < 0.02);
    let bounds = city.regions[0].area.bounding_rect().expect("the city has an area");
    assert!((0.20..0.27).contains(&bounds.width()) && (0.13..0.19).contains(&bounds.height()));
}
