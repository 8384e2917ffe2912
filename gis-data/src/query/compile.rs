//! From what was written to what is run: attributes are looked up in the layer, types checked, values brought to the
//! type they are compared in, and `BETWEEN`, `NOT` and the like resolved into fewer kinds of test.

use std::sync::Arc;

use super::error::{FilterError, FilterFault, Typed};
use super::expr::{Column, Expr, List, Operand, Reading, Test};
use super::fold::folded_text;
use super::pattern::Pattern;
use super::tree::{Kind, Node, Relation};
use crate::{Attribute, AttributeType, Layer};

/// Whole numbers are below it and not below its negative.
const BOUND: f64 = 9_223_372_036_854_775_808.0;

/// The condition that the node is for this layer.
pub(super) fn condition(node: &Node, layer: &Layer) -> Result<Expr, FilterError> {
    let each = |nodes: &[Node]| -> Result<Vec<Expr>, FilterError> {
        nodes.iter().map(|node| condition(node, layer)).collect()
    };
    let term = |node: &Node| Term::of(node, layer);
    let compared = |left: &Term, relation, right: Term| {
        compared(left.clone(), relation, right).map_err(|fault| fault.at(node.at))
    };
    Ok(match &node.kind {
        Kind::Boolean(is_true) => Expr::Constant(*is_true),
        Kind::And(nodes) => Expr::all(each(nodes)?),
        Kind::Or(nodes) => Expr::any(each(nodes)?),
        Kind::Not(inner) => condition(inner, layer)?.negated(),
        Kind::Compare(relation, sides) => {
            let [left, right] = &**sides;
            compared(&term(left)?, *relation, term(right)?)?
        }
        Kind::Between(parts) => {
            let [value, low, high] = &**parts;
            let value = term(value)?;
            Expr::all(vec![
                compared(&value, Relation::GreaterOrEqual, term(low)?)?,
                compared(&value, Relation::LessOrEqual, term(high)?)?,
            ])
        }
        Kind::In(value, list) => {
            let value = term(value)?;
            let equal = |item| compared(&value, Relation::Equal, term(item)?);
            among(list.iter().map(equal).collect::<Result<_, _>>()?)
        }
        Kind::Like(sides) => {
            let [value, pattern] = &**sides;
            let Term::Text(pattern) = term(pattern)? else {
                return Err(FilterFault::NeedsPattern.at(pattern.at));
            };
            like(term(value)?, &pattern).map_err(|fault| fault.at(node.at))?
        }
        Kind::IsNull(inner) => match term(inner)? {
            Term::Column(column) => {
                // Case makes no difference here.
                let column = Column { reading: natural(column.kind), ..column };
                Expr::Test(Test::Null { column, is_negated: false })
            }
            _ => Expr::Constant(false),
        },
        Kind::Int(_) | Kind::Float(_) | Kind::Text(_) | Kind::Attribute(_) | Kind::Folded(_) => {
            return Err(FilterFault::NotACondition(term(node)?.typed()).at(node.at));
        }
    })
}

/// A value or an attribute.
#[derive(Debug, Clone)]
enum Term {
    Int(i64),
    /// Not whole, or beyond whole numbers.
    Float(f64),
    Text(String),
    Boolean(bool),
    Column(Column),
}

impl Term {
    fn of(node: &Node, layer: &Layer) -> Result<Self, FilterError> {
        Ok(match &node.kind {
            Kind::Boolean(is_true) => Self::Boolean(*is_true),
            Kind::Int(number) => Self::Int(*number),
            Kind::Float(number) => whole(*number).map_or(Self::Float(*number), Self::Int),
            Kind::Text(text) => Self::Text(text.clone()),
            Kind::Attribute(name) => {
                Self::Column(column(name, layer).map_err(|fault| fault.at(node.at))?)
            }
            Kind::Folded(inner) => match Self::of(inner, layer)? {
                Self::Text(text) => Self::Text(folded_text(&text)),
                Self::Column(column) if column.kind == AttributeType::Text => {
                    Self::Column(Column { reading: Reading::Folded, ..column })
                }
                other => return Err(FilterFault::NeedsText("CASEI", other.typed()).at(inner.at)),
            },
            _ => return Err(FilterFault::NotAValue.at(node.at)),
        })
    }

