//! OpenStreetMap PBF: closed ways and multipolygon relations (as osm2pgsql makes polygons), and for
//! facilities nodes as well. Three passes, because relations name ways and ways name nodes that come
//! before them in the file; only what the layer needs is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use osmpbf::{BlobDecode, BlobReader, BlobType, Element, RelMemberType};

use crate::crs::Crs;
use crate::problem::{Fault, Problem};

use super::assemble::{Node, assemble};
use super::attributes::term_of;
use super::format::{Asked, Format, Sink};
use super::input::Input;
use super::shape::{Position, RawRow, Shape, Tags, storable};
use super::{ImportError, ImportLayer};

const NAME: &str = "OSM PBF";

/// What a file may ask of its reader.
const KNOWN_FEATURES: [&str; 4] =
    ["OsmSchema-V0.6", "DenseNodes", "LocationsOnWays", "Sort.Type_then_ID"];

/// The binary format of OpenStreetMap.
#[derive(Debug)]
pub(super) struct OsmPbf;

impl Format for OsmPbf {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pbf"]
    }

    fn recognises(&self, head: &[u8], _input: &Input) -> bool {
        head.get(4..64.min(head.len()))
            .is_some_and(|h| h.windows(9).any(|word| word == b"OSMHeader"))
    }

    fn passes(&self) -> u64 {
        3
    }

    fn common_source(&self) -> Option<&'static str> {
        Some("osm")
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let layer = asked.layer;
        if let Some(crs) = asked.crs.filter(|crs| *crs != Crs::WGS84) {
            return Err(ImportError::FixedCrs(crs.to_string()));
        }
        sink.begin(Crs::WGS84)?;
        let relations = relations(input, layer)?;
        let (areas, members) = ways(input, layer, &relations)?;
        let (nodes, points) = nodes(input, layer, &areas, &members)?;
        for (id, place, tags) in points {
            sink.row(row(format!("node/{id}"), tags, Shape::Point(place)))?;
        }
        for way in areas {
            let shape = way_shape(&way.refs, &nodes);
            sink.row(row(format!("way/{}", way.id), way.tags, shape))?;
        }
        for relation in relations {
            let shape = relation_shape(&relation.ways, &members, &nodes);
            sink.row(row(format!("relation/{}", relation.id), relation.tags, shape))?;
        }
        Ok(())
    }
}

fn row(name: String, tags: Tags, shape: Shape) -> RawRow {
    RawRow { number: None, id: Some(name), tags, shape }
}

/// A multipolygon of the layer.
struct Relation {
    id: i64,
    tags: Tags,
    ways: Vec<i64>,
}

/// A way of the layer.
struct Way {
    id: i64,
    tags: Tags,
    refs: Vec<i64>,
}

/// Whether an object with these tags belongs to the layer.
fn wanted(layer: ImportLayer, tags: &Tags) -> bool {
    let has = |key: &str| tags.get(key).is_some_and(|value| value != "no");
    match layer {
        ImportLayer::Buildings => has("building"),
        ImportLayer::Parcels => has("landuse"),
        ImportLayer::Facilities => term_of(tags, layer).is_some(),
    }
}

fn tags<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Tags {
    pairs.map(|(k, v)| (k.to_owned(), storable(v))).collect()
}

fn relations(input: &Input, layer: ImportLayer) -> Result<Vec<Relation>, ImportError> {
    let mut found = Vec::new();
    each(input, |element| {
        let Element::Relation(relation) = element else { return };
        let tags = tags(relation.tags());
        // `type=building` groups the parts of a 3D model; its outline is a building of its own.
        let area = tags.get("type").is_some_and(|t| t == "multipolygon" || t == "boundary");
        if area && wanted(layer, &tags) {
            let ways = relation
                .members()
                .filter(|m| m.member_type == RelMemberType::Way)
                .map(|m| m.member_id)
                .collect();
            found.push(Relation { id: relation.id(), tags, ways });
        }
    })?;
    Ok(found)
}

/// The ways of the layer, and the nodes of the ways that relations need.
fn ways(
    input: &Input,
    layer: ImportLayer,
    relations: &[Relation],
) -> Result<(Vec<Way>, Members), ImportError> {
    let needed: BTreeSet<i64> = relations.iter().flat_map(|r| r.ways.iter().copied()).collect();
    let (mut areas, mut members) = (Vec::new(), Members::new());
    each(input, |element| {
        let Element::Way(way) = element else { return };
        if needed.contains(&way.id()) {
            members.insert(way.id(), way.refs().collect());
        }
        let tags = tags(way.tags());
        if wanted(layer, &tags) {
            areas.push(Way { id: way.id(), tags, refs: way.refs().collect() });
        }
    })?;
    Ok((areas, members))
}

/// The nodes of each way that a relation needs.
type Members = BTreeMap<i64, Vec<i64>>;

/// Nodes that are facilities themselves.
type Points = Vec<(i64, Position, Tags)>;

