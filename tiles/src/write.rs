//! The bytes of one layer of a Mapbox Vector Tile 2.1: a feature becomes bytes as it is met, and its values are found again
//! by what they are in memory.

use std::collections::HashMap;

use gis_data::ValueRef;

use crate::clip::Vertex;

/// What a feature is (4.3.4 of the specification).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Point = 1,
    Line = 2,
    Polygon = 3,
}

/// A layer while its features come.
pub(crate) struct Writer<'a> {
    name: &'a str,
    extent: u16,
    /// Names of attributes, each with its number among the layer's keys once a feature has it.
    keys: Vec<(&'a str, Option<u32>)>,
    keys_used: u32,
    features: Vec<u8>,
    values: Values<'a>,
    /// Of the feature at hand.
    tags: Vec<u8>,
    geometry: Vec<u8>,
    at: Vertex,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(name: &'a str, extent: u16, keys: impl Iterator<Item = &'a str>) -> Self {
        Self {
            name,
            extent,
            keys: keys.map(|key| (key, None)).collect(),
            keys_used: 0,
            features: Vec::new(),
            values: Values::default(),
            tags: Vec::new(),
            geometry: Vec::new(),
            at: Vertex { x: 0, y: 0 },
        }
    }

    /// Gives the feature at hand a value of the n-th attribute; what is absent or no number has none.
    pub(crate) fn tag(&mut self, n: usize, value: ValueRef<'a>) {
        let Some(value) = self.values.number(value) else { return };
        let Some((_, number)) = self.keys.get_mut(n) else { return };
        let key = *number.get_or_insert_with(|| {
            self.keys_used += 1;
            self.keys_used - 1
        });
        varint(&mut self.tags, u64::from(key));
        varint(&mut self.tags, u64::from(value));
    }

    /// Points of the feature at hand.
    pub(crate) fn points(&mut self, points: &[Vertex]) {
        self.command(MOVE_TO, points.len());
        for point in points {
            self.go(*point);
        }
    }

    /// A line of it.
    pub(crate) fn line(&mut self, line: &[Vertex]) {
        self.path(line.len(), line.iter().copied());
    }

    /// A ring of it, not closed by a repeated vertex: exteriors with positive area, holes with negative.
    pub(crate) fn ring(&mut self, length: usize, ring: impl Iterator<Item = Vertex>) {
        self.path(length, ring);
        self.command(CLOSE_PATH, 1);
    }

    /// Writes the feature at hand.
    pub(crate) fn end(&mut self, id: Option<u64>, kind: Kind) {
        let id_length = id.map_or(0, |id| 1 + varint_length(id));
        let tags_length = if self.tags.is_empty() { 0 } else { sized(self.tags.len()) };
        let length = id_length + tags_length + 2 + sized(self.geometry.len());
        self.features.push(FEATURE);
        varint(&mut self.features, length as u64);
        if let Some(id) = id {
            self.features.push(0x08);
            varint(&mut self.features, id);
        }
        if !self.tags.is_empty() {
            bytes(&mut self.features, 0x12, &self.tags);
        }
        self.features.extend([0x18, kind as u8]);
        bytes(&mut self.features, 0x22, &self.geometry);
        self.tags.clear();
        self.geometry.clear();
        self.at = Vertex { x: 0, y: 0 };
    }

    /// The tile of this layer; empty without a feature.
    pub(crate) fn finish(self) -> Vec<u8> {
        if self.features.is_empty() {
            return Vec::new();
        }
        let mut keys: Vec<(u32, &str)> =
            self.keys.iter().filter_map(|(key, number)| Some(((*number)?, *key))).collect();
        keys.sort_unstable();
        let mut extent = vec![0x28];
        varint(&mut extent, u64::from(self.extent));
        extent.extend([0x78, 2]);
        let key_bytes: usize = keys.iter().map(|(_, key)| sized(key.len())).sum();
        let length = sized(self.name.len())
            + self.features.len()
            + key_bytes
            + self.values.bytes.len()
            + extent.len();
        let mut tile = Vec::with_capacity(length + 8);
        tile.push(0x1A);
        varint(&mut tile, length as u64);
        bytes(&mut tile, 0x0A, self.name.as_bytes());
        tile.extend(self.features);
        for (_, key) in keys {
            bytes(&mut tile, 0x1A, key.as_bytes());
        }
        tile.extend(self.values.bytes);
        tile.extend(extent);
        tile
    }

    fn path(&mut self, length: usize, mut path: impl Iterator<Item = Vertex>) {
        let Some(first) = path.next() else { return };
        self.command(MOVE_TO, 1);
        self.go(first);
        self.command(LINE_TO, length - 1);
        path.for_each(|vertex| self.go(vertex));
    }

    fn command(&mut self, command: u64, count: usize) {
        varint(&mut self.geometry, (count as u64) << 3 | command);
    }

    fn go(&mut self, to: Vertex) {
        varint(&mut self.geometry, zigzag((to.x - self.at.x).into()));
        varint(&mut self.geometry, zigzag((to.y - self.at.y).into()));
        self.at = to;
    }
}

