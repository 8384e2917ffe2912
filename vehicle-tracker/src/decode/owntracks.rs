//! OwnTracks' `{"_type": "location", "tst", "lat", "lon", "acc", "alt", "vel", "cog"}`: seconds since the
//! epoch, metres, km/h and degrees. What is no location (a waypoint, a card, a last will) holds no
//! position and is no fault.

use bytes::Bytes;
use serde::Deserialize;
use time::OffsetDateTime;

use super::{Item, Reading, Told, whole};
use crate::reason::{Fault, Reason};

#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "_type")]
    kind: String,
}

#[derive(Deserialize)]
struct Wire {
    tst: i64,
    lon: f64,
    lat: f64,
    acc: Option<f64>,
    alt: Option<f64>,
    vel: Option<f64>,
    cog: Option<f64>,
}

/// The one item of a payload.
pub(super) fn decode(payload: &Bytes) -> Vec<Item> {
    let kind: Kind = match serde_json::from_slice(payload) {
        Ok(kind) => kind,
        Err(error) if error.is_data() => {
            return whole(Reason::BrokenPayload, error.to_string(), payload);
        }
        Err(error) => return whole(Reason::NotJson, error.to_string(), payload),
    };
    if kind.kind != "location" {
        return Vec::new();
    }
    match serde_json::from_slice::<Wire>(payload) {
        Ok(wire) => {
            let outcome = reading(&wire).map_err(|fault| (fault, payload.clone()));
            vec![Item { index: 0, mark: None, outcome }]
        }
        Err(error) => whole(Reason::BrokenPayload, error.to_string(), payload),
    }
}

fn reading(wire: &Wire) -> Result<Reading, Fault> {
    let fix_time = OffsetDateTime::from_unix_timestamp(wire.tst).map_err(|error| {
        Fault::new(Reason::BrokenPayload, format!("tst is {}: {error}", wire.tst))
    })?;
    Ok(Reading {
        speed_kmh: wire.vel,
        heading_deg: wire.cog,
        accuracy_m: wire.acc,
        told: Told { altitude_m: wire.alt, ..Told::default() },
        ..Reading::bare(fix_time, wire.lon, wire.lat)
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::noise;
    use proptest::prelude::*;

    fn decoded(text: &str) -> Vec<Item> {
        decode(&Bytes::from(text.to_owned()))
    }

    #[test]
    fn a_location_is_read_with_its_units() {
        let items = decoded(
            r#"{"_type":"location","tst":1706694150,"lat":20.634506,"lon":-87.078073,
                "acc":5,"alt":12,"vel":31,"cog":67,"batt":11,"tid":"JJ","t":"u"}"#,
        );
        let [Item { index: 0, outcome: Ok(reading), .. }] = items.as_slice() else {
            panic!("{items:?}")
        };
        assert_eq!(reading.fix_time, datetime!(2024-01-31 09:42:30 UTC));
        assert_eq!((reading.lon, reading.lat), (-87.078_073, 20.634_506));
        assert_eq!((reading.speed_kmh, reading.heading_deg), (Some(31.0), Some(67.0)));
        assert_eq!((reading.accuracy_m, reading.told.altitude_m), (Some(5.0), Some(12.0)));
    }

    #[test]
    fn what_is_no_location_holds_no_position_and_is_no_fault() {
        assert_eq!(decoded(r#"{"_type":"transition","tst":1,"lat":1,"lon":1}"#), []);
    }

    #[test]
    fn what_is_broken_is_refused_with_its_reason() {
        for (text, reason) in [
            ("nonsense", Reason::NotJson),
            ("{}", Reason::BrokenPayload),
            (r#"{"_type":"location","lat":1,"lon":1}"#, Reason::BrokenPayload),
            (r#"{"_type":"location","tst":9e18,"lat":1,"lon":1}"#, Reason::BrokenPayload),
            (
                r#"{"_type":"location","tst":9000000000000000000,"lat":1,"lon":1}"#,
                Reason::BrokenPayload,
            ),
        ] {
            let items = decoded(text);
            let [Item { outcome: Err((fault, _)), .. }] = items.as_slice() else {
                panic!("{text}")
            };
            assert_eq!(fault.reason, reason, "{text}");
        }
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_payloads_become_at_most_one_item(text in noise::text(200)) {
            prop_assert!(decode(&Bytes::from(text)).len() <= 1);
        }
    }
}
