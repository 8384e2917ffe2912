//! An action under way: what guards and postings read and change, within one transaction.

use std::collections::BTreeSet;

use gis_data::{FeatureId, OrgId, Tx, Viewer};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Map, Value as Json};
use time::{Date, OffsetDateTime};

use super::DocId;
use super::decision::Decision;
use super::event::Content;
use crate::dates::{day, moment};
use crate::definition::{FieldFault, decimal};
use crate::engine::Engine;
use crate::ledger::space::{Period, Posting};
use crate::{ModuleError, Result};

/// An action on a document, within its transaction.
pub(crate) struct Act<'a> {
    /// What it is done by.
    pub(crate) engine: &'a Engine,
    /// The transaction.
    pub(crate) tx: &'a mut Tx,
    /// Who acts; at the end of an approval, whoever decided.
    pub(crate) viewer: &'a Viewer,
    /// The document.
    pub(crate) doc_id: DocId,
    /// What was asked for with it.
    pub(crate) patch: &'a Map<String, Json>,
    /// The document as it will be.
    pub(crate) content: Content,
    /// The places it hangs off.
    pub(crate) places: Vec<FeatureId>,
    /// The day of the event, in Beijing.
    pub(crate) today: Date,
    /// Standards that judged it.
    pub(crate) decisions: Vec<Decision>,
}

impl Act<'_> {
    /// Its details.
    pub(crate) fn lines(&self) -> &[Json] {
        &self.content.lines
    }

    /// Writes a derived field.
    pub(crate) fn set(&mut self, field: &str, value: Json) {
        self.content.body.insert(field.to_owned(), value);
    }

    /// A text of the body, or of the patch where the body has none.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.value(field)?.as_str()
    }

    /// A day.
    pub(crate) fn day(&self, field: &str) -> Option<Date> {
        self.text(field).and_then(day)
    }

    /// A moment.
    pub(crate) fn moment(&self, field: &str) -> Option<OffsetDateTime> {
        self.text(field).and_then(moment)
    }

    /// The key of something.
    pub(crate) fn key(&self, field: &str) -> Option<i64> {
        self.value(field)?.as_i64()
    }

    /// An exact number.
    pub(crate) fn decimal(&self, field: &str) -> Option<Decimal> {
        self.text(field)?.parse().ok()
    }

    /// An organisation.
    pub(crate) fn org(&self, field: &str) -> Option<OrgId> {
        self.value(field)?.as_i64().map(OrgId)
    }

    /// An organisation that has to be there.
    pub(crate) fn must_org(&self, field: &str) -> Result<OrgId> {
        self.org(field).ok_or_else(|| lacking(field))
    }

    /// An area in square centimetres.
    pub(crate) fn cm2(&self, field: &str) -> Option<i64> {
        cm2_of(self.value(field)?)
    }

    /// From a field's day, or today, to before another field's day, or without end.
    pub(crate) fn period(&self, from: &str, until: &str) -> Result<Period> {
        let period = Period { from: self.day(from).unwrap_or(self.today), until: self.day(until) };
        if period.has_days() {
            Ok(period)
        } else {
            Err(ModuleError::Invalid(vec![FieldFault::new(
                &format!("body.{until}"),
                None,
                "截止日期应晚于起始日期",
                "must be later than the day it begins",
            )]))
        }
    }

    /// Rooms of a field of the lines with an area each; without lines, the places, each with what `whole` says.
    pub(crate) fn line_areas(&self, room: &str, area: &str) -> Vec<(FeatureId, Option<i64>)> {
        if self.content.lines.is_empty() {
            return self.places.iter().map(|p| (*p, None)).collect();
        }
        let of = |line: &Json| {
            Some((FeatureId(line.get(room)?.as_i64()?), line.get(area).and_then(cm2_of)))
        };
        self.content.lines.iter().filter_map(of).collect()
    }

    /// Writes into each line how large a part of its room was meant.
    pub(crate) fn set_line_areas(&mut self, room: &str, area: &str, cm2: &[(FeatureId, i64)]) {
        for line in self.content.lines.iter_mut().filter_map(Json::as_object_mut) {
            let of = line.get(room).and_then(Json::as_i64).map(FeatureId);
            if let Some((_, cm2)) = cm2.iter().find(|(room, _)| Some(*room) == of) {
                line.insert(area.to_owned(), Json::String(area_text(*cm2)));
            }
        }
    }

    /// The same rooms as a set.
    pub(crate) fn rooms(&self, room: &str) -> BTreeSet<FeatureId> {
        self.line_areas(room, "area").into_iter().map(|r| r.0).collect()
    }

    /// The posting of this action for a purpose.
    pub(crate) fn posting<'p>(&self, purpose: &'p str) -> Posting<'p> {
        Posting { doc_id: self.doc_id, purpose, revision: self.content.revision, reverses: None }
    }

    fn value(&self, field: &str) -> Option<&Json> {
        self.patch.get(field).or_else(|| self.content.body.get(field))
    }
}

/// Square centimetres as square metres in a text, exact.
pub(crate) fn area_text(cm2: i64) -> String {
    Decimal::new(cm2, 4).normalize().to_string()
}

/// Square metres as a text, in square centimetres.
pub(crate) fn cm2_of(value: &Json) -> Option<i64> {
    (decimal(value.as_str()?, 4)? * Decimal::from(10_000)).to_i64()
}

/// The fault of a field that a posting needs.
pub(crate) fn lacking(field: &str) -> ModuleError {
    ModuleError::Invalid(vec![FieldFault::new(
        &format!("body.{field}"),
        None,
        "此操作需要填写这一项",
        "this action needs it",
    )])
}
