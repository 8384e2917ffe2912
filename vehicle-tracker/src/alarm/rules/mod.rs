//! The rules, one a file. A new one is a file and a line in `RULES`.

mod bits;
mod device_fault;
mod emergency;
mod fuel_drop;
mod fuel_level;
mod geofence;
mod off_hours;
mod offline;
mod outing;
mod over_mileage;
mod overnight_parking;
mod power_cut;
mod refuel_misfit;
mod route_deviation;
mod sealed_movement;
mod silence;
mod speeding;
mod terminal_alarm;
mod trip_without_order;

use super::rule::Rule;
use crate::fence::kept as short;

/// All rules, in the order in which they are asked.
pub const RULES: &[Rule] = &[
    emergency::RULE,
    speeding::RULE,
    geofence::RULE,
    offline::RULE,
    power_cut::RULE,
    device_fault::RULE,
    terminal_alarm::RULE,
    trip_without_order::RULE,
    off_hours::RULE,
    overnight_parking::RULE,
    sealed_movement::RULE,
    route_deviation::RULE,
    over_mileage::RULE,
    refuel_misfit::RULE,
    fuel_drop::RULE,
];

/// To a tenth: such a number is the same after a trip through JSON.
fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds between fixes are far below 2^53")]
fn as_f64(ms: i64) -> f64 {
    ms as f64
}
