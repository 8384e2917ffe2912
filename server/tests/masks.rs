//! Personal fields are masked on every surface for those whose work does not need them, and in clear for a while,
//! with a reason, on file.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use support::{Live, Person, TestApp};
use tokio_tungstenite::tungstenite::Message;

const PHONE: &str = "13812345678";
const CONTACT: &str = "赵示例 13812345678";
const ASSIGNEE: &str = "钱示例";

async fn json_of(app: &TestApp, person: &Person, path: &str) -> Value {
    let response = person.client.get(format!("{}{path}", app.base)).send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

async fn asked(app: &TestApp, person: &Person, method: &str, body: &Value) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let url = format!("{}/api/v1/session/unmask", app.base);
    let request = person.client.request(method, url);
    let request = if body.is_null() { request } else { request.json(body) };
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

async fn next(socket: &mut Live, kind: &str) -> Value {
    tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
                let message: Value = serde_json::from_str(&text).unwrap();
                if message["type"] == kind {
                    return message;
                }
            }
        }
    })
    .await
    .unwrap_or_else(|_| panic!("no {kind} within five seconds"))
}

async fn look(socket: &mut Live) -> Value {
    let all = json!({"subscribe": {"bbox": [-180.0, -85.0, 180.0, 85.0], "zoom": 1}});
    socket.send(Message::text(all.to_string())).await.unwrap();
    next(socket, "snapshot").await
}

/// A vehicle that has been somewhere, with its plate; and a document about it that names people.
struct Things {
    vehicle: i64,
    plate: String,
    document: i64,
}

async fn things(app: &TestApp) -> Things {
    let mut psql = app.database.psql().await;
    let (vehicle, plate): (i64, String) =
        sqlx::query_as("select feature_id, plate from vehicle order by feature_id limit 1")
            .fetch_one(&mut psql)
            .await
            .unwrap();
    let filed = json!({
        "kind": "repair",
        "title": format!("空调漏水，请电 {PHONE}"),
        "body": {"category": "空调", "description": format!("车内空调漏水，联系 {PHONE}"), "urgency": "normal", "contact": CONTACT},
        "feature_ids": [vehicle],
    });
    let (status, document) = app.post("/api/v1/documents", &filed).await;
    assert_eq!(status, 201, "{document}");
    let document = document["doc_id"].as_i64().unwrap();
    let assign = json!({"revision": 1, "patch": {"assignee": ASSIGNEE}});
    let (status, said) =
        app.post(&format!("/api/v1/documents/{document}/actions/assign"), &assign).await;
    assert_eq!(status, 200, "{said}");
    Things { vehicle, plate, document }
}

