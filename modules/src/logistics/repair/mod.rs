//! Repair tickets 报修: something in a room or building is broken, somebody is told to mend it, and
//! says when it is done.

mod demo;
mod logic;

use crate::definition::Logic;

/// What `repair.toml` names.
pub(crate) static LOGIC: Logic = Logic {
    rules: &[("other_needs_a_sentence", logic::other_needs_a_sentence)],
    derives: &[],
    guards: &[],
    posts: &[],
    demo: Some(|engine, places| Box::pin(demo::seed(engine, places))),
};
