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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde_json::json;

    use super::*;
    use crate::definition::KINDS;

    fn config() -> ProptestConfig {
        ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
    }

    fn text(most: usize) -> impl Strategy<Value = String> {
        let character =
            prop_oneof![any::<char>(), proptest::char::range('\0', '\u{7f}'), Just('字')];
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
        let knows_all = map.keys().all(|key| fields.iter().any(|field| field.name == key));
        knows_all
            && fields.iter().all(|field| match (map.get(field.name), field.kind) {
                (None | Some(Json::Null), _) => field.need == Need::Optional,
                (Some(Json::String(text)), FieldType::Text { max_chars }) => {
                    is_text(text, max_chars)
                }
                (Some(Json::String(text)), FieldType::Choice { options }) => {
                    options.iter().any(|option| option.value == text)
                }
                _ => false,
            })
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
            for kind in KINDS {
                let faults = kind.judge(&title, &body, places);
                is_told(&faults, "body")?;
                let most = 3 * (kind.fields.len() + 1) + body.as_object().map_or(1, Map::len) + kind.rules.len() + 1;
                prop_assert!(faults.len() <= most, "{} faults", faults.len());
                let by_rule = body.as_object().is_some_and(|map| {
                    let mut found = Vec::new();
                    kind.rules.iter().for_each(|rule| rule(map, &mut found));
                    !found.is_empty()
                });
                let is_good = is_text(&title, 200)
                    && is_good(kind.fields, &body)
                    && !by_rule
                    && (kind.links.least..=kind.links.most).contains(&places);
                prop_assert_eq!(faults.is_empty(), is_good, "{:?}", faults);
            }
        }

        #[test]
        fn random_patches_pass_only_when_every_rule_holds(patch in body()) {
            for action in KINDS.iter().flat_map(|kind| kind.actions) {
                let mut faults = Vec::new();
                judge_fields("patch", action.patch, &patch, &mut faults);
                is_told(&faults, "patch")?;
                prop_assert_eq!(faults.is_empty(), is_good(action.patch, &patch), "{:?}", faults);
            }
        }

        #[test]
        fn random_good_patches_pass(note in "[\u{4e00}-\u{9fff}a-z]{1,100}") {
            for action in KINDS.iter().flat_map(|kind| kind.actions) {
                let typed = |field: &Field| match field.kind {
                    FieldType::Text { .. } => Json::from(note.clone()),
                    FieldType::Choice { options } => Json::from(options[0].value),
                };
                let patch: Json =
                    action.patch.iter().map(|f| (f.name.to_owned(), typed(f))).collect();
                let mut faults = Vec::new();
                judge_fields("patch", action.patch, &patch, &mut faults);
                prop_assert!(faults.is_empty(), "{:?}", faults);
            }
        }
    }
}