/// The places of the nodes that are needed, and the nodes that are facilities themselves.
fn nodes(
    input: &Input,
    layer: ImportLayer,
    areas: &[Way],
    members: &Members,
) -> Result<(Nodes, Points), ImportError> {
    let of_areas = areas.iter().flat_map(|way| way.refs.iter());
    let mut ids: Vec<i64> = of_areas.chain(members.values().flatten()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut nodes = Nodes { places: vec![None; ids.len()], ids };
    let mut points = Points::new();
    each(input, |element| {
        let (id, place, tags): (i64, Position, Tags) = match element {
            Element::DenseNode(node) => {
                nodes.put(node.id(), [node.lon(), node.lat()]);
                if layer != ImportLayer::Facilities {
                    return;
                }
                (node.id(), [node.lon(), node.lat()], tags(node.tags()))
            }
            Element::Node(node) => {
                nodes.put(node.id(), [node.lon(), node.lat()]);
                (node.id(), [node.lon(), node.lat()], tags(node.tags()))
            }
            Element::Way(_) | Element::Relation(_) => return,
        };
        if layer == ImportLayer::Facilities && wanted(layer, &tags) {
            points.push((id, place, tags));
        }
    })?;
    Ok((nodes, points))
}

/// Places by node, in two arrays sorted by number.
struct Nodes {
    ids: Vec<i64>,
    places: Vec<Option<Position>>,
}

impl Nodes {
    fn put(&mut self, id: i64, place: Position) {
        if let Ok(i) = self.ids.binary_search(&id)
            && let Some(slot) = self.places.get_mut(i)
        {
            *slot = Some(place);
        }
    }

    fn place(&self, id: i64) -> Result<Node, Problem> {
        let found = self.ids.binary_search(&id).ok().and_then(|i| *self.places.get(i)?);
        found.map(|place| (id, place)).ok_or(Problem::new(Fault::Missing { kind: "node", id }))
    }

    /// All nodes, or all that are missing.
    fn line(&self, refs: &[i64]) -> Result<Vec<Node>, Vec<Problem>> {
        let (found, missing): (Vec<_>, Vec<_>) =
            refs.iter().map(|id| self.place(*id)).partition(Result::is_ok);
        if missing.is_empty() {
            Ok(found.into_iter().flatten().collect())
        } else {
            Err(missing.into_iter().filter_map(Result::err).collect())
        }
    }
}

fn way_shape(refs: &[i64], nodes: &Nodes) -> Shape {
    match nodes.line(refs) {
        Ok(line) => Shape::Polygons(vec![vec![line.into_iter().map(|(_, place)| place).collect()]]),
        Err(faults) => Shape::Broken(faults),
    }
}

fn relation_shape(ways: &[i64], members: &Members, nodes: &Nodes) -> Shape {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for id in ways {
        match members.get(id).map(|refs| nodes.line(refs)) {
            Some(Ok(line)) => lines.push(line),
            Some(Err(missing)) => faults.extend(missing),
            None => faults.push(Problem::new(Fault::Missing { kind: "way", id: *id })),
        }
    }
    if !faults.is_empty() {
        return Shape::Broken(faults);
    }
    assemble(&lines).map_or_else(Shape::Broken, Shape::Polygons)
}

/// One pass over every element of the file.
fn each(input: &Input, mut visit: impl FnMut(Element<'_>)) -> Result<(), ImportError> {
    let reader = input.pass()?;
    let position = reader.position();
    let mut whole = 0;
    for blob in BlobReader::new(reader) {
        let at_byte = position.load(Ordering::Relaxed);
        let blob = blob.map_err(|e| damaged(&e, at_byte, input.size()))?;
        if let BlobType::Unknown(_) = blob.get_type() {
            continue;
        }
        match blob.decode().map_err(|e| damaged(&e, at_byte, input.size()))? {
            BlobDecode::OsmHeader(header) => {
                let unknown = header
                    .required_features()
                    .iter()
                    .find(|f| !KNOWN_FEATURES.contains(&f.as_str()));
                if let Some(feature) = unknown {
                    return Err(ImportError::Malformed {
                        format: NAME,
                        detail: format!("it needs a reader that knows {feature:?}"),
                    });
                }
            }
            BlobDecode::OsmData(block) => {
                // The reader panics at what its format does not foresee, such as an unknown kind of member.
                let visited = AssertUnwindSafe(|| block.for_each_element(&mut visit));
                catch_unwind(visited).map_err(|_reason| ImportError::Malformed {
                    format: NAME,
                    detail: format!(
                        "a block before byte {at_byte} holds what the format does not have"
                    ),
                })?;
            }
            BlobDecode::Unknown(_) => {}
        }
        whole = at_byte;
    }
    // The reader takes a block's length of 1 to 3 bytes for the end of the file.
    if whole == input.size() { Ok(()) } else { Err(cut_off(whole, input.size())) }
}

fn damaged(error: &osmpbf::Error, at_byte: u64, size: u64) -> ImportError {
    if at_byte >= size {
        return cut_off(at_byte, size);
    }
    ImportError::Malformed { format: NAME, detail: format!("{error} before byte {at_byte}") }
}

fn cut_off(at_byte: u64, size: u64) -> ImportError {
    let detail = format!("it ends within a block, {at_byte} of {size} bytes could be read");
    ImportError::CutOff { format: NAME, detail }
}
