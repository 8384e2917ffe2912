//! Random questions, each written as CQL2 text, which PostgreSQL understands too, and as CQL2 JSON.

use std::sync::Arc;

use gis_data::{Attribute, AttributeType, GeometryType, Layer, Text2, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use time::OffsetDateTime;

/// The attributes, and their columns in SQL.
pub(crate) const COLUMNS: [(&str, AttributeType, &str); 6] = [
    ("floors", AttributeType::Int, "bigint"),
    ("rooms", AttributeType::Int, "bigint"),
    ("height", AttributeType::Float, "double precision"),
    ("width", AttributeType::Float, "double precision"),
    ("name", AttributeType::Text, "text collate \"C\""),
    ("code", AttributeType::Text, "text collate \"C\""),
];

pub(crate) fn layer() -> Layer {
    let attribute = |(name, kind, _): &(&str, AttributeType, &str)| Attribute {
        name: (*name).to_owned(),
        kind: *kind,
        title: Text2::new(name, name),
    };
    Layer {
        layer_id: "house".to_owned(),
        relation: "house".to_owned(),
        geometry_column: "geom".to_owned(),
        geometry: GeometryType::Point,
        title: Text2::new("房屋", "Houses"),
        group_id: "building".to_owned(),
        attributes: COLUMNS.iter().map(attribute).collect(),
        min_zoom: 0,
        max_zoom: 16,
        ordinal: 1,
        style: Json::Null,
        version: 1,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    }
}

/// Few values, so that they meet; one in four is absent.
pub(crate) fn value(kind: AttributeType) -> BoxedStrategy<Value> {
    let known = match kind {
        AttributeType::Int => whole().prop_map(Value::Int).boxed(),
        AttributeType::Float => {
            let large = select(vec![f64::INFINITY, f64::NEG_INFINITY, 1e300]);
            let all = prop_oneof![8 => fraction(), 1 => large];
            all.prop_map(Value::Float).boxed()
        }
        AttributeType::Text => {
            let all = prop_oneof![4 => text(), 1 => pattern()];
            all.prop_map(|text| Value::Text(Arc::from(text))).boxed()
        }
    };
    prop_oneof![3 => known, 1 => Just(Value::Null)].boxed()
}

fn whole() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => -3..4_i64,
        1 => select(vec![i64::MAX, i64::MIN + 1, 9_007_199_254_740_993, -9_007_199_254_740_993]),
    ]
}

fn fraction() -> impl Strategy<Value = f64> {
    (-6..7_i32).prop_map(|halves| f64::from(halves) / 2.0)
}

fn text() -> impl Strategy<Value = String> {
    vec(select(vec!["a", "A", "b", "é", "É", "办", "Ａ", "%", "_", "'", "\u{10000}"]), 0..4)
        .prop_map(|letters| letters.concat())
}

/// Without quotes, because a backslash before one would mean the quote.
fn pattern() -> impl Strategy<Value = String> {
    let parts = ["a", "A", "b", "É", "办", "Ａ", "%", "%", "_", "\\%", "\\_", "\\\\", "\\a"];
    vec(select(parts.to_vec()), 0..5).prop_map(|parts| parts.concat())
}

/// A condition.
#[derive(Debug, Clone)]
pub(crate) enum Question {
    Constant(bool),
    Compare(Side, &'static str, Side),
    Between(Side, Side, Side),
    In(Side, Vec<Side>),
    Like(Side, Side),
    IsNull(Side),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Side {
    Attribute(&'static str),
    Number(String),
    Text(String),
    Folded(Box<Self>),
}

pub(crate) fn question() -> impl Strategy<Value = Question> {
    let test = prop_oneof![
        1 => any::<bool>().prop_map(Question::Constant),
        8 => compare(number().boxed(), number_attribute().boxed()),
        8 => compare(any_text().boxed(), text_attribute().boxed()),
        4 => (number_attribute(), number(), number())
            .prop_map(|(value, low, high)| Question::Between(value, low, high)),
        2 => (text_attribute(), any_text(), any_text())
            .prop_map(|(value, low, high)| Question::Between(value, low, high)),
        4 => (number_attribute(), vec(listed(), 1..5)).prop_map(|(v, list)| Question::In(v, list)),
        4 => (text_attribute(), vec(any_text(), 1..5)).prop_map(|(v, list)| Question::In(v, list)),
        6 => (text_attribute(), pattern(), any::<bool>()).prop_map(|(value, pattern, is_folded)| {
            let pattern = Side::Text(pattern);
            Question::Like(value, if is_folded { Side::Folded(Box::new(pattern)) } else { pattern })
        }),
        3 => prop_oneof![number_attribute(), text_attribute()].prop_map(Question::IsNull),
    ];
    test.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Question::Not(Box::new(inner))),
            vec(inner.clone(), 2..4).prop_map(Question::And),
            vec(inner, 2..4).prop_map(Question::Or),
        ]
    })
}

