//! The history of a document: each event carries a hash over itself and the one before, so that a
//! changed, missing or swapped event shows, and the document itself is the fold of its events.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::DocId;
use crate::definition::{Action, Kind};

/// The action of every first event.
pub(super) const CREATE: &str = "create";

/// One event as it is stored.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub(super) struct Event {
    pub doc_id: DocId,
    pub seq: i32,
    pub action: String,
    pub actor: String,
    pub patch: Json,
    pub at: OffsetDateTime,
    pub prev_hash: String,
    pub hash: String,
}

/// What events fold to: everything of a document that people decide.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) body: Map<String, Json>,
    pub(crate) lines: Vec<Json>,
    pub(crate) revision: i32,
    /// Of the definition that it was last written by.
    pub(crate) version: i32,
}

/// The key in an event's patch under which it says what it made of the document. What a person typed stands beside it.
const EFFECT: &str = "$";

/// What an event makes of a document: enough to fold a history without the definitions of its days.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Effect {
    /// The state after it.
    pub(super) to: String,
    /// The version of the definition after it.
    pub(super) version: i32,
    /// A new title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// Fields that have a new value.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) set: Map<String, Json>,
    /// Fields that are not any more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unset: Vec<String>,
    /// All lines, if any has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lines: Option<Vec<Json>>,
}

/// What is wrong with a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// There is no event at all.
    #[error("there is no event")]
    Empty,
    /// An event is missing or stands twice.
    #[error("event {expected} is missing, event {found} stands in its place")]
    Gap {
        /// The number that should come.
        expected: i32,
        /// The number that came.
        found: i32,
    },
    /// An event does not name the hash of the one before it.
    #[error("event {0} does not follow from the one before it")]
    Unlinked(i32),
    /// An event's content is not what was hashed.
    #[error("event {0} was changed after it was written")]
    Altered(i32),
    /// The document is not what its events add up to.
    #[error("the document is not what its events add up to")]
    Unfounded,
}

impl Event {
    /// The next link of a chain; `prev_hash` is empty for the first.
    pub(super) fn sealed(
        doc_id: DocId,
        seq: i32,
        action: &str,
        actor: &str,
        patch: Json,
        at: OffsetDateTime,
        prev_hash: String,
    ) -> Self {
        let mut event = Self {
            doc_id,
            seq,
            action: action.to_owned(),
            actor: actor.to_owned(),
            patch,
            at,
            prev_hash,
            hash: String::new(),
        };
        event.hash = event.digest();
        event
    }

    /// SHA-256 over the parts, each behind its length so that no two readings give one hash. The time
    /// is in microseconds, as the database keeps it.
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let mut patch = String::new();
        write_canonical(&self.patch, &mut patch);
        for part in [
            self.prev_hash.as_str(),
            &self.doc_id.to_string(),
            &self.seq.to_string(),
            &self.action,
            &self.actor,
            &patch,
            &(self.at.unix_timestamp_nanos() / 1000).to_string(),
        ] {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        hex::encode(hasher.finalize())
    }
}

/// Walks a history from its first event and stops at the first thing that is wrong.
pub(super) fn verify_chain(events: &[Event]) -> Result<(), ChainFault> {
    if events.is_empty() {
        return Err(ChainFault::Empty);
    }
    let mut prev_hash = "";
    for (expected, event) in (1..).zip(events) {
        if event.seq != expected {
            return Err(ChainFault::Gap { expected, found: event.seq });
        }
        if event.prev_hash != prev_hash {
            return Err(ChainFault::Unlinked(event.seq));
        }
        if event.hash != event.digest() {
            return Err(ChainFault::Altered(event.seq));
        }
        prev_hash = &event.hash;
    }
    Ok(())
}

/// The document that a history adds up to.
pub(super) fn fold(kind: &Kind, events: &[Event]) -> Result<Content, ChainFault> {
    let (first, later) = events.split_first().ok_or(ChainFault::Empty)?;
    let mut content = Content::first(kind, first).ok_or(ChainFault::Unfounded)?;
    for event in later {
        content = content.then(kind, event).ok_or(ChainFault::Unfounded)?;
    }
    Ok(content)
}

impl Event {
    /// What this event made of the document, if it says so; those of the first release do not.
    pub(super) fn effect(&self) -> Option<Effect> {
        serde_json::from_value(self.patch.get(EFFECT)?.clone()).ok()
    }
}

/// What was typed, with what it made of the document.
pub(super) fn with_effect(mut typed: Map<String, Json>, effect: &Effect) -> Json {
    typed.insert(EFFECT.to_owned(), json!(effect));
    Json::Object(typed)
}

impl Content {
    /// What a history begins with.
    pub(super) fn first(kind: &Kind, event: &Event) -> Option<Self> {
        let effect = event.effect();
        let lines = event.patch.get("lines").and_then(Json::as_array).cloned();
        Some(Self {
            title: event.patch.get("title")?.as_str()?.to_owned(),
            body: event.patch.get("body")?.as_object()?.clone(),
            lines: lines.unwrap_or_default(),
            revision: 1,
            version: effect.as_ref().map_or(1, |e| e.version),
            state: effect.map_or_else(|| kind.initial().to_owned(), |e| e.to),
        })
    }

