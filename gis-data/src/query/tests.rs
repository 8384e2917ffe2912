//! What a filter means, what it is refused for, and that text and JSON say the same.

use std::fmt::Write as _;
use std::sync::Arc;

use time::OffsetDateTime;

use super::*;
use crate::{Attribute, AttributeType, GeometryType, Text2, Value};

/// A layer with these attributes.
pub(super) fn layer(attributes: &[(&str, AttributeType)]) -> Layer {
    let attribute = |&(name, kind): &(&str, AttributeType)| Attribute {
        name: name.to_owned(),
        kind,
        title: Text2::new(name, name),
    };
    Layer {
        layer_id: "houses".to_owned(),
        relation: "layer_houses".to_owned(),
        geometry_column: "geom".to_owned(),
        geometry: GeometryType::Polygon,
        title: Text2::new("房屋", "Houses"),
        group_id: "building".to_owned(),
        attributes: attributes.iter().map(attribute).collect(),
        min_zoom: 0,
        max_zoom: 16,
        ordinal: 1,
        style: serde_json::Value::Null,
        version: 1,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    }
}

/// `floors` and `rooms` are whole, `height` and `width` numbers, `name` and `code` texts.
pub(super) fn houses() -> Layer {
    use AttributeType::{Float, Int, Text};
    layer(&[
        ("floors", Int),
        ("rooms", Int),
        ("height", Float),
        ("width", Float),
        ("name", Text),
        ("code", Text),
    ])
}

