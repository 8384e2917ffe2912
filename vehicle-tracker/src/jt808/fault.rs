//! What is wrong with a frame, a body or an item, and at which byte; and with a command.

/// Why bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {kind}")]
pub struct FrameFault {
    /// Offset in the bytes as they came, escapes and opening flag counted.
    pub at: usize,
    /// What was found there.
    pub kind: FrameFaultKind,
}

/// Why a command cannot be written for a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandFault {
    /// A text without a character.
    #[error("the text is empty")]
    NoText,
    /// A text with a character that the terminal has no code for.
    #[error("character {at} of the text is {found:?}, which GBK does not have")]
    NotGbk {
        /// Offset in characters, from 0.
        at: usize,
        /// The first such character.
        found: char,
    },
    /// A text that the terminal would take to end too early.
    #[error("character {at} of the text is NUL, which ends a text")]
    Nul {
        /// Offset in characters, from 0.
        at: usize,
    },
    /// A text for which a frame has no room.
    #[error("the text has {found} bytes in GBK, the limit is {limit}")]
    TextTooLong {
        /// Bytes in GBK.
        found: usize,
        /// What a frame has room for.
        limit: usize,
    },
    /// A text that would be given out nowhere.
    #[error("the text has no outlet")]
    NoOutlet,
    /// A text for a screen that terminals of 2019 do not have.
    #[error("a terminal of 2019 has no advertising screen")]
    NoAdvertisingScreen,
    /// Nothing is set.
    #[error("no parameter is set")]
    NoParameter,
    /// The same is set twice.
    #[error("parameter {id:#06x} is set twice")]
    ParameterTwice {
        /// Which.
        id: u32,
    },
    /// No seconds or no speed.
    #[error("parameter {id:#06x} is 0")]
    ZeroParameter {
        /// Which.
        id: u32,
    },
    /// More parts than the terminal can be asked for at once.
    #[error("{found} parts are asked for again, the limit is {limit}")]
    TooManyParts {
        /// How many.
        found: usize,
        /// What a frame has room for, and its count.
        limit: usize,
    },
}

/// What can be wrong with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameFaultKind {
    /// The first or the last byte is not the flag 7E.
    #[error("no flag 7e")]
    NoFlag,
    /// A flag 7E stands inside.
    #[error("a flag 7e inside of a frame")]
    FlagInside,
    /// 7D is followed by neither 01 nor 02.
    #[error("7d is followed by neither 01 nor 02")]
    Escape,
    /// Fewer bytes than the shortest header and a checksum have.
    #[error("{found} bytes between the flags, the least is 13")]
    TooShort {
        /// Bytes between the flags, unescaped.
        found: usize,
    },
    /// More bytes than the longest header, body and checksum have, each of them escaped.
    #[error("{found} bytes, the limit is {limit}")]
    TooLong {
        /// Bytes with the flags.
        found: usize,
        /// What a frame may have.
        limit: usize,
    },
    /// The bytes do not add up.
    #[error("the checksum is {said:02x}, the bytes give {computed:02x}")]
    Checksum {
        /// As sent.
        said: u8,
        /// The exclusive or of all bytes of header and body.
        computed: u8,
    },
    /// With the length that the header tells, the frame ends after neither layout.
    #[error("a body of {declared} bytes is told of, {found} follow a header of 2013")]
    Length {
        /// The body's length as told by the header.
        declared: usize,
        /// Bytes of body if the header is of 2013; five fewer if it is of 2019.
        found: usize,
    },
    /// A part outside of 1 to the number of parts.
    #[error("part {index} of {total}")]
    Part {
        /// Number of parts.
        total: u16,
        /// Which, from 1.
        index: u16,
    },
}

/// Why a body is not what its message id says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {at} of the body: {kind}")]
pub struct BodyFault {
    /// Offset in the unescaped body.
    pub at: usize,
    /// What was found there.
    pub kind: BodyFaultKind,
}

/// What can be wrong with a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyFaultKind {
    /// The bytes end inside of a field.
    #[error("{needed} bytes are needed, {left} are left")]
    CutShort {
        /// What the field has.
        needed: usize,
        /// What there is.
        left: usize,
    },
    /// Bytes follow where all that was told of has been read.
    #[error("{count} bytes are left over")]
    Leftover {
        /// How many.
        count: usize,
    },
}

impl BodyFault {
    pub(super) fn cut_short(at: usize, needed: usize, left: usize) -> Self {
        Self { at, kind: BodyFaultKind::CutShort { needed, left } }
    }
}

/// Why an additional item of a location, or a parameter, says nothing; what it stands in is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ItemFault {
    /// The bytes end after the item's id.
    #[error("no length follows")]
    NoLength,
    /// The bytes end before the item does.
    #[error("{declared} bytes are told of, {left} are left")]
    CutShort {
        /// The item's length byte.
        declared: u8,
        /// What there is.
        left: usize,
    },
    /// A known item has a length that the standard does not give it.
    #[error("{found} bytes, the standard says {expected}")]
    Length {
        /// By the standard.
        expected: usize,
        /// What there is.
        found: usize,
    },
}
