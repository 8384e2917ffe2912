//! Every byte of a frame with its name and its meaning, for people who look for what went wrong.

mod body;
mod command;
mod meaning;
#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::Serialize;

use super::escape::{FLAG, checksum, unescaped};
use super::fault::FrameFaultKind;
use super::frame::INNER_LIMIT;
use super::header::{Attributes, Encryption, FIXED_2013, FIXED_2019, Header, Layout};
use super::message::MessageId;
use super::text::{gbk, hex};
use super::words::Words;

/// Some bytes of a frame and what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// Offsets in the bytes as they came, flags and escapes counted.
    pub range: Range<usize>,
    /// In a batch: which of its locations, from 1.
    pub location: Option<u16>,
    /// The field.
    pub name: Words,
    /// Two digits for each byte as it came.
    pub hex: String,
    /// What the field says; empty where it says nothing.
    pub meaning: Words,
    /// What is wrong with it.
    pub fault: Option<Words>,
}

/// Explains one frame, good or bad, as far as it can be understood. The ranges follow each other
/// without a gap from the first byte to the last.
pub fn explain(bytes: &[u8]) -> Vec<Explained> {
    let mut explainer = Explainer::new(bytes);
    if bytes.len() > INNER_LIMIT + 2 {
        explainer.too_long();
        return explainer.told;
    }
    explainer.opening_flag();
    if explainer.header().is_some() {
        explainer.body();
    }
    explainer.rest(Words::fixed("多余字节", "left over"), Some(meaning::LEFTOVER));
    explainer.checksum();
    explainer.closing_flag();
    explainer.broken_escapes();
    explainer.told
}

struct Explainer<'a> {
    raw: &'a [u8],
    /// What stands between the flags; an escape that is none stays as it is.
    plain: Vec<u8>,
    /// Where each byte of it begins in `raw`, and where the last one ends.
    starts: Vec<usize>,
    broken: Vec<(usize, FrameFaultKind)>,
    opened: bool,
    closed: bool,
    /// The next byte of `plain`.
    at: usize,
    /// Where the present part of it ends.
    end: usize,
    location: Option<u16>,
    /// As far as it has been read.
    id: MessageId,
    announced: Option<Header>,
    told: Vec<Explained>,
}

impl<'a> Explainer<'a> {
    fn new(raw: &'a [u8]) -> Self {
        let inner = raw.strip_prefix(&[FLAG]).unwrap_or(raw);
        let begin = raw.len() - inner.len();
        let opened = begin > 0;
        let closed = inner.last() == Some(&FLAG);
        let inner = inner.strip_suffix(&[FLAG]).unwrap_or(inner);
        let (mut plain, mut starts, mut broken) = (Vec::new(), Vec::new(), Vec::new());
        for (at, byte) in unescaped(inner) {
            starts.push(begin + at);
            plain.push(byte.unwrap_or_else(|kind| {
                broken.push((begin + at, kind));
                inner.get(at).copied().unwrap_or_default()
            }));
        }
        starts.push(begin + inner.len());
        Self {
            raw,
            end: plain.len().saturating_sub(1),
            plain,
            starts,
            broken,
            opened,
            closed,
            at: 0,
            location: None,
            id: MessageId(0),
            announced: None,
            told: Vec::new(),
        }
    }

    fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// A field of this many bytes; `None` where they end too early, which is then told.
    fn field(
        &mut self,
        count: usize,
        name: Words,
        meaning: impl FnOnce(&[u8]) -> Words,
    ) -> Option<()> {
        let left = self.left();
        if count > left {
            self.tell_plain(left, name, Words::same(""), Some(meaning::cut_short(count, left)));
            return None;
        }
        let bytes = self.plain.get(self.at..self.at + count).unwrap_or_default();
        let meaning = meaning(bytes);
        self.tell_plain(count, name, meaning, None);
        Some(())
    }

    /// A field of at most four bytes that is a number.
    fn number(
        &mut self,
        count: usize,
        name: Words,
        meaning: impl FnOnce(u32) -> Words,
    ) -> Option<u32> {
        let mut number = 0;
        self.field(count, name, |bytes| {
            number = bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
            meaning(number)
        })?;
        Some(number)
    }

    fn text(&mut self, count: usize, name: Words) -> Option<()> {
        self.field(count, name, |bytes| Words::same(gbk(bytes)))
    }

    /// What is left of the present part, if anything.
    fn rest(&mut self, name: Words, fault: Option<Words>) {
        let left = self.left();
        if left > 0 {
            self.tell_plain(left, name, Words::same(""), fault);
        }
    }

    fn tell_plain(&mut self, count: usize, name: Words, meaning: Words, fault: Option<Words>) {
        let end = self.raw.len();
        let start = |index: usize| self.starts.get(index).copied().unwrap_or(end);
        let range = start(self.at)..start(self.at + count);
        self.at += count;
        self.tell(range, name, meaning, fault);
    }

