//! What each step of a position's way costs, for metrics: how often, how long in all, and how the times are spread.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde::Serialize;

/// A step of the way from a terminal's bytes to what people see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A message is decoded and judged. Processor time.
    Decode,
    /// A message waits for a transaction to take it.
    Wait,
    /// A transaction writes a batch and is on the disk.
    Commit,
    /// A batch is shown to the live state. Processor time.
    Show,
    /// The trips and alarms of a vehicle's new positions are worked out. Processor time.
    Judge,
    /// What became of them is written, with the latest positions.
    Keep,
}

impl Step {
    /// In the order of [`Step`].
    const NAMES: [&str; 6] = ["decode", "wait", "commit", "show", "judge", "keep"];
}

/// Upper bounds of the classes of times, in microseconds; longer ones have a class of their own.
const BOUNDS_US: [u64; 13] =
    [5, 20, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000, 2_000_000];

#[derive(Debug, Default)]
struct Times {
    classes: [AtomicU64; BOUNDS_US.len() + 1],
    sum_ns: AtomicU64,
}

/// The times of all steps.
#[derive(Debug, Default)]
pub(crate) struct Steps([Times; Step::NAMES.len()]);

/// One look at a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepTimes {
    /// Its stable name.
    pub step: &'static str,
    /// How often it was done.
    pub count: u64,
    /// How long in all. Seconds.
    pub seconds: f64,
    /// How many took at most so many seconds.
    pub at_most: Vec<(f64, u64)>,
}

impl Steps {
    pub(crate) fn count(&self, step: Step, took: Duration) {
        let times = &self.0[step as usize];
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        times.classes[BOUNDS_US.partition_point(|bound| *bound < us)].fetch_add(1, Relaxed);
        times.sum_ns.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Does something and counts how long it took.
    pub(crate) fn time<T>(&self, step: Step, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = work();
        self.count(step, began.elapsed());
        done
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds of a bound, nanoseconds of years")]
    pub(crate) fn snapshot(&self) -> Vec<StepTimes> {
        let look = |(step, times): (&'static str, &Times)| {
            let mut count = 0;
            let mut at_most = Vec::with_capacity(BOUNDS_US.len());
            for (bound, class) in BOUNDS_US.iter().zip(&times.classes) {
                count += class.load(Relaxed);
                at_most.push((*bound as f64 / 1e6, count));
            }
            count += times.classes[BOUNDS_US.len()].load(Relaxed);
            let seconds = times.sum_ns.load(Relaxed) as f64 / 1e9;
            StepTimes { step, count, seconds, at_most }
        };
        Step::NAMES.into_iter().zip(&self.0).map(look).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_counts_in_every_class_from_its_own_up() {
        let steps = Steps::default();
        for us in [3, 5, 6, 40_000, 9_000_000] {
            steps.count(Step::Commit, Duration::from_micros(us));
        }
        let commit = steps.snapshot().into_iter().find(|times| times.step == "commit").unwrap();
        let counts: Vec<u64> = commit.at_most.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4], "{commit:?}");
        assert_eq!(commit.count, 5);
        assert!((commit.seconds - 9.040_014).abs() < 1e-9, "{commit:?}");
    }
}
