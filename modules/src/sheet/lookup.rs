//! What stands in a cell, as the form wants it: names and codes become keys, days and numbers take their form.

use std::collections::BTreeMap;

use gis_data::{Text2, Tx, Viewer};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::queries;
use crate::Result;
use crate::dates::{day, moment};
use crate::definition::{Field, FieldType};

/// Keys by name and code, as far as the viewer sees them; `None` where a name is of several.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    orgs: BTreeMap<String, Option<i64>>,
    people: BTreeMap<String, Option<i64>>,
    places: BTreeMap<String, Option<i64>>,
    documents: BTreeMap<String, Option<i64>>,
}

impl Lookup {
    pub(super) async fn load(tx: &mut Tx, viewer: &Viewer) -> Result<Self> {
        Ok(Self {
            orgs: by_name(queries::orgs(tx).await?),
            people: by_name(queries::people(tx).await?),
            places: by_name(queries::places(tx, viewer).await?),
            documents: by_name(queries::documents(tx, viewer).await?),
        })
    }

    /// The place of a name like `1号楼 301`, or of a code.
    pub(super) fn place(&self, text: &str) -> Result<i64, Text2> {
        found(&self.places, text, ("地点", "place"))
    }

    /// The value of a cell for a field; the form judges what is left to judge.
    pub(super) fn value(&self, field: &Field, text: &str) -> Result<Json, Text2> {
        let wrong =
            |zh: &str, en: &str| Text2::new(&format!("“{text}”{zh}"), &format!("{text:?} {en}"));
        Ok(match field.kind {
            FieldType::Text | FieldType::LongText => json!(text),
            FieldType::Choice => {
                let option = field
                    .options
                    .iter()
                    .find(|o| o.value == text || o.title.zh == text || o.title.en == text);
                let option = option.ok_or_else(|| {
                    let titles: Vec<&str> =
                        field.options.iter().map(|o| o.title.zh.as_str()).collect();
                    let names: Vec<&str> =
                        field.options.iter().map(|o| o.title.en.as_str()).collect();
                    wrong(
                        &format!("不在可选值中：{}", titles.join("、")),
                        &format!("is none of {}", names.join(", ")),
                    )
                })?;
                json!(option.value)
            }
            FieldType::Integer => {
                let number: Option<i64> = text.strip_suffix(".0").unwrap_or(text).parse().ok();
                json!(number.ok_or_else(|| wrong("不是整数", "is no whole number"))?)
            }
            FieldType::Decimal | FieldType::Money | FieldType::Area => {
                let number: Option<Decimal> = text.replace([',', '，'], "").parse().ok();
                let number = number.ok_or_else(|| wrong("不是数", "is no number"))?;
                // A spreadsheet keeps 12.3 as a binary fraction; what was typed has far fewer places than its noise.
                json!(number.round_dp(9).normalize().to_string())
            }
            FieldType::Date => {
                // A cell that says a day may show a time as well.
                let date = text.split(' ').next().unwrap_or_default();
                let wrong = || wrong("不是日期，应如 2026-11-25", "is no day like 2026-11-25");
                json!(day_text(date).ok_or_else(wrong)?)
            }
            FieldType::Moment => {
                let wrong = || {
                    wrong(
                        "不是日期和时间，应如 2026-11-25 09:30",
                        "is no time like 2026-11-25 09:30",
                    )
                };
                json!(minute(text).ok_or_else(wrong)?)
            }
            FieldType::Boolean => match text {
                "是" | "有" | "TRUE" | "true" | "yes" | "1" => json!(true),
                "否" | "无" | "FALSE" | "false" | "no" | "0" => json!(false),
                _ => return Err(wrong("应为“是”或“否”", "must be yes or no")),
            },
            FieldType::Org => json!(found(&self.orgs, text, ("机构", "organisation"))?),
            FieldType::Person => json!(found(&self.people, text, ("人员", "person"))?),
            FieldType::Feature => json!(self.place(text)?),
            FieldType::Document => json!(found(&self.documents, text, ("单据", "document"))?),
        })
    }
}

/// A day written in any of the ways people write it.
fn day_text(text: &str) -> Option<String> {
    let plain = text.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let parts: Vec<&str> = plain.split('-').collect();
    let padded = match parts.as_slice() {
        [y, m, d] => format!("{y:0>4}-{m:0>2}-{d:0>2}"),
        _ => plain.clone(),
    };
    day(&padded).map(|_| padded)
}

/// The same with a time behind it; a day alone is its beginning.
fn minute(text: &str) -> Option<String> {
    let plain = text.replace('T', " ").replace('日', "日 ").replace('：', ":");
    let mut parts = plain.split_whitespace();
    let date = day_text(parts.next()?)?;
    let time = parts.next().unwrap_or("0:00").trim_end_matches("+08:00");
    let (hour, minute) = time.split_once(':')?;
    let minute = minute.strip_suffix(":00").unwrap_or(minute);
    let text = format!("{date}T{hour:0>2}:{minute:0>2}+08:00");
    moment(&text).map(|_| text)
}

fn by_name(rows: Vec<(i64, Vec<String>)>) -> BTreeMap<String, Option<i64>> {
    let mut keys: BTreeMap<String, Option<i64>> = BTreeMap::new();
    for (id, names) in rows {
        for name in names.into_iter().filter(|n| !n.is_empty()) {
            keys.entry(name)
                .and_modify(|k| *k = k.filter(|other| *other == id))
                .or_insert(Some(id));
        }
    }
    keys
}

fn found(
    keys: &BTreeMap<String, Option<i64>>,
    text: &str,
    (zh, en): (&str, &str),
) -> Result<i64, Text2> {
    match keys.get(text) {
        Some(Some(id)) => Ok(*id),
        Some(None) => Err(Text2::new(
            &format!("有多个{zh}叫“{text}”，请改填编号"),
            &format!("several {en}s are called {text:?}: give a code"),
        )),
        None => Err(Text2::new(
            &format!("没有这个{zh}：“{text}”"),
            &format!("there is no {en} {text:?}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::minute;

    #[test]
    fn a_time_is_written_in_several_ways() {
        for text in
            ["2026-11-5 9:30", "2026/11/5 09:30", "2026年11月5日9:30", "2026-11-05T09:30+08:00"]
        {
            assert_eq!(minute(text).as_deref(), Some("2026-11-05T09:30+08:00"), "{text}");
        }
        assert_eq!(minute("2026-11-05").as_deref(), Some("2026-11-05T00:00+08:00"));
        assert_eq!((minute("2026-11-05 25:00"), minute("上午")), (None, None));
    }
}
