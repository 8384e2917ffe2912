//! Icons over HTTP and by the command line: what an administrator changes is in the sprite, the style and the legend.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use support::{Live, Person, TestApp, printed, run};

const DOT: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="20"/></svg>"#;
const BAR: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><path d="M8 24h48v16H8z"/></svg>"#;

async fn send(app: &TestApp, person: &Person, method: &str, name: &str, svg: &str) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let url = format!("{}/api/v1/icons/{name}", app.base);
    let request = person.client.request(method, url).header("content-type", "image/svg+xml");
    let response = request.body(svg.to_owned()).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

async fn get(app: &TestApp, path: &str, etag: Option<&str>) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = app.client.get(format!("{}{path}", app.base));
    if let Some(etag) = etag {
        request = request.header("if-none-match", etag);
    }
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

async fn of_person(app: &TestApp, person: &Person, path: &str) -> Value {
    person.client.get(format!("{}{path}", app.base)).send().await.unwrap().json().await.unwrap()
}

fn named<'v>(list: &'v Value, name: &str) -> &'v Value {
    let items = list["items"].as_array().unwrap();
    items.iter().find(|icon| icon["name"] == name).unwrap_or(&Value::Null)
}

/// What the style says of the sprite and of an entry in the legend of facilities.
async fn drawn(app: &TestApp, zh: &str) -> (String, Value) {
    let style = app.json("/styles/light.json").await;
    let legend = style["metadata"]["onemap:legend"]["facilities"].as_array().unwrap();
    let entry = legend.iter().find(|entry| entry["title"]["zh"] == zh).unwrap();
    (style["sprite"].as_str().unwrap().to_owned(), entry["icon"].clone())
}