    fn typed(&self) -> Typed {
        match self {
            Self::Int(number) => Typed::Number(number.to_string()),
            Self::Float(number) => Typed::Number(number.to_string()),
            Self::Text(text) => Typed::Text(text.clone()),
            Self::Boolean(is_true) => Typed::Boolean(*is_true),
            Self::Column(column) => Typed::Attribute(column.name.to_string(), column.kind),
        }
    }
}

fn column(name: &str, layer: &Layer) -> Result<Column, FilterFault> {
    let index = layer.attributes.iter().position(|attribute| attribute.name == name);
    let Some((index, attribute)) = index.and_then(|n| Some((n, layer.attributes.get(n)?))) else {
        let known = |attribute: &Attribute| attribute.name.clone();
        return Err(FilterFault::UnknownAttribute {
            name: name.to_owned(),
            known: layer.attributes.iter().map(known).collect(),
        });
    };
    let (name, kind) = (Arc::from(name), attribute.kind);
    Ok(Column { index, name, kind, reading: natural(kind) })
}

fn natural(kind: AttributeType) -> Reading {
    match kind {
        AttributeType::Int => Reading::Int,
        AttributeType::Float => Reading::Float,
        AttributeType::Text => Reading::Text,
    }
}

/// The attribute, if there is one, comes to stand on the left; numbers meet as whole numbers if both are.
fn compared(left: Term, relation: Relation, right: Term) -> Result<Expr, FilterFault> {
    let (column, relation, value) = match (left, right) {
        (Term::Column(left), Term::Column(right)) => return of_columns(left, relation, right),
        (Term::Column(column), value) => (column, relation, value),
        (value, Term::Column(column)) => (column, relation.flipped(), value),
        (left, right) => return of_values(&left, relation, &right),
    };
    let (relation, operand) = match (column.kind, value) {
        (AttributeType::Int, Term::Int(number)) => (relation, Operand::Int(number)),
        (AttributeType::Int, Term::Float(number)) => {
            let (relation, number) = in_whole_numbers(relation, number);
            (relation, Operand::Int(number))
        }
        (AttributeType::Float, Term::Int(number)) => (relation, Operand::Float(float(number))),
        (AttributeType::Float, Term::Float(number)) => (relation, Operand::Float(number)),
        (AttributeType::Text, Term::Text(text)) => (relation, Operand::Text(text)),
        (_, value) => {
            return Err(FilterFault::Incomparable(Term::Column(column).typed(), value.typed()));
        }
    };
    Ok(Expr::compare(column, relation, operand))
}

/// What a whole number has to be to stand so to a number that is none. What no number can be is still unknown of
/// an absent one, so it stays a comparison.
fn in_whole_numbers(relation: Relation, number: f64) -> (Relation, i64) {
    let never = (Relation::Less, i64::MIN);
    let always = (Relation::GreaterOrEqual, i64::MIN);
    let is_below_all = number < -BOUND;
    // Saturates, so that all whole numbers are at most the floor of what is above them all.
    #[expect(clippy::cast_possible_truncation, reason = "the fraction is what has to go")]
    let floor = number.floor() as i64;
    match relation {
        Relation::Equal => never,
        Relation::NotEqual => always,
        Relation::Less | Relation::LessOrEqual if is_below_all => never,
        Relation::Greater | Relation::GreaterOrEqual if is_below_all => always,
        Relation::Less | Relation::LessOrEqual => (Relation::LessOrEqual, floor),
        Relation::Greater | Relation::GreaterOrEqual => (Relation::Greater, floor),
    }
}

fn of_columns(left: Column, relation: Relation, right: Column) -> Result<Expr, FilterFault> {
    let is_text = |column: &Column| column.kind == AttributeType::Text;
    if is_text(&left) != is_text(&right) {
        let (left, right) = (Term::Column(left).typed(), Term::Column(right).typed());
        return Err(FilterFault::Incomparable(left, right));
    }
    let (left, right) = if left.kind == right.kind {
        (left, right)
    } else {
        let as_float = |column| Column { reading: Reading::Float, ..column };
        (as_float(left), as_float(right))
    };
    let rank = |column: &Column| (Arc::clone(&column.name), column.reading);
    let (left, relation, right) = if rank(&left) <= rank(&right) {
        (left, relation, right)
    } else {
        (right, relation.flipped(), left)
    };
    Ok(Expr::compare(left, relation, Operand::Column(right)))
}