const FEATURE: u8 = 0x12;
const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// The values of a layer, each once.
#[derive(Default)]
struct Values<'a> {
    bytes: Vec<u8>,
    count: u32,
    ints: Seen,
    floats: Seen,
    /// By where a text lies: most of them are shared.
    places: Seen,
    texts: HashMap<&'a str, u32>,
}

impl<'a> Values<'a> {
    fn number(&mut self, value: ValueRef<'a>) -> Option<u32> {
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
struct Seen {
    slots: Vec<(u64, u32)>,
    len: usize,
}

/// Of an empty slot.
const NONE: u32 = u32::MAX;

impl Seen {
    /// The number of what has been seen, or this one, which it has from now on.
    fn number(&mut self, bits: u64, or: u32) -> u32 {
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

fn bytes(to: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    to.push(tag);
    varint(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

/// What so many bytes take with their tag and length.
fn sized(length: usize) -> usize {
    1 + varint_length(length as u64) + length
}

fn varint_length(number: u64) -> usize {
    (64 - (number | 1).leading_zeros()).div_ceil(7) as usize
}

#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
fn varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fast_mvt::{MvtReaderRef, MvtValueRef};
    use geo_types::Geometry;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_texts_are_one_value_wherever_they_lie() {
        let texts: Vec<Arc<str>> = vec![Arc::from("楼"), Arc::from("楼"), Arc::from("房")];
        let mut writer = Writer::new("any", 4096, ["name"].into_iter());
        for (id, text) in (1..).zip(texts.iter().chain(&texts)) {
            writer.tag(0, ValueRef::Text(text));
            writer.points(&[Vertex { x: 1, y: 2 }]);
            writer.end(Some(id), Kind::Point);
        }
        assert_eq!(writer.values.count, 2);
        let bytes = writer.finish();
        let reader = MvtReaderRef::new(&bytes).unwrap();
        let names: Vec<String> = reader
            .layers()
            .flat_map(|l| l.features().collect::<Vec<_>>())
            .map(|f| format!("{:?}", f.properties().next().unwrap().unwrap().1))
            .collect();
        assert_eq!(names, [r#""楼""#, r#""楼""#, r#""房""#, r#""楼""#, r#""楼""#, r#""房""#]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_features_come_back_from_another_reader(
            features in prop::collection::vec(
                (any::<Option<u64>>(), any::<i64>(), any::<f64>(), 0..40_u8,
                 prop::collection::vec((-70_000..70_000_i32, -70_000..70_000_i32), 2..9)), 1..200),
        ) {
            let texts: Vec<Arc<str>> = (0..40).map(|n| Arc::from(format!("名{n}"))).collect();
            let mut writer = Writer::new("层", 16384, ["int", "float", "text"].into_iter());
            for (id, int, float, text, line) in &features {
                writer.tag(0, ValueRef::Int(*int));
                writer.tag(1, ValueRef::Float(*float));
                writer.tag(2, ValueRef::Text(&texts[usize::from(*text)]));
                let line: Vec<Vertex> = line.iter().map(|c| Vertex::from(*c)).collect();
                writer.line(&line);
                writer.end(*id, Kind::Line);
            }
            let bytes = writer.finish();
            let reader = MvtReaderRef::new(&bytes).unwrap();
            let layer = reader.layers().next().unwrap();
            prop_assert_eq!((layer.name(), layer.extent(), layer.features().count()), ("层", 16384, features.len()));
            for (read, (id, int, float, text, line)) in layer.features().zip(&features) {
                prop_assert_eq!(read.id(), *id);
                let line = line.iter().map(|c| Vertex::from(*c)).collect();
                prop_assert_eq!(read.geometry().unwrap(), Geometry::LineString(line));
                for property in read.properties() {
                    let is_equal = match property.unwrap() {
                        ("int", MvtValueRef::Int(n) | MvtValueRef::SInt(n)) => n == *int,
                        ("float", MvtValueRef::Double(n)) => n.to_bits() == float.to_bits(),
                        ("text", MvtValueRef::String(t)) => t == &*texts[usize::from(*text)],
                        _ => false,
                    };
                    prop_assert!(is_equal);
                }
            }
        }
    }
}
