//! For when an order gives a vehicle, and whether that was said in time.

use time::{Duration, OffsetDateTime};

/// An order for now is typed after the minute that it names.
const GRACE: Duration = Duration::minutes(15);

/// From a moment up to, but not including, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) from: OffsetDateTime,
    pub(crate) until: OffsetDateTime,
}

/// 补单: whether an order approves moments that had passed when it was posted. What it had approved before was in time.
pub(crate) fn is_late(before: Option<Given>, after: Given, now: OffsetDateTime) -> bool {
    let has_passed = |at: OffsetDateTime| at + GRACE < now;
    match before {
        None => has_passed(after.from),
        Some(before) => {
            (after.from < before.from && has_passed(after.from))
                || (after.until > before.until && has_passed(before.until))
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn given(from: u8, until: u8) -> Given {
        let at = |hour| datetime!(2026-11-25 0:00 +8) + Duration::hours(i64::from(hour));
        Given { from: at(from), until: at(until) }
    }

    #[test]
    fn an_order_after_its_beginning_is_late_and_one_for_now_is_not() {
        let order = given(9, 12);
        for (now, late) in [
            (datetime!(2026-11-24 17:00 +8), false),
            (datetime!(2026-11-25 9:15 +8), false),
            (datetime!(2026-11-25 9:16 +8), true),
            (datetime!(2026-11-26 8:00 +8), true),
        ] {
            assert_eq!(is_late(None, order, now), late, "{now}");
        }
    }

    #[test]
    fn an_extension_is_late_when_the_time_had_run_out() {
        let at = |text: u8| datetime!(2026-11-25 0:00 +8) + Duration::hours(i64::from(text));
        assert!(!is_late(Some(given(9, 12)), given(9, 18), at(11)));
        assert!(is_late(Some(given(9, 12)), given(9, 18), at(13)));
        assert!(
            is_late(Some(given(9, 12)), given(8, 12), at(10)),
            "an earlier beginning, afterwards"
        );
        assert!(!is_late(Some(given(9, 12)), given(10, 11), at(20)), "less than before");
    }
}
