//! The history of a document: each event carries a hash over itself and the one before, so that a
//! changed, missing or swapped event shows, and the document itself is the fold of its events.

use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::DocId;
use crate::definition::{Action, KindDefinition};

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
pub(super) struct Content {
    pub title: String,
    pub state: String,
    pub body: Map<String, Json>,
    pub revision: i32,
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
pub(super) fn fold(kind: &KindDefinition, events: &[Event]) -> Result<Content, ChainFault> {
    let (first, later) = events.split_first().ok_or(ChainFault::Empty)?;
    let (Some(title), Some(Json::Object(body))) =
        (first.patch.get("title").and_then(Json::as_str), first.patch.get("body"))
    else {
        return Err(ChainFault::Unfounded);
    };
    let mut content = Content {
        title: title.to_owned(),
        state: kind.initial().to_owned(),
        body: body.clone(),
        revision: 1,
    };
    for event in later {
        let action = kind.action(&event.action).ok_or(ChainFault::Unfounded)?;
        content = content.after(action, &event.patch);
    }
    Ok(content)
}

impl Content {
    /// What an action makes of a document.
    pub(super) fn after(mut self, action: &Action, patch: &Json) -> Self {
        for name in action.clears {
            self.body.remove(*name);
        }
        for name in action.keeps {
            if let Some(value) = patch.get(name) {
                self.body.insert((*name).to_owned(), value.clone());
            }
        }
        action.to.clone_into(&mut self.state);
        self.revision += 1;
        self
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
    use crate::definition::kind_of;

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
        let content = fold(kind_of("repair").unwrap(), &history()).unwrap();
        assert_eq!((content.state.as_str(), content.revision), ("closed", 3));
        assert_eq!(content.body["assignee"], "水电班");
        assert_eq!(content.body.get("note"), None);
    }
}