    fn tell(&mut self, range: Range<usize>, name: Words, meaning: Words, fault: Option<Words>) {
        let hex = hex(self.raw.get(range.clone()).unwrap_or_default());
        self.told.push(Explained { range, location: self.location, name, hex, meaning, fault });
    }

    /// Of the field told last.
    fn blame(&mut self, fault: Words) {
        if let Some(last) = self.told.last_mut() {
            last.fault = Some(fault);
        }
    }

    /// `None` where no body can be told: it is encrypted, or a part of more, or not found.
    fn header(&mut self) -> Option<()> {
        let id = self.number(2, Words::fixed("消息ID", "message id"), meaning::message_id)?;
        self.id = MessageId(u16::try_from(id).unwrap_or_default());
        let content_len = self.end;
        let name = Words::fixed("消息体属性", "attributes");
        let bits = self.number(2, name, |bits| meaning::attributes(attributes(bits)))?;
        let attributes = attributes(bits);
        let is_2013 = if attributes.fits(FIXED_2013, content_len) {
            true
        } else if attributes.fits(FIXED_2019, content_len) {
            false
        } else {
            self.blame(meaning::wrong_length(attributes, content_len));
            !attributes.has_version_bit()
        };
        let phone_len = if is_2013 { 6 } else { 10 };
        if !is_2013 {
            self.number(1, Words::fixed("协议版本号", "version"), meaning::plain)?;
        }
        let phone = Words::fixed("终端手机号", "terminal's number");
        self.field(phone_len, phone, |bytes| Words::same(hex(bytes)))?;
        let serial = self.number(2, Words::fixed("消息流水号", "serial"), meaning::plain)?;
        let mut is_part = false;
        if attributes.has_part() {
            let total = self.number(2, Words::fixed("总包数", "parts"), meaning::plain)?;
            let index = self.number(2, Words::fixed("包序号", "part"), meaning::plain)?;
            if index == 0 || index > total {
                self.blame(Words::fixed("包序号超出总包数", "no part of the total"));
            }
            is_part = total > 1;
        }
        // Only what the bodies' layouts depend on.
        self.announced = Some(Header {
            id: self.id,
            encryption: attributes.encryption(),
            version_bit: attributes.has_version_bit(),
            reserved_bit: false,
            layout: if is_2013 {
                Layout::V2013 { phone: [0; 6] }
            } else {
                Layout::V2019 { version: 1, phone: [0; 10] }
            },
            serial: u16::try_from(serial).unwrap_or_default(),
            part: None,
        });
        let name = Words::fixed("消息体", "body");
        if attributes.encryption() != Encryption::NONE || is_part {
            self.rest(name, None);
            return None;
        }
        Some(())
    }

    fn checksum(&mut self) {
        let content = self.plain.get(..self.plain.len().saturating_sub(1)).unwrap_or_default();
        let computed = checksum(content);
        self.end = self.plain.len();
        let name = Words::fixed("校验码", "checksum");
        let said = self.number(1, name, |_| Words::fixed("正确", "right"));
        if said.is_some_and(|said| said != u32::from(computed)) {
            let hex = hex(&[computed]);
            let fault = Words::new(format!("应为 {hex}"), format!("the bytes give {hex}"));
            self.blame(fault);
            if let Some(last) = self.told.last_mut() {
                last.meaning = Words::same("");
            }
        }
    }

    fn opening_flag(&mut self) {
        self.flag(0..usize::from(self.opened), self.opened);
    }

    fn closing_flag(&mut self) {
        let end = self.raw.len();
        self.flag(end - usize::from(self.closed)..end, self.closed);
    }

    fn flag(&mut self, range: Range<usize>, present: bool) {
        let fault = (!present).then(|| Words::fixed("缺少标识位", "missing"));
        self.tell(range, Words::fixed("标识位", "flag"), Words::same(""), fault);
    }

    fn broken_escapes(&mut self) {
        for (at, kind) in &self.broken {
            if let Some(field) = self.told.iter_mut().find(|field| field.range.contains(at)) {
                field.fault = Some(match kind {
                    FrameFaultKind::FlagInside => {
                        Words::fixed("帧内出现7E", "a flag 7E inside of the frame")
                    }
                    _ => Words::fixed("7D后应为01或02", "7D is followed by neither 01 nor 02"),
                });
            }
        }
    }

    fn too_long(&mut self) {
        let (found, limit) = (self.raw.len(), INNER_LIMIT + 2);
        let fault = Words::new(
            format!("{found}字节，最多{limit}字节"),
            format!("{found} bytes, the limit is {limit}"),
        );
        let name = Words::fixed("不是一帧", "no frame");
        self.tell(0..found, name, Words::same(""), Some(fault));
    }
}

fn attributes(bits: u32) -> Attributes {
    Attributes(u16::try_from(bits).unwrap_or_default())
}