fn of_values(left: &Term, relation: Relation, right: &Term) -> Result<Expr, FilterFault> {
    let order = match (left, right) {
        (Term::Int(left), Term::Int(right)) => Some(left.cmp(right)),
        (Term::Int(left), Term::Float(right)) => float(*left).partial_cmp(right),
        (Term::Float(left), Term::Int(right)) => left.partial_cmp(&float(*right)),
        (Term::Float(left), Term::Float(right)) => left.partial_cmp(right),
        (Term::Text(left), Term::Text(right)) => Some(left.cmp(right)),
        (Term::Boolean(left), Term::Boolean(right)) => Some(left.cmp(right)),
        _ => None,
    };
    // Literals are finite, so only their types can keep them from having an order.
    let order = order.ok_or_else(|| FilterFault::Incomparable(left.typed(), right.typed()))?;
    Ok(Expr::Constant(relation.holds(order)))
}

/// Any of these comparisons; those of one attribute with values become a list.
fn among(parts: Vec<Expr>) -> Expr {
    let (mut ints, mut floats, mut texts, mut rest) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        match part {
            Expr::Test(Test::Compare {
                column,
                relation: Relation::Equal,
                operand: Operand::Int(number),
            }) => {
                ints.push((column, number));
            }
            Expr::Test(Test::Compare {
                column,
                relation: Relation::Equal,
                operand: Operand::Float(number),
            }) => {
                floats.push((column, number));
            }
            Expr::Test(Test::Compare {
                column,
                relation: Relation::Equal,
                operand: Operand::Text(text),
            }) => {
                texts.push((column, text));
            }
            other => rest.push(other),
        }
    }
    ints.sort_by_key(|(_, number)| *number);
    floats.sort_by(|(_, left), (_, right)| left.total_cmp(right));
    texts.sort_by(|(_, left), (_, right)| left.cmp(right));
    rest.extend(listed(ints, Operand::Int, List::Ints));
    rest.extend(listed(floats, Operand::Float, List::Floats));
    rest.extend(listed(texts, Operand::Text, List::Texts));
    Expr::any(rest)
}

fn listed<T: PartialEq>(
    mut values: Vec<(Column, T)>,
    one: fn(T) -> Operand,
    many: fn(Vec<T>) -> List,
) -> Vec<Expr> {
    values.dedup();
    // One value may stand beside several attributes, where the value is on the left of `IN`.
    let is_one_column = values.windows(2).all(|pair| pair[0].0 == pair[1].0);
    match values.first() {
        Some((column, _)) if is_one_column && values.len() > 1 => {
            let column = column.clone();
            let list = many(values.into_iter().map(|(_, value)| value).collect());
            vec![Expr::Test(Test::Among { column, list, is_negated: false })]
        }
        _ => {
            let equal = |(column, value)| Expr::compare(column, Relation::Equal, one(value));
            values.into_iter().map(equal).collect()
        }
    }
}

fn like(value: Term, pattern: &str) -> Result<Expr, FilterFault> {
    let pattern = Pattern::new(pattern)?;
    match value {
        Term::Text(text) => Ok(Expr::Constant(pattern.matches(text.chars()))),
        Term::Column(column) if column.kind == AttributeType::Text => Ok(match pattern.as_text() {
            Some(text) => Expr::compare(column, Relation::Equal, Operand::Text(text)),
            None => Expr::Test(Test::Like { column, pattern, is_negated: false }),
        }),
        other => Err(FilterFault::NeedsText("LIKE", other.typed())),
    }
}

/// The same number without a fraction, if it has none and is in range.
#[expect(clippy::cast_possible_truncation, reason = "both bounds are powers of two, so exact")]
fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && (-BOUND..BOUND).contains(&number);
    is_whole.then_some(number as i64)
}

#[expect(clippy::cast_precision_loss, reason = "SQL rounds to double precision in the same way")]
fn float(number: i64) -> f64 {
    number as f64
}
