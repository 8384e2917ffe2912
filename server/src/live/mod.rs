//! The live state of vehicles as tiles and as what the live stream tells.

mod fleet;
mod wire;

use time::OffsetDateTime;

pub(crate) use fleet::FleetSource;
pub(crate) use wire::{Format, told};

/// Milliseconds of the server's clock.
pub(crate) fn now_ms() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
