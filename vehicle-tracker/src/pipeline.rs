//! The stages every reading passes, in this order. A duplicate needs no stage: the key of the
//! position table (vehicle, fix time, content hash) is the judge, also between servers.

use time::OffsetDateTime;

use crate::decode::Reading;
use crate::reason::Fault;
use crate::stage;

/// A named judge; pure, so that the same reading at the same moment always has the same verdict.
#[derive(Debug)]
pub struct Stage {
    /// For logs and documentation.
    pub name: &'static str,
    /// The verdict.
    pub judge: fn(&Reading, OffsetDateTime) -> Result<(), Fault>,
}

/// Readable aloud: the clock is plausible, the place is on the earth, the values are in range.
pub const STAGES: &[Stage] = &[
    Stage { name: "clock", judge: stage::clock },
    Stage { name: "earth", judge: stage::earth },
    Stage { name: "range", judge: stage::range },
];

/// The first fault a reading has, if any.
pub(crate) fn judge(reading: &Reading, now: OffsetDateTime) -> Result<(), Fault> {
    STAGES.iter().try_for_each(|stage| (stage.judge)(reading, now))
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;
    use crate::reason::Reason;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

    fn good() -> Reading {
        Reading {
            speed_kmh: Some(40.0),
            heading_deg: Some(360.0),
            accuracy_m: Some(5.0),
            ..Reading::bare(NOW, 105.0, 36.0)
        }
    }

    fn reason(reading: &Reading) -> Option<Reason> {
        judge(reading, NOW).err().map(|fault| fault.reason)
    }

    #[test]
    fn a_plausible_reading_passes() {
        assert_eq!(reason(&good()), None);
        assert_eq!(
            reason(&Reading { speed_kmh: None, heading_deg: None, accuracy_m: None, ..good() }),
            None
        );
    }

    #[test]
    fn the_clock_may_be_five_minutes_ahead_and_not_more() {
        let ahead = |seconds| Reading { fix_time: NOW + Duration::seconds(seconds), ..good() };
        assert_eq!(reason(&ahead(300)), None);
        assert_eq!(reason(&ahead(301)), Some(Reason::Future));
        let old = |fix_time| Reading { fix_time, ..good() };
        assert_eq!(reason(&old(datetime!(2000-01-01 00:00 UTC))), None);
        assert_eq!(reason(&old(datetime!(1999-12-31 23:59:59 UTC))), Some(Reason::TooOld));
    }

    #[test]
    fn only_places_on_the_earth_pass_and_not_zero_zero() {
        let at = |lon, lat| Reading { lon, lat, ..good() };
        assert_eq!(reason(&at(180.0, -90.0)), None);
        assert_eq!(reason(&at(0.0, 51.5)), None);
        assert_eq!(reason(&at(180.000_1, 0.0)), Some(Reason::OutsideEarth));
        assert_eq!(reason(&at(0.0, 90.000_1)), Some(Reason::OutsideEarth));
        assert_eq!(reason(&at(f64::NAN, 0.0)), Some(Reason::OutsideEarth));
        assert_eq!(reason(&at(-0.0, 0.0)), Some(Reason::ZeroCoordinates));
    }

    #[test]
    fn values_that_cannot_be_are_refused() {
        for bad in [
            Reading { heading_deg: Some(-1.0), ..good() },
            Reading { heading_deg: Some(360.1), ..good() },
            Reading { speed_kmh: Some(-0.1), ..good() },
            Reading { speed_kmh: Some(f64::INFINITY), ..good() },
            Reading { accuracy_m: Some(-5.0), ..good() },
        ] {
            assert_eq!(reason(&bad), Some(Reason::OutOfRange), "{bad:?}");
        }
    }
}
