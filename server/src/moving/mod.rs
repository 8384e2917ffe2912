//! Moving features as OGC API - Moving Features (22-003r3) and MF-JSON (19-045r3) have them. Pure: what is asked for, how positions
//! make pieces, and how pieces are written.

mod answer;
mod asked;
mod course;
mod mfjson;

pub(crate) use answer::{Reading, SOURCES, Source, Wanted, always, moment_of, span};
pub(crate) use asked::{Asked, Parameter, Takes, pairs};
pub(crate) use mfjson::{instant, moving_point};
