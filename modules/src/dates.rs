//! Days and moments, as documents and rules count them: in Beijing, which has no summer time.

use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// The day of a text like `2026-11-25`.
pub(crate) fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// The moment of a text like `2026-11-25T09:30+08:00`: minutes in Beijing and nothing else, so that one moment is one text.
pub(crate) fn moment(text: &str) -> Option<OffsetDateTime> {
    let minute = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let local = PrimitiveDateTime::parse(text.strip_suffix("+08:00")?, minute).ok()?;
    Some(local.assume_offset(beijing()))
}

/// A moment as such a text; seconds are left out.
pub(crate) fn moment_text(at: OffsetDateTime) -> String {
    format!("{}+08:00", local_text(at, 'T'))
}

/// A moment as people read it: `2026-11-25 09:30`.
pub(crate) fn minute_text(at: OffsetDateTime) -> String {
    local_text(at, ' ')
}

/// Today in Beijing.
pub fn today() -> Date {
    OffsetDateTime::now_utc().to_offset(beijing()).date()
}

fn local_text(at: OffsetDateTime, between: char) -> String {
    let at = at.to_offset(beijing());
    format!("{}{between}{:02}:{:02}", at.date(), at.hour(), at.minute())
}

fn beijing() -> UtcOffset {
    UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_one_text() {
        let text = "2026-11-25T09:30+08:00";
        let at = moment(text).unwrap();
        assert_eq!((at.unix_timestamp(), moment_text(at).as_str()), (1_795_570_200, text));
        assert_eq!(minute_text(at), "2026-11-25 09:30");
        for other in [
            "2026-11-25T09:30",
            "2026-11-25T01:30Z",
            "2026-11-25T09:30:00+08:00",
            "2026-02-30T09:30+08:00",
        ] {
            assert_eq!(moment(other), None, "{other}");
        }
    }
}
