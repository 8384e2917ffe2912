//! A location report (0x0200), alone or in a batch.

use time::macros::offset;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::bits::{Alarms, Status};
use super::cursor::Cursor;
use super::fault::BodyFault;
use super::item::{Item, Value};
use super::text::two_digits;

/// The zone of every time in this protocol.
const ZONE: UtcOffset = offset!(+8);

/// Where a terminal says it is. Read, not judged: a place outside the earth, a heading above 360
/// and a time that is none are for those who store positions to refuse.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// What is wrong.
    pub alarms: Alarms,
    /// How the vehicle and its receiver are.
    pub status: Status,
    /// Degrees, west negative; sent in steps of 1e-6 with the hemisphere in the status. WGS 84, but
    /// GCJ-02 where [`Status::through_map_plugin`] says so.
    pub lon: f64,
    /// Degrees, south negative; otherwise as the longitude.
    pub lat: f64,
    /// Above the sea; terminals below it send a negative number.
    pub altitude_m: i16,
    /// Over ground, sent in steps of 0.1 km/h.
    pub speed_kmh: f64,
    /// Clockwise from north; 0 to 359 by the standard.
    pub heading_deg: u16,
    /// `YYMMDDhhmmss` in BCD as sent, in GMT+8.
    pub time_bcd: [u8; 6],
    /// What else is told, in its order.
    pub items: Vec<Item>,
}

impl Location {
    /// Reads a body of at least 28 bytes; the rest of it are items.
    pub fn read(body: &[u8]) -> Result<Self, BodyFault> {
        Self::read_at(body, 0)
    }

    /// `at` is where the location stands in the body around it.
    pub(super) fn read_at(bytes: &[u8], at: usize) -> Result<Self, BodyFault> {
        let mut cursor = Cursor::new(bytes, at);
        let alarms = Alarms(cursor.u32()?);
        let status = Status(cursor.u32()?);
        let lat = degrees(cursor.u32()?, status.south());
        let lon = degrees(cursor.u32()?, status.west());
        Ok(Self {
            alarms,
            status,
            lon,
            lat,
            altitude_m: i16::from_be_bytes(cursor.array()?),
            speed_kmh: f64::from(cursor.u16()?) / 10.0,
            heading_deg: cursor.u16()?,
            time_bcd: cursor.array()?,
            items: Item::read_all(&mut cursor),
        })
    }

    /// When, in GMT+8, of the years 2000 to 2099. `None` where the bytes are no time, such as the
    /// zeros of a receiver that has seen no satellite yet; an alarm may come with it all the same.
    pub fn time(&self) -> Option<OffsetDateTime> {
        time_of(self.time_bcd)
    }

    /// The odometer, where it is told.
    pub fn mileage_km(&self) -> Option<f64> {
        self.values().find_map(|value| match value {
            Value::MileageKm(km) => Some(km),
            _ => None,
        })
    }

    /// What is in the tank, where it is told in litres.
    pub fn fuel_l(&self) -> Option<f64> {
        self.values().find_map(|value| match value {
            Value::FuelL(litres) => Some(litres),
            _ => None,
        })
    }

    /// Satellites in use, where it is told.
    pub fn satellites(&self) -> Option<u8> {
        self.values().find_map(|value| match value {
            Value::Satellites(count) => Some(count),
            _ => None,
        })
    }

    fn values(&self) -> impl Iterator<Item = Value> + '_ {
        self.items.iter().filter_map(|item| item.value.ok())
    }
}

/// The sign is set before dividing, so that 0 has none.
fn degrees(millionths: u32, negative: bool) -> f64 {
    if negative { (0.0 - f64::from(millionths)) / 1e6 } else { f64::from(millionths) / 1e6 }
}