fn parsed(text: &str) -> Filter {
    Filter::parse_text(text, &houses()).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn refused(text: &str) -> FilterError {
    Filter::parse_text(text, &houses()).expect_err(text)
}

fn refused_json(json: &str) -> FilterError {
    Filter::parse_json(json, &houses()).expect_err(json)
}

fn text(text: &str) -> Value {
    Value::Text(Arc::from(text))
}

/// What SQL would say: true, false or unknown.
fn answer(filter: &str, values: &[Value]) -> Option<bool> {
    parsed(filter).expr.truth(Values::Own(values))
}

#[test]
fn filters_answer_as_sql_does() {
    let house = [
        Value::Int(6),
        Value::Null,
        Value::Float(21.5),
        Value::Float(f64::NAN),
        text("Ｂ座 Annex"),
        Value::Null,
    ];
    for (filter, expected) in [
        ("floors = 6", Some(true)),
        ("6 <= floors", Some(true)),
        ("7 <= floors", Some(false)),
        ("floors = 6.0", Some(true)),
        ("floors < 6.5 AND floors > 5.5", Some(true)),
        ("floors = 6.5", Some(false)),
        ("floors <> 6.5", Some(true)),
        ("floors < 1e300 AND floors > -1e300", Some(true)),
        ("floors > 1e300 OR floors < -1e300", Some(false)),
        ("rooms = 6.5", None),
        ("rooms < 1e300", None),
        ("height > 21", Some(true)),
        ("height > floors", Some(true)),
        ("rooms = rooms", None),
        ("rooms <> 1", None),
        ("rooms = 1 AND floors = 1", Some(false)),
        ("rooms = 1 AND floors = 6", None),
        ("rooms = 1 OR floors = 6", Some(true)),
        ("NOT rooms = 1", None),
        ("NOT (rooms = 1 AND floors = 1)", Some(true)),
        ("rooms IS NULL", Some(true)),
        ("rooms IS NOT NULL", Some(false)),
        ("width IS NULL", Some(true)),
        ("width < 1 OR width >= 1", None),
        ("floors BETWEEN 6 AND 7", Some(true)),
        ("floors NOT BETWEEN 6 AND 7", Some(false)),
        ("rooms NOT BETWEEN 6 AND 7", None),
        ("floors BETWEEN 7 AND rooms", Some(false)),
        ("floors BETWEEN 6 AND rooms", None),
        ("floors IN (1, 6, 2.5)", Some(true)),
        ("floors IN (6.5, 2.5)", Some(false)),
        ("rooms IN (6.5, 2.5)", None),
        ("rooms NOT IN (1)", None),
        ("height IN (1, 21.5)", Some(true)),
        ("6 IN (rooms, floors)", Some(true)),
        ("7 IN (rooms, floors)", None),
        ("name LIKE 'Ｂ座%'", Some(true)),
        ("name LIKE 'ｂ座%'", Some(false)),
        ("CASEI(name) LIKE CASEI('Ｂ_ ANNEX')", Some(true)),
        ("CASEI(name) = 'ｂ座 annex'", Some(true)),
        ("CASEI(name) = 'Ｂ座 annex'", Some(false)),
        ("CASEI(name) IN ('x', 'ｂ座 annex')", Some(true)),
        ("code LIKE '%'", None),
        ("code NOT LIKE '%'", None),
        ("name < 'Ｃ' AND name > 'a'", Some(true)),
        ("TRUE AND NOT FALSE", Some(true)),
        ("1 = 1.0 AND 'a' < 'b' AND TRUE <> FALSE AND 'ab' LIKE 'a_'", Some(true)),
        ("'x' IS NULL", Some(false)),
        ("rooms = 1 OR TRUE", Some(true)),
    ] {
        assert_eq!(answer(filter, &house), expected, "{filter}");
    }
}

#[test]
fn whole_numbers_stay_exact() {
    let house = [Value::Int(9_007_199_254_740_993)];
    assert_eq!(answer("floors = 9007199254740993", &house), Some(true));
    assert_eq!(answer("floors = 9007199254740992", &house), Some(false));
    let largest = [Value::Int(i64::MAX)];
    assert_eq!(answer("floors = 9223372036854775807", &largest), Some(true));
    assert_eq!(answer("floors = 9223372036854775808", &largest), Some(false));
    assert_eq!(answer("floors < 9223372036854775808", &largest), Some(true));
    let smallest = [Value::Int(i64::MIN)];
    assert_eq!(answer("floors = -9223372036854775808", &smallest), Some(true));
    assert_eq!(answer("floors = -9223372036854775809e0", &smallest), Some(true));
}

#[test]
fn only_true_matches_and_foreign_values_are_absent() {
    let unknown = parsed("rooms = 1");
    assert!(!unknown.matches(Values::Own(&[])));
    assert!(!unknown.matches(Values::Own(&[Value::Null, text("1")])));
    assert!(parsed("rooms IS NULL").matches(Values::Own(&[Value::Null, text("1")])));
    assert!(parsed("height = 2").matches(Values::Own(&[Value::Null, Value::Null, Value::Int(2)])));
}

#[test]
fn filters_that_ask_the_same_are_equal() {
    for (one, other) in [
        ("floors < 6", "6 > floors"),
        ("floors < 6", "NOT floors >= 6"),
        ("floors <= 6", "floors < 6.5"),
        ("floors = 6 AND name = 'a'", "name = 'a' AND (floors = 6.0 AND floors = 6)"),
        ("floors BETWEEN 1 AND 2", "floors >= 1 AND floors <= 2"),
        ("floors IN (3, 1, 2, 3)", "floors IN (1, 2, 3.0)"),
        ("floors IN (3)", "floors = 3"),
        ("name LIKE 'a\\_b'", "name = 'a_b'"),
        ("name LIKE 'a%%'", "\"name\" like 'a%'"),
        ("name = CASEI('ABC')", "name = 'abc'"),
        ("height = -0.0", "height = 0"),
        ("height > width", "width < height"),
        ("NOT (floors = 1 OR NOT name IS NULL)", "floors <> 1 AND name IS NULL"),
        ("floors = 1 OR FALSE", "floors = 1 AND TRUE"),
    ] {
        let (one, other) = (parsed(one), parsed(other));
        assert_eq!(one, other);
        assert_eq!(one.fingerprint(), other.fingerprint());
    }
    for (one, other) in [
        ("floors = 1", "rooms = 1"),
        ("name = 'a'", "CASEI(name) = 'a'"),
        ("name LIKE 'a%'", "name NOT LIKE 'a%'"),
        ("name = 'a' OR code = 'b'", "name = 'a' AND code = 'b'"),
        ("name IN ('a', 'bc')", "name IN ('ab', 'c')"),
    ] {
        assert_ne!(parsed(one).fingerprint(), parsed(other).fingerprint(), "{one}, {other}");
    }
}

#[test]
fn a_fingerprint_outlives_the_program_and_the_order_of_attributes() {
    let filter = "floors >= 3 AND (CASEI(name) LIKE '%office%' OR height IN (1.5, 2))";
    let mut turned = houses();
    turned.attributes.reverse();
    let fingerprint = parsed(filter).fingerprint();
    assert_eq!(Filter::parse_text(filter, &turned).unwrap().fingerprint(), fingerprint);
    insta::assert_snapshot!(format!("{fingerprint:032x}"), @"e6262cb5738ec1dae454d59c4cf5a64a");
}

#[test]
fn a_filter_names_its_attributes_once() {
    let filter = parsed("name = 'x' AND (height > width OR name IS NULL) AND floors IN (1, 2)");
    assert_eq!(filter.attributes().collect::<Vec<_>>(), ["floors", "height", "name", "width"]);
}

#[test]
fn sql_binds_every_value() {
    let (sql, bound) = parsed(
        "floors IN (1, 2) AND CASEI(name) NOT LIKE 'a\\%''%' AND CASEI(code) = '\"; drop' \
         AND height < floors AND (rooms = 7 OR width IS NULL)",
    )
    .to_sql(3);
    insta::assert_snapshot!(sql, @r#"("floors"::bigint::double precision > nullif("height"::double precision, 'NaN') and translate("code"::text collate "C", $3, $4) = $5 and "floors"::bigint = any($6) and translate("name"::text collate "C", $3, $4) not like $7 and (nullif("width"::double precision, 'NaN') is null or "rooms"::bigint = $8))"#);
    let text = |text: &str| Bound::Text(text.to_owned());
    let (from, to) = fold::table();
    assert_eq!(
        bound,
        [
            text(from),
            text(to),
            text("\"; drop"),
            Bound::Ints(vec![1, 2]),
            text("a\\%'%"),
            Bound::Int(7)
        ]
    );
    let layer = layer(&[("a\"b", AttributeType::Text)]);
    let (sql, _) = Filter::parse_text("\"a\"\"b\" IS NULL", &layer).unwrap().to_sql(1);
    assert_eq!(sql, "(\"a\"\"b\"::text collate \"C\") is null");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of what is refused, with what is said of it")]
fn what_is_refused_says_why_where_and_what_would_do() {
    let mut said = String::new();
    for filter in [
        "hight > 3",
        "floors > 'three'",
        "name = 3",
        "height = name",
        "floors = true",
        "name",
        "CASEI(floors) = 'a'",
        "floors LIKE 'a%'",
        "name LIKE code",
        "name LIKE 'a\\",
        "name = 'open",
        "\"name = 'open'",
        "name = NULL",
        "floors IN ()",
        "floors IN (1 2)",
        "floors = 1 floors = 2",
        "floors = 1 = 1",
        "floors BETWEEN 1 OR 2",
        "floors NOT = 1",
        "floors IS 3",
        "floors =",
        "(floors = 1",
        "floors = 1)",
        "floors = 1 ; drop",
        "floors + 1 > 2",
        "floors > -rooms",
        "2 > floors div 2",
        "(floors = 1) = 1",
        "floors = 1e999",
        "名称 = 'x'",
        "ACCENTI(name) = 'a'",
        "NOT S_INTERSECTS(geom, POINT(1 2))",
        "T_AFTER(built, DATE('2012-06-05'))",
        "avg(floors) < 4",
        "name = 'x\\'",
    ] {
        let error = refused(filter);
        write!(said, "{filter}\n    {}: {error}\n    {}\n", error.code(), error.message_zh())
            .unwrap();
    }
    insta::assert_snapshot!(said, @r#"
    hight > 3
        unknown_attribute: no attribute "hight"; the layer has floors, rooms, height, width, name, code (character 1)
        没有属性 "hight"；该图层的属性有 floors、rooms、height、width、name、code（第 1 个字符）
    floors > 'three'
        type_mismatch: floors (a whole number) cannot be compared with the text "three" (character 8)
        属性 floors（整数）不能与文本 "three" 比较（第 8 个字符）
    name = 3
        type_mismatch: name (a text) cannot be compared with the number 3 (character 6)
        属性 name（文本）不能与数字 3 比较（第 6 个字符）
    height = name
        type_mismatch: height (a number) cannot be compared with name (a text) (character 8)
        属性 height（数字）不能与属性 name（文本）比较（第 8 个字符）
    floors = true
        type_mismatch: floors (a whole number) cannot be compared with TRUE (character 8)
        属性 floors（整数）不能与布尔值 TRUE 比较（第 8 个字符）
    name
        type_mismatch: name (a text) is no condition; compare it with something (character 1)
        属性 name（文本）不是条件；请把它与某个值比较（第 1 个字符）
    CASEI(floors) = 'a'
        type_mismatch: CASEI needs a text, not floors (a whole number) (character 7)
        CASEI 只能用于文本，不能用于属性 floors（整数）（第 7 个字符）
    floors LIKE 'a%'
        type_mismatch: LIKE needs a text, not floors (a whole number) (character 8)
        LIKE 只能用于文本，不能用于属性 floors（整数）（第 8 个字符）
    name LIKE code
        type_mismatch: LIKE needs its pattern as a text in quotes (character 11)
        LIKE 的模式必须是引号中的文本（第 11 个字符）
    name LIKE 'a\
        syntax: a ' without its closing ' (character 11)
        ' 没有成对（第 11 个字符）
    name = 'open
        syntax: a ' without its closing ' (character 8)
        ' 没有成对（第 8 个字符）
    "name = 'open'
        syntax: a " without its closing " (character 1)
        " 没有成对（第 1 个字符）
    name = NULL
        type_mismatch: NULL is no value; ask IS NULL or IS NOT NULL (character 8)
        NULL 不是值；请用 IS NULL 或 IS NOT NULL（第 8 个字符）
    floors IN ()
        syntax: a list of IN needs a value (character 11)
        IN 列表至少要有一个值（第 11 个字符）
    floors IN (1 2)
        syntax: "2" where "," or ")" was expected (character 14)
        此处应为逗号或右括号，却是 "2"（第 14 个字符）
    floors = 1 floors = 2
        syntax: "floors" where an operator or the end was expected (character 12)
        此处应为运算符或结尾，却是 "floors"（第 12 个字符）
    floors = 1 = 1
        syntax: "=" where an operator or the end was expected (character 12)
        此处应为运算符或结尾，却是 "="（第 12 个字符）
    floors BETWEEN 1 OR 2
        syntax: "OR" where AND and the upper bound of BETWEEN was expected (character 18)
        此处应为 AND 和 BETWEEN 的上限，却是 "OR"（第 18 个字符）
    floors NOT = 1
        syntax: "=" where BETWEEN, IN or LIKE was expected (character 12)
        此处应为 BETWEEN、IN 或 LIKE，却是 "="（第 12 个字符）
    floors IS 3
        syntax: "3" where NULL or NOT NULL was expected (character 11)
        此处应为 NULL 或 NOT NULL，却是 "3"（第 11 个字符）
    floors =
        syntax: the filter ends where an attribute or a value was expected (character 9)
        筛选条件不完整，此处应为属性或值（第 9 个字符）
    (floors = 1
        syntax: the filter ends where ")" was expected (character 12)
        筛选条件不完整，此处应为 )（第 12 个字符）
    floors = 1)
        syntax: ")" where an operator or the end was expected (character 11)
        此处应为运算符或结尾，却是 ")"（第 11 个字符）
    floors = 1 ; drop
        syntax: ";" where an operator or the end was expected (character 12)
        此处应为运算符或结尾，却是 ";"（第 12 个字符）
    floors + 1 > 2
        unsupported: "+": arithmetic is not supported; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI (character 8)
        "+"：不支持算术运算；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI（第 8 个字符）
    floors > -rooms
        unsupported: "-": arithmetic is not supported; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI (character 10)
        "-"：不支持算术运算；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI（第 10 个字符）
    2 > floors div 2
        unsupported: "div": arithmetic is not supported; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI (character 12)
        "div"：不支持算术运算；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI（第 12 个字符）
    (floors = 1) = 1
        type_mismatch: a condition where an attribute or a value is needed (character 9)
        此处需要属性或值，却是条件（第 9 个字符）
    floors = 1e999
        syntax: "1e999" is too large a number (character 10)
        数字 "1e999" 过大（第 10 个字符）
    名称 = 'x'
        unknown_attribute: no attribute "名称"; the layer has floors, rooms, height, width, name, code (character 1)
        没有属性 "名称"；该图层的属性有 floors、rooms、height、width、name、code（第 1 个字符）
    ACCENTI(name) = 'a'
        unsupported: "ACCENTI": letters are not compared without their accents; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI (character 1)
        "ACCENTI"：不支持忽略重音的比较；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI（第 1 个字符）
    NOT S_INTERSECTS(geom, POINT(1 2))
        unsupported: "S_INTERSECTS": spatial conditions and geometries are not supported yet; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI (character 5)
        "S_INTERSECTS"：暂不支持空间条件和几何图形；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI（第 5 个字符）
    T_AFTER(built, DATE('2012-06-05'))
        unsupported: "T_AFTER": conditions on time, dates and timestamps are not supported; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI (character 1)
        "T_AFTER"：不支持时间条件、日期和时间戳；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI（第 1 个字符）
    avg(floors) < 4
        unsupported: "avg": there is no such function; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI (character 1)
        "avg"：没有这个函数；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI（第 1 个字符）
    name = 'x\'
        syntax: a ' without its closing ' (character 8)
        ' 没有成对（第 8 个字符）
    "#);
}

#[test]
fn json_that_is_no_filter_says_why() {
    let mut said = String::new();
    for json in [
        "{\"op\":",
        "[1]",
        "null",
        "\"name\"",
        r#"{"op": "=", "args": [{"property": "floors"}]}"#,
        r#"{"op": "and", "args": [true]}"#,
        r#"{"op": "=", "args": [{"property": "hight"}, 3]}"#,
        r#"{"op": "=", "args": [{"property": "name"}, null]}"#,
        r#"{"op": "in", "args": [{"property": "floors"}, []]}"#,
        r#"{"op": "in", "args": [{"property": "floors"}, 1]}"#,
        r#"{"op": "=", "args": [{"property": "name"}, {"date": "2012-06-05"}]}"#,
        r#"{"op": "s_within", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, 4]}]}"#,
        r#"{"op": "=", "args": [{"property": "geom"}, {"type": "Point", "coordinates": [1, 2]}]}"#,
        r#"{"op": ">", "args": [{"op": "+", "args": [{"property": "floors"}, 1]}, 1]}"#,
        r#"{"op": "=", "args": [{"property": "name"}, "a\u0000b"]}"#,
        r#"{"property": "name", "more": 1}"#,
        r#"{"op": "like", "args": [{"property": "name"}, "a\\"]}"#,
    ] {
        let error = refused_json(json);
        write!(said, "{json}\n    {}: {error}\n    {}\n", error.code(), error.message_zh())
            .unwrap();
    }
    insta::assert_snapshot!(said, @r#"
    {"op":
        syntax: not JSON: EOF while parsing a value (line 1, column 6)
        不是 JSON：EOF while parsing a value（第 1 行第 6 列）
    [1]
        syntax: "[1]" is no part of CQL2 JSON; needed is {"op": …, "args": […]}, {"property": …}, a text, a number, true or false
        "[1]" 不是 CQL2 JSON 的组成部分；应为 {"op": …, "args": […]}、{"property": …}、文本、数字、true 或 false
    null
        type_mismatch: NULL is no value; ask IS NULL or IS NOT NULL
        NULL 不是值；请用 IS NULL 或 IS NOT NULL
    "name"
        type_mismatch: the text "name" is no condition; compare it with something
        文本 "name" 不是条件；请把它与某个值比较
    {"op": "=", "args": [{"property": "floors"}]}
        syntax: = takes 2 arguments, not 1
        = 需要 2 个参数，现有 1 个
    {"op": "and", "args": [true]}
        syntax: AND takes two arguments or more
        AND 至少需要 2 个参数
    {"op": "=", "args": [{"property": "hight"}, 3]}
        unknown_attribute: no attribute "hight"; the layer has floors, rooms, height, width, name, code
        没有属性 "hight"；该图层的属性有 floors、rooms、height、width、name、code
    {"op": "=", "args": [{"property": "name"}, null]}
        type_mismatch: NULL is no value; ask IS NULL or IS NOT NULL
        NULL 不是值；请用 IS NULL 或 IS NOT NULL
    {"op": "in", "args": [{"property": "floors"}, []]}
        syntax: a list of IN needs a value
        IN 列表至少要有一个值
    {"op": "in", "args": [{"property": "floors"}, 1]}
        syntax: IN needs its values in a list
        IN 的值必须写成列表
    {"op": "=", "args": [{"property": "name"}, {"date": "2012-06-05"}]}
        unsupported: "date": conditions on time, dates and timestamps are not supported; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI
        "date"：不支持时间条件、日期和时间戳；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI
    {"op": "s_within", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, 4]}]}
        unsupported: "s_within": spatial conditions and geometries are not supported yet; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI
        "s_within"：暂不支持空间条件和几何图形；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI
    {"op": "=", "args": [{"property": "geom"}, {"type": "Point", "coordinates": [1, 2]}]}
        unsupported: "Point": spatial conditions and geometries are not supported yet; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI
        "Point"：暂不支持空间条件和几何图形；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI
    {"op": ">", "args": [{"op": "+", "args": [{"property": "floors"}, 1]}, 1]}
        unsupported: "+": arithmetic is not supported; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI
        "+"：不支持算术运算；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI
    {"op": "=", "args": [{"property": "name"}, "a\u0000b"]}
        syntax: a text with a NUL character
        文本含有 NUL 字符
    {"property": "name", "more": 1}
        syntax: "{\"more\":1,\"property\":\"name\"}" is no part of CQL2 JSON; needed is {"op": …, "args": […]}, {"property": …}, a text, a number, true or false
        "{\"more\":1,\"property\":\"name\"}" 不是 CQL2 JSON 的组成部分；应为 {"op": …, "args": […]}、{"property": …}、文本、数字、true 或 false
    {"op": "like", "args": [{"property": "name"}, "a\\"]}
        syntax: the pattern ends with a backslash; \\ is one, \% and \_ are the characters themselves
        模式以反斜杠结尾；反斜杠本身写作 \\，\% 和 \_ 表示字符本身
    "#);
}

#[test]
fn large_filters_are_refused_before_they_are_built() {
    let fault = |text: &str| refused(text).fault;
    assert_eq!(fault(" \n"), FilterFault::Empty);
    assert_eq!(refused_json("").fault, FilterFault::Empty);
    let brackets = |n| format!("{}floors = 1{}", "(".repeat(n), ")".repeat(n));
    parsed(&brackets(MAX_DEPTH));
    assert_eq!(fault(&brackets(MAX_DEPTH + 1)), FilterFault::TooDeep);
    assert_eq!(fault(&"(".repeat(MAX_TEXT_BYTES)), FilterFault::TooDeep);
    assert_eq!(fault(&"NOT ".repeat(MAX_TEXT_BYTES / 4)), FilterFault::TooDeep);
    assert_eq!(fault(&"CASEI(".repeat(MAX_TEXT_BYTES / 6)), FilterFault::TooDeep);
    assert_eq!(fault(&"x".repeat(MAX_TEXT_BYTES + 1)), FilterFault::TextTooLong(8193));
    // One comparison is three nodes, and what joins them one more.
    let chain = |n: usize| vec!["floors = 1"; n].join(" OR ");
    parsed(&chain((MAX_NODES - 1) / 3));
    assert_eq!(fault(&chain((MAX_NODES - 1) / 3 + 1)), FilterFault::TooManyNodes);
    let list = |n| format!("floors IN ({})", vec!["1"; n].join(","));
    parsed(&list(MAX_LIST));
    assert_eq!(fault(&list(MAX_LIST + 1)), FilterFault::ListTooLong);
    // Brackets in a list are no way around.
    assert_eq!(
        fault(&format!("floors IN ({})", vec!["(1)"; 300].join(","))),
        FilterFault::TooManyNodes
    );

    let fault = |json: &str| refused_json(json).fault;
    let nots = |n| format!("{}true{}", r#"{"op":"not","args":["#.repeat(n), "]}".repeat(n));
    Filter::parse_json(&nots(MAX_DEPTH), &houses()).unwrap();
    assert_eq!(fault(&nots(MAX_DEPTH + 1)), FilterFault::TooDeep);
    assert!(matches!(fault(&nots(1_000)), FilterFault::Json(_)));
    assert!(matches!(fault(&"[".repeat(MAX_JSON_BYTES)), FilterFault::Json(_)));
    assert!(matches!(fault(&" ".repeat(MAX_JSON_BYTES + 1)), FilterFault::JsonTooLong(_)));
    let all = |n| format!(r#"{{"op":"and","args":[{}]}}"#, vec!["true"; n].join(","));
    Filter::parse_json(&all(MAX_NODES - 1), &houses()).unwrap();
    assert_eq!(fault(&all(MAX_NODES)), FilterFault::TooManyNodes);
    let list = format!(
        r#"{{"op":"in","args":[{{"property":"floors"}},[{}]]}}"#,
        vec!["1"; MAX_LIST + 1].join(",")
    );
    assert_eq!(fault(&list), FilterFault::ListTooLong);
}

#[test]
fn quotes_are_doubled_or_escaped_and_other_backslashes_stay() {
    let value = |filter: &str| match parsed(filter).to_sql(1).1.as_slice() {
        [Bound::Text(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(value("name = 'it''s'"), "it's");
    assert_eq!(value("name = 'it\\'s'"), "it's");
    assert_eq!(value("name = 'C:\\temp'"), "C:\\temp");
    assert_eq!(value("name = ''"), "");
    assert_eq!(value("name LIKE 'C:\\\\'"), "C:\\");
    assert_eq!(refused("name = 'a\0b'").fault, FilterFault::Nul);
}
