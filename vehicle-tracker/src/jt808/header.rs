//! What stands before a body (JT/T 808-2019, 4.4.3).

use super::cursor::Cursor;
use super::fault::{BodyFault, FrameFault, FrameFaultKind};
use super::message::MessageId;
use super::text::hex;

/// The longest body: its length has ten bits.
pub(super) const BODY_LIMIT: usize = 0x3ff;

pub(super) const FIXED_2013: usize = 12;
pub(super) const FIXED_2019: usize = 17;
const PART_LEN: usize = 4;

const PART_BIT: u16 = 1 << 13;
const VERSION_BIT: u16 = 1 << 14;
const RESERVED_BIT: u16 = 1 << 15;

/// A header without the body's length, which is that of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What kind of message it is.
    pub id: MessageId,
    /// Bits 10 to 12 of the attributes.
    pub encryption: Encryption,
    /// Bit 14 of the attributes as sent. By the standard it is set in the layout of 2019 only;
    /// terminals that set it in the layout of 2013 exist.
    pub version_bit: bool,
    /// Bit 15 of the attributes as sent; by the standard it is not set.
    pub reserved_bit: bool,
    /// Which layout, and whose terminal.
    pub layout: Layout,
    /// The sender's counter of messages, which wraps.
    pub serial: u16,
    /// Of a message in several frames, which this is.
    pub part: Option<Part>,
}

/// What differs between the layouts of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// 2011 and 2013: 12 bytes, 16 with a part.
    V2013 {
        /// Twelve digits in BCD.
        phone: [u8; 6],
    },
    /// 2019: 17 bytes, 21 with a part.
    V2019 {
        /// The protocol's version, 1 for the edition of 2019.
        version: u8,
        /// Twenty digits in BCD.
        phone: [u8; 10],
    },
}

/// How a body is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encryption(u8);

/// Which of how many frames of a message; from 1, and never beyond the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    total: u16,
    index: u16,
}

impl Header {
    /// The terminal's number with all of its digits: 12, or 20 in the layout of 2019. A half byte
    /// that is no digit is kept as `A` to `F`: some makers put a hexadecimal IMEI here.
    pub fn phone(&self) -> String {
        match &self.layout {
            Layout::V2013 { phone } => hex(phone),
            Layout::V2019 { phone, .. } => hex(phone),
        }
    }

    /// Whether the version bit says what the length says.
    pub fn version_bit_is_true(&self) -> bool {
        self.version_bit == matches!(self.layout, Layout::V2019 { .. })
    }

    /// Of a message of the platform to the terminal whose frames have this layout.
    pub(super) fn of_platform(to: Layout, id: MessageId, serial: u16) -> Self {
        Self {
            id,
            encryption: Encryption::NONE,
            version_bit: matches!(to, Layout::V2019 { .. }),
            reserved_bit: false,
            layout: to,
            serial,
            part: None,
        }
    }

    /// Header and body of a frame without its checksum. Offsets of faults are within `content`.
    pub(super) fn read(content: &[u8]) -> Result<(Self, &[u8]), FrameFault> {
        let found = content.len() + 1;
        let short = |fault: BodyFault| FrameFault {
            at: fault.at,
            kind: FrameFaultKind::TooShort { found },
        };
        let mut cursor = Cursor::new(content, 0);
        let id = MessageId(cursor.u16().map_err(short)?);
        let attributes = cursor.u16().map_err(short)?;
        let layout = if Attributes(attributes).fits(FIXED_2013, content.len()) {
            Layout::V2013 { phone: cursor.array().map_err(short)? }
        } else if Attributes(attributes).fits(FIXED_2019, content.len()) {
            let version = cursor.u8().map_err(short)?;
            Layout::V2019 { version, phone: cursor.array().map_err(short)? }
        } else if content.len() < FIXED_2013 {
            return Err(FrameFault { at: 0, kind: FrameFaultKind::TooShort { found } });
        } else {
            let declared = Attributes(attributes).body_len();
            let found =
                content.len().saturating_sub(FIXED_2013 + Attributes(attributes).part_len());
            return Err(FrameFault { at: 2, kind: FrameFaultKind::Length { declared, found } });
        };
        let serial = cursor.u16().map_err(short)?;
        let part = if Attributes(attributes).has_part() {
            let at = cursor.at();
            let total = cursor.u16().map_err(short)?;
            let index = cursor.u16().map_err(short)?;
            let kind = FrameFaultKind::Part { total, index };
            Some(Part::new_checked(total, index).ok_or(FrameFault { at, kind })?)
        } else {
            None
        };
        let header = Self {
            id,
            encryption: Attributes(attributes).encryption(),
            version_bit: attributes & VERSION_BIT != 0,
            reserved_bit: attributes & RESERVED_BIT != 0,
            layout,
            serial,
            part,
        };
        Ok((header, cursor.rest()))
    }

    pub(super) fn write(&self, body_len: u16, content: &mut Vec<u8>) {
        let mut attributes = body_len | u16::from(self.encryption.0) << 10;
        for (bit, set) in [
            (PART_BIT, self.part.is_some()),
            (VERSION_BIT, self.version_bit),
            (RESERVED_BIT, self.reserved_bit),
        ] {
            attributes |= if set { bit } else { 0 };
        }
        content.extend(self.id.0.to_be_bytes());
        content.extend(attributes.to_be_bytes());
        match self.layout {
            Layout::V2013 { phone } => content.extend(phone),
            Layout::V2019 { version, phone } => {
                content.push(version);
                content.extend(phone);
            }
        }
        content.extend(self.serial.to_be_bytes());
        if let Some(part) = self.part {
            content.extend(part.total.to_be_bytes());
            content.extend(part.index.to_be_bytes());
        }
    }
}

impl Encryption {
    /// The body is as it reads.
    pub const NONE: Self = Self(0);
    /// The body is encrypted with RSA.
    pub const RSA: Self = Self(1);

    /// The three bits; 0 and 1 are the only ones that the standard names.
    pub fn bits(self) -> u8 {
        self.0
    }
}

impl Part {
    /// `None` unless the index is from 1 to the total.
    pub fn new_checked(total: u16, index: u16) -> Option<Self> {
        (1..=total).contains(&index).then_some(Self { total, index })
    }

    /// Number of frames.
    pub fn total(self) -> u16 {
        self.total
    }

    /// Which, from 1.
    pub fn index(self) -> u16 {
        self.index
    }
}

/// The two bytes after the message id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes(pub(super) u16);

impl Attributes {
    pub(super) fn body_len(self) -> usize {
        usize::from(self.0) & BODY_LIMIT
    }

    pub(super) fn has_part(self) -> bool {
        self.0 & PART_BIT != 0
    }

    pub(super) fn has_version_bit(self) -> bool {
        self.0 & VERSION_BIT != 0
    }

    pub(super) fn encryption(self) -> Encryption {
        let [high, _] = self.0.to_be_bytes();
        Encryption(high >> 2 & 0b111)
    }

    /// Whether a header of so many bytes, its part and the body are all that there is.
    pub(super) fn fits(self, fixed: usize, content_len: usize) -> bool {
        fixed + self.part_len() + self.body_len() == content_len
    }

    fn part_len(self) -> usize {
        if self.has_part() { PART_LEN } else { 0 }
    }
}
