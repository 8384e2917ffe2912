//! Fields as JSON Schema 2020-12: what the server validates by, and what other programs can read.

use jsonschema::Validator;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use super::field::{Field, FieldType, Need};
use crate::dates::moment;
use crate::{ModuleError, Result};

/// Texts without an own limit.
pub(super) const TEXT_MAX_CHARS: usize = 200;
const LONG_TEXT_MAX_CHARS: usize = 2000;
/// A text that shows something and can be stored.
pub(super) const VISIBLE: &str = "visible-text";
/// A moment to the minute, in Beijing.
const MINUTE: &str = "minute-in-beijing";
const WHOLE: i64 = 9_007_199_254_740_991;

/// The schema of an object with these fields and no others.
pub(crate) fn object(fields: &[Field]) -> Json {
    let properties: Map<String, Json> =
        fields.iter().map(|f| (f.name.clone(), property(f))).collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|f| f.need == Need::Required && !f.derived)
        .map(|f| f.name.as_str())
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(field: &Field) -> Json {
    let mut schema = match field.kind {
        FieldType::Text | FieldType::LongText => {
            json!({"type": "string", "maxLength": text_limit(field), "format": VISIBLE})
        }
        FieldType::Choice => {
            json!({"enum": field.options.iter().map(|o| &o.value).collect::<Vec<_>>()})
        }
        FieldType::Integer => {
            let limit = |text: &Option<String>, other: i64| {
                text.as_deref().and_then(|t| t.parse().ok()).unwrap_or(other)
            };
            json!({"type": "integer", "minimum": limit(&field.min, -WHOLE), "maximum": limit(&field.max, WHOLE)})
        }
        FieldType::Decimal | FieldType::Money | FieldType::Area => {
            json!({"type": "string", "format": format!("decimal-{}", field.places())})
        }
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Moment => json!({"type": "string", "format": MINUTE}),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Org | FieldType::Person | FieldType::Feature | FieldType::Document => {
            json!({"type": "integer", "minimum": 1, "maximum": WHOLE})
        }
    };
    schema["title"] = json!(field.title.zh);
    schema
}

/// The most characters of a text.
pub(super) fn text_limit(field: &Field) -> usize {
    let usual =
        if field.kind == FieldType::LongText { LONG_TEXT_MAX_CHARS } else { TEXT_MAX_CHARS };
    field.max_chars.unwrap_or(usual)
}

/// Compiles a schema of [`object`].
pub(super) fn compile(what: &str, schema: &Json) -> Result<Validator> {
    let mut options =
        jsonschema::options().should_validate_formats(true).with_format(VISIBLE, is_visible);
    options = options.with_format(MINUTE, |text: &str| moment(text).is_some());
    for places in 0..=8_u32 {
        options = options.with_format(format!("decimal-{places}"), move |text: &str| {
            decimal(text, places).is_some()
        });
    }
    options.build(schema).map_err(|e| ModuleError::BadDefinition(vec![format!("{what}: {e}")]))
}

/// Not blank, and nothing in it that PostgreSQL cannot store or that spoils lists and printouts.
pub(super) fn is_visible(text: &str) -> bool {
    !text.trim().is_empty() && !has_control(text)
}

pub(super) fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r')
}

/// A decimal with at most so many places and below 10¹⁵, so that its projection holds it.
pub(crate) fn decimal(text: &str, places: u32) -> Option<Decimal> {
    let is_plain =
        text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-') && !text.ends_with('.');
    let value: Decimal = text.parse().ok().filter(|_| is_plain)?;
    let most = 10_i64.pow(16_u32.saturating_sub(places).min(15));
    (value.normalize().scale() <= places && value.abs() < Decimal::from(most)).then_some(value)
}
