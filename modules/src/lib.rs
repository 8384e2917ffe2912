#![doc = include_str!("../README.md")]

pub mod approval;
mod calendar;
mod dates;
mod definition;
mod document;
mod engine;
mod error;
mod ledger;
mod map;
mod sheet;
mod shipped;
mod standard;
mod view;

pub use calendar::publish_calendar;
pub use dates::today;
pub use definition::{
    Action, ButtonTone, Calendar, Change, Choice, CompiledKind, Field, FieldFault, FieldType,
    FigureDefinition, Kind, Lines, LinkRule, Module, Need, Numbering, OnDue, Phase, PlanDefinition,
    Registry, State, StepDefinition, Theme, ThemeClass, Tone, Views, Who, apply_definitions,
    pending, systems, typescript,
};
pub use document::{
    ATTACHMENT_MOST_BYTES, ActRequest, ActionTitle, Attachment, ChainFault, Comment, Condition,
    Decision, Detail, DocId, Document, DocumentLink, DocumentTitle, EventLine, FieldChange, Filter,
    KindCount, Names, NewDocument, Op, Page, Records, Related,
};
pub use engine::{DemoPlaces, Engine};
pub use error::{ModuleError, Result};
pub use ledger::closing::{Closing, NewClosing};
pub use ledger::{seat, space};
pub use map::Figure;
pub use sheet::{ImportOutcome, ImportProblem, Lang, Sheet};
pub use shipped::office_space::{
    BuildingForm, Entitlement, FloorStack, LedgerEntry, OrgArea, OverLine, PersonCase,
    PersonFinding, PersonInRoom, Reconciled, RoomLedger, RoomPart, UnitCase, UnitEntitlement, Use,
    Vacancy, VacantQuestion, VacantRoom, check_person, entitle_unit,
};
pub use standard::{
    Book, Bound, Evidence, NewEdition, Question, Ruling, Standard, StandardLine, StandardSet, Term,
    Value, list_standards, publish_standards, read_standards,
};
pub use view::SavedView;
