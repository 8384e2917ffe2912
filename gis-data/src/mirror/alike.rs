//! Which rows have the same attributes: most buildings say no more of themselves than that they are houses, so that what
//! a tile says of one it says of the next.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_128;

use super::column::Column;

/// A number for each row, the same for those whose values are; told apart by 128 bits. Empty where it would not pay: when
/// few rows are alike, or a column holds values of several types.
pub(super) fn numbered(columns: &[Column], rows: usize) -> Box<[u32]> {
    let (mut known, mut bits) = (HashMap::new(), Vec::with_capacity(8 * columns.len()));
    let mut number = |row: usize| {
        bits.clear();
        for column in columns {
            bits.extend(column.bits(row)?.to_le_bytes());
        }
        let next = u32::try_from(known.len()).ok().filter(|_| known.len() <= rows / 2)?;
        Some(*known.entry(xxh3_128(&bits)).or_insert(next))
    };
    (0..rows).map(&mut number).collect::<Option<_>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Value, ValueRef};

    fn column(values: &[Value]) -> Column {
        Column::of(values.iter().map(ValueRef::from))
    }

    #[test]
    fn rows_have_one_number_when_all_their_values_are_the_same() {
        let text = |t: &str| Value::Text(Arc::from(t));
        let kinds = column(&[text("住宅"), text("住宅"), text("学校"), text("住宅"), Value::Null]);
        let floors = [Value::Int(2), Value::Int(2), Value::Int(2), Value::Null, Value::Int(2)];
        let floors = column(&[&floors[..], &floors[..]].concat());
        let all = [kinds.get(0), kinds.get(1), kinds.get(2), kinds.get(3), kinds.get(4)];
        let kinds = Column::of(all.into_iter().chain(all));
        let numbers = numbered(&[kinds, floors], 10);
        assert_eq!(*numbers, [0, 0, 1, 2, 3, 0, 0, 1, 2, 3]);
    }

    #[test]
    fn where_most_rows_differ_none_is_numbered() {
        let names = column(&(0..9).map(Value::Int).collect::<Vec<_>>());
        assert!(numbered(&[names], 9).is_empty());
        let mixed = column(&[Value::Int(1), Value::Text(Arc::from("1")), Value::Int(1)]);
        assert!(numbered(&[mixed], 3).is_empty());
    }
}
