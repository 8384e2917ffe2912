//! `{"t", "lon", "lat", "speed_kmh", "heading", "acc", "serial"}` alone or in an array, plain or gzip, with
//! `datum`, `alt`, `satellites`, `odometer_km`, `fuel_l`, `ignition`, `fixed` and `alarm_bits` where they are known, and
//! `boot`, which names the start that `serial` counts from.
//! `t` is RFC 3339 with a zone, or a whole number of epoch milliseconds.

use std::borrow::Cow;
use std::io::Read as _;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Boot, Item, Mark, Reading, Told, whole};
use crate::datum::Datum;
use crate::reason::{Fault, Reason};

/// What one message may hold once unpacked: a day of one-second positions fits.
const UNPACKED_LIMIT_BYTES: u64 = 16 << 20;
/// How many items one message may hold.
const ITEMS_LIMIT: usize = 100_000;

#[derive(Deserialize)]
struct Wire {
    t: WireTime,
    lon: f64,
    lat: f64,
    #[serde(default)]
    datum: Datum,
    speed_kmh: Option<f64>,
    heading: Option<f64>,
    acc: Option<f64>,
    serial: Option<i64>,
    /// Anything: a position is not lost for what its terminal calls itself.
    boot: Option<Value>,
    alt: Option<f64>,
    satellites: Option<u8>,
    odometer_km: Option<f64>,
    fuel_l: Option<f64>,
    ignition: Option<bool>,
    fixed: Option<bool>,
    #[serde(default)]
    alarm_bits: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WireTime {
    Millis(i64),
    Text(String),
}

/// Every item of a payload, in its order.
pub(super) fn decode(payload: &Bytes) -> Vec<Item> {
    let text = match unpacked(payload, UNPACKED_LIMIT_BYTES) {
        Ok(text) => text,
        Err(fault) => return whole(fault.reason, fault.detail, payload),
    };
    // Nearly every payload is right in all of its items, and is read without an intermediate tree.
    if first_byte(&text) == Some(b'[') {
        if let Ok(wires) = serde_json::from_slice::<Vec<Wire>>(&text)
            && wires.len() <= ITEMS_LIMIT
            && let Ok(readings) = wires.iter().map(reading).collect::<Result<Vec<_>, _>>()
        {
            let items = (1..).zip(wires.iter().map(Wire::mark)).zip(readings);
            let item = |((index, mark), reading)| Item { index, mark, outcome: Ok(reading) };
            return items.map(item).collect();
        }
    } else if let Ok(wire) = serde_json::from_slice::<Wire>(&text)
        && let Ok(reading) = reading(&wire)
    {
        return vec![Item { index: 0, mark: wire.mark(), outcome: Ok(reading) }];
    }
    one_by_one(&text, payload)
}

fn one_by_one(text: &[u8], payload: &Bytes) -> Vec<Item> {
    let value: Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(error) => return whole(Reason::NotJson, error.to_string(), payload),
    };
    match value {
        Value::Array(values) if values.len() > ITEMS_LIMIT => {
            let detail = format!("{} items, the limit is {ITEMS_LIMIT}", values.len());
            whole(Reason::TooLarge, detail, payload)
        }
        Value::Array(values) => (1..).zip(&values).map(|(index, v)| judged(index, v)).collect(),
        value => vec![judged(0, &value)],
    }
}

fn judged(index: i32, value: &Value) -> Item {
    let outcome = Wire::deserialize(value)
        .map_err(|error| Fault::new(Reason::BrokenPayload, error.to_string()))
        .and_then(|wire| reading(&wire))
        .map_err(|fault| (fault, Bytes::from(value.to_string())));
    Item { index, mark: Mark::of(value), outcome }
}

impl Wire {
    fn mark(&self) -> Option<Mark> {
        Some(Mark { boot: Boot::of(self.boot.as_ref()?)?, serial: self.serial? })
    }
}

