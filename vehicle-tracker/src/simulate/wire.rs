//! Positions as terminals write them, and as they can be read again: each protocol rounds in its own way.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};
use time::macros::offset;
use time::{OffsetDateTime, UtcOffset};
use xxhash_rust::xxh3::xxh3_64;

use super::ledger::Sending;
use crate::decode::{Reading, Told};
use crate::fix::epoch_ms;
use crate::jt808::{Encryption, Frame, Header, Layout, MessageId};
use crate::topic::Channel;

/// The zone of every time in JT/T 808.
const ZONE: UtcOffset = offset!(+8);
const ACC_ON: u32 = 1;
const FIXED: u32 = 1 << 1;
const SOUTH: u32 = 1 << 2;
const WEST: u32 = 1 << 3;
/// 位置补报: kept in a place without network, sent later.
const BLIND_AREA: u8 = 1;

/// What a terminal sees of itself, before its protocol rounds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    /// By the terminal's clock, in epoch milliseconds.
    pub(super) told_ms: i64,
    /// WGS 84.
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) speed_kmh: f64,
    pub(super) heading_deg: f64,
    pub(super) odometer_km: f64,
    pub(super) altitude_m: i16,
    pub(super) is_fixed: bool,
}

/// What a terminal speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    Json,
    /// In frames of this layout.
    Jt808(Layout),
}

/// Why positions come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One, as it is.
    Alone,
    /// Those that were kept.
    Kept,
}

/// Whether JSON is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Gzip,
}

/// A message, and what a reader finds in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) channel: Channel,
    pub(super) payload: Bytes,
    pub(super) sendings: Vec<Sending>,
}

impl Voice {
    /// How many kept positions go into a message. A body of JT/T 808 has at most 1,023 bytes.
    pub(super) fn most(self) -> usize {
        match self {
            Self::Json => 100,
            Self::Jt808(_) => 25,
        }
    }

    /// As it can be read again, without a serial.
    pub(super) fn round(self, seen: &Seen) -> Reading {
        match self {
            Self::Json => json_reading(seen),
            Self::Jt808(_) => jt808_reading(seen),
        }
    }

    /// Writes rounded positions under a serial.
    pub(super) fn say(
        self,
        readings: &[Reading],
        serial: u32,
        form: Form,
        packing: Packing,
    ) -> Said {
        let serial = match self {
            Self::Json => i64::from(serial),
            Self::Jt808(_) => i64::from(low(serial)),
        };
        let readings: Vec<Reading> =
            readings.iter().map(|r| Reading { serial: Some(serial), ..r.clone() }).collect();
        let (channel, payload) = match self {
            Self::Json => (Channel::Position, json_payload(&readings, form, packing)),
            Self::Jt808(layout) => (Channel::Jt808, frame(&readings, layout, form)),
        };
        // A position alone in a message of JSON is rejected as the message that it is.
        let is_message = self == Self::Json && form == Form::Alone;
        let sendings = readings
            .iter()
            .map(|reading| {
                let whole = if is_message { payload.clone() } else { reading.to_json() };
                Sending::of(reading, xxh3_64(&whole))
            })
            .collect();
        Said { channel, payload, sendings }
    }
}

fn json_reading(seen: &Seen) -> Reading {
    let round = |value: f64, factor: f64| (value * factor).round() / factor;
    let nanos = i128::from(seen.told_ms) * 1_000_000;
    let told_at =
        OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    Reading {
        speed_kmh: Some(round(seen.speed_kmh, 10.0)),
        heading_deg: Some(round(seen.heading_deg, 10.0).rem_euclid(360.0)),
        accuracy_m: Some(5.0),
        told: Told { is_fixed: Some(seen.is_fixed), ..Told::default() },
        ..Reading::bare(told_at, round(seen.lon, 1e7), round(seen.lat, 1e7))
    }
}

fn jt808_reading(seen: &Seen) -> Reading {
    let seconds = seen.told_ms.div_euclid(1_000);
    let told_at =
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let millionths = |degrees: f64| {
        let sign = if degrees < 0.0 { -1.0 } else { 1.0 };
        let steps = f64::from(steps(degrees.abs(), 1e6));
        // 0 has no sign.
        if steps == 0.0 { 0.0 } else { sign * steps / 1e6 }
    };
    let (lon, lat) = (millionths(seen.lon), millionths(seen.lat));
    let mut status = 0;
    for (bit, is_set) in [
        (ACC_ON, seen.speed_kmh > 0.0),
        (FIXED, seen.is_fixed),
        (SOUTH, lat < 0.0),
        (WEST, lon < 0.0),
    ] {
        status |= if is_set { bit } else { 0 };
    }
    let told = Told {
        altitude_m: Some(seen.altitude_m.into()),
        satellites: Some(if seen.is_fixed { 11 } else { 0 }),
        odometer_km: Some(f64::from(steps(seen.odometer_km, 10.0)) / 10.0),
        ignition: Some(status & ACC_ON != 0),
        is_fixed: Some(seen.is_fixed),
        status_bits: Some(status),
        ..Told::default()
    };
    Reading {
        speed_kmh: Some(f64::from(low(steps(seen.speed_kmh, 10.0))) / 10.0),
        heading_deg: Some(f64::from(steps(seen.heading_deg, 1.0) % 360)),
        told,
        ..Reading::bare(told_at.to_offset(ZONE), lon, lat)
    }
}

