//! Writes small OSM PBF files: just enough of the format (uncompressed blocks, plain nodes) to put
//! exact cases before the reader.

/// What a file is made of.
#[derive(Default)]
pub(crate) struct Osm {
    strings: Vec<String>,
    nodes: Vec<u8>,
    ways: Vec<u8>,
    relations: Vec<u8>,
}

type Tags<'a> = &'a [(&'a str, &'a str)];

impl Osm {
    pub(crate) fn node(&mut self, id: i64, lon: f64, lat: f64, tags: Tags<'_>) {
        let mut message = Vec::new();
        varint_field(&mut message, 1, zigzag(id));
        self.tags(&mut message, tags);
        varint_field(&mut message, 8, zigzag(units(lat)));
        varint_field(&mut message, 9, zigzag(units(lon)));
        bytes_field(&mut self.nodes, 1, &message);
    }

    /// Four nodes from `first` on, around a square of 0.0001 degrees, without the way.
    pub(crate) fn corners(&mut self, first: i64, lon: f64, lat: f64, side: f64) {
        for (i, (x, y)) in (0..).zip([(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]) {
            self.node(first + i, lon + x, lat + y, &[]);
        }
    }

    pub(crate) fn way(&mut self, id: i64, nodes: &[i64], tags: Tags<'_>) {
        let mut message = Vec::new();
        varint_field(&mut message, 1, id.cast_unsigned());
        self.tags(&mut message, tags);
        bytes_field(&mut message, 8, &deltas(nodes));
        bytes_field(&mut self.ways, 3, &message);
    }

    /// Members are ways with a role.
    pub(crate) fn relation(&mut self, id: i64, members: &[(i64, &str)], tags: Tags<'_>) {
        let mut message = Vec::new();
        varint_field(&mut message, 1, id.cast_unsigned());
        self.tags(&mut message, tags);
        let roles: Vec<u8> = members.iter().flat_map(|m| varint(self.string(m.1))).collect();
        bytes_field(&mut message, 8, &roles);
        bytes_field(&mut message, 9, &deltas(&members.iter().map(|m| m.0).collect::<Vec<_>>()));
        bytes_field(&mut message, 10, &vec![1; members.len()]);
        bytes_field(&mut self.relations, 4, &message);
    }

    /// The file: a header, then a block each of nodes, ways and relations.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut header = Vec::new();
        bytes_field(&mut header, 4, b"OsmSchema-V0.6");
        let mut file = Vec::new();
        block(&mut file, b"OSMHeader", &header);
        let mut table = Vec::new();
        bytes_field(&mut table, 1, b"");
        for string in &self.strings {
            bytes_field(&mut table, 1, string.as_bytes());
        }
        let mut content = |group: &[u8]| {
            let mut message = Vec::new();
            bytes_field(&mut message, 1, &table);
            bytes_field(&mut message, 2, group);
            block(&mut file, b"OSMData", &message);
        };
        content(&self.nodes);
        content(&self.ways);
        content(&self.relations);
        file
    }

    fn tags(&mut self, message: &mut Vec<u8>, tags: Tags<'_>) {
        let keys: Vec<u8> = tags.iter().flat_map(|t| varint(self.string(t.0))).collect();
        let values: Vec<u8> = tags.iter().flat_map(|t| varint(self.string(t.1))).collect();
        bytes_field(message, 2, &keys);
        bytes_field(message, 3, &values);
    }

    /// Its place in the string table, whose entry 0 is empty.
    fn string(&mut self, text: &str) -> u64 {
        let known = self.strings.iter().position(|s| s == text);
        let index = known.unwrap_or_else(|| {
            self.strings.push(text.to_owned());
            self.strings.len() - 1
        });
        index as u64 + 1
    }
}

fn block(file: &mut Vec<u8>, kind: &[u8], content: &[u8]) {
    let mut blob = Vec::new();
    bytes_field(&mut blob, 1, content);
    let mut header = Vec::new();
    bytes_field(&mut header, 1, kind);
    varint_field(&mut header, 3, blob.len() as u64);
    file.extend(u32::try_from(header.len()).unwrap().to_be_bytes());
    file.extend(header);
    file.extend(blob);
}

/// Degrees in the format's units of 100 nanodegrees.
#[expect(clippy::cast_possible_truncation, reason = "degrees fit")]
fn units(degrees: f64) -> i64 {
    (degrees * 1e7).round() as i64
}

fn deltas(ids: &[i64]) -> Vec<u8> {
    let mut last = 0;
    ids.iter()
        .flat_map(|id| {
            let delta = id - last;
            last = *id;
            varint(zigzag(delta))
        })
        .collect()
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)).cast_unsigned()
}

fn varint(mut n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while n > 0x7f {
        bytes.push(u8::try_from(n & 0x7f).unwrap() | 0x80);
        n >>= 7;
    }
    bytes.push(u8::try_from(n).unwrap());
    bytes
}

fn varint_field(message: &mut Vec<u8>, number: u64, value: u64) {
    message.extend(varint(number << 3));
    message.extend(varint(value));
}

fn bytes_field(message: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    message.extend(varint(number << 3 | 2));
    message.extend(varint(bytes.len() as u64));
    message.extend(bytes);
}
