//! Attributes in columns: numbers in a row, texts as codes of a dictionary. Five attributes
//! of a building take 24 bytes, where five [`Value`]s take 120.

use std::collections::HashMap;
use std::sync::Arc;

use super::Value;

/// Stands for an absent whole number.
const NO_INT: i64 = i64::MIN;
/// Stands for an absent whole number in a column of small ones.
const NO_SMALL: i32 = i32::MIN;
/// Stands for an absent text.
const NO_TEXT: u32 = u32::MAX;

/// One attribute of all features.
#[derive(Debug)]
pub enum Column {
    /// Absent everywhere, this many times.
    Null(usize),
    /// Whole numbers that fit 32 bits.
    Small(Vec<i32>),
    /// Whole numbers.
    Int(Vec<i64>),
    /// Numbers; absent ones are no numbers.
    Float(Vec<f64>),
    /// Codes of the texts.
    Text(Vec<u32>, Vec<Arc<str>>),
    /// Values of several types.
    Any(Vec<Value>),
}

/// The attributes of one feature, in the order of the layer.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// Its own.
    Own(&'a [Value]),
    /// A row of columns.
    Row(&'a [Column], usize),
}

impl<'a> Values<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        match self {
            Self::Own(values) => values.len(),
            Self::Row(columns, _) => columns.len(),
        }
    }

    /// Whether the layer has no attributes.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The n-th; absent when there are fewer.
    pub fn get(self, n: usize) -> ValueRef<'a> {
        match self {
            Self::Own(values) => values.get(n).map_or(ValueRef::Null, ValueRef::from),
            Self::Row(columns, row) => columns.get(n).map_or(ValueRef::Null, |c| c.get(row)),
        }
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = ValueRef<'a>> {
        (0..self.len()).map(move |n| self.get(n))
    }

    pub(super) fn to_vec(self) -> Vec<Value> {
        self.iter().map(Value::from).collect()
    }
}

/// A borrowed [`Value`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// Absent.
    Null,
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A string.
    Text(&'a Arc<str>),
}

impl<'a> ValueRef<'a> {
    /// The string, if it is one.
    pub fn as_text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'a> From<&'a Value> for ValueRef<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(*number),
            Value::Float(number) => Self::Float(*number),
            Value::Text(text) => Self::Text(text),
        }
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Int(number) => Self::Int(number),
            ValueRef::Float(number) => Self::Float(number),
            ValueRef::Text(text) => Self::Text(Arc::clone(text)),
        }
    }
}

impl Column {
    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Null(_) => 0,
            Self::Small(all) => size_of_val(&**all),
            Self::Int(all) => size_of_val(&**all),
            Self::Float(all) => size_of_val(&**all),
            Self::Text(codes, texts) => {
                let text = |t: &Arc<str>| t.len() + size_of::<Arc<str>>() + 2 * size_of::<usize>();
                size_of_val(&**codes) + texts.iter().map(text).sum::<usize>()
            }
            Self::Any(all) => size_of_val(&**all),
        }
    }

    pub(super) fn get(&self, row: usize) -> ValueRef<'_> {
        match self {
            Self::Null(_) => ValueRef::Null,
            Self::Small(all) if all[row] == NO_SMALL => ValueRef::Null,
            Self::Small(all) => ValueRef::Int(i64::from(all[row])),
            Self::Int(all) if all[row] == NO_INT => ValueRef::Null,
            Self::Int(all) => ValueRef::Int(all[row]),
            Self::Float(all) if all[row].is_nan() => ValueRef::Null,
            Self::Float(all) => ValueRef::Float(all[row]),
            Self::Text(codes, texts) => {
                texts.get(codes[row] as usize).map_or(ValueRef::Null, ValueRef::Text)
            }
            Self::Any(all) => ValueRef::from(&all[row]),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Null(len) => *len,
            Self::Small(all) => all.len(),
            Self::Int(all) => all.len(),
            Self::Float(all) => all.len(),
            Self::Text(codes, _) => codes.len(),
            Self::Any(all) => all.len(),
        }
    }
}

/// A column while it grows.
pub(super) struct Growing {
    column: Column,
    codes: HashMap<Arc<str>, u32>,
}

impl Growing {
    /// A column that was absent for the features so far.
    pub(super) fn after(absent: usize) -> Self {
        Self { column: Column::Null(absent), codes: HashMap::new() }
    }