fn reading(wire: &Wire) -> Result<Reading, Fault> {
    Ok(Reading {
        fix_time: time_of(&wire.t)?,
        lon: wire.lon,
        lat: wire.lat,
        datum: wire.datum,
        speed_kmh: wire.speed_kmh,
        heading_deg: wire.heading,
        accuracy_m: wire.acc,
        serial: wire.serial,
        told: Told {
            altitude_m: wire.alt,
            satellites: wire.satellites,
            odometer_km: wire.odometer_km,
            fuel_l: wire.fuel_l,
            ignition: wire.ignition,
            is_fixed: wire.fixed,
            status_bits: None,
            alarm_bits: wire.alarm_bits,
            extra: None,
        },
    })
}

fn time_of(wire: &WireTime) -> Result<OffsetDateTime, Fault> {
    let broken = |detail| Fault::new(Reason::BrokenPayload, detail);
    match wire {
        WireTime::Millis(ms) => {
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(*ms) * 1_000_000)
                .map_err(|error| broken(format!("t is {ms}: {error}")))
        }
        WireTime::Text(text) => OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|error| broken(format!("t is not RFC 3339 with a zone: {error}"))),
    }
}

fn unpacked(payload: &Bytes, limit_bytes: u64) -> Result<Cow<'_, [u8]>, Fault> {
    if !payload.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(payload));
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(payload.as_ref())
        .take(limit_bytes + 1)
        .read_to_end(&mut text)
        .map_err(|error| Fault::new(Reason::NotJson, format!("gzip: {error}")))?;
    if text.len() as u64 > limit_bytes {
        let detail = format!("gzip of more than {limit_bytes} bytes");
        return Err(Fault::new(Reason::TooLarge, detail));
    }
    Ok(Cow::Owned(text))
}

