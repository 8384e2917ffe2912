//! A fix cannot come from the future, nor from before satellites were open to everybody.

use time::format_description::well_known::Rfc3339;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::decode::Reading;
use crate::reason::{Fault, Reason};

const AHEAD_LIMIT: Duration = Duration::minutes(5);
const FIRST: OffsetDateTime = datetime!(2000-01-01 00:00 UTC);

/// Refuses more than five minutes ahead of the server's clock, and anything before the year 2000.
pub(crate) fn clock(reading: &Reading, now: OffsetDateTime) -> Result<(), Fault> {
    let told = || reading.fix_time.format(&Rfc3339).unwrap_or_default();
    if reading.fix_time > now + AHEAD_LIMIT {
        let ahead_s = (reading.fix_time - now).whole_seconds();
        let detail = format!("{} is {ahead_s} s ahead, the limit is 300 s", told());
        return Err(Fault::new(Reason::Future, detail));
    }
    if reading.fix_time < FIRST {
        return Err(Fault::new(Reason::TooOld, format!("{} is before 2000-01-01", told())));
    }
    Ok(())
}
