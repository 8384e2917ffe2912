//! KML 2.2 (OGC 07-147r2), and KMZ, which is a zip archive with it. A placemark is a row; its name, address and
//! extended data are its attributes.

use std::io::Read;

use crate::crs::Crs;
use crate::problem::{Fault, Problem};

use super::ImportError;
use super::archive::{Archive, MAGIC};
use super::attributes::{Heading, column_name};
use super::format::{Asked, Format, Own, Sink, choose, settle};
use super::input::Input;
use super::shape::{Position, RawRow, Ring, Shape, Tags, empty, storable, wrong_type};
use super::xml::{Piece, Xml, begins_with};

const NAME: &str = "KML";

/// The format of Google Earth.
#[derive(Debug)]
pub(super) struct Kml;

impl Format for Kml {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["kml", "kmz"]
    }

    fn recognises(&self, head: &[u8], input: &Input) -> bool {
        begins_with(head, "kml") || (head.starts_with(MAGIC) && Archive::has(input, ".kml"))
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        // The standard allows no other system; what is written otherwise all the same is named by --crs.
        let crs = settle(NAME, asked, Own::Says(Crs::WGS84), None, sink)?;
        let head = input.head()?;
        if !head.starts_with(MAGIC) {
            sink.begin(crs)?;
            return placemarks(Xml::new(NAME, &head, input.pass()?), sink);
        }
        let archive = Archive::open(input)?;
        let documents: Vec<_> = archive.ending(".kml").collect();
        if documents.is_empty() {
            let detail = "the archive has no .kml".to_owned();
            return Err(ImportError::Malformed { format: NAME, detail });
        }
        // The document to be shown first often does no more than to name the others: all are read, unless one is named.
        let names: Vec<String> = documents.iter().map(|entry| entry.name.clone()).collect();
        let wanted = match asked.table {
            Some(_) => vec![choose(NAME, asked, &names, sink)?],
            None => (0..documents.len()).collect(),
        };
        sink.begin(crs)?;
        for entry in wanted.into_iter().filter_map(|n| documents.get(n)) {
            let mut head = Vec::new();
            let unread = |e: std::io::Error| ImportError::Malformed {
                format: NAME,
                detail: format!("{}: {e}", entry.name),
            };
            archive.unpack(entry)?.take(512).read_to_end(&mut head).map_err(unread)?;
            placemarks(Xml::new(NAME, &head, archive.unpack(entry)?), sink)?;
        }
        Ok(())
    }
}

fn placemarks<R: Read>(mut xml: Xml<R>, sink: &mut dyn Sink) -> Result<(), ImportError> {
    let (mut placemark, mut has_root) = (None, false);
    while let Some(piece) = xml.next()? {
        if placemark.is_none() {
            xml.begin_row();
        }
        match (&mut placemark, piece) {
            (None, Piece::Start(name, _)) => {
                has_root |= name == "kml";
                if name == "Placemark" {
                    placemark = Some(Placemark::default());
                }
            }
            (Some(_), Piece::End(name)) if name == "Placemark" => {
                if let Some(whole) = placemark.take() {
                    sink.row(whole.row())?;
                }
            }
            (Some(open), piece) => open.take(piece),
            (None, Piece::Text(_) | Piece::End(_)) => {}
        }
    }
    if has_root {
        return Ok(());
    }
    Err(ImportError::Malformed { format: NAME, detail: "it has no kml element".to_owned() })
}

/// A placemark as its pieces come.
#[derive(Debug, Default)]
struct Placemark {
    tags: Tags,
    /// Elements that have begun, the innermost last.
    open: Vec<String>,
    text: String,
    /// The name of the extended datum being read.
    key: String,
    shapes: Vec<Part>,
    rings: Vec<Ring>,
    rings_seen: usize,
    faults: Vec<Problem>,
}