async fn publish(app: &TestApp, vehicle: i64) {
    let terminal: String =
        sqlx::query_scalar("select min(terminal_id) from terminal where vehicle_id = $1")
            .bind(vehicle)
            .fetch_one(&mut app.database.psql().await)
            .await
            .unwrap();
    let secret = app.credential_of(&terminal).await;
    let fix_ms = time::OffsetDateTime::now_utc().unix_timestamp() * 1_000;
    let fix = json!({"t": fix_ms, "lon": 112.9, "lat": 28.2, "speed_kmh": 10.0, "heading": 90.0});
    let sent = std::process::Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &app.mqtt_port.to_string(), "-i", &terminal, "-q", "1"])
        .args(["-u", &terminal, "-P", &secret, "-t"])
        .arg(format!("onemap/v1/{terminal}/position"))
        .args(["-m", &fix.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// Everything that says something about the vehicle or its document.
async fn everything(app: &TestApp, person: &Person, things: &Things) -> Vec<(String, String)> {
    let (vehicle, document) = (things.vehicle, things.document);
    let mut all = Vec::new();
    for path in [
        "/api/v1/vehicles?limit=1000".to_owned(),
        format!("/api/v1/vehicles/{vehicle}"),
        "/api/v1/vehicles/nearest?lon=112.9&lat=28.2&within_m=1000".to_owned(),
        format!("/api/v1/features/{vehicle}"),
        format!("/api/v1/features/{vehicle}/records"),
        format!("/api/v1/documents/{document}"),
        "/api/v1/documents".to_owned(),
        format!("/api/v1/search?q={}", things.plate.replace('·', "")),
    ] {
        all.push((path.clone(), json_of(app, person, &path).await.to_string()));
    }
    let mut socket = app.live_of(&person.cookie).await.unwrap();
    all.push(("the live stream".to_owned(), look(&mut socket).await.to_string()));
    let tile = person.client.get(format!("{}/tiles/vehicles/8/208/107", app.base));
    let bytes = tile.send().await.unwrap().bytes().await.unwrap();
    all.push(("a tile".to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_who_somebody_is_is_masked_everywhere_and_lifted_with_a_reason() {
    let app = TestApp::start().await;
    let things = things(&app).await;
    publish(&app, things.vehicle).await;
    let (wall, dispatcher) = (app.sign_in("wall").await, app.sign_in("dispatcher").await);
    let supervisor = app.sign_in("supervisor").await;
    until_it_is_live(&app, &dispatcher, things.vehicle).await;

    let secrets = [things.plate.as_str(), PHONE, "赵示例", ASSIGNEE];
    for (surface, said) in everything(&app, &wall, &things).await {
        for secret in secrets {
            assert!(!said.contains(secret), "{surface} tells {secret} to the wall: {said}");
        }
    }
    let vehicle = json_of(&app, &wall, &format!("/api/v1/vehicles/{}", things.vehicle)).await;
    let shown = vehicle["plate"].as_str().unwrap();
    let tail: String =
        things.plate.chars().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect();
    assert!(shown.contains("·*") && shown.ends_with(&tail), "{shown} for {}", things.plate);
    let part: String = things.plate.replace('·', "").chars().take(5).collect();
    let felt = json_of(&app, &wall, &format!("/api/v1/search?q={part}")).await;
    assert_eq!(felt["items"], json!([]), "no feeling along a plate");
    let felt = json_of(&app, &wall, &format!("/api/v1/vehicles?q={}", &tail)).await;
    assert_eq!(felt["total"], 0, "nor in the list");

    // Whose work needs it reads all of it without asking.
    for (surface, said) in everything(&app, &dispatcher, &things).await {
        let is_about_vehicle = surface != "a tile";
        assert_eq!(said.contains(&things.plate), is_about_vehicle, "{surface}: {said}");
    }
    let path = format!("/api/v1/documents/{}", things.document);
    let read = json_of(&app, &dispatcher, &path).await.to_string();
    assert!(read.contains(CONTACT) && read.contains(ASSIGNEE), "{read}");

    the_masks_of_a_supervisor(&app, &supervisor, &path).await;
    app.end().await;
}

async fn until_it_is_live(app: &TestApp, person: &Person, vehicle: i64) {
    for _ in 0..100 {
        let one = json_of(app, person, &format!("/api/v1/vehicles/{vehicle}")).await;
        if !one["lon"].is_null() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the position was not stored within ten seconds");
}

async fn the_masks_of_a_supervisor(app: &TestApp, supervisor: &Person, path: &str) {
    let me = json_of(app, supervisor, "/api/v1/session").await;
    assert_eq!(me["masked"], json!(["phone", "name"]), "plates belong to the work");
    assert_eq!(me["unmasked_until"], Value::Null);
    let masked = json_of(app, supervisor, path).await;
    assert_eq!(masked["body"]["contact"], "赵*例 138****5678");
    assert_eq!(masked["body"]["assignee"], "钱*例");
    assert_eq!(masked["body"]["description"], "车内空调漏水，联系 138****5678");

    for reason in ["", " x ", &"长".repeat(201)] {
        let (status, problem) = asked(app, supervisor, "POST", &json!({"reason": reason})).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("reason-needed")), "{reason:?}");
    }
    let wall = app.sign_in("wall").await;
    assert_eq!(asked(app, &wall, "POST", &json!({"reason": "核对投诉"})).await.0, 403);

    let mut socket = app.live_of(&supervisor.cookie).await.unwrap();
    look(&mut socket).await;
    let (status, lifted) = asked(app, supervisor, "POST", &json!({"reason": "核对投诉"})).await;
    assert_eq!(status, 200, "{lifted}");
    next(&mut socket, "rights_changed").await;
    assert_eq!(json_of(app, supervisor, path).await["body"]["contact"], CONTACT);
    let me = json_of(app, supervisor, "/api/v1/session").await;
    assert_eq!((&me["masked"], &me["unmasked_until"]), (&json!([]), &lifted["unmasked_until"]));
    let elsewhere = app.sign_in("supervisor").await;
    let there = json_of(app, &elsewhere, path).await;
    assert_eq!(there["body"]["contact"], "赵*例 138****5678", "only this session");

    assert_eq!(asked(app, supervisor, "DELETE", &Value::Null).await.0, 204);
    next(&mut socket, "rights_changed").await;
    assert_eq!(json_of(app, supervisor, path).await["body"]["assignee"], "钱*例");

    // By the clock: the time is shortened in the database, which is where it is kept.
    assert_eq!(asked(app, supervisor, "POST", &json!({"reason": "再次核对"})).await.0, 200);
    next(&mut socket, "rights_changed").await;
    sqlx::query(
        "update unmasking set until_at = now() + interval '2 seconds' where ended_at is null",
    )
    .execute(&mut app.database.psql().await)
    .await
    .unwrap();
    next(&mut socket, "rights_changed").await;
    assert_eq!(json_of(app, supervisor, path).await["body"]["assignee"], "钱*例");

    let auditor = app.sign_in("auditor").await;
    let log = json_of(app, &auditor, "/api/v1/audit?action=unmasked").await;
    let reasons: Vec<&Value> =
        log["items"].as_array().unwrap().iter().map(|row| &row["detail"]["reason"]).collect();
    assert_eq!(reasons, [&json!("再次核对"), &json!("核对投诉")]);
    assert_eq!(log["items"][0]["actor"], "supervisor");
    let csv = auditor.client.get(format!("{}/api/v1/audit/export?action=unmasked", app.base));
    let csv = csv.send().await.unwrap().text().await.unwrap();
    assert!(csv.starts_with("\u{feff}序号,时间,账号") && csv.lines().count() == 3, "{csv}");
    assert!(csv.contains("核对投诉"), "{csv}");
}
