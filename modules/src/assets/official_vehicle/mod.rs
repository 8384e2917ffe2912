//! Official vehicles 公务用车: requests, orders, departure and return. What an order approves stands in the ledger of duties.

mod demo;
mod logic;
mod queries;

use std::future::ready;

use crate::definition::Logic;

/// What the files of this folder name.
pub(crate) static LOGIC: Logic = Logic {
    rules: &[("vehicle.ends_after_it_begins", logic::ends_after_it_begins)],
    derives: &[("vehicle.driven", logic::driven)],
    guards: &[("vehicle.as_requested", |act| Box::pin(logic::as_requested(act)))],
    posts: &[
        ("vehicle.dispatch", |act| Box::pin(logic::dispatch(act))),
        ("vehicle.change", |act| Box::pin(logic::change(act))),
        ("vehicle.depart", |act| Box::pin(ready(logic::depart(act)))),
        ("vehicle.return", |act| Box::pin(logic::bring_back(act))),
        ("vehicle.reassign", |act| Box::pin(logic::reassign(act))),
        ("vehicle.cancel", |act| Box::pin(logic::cancel(act))),
    ],
    demo: Some(|engine, places| Box::pin(demo::seed(engine, places))),
};