#[derive(Debug)]
enum Part {
    Point(Position),
    Polygon(Vec<Ring>),
    Other(&'static str),
}

impl Placemark {
    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Start(name, attributes) => {
                self.text.clear();
                if matches!(name.as_str(), "Data" | "SimpleData") {
                    let named = attributes.into_iter().find(|(key, _)| key == "name");
                    self.key = named.map(|(_, value)| value).unwrap_or_default();
                }
                if name == "Polygon" {
                    self.rings.clear();
                }
                self.open.push(name);
            }
            Piece::Text(text) => self.text.push_str(&text),
            Piece::End(name) => {
                self.open.pop();
                self.end(&name);
                self.text.clear();
            }
        }
    }

    fn end(&mut self, name: &str) {
        let within = self.open.last().map(String::as_str);
        match (name, within) {
            ("name" | "address" | "description", None) => self.tag(name.to_owned()),
            ("value", Some("Data")) | ("SimpleData", _) => {
                let key = column_name(&storable(&self.key), Heading::Whole);
                self.tag(key);
            }
            ("coordinates", Some("Point")) => {
                if let Some(place) = self.coordinates().first() {
                    self.shapes.push(Part::Point(*place));
                }
            }
            ("coordinates", Some("LinearRing")) => self.ring(),
            ("Polygon", _) => {
                let rings = std::mem::take(&mut self.rings);
                self.shapes.push(Part::Polygon(rings));
            }
            ("LinearRing", within)
                if within != Some("outerBoundaryIs") && within != Some("innerBoundaryIs") =>
            {
                self.shapes.push(Part::Other("LinearRing"));
            }
            ("LineString", _) => self.shapes.push(Part::Other("LineString")),
            ("Track" | "MultiTrack", _) => self.shapes.push(Part::Other("Track")),
            ("Model", _) => self.shapes.push(Part::Other("Model")),
            _ => {}
        }
    }

    fn tag(&mut self, key: String) {
        let text = storable(self.text.trim());
        if !text.is_empty() {
            self.tags.entry(key).or_insert(text);
        }
    }

    /// The outer ring comes first, wherever it is written.
    fn ring(&mut self) {
        let ring = self.coordinates();
        self.rings_seen += 1;
        if self.open.iter().any(|name| name == "innerBoundaryIs") {
            if self.rings.is_empty() {
                self.rings.push(Ring::new());
            }
            self.rings.push(ring);
        } else if self.rings.first().is_some_and(Vec::is_empty) {
            if let Some(outer) = self.rings.first_mut() {
                *outer = ring;
            }
        } else {
            self.rings.insert(0, ring);
        }
    }

    /// `lon,lat[,height]` with blanks between; many programs put blanks after the commas as well.
    fn coordinates(&mut self) -> Ring {
        let mut ring = Ring::new();
        let mut tuple = String::new();
        let mut words = self.text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            tuple.push_str(word);
            let goes_on =
                word.ends_with(',') || words.peek().is_some_and(|next| next.starts_with(','));
            if goes_on && words.peek().is_some() {
                continue;
            }
            let mut numbers = tuple.split(',').map(|number| number.trim().parse::<f64>());
            if let (Some(Ok(lon)), Some(Ok(lat))) = (numbers.next(), numbers.next()) {
                ring.push([lon, lat]);
            } else {
                let fault = Problem::new(Fault::NotNumbers).in_ring(self.rings_seen);
                self.faults.push(fault.at_vertex(ring.len()));
                ring.push([f64::NAN, f64::NAN]);
            }
            tuple.clear();
        }
        ring
    }

    fn row(self) -> RawRow {
        let shape =
            if self.faults.is_empty() { together(self.shapes) } else { Shape::Broken(self.faults) };
        RawRow::of(None, self.tags, shape)
    }
}

/// One geometry, or several polygons, as a shape.
fn together(mut parts: Vec<Part>) -> Shape {
    match (parts.pop(), parts.len()) {
        (None, _) => empty(),
        (Some(Part::Point(place)), 0) => Shape::Point(place),
        (Some(Part::Other(kind)), 0) => wrong_type(kind),
        (Some(last), _) => {
            parts.push(last);
            let several = parts.len();
            let polygons: Vec<Vec<Ring>> = parts
                .into_iter()
                .filter_map(|part| if let Part::Polygon(rings) = part { Some(rings) } else { None })
                .collect();
            if polygons.len() == several {
                Shape::Polygons(polygons)
            } else {
                wrong_type("GeometryCollection")
            }
        }
    }
}
