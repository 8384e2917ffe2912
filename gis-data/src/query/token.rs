//! The words of CQL2 text, each with its place.

use super::error::{Expected, FilterError, FilterFault, Place};

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Counted in characters, from 0.
    at: usize,
    pub(super) sort: Sort,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sort {
    /// A keyword, a function or an attribute.
    Word(String),
    /// An attribute in double quotes.
    Name(String),
    /// In single quotes.
    Text(String),
    /// Without a sign.
    Number(String),
    Symbol(&'static str),
    End,
}

impl Token {
    pub(super) fn place(&self) -> Place {
        Place::Character(self.at + 1)
    }

    /// As messages repeat it.
    pub(super) fn text(&self) -> Option<String> {
        match &self.sort {
            Sort::Word(text) | Sort::Name(text) | Sort::Text(text) | Sort::Number(text) => {
                Some(text.clone())
            }
            Sort::Symbol(symbol) => Some((*symbol).to_owned()),
            Sort::End => None,
        }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(&self.sort, Sort::Word(found) if found.eq_ignore_ascii_case(word))
    }
}

/// All of them; the last is the end.
pub(super) struct Tokens {
    all: Vec<Token>,
    next: usize,
}

impl Tokens {
    pub(super) fn new(text: &str) -> Result<Self, FilterError> {
        let mut letters = Letters { all: text.chars().collect(), next: 0 };
        let mut all = Vec::new();
        loop {
            letters.skip(char::is_whitespace);
            let at = letters.next;
            let sort = letters.sort().map_err(|fault| fault.at(Place::Character(at + 1)))?;
            let is_end = sort == Sort::End;
            all.push(Token { at, sort });
            if is_end {
                return Ok(Self { all, next: 0 });
            }
        }
    }

    pub(super) fn peek(&self) -> &Token {
        self.nth(0)
    }

    /// The one behind.
    pub(super) fn after(&self) -> &Token {
        self.nth(1)
    }

    fn nth(&self, n: usize) -> &Token {
        let last = self.all.len() - 1;
        &self.all[(self.next + n).min(last)]
    }

    pub(super) fn advance(&mut self) {
        self.next += 1;
    }

    /// Takes the keyword, in capitals or not, if it is next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let is_next = self.peek().is_word(word);
        self.next += usize::from(is_next);
        is_next
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_next = matches!(self.peek().sort, Sort::Symbol(found) if found == symbol);
        self.next += usize::from(is_next);
        is_next
    }
}

struct Letters {
    all: Vec<char>,
    next: usize,
}

impl Letters {
    fn peek(&self) -> Option<char> {
        self.nth(0)
    }

    fn nth(&self, n: usize) -> Option<char> {
        self.all.get(self.next + n).copied()
    }

    fn skip(&mut self, is_skipped: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&is_skipped) {
            self.next += 1;
        }
    }

    fn since(&self, start: usize) -> String {
        self.all[start..self.next].iter().collect()
    }

    fn sort(&mut self) -> Result<Sort, FilterFault> {
        let Some(letter) = self.peek() else { return Ok(Sort::End) };
        let start = self.next;
        if letter == '\'' {
            return self.quoted('\'').map(Sort::Text);
        }
        if letter == '"' {
            return self.quoted('"').map(Sort::Name);
        }
        let is_digit = |n: usize| self.nth(n).is_some_and(|c| c.is_ascii_digit());
        if is_digit(0) || letter == '.' && is_digit(1) {
            self.number();
            return Ok(Sort::Number(self.since(start)));
        }
        if letter.is_alphabetic() || matches!(letter, '_' | ':') {
            self.skip(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.'));
            return Ok(Sort::Word(self.since(start)));
        }
        let two: String = [Some(letter), self.nth(1)].into_iter().flatten().collect();
        let symbols =
            ["<>", "<=", ">=", "<", ">", "=", "(", ")", ",", "+", "-", "*", "/", "%", "^"];
        let symbol = symbols.into_iter().find(|symbol| two.starts_with(symbol));
        let expected = Expected::Operator;
        let symbol = symbol.ok_or(FilterFault::Syntax { found: Some(letter.into()), expected })?;
        self.next += symbol.len();
        Ok(Sort::Symbol(symbol))
    }

    /// `12`, `1.5`, `1.`, `.5`, `1e3`, `1.5E-3`. An `e` without digits behind it is not part of it.
    fn number(&mut self) {
        self.skip(|c| c.is_ascii_digit());
        if self.peek() == Some('.') {
            self.next += 1;
            self.skip(|c| c.is_ascii_digit());
        }
        let sign = usize::from(matches!(self.nth(1), Some('+' | '-')));
        if matches!(self.peek(), Some('e' | 'E'))
            && self.nth(1 + sign).is_some_and(|c| c.is_ascii_digit())
        {
            self.next += 1 + sign;
            self.skip(|c| c.is_ascii_digit());
        }
    }

    /// Up to the closing quote. Doubled, a quote is one; in a text the standard lets a backslash do the same. Two
    /// backslashes are two, so that `LIKE` can ask for one; any other is itself.
    fn quoted(&mut self, quote: char) -> Result<String, FilterFault> {
        self.next += 1;
        let mut text = String::new();
        while let Some(letter) = self.peek() {
            let next_is_quote = self.nth(1) == Some(quote);
            if letter == quote && !next_is_quote {
                self.next += 1;
                return if text.contains('\0') { Err(FilterFault::Nul) } else { Ok(text) };
            }
            let is_escape = letter == '\\' && quote == '\'';
            if next_is_quote && (letter == quote || is_escape) {
                text.push(quote);
                self.next += 2;
            } else if is_escape && self.nth(1) == Some('\\') {
                text.push_str("\\\\");
                self.next += 2;
            } else {
                text.push(letter);
                self.next += 1;
            }
        }
        Err(FilterFault::Unclosed(quote))
    }
}
