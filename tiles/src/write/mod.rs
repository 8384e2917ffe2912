//! The bytes of one layer of a Mapbox Vector Tile 2.1: a feature becomes bytes as it is met, and its values are found again
//! by what they are in memory.

mod row;
mod values;

use std::cell::RefCell;
use std::ops::Range;

use gis_data::ValueRef;
use row::Row;
use values::{Seen, Values};

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
    features: Row,
    values: Values<'a>,
    /// Where of features that are alike, by their number, it stands what was said of them.
    alike: Seen,
    kept: Vec<Range<usize>>,
    /// What was said of them, and of the feature at hand.
    said: Row,
    tags: Range<usize>,
    /// Of the feature at hand.
    geometry: Row,
    at: Vertex,
}

/// Rows that the next tile of a thread is written into: what is given back is asked for again from the system, page by page.
#[derive(Default)]
struct Spare {
    features: Row,
    said: Row,
    geometry: Row,
}

thread_local! {
    static SPARE: RefCell<Spare> = RefCell::default();
}

impl<'a> Writer<'a> {
    pub(crate) fn new(name: &'a str, extent: u16, keys: impl Iterator<Item = &'a str>) -> Self {
        let spare = SPARE.take();
        Self {
            name,
            extent,
            keys: keys.map(|key| (key, None)).collect(),
            keys_used: 0,
            features: spare.features,
            values: Values::default(),
            alike: Seen::default(),
            kept: Vec::new(),
            said: spare.said,
            tags: 0..0,
            geometry: spare.geometry,
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
        self.said.pair(key, value);
        self.tags.end = self.said.len();
    }

    /// Says of the feature at hand what `tag` says; of others with the same number what was said of the first. Nothing is said
    /// of it after that.
    pub(crate) fn tag_alike(&mut self, alike: Option<u32>, tag: impl FnOnce(&mut Self)) {
        let Some(alike) = alike else { return tag(self) };
        let next = u32::try_from(self.kept.len()).expect("fewer than features");
        let known = self.alike.number(alike.into(), next);
        let before = self.said.len();
        if let Some(kept) = self.kept.get(known as usize) {
            if self.tags.is_empty() {
                self.tags = kept.clone();
            } else {
                self.said.repeat(kept.clone());
                self.tags.end = self.said.len();
            }
            return;
        }
        tag(self);
        self.kept.push(before..self.said.len());
    }

    /// Points of the feature at hand.
    pub(crate) fn points(&mut self, points: &[Vertex]) {
        self.command(MOVE_TO, points.len());
        self.at = self.geometry.way(self.at, points.iter().copied());
    }

    /// A line of it.
    pub(crate) fn line(&mut self, line: &[Vertex]) {
        self.path(line.len(), line.iter().copied());
    }

    /// A ring of it, not closed by a repeated vertex: exteriors with positive area, holes with negative.
    pub(crate) fn ring(&mut self, length: usize, ring: impl Iterator<Item = Vertex>) {
        self.path(length, ring);
        self.geometry.put((1 << 3 | CLOSE_PATH).into());
    }

    /// Writes the feature at hand.
    pub(crate) fn end(&mut self, id: Option<u64>, kind: Kind) {
        let (tags, geometry) = (self.tags.clone(), self.geometry.len());
        let id_length = id.map_or(0, |id| 1 + varint_length(id));
        let tags_length = if tags.is_empty() { 0 } else { sized(tags.len()) };
        let length = id_length + tags_length + 2 + sized(geometry);
        let features = &mut self.features;
        features.reserve(length + HEADER);
        features.field(FEATURE, length as u64);
        if let Some(id) = id {
            features.field(0x08, id);
        }
        if !tags.is_empty() {
            features.field(0x12, tags.len() as u64);
            features.copy(&self.said, tags);
        }
        features.field(0x18, kind as u64);
        features.field(0x22, geometry as u64);
        features.copy(&self.geometry, 0..geometry);
        self.geometry.cut(0);
        self.at = Vertex { x: 0, y: 0 };
        // What is not kept for others is forgotten.
        self.said.cut(self.kept.last().map_or(0, |last| last.end));
        self.tags = self.said.len()..self.said.len();
    }

    /// The tile of this layer; empty without a feature.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let tile = self.joined();
        SPARE.set(Spare {
            features: std::mem::take(&mut self.features).emptied(),
            said: std::mem::take(&mut self.said).emptied(),
            geometry: std::mem::take(&mut self.geometry).emptied(),
        });
        tile
    }

