//! PostgreSQL's binary COPY format ("File Formats", COPY, of its manual): a header, then rows of length-prefixed fields
//! in network byte order, then −1.

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Rows out of pieces of a stream, cut anywhere.
#[derive(Default)]
pub(super) struct CopyRows {
    bytes: Vec<u8>,
    read: usize,
    has_begun: bool,
}

/// One row.
pub(super) struct CopyRow<'a>(Vec<Option<&'a [u8]>>);

impl CopyRows {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.read);
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether all rows were read and the format's end was met.
    pub(super) fn is_ended(&self) -> bool {
        self.has_begun && self.bytes[self.read..] == (-1_i16).to_be_bytes()
    }

    /// The next row that is whole.
    pub(super) fn next(&mut self) -> Result<Option<CopyRow<'_>>, &'static str> {
        if !self.has_begun {
            let Some((header, rest)) = self.bytes.split_at_checked(SIGNATURE.len() + 8) else {
                return Ok(None);
            };
            let extension = header.last_chunk().map_or(0, |b| u32::from_be_bytes(*b)) as usize;
            if !header.starts_with(SIGNATURE) {
                return Err("the database did not answer in its binary COPY format");
            }
            if rest.len() < extension {
                return Ok(None);
            }
            (self.has_begun, self.read) = (true, header.len() + extension);
        }
        let mut rest = &self.bytes[self.read..];
        let row = row(&mut rest);
        if row.is_some() {
            self.read = self.bytes.len() - rest.len();
        }
        Ok(row)
    }
}

/// `None` while it is not whole, and at the end.
fn row<'a>(rest: &mut &'a [u8]) -> Option<CopyRow<'a>> {
    let count = usize::try_from(i16::from_be_bytes(take(rest)?)).ok()?;
    let mut fields = Vec::with_capacity(count);
    for _ in 0..count {
        fields.push(match usize::try_from(i32::from_be_bytes(take(rest)?)) {
            Ok(length) => {
                let (field, after) = rest.split_at_checked(length)?;
                *rest = after;
                Some(field)
            }
            Err(_negative) => None,
        });
    }
    Some(CopyRow(fields))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*first)
}

impl<'a> CopyRow<'a> {
    /// A field's bytes; absent when null.
    pub(super) fn bytes(&self, n: usize) -> Option<&'a [u8]> {
        self.0.get(n).copied().flatten()
    }

    /// An `int4` or `int8`.
    pub(super) fn int(&self, n: usize) -> Option<i64> {
        let bytes = self.bytes(n)?;
        let wide = bytes.try_into().ok().map(i64::from_be_bytes);
        wide.or_else(|| Some(i64::from(i32::from_be_bytes(bytes.try_into().ok()?))))
    }

    /// A `float8`.
    pub(super) fn float(&self, n: usize) -> Option<f64> {
        Some(f64::from_be_bytes(self.bytes(n)?.try_into().ok()?))
    }

    /// A `text` in UTF-8.
    pub(super) fn text(&self, n: usize) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(n)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Row = (i64, Option<i32>, Option<f64>, Option<String>);

    fn written(rows: &[Row]) -> Vec<u8> {
        let mut bytes = [SIGNATURE, &[0; 8]].concat();
        let field = |bytes: &mut Vec<u8>, field: Option<&[u8]>| {
            let length = field.map_or(-1, |f| i32::try_from(f.len()).unwrap());
            bytes.extend(length.to_be_bytes());
            bytes.extend(field.unwrap_or_default());
        };
        for (id, small, float, text) in rows {
            bytes.extend(4_i16.to_be_bytes());
            field(&mut bytes, Some(&id.to_be_bytes()));
            field(&mut bytes, small.map(i32::to_be_bytes).as_ref().map(<[u8; 4]>::as_slice));
            field(&mut bytes, float.map(f64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
            field(&mut bytes, text.as_ref().map(String::as_bytes));
        }
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    proptest! {
        #![proptest_config(crate::noise::config())]

        #[test]
        fn random_rows_come_back_however_the_stream_is_cut(
            rows in prop::collection::vec(
                (any::<i64>(), any::<Option<i32>>(), prop::option::of(-1e9..1e9), any::<Option<String>>()), 0..20),
            piece in 1..60_usize,
        ) {
            let (mut reader, mut read) = (CopyRows::default(), Vec::new());
            for bytes in written(&rows).chunks(piece) {
                reader.feed(bytes);
                while let Some(row) = reader.next().unwrap() {
                    read.push((
                        row.int(0).unwrap(),
                        row.int(1).map(|n| i32::try_from(n).unwrap()),
                        row.float(2),
                        row.text(3).map(str::to_owned),
                    ));
                }
            }
            prop_assert!(reader.is_ended());
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn random_streams_that_stop_early_have_not_ended(rows in prop::collection::vec(any::<i64>(), 1..9), cut in 1..40_usize) {
            let rows: Vec<Row> = rows.into_iter().map(|id| (id, None, None, None)).collect();
            let bytes = written(&rows);
            let mut reader = CopyRows::default();
            reader.feed(&bytes[..bytes.len().saturating_sub(cut)]);
            while reader.next().unwrap().is_some() {}
            prop_assert!(!reader.is_ended());
        }

        #[test]
        fn random_bytes_are_refused_or_wait_for_more(bytes in crate::noise::bytes(200)) {
            let mut reader = CopyRows::default();
            reader.feed(&bytes);
            while let Ok(Some(_)) = reader.next() {}
        }
    }
}
