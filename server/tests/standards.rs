//! The standards as the page of standards asks for them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use support::TestApp;

fn city_heads(answer: &Value) -> Vec<(&Value, bool)> {
    let sets = answer["sets"].as_array().unwrap();
    let person = sets.iter().find(|set| set["code"] == "office.person_area").unwrap();
    let items = person["items"].as_array().unwrap().iter();
    items
        .filter(|item| item["rank"]["code"] == "city_head")
        .map(|item| (&item["value"]["limit"], item["is_in_force"].as_bool().unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_shows_the_edition_that_held_on_it() {
    let app = TestApp::start().await;
    let after = app.json("/api/v1/standards?at=2014-11-24").await;
    assert_eq!(after["at"], "2014-11-24");
    assert_eq!(city_heads(&after), [(&json!("42"), true), (&json!("32"), false)]);
    let before = app.json("/api/v1/standards?at=2014-11-23").await;
    assert_eq!(city_heads(&before), [(&json!("42"), false), (&json!("32"), true)]);
    let service = &after["sets"][1];
    assert_eq!(service["unit"]["zh"], "平方米/人（按编制定员）");
    assert!(service["items"].as_array().unwrap().iter().any(|item| {
        item["value"] == json!({"line": [["200", "8"], ["400", "6"]]})
            && item["level"]["zh"] == "市级机关"
    }));
    let township =
        service["items"].as_array().unwrap().iter().find(|i| i["level"]["code"] == "township");
    assert_eq!(township.unwrap()["is_enforced"], false, "doubtful rows are shown, not enforced");

    let refused = app.get("/api/v1/standards?at=yesterday").await;
    assert_eq!(refused.status(), 400);
    let problem: Value = refused.json().await.unwrap();
    assert!(problem.to_string().contains("yesterday"), "{problem}");
    app.end().await;
}
