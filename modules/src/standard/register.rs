//! The standards that come with the program, as files beside this one.

use std::collections::BTreeMap;

use gis_data::Text2;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use time::Date;

use super::{Bound, Evidence, Standard, StandardLine, StandardSet, Term, Value};
use crate::{ModuleError, Result};

const FILES: &[&str] = &[include_str!("office_space.toml")];

/// For every level or rank.
pub(super) const ALL: &str = "*";

/// All files together.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    #[serde(default)]
    level: Vec<Level>,
    #[serde(default)]
    form: Vec<Word>,
    #[serde(default)]
    set: Vec<Set>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    code: String,
    title: Text2,
    ranks: Vec<Word>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Word {
    code: String,
    title: Text2,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    code: String,
    title: Text2,
    unit: Text2,
    bound: Bound,
    edition: Vec<Edition>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edition {
    #[serde(default = "whole_country")]
    jurisdiction: String,
    document: String,
    clause: String,
    from: Option<toml::value::Datetime>,
    until: Option<toml::value::Datetime>,
    evidence: Evidence,
    checked_on: Option<toml::value::Datetime>,
    #[serde(default)]
    loosens: bool,
    note: Option<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(default = "all")]
    level: String,
    #[serde(default = "all")]
    rank: String,
    #[serde(flatten)]
    value: Value,
}

/// A row as it goes into the database.
#[derive(Debug, Serialize)]
pub(super) struct NewRow<'a> {
    code: &'a str,
    jurisdiction: &'a str,
    level: &'a str,
    rank: &'a str,
    begins: Option<String>,
    ends: Option<String>,
    value: &'a Value,
    document: &'a str,
    clause: &'a str,
    evidence: Evidence,
    checked_on: Option<String>,
    loosens: bool,
    note: Option<&'a str>,
}

impl Register {
    /// Those compiled in.
    pub(crate) fn shipped() -> Result<Self> {
        let mut register = Self::default();
        for file in FILES {
            let read: Self = toml::from_str(file).map_err(|e| broken(&e.to_string()))?;
            register.level.extend(read.level);
            register.form.extend(read.form);
            register.set.extend(read.set);
        }
        register.judge()?;
        Ok(register)
    }

    /// Points rise, and levels and ranks are words of the register.
    fn judge(&self) -> Result<()> {
        for (set, row) in self
            .set
            .iter()
            .flat_map(|s| s.edition.iter().map(move |e| (s, e)))
            .flat_map(|(s, e)| e.rows.iter().map(move |r| (s, r)))
        {
            if !row.value.is_sound() {
                return Err(broken(&format!("{}: {:?}", set.code, row.value)));
            }
            let is_known = (row.level == ALL || self.level_term(&row.level).is_some())
                && (row.rank == ALL || self.rank_term(&row.rank).is_some());
            if !is_known {
                return Err(broken(&format!("{}: {} {}", set.code, row.level, row.rank)));
            }
        }
        Ok(())
    }

