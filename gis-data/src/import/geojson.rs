//! GeoJSON (RFC 7946), feature by feature: however long the file, one feature is in memory at a time.
//! Each feature is read as plain JSON first, so that a broken one is a bad row and not a bad file.

use std::fmt;
use std::io::BufReader;
use std::mem;

use serde::Deserialize as _;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use crate::crs::Crs;
use crate::problem::{Fault, Problem};

use super::ImportError;
use super::format::{Asked, Format, Own, Sink, settle};
use super::input::Input;
use super::shape::{Position, RawRow, Ring, Shape, Tags, empty, own_name, storable, wrong_type};

const NAME: &str = "GeoJSON";

/// A `FeatureCollection` in UTF-8.
#[derive(Debug)]
pub(super) struct GeoJson;

impl Format for GeoJson {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["geojson", "json"]
    }

    fn recognises(&self, head: &[u8], _input: &Input) -> bool {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let mut reader = BufReader::new(input.pass()?);
        skip_byte_order_mark(&mut reader).map_err(|e| input.failed(e))?;
        let mut json = serde_json::Deserializer::from_reader(reader);
        let mut refused = None;
        let collection = Collection { asked, sink, refused: &mut refused };
        let read = json.deserialize_map(collection).and_then(|()| json.end());
        match (refused, read) {
            (Some(refusal), _) => Err(refusal),
            (None, Ok(())) => Ok(()),
            (None, Err(e)) if e.is_io() => Err(input.failed(std::io::Error::other(e))),
            (None, Err(e)) if e.is_eof() => {
                Err(ImportError::CutOff { format: NAME, detail: e.to_string() })
            }
            (None, Err(e)) => Err(ImportError::Malformed { format: NAME, detail: e.to_string() }),
        }
    }
}

fn skip_byte_order_mark(reader: &mut impl std::io::BufRead) -> std::io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}

/// The outermost object. What the sink refuses goes around serde, whose errors are only text.
struct Collection<'a> {
    asked: &'a Asked,
    sink: &'a mut dyn Sink,
    refused: &'a mut Option<ImportError>,
}

impl<'de> Visitor<'de> for Collection<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a FeatureCollection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut own, mut kind, mut has_features) = (Own::Silent, None, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => kind = Some(map.next_value::<Value>()?),
                "crs" => {
                    own = own_system(&map.next_value::<Value>()?);
                    if has_features
                        && self.asked.crs.is_none()
                        && !matches!(own, Own::Silent | Own::Says(Crs::WGS84))
                    {
                        return Err(A::Error::custom(
                            "the crs member comes after the features; name the system with --crs",
                        ));
                    }
                    if has_features {
                        let late = mem::replace(&mut own, Own::Silent);
                        let settled = settle(NAME, self.asked, late, Some(Crs::WGS84), self.sink);
                        if let Err(refusal) = settled {
                            *self.refused = Some(refusal);
                            return Err(A::Error::custom("refused"));
                        }
                    }
                }
                "features" if has_features => {
                    return Err(A::Error::custom("there are two features members"));
                }
                "features" => {
                    has_features = true;
                    let own = mem::replace(&mut own, Own::Silent);
                    let begun = settle(NAME, self.asked, own, Some(Crs::WGS84), self.sink)
                        .and_then(|crs| self.sink.begin(crs));
                    if let Err(refusal) = begun {
                        *self.refused = Some(refusal);
                        return Err(A::Error::custom("refused"));
                    }
                    let rows = Features { sink: &mut *self.sink, refused: &mut *self.refused };
                    map.next_value_seed(rows)?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match kind.as_ref().and_then(Value::as_str) {
            Some("FeatureCollection") if has_features => Ok(()),
            Some("FeatureCollection") => Err(A::Error::custom("the features are missing")),
            Some(other) => {
                Err(A::Error::custom(format!("it is a {other}, a FeatureCollection is needed")))
            }
            None => Err(A::Error::custom("it has no type, a FeatureCollection is needed")),
        }
    }
}

/// The system named by the `crs` member of the 2008 format, which many programs still write.
fn own_system(member: &Value) -> Own {
    if member.is_null() {
        return Own::Silent;
    }
    let name = member.pointer("/properties/name").and_then(Value::as_str);
    let name = name.map_or_else(|| member.to_string(), str::to_owned);
    Own::from(name.parse())
}

struct Features<'a> {
    sink: &'a mut dyn Sink,
    refused: &'a mut Option<ImportError>,
}

impl<'de> DeserializeSeed<'de> for Features<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut features: A) -> Result<(), A::Error> {
        while let Some(feature) = features.next_element::<Value>()? {
            if let Err(refusal) = self.sink.row(row(feature)) {
                *self.refused = Some(refusal);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

/// A feature as a row. Whatever is missing or misplaced becomes a fault of the row.
fn row(mut feature: Value) -> RawRow {
    let properties = feature
        .get_mut("properties")
        .and_then(|p| Map::deserialize(p.take()).ok())
        .unwrap_or_default();
    let tags: Tags = properties.iter().filter_map(|(k, v)| Some((k.clone(), word(v)?))).collect();
    let id = feature.get("id").and_then(word).or_else(|| own_name(&tags));
    let shape = match feature.get("geometry") {
        Some(Value::Object(geometry)) => shape(geometry),
        _ => empty(),
    };
    RawRow { number: None, id, tags, shape }
}

/// A scalar as text; `None` for null, lists and objects.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(storable(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn shape(geometry: &Map<String, Value>) -> Shape {
    let kind = geometry.get("type").and_then(Value::as_str).unwrap_or("without type");
    let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
    let mut reading = Reading { faults: Vec::new(), ring: 0 };
    let shape = match kind {
        "Point" if coordinates.as_array().is_some_and(Vec::is_empty) => {
            return empty();
        }
        "Point" => Shape::Point(reading.position(coordinates, None)),
        "Polygon" => Shape::Polygons(vec![reading.part(coordinates)]),
        "MultiPolygon" => {
            Shape::Polygons(reading.list(coordinates).iter().map(|p| reading.part(p)).collect())
        }
        other => return wrong_type(other),
    };
    if reading.faults.is_empty() { shape } else { Shape::Broken(reading.faults) }
}

/// Arrays within arrays, with a count of rings for the faults.
struct Reading {
    faults: Vec<Problem>,
    ring: usize,
}

impl Reading {
    fn list<'v>(&mut self, value: &'v Value) -> &'v [Value] {
        value.as_array().map_or_else(
            || {
                self.faults.push(Problem::new(Fault::NotNumbers).in_ring(self.ring));
                &[] as &[Value]
            },
            Vec::as_slice,
        )
    }

    fn part(&mut self, value: &Value) -> Vec<Ring> {
        let rings = self.list(value);
        rings
            .iter()
            .map(|ring| {
                let positions = self.list(ring);
                let ring = positions
                    .iter()
                    .enumerate()
                    .map(|(i, position)| self.position(position, Some(i)))
                    .collect();
                self.ring += 1;
                ring
            })
            .collect()
    }

    /// East and north; further numbers (height) are left out.
    fn position(&mut self, value: &Value, vertex: Option<usize>) -> Position {
        let number = |i: usize| value.get(i).and_then(Value::as_f64);
        if let (Some(east), Some(north)) = (number(0), number(1)) {
            return [east, north];
        }
        let mut fault = Problem::new(Fault::NotNumbers);
        if let Some(vertex) = vertex {
            fault = fault.in_ring(self.ring).at_vertex(vertex);
        }
        self.faults.push(fault);
        [f64::NAN, f64::NAN]
    }
}