/// An attribute on one side, anything of its type on the other.
fn compare(
    value: BoxedStrategy<Side>,
    attribute: BoxedStrategy<Side>,
) -> impl Strategy<Value = Question> {
    let relation = select(vec!["=", "<>", "<", "<=", ">", ">="]);
    (attribute, relation, value, any::<bool>()).prop_map(
        |(attribute, relation, value, is_turned)| {
            if is_turned {
                Question::Compare(value, relation, attribute)
            } else {
                Question::Compare(attribute, relation, value)
            }
        },
    )
}

fn number_attribute() -> impl Strategy<Value = Side> {
    select(vec!["floors", "rooms", "height", "width"]).prop_map(Side::Attribute)
}

fn number() -> impl Strategy<Value = Side> {
    let large = ["1e300", "-1e300", "9223372036854775808", "-9223372036854775808", "2.5e0", "1e2"];
    prop_oneof![
        3 => whole().prop_map(|number| Side::Number(number.to_string())),
        3 => fraction().prop_map(|number| Side::Number(format!("{number:?}"))),
        1 => select(large.to_vec()).prop_map(|number| Side::Number(number.to_owned())),
        2 => number_attribute(),
    ]
}

/// PostgreSQL reads a whole list as floats if one item is, so none is: it would round the others.
fn listed() -> impl Strategy<Value = Side> {
    let whole = select(vec!["floors", "rooms"]).prop_map(Side::Attribute);
    number().prop_flat_map(move |number| match number {
        Side::Attribute(_) => whole.clone().boxed(),
        literal => Just(literal).boxed(),
    })
}

fn text_attribute() -> impl Strategy<Value = Side> {
    (select(vec!["name", "code"]), any::<bool>()).prop_map(|(name, is_folded)| {
        let attribute = Side::Attribute(name);
        if is_folded { Side::Folded(Box::new(attribute)) } else { attribute }
    })
}

fn any_text() -> impl Strategy<Value = Side> {
    prop_oneof![
        3 => text().prop_map(Side::Text),
        1 => text().prop_map(|text| Side::Folded(Box::new(Side::Text(text)))),
        2 => text_attribute(),
    ]
}

impl Question {
    pub(crate) fn text(&self) -> String {
        let joined = |all: &[Self], word: &str| {
            let all: Vec<String> = all.iter().map(|one| format!("({})", one.text())).collect();
            all.join(word)
        };
        match self {
            Self::Constant(is_true) => is_true.to_string(),
            Self::Compare(left, relation, right) => {
                format!("{} {relation} {}", left.text(), right.text())
            }
            Self::Between(value, low, high) => {
                format!("{} BETWEEN {} AND {}", value.text(), low.text(), high.text())
            }
            Self::In(value, list) => {
                let list: Vec<String> = list.iter().map(Side::text).collect();
                format!("{} IN ({})", value.text(), list.join(", "))
            }
            Self::Like(value, pattern) => format!("{} LIKE {}", value.text(), pattern.text()),
            Self::IsNull(value) => format!("{} IS NULL", value.text()),
            Self::Not(inner) => format!("NOT ({})", inner.text()),
            Self::And(all) => joined(all, " AND "),
            Self::Or(all) => joined(all, " OR "),
        }
    }

    pub(crate) fn json(&self) -> Json {
        let operation = |name: &str, arguments: Vec<Json>| json!({ "op": name, "args": arguments });
        match self {
            Self::Constant(is_true) => json!(is_true),
            Self::Compare(left, relation, right) => {
                operation(relation, vec![left.json(), right.json()])
            }
            Self::Between(value, low, high) => {
                operation("between", vec![value.json(), low.json(), high.json()])
            }
            Self::In(value, list) => {
                operation("in", vec![value.json(), list.iter().map(Side::json).collect()])
            }
            Self::Like(value, pattern) => operation("like", vec![value.json(), pattern.json()]),
            Self::IsNull(value) => operation("isNull", vec![value.json()]),
            Self::Not(inner) => operation("not", vec![inner.json()]),
            Self::And(all) => operation("and", all.iter().map(Self::json).collect()),
            Self::Or(all) => operation("or", all.iter().map(Self::json).collect()),
        }
    }
}

impl Side {
    fn text(&self) -> String {
        match self {
            Self::Attribute(name) => (*name).to_owned(),
            Self::Number(number) => number.clone(),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Folded(inner) => format!("CASEI({})", inner.text()),
        }
    }

    fn json(&self) -> Json {
        match self {
            Self::Attribute(name) => json!({ "property": name }),
            Self::Number(number) => serde_json::from_str(number).unwrap(),
            Self::Text(text) => json!(text),
            Self::Folded(inner) => json!({ "op": "casei", "args": [inner.json()] }),
        }
    }
}
