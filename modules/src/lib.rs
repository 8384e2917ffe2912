#![doc = include_str!("../README.md")]

pub mod approval;
mod assets;
mod definition;
mod document;
mod error;
mod ledger;
mod logistics;
mod standard;

pub use assets::office_space;
pub use definition::{
    Action, ActionName, Choice, Field, FieldFault, FieldType, KINDS, KindDefinition, LinkRule,
    Need, Phase, Rule, StateDefinition, Title, kind_of,
};
pub use document::{
    ActionTitle, ChainFault, DocId, Document, DocumentLink, EventLine, Filter, KindCount,
    NewDocument, Page, Records, act, create, get, list, open_count, records_of, verify, verify_all,
};
pub use error::{ModuleError, Result};
pub use ledger::space;
pub use logistics::repair::seed_demo;
pub use standard::{
    Book, Bound, Evidence, Question, Ruling, Standard, StandardLine, StandardSet, Term, Value,
    list_standards, publish_standards, read_standards,
};
