//! A checked position. Past its constructor nothing is judged again.

use gis_data::LonLat;
use time::{OffsetDateTime, UtcOffset};
use xxhash_rust::xxh3::xxh3_64;

use crate::datum::Datum;
use crate::decode::{Reading, Told};
use crate::pipeline;
use crate::point::Point;
use crate::quality::Quality;
use crate::reason::Fault;
use crate::stage;

/// Where a terminal was: time in UTC to the microsecond, a place on the earth, heading below 360.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_field_names, reason = "fix time is the domain's word for it")]
pub struct Fix {
    fix_time: OffsetDateTime,
    place: LonLat,
    /// As sent, in degrees (lon, lat) of the datum.
    sent: (f64, f64),
    datum: Datum,
    speed_kmh: Option<f32>,
    heading_deg: Option<f32>,
    accuracy_m: Option<f32>,
    serial: Option<i64>,
    told: Told,
    quality: Quality,
}

impl Fix {
    /// Sends a reading through every stage; the first fault ends it.
    pub fn new_checked(reading: &Reading, now: OffsetDateTime) -> Result<Self, Fault> {
        pipeline::judge(reading, now)?;
        let sent = (reading.lon, reading.lat);
        let (lon, lat) = reading.datum.to_wgs84(sent.0, sent.1);
        let place = LonLat::new_checked(lon, lat)
            .or_else(|| LonLat::new_checked(sent.0, sent.1))
            .expect("the earth stage lets only places on the earth pass");
        let fix_time = reading.fix_time.to_offset(UtcOffset::UTC);
        // PostgreSQL keeps microseconds; what is compared must be what is kept.
        let micros = fix_time.nanosecond() / 1_000 * 1_000;
        Ok(Self {
            fix_time: fix_time.replace_nanosecond(micros).unwrap_or(fix_time),
            place,
            sent,
            datum: reading.datum,
            speed_kmh: reading.speed_kmh.map(narrow),
            heading_deg: reading.heading_deg.map(narrow).map(|h| if h >= 360.0 { 0.0 } else { h }),
            accuracy_m: reading.accuracy_m.map(narrow),
            serial: reading.serial,
            told: reading.told.clone(),
            quality: stage::quality(reading),
        })
    }

    /// When, in UTC.
    pub fn fix_time(&self) -> OffsetDateTime {
        self.fix_time
    }

    /// Where, in WGS 84.
    pub fn place(&self) -> LonLat {
        self.place
    }

    /// Over ground.
    pub fn speed_kmh(&self) -> Option<f32> {
        self.speed_kmh
    }

    /// Clockwise from north, below 360.
    pub fn heading_deg(&self) -> Option<f32> {
        self.heading_deg
    }

    /// Radius the receiver believes in.
    pub fn accuracy_m(&self) -> Option<f32> {
        self.accuracy_m
    }

    /// The terminal's own counter.
    pub fn serial(&self) -> Option<i64> {
        self.serial
    }

    /// What the coordinates were counted on when they were sent.
    pub fn datum(&self) -> Datum {
        self.datum
    }

    /// Degrees (lon, lat) as they were sent.
    pub fn sent(&self) -> (f64, f64) {
        self.sent
    }

    /// What else was told.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// What speaks against it.
    pub fn quality(&self) -> Quality {
        self.quality
    }

    /// As trips and rules read it once it is stored.
    pub fn to_point(&self) -> Point {
        Point {
            speed_kmh: self.speed_kmh,
            heading_deg: self.heading_deg,
            accuracy_m: self.accuracy_m,
            odometer_km: self.told.odometer_km,
            fuel_l: self.told.fuel_l.map(narrow),
            ignition: self.told.ignition,
            alarm_bits: self.told.alarm_bits,
            quality: self.quality,
            ..Point::bare(epoch_ms(self.fix_time), self.place)
        }
    }

