//! Office space 办公用房 (M01): who may use how much, who does, and how it comes and goes.

mod demo;
mod entitlement;
mod logic;
mod queries;
mod question;

pub use entitlement::{
    BuildingForm, PersonCase, PersonFinding, UnitCase, UnitEntitlement, check_person, entitle_unit,
};
pub use question::{
    Entitlement, FloorStack, LedgerEntry, OrgArea, OverLine, PersonInRoom, Reconciled, RoomLedger,
    RoomPart, Use, Vacancy, VacantQuestion, VacantRoom,
};

use crate::definition::Logic;

/// What the files of this folder name.
pub(crate) static LOGIC: Logic = Logic {
    rules: &[
        ("earlier_ways_first", logic::earlier_ways_first),
        ("each_room_once", logic::each_room_once),
    ],
    derives: &[("sum_posts", logic::sum_posts), ("sum_area", logic::sum_area)],
    guards: &[
        ("office.judge_unit", |act| Box::pin(logic::judge_unit(act))),
        ("office.within_entitlement", |act| Box::pin(logic::within_entitlement(act))),
    ],
    posts: &[
        ("office.establish", |act| Box::pin(logic::establish(act))),
        ("office.judge_person", |act| Box::pin(logic::judge_person(act))),
        ("office.occupy", |act| Box::pin(logic::occupy(act))),
        ("office.leave", |act| Box::pin(logic::leave(act))),
        ("office.reclaim", |act| Box::pin(logic::reclaim(act))),
    ],
    demo: Some(|engine, places| Box::pin(demo::seed(engine, places))),
};
