//! Trips, stops and mileage: one step a position, and one answer whatever window is asked for. Pure
//! values: no clock, no database.
//!
//! A vehicle's time is a chain of stops and trips; where one ends the next begins.
//! - It is **at rest** while it stays within a circle. A rest begins with a leg slower than a walk, at
//!   the beginning of that leg, and is a stop once it has lasted. Traccar's newer logic stamps a stop at
//!   the end of the quiet time, so each of its trips is some minutes too long; here it is the beginning.
//! - It **left** at the end of its last slow leg within the circle, which becomes certain when it has
//!   gone as far, or as long, as a trip goes. Until then it counts as standing: what a parked
//!   receiver dreams up does not end a stop.
//! - **Distance** is measured along kept positions on the ellipsoid. At a stop nothing counts; of a wait
//!   on the way, the distance between its beginning and its end.
//! - A **silence** that ends far away is a trip with a gap; one that ends where it began is rest.
//! - **Drift** is a position faster than any vehicle from the last kept one. Three in a row that agree
//!   with each other are believed: then the receiver leapt, and no distance counts.

mod course;
mod drift;
mod driving;
mod finding;
mod fuel;
mod ground;
mod line;
mod rest;
mod rules;
#[cfg(test)]
mod tests;

pub use driving::{Arrival, Driving, Step};
pub use finding::{Begun, Finding, Open, Refuel, Stop, Trip};
pub use line::Vertex;
pub use rules::TripRules;