    fn joined(&self) -> Vec<u8> {
        let features = self.features.written();
        if features.is_empty() {
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
            + features.len()
            + key_bytes
            + self.values.bytes.len()
            + extent.len();
        let mut tile = Vec::with_capacity(length + 8);
        tile.push(0x1A);
        varint(&mut tile, length as u64);
        bytes(&mut tile, 0x0A, self.name.as_bytes());
        tile.extend_from_slice(features);
        for (_, key) in keys {
            bytes(&mut tile, 0x1A, key.as_bytes());
        }
        tile.extend_from_slice(&self.values.bytes);
        tile.extend(extent);
        tile
    }

    #[inline]
    fn path(&mut self, length: usize, mut path: impl Iterator<Item = Vertex>) {
        let Some(first) = path.next() else { return };
        self.command(MOVE_TO, 1);
        let at = self.geometry.way(self.at, std::iter::once(first));
        self.command(LINE_TO, length - 1);
        self.at = self.geometry.way(at, path);
    }

    /// A command for so many vertices, with room for them and another command.
    #[inline]
    fn command(&mut self, command: u8, count: usize) {
        self.geometry.reserve(2 * HEADER + VERTEX * count);
        let count = u32::try_from(count).expect("a geometry has fewer vertices than 2^32");
        self.geometry.put((count << 3 | u32::from(command)).into());
    }
}

/// The longest way to a vertex: two numbers of 32 bits.
const VERTEX: usize = 10;
/// More than the tag and the length of a feature take, or a command.
const HEADER: usize = 16;
const FEATURE: u8 = 0x12;
const MOVE_TO: u8 = 1;
const LINE_TO: u8 = 2;
const CLOSE_PATH: u8 = 7;

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
                (any::<Option<u64>>(), prop_oneof![0..3_i64, any::<i64>()],
                 prop_oneof![Just(0.5), Just(-0.0), any::<f64>()], 0..4_u8,
                 prop::collection::vec((-70_000..70_000_i32, -70_000..70_000_i32), 2..9)), 1..200),
        ) {
            let alike = |n: usize| {
                let same = |(_, int, float, text, _): &(_, i64, f64, u8, _)| (*int, float.to_bits(), *text);
                features.iter().position(|other| same(other) == same(&features[n]))
            };
            let texts: Vec<Arc<str>> = (0..4).map(|n| Arc::from(format!("名{n}"))).collect();
            let mut writer = Writer::new("层", 16384, ["int", "float", "text", "before"].into_iter());
            for (n, (id, int, float, text, line)) in features.iter().enumerate() {
                // Some have a number, as those of a delta have none.
                let alike = alike(n).filter(|_| n % 3 > 0).map(|first| u32::try_from(first).unwrap());
                if n % 4 == 0 {
                    writer.tag(3, ValueRef::Int(7));
                }
                writer.tag_alike(alike, |writer| {
                    writer.tag(0, ValueRef::Int(*int));
                    writer.tag(1, ValueRef::Float(*float));
                    writer.tag(2, ValueRef::Text(&texts[usize::from(*text)]));
                });
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
                let is_before = usize::from(read.properties().next().unwrap().unwrap().0 == "before");
                prop_assert_eq!(read.properties().count(), is_before + if float.is_finite() { 3 } else { 2 });
                for property in read.properties() {
                    let is_equal = match property.unwrap() {
                        ("before", MvtValueRef::Int(n)) => n == 7,
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
