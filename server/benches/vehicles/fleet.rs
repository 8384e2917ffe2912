//! Where the bench's vehicles drive: each in a circle of its own, so that a position follows from the vehicle and the moment.

use std::f64::consts::TAU;
use std::io::Write as _;

/// West, south, width and height of where the circles lie, in degrees.
pub(crate) const GROUND: [f64; 4] = [105.7, 26.4, 0.6, 0.4];
/// One round, at about 57 km/h.
const ROUND_MS: i64 = 120_000;
const RADIUS_DEG: f64 = 0.003;

/// A terminal's name; they count from 1.
pub(crate) fn terminal(number: u32) -> String {
    format!("bench-{number}")
}

/// Where its positions go.
pub(crate) fn topic(number: u32) -> String {
    format!("onemap/v1/bench-{number}/position")
}

/// Longitude and latitude of a vehicle at a moment, in 1e-7 degrees, and its heading.
pub(crate) fn place(number: u32, fix_ms: i64) -> (i32, i32, i32) {
    let [west, south, width, height] = GROUND;
    let number = f64::from(number);
    // Multiples of these two fill a square evenly, however many there are.
    let (across, up) = ((number * 0.754_877_666).fract(), (number * 0.569_840_291).fract());
    let part = (fix_ms % ROUND_MS) as f64 / ROUND_MS as f64;
    let angle = (part + across * 7.0).fract() * TAU;
    let lon = west + across * width + RADIUS_DEG * angle.cos();
    let lat = south + up * height + RADIUS_DEG * angle.sin();
    // It drives against the clock: north when it is at its most eastern.
    let heading = (360.0 - angle.to_degrees()).rem_euclid(360.0) as i32 % 360;
    ((lon * 1e7).round() as i32, (lat * 1e7).round() as i32, heading)
}

/// The payload of some positions of one vehicle: alone as an object, several as an array.
pub(crate) fn payload(
    out: &mut Vec<u8>,
    number: u32,
    fixes: impl Iterator<Item = i64>,
    serial: u64,
) {
    out.clear();
    out.push(b'[');
    let mut count = 0;
    for fix_ms in fixes {
        if count > 0 {
            out.push(b',');
        }
        let (lon, lat, heading) = place(number, fix_ms);
        let (lon, lon_part) = (lon / 10_000_000, lon % 10_000_000);
        let (lat, lat_part) = (lat / 10_000_000, lat % 10_000_000);
        let serial = serial + count;
        write!(
            out,
            r#"{{"t":{fix_ms},"lon":{lon}.{lon_part:07},"lat":{lat}.{lat_part:07},"speed_kmh":57,"heading":{heading},"serial":{serial}}}"#
        )
        .unwrap();
        count += 1;
    }
    if count == 1 {
        out.remove(0);
    } else {
        out.push(b']');
    }
}
