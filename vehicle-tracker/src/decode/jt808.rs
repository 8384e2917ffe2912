//! Raw frames of JT/T 808, one or several in a payload, and messages that come in parts of them.
//! Whatever holds no position (a heartbeat, a reply) is no fault.

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use super::{self as decode, Reading, Told};
use crate::datum::Datum;
use crate::jt808::{
    Batch, BodyFault, Cut, Frame, Item, Location, Message, Parts, Splitter, Value, hex,
};
use crate::reason::{Fault, Reason};

type Outcome = Result<Reading, (Fault, Bytes)>;

/// The positions of a payload, in their order.
pub(super) fn decode(payload: &Bytes) -> Vec<decode::Item> {
    let cuts = Splitter::new().feed(payload);
    let mut outcomes = Vec::new();
    if cuts.is_empty() {
        outcomes.push(Err((broken("no frame between two flags 7e"), payload.clone())));
    }
    let mut waiting: Vec<(Parts, Bytes)> = Vec::new();
    for Cut { raw, frame, .. } in cuts {
        let raw = Bytes::from(raw);
        match frame {
            Err(fault) => outcomes.push(Err((broken(fault.to_string()), raw))),
            Ok(frame) => take(&frame, raw, &mut waiting, &mut outcomes),
        }
    }
    outcomes.extend(waiting.into_iter().map(|(parts, raw)| {
        let detail =
            format!("{} of a message's {} parts are missing", parts.missing(), parts.total());
        Err((broken(detail), raw))
    }));
    let item = |(index, outcome)| decode::Item { index, mark: None, outcome };
    (1..).zip(outcomes).map(item).collect()
}

fn take(frame: &Frame, raw: Bytes, waiting: &mut Vec<(Parts, Bytes)>, outcomes: &mut Vec<Outcome>) {
    let Ok(Message::Part(_)) = Message::read(frame) else {
        return outcomes.extend(positions(Message::read(frame), frame.header().serial, &raw));
    };
    if let Some((parts, _)) = waiting.iter_mut().find(|(parts, _)| parts.owns(frame)) {
        parts.take(frame);
    } else {
        waiting.extend(Parts::of(frame).map(|parts| (parts, raw)));
    }
    if let Some(at) = waiting.iter().position(|(parts, _)| parts.missing() == 0) {
        let (parts, raw) = waiting.swap_remove(at);
        let whole = parts.message().into_iter();
        outcomes.extend(whole.flat_map(|m| positions(m, frame.header().serial, &raw)));
    }
}

/// The positions in a message.
fn positions(message: Result<Message, BodyFault>, serial: u16, raw: &Bytes) -> Vec<Outcome> {
    match message {
        Ok(Message::Location(location)) => vec![reading(&location, serial, raw)],
        Ok(Message::LocationReply(reply)) => vec![reading(&reply.location, serial, raw)],
        Ok(Message::Batch(batch)) => batched(&batch, serial),
        Ok(Message::Encrypted(how)) => {
            vec![Err((broken(format!("the body is encrypted: {how:?}")), raw.clone()))]
        }
        Ok(_) => Vec::new(),
        Err(fault) => vec![Err((broken(fault.to_string()), raw.clone()))],
    }
}

fn batched(batch: &Batch, serial: u16) -> Vec<Outcome> {
    let judged = batch.items.iter().map(|item| {
        let bytes = Bytes::copy_from_slice(&item.bytes);
        match &item.location {
            Ok(location) => reading(location, serial, &bytes),
            Err(fault) => Err((broken(fault.to_string()), bytes)),
        }
    });
    judged.collect()
}

fn reading(location: &Location, serial: u16, raw: &Bytes) -> Outcome {
    let Some(fix_time) = location.time() else {
        let told = hex(&location.time_bcd);
        return Err((Fault::new(Reason::NoTime, format!("{told} is no time")), raw.clone()));
    };
    let status = location.status;
    let datum = if status.through_map_plugin() { Datum::Gcj02 } else { Datum::Wgs84 };
    let told = Told {
        altitude_m: Some(location.altitude_m.into()),
        satellites: location.satellites(),
        odometer_km: location.mileage_km(),
        fuel_l: location.fuel_l(),
        ignition: Some(status.acc_on()),
        is_fixed: Some(status.fixed()),
        status_bits: Some(status.0),
        alarm_bits: location.alarms.0,
        extra: extra(location),
    };
    Ok(Reading {
        datum,
        speed_kmh: Some(location.speed_kmh),
        heading_deg: Some(location.heading_deg.into()),
        serial: Some(serial.into()),
        told,
        ..Reading::bare(fix_time, location.lon, location.lat)
    })
}

