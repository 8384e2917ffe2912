//! All rows in memory, and the one that decides.

use rust_decimal::Decimal;
use serde::Serialize;
use time::Date;

use super::register::{ALL, Register};
use super::{Bound, Standard, Value};
use crate::{ModuleError, Result};

/// Every row on file.
#[derive(Debug)]
pub struct Book {
    rows: Vec<Standard>,
    register: Register,
}

/// What a rule wants to know.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The set: `office.person_area`.
    pub code: &'a str,
    /// Where, by GB/T 2260.
    pub region: &'a str,
    /// The level of the body 机关层级.
    pub level: &'a str,
    /// The rank of the post 职级 or the form of the building; empty where it does not matter.
    pub rank: &'a str,
    /// The day of the event, not that of the question.
    pub on: Date,
    /// How many: authorised posts 编制定员, parking spaces. Limits do not ask.
    pub x: Decimal,
}

/// The answer, with the row it comes from: what a decision keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ruling {
    /// The row.
    pub standard_param_id: i64,
    /// Its set.
    pub code: String,
    /// The limit for `x`: per head of a limit or a line, the total of tiers.
    pub limit: Decimal,
    /// Whether something may be refused by it.
    pub is_enforced: bool,
    /// Document and clause.
    pub citation: String,
    /// The number of the document 文号.
    pub document: String,
    /// Where in it.
    pub clause: String,
    /// The first day of the row.
    pub valid_from: Option<Date>,
}

impl Book {
    /// A book of these rows.
    pub fn new(rows: Vec<Standard>) -> Result<Self> {
        Ok(Self { rows, register: Register::shipped()? })
    }

    /// Every row, as it is on file.
    pub fn rows(&self) -> &[Standard] {
        &self.rows
    }

    /// The row that decides: of those that hold there and then, the nearest; a wider one goes before it if it is stricter
    /// and the nearer one does not say that it loosens. Doubtful rows answer only where there is no other.
    /// [`ModuleError::NoStandard`] where there is none.
    pub fn rule(&self, asked: &Question<'_>) -> Result<Ruling> {
        let regions = chain(asked.region);
        let held = |is_enforced: bool| {
            let rows = self.rows.iter().filter(move |row| row.is_enforced() == is_enforced);
            let nearest: Vec<&Standard> = regions
                .iter()
                .filter_map(|region| {
                    let here = rows
                        .clone()
                        .filter(|row| row.jurisdiction == *region && row.answers(asked));
                    here.max_by_key(|row| (row.level != ALL, row.rank != ALL))
                })
                .collect();
            nearest
        };
        let bound = self.register.bound(asked.code);
        let found =
            decide(&held(true), bound, asked.x).or_else(|| decide(&held(false), bound, asked.x));
        let (row, limit) = found.ok_or_else(|| ModuleError::NoStandard {
            code: asked.code.to_owned(),
            level: asked.level.to_owned(),
            rank: asked.rank.to_owned(),
            on: asked.on,
        })?;
        Ok(Ruling {
            standard_param_id: row.param_id,
            code: row.code.clone(),
            limit,
            is_enforced: row.is_enforced(),
            citation: format!("{}{}", row.document, row.clause),
            document: row.document.clone(),
            clause: row.clause.clone(),
            valid_from: row.from,
        })
    }
}

impl Standard {
    fn answers(&self, asked: &Question<'_>) -> bool {
        self.code == asked.code
            && (self.level == ALL || self.level == asked.level)
            && (self.rank == ALL || self.rank == asked.rank)
            && self.is_in_force(asked.on)
    }
}

/// From the nearest to the widest.
fn decide<'a>(rows: &[&'a Standard], bound: Bound, x: Decimal) -> Option<(&'a Standard, Decimal)> {
    let mut found: Option<(&Standard, Decimal)> = None;
    for row in rows.iter().copied() {
        let limit = Value::at(&row.value, x);
        if found.is_none_or(|(_, nearer)| bound.stricter(limit, nearer)) {
            found = Some((row, limit));
        }
        if row.loosens {
            break;
        }
    }
    found
}