    /// What an event makes of it. Nothing if the event belongs to no action.
    pub(super) fn then(mut self, kind: &Kind, event: &Event) -> Option<Self> {
        let Some(effect) = event.effect() else {
            return Some(self.after(kind.action(&event.action)?, &event.patch));
        };
        for name in &effect.unset {
            self.body.remove(name);
        }
        self.body.extend(effect.set);
        if let Some(title) = effect.title {
            self.title = title;
        }
        if let Some(lines) = effect.lines {
            self.lines = lines;
        }
        (self.state, self.version) = (effect.to, effect.version);
        self.revision += 1;
        Some(self)
    }

    /// What an action makes of a document.
    pub(super) fn after(mut self, action: &Action, patch: &Json) -> Self {
        for name in &action.clears {
            self.body.remove(name);
        }
        for name in &action.keeps {
            if let Some(value) = patch.get(name) {
                self.body.insert(name.clone(), value.clone());
            }
        }
        action.to.clone_into(&mut self.state);
        self.revision += 1;
        self
    }

    /// What has to be said so that `before` becomes this.
    pub(super) fn effect_since(&self, before: &Self) -> Effect {
        let changed = self.body.iter().filter(|(k, v)| before.body.get(*k) != Some(v));
        Effect {
            to: self.state.clone(),
            version: self.version,
            title: (self.title != before.title).then(|| self.title.clone()),
            set: changed.map(|(k, v)| (k.clone(), v.clone())).collect(),
            unset: before.body.keys().filter(|k| !self.body.contains_key(*k)).cloned().collect(),
            lines: (self.lines != before.lines).then(|| self.lines.clone()),
        }
    }
}

/// JSON with sorted keys and no blanks: one value, one text, whatever order a map keeps.
fn write_canonical(value: &Json, out: &mut String) {
    match value {
        Json::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Json::from(key.as_str()).to_string());
                out.push(':');
                write_canonical(&map[key], out);
            }
            out.push('}');
        }
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::definition::Registry;

    fn history() -> Vec<Event> {
        let body = json!({"category": "水", "description": "漏水", "urgency": "normal"});
        let steps = [
            (CREATE, json!({"title": "漏水", "body": body, "feature_ids": [7]})),
            ("assign", json!({"assignee": "水电班"})),
            ("close", json!({"note": "已换"})),
        ];
        let mut prev_hash = String::new();
        let mut events = Vec::new();
        for (seq, (action, patch)) in (1..).zip(steps) {
            let at = OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(i64::from(seq));
            let event = Event::sealed(DocId(1), seq, action, "someone", patch, at, prev_hash);
            prev_hash = event.hash.clone();
            events.push(event);
        }
        events
    }

    #[test]
    fn a_chain_as_written_verifies() {
        assert_eq!(verify_chain(&history()), Ok(()));
    }

    #[test]
    fn each_kind_of_tampering_shows_where() {
        let mut altered = history();
        altered[1].patch = json!({"assignee": "别人"});
        assert_eq!(verify_chain(&altered), Err(ChainFault::Altered(2)));

        let mut actor = history();
        actor[0].actor = "nobody".to_owned();
        assert_eq!(verify_chain(&actor), Err(ChainFault::Altered(1)));

        let mut resealed = history();
        resealed[0].actor = "nobody".to_owned();
        resealed[0].hash = resealed[0].digest();
        assert_eq!(verify_chain(&resealed), Err(ChainFault::Unlinked(2)));

        let mut missing = history();
        missing.remove(1);
        assert_eq!(verify_chain(&missing), Err(ChainFault::Gap { expected: 2, found: 3 }));
        assert_eq!(verify_chain(&[]), Err(ChainFault::Empty));
    }

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let (mut a, mut b) = (String::new(), String::new());
        write_canonical(
            &serde_json::from_str(r#"{"b": [1, {"y": 1, "x": 2}], "a": "\n"}"#).unwrap(),
            &mut a,
        );
        write_canonical(
            &serde_json::from_str(r#"{"a":"\n","b":[1,{"x":2,"y":1}]}"#).unwrap(),
            &mut b,
        );
        assert_eq!(a, b);
        assert_eq!(a, r#"{"a":"\n","b":[1,{"x":2,"y":1}]}"#);
    }

    #[test]
    fn a_document_is_the_fold_of_its_events() {
        let content = fold(Registry::shipped().kind("repair").unwrap(), &history()).unwrap();
        assert_eq!((content.state.as_str(), content.revision), ("closed", 3));
        assert_eq!(content.body["assignee"], "水电班");
        assert_eq!(content.body.get("note"), None);
    }

    #[test]
    fn an_event_says_what_it_made_of_the_document() {
        let kind = Registry::shipped();
        let kind = kind.kind("repair").unwrap();
        let before = fold(kind, &history()).unwrap();
        let mut after = before.clone();
        after.body.remove("assignee");
        after.body.insert("urgency".to_owned(), json!("urgent"));
        after.lines.push(json!({"part": "valve"}));
        (after.state, after.version, after.revision) = ("open".to_owned(), 2, before.revision + 1);
        let patch = with_effect(Map::new(), &after.effect_since(&before));
        let at = OffsetDateTime::UNIX_EPOCH;
        let event = Event::sealed(DocId(1), 4, "reopen", "someone", patch, at, String::new());
        assert_eq!(before.then(kind, &event).unwrap(), after);
    }
}
