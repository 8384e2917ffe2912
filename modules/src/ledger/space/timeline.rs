//! A quantity over time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

/// From a day, to before another day or without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The first day after it.
    pub until: Option<Date>,
}

impl Period {
    /// From a day on.
    pub fn since(from: Date) -> Self {
        Self { from, until: None }
    }

    /// Whether there is a day in it.
    pub fn has_days(self) -> bool {
        self.until.is_none_or(|until| self.from < until)
    }

    /// The part of it from a day on.
    pub fn after(self, day: Date) -> Option<Self> {
        let rest = Self { from: self.from.max(day), until: self.until };
        rest.has_days().then_some(rest)
    }
}

/// A step function: the days on which it changes, and by how much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    changes: BTreeMap<Date, i64>,
}

impl Timeline {
    /// Adds so much over a period.
    pub fn add(&mut self, period: Period, amount: i64) {
        self.change(period.from, amount);
        if let Some(until) = period.until {
            self.change(until, -amount);
        }
    }

    /// Adds another one, `times` over.
    pub fn add_all(&mut self, other: &Self, times: i64) {
        for (day, change) in &other.changes {
            self.change(*day, change * times);
        }
    }

    /// The stretches on which it is not 0, in order, as long as can be.
    pub fn pieces(&self) -> Vec<(Period, i64)> {
        let mut pieces = Vec::with_capacity(self.changes.len());
        let mut sum = 0;
        let mut days = self.changes.iter().peekable();
        while let Some((from, change)) = days.next() {
            sum += change;
            if sum != 0 {
                let until = days.peek().map(|(day, _)| **day);
                pieces.push((Period { from: *from, until }, sum));
            }
        }
        pieces
    }

    /// The first day on which it is below 0, and how far.
    pub fn below_zero(&self) -> Option<(Date, i64)> {
        self.pieces().into_iter().find(|piece| piece.1 < 0).map(|(period, sum)| (period.from, -sum))
    }

    /// Its value on a day.
    pub fn on(&self, day: Date) -> i64 {
        self.changes.range(..=day).map(|(_, change)| change).sum()
    }

    /// The days on which it changes.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        self.changes.keys().copied()
    }

    fn change(&mut self, day: Date, amount: i64) {
        let sum = self.changes.entry(day).or_default();
        *sum += amount;
        if *sum == 0 {
            self.changes.remove(&day);
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn pieces_are_as_long_as_can_be() {
        let mut line = Timeline::default();
        let (spring, summer) = (date!(2026 - 3 - 1), date!(2026 - 6 - 1));
        line.add(Period { from: spring, until: Some(summer) }, 5);
        line.add(Period::since(summer), 5);
        assert_eq!(line.pieces(), [(Period::since(spring), 5)]);
        line.add(Period::since(summer), -7);
        assert_eq!(line.below_zero(), Some((summer, 2)));
        assert_eq!((line.on(date!(2026 - 2 - 28)), line.on(spring), line.on(summer)), (0, 5, -2));
        line.add(Period { from: spring, until: Some(summer) }, -5);
        line.add(Period::since(summer), 2);
        assert_eq!(line, Timeline::default());
    }
}
