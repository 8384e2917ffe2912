//! A filter as SQL. Attributes are those of the catalogue and quoted; every value is bound, never written.

use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;

use super::expr::{Column, Expr, List, Operand, Reading, Test};
use super::fold;
use crate::AttributeType;

/// A value for a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// `bigint`.
    Int(i64),
    /// `double precision`.
    Float(f64),
    /// `text`.
    Text(String),
    /// `bigint[]`.
    Ints(Vec<i64>),
    /// `double precision[]`.
    Floats(Vec<f64>),
    /// `text[]`.
    Texts(Vec<String>),
}

impl Bound {
    /// Becomes the next parameter of a statement.
    pub fn add_to(self, arguments: &mut PgArguments) -> Result<(), BoxDynError> {
        match self {
            Self::Int(number) => arguments.add(number),
            Self::Float(number) => arguments.add(number),
            Self::Text(text) => arguments.add(text),
            Self::Ints(all) => arguments.add(all),
            Self::Floats(all) => arguments.add(all),
            Self::Texts(all) => arguments.add(all),
        }
    }
}

/// The condition, with parameters from this number on.
pub(super) fn condition(expr: &Expr, first_parameter: usize) -> (String, Vec<Bound>) {
    let mut writer = Writer { next: first_parameter, bound: Vec::new(), table: None };
    let sql = writer.expr(expr);
    (sql, writer.bound)
}

struct Writer {
    next: usize,
    bound: Vec<Bound>,
    /// The two parameters of what `CASEI` makes of letters.
    table: Option<(String, String)>,
}

impl Writer {
    fn expr(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Constant(is_true) => is_true.to_string(),
            Expr::Test(test) => self.test(test),
            Expr::All(parts) => self.joined(parts, " and "),
            Expr::Any(parts) => self.joined(parts, " or "),
        }
    }

    fn joined(&mut self, parts: &[Expr], word: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.expr(part)).collect();
        format!("({})", parts.join(word))
    }

    fn test(&mut self, test: &Test) -> String {
        match test {
            Test::Null { column, is_negated } => {
                let not = if *is_negated { " not" } else { "" };
                format!("{} is{not} null", self.column(column))
            }
            Test::Compare { column, relation, operand } => {
                let left = self.column(column);
                let right = match operand {
                    Operand::Int(number) => self.bind(Bound::Int(*number)),
                    Operand::Float(number) => self.bind(Bound::Float(*number)),
                    Operand::Text(literal) => self.bind(Bound::Text(literal.clone())),
                    Operand::Column(other) => self.column(other),
                };
                format!("{left} {} {right}", relation.symbol())
            }
            Test::Among { column, list, is_negated } => {
                let left = self.column(column);
                let list = self.bind(match list {
                    List::Ints(all) => Bound::Ints(all.clone()),
                    List::Floats(all) => Bound::Floats(all.clone()),
                    List::Texts(all) => Bound::Texts(all.clone()),
                });
                let among = if *is_negated { "<> all" } else { "= any" };
                format!("{left} {among}({list})")
            }
            Test::Like { column, pattern, is_negated } => {
                let left = self.column(column);
                let pattern = self.bind(Bound::Text(pattern.to_string()));
                let not = if *is_negated { "not " } else { "" };
                format!("{left} {not}like {pattern}")
            }
        }
    }

    /// Cast as the mirrors cast it when they load it, so that both compare the same values; what is no number is
    /// absent in both.
    fn column(&mut self, column: &Column) -> String {
        let name = format!("\"{}\"", column.name.replace('"', "\"\""));
        match (column.reading, column.kind) {
            (Reading::Int, _) => format!("{name}::bigint"),
            (Reading::Float, AttributeType::Int) => format!("{name}::bigint::double precision"),
            (Reading::Float, _) => format!("nullif({name}::double precision, 'NaN')"),
            (Reading::Text, _) => format!("({name}::text collate \"C\")"),
            (Reading::Folded, _) => {
                let (from, to) = self.table();
                format!("translate({name}::text collate \"C\", {from}, {to})")
            }
        }
    }

    fn table(&mut self) -> (String, String) {
        if let Some(known) = &self.table {
            return known.clone();
        }
        let (from, to) = fold::table();
        let table = (self.bind(Bound::Text(from.clone())), self.bind(Bound::Text(to.clone())));
        self.table.insert(table).clone()
    }

    fn bind(&mut self, value: Bound) -> String {
        let parameter = format!("${}", self.next);
        self.next += 1;
        self.bound.push(value);
        parameter
    }
}