/// A county, its city, its province and the country, by GB/T 2260: `370102`, `370100`, `370000`, `CN`.
fn chain(region: &str) -> Vec<String> {
    let mut regions = Vec::with_capacity(4);
    if region.len() == 6 && region.is_ascii() {
        for (kept, tail) in [(6, ""), (4, "00"), (2, "0000")] {
            let code = format!("{}{tail}", region.get(..kept).unwrap_or_default());
            if regions.last() != Some(&code) {
                regions.push(code);
            }
        }
    }
    regions.push("CN".to_owned());
    regions
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::super::Evidence;
    use super::*;

    fn row(
        id: i64,
        jurisdiction: &str,
        limit: &str,
        from: Option<Date>,
        until: Option<Date>,
    ) -> Standard {
        Standard {
            param_id: id,
            code: "office.person_area".to_owned(),
            jurisdiction: jurisdiction.to_owned(),
            level: "city".to_owned(),
            rank: "city_head".to_owned(),
            value: Value::Limit(limit.parse().unwrap()),
            from,
            until,
            evidence: Evidence::Checked,
            checked_on: None,
            document: "文".to_owned(),
            clause: String::new(),
            loosens: false,
            note: None,
        }
    }

    fn ask(book: &Book, region: &str, on: Date) -> Option<i64> {
        let asked = Question {
            code: "office.person_area",
            region,
            level: "city",
            rank: "city_head",
            on,
            x: Decimal::ZERO,
        };
        book.rule(&asked).ok().map(|ruling| ruling.standard_param_id)
    }

    const CHANGE: Date = date!(2014 - 11 - 24);

    #[test]
    fn the_day_of_the_event_chooses_the_edition() {
        let book = Book::new(vec![
            row(1, "CN", "32", None, Some(CHANGE)),
            row(2, "CN", "42", Some(CHANGE), None),
        ])
        .unwrap();
        assert_eq!(ask(&book, "370100", date!(2014 - 11 - 23)), Some(1));
        assert_eq!(ask(&book, "370100", CHANGE), Some(2));
        assert_eq!(ask(&book, "370100", date!(2026 - 1 - 1)), Some(2));
    }

    #[test]
    fn a_local_row_tightens_and_loosens_only_if_it_says_so() {
        let on = date!(2026 - 1 - 1);
        let mut book = Book::new(vec![
            row(1, "CN", "42", None, None),
            row(2, "370000", "40", None, None),
            row(3, "370200", "45", None, None),
        ])
        .unwrap();
        assert_eq!(ask(&book, "110000", on), Some(1), "elsewhere");
        assert_eq!(ask(&book, "370102", on), Some(2), "the province is stricter");
        assert_eq!(
            ask(&book, "370202", on),
            Some(2),
            "a city may not allow more than its province"
        );
        book.rows[2].loosens = true;
        assert_eq!(ask(&book, "370202", on), Some(3));
    }

    #[test]
    fn a_doubtful_row_answers_only_where_there_is_no_other() {
        let on = date!(2026 - 1 - 1);
        let mut book =
            Book::new(vec![row(1, "CN", "42", None, None), row(2, "370000", "10", None, None)])
                .unwrap();
        book.rows[1].evidence = Evidence::Doubtful;
        assert_eq!(ask(&book, "370100", on), Some(1));
        book.rows[0].evidence = Evidence::Doubtful;
        assert_eq!(ask(&book, "370100", on), Some(2));
        assert_eq!(ask(&Book::new(vec![]).unwrap(), "370100", on), None);
    }

    #[test]
    fn a_region_lies_in_its_city_province_and_country() {
        assert_eq!(chain("370102"), ["370102", "370100", "370000", "CN"]);
        assert_eq!(chain("370000"), ["370000", "CN"]);
        assert_eq!(chain(""), ["CN"]);
    }
}
