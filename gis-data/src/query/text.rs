//! CQL2 text, read by descent: `or`, `and`, `not`, a predicate, an operand. Each character is looked at once, and
//! brackets are counted on the way down, so no input costs more than its length.

use super::error::{Expected, FilterError, FilterFault, Place, Unsupported};
use super::limit::{Budget, MAX_TEXT_BYTES, check_list};
use super::operator;
use super::token::{Sort, Token, Tokens};
use super::tree::{Kind, Node, Relation};

/// Reads all of it.
pub(super) fn parse(text: &str) -> Result<Node, FilterError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(FilterFault::TextTooLong(text.len()).unplaced());
    }
    if text.trim().is_empty() {
        return Err(FilterFault::Empty.unplaced());
    }
    let mut reader = Reader { tokens: Tokens::new(text)?, budget: Budget::default() };
    let node = reader.or()?;
    match reader.tokens.peek() {
        Token { sort: Sort::End, .. } => Ok(node),
        rest => Err(after_operand(rest)),
    }
}

struct Reader {
    tokens: Tokens,
    budget: Budget,
}

impl Reader {
    fn or(&mut self) -> Result<Node, FilterError> {
        let at = self.tokens.peek().place();
        let first = self.and()?;
        let mut all = vec![first];
        while self.tokens.take_word("or") {
            all.push(self.and()?);
        }
        self.joined(at, all, Kind::Or)
    }

    fn and(&mut self) -> Result<Node, FilterError> {
        let at = self.tokens.peek().place();
        let mut all = vec![self.not()?];
        while self.tokens.take_word("and") {
            all.push(self.not()?);
        }
        self.joined(at, all, Kind::And)
    }

    fn joined(
        &mut self,
        at: Place,
        mut all: Vec<Node>,
        kind: fn(Vec<Node>) -> Kind,
    ) -> Result<Node, FilterError> {
        match (all.pop(), all.is_empty()) {
            (Some(only), true) => Ok(only),
            (last, _) => {
                all.extend(last);
                self.node(at, kind(all))
            }
        }
    }

    fn not(&mut self) -> Result<Node, FilterError> {
        let at = self.tokens.peek().place();
        if !self.tokens.take_word("not") {
            return self.predicate();
        }
        self.budget.enter().map_err(|fault| fault.at(at))?;
        let inner = self.not()?;
        self.budget.leave();
        self.node(at, Kind::Not(Box::new(inner)))
    }

    fn predicate(&mut self) -> Result<Node, FilterError> {
        let left = self.operand()?;
        let at = self.tokens.peek().place();
        if let Sort::Symbol(symbol) = self.tokens.peek().sort
            && let Some(relation) = Relation::of(symbol)
        {
            self.tokens.advance();
            let right = self.operand()?;
            return self.node(at, Kind::Compare(relation, Box::new([left, right])));
        }
        if self.tokens.take_word("is") {
            let is_negated = self.tokens.take_word("not");
            if !self.tokens.take_word("null") {
                return Err(unexpected(self.tokens.peek(), Expected::Null));
            }
            let node = self.node(at, Kind::IsNull(Box::new(left)))?;
            return self.negated_if(is_negated, at, node);
        }
        let is_negated = self.tokens.take_word("not");
        let kind = if self.tokens.take_word("between") {
            let low = self.operand()?;
            if !self.tokens.take_word("and") {
                return Err(unexpected(self.tokens.peek(), Expected::And));
            }
            let high = self.operand()?;
            Kind::Between(Box::new([left, low, high]))
        } else if self.tokens.take_word("in") {
            Kind::In(Box::new(left), self.list()?)
        } else if self.tokens.take_word("like") {
            let pattern = self.operand()?;
            Kind::Like(Box::new([left, pattern]))
        } else if is_negated {
            return Err(unexpected(self.tokens.peek(), Expected::AfterNot));
        } else {
            return Ok(left);
        };
        let node = self.node(at, kind)?;
        self.negated_if(is_negated, at, node)
    }

    fn negated_if(&mut self, is_negated: bool, at: Place, node: Node) -> Result<Node, FilterError> {
        if is_negated { self.node(at, Kind::Not(Box::new(node))) } else { Ok(node) }
    }

    fn list(&mut self) -> Result<Vec<Node>, FilterError> {
        let at = self.tokens.peek().place();
        self.expect("(", Expected::Character('('))?;
        let mut items = Vec::new();
        if !self.tokens.take_symbol(")") {
            loop {
                // Values of a list are no nodes; what is more than a value is.
                let item = match self.literal()? {
                    Some(literal) => literal,
                    None => self.operand()?,
                };
                items.push(item);
                if self.tokens.take_symbol(")") {
                    break;
                }
                self.expect(",", Expected::ListGoesOn)?;
            }
        }
        check_list(items.len()).map_err(|fault| fault.at(at))?;
        Ok(items)
    }

