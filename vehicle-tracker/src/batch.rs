//! What one commit tells every server: the positions that were new, with all that trips, alarms and the
//! live state read of them, exactly as they are stored.
//!
//! Format 1 is zstd of columns, little-endian, one after the other; format 0, of which rows may be left
//! from an older release, is zstd of JSON and holds only each vehicle's newest position.

use gis_data::{FeatureId, LonLat};
use serde::Deserialize;

use crate::error::{Result, TrackerError};
use crate::point::Point;
use crate::quality::Quality;

/// What is written.
pub(crate) const FORMAT: i16 = 1;
/// Fast rather than small: the rows live for hours.
const ZSTD_LEVEL: i32 = 1;
/// Bytes of one position in all columns together.
const WIDTH: usize = 8 * 6 + 4 * 5 + 2 + 1;

/// A position that a commit has stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stored {
    /// Whose.
    pub vehicle_id: FeatureId,
    /// When we were told, in epoch milliseconds.
    pub received_ms: i64,
    /// The position.
    pub point: Point,
}

/// Packs the positions of a batch in format 1.
pub(crate) fn pack(stored: &[Stored]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + stored.len() * WIDTH);
    let points = || stored.iter().map(|s| &s.point);
    out.extend(stored.iter().flat_map(|s| s.vehicle_id.0.to_le_bytes()));
    out.extend(stored.iter().flat_map(|s| s.received_ms.to_le_bytes()));
    out.extend(points().flat_map(|p| p.fix_ms.to_le_bytes()));
    out.extend(points().flat_map(|p| p.place.lon().to_le_bytes()));
    out.extend(points().flat_map(|p| p.place.lat().to_le_bytes()));
    out.extend(points().flat_map(|p| p.odometer_km.unwrap_or(f64::NAN).to_le_bytes()));
    for told in [
        |p: &Point| p.speed_kmh,
        |p: &Point| p.heading_deg,
        |p: &Point| p.accuracy_m,
        |p: &Point| p.fuel_l,
    ] {
        out.extend(points().flat_map(|p| told(p).unwrap_or(f32::NAN).to_le_bytes()));
    }
    out.extend(points().flat_map(|p| p.alarm_bits.to_le_bytes()));
    out.extend(points().flat_map(|p| p.quality.0.to_le_bytes()));
    out.extend(points().map(|p| p.ignition.map_or(2, u8::from)));
    zstd::bulk::compress(&out, ZSTD_LEVEL).expect("compression into memory does not fail")
}

/// Unpacks the positions of a batch row.
pub(crate) fn unpack(batch_id: i64, format: i16, payload: &[u8]) -> Result<Vec<Stored>> {
    let broken = |reason: String| TrackerError::Batch { batch_id, reason };
    let bytes = zstd::stream::decode_all(payload).map_err(|e| broken(e.to_string()))?;
    match format {
        0 => newest(&bytes).map_err(|e| broken(e.to_string())),
        FORMAT => columns(&bytes).map_err(|reason| broken(reason.to_owned())),
        other => Err(broken(format!("format {other}, known are 0 and {FORMAT}"))),
    }
}

fn columns(bytes: &[u8]) -> Result<Vec<Stored>, &'static str> {
    if !bytes.len().is_multiple_of(WIDTH) {
        return Err("not a whole number of positions");
    }
    let count = bytes.len() / WIDTH;
    let mut columns = Columns(bytes);
    let vehicles: Vec<i64> = columns.take(count, i64::from_le_bytes);
    let received: Vec<i64> = columns.take(count, i64::from_le_bytes);
    let fix_times: Vec<i64> = columns.take(count, i64::from_le_bytes);
    let lons: Vec<f64> = columns.take(count, f64::from_le_bytes);
    let lats: Vec<f64> = columns.take(count, f64::from_le_bytes);
    let odometers: Vec<f64> = columns.take(count, f64::from_le_bytes);
    let [speeds, headings, accuracies, fuels] =
        [(); 4].map(|()| columns.take(count, f32::from_le_bytes));
    let alarms: Vec<u32> = columns.take(count, u32::from_le_bytes);
    let qualities: Vec<i16> = columns.take(count, i16::from_le_bytes);
    let ignitions: Vec<u8> = columns.take(count, u8::from_le_bytes);
    (0..count)
        .map(|i| {
            let place = LonLat::new_checked(lons[i], lats[i]).ok_or("a place outside the earth")?;
            let told = |value: f32| (!value.is_nan()).then_some(value);
            let point = Point {
                fix_ms: fix_times[i],
                place,
                speed_kmh: told(speeds[i]),
                heading_deg: told(headings[i]),
                accuracy_m: told(accuracies[i]),
                odometer_km: (!odometers[i].is_nan()).then_some(odometers[i]),
                fuel_l: told(fuels[i]),
                ignition: (ignitions[i] < 2).then_some(ignitions[i] == 1),
                alarm_bits: alarms[i],
                quality: Quality(qualities[i]),
            };
            Ok(Stored { vehicle_id: FeatureId(vehicles[i]), received_ms: received[i], point })
        })
        .collect()
}

