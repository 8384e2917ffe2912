//! Working days 工作日: the notices that come with the program, on file for deadlines to count by.

mod queries;

use gis_data::{Store, Viewer};
use serde::Deserialize;
use time::Date;

use crate::dates::day;
use crate::{ModuleError, Result};

const NOTICES: &str = include_str!("holidays.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notices {
    year: Vec<Notice>,
}

/// The notice of a year.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notice {
    year: u16,
    citation: String,
    holidays: Vec<Holiday>,
    working: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    from: String,
    to: String,
}

/// A day that is not as its day of the week.
#[derive(Debug, PartialEq, Eq)]
struct Exception {
    day: Date,
    is_working: bool,
    name: String,
    citation: String,
}

/// Puts the notices on file that are not there; answers how many days differ from Monday to Friday. A day that somebody has
/// changed stays as it is.
pub async fn publish_calendar(store: &Store) -> Result<usize> {
    let days = exceptions(NOTICES)?;
    let mut tx = store.as_viewer(&Viewer::program()).await.map_err(ModuleError::Ground)?;
    queries::publish(&mut tx, &days).await?;
    tx.commit().await.map_err(ModuleError::query("commit the calendar"))?;
    Ok(days.len())
}

fn exceptions(text: &str) -> Result<Vec<Exception>> {
    let bad = |what: String| ModuleError::BadDefinition(vec![format!("holidays.toml: {what}")]);
    let notices: Notices = toml::from_str(text).map_err(|e| bad(e.to_string()))?;
    let mut days = Vec::new();
    for notice in notices.year {
        let of = |text: &str| {
            day(&format!("{}-{text}", notice.year)).ok_or_else(|| bad(format!("{text} is no day")))
        };
        let mut say = |day: Date, is_working: bool, name: &str| {
            let (name, citation) = (name.to_owned(), notice.citation.clone());
            days.push(Exception { day, is_working, name, citation });
        };
        for holiday in &notice.holidays {
            let (mut at, to) = (of(&holiday.from)?, of(&holiday.to)?);
            while at <= to {
                say(at, false, &holiday.name);
                at = at.next_day().ok_or_else(|| bad(format!("{at} is the last day")))?;
            }
        }
        for working in &notice.working {
            say(of(working)?, true, "调休上班");
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_year_2026_has_248_working_days() {
        let days = exceptions(NOTICES).unwrap();
        let known: BTreeMap<Date, bool> = days.iter().map(|d| (d.day, d.is_working)).collect();
        assert_eq!(known.len(), days.len(), "no day stands twice");
        let (mut at, mut working) = (day("2026-01-01").unwrap(), 0);
        while at.year() == 2026 {
            let is_weekday = at.weekday().number_from_monday() < 6;
            working += usize::from(known.get(&at).copied().unwrap_or(is_weekday));
            at = at.next_day().unwrap();
        }
        assert_eq!(working, 248);
    }

    #[test]
    fn a_notice_with_a_day_that_is_not_is_refused() {
        let text = "[[year]]\nyear = 2026\ncitation = ''\nholidays = []\nworking = ['02-30']\n";
        assert!(exceptions(text).unwrap_err().to_string().contains("02-30 is no day"));
    }
}
