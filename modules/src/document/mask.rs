//! What a viewer reads of personal fields and free text, and the way back: somebody who edits a form with masked
//! values in it and sends them as they were has not changed them.

use gis_data::{ScopeId, Viewer};
use serde_json::{Map, Value as Json};

use crate::definition::{CompiledKind, FieldFault};

/// A viewer's sight of a document.
pub(super) struct Mask<'a> {
    viewer: &'a Viewer,
    scope: ScopeId,
    kind: &'a CompiledKind,
}

impl<'a> Mask<'a> {
    pub(super) fn new(viewer: &'a Viewer, scope: ScopeId, kind: &'a CompiledKind) -> Self {
        Self { viewer, scope, kind }
    }

    /// A body or a line as it is read: personal fields masked, and numbers of people in free text too.
    pub(super) fn shown(&self, fields: Json) -> Json {
        let Json::Object(fields) = fields else { return fields };
        let shown = fields.into_iter().map(|(name, value)| {
            let value = self.shown_value(&name, value);
            (name, value)
        });
        Json::Object(shown.collect())
    }

    pub(super) fn shown_value(&self, name: &str, value: Json) -> Json {
        match value {
            // Exact numbers and days say nothing of people, and masking would take long ones for telephones.
            Json::String(text) if self.kind.is_plain_value(name) => Json::String(text),
            Json::String(text) => Json::String(self.shown_text(name, &text)),
            other => other,
        }
    }

    /// A text of a field.
    pub(super) fn shown_text(&self, name: &str, text: &str) -> String {
        match self.kind.personal(name) {
            Some(field) => self.viewer.shown(field, self.scope, text).into_owned(),
            None => self.viewer.shown_text(self.scope, text).into_owned(),
        }
    }

    /// The title that is meant.
    pub(super) fn meant_title(&self, typed: String, kept: &str) -> String {
        if typed.trim() == self.viewer.shown_text(self.scope, kept) {
            kept.to_owned()
        } else {
            typed
        }
    }

    /// The fields that are meant: what reads as the masked form of what is on file is what is on file.
    pub(super) fn meant(&self, typed: &mut Map<String, Json>, kept: &Map<String, Json>) {
        for (name, value) in typed {
            if let Some(old) = kept.get(name)
                && self.hides(name, old, value)
            {
                value.clone_from(old);
            }
        }
    }

    /// The lines that are meant. A line that has moved is found by its masked value, if only one value has that form.
    pub(super) fn meant_lines(
        &self,
        typed: &mut [Json],
        kept: &[Json],
        faults: &mut Vec<FieldFault>,
    ) {
        for (nth, line) in typed.iter_mut().enumerate() {
            let Some(fields) = line.as_object_mut() else { continue };
            for (name, value) in fields {
                let of = |line: &'_ Json| line.get(name).cloned();
                if let Some(same) = kept.get(nth).and_then(of)
                    && (same == *value || self.hides(name, &same, value))
                {
                    *value = same;
                    continue;
                }
                let mut meant: Vec<Json> =
                    kept.iter().filter_map(of).filter(|old| self.hides(name, old, value)).collect();
                meant.dedup();
                match meant.as_slice() {
                    [] => {}
                    [one] => value.clone_from(one),
                    _ => faults.push(FieldFault::new(
                        &format!("lines.{nth}.{name}"),
                        None,
                        "脱敏后的内容与多行相同，请填写完整内容",
                        "several lines read like this while masked; type it in full",
                    )),
                }
            }
        }
    }

    /// Whether this is the masked form of a value on file, and not the value.
    fn hides(&self, name: &str, kept: &Json, typed: &Json) -> bool {
        kept.is_string() && kept != typed && self.shown_value(name, kept.clone()) == *typed
    }
}