/// What is left of the columns.
struct Columns<'a>(&'a [u8]);

impl Columns<'_> {
    /// The next column. The caller has measured that it is there.
    fn take<const N: usize, T>(&mut self, count: usize, read: fn([u8; N]) -> T) -> Vec<T> {
        let (column, rest) = self.0.split_at((count * N).min(self.0.len()));
        self.0 = rest;
        column.as_chunks::<N>().0.iter().map(|bytes| read(*bytes)).collect()
    }
}

/// A vehicle's newest position as format 0 has it.
#[derive(Deserialize)]
struct Newest {
    vehicle_id: FeatureId,
    lon: f64,
    lat: f64,
    speed_kmh: Option<f32>,
    heading: Option<f32>,
    fix_ms: i64,
    received_ms: i64,
}

fn newest(bytes: &[u8]) -> serde_json::Result<Vec<Stored>> {
    let read: Vec<Newest> = serde_json::from_slice(bytes)?;
    let stored = read.into_iter().filter_map(|n| {
        let bare = Point::bare(n.fix_ms, LonLat::new_checked(n.lon, n.lat)?);
        let point = Point { speed_kmh: n.speed_kmh, heading_deg: n.heading, ..bare };
        Some(Stored { vehicle_id: n.vehicle_id, received_ms: n.received_ms, point })
    });
    Ok(stored.collect())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    fn stored() -> impl Strategy<Value = Stored> {
        let place = (-180.0..=180.0, -90.0..=90.0);
        let told = option::of(0.0_f32..500.0);
        (
            any::<(i64, i64, i64, u32, i16)>(),
            place,
            (told.clone(), told.clone(), told.clone(), told),
            (option::of(0.0..1e7), any::<Option<bool>>()),
        )
            .prop_map(|(ids, (lon, lat), told, (odometer_km, ignition))| Stored {
                vehicle_id: FeatureId(ids.0),
                received_ms: ids.1,
                point: Point {
                    speed_kmh: told.0,
                    heading_deg: told.1,
                    accuracy_m: told.2,
                    fuel_l: told.3,
                    odometer_km,
                    ignition,
                    alarm_bits: ids.3,
                    quality: Quality(ids.4),
                    ..Point::bare(ids.2, LonLat::new_checked(lon, lat).unwrap())
                },
            })
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_positions_are_unpacked_as_they_were_packed(batch in vec(stored(), 0..40)) {
            prop_assert_eq!(unpack(1, FORMAT, &pack(&batch)).unwrap(), batch);
        }

        #[test]
        fn random_rows_are_unpacked_or_refused(bytes in noise::bytes(400), format in 0..3_i16) {
            let _ = unpack(1, format, &bytes);
            let packed = zstd::bulk::compress(&bytes, 1).unwrap();
            let read = unpack(1, format, &packed);
            prop_assert!(read.is_err() || format == 0 || bytes.len().is_multiple_of(WIDTH));
        }
    }

    #[test]
    fn a_row_of_an_older_release_is_still_read() {
        let text = br#"[{"vehicle_id":7,"lon":105.5,"lat":36.0,"speed_kmh":null,"heading":90.0,"fix_ms":5,"received_ms":6}]"#;
        let read = unpack(1, 0, &zstd::bulk::compress(text, 1).unwrap()).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].vehicle_id, read[0].point.fix_ms), (FeatureId(7), 5));
        assert_eq!(read[0].point.heading_deg, Some(90.0));
    }
}