    /// Names the content within a vehicle and a moment: a redelivered fix has the same hash, a
    /// second fix of the same moment with other content another. The serial is not part of it,
    /// because a terminal that sends again may count again. Coordinates count to 1e-7 degrees, as they
    /// were sent.
    #[expect(clippy::cast_possible_truncation, reason = "degrees times 1e7 fit an i64")]
    pub fn content_hash(&self) -> i64 {
        let mut content = Vec::with_capacity(48);
        content.extend(self.fix_time.unix_timestamp_nanos().to_le_bytes());
        for degrees in [self.sent.0, self.sent.1] {
            content.extend(((degrees * 1e7).round() as i64).to_le_bytes());
        }
        for value in [self.speed_kmh, self.heading_deg, self.accuracy_m] {
            content.push(u8::from(value.is_some()));
            content.extend(value.unwrap_or_default().to_le_bytes());
        }
        if self.datum != Datum::Wgs84 {
            content.extend(self.datum.code().to_le_bytes());
        }
        content.extend(self.told.canonical());
        xxh3_64(&content).cast_signed()
    }
}

/// Milliseconds since 1970.
pub(crate) fn epoch_ms(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

/// To what the database keeps; adding zero turns −0 into 0, so that both hash alike.
#[expect(clippy::cast_possible_truncation, reason = "a real column keeps 24 bits")]
fn narrow(value: f64) -> f32 {
    value as f32 + 0.0
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use proptest::num;
    use proptest::option;
    use proptest::prelude::*;

    fn reading() -> Reading {
        Reading {
            speed_kmh: Some(40.0),
            heading_deg: Some(360.0),
            serial: Some(1),
            ..Reading::bare(datetime!(2026-03-01 20:00:00.123_456_789 +8), 105.123_456_7, 36.0)
        }
    }

    fn fix(reading: &Reading) -> Fix {
        Fix::new_checked(reading, datetime!(2026-03-01 12:00 UTC)).unwrap()
    }

    #[test]
    fn time_is_in_utc_to_the_microsecond_and_a_full_turn_is_north() {
        let fix = fix(&reading());
        assert_eq!(fix.fix_time().to_string(), "2026-03-01 12:00:00.123456 +00:00:00");
        assert_eq!(fix.heading_deg(), Some(0.0));
    }

    #[test]
    fn the_hash_names_the_content_and_not_the_delivery() {
        let hash = |reading: Reading| fix(&reading).content_hash();
        let first = hash(reading());
        assert_eq!(first, hash(Reading { serial: Some(2), ..reading() }));
        assert_eq!(first, hash(Reading { lon: 105.123_456_7 + 1e-9, ..reading() }));
        assert_eq!(first, hash(Reading { heading_deg: Some(-0.0), ..reading() }));
        assert_ne!(first, hash(Reading { lon: 105.123_456_8, ..reading() }));
        assert_ne!(first, hash(Reading { speed_kmh: None, ..reading() }));
        assert_ne!(first, hash(Reading { accuracy_m: Some(0.0), ..reading() }));
        assert_ne!(
            first,
            hash(Reading { fix_time: datetime!(2026-03-01 12:00:00 UTC), ..reading() })
        );
    }

    #[test]
    fn an_alarm_or_an_odometer_makes_another_content_and_a_satellite_does_not() {
        let hash = |told: Told| fix(&Reading { told, ..reading() }).content_hash();
        let none = hash(Told::default());
        assert_eq!(none, hash(Told { satellites: Some(9), ..Told::default() }));
        assert_ne!(none, hash(Told { alarm_bits: 1, ..Told::default() }));
        assert_ne!(none, hash(Told { odometer_km: Some(0.0), ..Told::default() }));
        let gcj = fix(&Reading { datum: Datum::Gcj02, ..reading() });
        assert_ne!(none, gcj.content_hash());
    }

    #[test]
    fn shifted_coordinates_are_kept_beside_their_place_in_wgs_84() {
        let fix = fix(&Reading { datum: Datum::Gcj02, ..reading() });
        assert_eq!(fix.sent(), (105.123_456_7, 36.0));
        let (dx, dy) = (fix.place().lon() - fix.sent().0, fix.place().lat() - fix.sent().1);
        assert!(dx.hypot(dy) > 0.001 && dx.hypot(dy) < 0.01, "{dx} {dy}");
    }

    #[test]
    fn a_position_without_a_fix_is_kept_with_its_flag() {
        let told = Told { is_fixed: Some(false), ..Told::default() };
        let fix = fix(&Reading { told, accuracy_m: Some(500.0), ..reading() });
        assert_eq!(fix.quality().names(), ["no_fix", "inaccurate"]);
        assert!(!fix.quality().is_kept());
    }

    /// The hash is part of a primary key: a change of it would store every redelivered fix twice.
    #[test]
    fn the_hash_is_the_same_in_every_release() {
        assert_eq!(fix(&reading()).content_hash(), PINNED);
    }

    const PINNED: i64 = -3_660_527_689_363_495_604;

    /// Moments of all the years that there are, and moments around now.
    fn moment() -> impl Strategy<Value = OffsetDateTime> {
        let any_year = (-9_998 * 366..9_999_i64 * 365, 0..86_400_000_000_000_i64);
        let any_year = any_year.prop_map(|(days, nanos)| {
            OffsetDateTime::UNIX_EPOCH
                .checked_add(time::Duration::days(days - 719_162))
                .unwrap_or(datetime!(9999-12-31 23:59:59 UTC))
                .saturating_add(time::Duration::nanoseconds(nanos))
        });
        let around = (-400_000_000_000..400_000_000_000_i64)
            .prop_map(|nanos| NOW + time::Duration::nanoseconds(nanos));
        let edge = prop_oneof![
            Just(datetime!(9999-12-31 23:59:59.999_999_999 -23:59:59)),
            Just(datetime!(-9999-01-01 00:00 +23:59:59)),
            Just(datetime!(2000-01-01 00:00 UTC)),
            Just(NOW + time::Duration::minutes(5)),
        ];
        prop_oneof![any_year, around, edge]
    }

    fn number(good: std::ops::Range<f64>) -> impl Strategy<Value = f64> {
        prop_oneof![2 => good, 1 => num::f64::ANY, 1 => Just(-0.0), 1 => Just(360.0)]
    }

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_readings_become_fixes_only_within_every_limit(
            fix_time in moment(),
            (lon, lat) in (number(-180.0..180.0), number(-90.0..90.0)),
            speed_kmh in option::of(number(0.0..2_000.0)),
            heading_deg in option::of(number(0.0..360.0)),
            accuracy_m in option::of(number(0.0..1e7)),
            serial in option::of(any::<i64>()),
            datum in proptest::sample::select(vec![Datum::Wgs84, Datum::Gcj02, Datum::Bd09]),
        ) {
            let bare = Reading::bare(fix_time, lon, lat);
            let reading = Reading { datum, speed_kmh, heading_deg, accuracy_m, serial, ..bare };
            let told = reading.to_json();
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&told).is_ok());
            let within = |value: Option<f64>, most: f64| value.is_none_or(|v| v >= 0.0 && v <= most);
            let good = lon.abs() <= 180.0
                && lat.abs() <= 90.0
                && (lon != 0.0 || lat != 0.0)
                && within(speed_kmh, 2_000.0)
                && within(heading_deg, 360.0)
                && within(accuracy_m, 1e7)
                && fix_time >= datetime!(2000-01-01 00:00 UTC)
                && fix_time <= NOW + time::Duration::minutes(5);
            match Fix::new_checked(&reading, NOW) {
                Ok(fix) => {
                    prop_assert!(good, "{reading:?}");
                    prop_assert!(fix.heading_deg().is_none_or(|h| (0.0..360.0).contains(&h)));
                    prop_assert!(fix.speed_kmh().is_none_or(|s| (0.0..=2_000.0).contains(&s)));
                    prop_assert_eq!(fix.fix_time().nanosecond() % 1_000, 0);
                    prop_assert!(fix.fix_time() <= fix_time);
                    prop_assert_eq!(fix.content_hash(), fix.clone().content_hash());
                }
                Err(fault) => {
                    prop_assert!(!good, "{fault:?}");
                    prop_assert!(!fault.detail.is_empty() && fault.detail.len() < 2_000);
                }
            }
        }
    }
}
