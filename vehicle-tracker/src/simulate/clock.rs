//! A terminal's clock: never quite right, and sometimes another one from one second to the next.

use std::ops::RangeInclusive;

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

const SECOND_MS: i64 = 1_000;
/// Nearly right.
const SECONDS_OFF_MS: RangeInclusive<i64> = -2 * SECOND_MS..=2 * SECOND_MS;
/// Ten minutes slow to three minutes fast: the server takes all of it.
const MINUTES_OFF_MS: RangeInclusive<i64> = -600 * SECOND_MS..=180 * SECOND_MS;
/// Ten minutes to an hour fast: the server refuses it.
const FAR_AHEAD_MS: RangeInclusive<i64> = 600 * SECOND_MS..=3_600 * SECOND_MS;
/// What lost its time counts from the beginning again; six hours on it would be in the year 2000.
const LOST_SPAN_MS: i64 = 6 * 3_600 * SECOND_MS;

/// Where a clock that has lost its time begins to count, in epoch milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// 1970: of those that count milliseconds.
    Epoch,
    /// The first second of 2000 in GMT+8: of JT/T 808, which writes two digits of a year.
    Century,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    origin: Origin,
    going: Going,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Going {
    Off { by_ms: i64 },
    Lost { since_ms: i64 },
}

impl Clock {
    /// Off by minutes with this chance, else by seconds.
    pub(super) fn new(origin: Origin, skew_share: f64, rng: &mut ChaCha8Rng) -> Self {
        let (minutes, chance) = (rng.random_range(MINUTES_OFF_MS), rng.random::<f64>());
        let seconds = rng.random_range(SECONDS_OFF_MS);
        let by_ms = if chance < skew_share { minutes } else { seconds };
        Self { origin, going: Going::Off { by_ms } }
    }

    /// Becomes another clock.
    pub(super) fn jump(&mut self, now_ms: i64, rng: &mut ChaCha8Rng) {
        self.going = match rng.random_range(0..10) {
            0..=4 => Going::Off { by_ms: rng.random_range(SECONDS_OFF_MS) },
            5..=7 => Going::Off { by_ms: rng.random_range(MINUTES_OFF_MS) },
            8 => Going::Off { by_ms: rng.random_range(FAR_AHEAD_MS) },
            _ => Going::Lost { since_ms: now_ms },
        };
    }

    /// What it says at a moment, both in epoch milliseconds.
    pub(super) fn says(&self, now_ms: i64) -> i64 {
        match self.going {
            Going::Off { by_ms } => now_ms + by_ms,
            Going::Lost { since_ms } => {
                let begins = match self.origin {
                    Origin::Epoch => 0,
                    Origin::Century => 946_656_000_000,
                };
                begins + (now_ms - since_ms).rem_euclid(LOST_SPAN_MS)
            }
        }
    }
}
