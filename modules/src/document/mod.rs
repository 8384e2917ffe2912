//! Documents 单据: what happened, in which state it is, what it hangs off, and how it came to be.

mod apply;
mod event;
mod queries;
mod read;

use gis_data::{FeatureId, Text2};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use time::OffsetDateTime;

pub use apply::{act, create};
pub use event::ChainFault;
pub use read::{get, list, open_count, records_of, verify, verify_all};

/// A document 单据.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct DocId(pub i64);

impl std::fmt::Display for DocId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What somebody wants to put on file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// One of `KINDS`.
    pub kind: String,
    /// One line about it.
    pub title: String,
    /// The fields of the kind.
    pub body: Json,
    /// The places it hangs off; named twice is named once.
    pub feature_ids: Vec<FeatureId>,
}

/// A document as its viewer sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// The key.
    pub doc_id: DocId,
    /// One of `KINDS`.
    pub kind: String,
    /// One line about it.
    pub title: String,
    /// A state of the kind.
    pub state: String,
    /// What people call the state.
    pub state_title: Text2,
    /// The number people quote: `BX-2026-000001`.
    pub number: String,
    /// How many events there are; an action names the revision it was decided on.
    pub revision: i32,
    /// The fields of the kind, and what actions have added.
    pub body: Json,
    /// When it was put on file.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the last event happened.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// What can be done in this state.
    pub actions: Vec<ActionTitle>,
    /// The places that the viewer may see.
    pub links: Vec<DocumentLink>,
    /// Its history, oldest first; lists leave it out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventLine>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionTitle {
    /// The name in the URL.
    pub name: &'static str,
    /// What it says.
    pub title: Text2,
}

/// A place that a document hangs off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentLink {
    /// The place.
    pub feature_id: FeatureId,
    /// `building`, `floor`, `room`, …
    pub kind: String,
    /// What people call it, with the building it lies in.
    pub name: String,
}

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventLine {
    /// From 1, without gaps.
    pub seq: i32,
    /// `create` or an action of the kind.
    pub action: String,
    /// What people call it.
    pub title: Text2,
    /// Who.
    pub actor: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What was said.
    pub note: Option<String>,
}

/// Which documents to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// That hang off this place or off something in it.
    pub feature_id: Option<FeatureId>,
    /// At most so many; default 50, never more than 200.
    pub limit: Option<u32>,
    /// Only those put on file before this one: the next page.
    pub before: Option<DocId>,
}

/// Documents of a filter, newest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// How many there are on all pages.
    pub total: i64,
    /// Those of this page.
    pub items: Vec<Document>,
}

/// What hangs off a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Records {
    /// One line per kind, also when there are none.
    pub counts: Vec<KindCount>,
    /// The newest ones.
    pub items: Vec<Document>,
}

/// How many documents of a kind hang off a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindCount {
    /// The kind.
    pub kind: &'static str,
    /// What people call it.
    pub title: Text2,
    /// All of them.
    pub total: i64,
    /// Those that still wait for somebody.
    pub open: i64,
}
