//! What can go wrong between a terminal and a browser.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use gis_data::GisError;

/// The result of everything in this crate that can fail.
pub type Result<T, E = TrackerError> = std::result::Result<T, E>;

/// A failure, named after the operation that failed.
#[derive(Debug, thiserror::Error)]
pub enum TrackerError {
    /// The ground floor refused.
    #[error("use the store")]
    Store(#[from] GisError),
    /// A statement failed.
    #[error("run a statement for {what}")]
    Query {
        /// What the statement was for.
        what: &'static str,
        /// The database's answer.
        #[source]
        source: sqlx::Error,
    },
    /// The database took longer over a batch than the journal waits.
    #[error("commit a batch within {limit_s} s")]
    CommitTimeout {
        /// The limit.
        limit_s: u64,
    },
    /// The message was not stored and must not be acknowledged.
    #[error("store a message: the database is out of reach or the tracker is closing")]
    NotStored,
    /// The embedded broker could not open its port.
    #[error("listen for terminals on {address}")]
    Listen {
        /// The port asked for.
        address: SocketAddr,
        /// The system's answer.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A broker's address cannot be used.
    #[error("use the broker address {url}: {reason}")]
    BrokerUrl {
        /// What was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No connection to the broker for the whole time one was tried.
    #[error("publish to {broker}: no connection for {waited_s} s, the last failure was: {last}")]
    Publish {
        /// Host and port.
        broker: String,
        /// How long it was tried.
        waited_s: u64,
        /// The last failure.
        last: String,
    },
    /// A batch row does not hold what a journal writes.
    #[error("read position batch {batch_id}: {reason}")]
    Batch {
        /// The row.
        batch_id: i64,
        /// What was found.
        reason: String,
    },
    /// A recorded trace could not be opened.
    #[error("open the trace {path}")]
    OpenTrace {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A recorded trace is not what its name says.
    #[error("read the trace {path}, line {line}: {reason}")]
    Trace {
        /// The file.
        path: PathBuf,
        /// Counted from 1; 0 where the format has no lines.
        line: usize,
        /// What was found.
        reason: String,
    },
    /// A file of archived positions could not be written or read.
    #[error("{what} {path}")]
    Archive {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What was found.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Positions have columns that an archive would not keep.
    #[error("archive positions: the table has the columns {found}, this release archives {known}")]
    ArchiveColumns {
        /// Of the table.
        found: String,
        /// Of this release.
        known: String,
    },
    /// Another server or command is archiving or putting back.
    #[error("put back {path}: positions are being archived or put back elsewhere, try again later")]
    ArchiveBusy {
        /// The file.
        path: PathBuf,
    },
    /// The simulator has nothing to drive or nowhere to drive.
    #[error("simulate vehicles: {reason}")]
    Simulate {
        /// What is missing.
        reason: String,
    },
}

impl TrackerError {
    /// For `map_err`: a failed statement and what it was for.
    pub fn query(what: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Query { what, source }
    }
}
