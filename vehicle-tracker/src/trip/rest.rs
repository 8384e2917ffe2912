//! A vehicle at rest: a stop, or a wait that may become one.

use serde::{Deserialize, Serialize};

use super::course::{Kept, Tally};
use super::finding::{Begun, Stop};
use super::ground::Spot;

/// Of so many positions the median is taken at most.
const MOST_SAMPLES: usize = 64;

/// A stop whose end is not certain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Rest {
    pub(super) start: Kept,
    pub(super) begun: Begun,
    /// About this place it is at rest: its first position until it lasted as long as a stop does, then
    /// the median of its positions until that moment.
    pub(super) centre: Spot,
    /// Where the stop began. The centre follows a vehicle that is moved about a yard, this does not.
    pub(super) home: Spot,
    pub(super) settled: Settled,
    pub(super) samples: Samples,
}

/// Whether the centre of a stop is its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Settled {
    /// It is still the first position.
    Not,
    /// It is a median.
    Yes,
}

impl Rest {
    /// A vehicle of which nothing is known before this position.
    pub(super) fn first_seen(at: Kept) -> Self {
        Self {
            start: at,
            begun: Begun::FirstSeen,
            centre: at.spot,
            home: at.spot,
            settled: Settled::Not,
            samples: Samples::of(at.spot),
        }
    }

    /// It fell silent in one place and spoke again in another, too near for a trip.
    pub(super) fn in_silence(from: Kept, to: Kept) -> Self {
        let mut samples = Samples::of(from.spot);
        samples.add(to.spot);
        Self {
            start: from,
            begun: Begun::Arrived,
            centre: to.spot,
            home: from.spot,
            settled: Settled::Yes,
            samples,
        }
    }

    /// A wait that lasted long enough.
    pub(super) fn of_wait(wait: Wait) -> Self {
        let centre = wait.samples.median();
        Self {
            start: wait.start,
            begun: Begun::Arrived,
            centre,
            home: centre,
            settled: Settled::Yes,
            samples: wait.samples,
        }
    }

    /// Another position at rest here.
    pub(super) fn stay(&mut self, at: Kept, stop_ms: i64) {
        self.samples.add(at.spot);
        if self.settled == Settled::Not && at.ms - self.start.ms >= stop_ms {
            self.centre = self.samples.median();
            self.home = self.centre;
            self.settled = Settled::Yes;
        }
    }

    /// The stop until a position at which it was at rest.
    pub(super) fn until(&self, end: Kept) -> Stop {
        let on = self.start.on_ms.zip(end.on_ms);
        Stop {
            start_ms: self.start.ms,
            end_ms: end.ms,
            place: self.samples.median().place(),
            begun: self.begun,
            ignition_on_ms: on.map(|(start, end)| end - start),
            points: end.nth - self.start.nth + 1,
        }
    }
}

/// A wait on the way: it becomes a stop when it lasts, else it was a red light.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Wait {
    pub(super) start: Kept,
    /// What the trip had come to when the wait began.
    pub(super) tally: Tally,
    pub(super) samples: Samples,
}

impl Wait {
    pub(super) fn begin(start: Kept, tally: Tally) -> Self {
        Self { start, tally, samples: Samples::of(start.spot) }
    }
}

/// Positions for a median: all while they are few, then every second, every fourth and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Samples {
    spots: Vec<Spot>,
    /// Every so manyth position is taken, as a power of two.
    stride: u8,
    /// Positions until the next one that is taken.
    skip: u32,
}

impl Samples {
    fn of(spot: Spot) -> Self {
        Self { spots: vec![spot], stride: 0, skip: 0 }
    }

    pub(super) fn add(&mut self, spot: Spot) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.spots.len() == MOST_SAMPLES {
            let mut even = false;
            self.spots.retain(|_| {
                even = !even;
                even
            });
            self.stride = (self.stride + 1).min(30);
        }
        self.spots.push(spot);
        self.skip = (1 << self.stride) - 1;
    }

    /// Longitude and latitude each for itself; of an even number the mean of the two in the middle.
    pub(super) fn median(&self) -> Spot {
        let Some(&first) = self.spots.first() else {
            return Spot { lon_e7: 0, lat_e7: 0 };
        };
        let east = middle(self.spots.iter().map(|spot| first.east_e7(*spot)));
        let north = middle(self.spots.iter().map(|spot| spot.lat_e7 - first.lat_e7));
        first.moved(east, north)
    }
}

fn middle(values: impl Iterator<Item = i32>) -> i32 {
    let mut sorted = [i32::MAX; MOST_SAMPLES];
    let mut count = 0;
    for (slot, value) in sorted.iter_mut().zip(values) {
        *slot = value;
        count += 1;
    }
    let sorted = &mut sorted[..count];
    sorted.sort_unstable();
    let (low, high) = (sorted[(count - 1) / 2], sorted[count / 2]);
    low + (high - low) / 2
}
