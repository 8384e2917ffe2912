//! Alarms: what a vehicle must not do, judged from the order of its points.
//!
//! Each rule is a value in `RULES` and a file in `rules/`. Pure: no clock, no database. The caller
//! feeds time as ticks; when a late fix came, it feeds the same inputs with it again, from a stored
//! [`Watch`], and compares the [`episodes`] of both by their keys ([`differences`]).

mod calendar;
mod episode;
mod finding;
mod input;
mod rule;
mod rules;
#[cfg(test)]
mod scene;
mod setting;
#[cfg(test)]
mod tests;
mod threshold;
mod watch;

pub use calendar::{Calendar, Day, Hours};
pub use episode::{Difference, Episode, differences, episodes};
pub use finding::{Change, Finding, Key};
pub use input::{Event, Input};
pub use rule::{Level, Rule};
pub use rules::RULES;
pub use setting::{DriverId, Duty, DutyId, Period, Seal, Setting};
pub use threshold::{Origin, Threshold, Thresholds, Used};
pub use watch::Watch;