fn json_payload(readings: &[Reading], form: Form, packing: Packing) -> Bytes {
    let value = match (form, readings) {
        (Form::Alone, [reading]) => json_value(reading),
        _ => readings.iter().map(json_value).collect(),
    };
    let text = value.to_string();
    if packing == Packing::Plain {
        return Bytes::from(text);
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = gzip.write_all(text.as_bytes()).and_then(|()| gzip.finish());
    // Writing into memory does not fail; what is not packed is as good.
    packed.map_or_else(|_| Bytes::from(text), Bytes::from)
}

fn json_value(reading: &Reading) -> Value {
    let mut value: Map<String, Value> = Map::new();
    value.insert("t".to_owned(), json!(epoch_ms(reading.fix_time)));
    for (name, number) in [
        ("lon", Some(reading.lon)),
        ("lat", Some(reading.lat)),
        ("speed_kmh", reading.speed_kmh),
        ("heading", reading.heading_deg),
        ("acc", reading.accuracy_m),
    ] {
        value.extend(number.map(|number| (name.to_owned(), json!(number))));
    }
    value.extend(reading.serial.map(|serial| ("serial".to_owned(), json!(serial))));
    value.extend(reading.told.is_fixed.map(|fixed| ("fixed".to_owned(), json!(fixed))));
    Value::Object(value)
}

/// 0x0200 for one alone, 0x0704 for those that were kept.
fn frame(readings: &[Reading], layout: Layout, form: Form) -> Bytes {
    let serial = readings.first().and_then(|r| r.serial).unwrap_or_default();
    let (id, body) = match (form, readings) {
        (Form::Alone, [reading]) => (MessageId::LOCATION, location(reading)),
        _ => (MessageId::BATCH, batch(readings)),
    };
    let header = Header {
        id,
        encryption: Encryption::NONE,
        version_bit: matches!(layout, Layout::V2019 { .. }),
        reserved_bit: false,
        layout,
        serial: u16::try_from(serial).unwrap_or_default(),
        part: None,
    };
    let frame = Frame::new_checked(header, body).map(|frame| frame.write());
    Bytes::from(frame.expect("twenty-five locations of 39 bytes fit a body"))
}

/// How many, why, and each with its length before it.
fn batch(readings: &[Reading]) -> Vec<u8> {
    let mut body = length(readings.len()).to_be_bytes().to_vec();
    body.push(BLIND_AREA);
    for location in readings.iter().map(location) {
        body.extend(length(location.len()).to_be_bytes());
        body.extend(location);
    }
    body
}

/// A body of 28 bytes with the items 0x01, odometer, and 0x31, satellites.
fn location(reading: &Reading) -> Vec<u8> {
    let told = &reading.told;
    let mut body = told.alarm_bits.to_be_bytes().to_vec();
    body.extend(told.status_bits.unwrap_or_default().to_be_bytes());
    for degrees in [reading.lat, reading.lon] {
        body.extend(steps(degrees.abs(), 1e6).to_be_bytes());
    }
    body.extend(whole(told.altitude_m.unwrap_or_default()).to_be_bytes());
    for (value, factor) in [(reading.speed_kmh, 10.0), (reading.heading_deg, 1.0)] {
        body.extend(low(steps(value.unwrap_or_default(), factor)).to_be_bytes());
    }
    body.extend(bcd(reading.fix_time.to_offset(ZONE)));
    body.extend([0x01, 4]);
    body.extend(steps(told.odometer_km.unwrap_or_default(), 10.0).to_be_bytes());
    body.extend([0x31, 1, told.satellites.unwrap_or_default()]);
    body
}

/// `YYMMDDhhmmss`.
fn bcd(at: OffsetDateTime) -> [u8; 6] {
    let year = u8::try_from(at.year().rem_euclid(100)).unwrap_or_default();
    [year, at.month().into(), at.day(), at.hour(), at.minute(), at.second()]
        .map(|value| ((value / 10) << 4) | (value % 10))
}

/// The nearest number of steps, of which `factor` make one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "degrees, kilometres and speeds in their steps fit; what does not ends at the limit"
)]
fn steps(value: f64, factor: f64) -> u32 {
    (value * factor).round() as u32
}

/// Metres above the sea, which are whole.
#[expect(clippy::cast_possible_truncation, reason = "it was an i16 before")]
fn whole(metres: f64) -> i16 {
    metres as i16
}

/// The lower sixteen bits, as a counter that wraps has them.
fn low(number: u32) -> u16 {
    u16::try_from(number % 0x1_0000).unwrap_or_default()
}

fn length(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
