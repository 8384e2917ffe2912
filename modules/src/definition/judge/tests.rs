//! Random forms: no fault exactly when every rule holds.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::*;
use crate::dates::moment;
use crate::definition::{Need, Registry};

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn text(most: usize) -> impl Strategy<Value = String> {
    let character = prop_oneof![any::<char>(), proptest::char::range('\0', '\u{7f}'), Just('字')];
    vec(character, 0..=most).prop_map(String::from_iter)
}

fn lengths() -> impl Strategy<Value = String> {
    let count = prop_oneof![
        0..12_usize,
        99..102_usize,
        199..202_usize,
        999..1_002_usize,
        1_999..2_002_usize
    ];
    (select(vec!["字", "a", " ", "\n", "\0", "é"]), count).prop_map(|(c, n)| c.repeat(n))
}

/// Any JSON, often with words that the definitions know.
fn anything() -> impl Strategy<Value = Json> {
    let known = ["水", "电", "其他", "normal", "urgent", ""];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        select(known.to_vec()).prop_map(Json::from),
        text(12).prop_map(Json::from),
        lengths().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            vec((text(6), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

/// Objects with the names of fields, good values and bad ones.
fn body() -> impl Strategy<Value = Json> {
    let names = ["category", "description", "urgency", "contact", "assignee", "note"];
    let good = json!({"category": "水", "description": "水龙头漏水了", "urgency": "normal"});
    let near = vec((select(names.to_vec()), anything()), 0..3).prop_map(move |changes| {
        let mut body = good.clone();
        for (name, value) in changes {
            body[name] = value;
        }
        body
    });
    let far = vec((select(names.to_vec()), anything()), 0..6)
        .prop_map(|pairs| pairs.into_iter().map(|(n, v)| (n.to_owned(), v)).collect());
    prop_oneof![3 => near, 1 => far, 1 => anything()]
}

/// What the README promises, said once more from the other side.
fn is_text(text: &str, max_chars: usize) -> bool {
    let is_allowed = |c: char| !c.is_control() || "\n\r\t".contains(c);
    !text.trim().is_empty() && text.chars().count() <= max_chars && text.chars().all(is_allowed)
}

fn is_good(fields: &[Field], typed: &Json) -> bool {
    let Some(map) = typed.as_object() else { return false };
    let knows_all = map.keys().all(|key| fields.iter().any(|field| field.name == *key));
    knows_all && fields.iter().all(|field| is_good_value(field, map.get(&field.name)))
}

fn is_good_value(field: &Field, value: Option<&Json>) -> bool {
    match (value, field.kind) {
        (None | Some(Json::Null), _) => field.need == Need::Optional,
        (Some(Json::String(text)), FieldType::Text | FieldType::LongText) => {
            let usual = if field.kind == FieldType::Text { 200 } else { 2_000 };
            is_text(text, field.max_chars.unwrap_or(usual))
        }
        (Some(Json::String(text)), FieldType::Choice) => {
            field.options.iter().any(|o| o.value == *text)
        }
        (Some(Json::Bool(_)), FieldType::Boolean) => true,
        (Some(Json::Number(n)), kind) if kind.is_reference() || kind == FieldType::Integer => {
            n.as_f64().is_some_and(|n| {
                n.fract() == 0.0 && n.abs() < 9e15 && (n >= 1.0 || !kind.is_reference())
            })
        }
        (Some(Json::String(text)), FieldType::Date) => day(text).is_some(),
        (Some(Json::String(text)), FieldType::Moment) => moment(text).is_some(),
        (Some(Json::String(text)), kind) if kind.is_decimal() => {
            decimal(text, field.places()).is_some()
        }
        _ => false,
    }
}

fn is_told(faults: &[FieldFault], place: &str) -> Result<(), TestCaseError> {
    for fault in faults {
        let known = [place, "title", "feature_ids"].iter().any(|p| fault.field.starts_with(p));
        prop_assert!(known, "{fault:?}");
        prop_assert!(!fault.message.zh.is_empty() && !fault.message.en.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_documents_pass_only_when_every_rule_holds(
        title in prop_oneof![text(20), lengths(), Just("漏水".to_owned())],
        body in body(),
        places in 0..40_usize,
    ) {
        for kind in Registry::shipped().kinds() {
            let faults = kind.judge(&title, &body, &[], places);
            let places_told = kind.links.kinds.len();
            for fault in &faults {
                let known = ["body", "title", "feature_ids", "lines"].iter().any(|p| fault.field.starts_with(p));
                prop_assert!(known && places_told < 10, "{fault:?}");
                prop_assert!(!fault.message.zh.is_empty() && !fault.message.en.is_empty());
            }
            let most = 3 * (kind.fields.len() + 1) + body.as_object().map_or(1, Map::len) + kind.rules.len() + 2;
            prop_assert!(faults.len() <= most, "{} faults", faults.len());
            // Said once more from the other side: 其他 needs five characters, later ways need a word.
            let of = |name: &str| body.get(name).and_then(Json::as_str).map(str::trim).filter(|t| !t.is_empty());
            let by_rule = match kind.kind.as_str() {
                "repair" => of("category") == Some("其他") && of("description").is_some_and(|d| d.chars().count() < 5),
                "office_request" => of("method").is_some_and(|m| m != "adjust") && of("earlier_ways").is_none(),
                _ => false,
            };
            let is_good = is_text(&title, 200)
                && is_good(&kind.fields, &body)
                && !by_rule
                && kind.lines.as_ref().is_none_or(|l| l.least == 0)
                && (kind.links.least..=kind.links.most).contains(&places);
            let ranged = kind.fields.iter().any(|f| f.min.is_some() && body.get(&f.name).is_some());
            if !ranged {
                prop_assert_eq!(faults.is_empty(), is_good, "{} {:?}", kind.kind, faults);
            }
        }
    }

    #[test]
    fn random_patches_pass_only_when_every_rule_holds(patch in body()) {
        for kind in Registry::shipped().kinds() {
            for action in kind.actions.iter().filter(|a| a.patch.iter().all(|f| f.min.is_none())) {
                let faults = kind.judge_patch(&action.name, &patch);
                is_told(&faults, "patch")?;
                prop_assert_eq!(faults.is_empty(), is_good(&action.patch, &patch), "{:?}", faults);
            }
        }
    }

    #[test]
    fn random_good_patches_pass(note in "[\u{4e00}-\u{9fff}a-z]{1,32}") {
        for kind in Registry::shipped().kinds() {
            for action in &kind.actions {
                let typed = |field: &Field| match field.kind {
                    FieldType::Text | FieldType::LongText => Json::from(note.clone()),
                    FieldType::Choice => Json::from(field.options[0].value.clone()),
                    FieldType::Date => Json::from("2026-11-25"),
                    FieldType::Moment => Json::from("2026-11-25T09:30+08:00"),
                    FieldType::Boolean => Json::from(true),
                    FieldType::Decimal | FieldType::Money | FieldType::Area => Json::from("12.5"),
                    _ => Json::from(1),
                };
                let patch: Json = action.patch.iter().map(|f| (f.name.clone(), typed(f))).collect();
                let faults = kind.judge_patch(&action.name, &patch);
                prop_assert!(faults.is_empty(), "{:?}", faults);
            }
        }
    }
}
