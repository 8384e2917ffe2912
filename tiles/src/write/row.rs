//! Varints and fields of a Protocol Buffer, one after the other: most are of a few bytes, which go out at once.

/// Varints in a row that is used again and again.
#[derive(Default)]
pub(super) struct Row {
    bytes: Vec<u8>,
    length: usize,
}

impl Row {
    /// Two numbers. Most have one byte or two, and go out at once.
    #[inline]
    pub(super) fn pair(&mut self, first: u32, second: u32) {
        if (first | second) < 1 << 14 {
            let ((a, a_length), (b, b_length)) = (short(first), short(second));
            let both = a | b << (8 * a_length);
            self.room::<4>().copy_from_slice(&both.to_le_bytes());
            self.length += a_length + b_length;
        } else {
            self.one(first.into());
            self.one(second.into());
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
    pub(super) fn one(&mut self, mut number: u64) {
        let (room, mut length) = (self.room::<10>(), 0);
        while number >= 0x80 {
            room[length] = number as u8 | 0x80;
            number >>= 7;
            length += 1;
        }
        room[length] = number as u8;
        self.length += length + 1;
    }

    /// A number, or the length of what follows, with what it is.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below 2^14")]
    pub(super) fn field(&mut self, tag: u8, number: u64) {
        if number < 1 << 14 {
            let (bytes, length) = short(number as u32);
            let [a, b, ..] = bytes.to_le_bytes();
            self.room::<3>().copy_from_slice(&[tag, a, b]);
            self.length += 1 + length;
        } else {
            self.room::<1>()[0] = tag;
            self.length += 1;
            self.one(number);
        }
    }

    /// The next bytes.
    #[inline]
    fn room<const N: usize>(&mut self) -> &mut [u8] {
        let end = self.length + N;
        if end > self.bytes.len() {
            self.bytes.resize(2 * end + 64, 0);
        }
        &mut self.bytes[self.length..end]
    }

    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if end > self.bytes.len() {
            self.bytes.resize(2 * end, 0);
        }
        self.bytes[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }

    pub(super) fn clear(&mut self) {
        self.length = 0;
    }

    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// A number below 2^14 as a varint in the low bytes, with its length.
#[inline]
fn short(number: u32) -> (u32, usize) {
    if number < 1 << 7 { (number, 1) } else { (number & 0x7F | 0x80 | number >> 7 << 8, 2) }
}
