//! Bytes become readings. Each item of a payload is judged on its own.

mod json;
mod jt808;
mod mark;
mod owntracks;
mod told;

use bytes::Bytes;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::datum::Datum;
use crate::reason::{Fault, Reason};
use crate::topic::Channel;

pub use mark::{Boot, Mark};
pub use told::Told;

/// What a terminal claims, typed but not yet believed.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// When the receiver fixed the position.
    pub fix_time: OffsetDateTime,
    /// Degrees east of the datum, any number.
    pub lon: f64,
    /// Degrees north of the datum, any number.
    pub lat: f64,
    /// What the coordinates are counted on.
    pub datum: Datum,
    /// Over ground.
    pub speed_kmh: Option<f64>,
    /// Clockwise from north.
    pub heading_deg: Option<f64>,
    /// Radius the receiver believes in.
    pub accuracy_m: Option<f64>,
    /// The terminal's own counter: evidence, not a key.
    pub serial: Option<i64>,
    /// What else was told.
    pub told: Told,
}

impl Reading {
    /// Of which only time and place are told.
    pub fn bare(fix_time: OffsetDateTime, lon: f64, lat: f64) -> Self {
        Self {
            fix_time,
            lon,
            lat,
            datum: Datum::Wgs84,
            speed_kmh: None,
            heading_deg: None,
            accuracy_m: None,
            serial: None,
            told: Told::default(),
        }
    }

    /// As the wire's JSON, for evidence.
    pub fn to_json(&self) -> Bytes {
        let mut value = json!({
            "t": self.fix_time.format(&Rfc3339).ok(), "lon": self.lon, "lat": self.lat,
            "speed_kmh": self.speed_kmh, "heading": self.heading_deg, "acc": self.accuracy_m,
            "serial": self.serial,
        });
        if let Some(object) = value.as_object_mut() {
            if self.datum != Datum::Wgs84 {
                object.insert("datum".to_owned(), self.datum.name().into());
            }
            object.extend(self.told.to_json());
        }
        Bytes::from(value.to_string())
    }
}

/// One item of a payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Place in an array, from 1; 0 is the payload itself.
    pub index: i32,
    /// The number that the terminal gave it, good or bad, where it counts from a start of its own.
    pub mark: Option<Mark>,
    /// The reading, or why there is none together with the item's own bytes.
    pub outcome: Result<Reading, (Fault, Bytes)>,
}

/// A wire format.
#[derive(Debug)]
pub struct Decoder {
    /// Whose payloads it reads.
    pub channel: Channel,
    /// Total: every payload becomes items, good or bad.
    pub decode: fn(&Bytes) -> Vec<Item>,
}

/// Every format that is understood.
pub const DECODERS: &[Decoder] = &[
    Decoder { channel: Channel::Position, decode: json::decode },
    Decoder { channel: Channel::Jt808, decode: jt808::decode },
    Decoder { channel: Channel::OwnTracks, decode: owntracks::decode },
];

/// The decoder of a channel; `None` for what is not ours to store.
pub(crate) fn decoder(channel: Channel) -> Option<&'static Decoder> {
    DECODERS.iter().find(|d| d.channel == channel)
}

/// A payload that yields nothing but its fault.
fn whole(reason: Reason, detail: impl Into<String>, payload: &Bytes) -> Vec<Item> {
    let outcome = Err((Fault::new(reason, detail), payload.clone()));
    vec![Item { index: 0, mark: None, outcome }]
}
