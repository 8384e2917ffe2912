//! Examples of the standard, which are the same filter in both languages.

use super::tests::layer;
use super::*;
use crate::AttributeType;

/// Examples of the standard (OGC 21-065r2) whose operators are here, as text and as JSON.
const EXAMPLES: [(&str, &str); 16] = [
    ("city='Toronto'", r#"{"op":"=","args":[{"property":"city"},"Toronto"]}"#),
    (
        "depth BETWEEN 100.0 and 150.0",
        r#"{"op":"between","args":[{"property":"depth"},100.0,150.0]}"#,
    ),
    (
        "category NOT IN (1,2,3,4)",
        r#"{"op":"not","args":[{"op":"in","args":[{"property":"category"},[1,2,3,4]]}]}"#,
    ),
    (
        "CASEI(road_class) IN (CASEI('Οδος'),CASEI('Straße'))",
        r#"{"op":"in","args":[{"op":"casei","args":[{"property":"road_class"}]},
                [{"op":"casei","args":["Οδος"]},{"op":"casei","args":["Straße"]}]]}"#,
    ),
    (
        "landsat:wrs_path IN ('153','154','15X')",
        r#"{"op":"in","args":[{"property":"landsat:wrs_path"},["153","154","15X"]]}"#,
    ),
    ("eo:instrument LIKE 'OLI%'", r#"{"op":"like","args":[{"property":"eo:instrument"},"OLI%"]}"#),
    (
        "eo:cloud_cover < 0.1 AND landsat:wrs_row=28",
        r#"{"op":"and","args":[{"op":"<","args":[{"property":"eo:cloud_cover"},0.1]},
                {"op":"=","args":[{"property":"landsat:wrs_row"},28]}]}"#,
    ),
    (
        "eo:cloud_cover >= 0.1 AND eo:cloud_cover <= 0.2",
        r#"{"op":"between","args":[{"property":"eo:cloud_cover"},0.1,0.2]}"#,
    ),
    (
        "owner NOT LIKE '%Mike%'",
        r#"{"op":"not","args":[{"op":"like","args":[{"property":"owner"},"%Mike%"]}]}"#,
    ),
    (
        "NOT (floors<5) OR (floors>5 AND material='brick')",
        r#"{"op":"or","args":[{"op":"not","args":[{"op":"<","args":[{"property":"floors"},5]}]},
                {"op":"and","args":[{"op":">","args":[{"property":"floors"},5]},
                {"op":"=","args":[{"property":"material"},"brick"]}]}]}"#,
    ),
    (
        "CASEI(geophys:SURVEY_NAME) LIKE CASEI('%calcutta%')",
        r#"{"op":"like","args":[{"op":"casei","args":[{"property":"geophys:SURVEY_NAME"}]},
                {"op":"casei","args":["%calcutta%"]}]}"#,
    ),
    (
        "\"id\" <> 'fa7e1920-9107-422d-a3db-c468cbc5d6df'",
        r#"{"op":"<>","args":[{"property":"id"},"fa7e1920-9107-422d-a3db-c468cbc5d6df"]}"#,
    ),
    ("\"value\" IN (1.0, 2.0, 3.0)", r#"{"op":"in","args":[{"property":"value"},[1.0,2.0,3.0]]}"#),
    (
        "NOT \"value\" IS NULL",
        r#"{"op":"not","args":[{"op":"isNull","args":[{"property":"value"}]}]}"#,
    ),
    (
        "(NOT \"name\" LIKE 'foo%' AND \"value\" > 10)",
        r#"{"op":"and","args":[{"op":"not","args":[{"op":"like","args":[{"property":"name"},"foo%"]}]},
                {"op":">","args":[{"property":"value"},10]}]}"#,
    ),
    (
        "\"name\" LIKE CASEI('FOO%')",
        r#"{"op":"like","args":[{"property":"name"},{"op":"casei","args":["FOO%"]}]}"#,
    ),
];

#[test]
fn examples_of_the_standard_are_the_same_in_text_and_json() {
    use AttributeType::{Float, Int, Text};
    let layer = layer(&[
        ("city", Text),
        ("depth", Float),
        ("category", Int),
        ("road_class", Text),
        ("landsat:wrs_path", Text),
        ("landsat:wrs_row", Int),
        ("eo:instrument", Text),
        ("eo:cloud_cover", Float),
        ("floors", Int),
        ("material", Text),
        ("owner", Text),
        ("geophys:SURVEY_NAME", Text),
        ("id", Text),
        ("name", Text),
        ("value", Float),
    ]);

    for (text, json) in EXAMPLES {
        let from_text = Filter::parse_text(text, &layer).unwrap_or_else(|e| panic!("{text}: {e}"));
        let from_json = Filter::parse_json(json, &layer).unwrap_or_else(|e| panic!("{json}: {e}"));
        assert_eq!(from_text, from_json, "{text}");
        assert_eq!(from_text.fingerprint(), from_json.fingerprint(), "{text}");
    }
}