    /// Every row, as it goes into the database.
    pub(super) fn rows(&self) -> Vec<NewRow<'_>> {
        let editions = self.set.iter().flat_map(|s| s.edition.iter().map(move |e| (s, e)));
        editions
            .flat_map(|(set, edition)| {
                edition.rows.iter().map(move |row| NewRow {
                    code: &set.code,
                    jurisdiction: &edition.jurisdiction,
                    level: &row.level,
                    rank: &row.rank,
                    begins: edition.from.map(|d| d.to_string()),
                    ends: edition.until.map(|d| d.to_string()),
                    value: &row.value,
                    document: &edition.document,
                    clause: &edition.clause,
                    evidence: edition.evidence,
                    checked_on: edition.checked_on.map(|d| d.to_string()),
                    loosens: edition.loosens,
                    note: edition.note.as_deref(),
                })
            })
            .collect()
    }

    /// Whether the numbers of a set are upper limits or lower ones.
    pub(super) fn bound(&self, code: &str) -> Bound {
        self.set.iter().find(|s| s.code == code).map_or(Bound::Most, |s| s.bound)
    }

    /// Rows on file by set, in the order of the files; sets of a bureau's own come last under their codes.
    pub(super) fn shown(&self, rows: &[Standard], on: Date) -> Vec<StandardSet> {
        let mut by_code: BTreeMap<&str, Vec<&Standard>> = BTreeMap::new();
        for row in rows {
            by_code.entry(&row.code).or_default().push(row);
        }
        let own =
            self.set.iter().map(|s| (s.code.clone(), s.title.clone(), s.unit.clone(), s.bound));
        let mut sets: Vec<StandardSet> = own
            .map(|(code, title, unit, bound)| {
                let items = by_code.remove(code.as_str()).unwrap_or_default();
                StandardSet { items: self.lines(&items, on), code, title, unit, bound }
            })
            .collect();
        sets.extend(by_code.into_iter().map(|(code, items)| StandardSet {
            code: code.to_owned(),
            title: Text2::new(code, code),
            unit: Text2::new("", ""),
            bound: Bound::Most,
            items: self.lines(&items, on),
        }));
        sets
    }

    fn lines(&self, rows: &[&Standard], on: Date) -> Vec<StandardLine> {
        let mut rows = rows.to_vec();
        rows.sort_by_key(|r| {
            (self.place(&r.level, &r.rank), r.jurisdiction != "CN", std::cmp::Reverse(r.from))
        });
        rows.into_iter()
            .map(|row| StandardLine {
                standard_param_id: row.param_id,
                jurisdiction: row.jurisdiction.clone(),
                level: self.level_term(&row.level),
                rank: self.rank_term(&row.rank),
                value: row.value.clone(),
                valid_from: row.from,
                valid_to: row.until.and_then(Date::previous_day),
                is_in_force: row.is_in_force(on),
                evidence: row.evidence,
                is_enforced: row.is_enforced(),
                checked_on: row.checked_on,
                document: row.document.clone(),
                clause: row.clause.clone(),
                note: row.note.clone(),
                history: Vec::new(),
            })
            .collect()
    }

    /// Whether there is such a set.
    pub(super) fn knows(&self, code: &str) -> bool {
        self.set.iter().any(|s| s.code == code)
    }

    /// Words for a level or a rank.
    pub(crate) fn words(&self, code: &str) -> Text2 {
        let term = self.level_term(code).or_else(|| self.rank_term(code));
        term.map_or_else(|| Text2::new(code, code), |t| t.title)
    }

    /// The name and the unit of a set.
    pub(crate) fn set_words(&self, code: &str) -> (Text2, Text2) {
        let set = self.set.iter().find(|s| s.code == code);
        set.map_or_else(
            || (Text2::new(code, code), Text2::new("", "")),
            |s| (s.title.clone(), s.unit.clone()),
        )
    }

    /// Where a level and a rank stand in the files, from the highest down.
    fn place(&self, level: &str, rank: &str) -> (usize, usize) {
        let at = self.level.iter().position(|l| l.code == level).map_or(0, |i| i + 1);
        let mut ranks = self.level.iter().flat_map(|l| &l.ranks).chain(&self.form);
        (at, ranks.position(|r| r.code == rank).map_or(0, |i| i + 1))
    }

    fn level_term(&self, code: &str) -> Option<Term> {
        let level = self.level.iter().find(|l| l.code == code)?;
        Some(Term { code: level.code.clone(), title: level.title.clone() })
    }

    fn rank_term(&self, code: &str) -> Option<Term> {
        let mut words = self.level.iter().flat_map(|l| &l.ranks).chain(&self.form);
        let word = words.find(|w| w.code == code)?;
        Some(Term { code: word.code.clone(), title: word.title.clone() })
    }
}

fn whole_country() -> String {
    "CN".to_owned()
}

fn all() -> String {
    ALL.to_owned()
}

fn broken(what: &str) -> ModuleError {
    ModuleError::BadRegister(what.to_owned())
}

/// The value of a row as the database keeps it.
pub(super) fn value_of(json: &Json) -> Result<Value> {
    serde_json::from_value(json.clone()).map_err(|e| broken(&format!("{json}: {e}")))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    #[test]
    fn the_files_that_come_with_the_program_are_sound() {
        let register = Register::shipped().unwrap();
        assert!(register.rows().len() >= 40);
        assert_eq!(register.bound("office.usable_ratio"), Bound::Least);
        let no_limit = register.rows().iter().any(|r| *r.value == Value::Limit(Decimal::ZERO));
        assert!(!no_limit, "a limit of nothing is a slip");
    }
}
