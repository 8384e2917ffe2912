//! Working days and working hours, in the time of China.

use std::collections::BTreeMap;

use time::macros::offset;
use time::{Date, OffsetDateTime, Time, UtcOffset};

/// The time of the whole country: no summer time since 1991.
const ZONE: UtcOffset = offset!(+8);

/// From when to when one works on a working day.
const HOURS: (Time, Time) = (time_of(8), time_of(18));

/// Whether a day is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// Monday to Friday, or a weekend that is worked for a holiday 调休.
    Working,
    /// A weekend or a holiday 节假日.
    Off,
}

/// What a moment is to somebody who works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hours {
    /// Within working hours.
    AtWork,
    /// On a working day, before or after the hours.
    After,
    /// On a weekend or a holiday.
    DayOff,
}

/// Monday to Friday, except for the days that the State Council announces otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    exceptions: BTreeMap<Date, Day>,
    hours: (Time, Time),
}

impl Calendar {
    /// With the days that differ from Monday to Friday, and hours from 08:00 to 18:00.
    pub fn new(exceptions: impl IntoIterator<Item = (Date, Day)>) -> Self {
        Self { exceptions: exceptions.into_iter().collect(), hours: HOURS }
    }

    /// With other working hours.
    #[must_use]
    pub fn with_hours(mut self, from: Time, to: Time) -> Self {
        self.hours = (from, to);
        self
    }

    /// What a date is.
    pub fn day(&self, date: Date) -> Day {
        let weekday = date.weekday().number_from_monday();
        let usual = if weekday < 6 { Day::Working } else { Day::Off };
        self.exceptions.get(&date).copied().unwrap_or(usual)
    }

    /// What a moment in epoch milliseconds is.
    pub fn hours(&self, at_ms: i64) -> Hours {
        let at = local(at_ms);
        let (from, to) = self.hours;
        match self.day(at.date()) {
            Day::Off => Hours::DayOff,
            Day::Working if from <= at.time() && at.time() < to => Hours::AtWork,
            Day::Working => Hours::After,
        }
    }
}

/// The time of China at a moment in epoch milliseconds; one that is no date is 1970.
pub(super) fn local(at_ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .checked_to_offset(ZONE)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Epoch milliseconds of a moment of the day in the time of China.
pub(super) fn moment(date: Date, time: Time) -> i64 {
    date.with_time(time).assume_offset(ZONE).unix_timestamp() * 1000
}

const fn time_of(hour: u8) -> Time {
    match Time::from_hms(hour, 0, 0) {
        Ok(time) => time,
        Err(_) => Time::MIDNIGHT,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    fn at(moment: OffsetDateTime) -> i64 {
        moment.unix_timestamp() * 1000
    }

    #[test]
    fn a_working_weekend_is_worked_and_a_holiday_is_not() {
        let calendar = Calendar::new([
            (date!(2026 - 02 - 28), Day::Working),
            (date!(2026 - 02 - 17), Day::Off),
        ]);
        assert_eq!(calendar.hours(at(datetime!(2026-02-28 10:00 +8))), Hours::AtWork);
        assert_eq!(calendar.hours(at(datetime!(2026-02-17 10:00 +8))), Hours::DayOff);
        assert_eq!(calendar.hours(at(datetime!(2026-03-01 10:00 +8))), Hours::DayOff);
        assert_eq!(calendar.hours(at(datetime!(2026-03-02 07:59:59 +8))), Hours::After);
        assert_eq!(calendar.hours(at(datetime!(2026-03-02 18:00 +8))), Hours::After);
    }

    #[test]
    fn the_day_is_that_of_china() {
        let calendar = Calendar::new([]);
        // Sunday evening in Greenwich is Monday morning here.
        assert_eq!(calendar.hours(at(datetime!(2026-03-02 00:30 UTC))), Hours::AtWork);
        assert_eq!(calendar.hours(i64::MAX), calendar.hours(0));
        assert_eq!(local(moment(date!(2026 - 03 - 02), HOURS.0)).hour(), 8);
    }
}
