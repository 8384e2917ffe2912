//! Attribute values. Texts repeat (use kinds, colours), so equal texts of one load share their bytes.

use std::collections::HashSet;
use std::sync::Arc;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Absent; tiles leave the key out.
    Null,
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A string.
    Text(Arc<str>),
}

impl Value {
    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }
}

/// Shares equal strings during a load.
#[derive(Default)]
pub(super) struct Interner(HashSet<Arc<str>>);

impl Interner {
    pub(super) fn text(&mut self, text: &str) -> Value {
        if let Some(known) = self.0.get(text) {
            return Value::Text(Arc::clone(known));
        }
        let shared: Arc<str> = Arc::from(text);
        self.0.insert(Arc::clone(&shared));
        Value::Text(shared)
    }
}
