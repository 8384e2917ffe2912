//! The functions that definitions name: what fields, states and plans alone cannot say. A name is looked up in the module's
//! own list first, then among those that every module shares.

use std::future::Future;
use std::pin::Pin;

use serde_json::{Map, Value as Json};

use super::field::FieldFault;
use crate::document::Act;
use crate::engine::Engine;
use crate::{DemoPlaces, Result};

/// A rule over a whole body and its lines; it adds every fault it finds.
pub(crate) type Rule = fn(form: &Form<'_>, faults: &mut Vec<FieldFault>);

/// Fills in derived fields of a body from the others and the lines. Pure: the same input gives the same.
pub(crate) type Derive = fn(body: &mut Map<String, Json>, lines: &[Json]);

/// What happens within the transaction of an action: a guard that may refuse it, or a posting.
pub(crate) type Step = for<'a, 'b> fn(act: &'a mut Act<'b>) -> Stepping<'a>;

/// A step under way.
pub(crate) type Stepping<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// Writes a module's demonstration data.
pub(crate) type Demo = for<'a> fn(engine: &'a Engine, places: &'a DemoPlaces) -> DemoRun<'a>;

/// A demonstration being written: how many documents there are then.
pub(crate) type DemoRun<'a> = Pin<Box<dyn Future<Output = Result<usize>> + Send + 'a>>;

/// A form as it was typed, without what was left empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    /// Its fields.
    pub(crate) body: &'a Map<String, Json>,
    /// Its details.
    pub(crate) lines: &'a [Json],
}

/// The functions of a module.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Logic {
    /// By name in `rules`.
    pub(crate) rules: &'static [(&'static str, Rule)],
    /// By name in `derives`.
    pub(crate) derives: &'static [(&'static str, Derive)],
    /// By name in an action's `guards`.
    pub(crate) guards: &'static [(&'static str, Step)],
    /// By name in an action's `posts`.
    pub(crate) posts: &'static [(&'static str, Step)],
    /// What the demonstration shows of it.
    pub(crate) demo: Option<Demo>,
}

impl Logic {
    /// The function of a name in a list.
    pub(crate) fn find<F: Copy>(list: &[(&'static str, F)], name: &str) -> Option<F> {
        list.iter().find(|(known, _)| *known == name).map(|(_, f)| *f)
    }
}
