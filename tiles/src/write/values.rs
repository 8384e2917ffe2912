//! The values of a layer, each once and with a number.

use std::collections::HashMap;

use gis_data::ValueRef;

use super::{bytes, sized, varint, varint_length};

/// Those met so far, as bytes of the layer.
#[derive(Default)]
pub(super) struct Values<'a> {
    pub(super) bytes: Vec<u8>,
    pub(super) count: u32,
    ints: Seen,
    floats: Seen,
    /// By where a text lies: most of them are shared.
    places: Seen,
    texts: HashMap<&'a str, u32>,
}

impl<'a> Values<'a> {
    pub(super) fn number(&mut self, value: ValueRef<'a>) -> Option<u32> {
        match value {
            ValueRef::Int(int) => Some(self.int(int)),
            ValueRef::Float(float) if float.is_finite() => Some(self.float(float)),
            ValueRef::Null | ValueRef::Float(_) => None,
            ValueRef::Text(text) => Some(self.text(text)),
        }
    }

    fn int(&mut self, int: i64) -> u32 {
        let number = self.ints.number(int.cast_unsigned(), self.count);
        if number == self.count {
            let (tag, coded) =
                if int < 0 { (0x30, zigzag(int)) } else { (0x20, int.cast_unsigned()) };
            self.start(1 + varint_length(coded));
            self.bytes.push(tag);
            varint(&mut self.bytes, coded);
        }
        number
    }

    fn float(&mut self, float: f64) -> u32 {
        let number = self.floats.number(float.to_bits(), self.count);
        if number == self.count {
            self.start(9);
            self.bytes.push(0x19);
            self.bytes.extend(float.to_le_bytes());
        }
        number
    }

    fn text(&mut self, text: &'a std::sync::Arc<str>) -> u32 {
        let place = text.as_ptr().addr() as u64;
        let number = self.places.number(place, self.count);
        if number < self.count {
            return number;
        }
        // Another copy of a text that is there already, or a new one.
        if let Some(known) = self.texts.get(&**text) {
            self.places.correct(place, *known);
            return *known;
        }
        self.texts.insert(text, number);
        self.start(sized(text.len()));
        bytes(&mut self.bytes, 0x0A, text.as_bytes());
        number
    }

    fn start(&mut self, length: usize) {
        self.count += 1;
        self.bytes.push(0x22);
        varint(&mut self.bytes, length as u64);
    }
}

/// Numbers of values by 64 bits that tell them apart: a table with open addresses, never more than half full.
#[derive(Default)]
pub(super) struct Seen {
    slots: Vec<(u64, u32)>,
    len: usize,
}

/// Of an empty slot.
const NONE: u32 = u32::MAX;

impl Seen {
    /// The number of what has been seen, or this one, which it has from now on.
    pub(super) fn number(&mut self, bits: u64, or: u32) -> u32 {
        if 2 * self.len >= self.slots.len() {
            self.grow();
        }
        let at = self.find(bits);
        if self.slots[at].1 == NONE {
            self.slots[at] = (bits, or);
            self.len += 1;
        }
        self.slots[at].1
    }

    fn correct(&mut self, bits: u64, number: u32) {
        let at = self.find(bits);
        self.slots[at] = (bits, number);
    }

    fn find(&self, bits: u64) -> usize {
        let mask = self.slots.len() - 1;
        // Fibonacci hashing (Knuth, volume 3, 6.4): the high bits of a product are well mixed.
        let mut at = (bits.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        while self.slots[at].1 != NONE && self.slots[at].0 != bits {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        let larger = vec![(0, NONE); (2 * self.slots.len()).max(64)];
        for (bits, number) in std::mem::replace(&mut self.slots, larger) {
            if number != NONE {
                let at = self.find(bits);
                self.slots[at] = (bits, number);
            }
        }
    }
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}
