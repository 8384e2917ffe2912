//! The attributes of the rows of a base. Most buildings say no more of themselves than that they are houses: where rows are
//! alike, each combination of values is kept once, and what a tile says of one it says of the next.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_128;

use super::column::{Column, Growing, ValueRef, Values, ordered};

/// Rows after which it is known whether rows are alike.
const TRIED: usize = 4096;

/// Values in columns, for each row or for each combination.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    columns: Vec<Column>,
    /// For each row the number of its combination; empty where each row has values of its own.
    alike: Box<[u32]>,
}

impl Attributes {
    #[inline]
    pub(super) fn row(&self, row: usize) -> Values<'_> {
        Values::Row(&self.columns, self.alike.get(row).map_or(row, |number| *number as usize))
    }

    /// A number that only rows with the same values have.
    #[inline]
    pub(super) fn alike(&self, row: usize) -> Option<u32> {
        self.alike.get(row).copied()
    }

    /// Bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        self.columns.iter().map(Column::bytes).sum::<usize>() + size_of_val(&*self.alike)
    }
}

/// Attributes while rows come.
pub(super) struct Collecting {
    columns: Vec<Growing>,
    /// How many values each column has.
    height: usize,
    /// Combinations by 128 bits that tell them apart.
    known: HashMap<u128, u32>,
    alike: Vec<u32>,
    is_sharing: bool,
    bits: Vec<u8>,
}

impl Default for Collecting {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            height: 0,
            known: HashMap::new(),
            alike: Vec::new(),
            is_sharing: true,
            bits: Vec::new(),
        }
    }
}

impl Collecting {
    /// Bytes that they take so far.
    pub(super) fn bytes(&self) -> usize {
        self.height * self.columns.len() * size_of::<u64>() + size_of_val(&*self.alike)
    }

    pub(super) fn push(&mut self, values: Values<'_>) {
        if !self.is_sharing {
            return self.add(values);
        }
        write_bits(values, &mut self.bits);
        let next = u32::try_from(self.height).expect("a layer has fewer features than 2^32");
        let number = *self.known.entry(xxh3_128(&self.bits)).or_insert(next);
        self.alike.push(number);
        if number == next {
            self.add(values);
        }
        if self.alike.len() > TRIED && !self.pays() {
            self.share_no_more();
        }
    }

    /// All rows; in another order where one is given.
    pub(super) fn finish(mut self, order: Option<&[u32]>) -> Attributes {
        if self.is_sharing && !self.pays() {
            self.share_no_more();
        }
        let (columns, alike) = (self.columns.into_iter(), self.alike);
        match order {
            Some(order) if self.is_sharing => Attributes {
                columns: columns.map(Growing::finish).collect(),
                alike: ordered(&alike, order).into(),
            },
            Some(order) => Attributes {
                columns: columns.map(|column| column.ordered(order).finish()).collect(),
                alike: Box::default(),
            },
            None => {
                Attributes { columns: columns.map(Growing::finish).collect(), alike: alike.into() }
            }
        }
    }

    /// Whether few combinations stand for many rows.
    fn pays(&self) -> bool {
        2 * self.height <= self.alike.len()
    }

    fn share_no_more(&mut self) {
        let (columns, order) = (std::mem::take(&mut self.columns), std::mem::take(&mut self.alike));
        self.columns = columns.into_iter().map(|column| column.ordered(&order)).collect();
        self.height = order.len();
        self.known = HashMap::new();
        self.is_sharing = false;
    }

    fn add(&mut self, values: Values<'_>) {
        while self.columns.len() < values.len() {
            self.columns.push(Growing::after(self.height));
        }
        for (n, column) in self.columns.iter_mut().enumerate() {
            column.push(values.get(n));
        }
        self.height += 1;
    }
}

/// What tells values from others.
fn write_bits(values: Values<'_>, bits: &mut Vec<u8>) {
    bits.clear();
    for value in values.iter() {
        match value {
            ValueRef::Null => bits.push(0),
            ValueRef::Int(number) => {
                bits.push(1);
                bits.extend(number.to_le_bytes());
            }
            ValueRef::Float(number) => {
                bits.push(2);
                bits.extend(number.to_bits().to_le_bytes());
            }
            ValueRef::Text(text) => {
                bits.push(3);
                bits.extend(text.len().to_le_bytes());
                bits.extend(text.as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Value;

    fn collected(rows: &[Vec<Value>], order: Option<&[u32]>) -> Attributes {
        let mut collecting = Collecting::default();
        for row in rows {
            collecting.push(Values::Own(row));
        }
        collecting.finish(order)
    }

    fn of_row(attributes: &Attributes, row: usize) -> Vec<Value> {
        attributes.row(row).to_vec()
    }

    #[test]
    fn rows_with_the_same_values_share_them() {
        let text = |t: &str| Value::Text(Arc::from(t));
        let rows = [
            vec![text("住宅"), Value::Int(2)],
            vec![text("住宅"), Value::Int(2)],
            vec![text("学校"), Value::Int(2)],
            vec![text("住宅"), Value::Null],
            vec![Value::Null, Value::Int(2)],
        ];
        let rows = [&rows[..], &rows[..]].concat();
        let attributes = collected(&rows, None);
        assert_eq!(*attributes.alike, [0, 0, 1, 2, 3, 0, 0, 1, 2, 3]);
        for (n, row) in rows.iter().enumerate() {
            assert_eq!(of_row(&attributes, n), *row);
        }
        let turned = collected(&rows, Some(&[9, 8, 7, 6, 5, 4, 3, 2, 1, 0]));
        for (n, row) in rows.iter().rev().enumerate() {
            assert_eq!(of_row(&turned, n), *row);
        }
    }

    #[test]
    fn where_most_rows_differ_each_has_its_own() {
        let rows: Vec<Vec<Value>> = (0..9).map(|n| vec![Value::Int(n)]).collect();
        let attributes = collected(&rows, None);
        assert_eq!(attributes.alike(0), None);
        assert_eq!(of_row(&attributes, 8), [Value::Int(8)]);
    }

    #[test]
    fn that_rows_differ_may_show_late() {
        let value = |n: i64| vec![Value::Int(if n < 4000 { 1 } else { n }), Value::Float(0.5)];
        let rows: Vec<Vec<Value>> = (0..9000).map(value).collect();
        let order: Vec<u32> = (0..9000).rev().collect();
        let attributes = collected(&rows, Some(&order));
        assert_eq!(attributes.alike(0), None);
        for (n, row) in rows.iter().rev().enumerate() {
            assert_eq!(of_row(&attributes, n), *row);
        }
    }
}