    pub(super) fn push(&mut self, value: ValueRef<'_>) {
        if let (Column::Null(absent), false) = (&self.column, value == ValueRef::Null) {
            let absent = *absent;
            self.column = match value {
                ValueRef::Int(_) => Column::Int(vec![NO_INT; absent]),
                ValueRef::Float(_) => Column::Float(vec![f64::NAN; absent]),
                _ => Column::Text(vec![NO_TEXT; absent], Vec::new()),
            };
        }
        match (&mut self.column, value) {
            (Column::Null(absent), _) => *absent += 1,
            (Column::Int(all), ValueRef::Null) => all.push(NO_INT),
            (Column::Int(all), ValueRef::Int(number)) if number != NO_INT => all.push(number),
            (Column::Float(all), ValueRef::Null) => all.push(f64::NAN),
            (Column::Float(all), ValueRef::Float(number)) => all.push(number),
            (Column::Text(codes, _), ValueRef::Null) => codes.push(NO_TEXT),
            (Column::Text(codes, texts), ValueRef::Text(text)) => {
                let code = self.codes.get(text).copied().unwrap_or_else(|| {
                    let code = u32::try_from(texts.len()).expect("fewer texts than features");
                    texts.push(Arc::clone(text));
                    self.codes.insert(Arc::clone(text), code);
                    code
                });
                codes.push(code);
            }
            (Column::Any(all), value) => all.push(value.into()),
            (column, value) => {
                let so_far = (0..column.len()).map(|row| column.get(row).into());
                let all = so_far.chain([value.into()]).collect();
                *column = Column::Any(all);
            }
        }
    }

    /// The same with its rows in another order, or some of them again and again, without spare room.
    pub(super) fn ordered(self, order: &[u32]) -> Self {
        let column = match self.column {
            Column::Null(_) => Column::Null(order.len()),
            Column::Small(all) => Column::Small(ordered(&all, order)),
            Column::Int(all) => Column::Int(ordered(&all, order)),
            Column::Float(all) => Column::Float(ordered(&all, order)),
            Column::Text(codes, texts) => Column::Text(ordered(&codes, order), texts),
            Column::Any(all) => Column::Any(ordered(&all, order)),
        };
        Self { column, ..self }
    }

    /// The finished column, without spare room.
    pub(super) fn finish(self) -> Column {
        let small = |n: &i64| match *n {
            NO_INT => Some(NO_SMALL),
            n => i32::try_from(n).ok().filter(|n| *n != NO_SMALL),
        };
        let mut column = match self.column {
            Column::Int(all) => match all.iter().map(small).collect::<Option<Vec<i32>>>() {
                Some(all) => Column::Small(all),
                None => Column::Int(all),
            },
            other => other,
        };
        match &mut column {
            Column::Null(_) => {}
            Column::Small(all) => all.shrink_to_fit(),
            Column::Int(all) => all.shrink_to_fit(),
            Column::Float(all) => all.shrink_to_fit(),
            Column::Text(codes, texts) => {
                codes.shrink_to_fit();
                texts.shrink_to_fit();
            }
            Column::Any(all) => all.shrink_to_fit(),
        }
        column
    }
}

/// The items in another order, without spare room.
pub(super) fn ordered<T: Clone>(items: &[T], order: &[u32]) -> Vec<T> {
    order.iter().map(|&row| items[row as usize].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[Value]) -> Column {
        let mut growing = Growing::after(0);
        for value in values {
            growing.push(value.into());
        }
        growing.finish()
    }

    #[test]
    fn what_goes_in_comes_out() {
        let text = |t: &str| Value::Text(Arc::from(t));
        for values in [
            vec![Value::Null, Value::Null],
            vec![Value::Null, Value::Int(3), Value::Int(-2_000_000_000)],
            vec![Value::Int(i64::MAX), Value::Null, Value::Int(0)],
            vec![Value::Int(i64::MIN), Value::Int(1)],
            vec![Value::Int(i64::from(i32::MIN)), Value::Null],
            vec![Value::Null, Value::Float(0.5), Value::Null],
            vec![Value::Null, text("甲"), text("乙"), text("甲"), Value::Null],
            vec![text("1"), Value::Int(1), Value::Null, Value::Float(1.0)],
        ] {
            let column = column(&values);
            let back: Vec<Value> = (0..values.len()).map(|row| column.get(row).into()).collect();
            assert_eq!(back, values);
        }
    }

    #[test]
    fn small_numbers_and_repeated_texts_are_packed() {
        assert!(matches!(column(&[Value::Int(7), Value::Null]), Column::Small(_)));
        let texts = column(&vec![Value::Text(Arc::from("办公")); 9]);
        assert!(matches!(texts, Column::Text(_, texts) if texts.len() == 1));
    }
}
