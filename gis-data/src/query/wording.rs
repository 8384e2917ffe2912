//! The words for what is wrong with a filter, in English and Chinese.

use super::error::{Expected, FilterFault, Typed, Unsupported};
use super::limit::{MAX_DEPTH, MAX_JSON_BYTES, MAX_LIST, MAX_NODES, MAX_TEXT_BYTES};
use crate::AttributeType;

/// How much of what somebody wrote a message repeats, in characters.
const QUOTED: usize = 40;

impl FilterFault {
    pub(super) fn message(&self) -> String {
        match self {
            Self::Empty => "the filter is empty".to_owned(),
            Self::TextTooLong(bytes) => {
                format!("the filter has {bytes} bytes, at most {MAX_TEXT_BYTES} are read")
            }
            Self::JsonTooLong(bytes) => {
                format!("the filter has {bytes} bytes of JSON, at most {MAX_JSON_BYTES} are read")
            }
            Self::TooDeep => format!("nested more than {MAX_DEPTH} deep"),
            Self::TooManyNodes => {
                format!("more than {MAX_NODES} operators, attributes and values; IN takes a list")
            }
            Self::ListTooLong => format!("a list of IN has at most {MAX_LIST} values"),
            Self::EmptyList => "a list of IN needs a value".to_owned(),
            Self::Syntax { found, expected } => {
                let found = found.as_ref().map_or("the filter ends".to_owned(), |f| quoted(f));
                format!("{found} where {} was expected", expected.message())
            }
            Self::Unclosed(quote) => format!("a {quote} without its closing {quote}"),
            Self::NumberTooLarge(number) => format!("{} is too large a number", quoted(number)),
            Self::Nul => "a text with a NUL character".to_owned(),
            Self::Json(reason) => format!("not JSON: {reason}"),
            Self::NotCql2(found) => format!(
                "{} is no part of CQL2 JSON; needed is {{\"op\": …, \"args\": […]}}, \
                 {{\"property\": …}}, a text, a number, true or false",
                quoted(found)
            ),
            Self::Arguments { operator, expected, found } => {
                format!("{operator} takes {expected} arguments, not {found}")
            }
            Self::TooFewArguments(operator) => format!("{operator} takes two arguments or more"),
            Self::NeedsList => "IN needs its values in a list".to_owned(),
            Self::UnknownAttribute { name, known } => {
                format!("no attribute {}; the layer has {}", quoted(name), known.join(", "))
            }
            Self::Incomparable(left, right) => {
                format!("{} cannot be compared with {}", left.message(), right.message())
            }
            Self::NeedsText(operator, given) => {
                format!("{operator} needs a text, not {}", given.message())
            }
            Self::NeedsPattern => "LIKE needs its pattern as a text in quotes".to_owned(),
            Self::PatternEnd => {
                "the pattern ends with a backslash; \\\\ is one, \\% and \\_ are the characters \
                 themselves"
                    .to_owned()
            }
            Self::NotACondition(given) => {
                format!("{} is no condition; compare it with something", given.message())
            }
            Self::NotAValue => "a condition where an attribute or a value is needed".to_owned(),
            Self::Null => "NULL is no value; ask IS NULL or IS NOT NULL".to_owned(),
            Self::Unsupported(what, name) => format!(
                "{}: {}; there are = <> < <= > >= AND OR NOT BETWEEN IN LIKE, IS NULL and CASEI",
                quoted(name),
                what.message()
            ),
        }
    }