/// The items that are kept nowhere else, by their id, as the bytes that came.
fn extra(location: &Location) -> Option<Map<String, Json>> {
    const COLUMNS: [u8; 3] = [0x01, 0x02, 0x31];
    let is_kept = |item: &&Item| {
        COLUMNS.contains(&item.id) && item.value.is_ok_and(|value| value != Value::Raw)
    };
    let others = location.items.iter().filter(|item| !is_kept(item));
    let items: Map<String, Json> =
        others.map(|i| (format!("{:02X}", i.id), json!(hex(&i.bytes)))).collect();
    (!items.is_empty()).then(|| Map::from_iter([("items".to_owned(), Json::from(items))]))
}

fn broken(detail: impl Into<String>) -> Fault {
    Fault::new(Reason::BrokenFrame, detail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;
    use crate::jt808::samples::{self, sample};

    fn decoded(hex: &str) -> Vec<Outcome> {
        decode(&Bytes::from(sample(hex))).into_iter().map(|item| item.outcome).collect()
    }

    #[test]
    fn a_location_becomes_a_reading_with_all_that_it_tells() {
        let readings = decoded(samples::LOCATION_2013);
        let [Ok(reading)] = readings.as_slice() else { panic!("{readings:?}") };
        assert_eq!(reading.fix_time, datetime!(2018-10-15 10:10:10 +8));
        assert_eq!((reading.lon, reading.lat), (132.444_444, 12.222_222));
        let told = &reading.told;
        assert_eq!((told.odometer_km, told.fuel_l), (Some(10.0), Some(12.5)));
        assert_eq!((told.ignition, told.is_fixed, told.alarm_bits), (Some(false), Some(true), 1));
        assert_eq!(told.extra, None);
    }

    #[test]
    fn items_that_nothing_reads_are_kept_as_their_bytes() {
        let readings = decoded(samples::LOCATION_2019);
        let [Ok(reading)] = readings.as_slice() else { panic!("{readings:?}") };
        let extra = Json::from(reading.told.extra.clone().unwrap());
        assert_eq!(extra["items"]["30"], "45");
        assert_eq!(extra["items"].get("31"), None, "satellites have a column");
        assert_eq!(reading.told.satellites, Some(8));
    }

    #[test]
    fn what_went_through_the_map_plug_in_is_gcj_02() {
        let mut frame = Frame::read(&sample(samples::LOCATION_2013)).unwrap();
        let mut body = frame.body().to_vec();
        body[7] |= 1 << 5;
        frame = Frame::new_checked(*frame.header(), body).unwrap();
        let items = decode(&Bytes::from(frame.write()));
        assert_eq!(items[0].outcome.as_ref().unwrap().datum, Datum::Gcj02);
    }

    #[test]
    fn a_heartbeat_holds_no_position_and_is_no_fault() {
        assert_eq!(decoded(samples::HEARTBEAT), []);
    }

    #[test]
    fn a_good_frame_is_read_beside_a_broken_one_and_noise_is_refused() {
        let mut bytes = sample(samples::LOCATION_2013);
        bytes.extend(sample(samples::LOCATION_2013));
        bytes[20] ^= 1;
        let items = decode(&Bytes::from(bytes));
        let reasons: Vec<_> =
            items.iter().map(|i| i.outcome.as_ref().map_err(|(f, _)| f.reason).err()).collect();
        assert_eq!(reasons, [Some(Reason::BrokenFrame), None]);
        for noise in [&b""[..], b"7e", b"no frame"] {
            let items = decode(&Bytes::from(noise));
            assert!(matches!(&items[..], [decode::Item { outcome: Err(_), .. }]), "{noise:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_payloads_become_readings_or_faults(raw in samples::anything()) {
            for item in decode(&Bytes::from(raw)) {
                if let Err((fault, _)) = item.outcome {
                    prop_assert!([Reason::BrokenFrame, Reason::NoTime].contains(&fault.reason));
                }
            }
        }
    }
}
