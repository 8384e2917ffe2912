//! Running a filter over values in memory. Three answers, as in SQL: true, false, and `None` for unknown. Nothing is
//! allocated.

use std::cmp::Ordering;

use super::expr::{Column, Expr, List, Operand, Reading, Test};
use super::fold::folded;
use crate::{ValueRef, Values};

impl Expr {
    pub(super) fn truth(&self, values: Values<'_>) -> Option<bool> {
        match self {
            Self::Constant(is_true) => Some(*is_true),
            Self::Test(test) => test.truth(values),
            Self::All(parts) => joined(parts, values, false),
            Self::Any(parts) => joined(parts, values, true),
        }
    }
}

/// One part with the deciding answer decides; otherwise one unknown part leaves all unknown.
fn joined(parts: &[Expr], values: Values<'_>, deciding: bool) -> Option<bool> {
    let mut answer = Some(!deciding);
    for part in parts {
        match part.truth(values) {
            Some(truth) if truth == deciding => return Some(deciding),
            Some(_) => {}
            None => answer = None,
        }
    }
    answer
}

impl Test {
    fn truth(&self, values: Values<'_>) -> Option<bool> {
        match self {
            Self::Null { column, is_negated } => Some(column.is_null(values) != *is_negated),
            Self::Compare { column, relation, operand } => {
                Some(relation.holds(column.compared(operand, values)?))
            }
            Self::Among { column, list, is_negated } => {
                Some(column.is_among(list, values)? != *is_negated)
            }
            Self::Like { column, pattern, is_negated } => {
                let text = column.text(values)?;
                let is_like = match column.reading {
                    Reading::Folded => pattern.matches(text.chars().map(folded)),
                    _ => pattern.matches(text.chars()),
                };
                Some(is_like != *is_negated)
            }
        }
    }
}

impl Column {
    /// A value that is not of the attribute's type counts as absent, and so does what is no number, as in packed
    /// columns.
    fn is_null(&self, values: Values<'_>) -> bool {
        match self.reading {
            Reading::Int => self.int(values).is_none(),
            Reading::Float => self.float(values).is_none(),
            Reading::Text | Reading::Folded => self.text(values).is_none(),
        }
    }

    fn int(&self, values: Values<'_>) -> Option<i64> {
        match values.get(self.index) {
            ValueRef::Int(number) => Some(number),
            _ => None,
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "SQL rounds to double precision in the same way"
    )]
    fn float(&self, values: Values<'_>) -> Option<f64> {
        match values.get(self.index) {
            ValueRef::Float(number) if !number.is_nan() => Some(number),
            ValueRef::Int(number) => Some(number as f64),
            _ => None,
        }
    }

    fn text<'a>(&self, values: Values<'a>) -> Option<&'a str> {
        values.get(self.index).as_text()
    }

    fn compared(&self, operand: &Operand, values: Values<'_>) -> Option<Ordering> {
        match operand {
            Operand::Int(number) => Some(self.int(values)?.cmp(number)),
            Operand::Float(number) => self.float(values)?.partial_cmp(number),
            Operand::Text(text) => {
                Some(order((self.text(values)?, self.reading), (text, Reading::Text)))
            }
            Operand::Column(other) => match self.reading {
                Reading::Int => Some(self.int(values)?.cmp(&other.int(values)?)),
                Reading::Float => self.float(values)?.partial_cmp(&other.float(values)?),
                Reading::Text | Reading::Folded => Some(order(
                    (self.text(values)?, self.reading),
                    (other.text(values)?, other.reading),
                )),
            },
        }
    }

    fn is_among(&self, list: &List, values: Values<'_>) -> Option<bool> {
        Some(match list {
            List::Ints(all) => all.binary_search(&self.int(values)?).is_ok(),
            List::Floats(all) => {
                let number = self.float(values)?;
                let order = |item: &f64| item.partial_cmp(&number).unwrap_or(Ordering::Less);
                all.binary_search_by(order).is_ok()
            }
            List::Texts(all) => {
                let text = (self.text(values)?, self.reading);
                all.binary_search_by(|item| order((item, Reading::Text), text)).is_ok()
            }
        })
    }
}

/// By code points, which is also the order of UTF-8 bytes.
fn order(left: (&str, Reading), right: (&str, Reading)) -> Ordering {
    let letter = |reading| -> fn(char) -> char {
        match reading {
            Reading::Folded => folded,
            _ => std::convert::identity,
        }
    };
    match (left, right) {
        ((left, Reading::Text), (right, Reading::Text)) => left.cmp(right),
        ((left, left_as), (right, right_as)) => {
            left.chars().map(letter(left_as)).cmp(right.chars().map(letter(right_as)))
        }
    }
}
