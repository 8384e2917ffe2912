//! Days, as documents and rules count them: in Beijing, which has no summer time.

use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

/// The day of a text like `2026-11-25`.
pub(crate) fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// Today in Beijing.
pub fn today() -> Date {
    let beijing = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    OffsetDateTime::now_utc().to_offset(beijing).date()
}
