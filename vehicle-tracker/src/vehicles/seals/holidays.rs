//! The holidays 节假日 of the calendar as spans of days.

use std::collections::BTreeMap;

use gis_data::{Store, Viewer};
use time::{Date, Month, Weekday};

use super::queries;
use crate::error::Result;

/// Days on which nobody works, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// As the calendar calls it.
    pub name: String,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Those of a year and of the next, as far as they are published, with the weekends that they join.
pub async fn holidays(store: &Store, year: i32) -> Result<Vec<Holiday>> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let ends = Date::from_calendar_date(year, Month::January, 1)
        .ok()
        .zip(Date::from_calendar_date(year + 1, Month::December, 31).ok());
    let Some((first, last)) = ends else { return Ok(Vec::new()) };
    Ok(spans(&queries::days(&mut tx, first, last).await?))
}

/// Of days that differ from Monday to Friday, in their order. Weekends that no holiday touches are no holiday.
fn spans(days: &[(Date, bool, String)]) -> Vec<Holiday> {
    let known: BTreeMap<Date, bool> = days.iter().map(|(day, works, _)| (*day, *works)).collect();
    let is_off = |day: Date| {
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        known.get(&day).map_or(is_weekend, |works| !works)
    };
    let mut spans: Vec<Holiday> = Vec::new();
    for (day, _, name) in days.iter().filter(|(_, works, _)| !works) {
        if spans.last().is_some_and(|span| *day <= span.to) {
            continue;
        }
        let (mut from, mut to) = (*day, *day);
        while let Some(before) = from.previous_day().filter(|before| is_off(*before)) {
            from = before;
        }
        while let Some(after) = to.next_day().filter(|after| is_off(*after)) {
            to = after;
        }
        spans.push(Holiday { name: name.clone(), from, to });
    }
    spans
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_holiday_joins_the_weekends_about_it_and_not_the_days_worked_for_it() {
        let off = |day| (day, false, "国庆节".to_owned());
        let mut days = vec![(date!(2026 - 09 - 27), true, "国庆节".to_owned())];
        days.extend(
            (1..=7).map(|day| off(Date::from_calendar_date(2026, Month::October, day).unwrap())),
        );
        days.push((date!(2026 - 10 - 10), true, "国庆节".to_owned()));
        days.push((date!(2027 - 01 - 01), false, "元旦".to_owned()));
        let told: Vec<_> = spans(&days).into_iter().map(|h| (h.name, h.from, h.to)).collect();
        assert_eq!(
            told,
            [
                ("国庆节".to_owned(), date!(2026 - 10 - 01), date!(2026 - 10 - 07)),
                // A Friday, with the weekend after it.
                ("元旦".to_owned(), date!(2027 - 01 - 01), date!(2027 - 01 - 03)),
            ]
        );
    }
}
