//! What a standard allows, as a function of how many there are.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// A limit. The counted thing `x` (authorised posts 编制定员, parking spaces) matters to lines and tiers alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// The same for every `x`, in the unit of its set.
    Limit(Decimal),
    /// Points (x, value) by rising x: flat outside them, straight between them. The value is per head.
    Line(Vec<(Decimal, Decimal)>),
    /// (from x on, rate per head) by rising x: each head counts at the rate of its part.
    Tiers(Vec<(Decimal, Decimal)>),
}

impl Value {
    /// The limit for `x`: per head of a limit or a line, the total of tiers.
    pub fn at(&self, x: Decimal) -> Decimal {
        match self {
            Self::Limit(limit) => *limit,
            Self::Line(points) => on_line(points, x),
            Self::Tiers(tiers) => total(tiers, x),
        }
    }

    /// Whether the points begin somewhere and rise, so that every `x` has one value.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Limit(limit) => !limit.is_sign_negative(),
            Self::Line(points) => !points.is_empty() && points.is_sorted_by(|a, b| a.0 < b.0),
            Self::Tiers(tiers) => {
                tiers.first().is_some_and(|t| t.0.is_zero()) && tiers.is_sorted_by(|a, b| a.0 < b.0)
            }
        }
    }
}

/// To two places, half up, as the standards write areas.
pub(crate) fn to_hundredths(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn on_line(points: &[(Decimal, Decimal)], x: Decimal) -> Decimal {
    let after = points.partition_point(|point| point.0 <= x);
    match (after.checked_sub(1).and_then(|i| points.get(i)), points.get(after)) {
        (Some(left), Some(right)) => {
            left.1 + (right.1 - left.1) * (x - left.0) / (right.0 - left.0)
        }
        (Some(end), None) | (None, Some(end)) => end.1,
        (None, None) => Decimal::ZERO,
    }
}

fn total(tiers: &[(Decimal, Decimal)], x: Decimal) -> Decimal {
    let ends = tiers.iter().skip(1).map(|tier| tier.0).chain([Decimal::MAX]);
    tiers
        .iter()
        .zip(ends)
        .map(|(&(from, rate), end)| (x.min(end) - from).max(Decimal::ZERO) * rate)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// 服务用房 of the published table: city (1000 − x)/100, county (500 − x)/50, province (1100 − x)/100.
    #[test]
    fn a_line_is_the_formula_of_the_table() {
        let city = Value::Line(vec![(d("200"), d("8")), (d("400"), d("6"))]);
        let county = Value::Line(vec![(d("100"), d("8")), (d("200"), d("6"))]);
        let province = Value::Line(vec![(d("200"), d("9")), (d("400"), d("7"))]);
        for (line, x, value) in [
            (&city, "1", "8"),
            (&city, "200", "8"),
            (&city, "300", "7"),
            (&city, "400", "6"),
            (&city, "5000", "6"),
            (&county, "150", "7"),
            (&province, "250", "8.5"),
        ] {
            assert_eq!(line.at(d(x)), d(value), "{x}");
        }
    }

    #[test]
    fn tiers_count_each_head_at_its_rate() {
        let canteen = Value::Tiers(vec![(d("0"), d("3.7")), (d("100"), d("2.6"))]);
        assert_eq!(canteen.at(d("100")), d("370"));
        assert_eq!(canteen.at(d("300")), d("890"));
        assert_eq!(canteen.at(d("0")), d("0"));
    }

    #[test]
    fn a_value_is_written_as_text() {
        let line = Value::Line(vec![(d("200"), d("8"))]);
        assert_eq!(serde_json::json!(line), serde_json::json!({"line": [["200", "8"]]}));
        assert_eq!(
            serde_json::json!(Value::Limit(d("0.60"))),
            serde_json::json!({"limit": "0.60"})
        );
    }
}