async fn hear_style_changed(live: &mut Live) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        let next = tokio::time::timeout(Duration::from_secs(10), live.next()).await;
        let message = next.unwrap().unwrap().unwrap();
        let Ok(text) = message.to_text() else { continue };
        if text.contains("\"style_changed\"") {
            return;
        }
    }
    panic!("nobody said that the style has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sprite_has_every_icon_and_is_asked_for_again_only_when_one_changes() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let list = app.json("/api/v1/icons").await;
    let canteen = named(&list, "canteen");
    assert_eq!(canteen["origin"], "shipped");
    assert_eq!(canteen["title"], json!({"zh": "食堂", "en": "Canteen"}));
    assert_eq!(canteen["uses"][0]["layer_id"], "facilities");
    assert_eq!(canteen["uses"][0]["what"]["zh"], "食堂");
    assert_eq!(named(&list, "flag")["uses"], json!([]));

    let (mut etags, mut widths) = (Vec::new(), Vec::new());
    for (file, kind) in [
        ("icons.json", "application/json"),
        ("icons.png", "image/png"),
        ("icons@2x.json", "application/json"),
        ("icons@2x.png", "image/png"),
    ] {
        let path = format!("/sprites/{file}?v=1");
        let (status, headers, bytes) = get(&app, &path, None).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, kind));
        assert_eq!(headers["cache-control"], "private, no-cache");
        let etag = headers["etag"].to_str().unwrap().to_owned();
        let (status, _, again) = get(&app, &path, Some(&etag)).await;
        assert_eq!((status, again.len()), (304, 0), "{file}");
        if kind == "image/png" {
            assert!(bytes.starts_with(b"\x89PNG\r\n"), "{file}");
        } else {
            let index: Value = serde_json::from_slice(&bytes).unwrap();
            let names: Vec<&String> = index.as_object().unwrap().keys().collect();
            assert_eq!(names.len(), list["items"].as_array().unwrap().len(), "{names:?}");
            widths.push(index["canteen"]["width"].as_u64().unwrap());
        }
        etags.push((path, etag));
    }
    assert_eq!(widths[1], 2 * widths[0]);
    assert_eq!(get(&app, "/sprites/none.json", None).await.0, 404);

    assert_eq!(send(&app, &admin, "PUT", "canteen", DOT).await.0, 200);
    for (path, etag) in etags.iter().filter(|(path, _)| path.contains(".png")) {
        assert_eq!(get(&app, path, Some(etag)).await.0, 200, "{path} has changed");
    }
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_adds_replaces_and_removes_and_every_screen_is_told() {
    let app = TestApp::start().await;
    let (admin, auditor) = (app.sign_in("admin").await, app.sign_in("auditor").await);
    let mut stream = app.live().await;
    let (first_sprite, first_icon) = drawn(&app, "食堂").await;

    let (status, added) = send(&app, &admin, "PUT", "dot", DOT).await;
    assert_eq!((status, &added["origin"]), (201, &json!("added")), "{added}");
    hear_style_changed(&mut stream).await;
    let (sprite, icon) = drawn(&app, "食堂").await;
    assert_ne!(sprite, first_sprite);
    assert_eq!(icon, first_icon, "what did not change keeps its address");

    let (status, replaced) = send(&app, &admin, "PUT", "canteen", BAR).await;
    assert_eq!((status, &replaced["origin"]), (200, &json!("replaced")), "{replaced}");
    assert_eq!(replaced["title"]["zh"], "食堂");
    hear_style_changed(&mut stream).await;
    let (_, icon) = drawn(&app, "食堂").await;
    assert_ne!(icon, first_icon);
    let (status, headers, svg) = get(&app, icon["href"].as_str().unwrap(), None).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "image/svg+xml"));
    assert!(headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    assert!(String::from_utf8(svg).unwrap().contains("viewBox=\"0 0 64 64\""));
    let layers = app.json("/api/v1/layers").await;
    let facilities = layers["layers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["layer_id"] == "facilities")
        .unwrap();
    assert_eq!(facilities["legend"][0]["icon"], icon);

    let list = of_person(&app, &admin, "/api/v1/icons").await;
    assert_eq!(named(&list, "dot")["updated_by"], "admin");
    assert_eq!(named(&list, "dot")["bytes"], DOT.len());
    let list = app.json("/api/v1/icons").await;
    assert!(named(&list, "dot")["updated_by"].is_null(), "not everybody's business");

    assert_eq!(send(&app, &admin, "DELETE", "canteen", "").await.0, 204);
    assert_eq!(send(&app, &admin, "DELETE", "dot", "").await.0, 204);
    hear_style_changed(&mut stream).await;
    assert_eq!(drawn(&app, "食堂").await, (first_sprite, first_icon), "all is as it was");
    let (status, problem) = send(&app, &admin, "DELETE", "canteen", "").await;
    assert_eq!((status, &problem["code"]), (409, &json!("icon-shipped")), "{problem}");
    assert_eq!(send(&app, &admin, "DELETE", "dot", "").await.0, 404);

    let log = of_person(&app, &auditor, "/api/v1/audit?action=icon-put").await;
    let rows = log["items"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{log}");
    assert_eq!((&rows[0]["target"], &rows[0]["actor"]), (&json!("canteen"), &json!("admin")));
    assert_eq!(rows[0]["title"]["zh"], "设置图标");
    assert_eq!(rows[0]["detail"]["bytes"], BAR.len());
    let log = of_person(&app, &auditor, "/api/v1/audit?action=icon-removed").await;
    assert_eq!(log["items"].as_array().unwrap().len(), 2, "{log}");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_icon_is_refused_and_says_why() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let supervisor = app.sign_in("supervisor").await;
    for (method, body) in [("PUT", DOT), ("DELETE", "")] {
        let (status, problem) = send(&app, &supervisor, method, "canteen", body).await;
        assert_eq!((status, &problem["code"]), (403, &json!("not-allowed")), "{problem}");
        assert!(problem["detail"]["zh"].as_str().unwrap().contains("管理图标"), "{problem}");
    }
    let with = |body: &str| DOT.replace("<circle", &format!("{body}<circle"));
    let large = format!("{DOT}{}", " ".repeat(16 * 1024));
    let huge = " ".repeat(300 * 1024);
    let table: &[(&str, &str, u16, &str)] = &[
        ("", "XML", 422, "icon-refused"),
        ("<svg", "XML", 422, "icon-refused"),
        (&with("<script>alert(1)</script>"), "脚本", 422, "icon-refused"),
        (&with(r#"<image href="https://example.org/a.png"/>"#), "image", 422, "icon-refused"),
        (&with(r#"<rect fill="url(https://example.org/a)"/>"#), "外部", 422, "icon-refused"),
        (&large, "16384", 413, "icon-too-large"),
        (&huge, "16 KB", 413, "icon-too-large"),
    ];
    for (svg, told, expected, code) in table {
        let (status, problem) = send(&app, &admin, "PUT", "canteen", svg).await;
        assert_eq!((status, &problem["code"]), (*expected, &json!(code)), "{problem}");
        let zh = problem["detail"]["zh"].as_str().unwrap();
        assert!(zh.contains("canteen") && zh.contains(told), "{told} in {zh}");
        assert!(problem["detail"]["en"].as_str().unwrap().contains("canteen"), "{problem}");
    }
    for name in ["Canteen", "2", "食堂", "a.svg"] {
        let (status, problem) = send(&app, &admin, "PUT", name, DOT).await;
        assert_eq!((status, &problem["code"]), (422, &json!("icon-name")), "{problem}");
    }
    let list = app.json("/api/v1/icons").await;
    assert_eq!(named(&list, "canteen")["origin"], "shipped", "nothing of it was kept");
    assert_eq!(get(&app, "/api/v1/icons/none", None).await.0, 404);

    let mut psql = app.database.psql().await;
    sqlx::query(
        "insert into icon (icon_id, svg, updated_by)
         select 'own-' || n, $1, 'test' from generate_series(1, 200) n",
    )
    .bind(DOT)
    .execute(&mut psql)
    .await
    .unwrap();
    let (status, problem) = send(&app, &admin, "PUT", "one-more", DOT).await;
    assert_eq!((status, &problem["code"]), (409, &json!("icons-full")), "{problem}");
    assert!(problem["detail"]["zh"].as_str().unwrap().contains("200"), "{problem}");
    assert_eq!(
        send(&app, &admin, "PUT", "own-1", BAR).await.0,
        200,
        "one that is there may change"
    );
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_changes_icons_of_a_running_server() {
    let app = TestApp::start().await;
    let mut stream = app.live().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dot.svg");
    fs::write(&file, DOT).unwrap();
    let file = file.to_str().unwrap();

    let put = run(&app.database, &["icon", "put", "canteen", file]);
    assert!(put.status.success(), "{}", printed(&put));
    hear_style_changed(&mut stream).await;
    let list = app.json("/api/v1/icons").await;
    assert_eq!(named(&list, "canteen")["origin"], "replaced");
    let listed = String::from_utf8(run(&app.database, &["icon", "list"]).stdout).unwrap();
    let line = listed.lines().find(|line| line.starts_with("canteen\t")).unwrap();
    assert!(line.starts_with("canteen\treplaced\t食堂\tcommand-line\t"), "{line}");
    assert!(listed.contains("flag\tshipped\t旗帜\t\t"), "{listed}");

    fs::write(file, "<svg/>").unwrap();
    let refused = run(&app.database, &["icon", "put", "canteen", file]);
    assert!(
        !refused.status.success() && printed(&refused).contains("canteen"),
        "{}",
        printed(&refused)
    );

    assert!(run(&app.database, &["icon", "remove", "canteen"]).status.success());
    hear_style_changed(&mut stream).await;
    let list = app.json("/api/v1/icons").await;
    assert_eq!(named(&list, "canteen")["origin"], "shipped");
    assert!(!run(&app.database, &["icon", "remove", "canteen"]).status.success());
    app.end().await;
}
