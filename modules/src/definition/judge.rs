//! Judges what was typed against the fields of a definition: all faults at once, each at its field.

use serde_json::{Map, Value as Json};

use super::field::{Field, FieldFault, FieldType, Need, Title};

/// The longest title, as the table of documents has it.
const TITLE_MAX_CHARS: usize = 200;
const TITLE: Title = Title::new("标题", "Title");

pub(crate) fn judge_title(title: &str, faults: &mut Vec<FieldFault>) {
    judge_text("title", TITLE, title, TITLE_MAX_CHARS, faults);
}

/// `place` is the prefix of every fault's field: `body` or `patch`.
pub(crate) fn judge_fields(
    place: &str,
    fields: &[Field],
    typed: &Json,
    faults: &mut Vec<FieldFault>,
) {
    let Json::Object(map) = typed else {
        faults.push(FieldFault::new(place, None, "应为 JSON 对象", "must be a JSON object"));
        return;
    };
    for field in fields {
        judge_field(place, field, map, faults);
    }
    for key in map.keys().filter(|key| fields.iter().all(|f| f.name != **key)) {
        let known: Vec<&str> = fields.iter().map(|f| f.name).collect();
        faults.push(FieldFault::new(
            &format!("{place}.{key}"),
            Some(Json::from(known.clone())),
            &format!("没有这个字段，可填：{}", known.join("、")),
            &format!("there is no such field; the fields are {}", known.join(", ")),
        ));
    }
}

fn judge_field(place: &str, field: &Field, map: &Map<String, Json>, faults: &mut Vec<FieldFault>) {
    let at = format!("{place}.{}", field.name);
    let Title { zh, en } = field.title;
    let text = match map.get(field.name) {
        None | Some(Json::Null) => {
            if field.need == Need::Required {
                faults.push(FieldFault::new(
                    &at,
                    None,
                    &format!("{zh}为必填项"),
                    &format!("{en} is required"),
                ));
            }
            return;
        }
        Some(Json::String(text)) => text,
        Some(_) => {
            faults.push(FieldFault::new(
                &at,
                None,
                &format!("{zh}应为文本"),
                &format!("{en} must be a text"),
            ));
            return;
        }
    };
    match field.kind {
        FieldType::Text { max_chars } => judge_text(&at, field.title, text, max_chars, faults),
        FieldType::Choice { options } => {
            if options.iter().all(|o| o.value != text) {
                let values: Vec<&str> = options.iter().map(|o| o.value).collect();
                faults.push(FieldFault::new(
                    &at,
                    Some(Json::from(values.clone())),
                    &format!("{zh}应为以下之一：{}", values.join("、")),
                    &format!("{en} must be one of {}", values.join(", ")),
                ));
            }
        }
    }
}

fn judge_text(at: &str, title: Title, text: &str, max_chars: usize, faults: &mut Vec<FieldFault>) {
    let Title { zh, en } = title;
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
    // PostgreSQL stores no NUL in a text, and the others only spoil lists and printouts.
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r') {
        faults.push(FieldFault::new(
            at,
            None,
            &format!("{zh}含有控制字符"),
            &format!("{en} contains control characters"),
        ));
    }
}