    pub(super) fn message_zh(&self) -> String {
        match self {
            Self::Empty => "筛选条件为空".to_owned(),
            Self::TextTooLong(bytes) => {
                format!("筛选条件有 {bytes} 字节，最多 {MAX_TEXT_BYTES} 字节")
            }
            Self::JsonTooLong(bytes) => {
                format!("筛选条件的 JSON 有 {bytes} 字节，最多 {MAX_JSON_BYTES} 字节")
            }
            Self::TooDeep => format!("嵌套超过 {MAX_DEPTH} 层"),
            Self::TooManyNodes => {
                format!("运算符、属性和值合计超过 {MAX_NODES} 个；多个值请用 IN 列表")
            }
            Self::ListTooLong => format!("IN 列表最多 {MAX_LIST} 个值"),
            Self::EmptyList => "IN 列表至少要有一个值".to_owned(),
            Self::Syntax { found, expected } => {
                let expected = expected.message_zh();
                match found {
                    Some(found) => format!("此处应为{expected}，却是 {}", quoted(found)),
                    None => format!("筛选条件不完整，此处应为{expected}"),
                }
            }
            Self::Unclosed(quote) => format!("{quote} 没有成对"),
            Self::NumberTooLarge(number) => format!("数字 {} 过大", quoted(number)),
            Self::Nul => "文本含有 NUL 字符".to_owned(),
            Self::Json(reason) => format!("不是 JSON：{reason}"),
            Self::NotCql2(found) => format!(
                "{} 不是 CQL2 JSON 的组成部分；应为 {{\"op\": …, \"args\": […]}}、\
                 {{\"property\": …}}、文本、数字、true 或 false",
                quoted(found)
            ),
            Self::Arguments { operator, expected, found } => {
                format!("{operator} 需要 {expected} 个参数，现有 {found} 个")
            }
            Self::TooFewArguments(operator) => format!("{operator} 至少需要 2 个参数"),
            Self::NeedsList => "IN 的值必须写成列表".to_owned(),
            Self::UnknownAttribute { name, known } => {
                format!("没有属性 {}；该图层的属性有 {}", quoted(name), known.join("、"))
            }
            Self::Incomparable(left, right) => {
                format!("{}不能与{}比较", left.message_zh(), right.message_zh())
            }
            Self::NeedsText(operator, given) => {
                format!("{operator} 只能用于文本，不能用于{}", given.message_zh().trim_end())
            }
            Self::NeedsPattern => "LIKE 的模式必须是引号中的文本".to_owned(),
            Self::PatternEnd => {
                "模式以反斜杠结尾；反斜杠本身写作 \\\\，\\% 和 \\_ 表示字符本身".to_owned()
            }
            Self::NotACondition(given) => {
                format!("{}不是条件；请把它与某个值比较", given.message_zh())
            }
            Self::NotAValue => "此处需要属性或值，却是条件".to_owned(),
            Self::Null => "NULL 不是值；请用 IS NULL 或 IS NOT NULL".to_owned(),
            Self::Unsupported(what, name) => format!(
                "{}：{}；可用 = <> < <= > >= AND OR NOT BETWEEN IN LIKE、IS NULL 和 CASEI",
                quoted(name),
                what.message_zh()
            ),
        }
    }
}

impl Expected {
    fn message(self) -> String {
        match self {
            Self::Operand => "an attribute or a value".to_owned(),
            Self::Operator => "an operator or the end".to_owned(),
            Self::And => "AND and the upper bound of BETWEEN".to_owned(),
            Self::AfterNot => "BETWEEN, IN or LIKE".to_owned(),
            Self::Null => "NULL or NOT NULL".to_owned(),
            Self::Character(character) => format!("\"{character}\""),
            Self::ListGoesOn => "\",\" or \")\"".to_owned(),
        }
    }

    fn message_zh(self) -> String {
        match self {
            Self::Operand => "属性或值".to_owned(),
            Self::Operator => "运算符或结尾".to_owned(),
            Self::And => " AND 和 BETWEEN 的上限".to_owned(),
            Self::AfterNot => " BETWEEN、IN 或 LIKE".to_owned(),
            Self::Null => " NULL 或 NOT NULL".to_owned(),
            Self::Character(character) => format!(" {character}"),
            Self::ListGoesOn => "逗号或右括号".to_owned(),
        }
    }
}

impl Typed {
    fn message(&self) -> String {
        match self {
            Self::Attribute(name, AttributeType::Int) => format!("{name} (a whole number)"),
            Self::Attribute(name, AttributeType::Float) => format!("{name} (a number)"),
            Self::Attribute(name, AttributeType::Text) => format!("{name} (a text)"),
            Self::Number(number) => format!("the number {number}"),
            Self::Text(text) => format!("the text {}", quoted(text)),
            Self::Boolean(is_true) => is_true.to_string().to_uppercase(),
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::Attribute(name, AttributeType::Int) => format!("属性 {name}（整数）"),
            Self::Attribute(name, AttributeType::Float) => format!("属性 {name}（数字）"),
            Self::Attribute(name, AttributeType::Text) => format!("属性 {name}（文本）"),
            Self::Number(number) => format!("数字 {number} "),
            Self::Text(text) => format!("文本 {} ", quoted(text)),
            Self::Boolean(is_true) => format!("布尔值 {} ", is_true.to_string().to_uppercase()),
        }
    }
}

impl Unsupported {
    fn message(self) -> &'static str {
        match self {
            Self::Spatial => "spatial conditions and geometries are not supported yet",
            Self::Temporal => "conditions on time, dates and timestamps are not supported",
            Self::Array => "conditions on arrays are not supported",
            Self::Arithmetic => "arithmetic is not supported",
            Self::Accents => "letters are not compared without their accents",
            Self::Function => "there is no such function",
        }
    }

    fn message_zh(self) -> &'static str {
        match self {
            Self::Spatial => "暂不支持空间条件和几何图形",
            Self::Temporal => "不支持时间条件、日期和时间戳",
            Self::Array => "不支持数组条件",
            Self::Arithmetic => "不支持算术运算",
            Self::Accents => "不支持忽略重音的比较",
            Self::Function => "没有这个函数",
        }
    }
}

/// As messages repeat it: in quotes, without control characters, not at length.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED).collect();
    if text.chars().nth(QUOTED).is_some() {
        short.push('…');
    }
    format!("{short:?}")
}
