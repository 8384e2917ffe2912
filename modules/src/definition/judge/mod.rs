//! Judges what was typed against the fields of a definition: all faults at once, each at its field, in the words of the form.

use std::collections::BTreeMap;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value as Json};
use time::Date;

use super::field::{Field, FieldFault, FieldType};
use super::schema::{self, decimal, has_control, text_limit};
use crate::Result;
use crate::dates::day;

/// The longest title, as the table of documents has it.
const TITLE_MAX_CHARS: usize = 200;

/// How complete a form has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It may have holes.
    Draft,
    /// It may not.
    Whole,
}

/// A set of fields with its validator.
#[derive(Debug)]
pub(crate) struct Judge {
    fields: Vec<Field>,
    validator: Validator,
    schema: Json,
}

impl Judge {
    pub(crate) fn new(what: &str, fields: Vec<Field>) -> Result<Self> {
        let schema = schema::object(&fields);
        Ok(Self { validator: schema::compile(what, &schema)?, schema, fields })
    }

    /// JSON Schema 2020-12.
    pub(crate) fn schema(&self) -> &Json {
        &self.schema
    }

    /// `place` is the prefix of every fault's field: `body`, `patch` or `lines.3`. Fields left empty count as left out.
    pub(crate) fn judge(
        &self,
        place: &str,
        typed: &Json,
        stage: Stage,
        faults: &mut Vec<FieldFault>,
    ) {
        let Json::Object(map) = typed else {
            faults.push(FieldFault::new(place, None, "应为 JSON 对象", "must be a JSON object"));
            return;
        };
        let is_known = |key: &str| self.find(key).is_some();
        let filled: Map<String, Json> = map
            .iter()
            .filter(|(key, value)| !value.is_null() || !is_known(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let filled = Json::Object(filled);
        // By field in the order of the form; unknown ones come last, by name.
        let mut found: BTreeMap<(usize, String), FieldFault> = BTreeMap::new();
        for error in self.validator.iter_errors(&filled) {
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => {
                    for key in unexpected {
                        found.insert((usize::MAX, key.clone()), self.unknown(place, key));
                    }
                }
                ValidationErrorKind::Required { property } => {
                    if let (Stage::Whole, Some((n, field))) =
                        (stage, property.as_str().and_then(|p| self.find(p)))
                    {
                        found.insert((n, String::new()), missing(place, field));
                    }
                }
                _ => {
                    let pointer = error.instance_path().to_string();
                    let name =
                        pointer.trim_start_matches('/').replace("~1", "/").replace("~0", "~");
                    if let Some((n, field)) = self.find(&name) {
                        for (m, fault) in
                            wrong(place, field, filled.get(&name)).into_iter().enumerate()
                        {
                            found.insert((n, m.to_string()), fault);
                        }
                    }
                }
            }
        }
        let ranged =
            self.fields.iter().enumerate().filter(|(n, _)| !found.keys().any(|k| k.0 == *n));
        let out_of_range: Vec<((usize, String), FieldFault)> = ranged
            .filter_map(|(n, f)| {
                Some(((n, String::new()), out_of_range(place, f, filled.get(&f.name)?)?))
            })
            .collect();
        found.extend(out_of_range);
        faults.extend(found.into_values());
    }

    fn find(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, f)| f.name == name)
    }

    fn unknown(&self, place: &str, key: &str) -> FieldFault {
        let known: Vec<&str> = self.fields.iter().map(|f| f.name.as_str()).collect();
        FieldFault::new(
            &format!("{place}.{key}"),
            Some(Json::from(known.clone())),
            &format!("没有这个字段，可填：{}", known.join("、")),
            &format!("there is no such field; the fields are {}", known.join(", ")),
        )
    }
}

/// A field left empty is a field left out.
pub(crate) fn without_nulls(typed: &Map<String, Json>) -> Map<String, Json> {
    typed.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect()
}

pub(crate) fn judge_title(title: &str, faults: &mut Vec<FieldFault>) {
    judge_text("title", ("标题", "Title"), title, TITLE_MAX_CHARS, faults);
}

fn missing(place: &str, field: &Field) -> FieldFault {
    let (at, zh, en) = (format!("{place}.{}", field.name), &field.title.zh, &field.title.en);
    FieldFault::new(&at, None, &format!("{zh}为必填项"), &format!("{en} is required"))
}

