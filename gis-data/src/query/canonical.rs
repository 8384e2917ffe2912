//! The bytes of a filter: equal for equal filters, whatever they were written in, on every machine and after every
//! restart. Attributes go by name, because a layer may come to have them in another order.

use super::expr::{Column, Expr, List, Operand, Reading, Test};
use crate::AttributeType;

/// Moves when the bytes or what they mean change.
const VERSION: u8 = 1;

impl Expr {
    /// The hash of the whole.
    pub(super) fn fingerprint(&self) -> u128 {
        let mut bytes = vec![VERSION];
        self.write(&mut bytes);
        xxhash_rust::xxh3::xxh3_128(&bytes)
    }

    /// What parts of `AND` and `OR` are sorted by. Smaller is also quicker to test: tests before their combinations, `LIKE` last
    /// among them.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Constant(is_true) => out.extend([0, u8::from(*is_true)]),
            Self::Test(test) => test.write(out),
            Self::All(parts) => write_parts(8, parts, out),
            Self::Any(parts) => write_parts(9, parts, out),
        }
    }
}

impl Test {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null { column, is_negated } => {
                out.extend([1, u8::from(*is_negated)]);
                column.write(out);
            }
            Self::Compare { column, relation, operand } => {
                out.push(2);
                column.write(out);
                write_text(relation.symbol(), out);
                operand.write(out);
            }
            Self::Among { column, list, is_negated } => {
                out.extend([3, u8::from(*is_negated)]);
                column.write(out);
                list.write(out);
            }
            Self::Like { column, pattern, is_negated } => {
                out.extend([4, u8::from(*is_negated)]);
                column.write(out);
                write_text(&pattern.to_string(), out);
            }
        }
    }
}

impl Column {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(match self.kind {
            AttributeType::Int => 0,
            AttributeType::Float => 1,
            AttributeType::Text => 2,
        });
        out.push(match self.reading {
            Reading::Int => 0,
            Reading::Float => 1,
            Reading::Text => 2,
            Reading::Folded => 3,
        });
        write_text(&self.name, out);
    }
}

impl Operand {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Int(number) => {
                out.push(0);
                out.extend(number.to_le_bytes());
            }
            Self::Float(number) => {
                out.push(1);
                out.extend(number.to_le_bytes());
            }
            Self::Text(text) => {
                out.push(2);
                write_text(text, out);
            }
            Self::Column(column) => {
                out.push(3);
                column.write(out);
            }
        }
    }
}

impl List {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Ints(all) => {
                write_len(all.len(), out);
                out.extend(all.iter().flat_map(|number| number.to_le_bytes()));
            }
            Self::Floats(all) => {
                write_len(all.len(), out);
                out.extend(all.iter().flat_map(|number| number.to_le_bytes()));
            }
            Self::Texts(all) => {
                write_len(all.len(), out);
                for text in all {
                    write_text(text, out);
                }
            }
        }
    }
}

fn write_parts(tag: u8, parts: &[Expr], out: &mut Vec<u8>) {
    out.push(tag);
    write_len(parts.len(), out);
    for part in parts {
        part.write(out);
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    write_len(text.len(), out);
    out.extend(text.bytes());
}

fn write_len(len: usize, out: &mut Vec<u8>) {
    out.extend((len as u64).to_le_bytes());
}
