//! Random input: what a reader is given may be refused, and must end soon and without a panic. What is accepted runs.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::tests::houses;
use super::*;
use crate::Value;
use crate::noise;

const TEXTS: [&str; 6] = [
    "floors >= 3 AND (CASEI(name) LIKE CASEI('%off\\_ice%') OR height IN (1.5, -2, 3e2))",
    "NOT (floors BETWEEN 1 AND rooms) OR code IS NOT NULL AND TRUE",
    "\"name\" <> code AND 'it''s' = name",
    "((height < width)) OR (name NOT IN ('甲', '乙') AND NOT NOT FALSE)",
    "S_INTERSECTS(geom, POLYGON((0 0, 1 0, 1 1, 0 0)))",
    "T_AFTER(built, DATE('2012-06-05')) AND floors * 2 > 3",
];
const JSONS: [&str; 3] = [
    r#"{"op":"and","args":[{"op":"=","args":[{"property":"name"},"甲"]},{"op":"not","args":[
        {"op":"in","args":[{"property":"floors"},[1,2.5,-3]]}]}]}"#,
    r#"{"op":"like","args":[{"op":"casei","args":[{"property":"name"}]},"a%\\_"]}"#,
    r#"{"op":"or","args":[{"op":"between","args":[{"property":"height"},1,1e3]},
        {"op":"isNull","args":[{"property":"code"}]},true]}"#,
];

/// Words of the language in any order.
fn soup() -> impl Strategy<Value = String> {
    let words = vec![
        "(",
        ")",
        ",",
        "=",
        "<>",
        "<",
        "<=",
        ">",
        "+",
        "-",
        "%",
        "AND",
        "or",
        "NOT",
        "BETWEEN",
        "IN",
        "LIKE",
        "IS",
        "NULL",
        "TRUE",
        "false",
        "CASEI",
        "CASEI(",
        "POINT",
        "EMPTY",
        "DIV",
        "floors",
        "name",
        "\"code\"",
        "height",
        "'a'",
        "'%'",
        "'",
        "\"",
        "1",
        "-2.5",
        "1e",
        ".5",
        "9e999",
        "名称",
        "S_WITHIN(",
        "\\",
    ];
    vec(select(words), 0..60).prop_map(|words| words.join(" "))
}

fn values() -> impl Strategy<Value = Vec<Value>> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        noise::text(5).prop_map(|text| Value::Text(Arc::from(text))),
    ];
    vec(value, 0..8)
}

/// If it is a filter, it runs in both ways and is a condition of this layer alone.
fn run(filter: Result<Filter, FilterError>, values: &[Value]) {
    match filter {
        Ok(filter) => {
            let is_true = filter.matches(Values::Own(values));
            assert_eq!(is_true, filter.expr.truth(Values::Own(values)) == Some(true));
            let (sql, bound) = filter.to_sql(1);
            assert_eq!(sql.contains('$'), !bound.is_empty());
            assert!(filter.attributes().len() <= houses().attributes.len());
        }
        Err(error) => {
            assert!(!error.message().is_empty() && !error.message_zh().is_empty());
            assert!(!error.message().contains('\0'));
        }
    }
}

fn bytes(all: &[&'static str]) -> impl Strategy<Value = Vec<u8>> + use<> {
    select(all.to_vec()).prop_map(|text| text.as_bytes().to_vec())
}

proptest! {
    #![proptest_config(noise::config())]

    #[test]
    fn random_noise_is_no_filter_or_one_that_runs(text in noise::text(300), values in values()) {
        run(Filter::parse_text(&text, &houses()), &values);
        run(Filter::parse_json(&text, &houses()), &values);
    }

    #[test]
    fn random_words_are_no_filter_or_one_that_runs(text in soup(), values in values()) {
        run(Filter::parse_text(&text, &houses()), &values);
    }

    #[test]
    fn random_changes_of_a_text_are_refused_or_run(
        bytes in noise::damaged(bytes(&TEXTS)), values in values(),
    ) {
        run(Filter::parse_text(&String::from_utf8_lossy(&bytes), &houses()), &values);
    }

    #[test]
    fn random_changes_of_json_are_refused_or_run(
        bytes in noise::damaged(bytes(&JSONS)), values in values(),
    ) {
        run(Filter::parse_json(&String::from_utf8_lossy(&bytes), &houses()), &values);
    }

    #[test]
    fn random_nesting_ends_soon(
        opening in vec(select(vec!["(", "NOT ", "CASEI(", "name IN (", "((1,2),", "name = (", "- ", "'"]), 1..900),
        repeated in select(vec!["(", "((1,", "NOT (", "name IN ((", "{\"op\":\"not\",\"args\":[", "[", "{\"a\":"]),
        times in 1..4_000_usize,
    ) {
        run(Filter::parse_text(&opening.concat(), &houses()), &[]);
        run(Filter::parse_text(&repeated.repeat(times), &houses()), &[]);
        run(Filter::parse_json(&repeated.repeat(times), &houses()), &[]);
    }
}
