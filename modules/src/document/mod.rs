//! Documents 单据: what happened, in which state it is, what it hangs off, and how it came to be.

mod act;
mod apply;
mod attachment;
mod create;
mod decision;
mod event;
mod follow;
mod list;
mod mask;
mod place;
pub(crate) mod queries;
mod read;
mod reference;

use gis_data::{FeatureId, OrgId, ScopeId, Text2};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sqlx::FromRow;
use time::OffsetDateTime;

pub(crate) use act::Act;
pub(crate) use act::{area_text, cm2_of, lacking};
pub use apply::ActRequest;
pub(crate) use apply::{DISCARDED, Wanted, fill, fire, has_drafts, pass_for_demo};
pub use attachment::{Attachment, MOST_BYTES as ATTACHMENT_MOST_BYTES};
pub(crate) use create::{Numbered, number_all};
pub use decision::Decision;
pub use event::ChainFault;
pub(crate) use event::Content;
pub(crate) use list::projected;
pub use list::{Condition, Filter, Op, Page};
pub use place::{KindCount, Records};
pub(crate) use read::one as read_one;
pub use reference::Names;

use crate::approval::Approval;
use crate::definition::{ButtonTone, Field, Phase, Tone};

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
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// A kind of the registry.
    pub kind: String,
    /// One line about it; made from kind and place if it is left out.
    #[serde(default)]
    pub title: Option<String>,
    /// The fields of the kind.
    pub body: Json,
    /// The details.
    #[serde(default)]
    pub lines: Vec<Json>,
    /// The places it hangs off; named twice is named once.
    pub feature_ids: Vec<FeatureId>,
    /// The document that it corrects.
    #[serde(default)]
    pub amends: Option<DocId>,
}

/// A document as its viewer sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// The key.
    pub doc_id: DocId,
    /// A kind of the registry.
    pub kind: String,
    /// What people call the kind.
    pub kind_title: Text2,
    /// The module it belongs to.
    pub module: String,
    /// One line about it.
    pub title: String,
    /// A state of the kind.
    pub state: String,
    /// What people call the state.
    pub state_title: Text2,
    /// Whether somebody has to do something.
    pub phase: Phase,
    /// How the state is coloured.
    pub tone: Tone,
    /// The number people quote: `BX-2026-000001`; a draft has none.
    pub number: Option<String>,
    /// The version of the definition that it was last written by.
    pub definition_version: i32,
    /// How many events there are; an action names the revision it was decided on.
    pub revision: i32,
    /// The fields of the kind, and what actions have added.
    pub body: Json,
    /// The details; lists leave them out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Json>,
    /// When it was put on file.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When the last event happened.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// Who put it on file.
    pub created_by: String,
    /// What this viewer can do in this state.
    pub actions: Vec<ActionTitle>,
    /// The places that the viewer may see.
    pub links: Vec<DocumentLink>,
    /// Names for the numbers in body and lines.
    pub refs: Names,
    /// What only the document's own page shows.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

/// What only a document's own page shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detail {
    /// Documents that point here or that this one points to.
    pub related: Vec<Related>,
    /// Standards that judged it.
    pub decisions: Vec<Decision>,
    /// Its history, oldest first.
    pub events: Vec<EventLine>,
    /// What people say about it.
    pub comments: Vec<Comment>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// The approval that is under way, or the last one.
    pub approval: Option<Approval>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActionTitle {
    /// The name in the URL.
    pub name: String,
    /// What it says.
    pub title: Text2,
    /// What it asks for.
    pub patch: Vec<Field>,
    /// The field that history shows.
    pub note: String,
    /// The approval that it begins.
    pub plan: Option<String>,
    /// How it looks.
    pub tone: ButtonTone,
}

/// What people call a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DocumentTitle {
    /// The key.
    pub doc_id: DocId,
    /// The legal number; a draft has none.
    pub number: Option<String>,
    /// One line about it, as the viewer reads it.
    pub title: String,
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

/// Another document, and by which field the two are connected.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Related {
    /// The key.
    pub doc_id: DocId,
    /// Its kind.
    pub kind: String,
    /// What people call the kind.
    pub kind_title: Text2,
    /// Its number.
    pub number: Option<String>,
    /// One line about it.
    pub title: String,
    /// What people call its state.
    pub state_title: Text2,
    /// The field, or `amends`.
    pub field: String,
}

/// One line of a history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventLine {
    /// From 1, without gaps.
    pub seq: i32,
    /// `create`, `edit` or an action of the kind.
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
    /// What it changed, but for the first.
    pub changes: Vec<FieldChange>,
}

/// A field before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// Its label.
    pub title: Text2,
    /// Before; null for nothing.
    pub from: Json,
    /// After.
    pub to: Json,
}

/// What somebody says about a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the key is called as the contract calls it")]
pub struct Comment {
    /// The key.
    pub comment_id: i64,
    /// Who.
    pub actor: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What.
    pub text: String,
}

/// A document as it is stored.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct DocRow {
    pub(crate) doc_id: DocId,
    pub(crate) scope_id: ScopeId,
    pub(crate) kind: String,
    pub(crate) definition_version: i32,
    pub(crate) number: Option<String>,
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) body: Json,
    pub(crate) revision: i32,
    pub(crate) created_by: String,
    #[expect(dead_code, reason = "as the table has it; rules read the body")]
    pub(crate) org_id: Option<OrgId>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

impl DocRow {
    pub(crate) fn into_content(self, lines: Vec<Json>) -> Content {
        let body = match self.body {
            Json::Object(map) => map,
            _ => Map::new(),
        };
        Content {
            title: self.title,
            state: self.state,
            body,
            lines,
            revision: self.revision,
            version: self.definition_version,
        }
    }
}
