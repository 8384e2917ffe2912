//! Bad input at the HTTP door: every line is answered with what is wrong, none with a fault of ours.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::Value;
use support::{Person, TestApp};

async fn answer(
    app: &TestApp,
    person: &Person,
    (method, path, body): (&str, &str, &str),
) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let request = person.client.request(method, format!("{}{path}", app.base));
    let request = if body.is_empty() {
        request
    } else {
        request.header("content-type", "application/json").body(body.to_owned())
    };
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

/// Method, path and body, with the status of the answer.
type Asked<'a> = (&'a str, &'a str, &'a str, u16);

const ICONS: &[Asked<'_>] = &[
    ("GET", "/sprites/..%2f..%2fetc%2fpasswd", "", 404),
    ("GET", "/sprites/icons@3x.png", "", 404),
    ("GET", "/sprites/icons.png?w=1", "", 400),
    ("GET", "/api/v1/icons/..%2ficons", "", 404),
    ("PUT", "/api/v1/icons/canteen", "{", 403),
];

const MOVING: &[Asked<'_>] = &[
    ("GET", "/ogc?f=html", "", 400),
    ("GET", "/ogc/collections/vehicles/items?bbox=NaN,0,1,1", "", 400),
    ("GET", "/ogc/collections/vehicles/items?after=99999999999999999999", "", 400),
    (
        "GET",
        "/ogc/collections/vehicles/items?datetime=0000-01-01T00:00:00Z/9999-12-31T23:59:59Z",
        "",
        200,
    ),
    ("GET", "/ogc/collections/vehicles/items?limit=%FF", "", 400),
    ("GET", "/ogc/collections/vehicles/items/9223372036854775807/tgsequence", "", 404),
];

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_answered_with_what_is_wrong() {
    let app = TestApp::start().await;
    let (supervisor, admin) = (app.sign_in("supervisor").await, app.sign_in("admin").await);
    let long = "长".repeat(100_000);
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let repair =
        |body: &str| format!(r#"{{"kind":"repair","title":"t","body":{body},"feature_ids":[1]}}"#);
    let huge = format!(r#"{{"login":"{long}","password":"x"}}"#);
    let (in_depth, of_nul) = (repair(&deep), repair(r#"{"description":"a\u0000b"}"#));
    let table: &[Asked<'_>] = &[
        // NUL, which no text of the database can hold
        ("GET", "/api/v1/search?q=%00", "", 400),
        ("GET", "/api/v1/documents?state=a%00b", "", 400),
        ("GET", "/api/v1/features/1/children?kind=%00", "", 400),
        ("POST", "/api/v1/session", r#"{"login":"a\u0000","password":"x"}"#, 400),
        ("POST", "/api/v1/session/unmask", r#"{"reason":"核对\u0000投诉"}"#, 400),
        ("POST", "/api/v1/documents", &of_nul, 400),
        // numbers out of range, or none
        ("GET", "/api/v1/features/9223372036854775807", "", 404),
        ("GET", "/api/v1/features/9223372036854775808", "", 404),
        ("GET", "/api/v1/features/-1", "", 404),
        ("GET", "/api/v1/features/1e3", "", 404),
        ("GET", "/api/v1/documents?limit=-1", "", 400),
        ("GET", "/api/v1/documents?limit=99999999999999999999", "", 400),
        ("GET", "/tiles/buildings/255/0/0", "", 404),
        ("GET", "/tiles/buildings/14/4294967295/4294967295", "", 404),
        ("GET", "/tiles/buildings/14/-1/0", "", 404),
        ("GET", "/tiles/buildings,,buildings/14/0/0", "", 404),
        ("GET", "/tiles/../../etc/passwd/0/0/0", "", 404),
        ("GET", "/styles/..%2f..%2fetc%2fpasswd", "", 404),
        ("GET", "/base/..%2f..%2fetc%2fpasswd.json", "", 404),
        ("GET", "/base/none/255/0/0", "", 404),
        // texts
        ("GET", "/api/v1/search?q=%FF%FE", "", 200),
        ("GET", "/api/v1/search", "", 400),
        ("GET", "/api/v1/search?q=a&unknown=1", "", 400),
        ("GET", "/api/v1/search?q=';drop table feature;--", "", 200),
        ("GET", "/api/v1/vehicles?status=flying", "", 400),
        ("GET", "/api/v1/vehicles?q=%25_%27%22", "", 200),
        ("GET", "/api/v1/vehicles/1/track?from=yesterday", "", 404),
        // bodies
        ("POST", "/api/v1/session", "", 400),
        ("POST", "/api/v1/session", "{", 400),
        ("POST", "/api/v1/session", "[]", 400),
        ("POST", "/api/v1/session", r#"{"login":1,"password":[]}"#, 400),
        ("POST", "/api/v1/session", r#"{"login":"a","password":"b","admin":true}"#, 400),
        ("POST", "/api/v1/session", &huge, 413),
        ("POST", "/api/v1/documents", &in_depth, 400),
        ("POST", "/api/v1/documents", &repair("{}"), 422),
        ("POST", "/api/v1/documents/1/actions/explode", r#"{"revision":1}"#, 409),
        ("POST", "/api/v1/documents/1/actions/assign", r#"{"revision":-2147483649}"#, 400),
        ("PUT", "/api/v1/documents/1", "{}", 405),
        ("POST", "/api/v1/session/unmask", r#"{"reason":" "}"#, 422),
    ];
    let mut faults = Vec::new();
    for &(method, path, body, expected) in table.iter().chain(ICONS).chain(MOVING) {
        let (status, problem) = answer(&app, &supervisor, (method, path, body)).await;
        let is_told = problem["detail"]["zh"].is_string() && problem["detail"]["en"].is_string();
        if status != expected || (status >= 400 && status != 405 && !is_told) {
            let shown = body.chars().take(60).collect::<String>();
            faults.push(format!(
                "{method} {path} {shown}: {status} in place of {expected}: {problem}"
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for body in [
        r#"{"login":"A B","name":"x","org_id":null}"#,
        r#"{"login":"ok.login","name":"","org_id":null}"#,
        r#"{"login":"ok.login","name":"x","org_id":999999999999}"#,
    ] {
        let (status, problem) = answer(&app, &admin, ("POST", "/api/v1/users", body)).await;
        assert!((400..500).contains(&status), "{body}: {status} {problem}");
    }
    let (status, _) =
        answer(&app, &admin, ("POST", "/api/v1/terminals/%E2%80%AE%20/credential", "")).await;
    assert_eq!(status, 404);
    assert_eq!(
        answer(&app, &supervisor, ("GET", "/readyz", "")).await.0,
        200,
        "and it still serves"
    );
    app.end().await;
}
