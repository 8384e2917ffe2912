//! What can go wrong with business documents. Which HTTP status that is, the server knows.

mod told;

use gis_data::{FeatureId, GisError, Text2};
use time::Date;

use crate::approval::Refusal;
use crate::space::SpaceFault;
use crate::{ChainFault, DocId, FieldFault};

/// The result of everything in this crate that can fail.
pub type Result<T, E = ModuleError> = std::result::Result<T, E>;

/// A failure, named after what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ModuleError {
    /// No module defines this kind of document.
    #[error("no module defines documents of kind {0:?}")]
    UnknownKind(String),
    /// The definition of the kind has no such state.
    #[error("documents of kind {kind} have no state {state:?}")]
    UnknownState {
        /// The kind.
        kind: String,
        /// What was asked for.
        state: String,
    },
    /// What was typed breaks rules: every one that it breaks.
    #[error("{} fields are not as they must be", .0.len())]
    Invalid(Vec<FieldFault>),
    /// There is no such document, or none that the viewer may see.
    #[error("document {0} is not on file")]
    NotFound(DocId),
    /// The viewer may read the document, not act on it.
    #[error("document {0} may be read, not acted on")]
    NotAllowed(DocId),
    /// Somebody else was faster; nothing was changed.
    #[error("expected revision {expected}, the document is at {actual}")]
    RevisionConflict {
        /// What the caller had read.
        expected: i32,
        /// What is on file.
        actual: i32,
    },
    /// The definition has no such action, or not in this state.
    #[error("action {action:?} is not allowed in state {state}")]
    ActionNotAllowed {
        /// What was asked for.
        action: String,
        /// The state of the document.
        state: String,
    },
    /// An approval of the document is under way; nothing else is done to it until that is over.
    #[error("document {0} is under approval")]
    UnderApproval(DocId),
    /// There is no such approval, or none that the viewer may see.
    #[error("approval {0} is not on file")]
    NoApproval(i64),
    /// A deed that the approval does not allow.
    #[error(transparent)]
    Refused(Refusal),
    /// Somebody without an account wants to keep something of their own.
    #[error("this needs an account of one's own")]
    NoAccount,
    /// The same file is attached under the same name.
    #[error("the file is attached already")]
    AttachedAlready,
    /// A spreadsheet that cannot be read at all.
    #[error("the spreadsheet cannot be used: {}", .0.en)]
    BadSheet(Text2),
    /// There is no such module, figure or view.
    #[error("there is no {0}")]
    Nothing(String),
    /// Definitions are not as they must be: every fault of them.
    #[error("the definitions are faulty: {}", .0.join("; "))]
    BadDefinition(Vec<String>),
    /// Places that are not on file, or that the viewer may not see.
    #[error("{} of the linked features are not on file", .0.len())]
    UnknownFeature(Vec<FeatureId>),
    /// The document's history is not what was written.
    #[error("the history of document {doc_id} is broken: {fault}")]
    BrokenChain {
        /// The document.
        doc_id: DocId,
        /// The first thing that is wrong.
        fault: ChainFault,
    },
    /// A document on file does not fit its definition.
    #[error("document {doc_id} is in state {state:?}, which its kind {kind} does not have")]
    Misfit {
        /// The document.
        doc_id: DocId,
        /// Its kind.
        kind: String,
        /// Its state.
        state: String,
    },
    /// A room would not hold what is to be posted.
    #[error(transparent)]
    Space(SpaceFault),
    /// An entry would begin on a closed day.
    #[error(
        "the ledger is closed through {through}: nothing can begin on {on}; let it begin later, or open the days again"
    )]
    PeriodClosed {
        /// The day it would begin on.
        on: Date,
        /// The last closed day.
        through: Date,
    },
    /// A ledger has rooms beyond what somebody answers for who would close it.
    #[error(
        "the ledger has rooms beyond what you answer for; whoever keeps the standards over all of them closes it"
    )]
    NotOverAll,
    /// A ledger does not add up, and is not closed like this.
    #[error("the ledger does not add up in rooms {0:?}; see onemap check")]
    LedgerUnsound(Vec<FeatureId>),
    /// No standard says anything about this.
    #[error("no standard {code} holds for level {level:?} and rank {rank:?} on {on}")]
    NoStandard {
        /// The set.
        code: String,
        /// The level of the body.
        level: String,
        /// The rank of the post.
        rank: String,
        /// The day.
        on: Date,
    },
    /// A file of standards that comes with the program is not as it must be.
    #[error("the standards that come with the program are faulty: {0}")]
    BadRegister(String),
    /// Rows on file say something else than the program's; rows are never edited, a new edition is a new row.
    #[error("{} standards on file are not what they were published as: {}", .0.len(), .0.join("; "))]
    StandardChanged(Vec<String>),
    /// The ground floor could not give a transaction.
    #[error("open a transaction")]
    Ground(#[source] GisError),
    /// A statement failed.
    #[error("run a statement for {what}")]
    Query {
        /// What the statement was for.
        what: &'static str,
        /// The database's answer.
        #[source]
        source: sqlx::Error,
    },
}

impl ModuleError {
    /// For `map_err`: a failed statement and what it was for.
    pub(crate) fn query(what: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Query { what, source }
    }
}
