//! What the fields of a repair ticket alone cannot say.

use serde_json::Value as Json;

use crate::definition::{FieldFault, Form};

/// The category that says nothing by itself.
const OTHER: &str = "其他";
/// The shortest description that can stand in for a category.
const SENTENCE_CHARS: usize = 5;

/// With the category 其他 only the description tells the dispatcher whom to send.
pub(super) fn other_needs_a_sentence(form: &Form<'_>, faults: &mut Vec<FieldFault>) {
    let text = |name: &str| form.body.get(name).and_then(Json::as_str).map(str::trim);
    let Some(description) = text("description").filter(|d| !d.is_empty()) else { return };
    if text("category") == Some(OTHER) && description.chars().count() < SENTENCE_CHARS {
        faults.push(FieldFault::new(
            "body.description",
            Some(Json::from(SENTENCE_CHARS)),
            &format!("类别为“其他”时，描述至少 {SENTENCE_CHARS} 个字"),
            &format!("with category 其他 (other) the description needs at least {SENTENCE_CHARS} characters"),
        ));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::definition::{FieldFault, Registry};

    fn faults(title: &str, body: &serde_json::Value, places: usize) -> Vec<FieldFault> {
        Registry::shipped().kind("repair").unwrap().judge(title, body, &[], places)
    }

    #[test]
    fn a_good_ticket_has_no_fault() {
        let body = json!({"category": "水", "description": "水龙头漏水", "urgency": "normal"});
        assert_eq!(faults("漏水", &body, 1), []);
    }

    #[test]
    fn every_fault_is_found_and_says_where() {
        let found = faults(
            " ",
            &json!({"category": "煤", "description": "字".repeat(2001), "urgency": 3, "colour": "red"}),
            0,
        );
        let fields: Vec<&str> = found.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "title",
                "body.category",
                "body.description",
                "body.urgency",
                "body.colour",
                "feature_ids"
            ]
        );
        let description = &found[2];
        assert_eq!(description.limit, Some(json!(2000)));
        assert_eq!(description.message.zh, "描述不能超过 2000 个字，现有 2001 个");
        assert_eq!(
            description.message.en,
            "Description must be at most 2000 characters, there are 2001"
        );
    }

    #[test]
    fn a_text_that_postgresql_cannot_store_is_a_fault() {
        let body = json!({"category": "水", "description": "a\u{0}b", "urgency": "normal"});
        assert_eq!(faults("漏水", &body, 1)[0].field, "body.description");
    }

    #[test]
    fn other_needs_a_description_that_says_more() {
        let short = json!({"category": "其他", "description": "坏了", "urgency": "normal"});
        assert_eq!(faults("坏了", &short, 1)[0].field, "body.description");
        let long =
            json!({"category": "其他", "description": "会议桌腿断了一根", "urgency": "normal"});
        assert_eq!(faults("坏了", &long, 1), []);
    }

    #[test]
    fn a_body_that_is_no_object_is_a_fault_of_its_own() {
        assert_eq!(faults("漏水", &json!([1]), 1)[0].field, "body");
    }
}
