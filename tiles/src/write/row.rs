//! Varints and fields of a Protocol Buffer, one after the other. Most are of a few bytes: room is made for many at once, and
//! what is short goes out as a block of a fixed length, the end of which the next one overwrites.

use crate::clip::Vertex;

/// Bytes that may lie behind what is written, of the last block.
const OVER: usize = 32;
/// Room that is not kept for another tile.
const LARGE: usize = 1 << 20;
/// The longest varint of 64 bits.
const LONGEST: usize = 10;

/// Varints in a row that is used again and again.
#[derive(Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
    length: usize,
}

impl Row {
    /// Nothing in the same room, unless that is large.
    pub(super) fn emptied(self) -> Self {
        if self.bytes.len() > LARGE { Self::default() } else { Self { length: 0, ..self } }
    }

    /// Makes room for so many bytes more.
    #[inline]
    pub(super) fn reserve(&mut self, more: usize) {
        let end = self.length + more + OVER;
        if end > self.bytes.len() {
            self.bytes.resize(2 * end, 0);
        }
    }

    /// Two numbers.
    pub(super) fn pair(&mut self, first: u32, second: u32) {
        self.reserve(2 * LONGEST);
        self.put(first.into());
        self.put(second.into());
    }

    /// The way along some vertices from a place, in zigzag; answers where it ends. There is room for it.
    #[inline]
    pub(super) fn way(&mut self, mut at: Vertex, along: impl Iterator<Item = Vertex>) -> Vertex {
        let mut length = self.length;
        for to in along {
            let (x, y) = (step(at.x, to.x), step(at.y, to.y));
            at = to;
            if (x | y) < 1 << 14 {
                let ((a, a_length), (b, b_length)) = (short(x), short(y));
                let both = a | b << (8 * a_length);
                self.bytes[length..length + 4].copy_from_slice(&both.to_le_bytes());
                length += a_length + b_length;
            } else {
                self.length = length;
                self.put(x.into());
                self.put(y.into());
                length = self.length;
            }
        }
        self.length = length;
        at
    }

    /// A number where there is room for it.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "seven bits at a time, or below 2^14")]
    pub(super) fn put(&mut self, mut number: u64) {
        if number < 1 << 14 {
            let (bytes, length) = short(number as u32);
            self.bytes[self.length..self.length + 4].copy_from_slice(&bytes.to_le_bytes());
            self.length += length;
            return;
        }
        while number >= 0x80 {
            self.bytes[self.length] = number as u8 | 0x80;
            number >>= 7;
            self.length += 1;
        }
        self.bytes[self.length] = number as u8;
        self.length += 1;
    }

    /// What a number, or the length of what follows, is, and it itself, where there is room for both.
    #[inline]
    pub(super) fn field(&mut self, tag: u8, number: u64) {
        self.bytes[self.length] = tag;
        self.length += 1;
        self.put(number);
    }

    /// Bytes of another row, where there is room for them.
    #[inline]
    pub(super) fn copy(&mut self, from: &Self, range: std::ops::Range<usize>) {
        let mut done = range.start;
        while done < range.end {
            let to = self.length + done - range.start;
            self.bytes[to..to + OVER].copy_from_slice(&from.bytes[done..done + OVER]);
            done += OVER;
        }
        self.length += range.len();
    }

    /// Writes once more what has been written.
    pub(super) fn repeat(&mut self, range: std::ops::Range<usize>) {
        self.reserve(range.len());
        let to = self.length;
        self.length += range.len();
        self.bytes.copy_within(range, to);
    }

    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Forgets what is behind the first so many bytes.
    pub(super) fn cut(&mut self, length: usize) {
        self.length = length;
    }

    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The way from one coordinate to another in zigzag.
#[inline]
fn step(from: i32, to: i32) -> u32 {
    let way = to - from;
    ((way << 1) ^ (way >> 31)).cast_unsigned()
}

/// A number below 2^14 as a varint in the low bytes, with its length.
#[inline]
fn short(number: u32) -> (u32, usize) {
    if number < 1 << 7 { (number, 1) } else { (number & 0x7F | 0x80 | number >> 7 << 8, 2) }
}
