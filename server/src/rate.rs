//! How many requests one person, or one address that nobody has signed in from, may make: a program that has gone wild
//! must not take the map from everybody else.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::StatusCode;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::{ApiError, ApiResult};

/// Far above what a map that is dragged about asks for.
pub(crate) const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(500).unwrap();
/// What is saved up while nothing is asked, in seconds.
const BURST_S: u32 = 4;
/// One change weighs as much as so many reads: it is written, sealed and told to everybody.
const READS_PER_WRITE: u32 = 25;

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Asking {
    /// An account, from wherever.
    User(i64),
    /// Before anybody is known.
    Address(String),
}

/// The counters of this server.
pub(crate) struct Limits {
    reads: DefaultKeyedRateLimiter<Asking>,
    writes: DefaultKeyedRateLimiter<Asking>,
    clock: DefaultClock,
}

impl Limits {
    /// So many reads a second for each, and as many changes as weigh the same.
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        let writes = NonZeroU32::new(per_second.get() / READS_PER_WRITE).unwrap_or(NonZeroU32::MIN);
        Self {
            reads: RateLimiter::keyed(quota(per_second)),
            writes: RateLimiter::keyed(quota(writes)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts one request; a problem with the time to wait when it is one too many.
    pub(crate) fn count(&self, asking: &Asking, is_read: bool) -> ApiResult<()> {
        let counter = if is_read { &self.reads } else { &self.writes };
        counter
            .check_key(asking)
            .map_err(|not_until| too_many(not_until.wait_time_from(self.clock.now())))
    }

    /// Drops the counters of those who have been quiet.
    pub(crate) fn forget_idle(&self) {
        self.reads.retain_recent();
        self.writes.retain_recent();
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(REQUESTS_PER_SECOND)
    }
}

fn quota(per_second: NonZeroU32) -> Quota {
    let burst = per_second.saturating_mul(NonZeroU32::new(BURST_S).unwrap_or(NonZeroU32::MIN));
    Quota::per_second(per_second).allow_burst(burst)
}

fn too_many(wait: Duration) -> ApiError {
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-requests",
        ("请求过于频繁", "Too many requests"),
        (
            "请求过于频繁，请稍候再试；程序请降低请求速率",
            "too many requests in a short time; wait a moment, and let programs ask more slowly",
        ),
    )
    .retry_after(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_much_waits_and_others_do_not() {
        let limits = Limits::new(NonZeroU32::new(50).unwrap());
        let (wild, calm) = (Asking::User(1), Asking::Address("10.0.0.7".to_owned()));
        let taken = (0..1_000).filter(|_| limits.count(&wild, true).is_ok()).count();
        assert!((200..260).contains(&taken), "{taken} of a burst of 200");
        let refusal = limits.count(&wild, true).unwrap_err();
        assert_eq!(refusal.code(), "too-many-requests");
        assert!(limits.count(&calm, true).is_ok());
        let written = (0..100).filter(|_| limits.count(&calm, false).is_ok()).count();
        assert!((8..=10).contains(&written), "{written} of a burst of 8");
    }
}
