//! GPX 1.0 and 1.1: a waypoint is a row with a point. Tracks and routes are lines, which no layer takes yet; they are
//! told as such.

use crate::crs::Crs;
use crate::problem::{Fault, Problem};

use super::ImportError;
use super::format::{Asked, Format, Own, Sink, settle};
use super::input::Input;
use super::shape::{RawRow, Shape, Tags, storable, wrong_type};
use super::xml::{Piece, Xml, begins_with};

const NAME: &str = "GPX";

/// The format of receivers.
#[derive(Debug)]
pub(super) struct Gpx;

impl Format for Gpx {
    fn name(&self) -> &'static str {
        NAME
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gpx"]
    }

    fn recognises(&self, head: &[u8], _input: &Input) -> bool {
        begins_with(head, "gpx")
    }

    fn read(&self, input: &Input, asked: &Asked, sink: &mut dyn Sink) -> Result<(), ImportError> {
        let crs = settle(NAME, asked, Own::Says(Crs::WGS84), None, sink)?;
        sink.begin(crs)?;
        let mut xml = Xml::new(NAME, &input.head()?, input.pass()?);
        let (mut item, mut has_root) = (None, false);
        while let Some(piece) = xml.next()? {
            if item.is_none() {
                xml.begin_row();
            }
            match (&mut item, piece) {
                (None, Piece::Start(name, attributes)) => {
                    has_root |= name == "gpx";
                    item = Item::begin(&name, &attributes);
                }
                (Some(open), piece) => {
                    if open.take(piece)
                        && let Some(whole) = item.take()
                    {
                        sink.row(RawRow::of(None, whole.tags, whole.shape))?;
                    }
                }
                (None, Piece::Text(_) | Piece::End(_)) => {}
            }
        }
        if has_root {
            return Ok(());
        }
        Err(ImportError::Malformed { format: NAME, detail: "it has no gpx element".to_owned() })
    }
}

/// A waypoint, track or route as its pieces come.
struct Item {
    shape: Shape,
    tags: Tags,
    open: usize,
    text: String,
}

impl Item {
    fn begin(name: &str, attributes: &[(String, String)]) -> Option<Self> {
        let shape = match name {
            "wpt" => point(attributes),
            "trk" | "rte" => wrong_type("LineString"),
            _ => return None,
        };
        Some(Self { shape, tags: Tags::new(), open: 0, text: String::new() })
    }

    /// Whether it ends with this piece.
    fn take(&mut self, piece: Piece) -> bool {
        match piece {
            Piece::Start(..) => {
                self.open += 1;
                self.text.clear();
            }
            Piece::Text(text) => self.text.push_str(&text),
            Piece::End(_) if self.open == 0 => return true,
            Piece::End(name) => {
                self.open -= 1;
                let text = storable(self.text.trim());
                // What a receiver calls the type is the class of a facility.
                let key = match name.as_str() {
                    "name" => Some("name"),
                    "type" => Some("class"),
                    "desc" => Some("description"),
                    _ => None,
                };
                if let Some(key) = key.filter(|_| self.open == 0 && !text.is_empty()) {
                    self.tags.entry(key.to_owned()).or_insert(text);
                }
                self.text.clear();
            }
        }
        false
    }
}

fn point(attributes: &[(String, String)]) -> Shape {
    let mut faults = Vec::new();
    let mut number = |name: &str| {
        let text =
            attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        text.trim().parse().unwrap_or_else(|_no_number| {
            let text = storable(text).chars().take(40).collect();
            faults.push(Problem::new(Fault::NoNumber { column: name.to_owned(), text }));
            f64::NAN
        })
    };
    let place = [number("lon"), number("lat")];
    if faults.is_empty() { Shape::Point(place) } else { Shape::Broken(faults) }
}
