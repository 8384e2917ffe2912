//! Frames that others recorded, with what an independent decoder reads in them. The file is not part of
//! the project: `ONEMAP_TEST_DATA` or `../shared/data` beside the repository; absent, it is skipped.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::escape::unescaped;
use super::explain::explain;
use super::fault::FrameFaultKind;
use super::header::FIXED_2013;
use super::samples::sample;
use super::text::hex;
use super::{Batch, BatchKind, Frame, Layout, Location, Message, Splitter};

/// All that the file may expect; a key beyond these would be a value that nobody checks.
const KEYS: [&str; 10] = [
    "msg_id",
    "layout",
    "checksum_ok",
    "declared_len",
    "actual_len",
    "phone",
    "serial",
    "location",
    "batch_type",
    "locations",
];
const LOCATION_KEYS: [&str; 11] = [
    "alarm",
    "status",
    "lat",
    "lon",
    "alt",
    "speed",
    "course",
    "items",
    "time_beijing",
    "valid",
    "acc_on",
];

#[test]
fn recorded_frames_say_what_an_independent_decoder_reads_in_them() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = std::env::var_os("ONEMAP_TEST_DATA")
        .map_or_else(|| repository.join("../shared/data"), PathBuf::from);
    let path = data.join("jt808/frames.json");
    if !path.exists() {
        #[expect(clippy::print_stderr, reason = "whoever runs the tests must see what did not run")]
        {
            eprintln!("skipped: {} is not here", path.display());
        }
        return;
    }
    let recorded: Vec<Json> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert!(recorded.len() >= 13);
    let (mut read, mut refused) = (0, 0);
    for frame in &recorded {
        let (id, expect) = (frame["id"].as_str().unwrap(), &frame["expect"]);
        only(expect, &KEYS);
        let raw = sample(frame["hex"].as_str().unwrap());
        if expect["checksum_ok"] == true && expect["declared_len"] == expect["actual_len"] {
            is_read(id, &raw, expect);
            read += 1;
        } else {
            is_refused(id, &raw, expect);
            refused += 1;
        }
    }
    assert_eq!((read, refused), (recorded.len() - 1, 1));
}

fn is_read(id: &str, raw: &[u8], expect: &Json) {
    let frame = Frame::read(raw).unwrap_or_else(|fault| panic!("{id}: {fault}"));
    assert_eq!(frame.write(), raw, "{id}");
    let cuts = Splitter::new().feed(raw);
    assert!(cuts.iter().map(|cut| cut.frame.as_ref()).eq([Ok(&frame)]), "{id}");
    assert!(explain(raw).iter().all(|field| field.fault.is_none()), "{id}: {:#?}", explain(raw));
    let header = frame.header();
    let layout = match header.layout {
        Layout::V2013 { .. } if header.version_bit => "2013(bit14 lies)",
        Layout::V2013 { .. } => "2013",
        Layout::V2019 { .. } => "2019",
    };
    assert_eq!(header.id.to_string(), expect["msg_id"], "{id}");
    assert_eq!(layout, expect["layout"], "{id}");
    assert_eq!(header.phone(), expect["phone"], "{id}");
    assert_eq!(json!(header.serial), expect["serial"], "{id}");
    assert_eq!(json!(frame.body().len()), expect["declared_len"], "{id}");
    let said = Message::read(&frame).unwrap();
    match &said {
        Message::Location(location) => is_location(id, location, &expect["location"]),
        Message::Batch(batch) => is_batch(id, batch, expect),
        _ => {}
    }
    assert_eq!(matches!(said, Message::Location(_)), expect.get("location").is_some(), "{id}");
    assert_eq!(matches!(said, Message::Batch(_)), expect.get("locations").is_some(), "{id}");
}

/// Nothing of it is believed, although its bytes can be read as the file says.
fn is_refused(id: &str, raw: &[u8], expect: &Json) {
    let fault = Frame::read(raw).unwrap_err();
    assert!(matches!(fault.kind, FrameFaultKind::Checksum { .. }), "{id}: {fault}");
    assert_eq!(fault.at, raw.len() - 2, "{id}");
    let told = explain(raw);
    let faults: Vec<&str> =
        told.iter().filter_map(|field| field.fault.as_ref()).map(|f| f.en.as_ref()).collect();
    let (declared, actual) = (&expect["declared_len"], &expect["actual_len"]);
    let length = format!("a body of {declared} bytes is told of, {actual} follow");
    assert_eq!(faults.first(), Some(&length.as_str()), "{id}");
    let meaning = |name: &str| {
        let field = told.iter().find(|field| field.name.en == name).unwrap();
        field.meaning.en.clone()
    };
    assert_eq!(meaning("terminal's number"), expect["phone"].as_str().unwrap(), "{id}");
    assert_eq!(meaning("serial"), expect["serial"].to_string(), "{id}");
    let content: Vec<u8> =
        unescaped(&raw[1..raw.len() - 1]).map(|(_, byte)| byte.unwrap()).collect();
    let body = &content[FIXED_2013..content.len() - 1];
    is_location(id, &Location::read(body).unwrap(), &expect["location"]);
}

fn is_batch(id: &str, batch: &Batch, expect: &Json) {
    let kind = match batch.kind {
        BatchKind::Normal => 0,
        BatchKind::BlindArea => 1,
        BatchKind::Other(other) => other,
    };
    assert_eq!(json!(kind), expect["batch_type"], "{id}");
    let expected = expect["locations"].as_array().unwrap();
    assert_eq!(batch.items.len(), expected.len(), "{id}");
    assert_eq!(usize::from(batch.declared), expected.len(), "{id}");
    for (item, expect) in batch.items.iter().zip(expected) {
        is_location(id, item.location.as_ref().unwrap(), expect);
    }
}

fn is_location(id: &str, location: &Location, expect: &Json) {
    only(expect, &LOCATION_KEYS);
    let items: Vec<Json> = location
        .items
        .iter()
        .map(|item| {
            assert!(item.value.is_ok(), "{id}: {item:?}");
            let text = hex(&item.bytes).to_lowercase();
            json!([format!("{:#x}", item.id), item.bytes.len(), text])
        })
        .collect();
    let time = expect["time_beijing"].as_str().unwrap();
    assert_eq!(location.time(), OffsetDateTime::parse(time, &Rfc3339).ok(), "{id}");
    let read = json!({
        "alarm": format!("{:#x}", location.alarms.0),
        "status": format!("{:#x}", location.status.0),
        "lat": location.lat,
        "lon": location.lon,
        "alt": location.altitude_m,
        "speed": location.speed_kmh,
        "course": location.heading_deg,
        "items": items,
        "time_beijing": time,
        "valid": location.status.fixed(),
        "acc_on": location.status.acc_on(),
    });
    assert_eq!(&read, expect, "{id}");
}

fn only(expect: &Json, keys: &[&str]) {
    let unknown: Vec<&String> =
        expect.as_object().unwrap().keys().filter(|key| !keys.contains(&key.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
