//! A text for the driver (0x8300).

use crate::jt808::fault::CommandFault;
use crate::jt808::header::{BODY_LIMIT, Layout};
use crate::jt808::text::{to_gbk, unsayable};

/// A text that a terminal is to give out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What it is about.
    pub kind: TextKind,
    /// Where it is given out; at least one.
    pub outlets: Vec<Outlet>,
    /// At least one character, all of GBK; as many bytes as [`Text::limit`] says.
    pub words: String,
}

/// What a text is about. Terminals before 2019 are told only whether it is urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// 通知: to be known.
    Notice,
    /// 服务: for the work.
    Service,
    /// 紧急: at once.
    Urgent,
}

/// Where a terminal gives a text out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlet {
    /// On its display.
    Display,
    /// By its voice.
    Speech,
    /// On the advertising screen of the vehicle, which terminals have no longer since 2019.
    AdvertisingScreen,
}

impl Text {
    /// The most bytes of GBK that a frame of this layout has room for. The standard allows 1,024, which
    /// no body holds: 1,022, and since 2019 one less.
    pub fn limit(layout: Layout) -> usize {
        BODY_LIMIT - fixed_len(layout)
    }

    /// Flags and text; since 2019 the kind stands between them, and in the flags too.
    pub(super) fn body(&self, layout: Layout) -> Result<Vec<u8>, CommandFault> {
        let is_2019 = matches!(layout, Layout::V2019 { .. });
        if self.outlets.is_empty() {
            return Err(CommandFault::NoOutlet);
        }
        if is_2019 && self.outlets.contains(&Outlet::AdvertisingScreen) {
            return Err(CommandFault::NoAdvertisingScreen);
        }
        let text = self.gbk(Self::limit(layout))?;
        let kind = if is_2019 { self.kind.bits() } else { u8::from(self.kind == TextKind::Urgent) };
        let mut body = vec![self.outlets.iter().fold(kind, |flags, outlet| flags | outlet.bit())];
        if is_2019 {
            body.push(self.kind.code());
        }
        body.extend(text);
        Ok(body)
    }

    fn gbk(&self, limit: usize) -> Result<Vec<u8>, CommandFault> {
        if self.words.is_empty() {
            return Err(CommandFault::NoText);
        }
        // In the edition of 2011 a text ends there, and terminals of later ones still stop.
        if let Some(at) = self.words.chars().position(|character| character == '\0') {
            return Err(CommandFault::Nul { at });
        }
        let Some(bytes) = to_gbk(&self.words) else {
            let (at, found) = unsayable(&self.words).unwrap_or_default();
            return Err(CommandFault::NotGbk { at, found });
        };
        let too_long = CommandFault::TextTooLong { found: bytes.len(), limit };
        if bytes.len() <= limit { Ok(bytes) } else { Err(too_long) }
    }
}

fn fixed_len(layout: Layout) -> usize {
    match layout {
        Layout::V2013 { .. } => 1,
        Layout::V2019 { .. } => 2,
    }
}

impl TextKind {
    /// Bits 0 and 1 of the flags since 2019.
    fn bits(self) -> u8 {
        match self {
            Self::Service => 0b01,
            Self::Urgent => 0b10,
            Self::Notice => 0b11,
        }
    }

    /// The byte behind the flags, which knows notice and service only.
    fn code(self) -> u8 {
        match self {
            Self::Notice | Self::Urgent => 1,
            Self::Service => 2,
        }
    }
}

impl Outlet {
    fn bit(self) -> u8 {
        match self {
            Self::Display => 1 << 2,
            Self::Speech => 1 << 3,
            Self::AdvertisingScreen => 1 << 4,
        }
    }
}
