//! A filter as it is run: attributes found, types checked, everything in one canonical order. `NOT` is gone: it has
//! been carried down to the tests, which keeps what SQL says of unknown values.

use std::sync::Arc;

use super::pattern::Pattern;
use super::tree::Relation;
use crate::AttributeType;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Constant(bool),
    Test(Test),
    /// Two or more.
    All(Vec<Self>),
    /// Two or more.
    Any(Vec<Self>),
}

/// A question about one attribute, or two.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Null { column: Column, is_negated: bool },
    Compare { column: Column, relation: Relation, operand: Operand },
    Among { column: Column, list: List, is_negated: bool },
    Like { column: Column, pattern: Pattern, is_negated: bool },
}

/// An attribute, and how its values are read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// Its place in the layer.
    pub(super) index: usize,
    pub(super) name: Arc<str>,
    pub(super) kind: AttributeType,
    pub(super) reading: Reading,
}

/// As what values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reading {
    Int,
    /// Also whole numbers that meet others.
    Float,
    Text,
    /// Without case.
    Folded,
}

/// What an attribute is compared with; read in the same way.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Int(i64),
    Float(f64),
    Text(String),
    Column(Column),
}

/// Two or more values in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum List {
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    Texts(Vec<String>),
}

impl Expr {
    pub(super) fn compare(column: Column, relation: Relation, operand: Operand) -> Self {
        Self::Test(Test::Compare { column, relation, operand })
    }

    /// True of nothing but the opposite; unknown where it was.
    pub(super) fn negated(self) -> Self {
        let each = |all: Vec<Self>| all.into_iter().map(Self::negated).collect();
        match self {
            Self::Constant(is_true) => Self::Constant(!is_true),
            Self::All(all) => Self::any(each(all)),
            Self::Any(all) => Self::all(each(all)),
            Self::Test(test) => Self::Test(test.negated()),
        }
    }

    /// All of these, flat, each once, in their order.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        let inner = |part| match part {
            Self::All(inner) => inner,
            other => vec![other],
        };
        let mut parts: Vec<Self> = parts.into_iter().flat_map(inner).collect();
        if parts.contains(&Self::Constant(false)) {
            return Self::Constant(false);
        }
        parts.retain(|part| *part != Self::Constant(true));
        Self::joined(parts, true, Self::All)
    }

    /// Any of these.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        let inner = |part| match part {
            Self::Any(inner) => inner,
            other => vec![other],
        };
        let mut parts: Vec<Self> = parts.into_iter().flat_map(inner).collect();
        if parts.contains(&Self::Constant(true)) {
            return Self::Constant(true);
        }
        parts.retain(|part| *part != Self::Constant(false));
        Self::joined(parts, false, Self::Any)
    }

    fn joined(mut parts: Vec<Self>, of_none: bool, join: fn(Vec<Self>) -> Self) -> Self {
        parts.sort_by_cached_key(Self::canonical);
        parts.dedup();
        match (parts.pop(), parts.is_empty()) {
            (None, _) => Self::Constant(of_none),
            (Some(only), true) => only,
            (Some(last), false) => {
                parts.push(last);
                join(parts)
            }
        }
    }

    /// Every attribute it asks for; one that is asked twice comes twice.
    pub(super) fn columns(&self) -> Vec<&Column> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::columns).collect(),
            Self::Test(Test::Compare { column, operand: Operand::Column(other), .. }) => {
                vec![column, other]
            }
            Self::Test(
                Test::Null { column, .. }
                | Test::Compare { column, .. }
                | Test::Among { column, .. }
                | Test::Like { column, .. },
            ) => vec![column],
        }
    }
}

impl Test {
    fn negated(self) -> Self {
        match self {
            Self::Null { column, is_negated } => Self::Null { column, is_negated: !is_negated },
            Self::Compare { column, relation, operand } => {
                Self::Compare { column, relation: relation.negated(), operand }
            }
            Self::Among { column, list, is_negated } => {
                Self::Among { column, list, is_negated: !is_negated }
            }
            Self::Like { column, pattern, is_negated } => {
                Self::Like { column, pattern, is_negated: !is_negated }
            }
        }
    }
}