/// Why a value does not fit its field, in words.
fn wrong(place: &str, field: &Field, value: Option<&Json>) -> Vec<FieldFault> {
    let at = format!("{place}.{}", field.name);
    let (zh, en) = (&field.title.zh, &field.title.en);
    let one = |limit: Option<Json>, zh: &str, en: &str| vec![FieldFault::new(&at, limit, zh, en)];
    match (field.kind, value) {
        (FieldType::Text | FieldType::LongText, Some(Json::String(text))) => {
            let mut faults = Vec::new();
            judge_text(&at, (zh, en), text, text_limit(field), &mut faults);
            faults
        }
        (FieldType::Text | FieldType::LongText, _) => {
            one(None, &format!("{zh}应为文本"), &format!("{en} must be a text"))
        }
        (FieldType::Choice, _) => {
            let values: Vec<&str> = field.options.iter().map(|o| o.value.as_str()).collect();
            let titles: Vec<&str> = field.options.iter().map(|o| o.title.zh.as_str()).collect();
            one(
                Some(Json::from(values.clone())),
                &format!("{zh}应为以下之一：{}", titles.join("、")),
                &format!("{en} must be one of {}", values.join(", ")),
            )
        }
        (FieldType::Integer, Some(Json::Number(number))) if number.is_i64() || number.is_u64() => {
            let (least, most) = (
                field.min.as_deref().unwrap_or("-9007199254740991"),
                field.max.as_deref().unwrap_or("9007199254740991"),
            );
            one(
                Some(Json::from(vec![least, most])),
                &format!("{zh}应在 {least} 至 {most} 之间"),
                &format!("{en} must be from {least} to {most}"),
            )
        }
        (FieldType::Integer, _) => {
            one(None, &format!("{zh}应为整数"), &format!("{en} must be a whole number"))
        }
        (FieldType::Decimal | FieldType::Money | FieldType::Area, _) => {
            let places = field.places();
            one(
                Some(Json::from(places)),
                &format!("{zh}应为最多 {places} 位小数的数，写作文本，如 \"12.5\""),
                &format!(
                    "{en} must be a number with at most {places} places, as a text like \"12.5\""
                ),
            )
        }
        (FieldType::Date, _) => one(
            None,
            &format!("{zh}应为日期，如 2026-11-25"),
            &format!("{en} must be a day like 2026-11-25"),
        ),
        (FieldType::Moment, _) => one(
            None,
            &format!("{zh}应为日期和时间，如 2026-11-25T09:30+08:00"),
            &format!("{en} must be a minute in Beijing like 2026-11-25T09:30+08:00"),
        ),
        (FieldType::Boolean, _) => {
            one(None, &format!("{zh}应为是或否"), &format!("{en} must be true or false"))
        }
        (FieldType::Org | FieldType::Person | FieldType::Feature | FieldType::Document, _) => {
            one(None, &format!("{zh}应从列表中选择"), &format!("{en} must be chosen from the list"))
        }
    }
}

/// Decimals and days stand in JSON as texts, whose order no schema knows.
fn out_of_range(place: &str, field: &Field, value: &Json) -> Option<FieldFault> {
    let text = value.as_str()?;
    let (least, most) = (field.min.as_deref(), field.max.as_deref());
    let is_out = if field.kind.is_decimal() {
        let value = decimal(text, field.places())?;
        let limit = |t: Option<&str>| t.and_then(|t| t.parse().ok());
        limit(least).is_some_and(|l| value < l) || limit(most).is_some_and(|m| value > m)
    } else if field.kind == FieldType::Date {
        let value: Date = day(text)?;
        least.and_then(day).is_some_and(|l| value < l)
            || most.and_then(day).is_some_and(|m| value > m)
    } else {
        false
    };
    let (zh, en) = (&field.title.zh, &field.title.en);
    is_out.then(|| {
        let (words_zh, words_en) = match (least, most) {
            (Some(l), Some(m)) => {
                (format!("应在 {l} 至 {m} 之间"), format!("must be from {l} to {m}"))
            }
            (Some(l), None) => (format!("不能小于 {l}"), format!("must be at least {l}")),
            (None, m) => {
                let m = m.unwrap_or_default();
                (format!("不能大于 {m}"), format!("must be at most {m}"))
            }
        };
        FieldFault::new(
            &format!("{place}.{}", field.name),
            Some(Json::from(vec![least, most])),
            &format!("{zh}{words_zh}"),
            &format!("{en} {words_en}"),
        )
    })
}

fn judge_text(
    at: &str,
    (zh, en): (&str, &str),
    text: &str,
    max_chars: usize,
    faults: &mut Vec<FieldFault>,
) {
    let count = text.chars().count();
    if text.trim().is_empty() {
        faults.push(FieldFault::new(
            at,
            Some(Json::from(1)),
            &format!("{zh}不能为空"),
            &format!("{en} must not be blank"),
        ));
    }
    if count > max_chars {
        faults.push(FieldFault::new(
            at,
            Some(Json::from(max_chars)),
            &format!("{zh}不能超过 {max_chars} 个字，现有 {count} 个"),
            &format!("{en} must be at most {max_chars} characters, there are {count}"),
        ));
    }
    if has_control(text) {
        faults.push(FieldFault::new(
            at,
            None,
            &format!("{zh}含有控制字符"),
            &format!("{en} contains control characters"),
        ));
    }
}

#[cfg(test)]
mod tests;