    /// An attribute, a value, `CASEI(…)` or something in brackets.
    fn operand(&mut self) -> Result<Node, FilterError> {
        let at = self.tokens.peek().place();
        if let Some(literal) = self.literal()? {
            self.budget.node().map_err(|fault| fault.at(at))?;
            return Ok(literal);
        }
        let token = self.tokens.peek().clone();
        match &token.sort {
            Sort::Symbol("(") => {
                self.tokens.advance();
                self.budget.enter().map_err(|fault| fault.at(at))?;
                let inner = self.or()?;
                if !self.tokens.take_symbol(")") {
                    return Err(match self.tokens.peek() {
                        end @ Token { sort: Sort::End, .. } => {
                            unexpected(end, Expected::Character(')'))
                        }
                        other => after_operand(other),
                    });
                }
                self.budget.leave();
                Ok(inner)
            }
            Sort::Symbol(symbol) if operator::is_arithmetic(symbol) => {
                Err(unsupported(&token, Unsupported::Arithmetic))
            }
            Sort::Name(name) => {
                self.tokens.advance();
                self.node(at, Kind::Attribute(name.clone()))
            }
            Sort::Word(word) if !operator::is_reserved(word) => {
                self.tokens.advance();
                self.word(&token, word)
            }
            _ => Err(unexpected(&token, Expected::Operand)),
        }
    }

    /// What begins with a word: a function, or the name of an attribute.
    fn word(&mut self, token: &Token, word: &str) -> Result<Node, FilterError> {
        if self.tokens.peek().sort != Sort::Symbol("(") {
            // `POINT EMPTY` is the one geometry without brackets.
            if operator::is_geometry(word) && self.tokens.take_word("empty") {
                return Err(unsupported(token, Unsupported::Spatial));
            }
            return self.node(token.place(), Kind::Attribute(word.to_owned()));
        }
        if !word.eq_ignore_ascii_case("casei") {
            return Err(unsupported(token, operator::missing_function(word)));
        }
        self.budget.enter().map_err(|fault| fault.at(token.place()))?;
        self.tokens.advance();
        let inner = self.operand()?;
        self.expect(")", Expected::Character(')'))?;
        self.budget.leave();
        self.node(token.place(), Kind::Folded(Box::new(inner)))
    }

    /// A text, a number, or a truth value, if there is one.
    fn literal(&mut self) -> Result<Option<Node>, FilterError> {
        let token = self.tokens.peek().clone();
        let kind = match &token.sort {
            Sort::Text(text) => Kind::Text(text.clone()),
            Sort::Number(digits) => number(digits).map_err(|fault| fault.at(token.place()))?,
            Sort::Symbol(sign @ ("-" | "+")) => match &self.tokens.after().sort {
                Sort::Number(digits) => {
                    let sign = if *sign == "-" { "-" } else { "" };
                    let number = number(&format!("{sign}{digits}"));
                    self.tokens.advance();
                    number.map_err(|fault| fault.at(token.place()))?
                }
                _ => return Ok(None),
            },
            Sort::Word(word) if word.eq_ignore_ascii_case("true") => Kind::Boolean(true),
            Sort::Word(word) if word.eq_ignore_ascii_case("false") => Kind::Boolean(false),
            Sort::Word(word) if word.eq_ignore_ascii_case("null") => {
                return Err(FilterFault::Null.at(token.place()));
            }
            _ => return Ok(None),
        };
        self.tokens.advance();
        Ok(Some(Node { at: Some(token.place()), kind }))
    }

    fn expect(&mut self, symbol: &str, expected: Expected) -> Result<(), FilterError> {
        if self.tokens.take_symbol(symbol) {
            return Ok(());
        }
        let found = self.tokens.peek();
        match &found.sort {
            Sort::Symbol(symbol) if operator::is_arithmetic(symbol) => {
                Err(unsupported(found, Unsupported::Arithmetic))
            }
            _ => Err(unexpected(found, expected)),
        }
    }

    fn node(&mut self, at: Place, kind: Kind) -> Result<Node, FilterError> {
        self.budget.node().map_err(|fault| fault.at(at))?;
        Ok(Node { at: Some(at), kind })
    }
}

/// A whole number if it is one and fits.
fn number(digits: &str) -> Result<Kind, FilterFault> {
    if let Ok(whole) = digits.parse() {
        return Ok(Kind::Int(whole));
    }
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Kind::Float(number)),
        _ => Err(FilterFault::NumberTooLarge(digits.to_owned())),
    }
}

/// What follows an operand and is no operator of ours.
fn after_operand(found: &Token) -> FilterError {
    match &found.sort {
        Sort::Symbol(symbol) if operator::is_arithmetic(symbol) => {
            unsupported(found, Unsupported::Arithmetic)
        }
        Sort::Word(word) if word.eq_ignore_ascii_case("div") => {
            unsupported(found, Unsupported::Arithmetic)
        }
        _ => unexpected(found, Expected::Operator),
    }
}

fn unexpected(found: &Token, expected: Expected) -> FilterError {
    FilterFault::Syntax { found: found.text(), expected }.at(found.place())
}

fn unsupported(found: &Token, what: Unsupported) -> FilterError {
    FilterFault::Unsupported(what, found.text().unwrap_or_default()).at(found.place())
}
