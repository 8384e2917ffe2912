//! What kinds of documents there are: definitions are files, compiled at the start into validators, forms, lists, relations
//! and transitions. `file -> Kind -> sound -> CompiledKind`.

mod field;
mod judge;
mod kind;
mod logic;
mod module;
mod plan;
pub(crate) mod queries;
mod registry;
mod schema;
mod sound;
mod tables;
mod typescript;
mod upcast;

pub use field::{Choice, Field, FieldFault, FieldType, Need};
pub(crate) use judge::{Stage, without_nulls};
pub use kind::{
    Action, ButtonTone, Calendar, Kind, Lines, LinkRule, Numbering, OnDue, Phase, PlanDefinition,
    State, StepDefinition, Tone, Views, Who,
};
pub(crate) use logic::{Form, Logic};
pub use module::{FigureDefinition, Module, Theme, ThemeClass, systems};
pub use plan::{Change, apply as apply_definitions, pending};
pub(crate) use registry::Shipped;
pub use registry::{CompiledKind, Registry};
pub(crate) use schema::decimal;
pub(crate) use tables::UPCAST_BODY;
pub use typescript::typescript;