/// `YYMMDDhhmmss` in GMT+8.
pub(super) fn time_of(bcd: [u8; 6]) -> Option<OffsetDateTime> {
    let [year, month, day, hour, minute, second] = bcd.map(two_digits);
    let month = Month::try_from(month?).ok()?;
    let date = Date::from_calendar_date(2000 + i32::from(year?), month, day?).ok()?;
    let time = Time::from_hms(hour?, minute?, second?).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_offset(ZONE))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;
    use crate::jt808::fault::ItemFault;
    use crate::jt808::frame::Frame;
    use crate::jt808::samples::{self, sample};
    use crate::noise;

    fn located(hex: &str) -> Location {
        Location::read(Frame::read(&sample(hex)).unwrap().body()).unwrap()
    }

    #[test]
    fn a_location_is_read_with_every_field() {
        let location = located(samples::LOCATION_2013);
        assert!(location.alarms.sos());
        assert!(location.status.fixed() && !location.status.acc_on());
        let numbers = (location.lon, location.lat, location.speed_kmh);
        assert_eq!(numbers, (132.444_444, 12.222_222, 6.0));
        assert_eq!((location.altitude_m, location.heading_deg), (40, 0));
        assert_eq!(location.time(), Some(datetime!(2018-10-15 10:10:10 +8)));
        assert_eq!((location.mileage_km(), location.fuel_l()), (Some(10.0), Some(12.5)));
        assert_eq!(location.satellites(), None);
    }

    #[test]
    fn hemispheres_come_from_the_status() {
        let mut body = Frame::read(&sample(samples::LOCATION_2013)).unwrap().body().to_vec();
        body[7] = 0b1110;
        let location = Location::read(&body).unwrap();
        assert_eq!((location.lon, location.lat), (-132.444_444, -12.222_222));
        body[8..16].fill(0);
        let location = Location::read(&body).unwrap();
        assert!(location.lon.is_sign_positive() && location.lat.is_sign_positive());
    }

    #[test]
    fn an_altitude_below_the_sea_is_negative() {
        let mut body = [0; 28];
        body[16..18].copy_from_slice(&(-154_i16).to_be_bytes());
        assert_eq!(Location::read(&body).unwrap().altitude_m, -154);
    }

    #[test]
    fn a_location_of_fewer_than_28_bytes_is_told_where_it_ends() {
        let fault = Location::read(&[0; 25]).unwrap_err();
        assert_eq!(fault, BodyFault::cut_short(22, 6, 3));
    }

    #[test]
    fn a_time_that_is_none_leaves_the_location_standing() {
        for bcd in ["000000000000", "260230101010", "2601011A1010", "260101246000"] {
            let bytes = sample(bcd);
            let body = [&[0; 22][..], &bytes].concat();
            let location = Location::read(&body).unwrap();
            assert_eq!((location.time(), &location.time_bcd[..]), (None, &bytes[..]));
        }
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_bodies_are_locations_from_28_bytes_on(body in noise::bytes(120)) {
            match Location::read(&body) {
                Ok(location) => {
                    prop_assert!(body.len() >= 28);
                    let told: usize = location.items.iter().map(|i| 2 + i.bytes.len()).sum();
                    let lone = location.items.iter().any(|i| i.value == Err(ItemFault::NoLength));
                    prop_assert_eq!(28 + told - usize::from(lone), body.len());
                    prop_assert!(location.time().is_none_or(|t| (2000..2100).contains(&t.year())));
                }
                Err(fault) => prop_assert!(body.len() < 28 && fault.at <= body.len()),
            }
        }

        #[test]
        fn random_places_are_read_as_written(
            (lon_e6, lat_e6) in (-180_000_000..=180_000_000_i32, -90_000_000..=90_000_000_i32),
            (altitude_m, tenths, heading_deg) in (any::<i16>(), any::<u16>(), 0..360_u16),
        ) {
            let status = u32::from(lat_e6 < 0) << 2 | u32::from(lon_e6 < 0) << 3;
            let mut body = vec![0; 4];
            for word in [status, lat_e6.unsigned_abs(), lon_e6.unsigned_abs()] {
                body.extend(word.to_be_bytes());
            }
            body.extend(altitude_m.to_be_bytes());
            body.extend(tenths.to_be_bytes());
            body.extend(heading_deg.to_be_bytes());
            body.extend([0x26, 1, 2, 3, 4, 5]);
            let location = Location::read(&body).unwrap();
            let read = (location.lon, location.lat, location.speed_kmh);
            let sent = (lon_e6.into(), lat_e6.into(), tenths.into());
            let sent: (f64, f64, f64) = sent;
            prop_assert_eq!(read, (sent.0 / 1e6, sent.1 / 1e6, sent.2 / 10.0));
            prop_assert_eq!(location.altitude_m, altitude_m);
            prop_assert_eq!(location.heading_deg, heading_deg);
            prop_assert_eq!(location.time(), Some(datetime!(2026-01-02 03:04:05 +8)));
        }
    }
}
