//! Why a message or one of its items was not stored as a position.

use serde::Serialize;

/// A reason for rejection; its code is stable, in the database and in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No vehicle carries this terminal.
    UnknownTerminal,
    /// The payload is not JSON, or not gzip of JSON.
    NotJson,
    /// JSON, but a needed field is missing or of another type.
    BrokenPayload,
    /// A field holds a number that it cannot have, such as a heading of 400.
    OutOfRange,
    /// Longitude or latitude outside the earth.
    OutsideEarth,
    /// Exactly 0, 0: what a receiver without a fix sends.
    ZeroCoordinates,
    /// More than five minutes ahead of the server's clock.
    Future,
    /// Before the year 2000.
    TooOld,
    /// More than a message may hold once unpacked.
    TooLarge,
    /// Bytes that are no frame of JT/T 808, or a frame whose body is not what it says it is.
    BrokenFrame,
    /// A position whose time is none.
    NoTime,
    /// The database refused this message, and only this one, for good.
    RefusedByStorage,
}

impl Reason {
    /// Every reason, in the order of the enum.
    pub const ALL: [Self; 12] = [
        Self::UnknownTerminal,
        Self::NotJson,
        Self::BrokenPayload,
        Self::OutOfRange,
        Self::OutsideEarth,
        Self::ZeroCoordinates,
        Self::Future,
        Self::TooOld,
        Self::TooLarge,
        Self::BrokenFrame,
        Self::NoTime,
        Self::RefusedByStorage,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownTerminal => "unknown_terminal",
            Self::NotJson => "not_json",
            Self::BrokenPayload => "broken_payload",
            Self::OutOfRange => "out_of_range",
            Self::OutsideEarth => "outside_earth",
            Self::ZeroCoordinates => "zero_coordinates",
            Self::Future => "future",
            Self::TooOld => "too_old",
            Self::TooLarge => "too_large",
            Self::BrokenFrame => "broken_frame",
            Self::NoTime => "no_time",
            Self::RefusedByStorage => "refused_by_storage",
        }
    }
}

/// A rejection: the reason and what exactly was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The reason.
    pub reason: Reason,
    /// For people; names the input and the limit.
    pub detail: String,
}

impl Fault {
    /// A rejection with its detail.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}