fn first_byte(text: &[u8]) -> Option<u8> {
    text.iter().copied().find(|b| !b.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use time::macros::datetime;

    use super::*;
    use crate::noise;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::json;

    fn decoded(text: &str) -> Vec<Item> {
        decode(&Bytes::from(text.to_owned()))
    }

    fn reasons(items: &[Item]) -> Vec<(i32, Option<Reason>)> {
        items.iter().map(|i| (i.index, i.outcome.as_ref().err().map(|(f, _)| f.reason))).collect()
    }

    fn gzip(text: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        Bytes::from(encoder.finish().unwrap())
    }

    #[test]
    fn a_position_alone_is_read_with_every_field() {
        let items = decoded(
            r#"{"t":"2026-03-01T08:00:00.5+08:00","lon":105.5,"lat":36.25,"speed_kmh":42.5,"heading":90,"acc":3,"serial":7}"#,
        );
        let bare = Reading::bare(datetime!(2026-03-01 00:00:00.5 UTC), 105.5, 36.25);
        let expected = Reading {
            speed_kmh: Some(42.5),
            heading_deg: Some(90.0),
            accuracy_m: Some(3.0),
            serial: Some(7),
            ..bare
        };
        assert_eq!(items, [Item { index: 0, mark: None, outcome: Ok(expected) }]);
    }

    #[test]
    fn what_else_is_known_is_read() {
        let items = decoded(
            r#"{"t":1772323200500,"lon":105.5,"lat":36.25,"datum":"gcj02","alt":1200.5,"satellites":9,
                "odometer_km":12345.6,"fuel_l":40,"ignition":true,"fixed":true,"alarm_bits":1}"#,
        );
        let reading = items[0].outcome.as_ref().unwrap();
        assert_eq!(reading.datum, Datum::Gcj02);
        let told = &reading.told;
        assert_eq!((told.altitude_m, told.satellites), (Some(1200.5), Some(9)));
        assert_eq!((told.odometer_km, told.fuel_l), (Some(12_345.6), Some(40.0)));
        assert_eq!((told.ignition, told.is_fixed, told.alarm_bits), (Some(true), Some(true), 1));
    }

    #[test]
    fn epoch_milliseconds_and_rfc_3339_name_the_same_moment() {
        let items = decoded(
            r#"[{"t":1772323200500,"lon":1,"lat":2},{"t":"2026-03-01T00:00:00.5Z","lon":1,"lat":2}]"#,
        );
        assert_eq!(items[0].outcome, items[1].outcome);
    }

    #[test]
    fn one_bad_item_is_rejected_with_its_place_and_the_others_are_kept() {
        let items = decoded(
            r#"[{"t":1,"lon":1,"lat":2},{"t":"yesterday","lon":1,"lat":2},{"lon":1,"lat":2},5,{"t":4,"lon":1,"lat":2}]"#,
        );
        let bad = Some(Reason::BrokenPayload);
        assert_eq!(reasons(&items), [(1, None), (2, bad), (3, bad), (4, bad), (5, None)]);
        let (fault, evidence) = items[2].outcome.clone().unwrap_err();
        assert!(fault.detail.contains("missing field `t`"), "{}", fault.detail);
        assert_eq!(evidence, r#"{"lat":2,"lon":1}"#);
    }

    #[test]
    fn a_number_since_a_start_is_read_of_good_items_and_of_bad_ones() {
        let items = decoded(
            r#"[{"t":1,"lon":1,"lat":2,"boot":"b","serial":1},{"t":"no","lon":1,"lat":2,"boot":7,"serial":2},
                {"t":3,"lon":1,"lat":2,"serial":3},{"t":4,"lon":1,"lat":2,"boot":[],"serial":4}]"#,
        );
        let bad = Some(Reason::BrokenPayload);
        assert_eq!(reasons(&items), [(1, None), (2, bad), (3, None), (4, None)]);
        let marks: Vec<_> = items.into_iter().map(|item| item.mark).collect();
        let mark = |boot, serial| Some(Mark { boot, serial });
        assert_eq!(marks, [mark(Boot::Name("b".into()), 1), mark(Boot::Number(7), 2), None, None]);
        let alone = decoded(r#"{"t":1,"lon":1,"lat":2,"boot":"b","serial":9}"#);
        assert_eq!(alone[0].mark, mark(Boot::Name("b".into()), 9));
    }

    #[test]
    fn a_time_without_a_zone_is_refused() {
        let items = decoded(r#"{"t":"2026-03-01T08:00:00","lon":1,"lat":2}"#);
        assert_eq!(reasons(&items), [(0, Some(Reason::BrokenPayload))]);
    }

    #[test]
    fn what_is_not_json_is_told_as_such() {
        for text in ["", "hello", "[{]", "{\"t\":1", "\u{feff}[]"] {
            assert_eq!(reasons(&decoded(text)), [(0, Some(Reason::NotJson))], "{text}");
        }
        let payload = Bytes::from_static(&[0x1f, 0x8b, 1, 2, 3]);
        assert_eq!(reasons(&decode(&payload)), [(0, Some(Reason::NotJson))]);
    }

    #[test]
    fn gzip_is_unpacked() {
        let items = decode(&gzip(br#"[{"t":1,"lon":1,"lat":2}]"#));
        assert_eq!(reasons(&items), [(1, None)]);
    }

    #[test]
    fn gzip_that_unpacks_without_end_is_too_large() {
        let payload = gzip(&vec![b' '; (16 << 20) + 2]);
        assert!(payload.len() < 1 << 20);
        assert_eq!(reasons(&decode(&payload)), [(0, Some(Reason::TooLarge))]);
    }

    fn position() -> impl Strategy<Value = Value> {
        let at = prop_oneof![
            (0..4_102_444_800_000_i64).prop_map(Value::from),
            (2000..2099, 1..13, 1..29, -12..13).prop_map(|(year, month, day, zone)| {
                json!(format!("{year}-{month:02}-{day:02}T23:59:59.25{zone:+03}:00"))
            }),
        ];
        let numbers = (-180.0..180.0_f64, -90.0..90.0_f64, 0.0..360.0_f64);
        (at, numbers, any::<i64>()).prop_map(|(t, (lon, lat, heading), serial)| {
            json!({"t": t, "lon": lon, "lat": lat, "heading": heading, "serial": serial})
        })
    }

    /// Any JSON, small, often shaped like a position.
    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            noise::text(12).prop_map(Value::from),
        ];
        let key = prop_oneof![
            Just("t".to_owned()),
            Just("lon".to_owned()),
            Just("lat".to_owned()),
            noise::text(5),
        ];
        leaf.prop_recursive(3, 24, 5, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..5).prop_map(Value::from),
                vec((key.clone(), inner), 0..5).prop_map(|pairs| pairs.into_iter().collect()),
            ]
        })
    }

    fn valid() -> impl Strategy<Value = Vec<u8>> {
        let many =
            || vec(position(), 0..6).prop_map(|all| Value::from(all).to_string().into_bytes());
        let one = position().prop_map(|one| one.to_string().into_bytes());
        let packed = many().prop_map(|text: Vec<u8>| gzip(&text).to_vec());
        prop_oneof![many(), one, packed]
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_payloads_are_read_or_rejected_item_by_item(
            payload in prop_oneof![
                noise::bytes(200),
                noise::damaged(valid()),
                noise::damaged(valid()).prop_map(|text| gzip(&text).to_vec()),
                anything().prop_map(|value| value.to_string().into_bytes()),
            ]
        ) {
            let payload = Bytes::from(payload);
            let items = decode(&payload);
            let alone = matches!(items.as_slice(), [Item { index: 0, .. }]);
            prop_assert!(alone || items.iter().map(|i| i.index).eq(1..=i32::try_from(items.len())?));
            for item in items {
                match item.outcome {
                    Ok(reading) => prop_assert!(reading.lon.is_finite() && reading.lat.is_finite()),
                    Err((fault, evidence)) => {
                        prop_assert!(!fault.detail.is_empty());
                        prop_assert!(alone || !evidence.is_empty());
                    }
                }
            }
        }

        #[test]
        fn random_positions_come_back_as_sent_whatever_stands_between_them(
            positions in vec(position(), 1..6),
            between in anything(),
            packed in any::<bool>(),
        ) {
            let bad = Wire::deserialize(&between).is_err();
            let array: Vec<Value> =
                positions.iter().flat_map(|p| [p.clone(), between.clone()]).collect();
            let text = Value::from(array).to_string();
            let items = decode(&if packed { gzip(text.as_bytes()) } else { Bytes::from(text) });
            prop_assert_eq!(items.len(), 2 * positions.len());
            for (sent, pair) in positions.iter().zip(items.chunks(2)) {
                let read = pair[0].outcome.as_ref().map_err(|(f, _)| TestCaseError::fail(f.detail.clone()))?;
                let near = |name: &str, value: f64| (sent[name].as_f64().unwrap() - value).abs() < 1e-9;
                prop_assert!(near("lon", read.lon) && near("lat", read.lat), "{sent} {read:?}");
                prop_assert_eq!(sent["serial"].as_i64(), read.serial);
                prop_assert!(!bad || pair[1].outcome.is_err(), "{between}");
            }
        }

        #[test]
        fn random_gzip_never_unpacks_to_more_than_its_limit(
            members in vec((any::<u8>(), 0..3_000_usize), 1..4),
            limit in 0..6_000_u64,
        ) {
            let text: Vec<u8> = members.iter().flat_map(|(byte, n)| std::iter::repeat_n(*byte, *n)).collect();
            let packed: Vec<u8> =
                members.iter().flat_map(|(byte, n)| gzip(&[*byte].repeat(*n))).collect();
            let packed = Bytes::from(packed);
            match unpacked(&packed, limit) {
                Ok(read) => prop_assert!(read.len() as u64 <= limit && *read == text),
                Err(fault) => {
                    prop_assert!(text.len() as u64 > limit);
                    prop_assert_eq!(fault.reason, Reason::TooLarge);
                }
            }
        }
    }
}
