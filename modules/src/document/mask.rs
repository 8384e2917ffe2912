//! What a viewer reads of personal fields and free text, and the way back: somebody who edits a form with masked
//! values in it and sends them as they were has not changed them.

use std::collections::{BTreeMap, BTreeSet};

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

    /// The lines that are meant. A line sent as it was read is the line on file, wherever it stands now; of a line that was
    /// changed, each masked value is the one on file that reads like it. Where several do, the line's own place decides as
    /// long as no line has moved, and else it is a fault: nobody's name is given to somebody else.
    pub(super) fn meant_lines(
        &self,
        typed: &mut [Json],
        kept: &[Json],
        faults: &mut Vec<FieldFault>,
    ) {
        let read: Vec<Json> = kept.iter().map(|line| self.shown(line.clone())).collect();
        let places = standing(typed, &read);
        let mut free: BTreeSet<usize> = (0..kept.len()).collect();
        free.retain(|at| !places.contains(&Some(*at)));
        let has_moved = typed.len() < kept.len()
            || places.iter().enumerate().any(|(nth, place)| place.is_some_and(|at| at != nth));
        for (nth, (place, line)) in places.into_iter().zip(typed).enumerate() {
            let at = format!("lines.{nth}");
            match place.and_then(|at| Some((at, kept.get(at)?))) {
                // One that reads the same is left over: who knows which of the two was taken away.
                Some((own, value))
                    if free
                        .iter()
                        .any(|f| read.get(*f) == read.get(own) && kept.get(*f) != Some(value)) =>
                {
                    faults.push(alike(&at));
                }
                Some((_, value)) => value.clone_into(line),
                None => {
                    let own = Some(nth).filter(|nth| !has_moved && free.contains(nth));
                    self.meant_line(&at, line, own, kept, &free, faults);
                }
            }
        }
    }

    /// A line that was changed, or is new: `own` is the line that stood in its place, `free` are those that no other line is.
    fn meant_line(
        &self,
        at: &str,
        line: &mut Json,
        own: Option<usize>,
        kept: &[Json],
        free: &BTreeSet<usize>,
        faults: &mut Vec<FieldFault>,
    ) {
        for (name, value) in line.as_object_mut().into_iter().flatten() {
            let of =
                |nth: usize| kept.get(nth)?.get(name).filter(|old| self.hides(name, old, value));
            let held: BTreeMap<String, &Json> =
                free.iter().filter_map(|nth| of(*nth)).map(|old| (old.to_string(), old)).collect();
            let meant = match (own.and_then(of), held.len()) {
                (Some(own), _) => Some(own),
                (None, 1) => held.into_values().next(),
                _ => None,
            };
            match meant.cloned() {
                Some(meant) => *value = meant,
                // Of several, or copied from a line that is still there.
                None if (0..kept.len()).any(|nth| of(nth).is_some()) => {
                    faults.push(alike(&format!("{at}.{name}")));
                }
                None => {}
            }
        }
    }

    /// Whether this is the masked form of a value on file, and not the value.
    fn hides(&self, name: &str, kept: &Json, typed: &Json) -> bool {
        kept.is_string() && kept != typed && self.shown_value(name, kept.clone()) == *typed
    }
}

/// Which line on file each typed line is, if it was sent as it was read: those that stand where they stood come first; of
/// lines that read alike, the others are taken in their order.
fn standing(typed: &[Json], read: &[Json]) -> Vec<Option<usize>> {
    let mut free: BTreeSet<usize> = (0..read.len()).collect();
    let mut places: Vec<Option<usize>> = Vec::with_capacity(typed.len());
    for (nth, line) in typed.iter().enumerate() {
        places.push((read.get(nth) == Some(line) && free.remove(&nth)).then_some(nth));
    }
    for (place, line) in places.iter_mut().zip(typed).filter(|(place, _)| place.is_none()) {
        *place = free.iter().copied().find(|at| read.get(*at) == Some(line));
        place.map(|at| free.remove(&at));
    }
    places
}

fn alike(field: &str) -> FieldFault {
    FieldFault::new(
        field,
        None,
        "脱敏后的内容与多行相同，请填写完整内容，或由能查看明文的人员修改",
        "several lines read like this while masked: type it in full, or let somebody change it who reads it in clear",
    )
}
