//! Search, places, what they contain, and the records that hang off them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use serde_json::{Value, json};
use support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_finds_a_place_and_reads_what_hangs_off_it() {
    let app = TestApp::start().await;
    let (building, room) = an_office_and_its_room(&app).await;
    search_finds_by_name_pinyin_initials_plate_and_room_number(&app, building).await;
    a_building_tells_its_organisation_and_its_floors(&app, building).await;
    a_ticket_of_a_room_is_listed_by_room_and_building(&app, building, room).await;
    faults_of_a_form_come_all_at_once(&app, room).await;
    what_does_not_exist_is_a_404_in_both_languages(&app).await;
    the_page_comes_with_a_strict_policy(&app).await;
    app.end().await;
}

async fn an_office_and_its_room(app: &TestApp) -> (i64, i64) {
    let mut psql = app.database.psql().await;
    sqlx::query_as("select building_id, feature_id from room where org_id is not null order by building_id, feature_id limit 1")
        .fetch_one(&mut psql)
        .await
        .unwrap()
}

async fn hits(app: &TestApp, question: &str) -> Vec<Value> {
    let response = app
        .client
        .get(format!("{}/api/v1/search", app.base))
        .query(&[("q", question), ("limit", "50")])
        .send()
        .await
        .unwrap();
    let json: Value = response.json().await.unwrap();
    json["items"].as_array().unwrap_or_else(|| panic!("{question}: {json}")).clone()
}

async fn search_finds_by_name_pinyin_initials_plate_and_room_number(app: &TestApp, building: i64) {
    let name = app.json(&format!("/api/v1/features/{building}")).await["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let found = hits(app, &name).await;
    assert_eq!(found[0]["feature_id"], building, "{name}: {found:?}");
    assert!(found[0]["lon"].is_f64() && found[0]["bbox"].is_array());
    assert!(!hits(app, "bangong").await.is_empty(), "full pinyin of 办公");
    assert!(
        hits(app, "bgl").await.iter().any(|h| h["matched"] == "initials"),
        "initials of 办公楼"
    );
    let mut psql = app.database.psql().await;
    let plate: String =
        sqlx::query_scalar("select plate from vehicle limit 1").fetch_one(&mut psql).await.unwrap();
    assert_eq!(hits(app, &plate.replace('·', "")).await[0]["matched"], "plate");
    let number: String =
        sqlx::query_scalar("select number from room limit 1").fetch_one(&mut psql).await.unwrap();
    assert!(hits(app, &number).await.iter().any(|h| h["kind"] == "room"), "room {number}");
    assert!(hits(app, "没有这样的名字").await.is_empty());
}

async fn a_building_tells_its_organisation_and_its_floors(app: &TestApp, building: i64) {
    let place = app.json(&format!("/api/v1/features/{building}")).await;
    assert_eq!(place["kind"], "building");
    assert!(place["org"]["path"].as_array().unwrap().len() >= 2, "{}", place["org"]);
    let floors = place["floors"].as_array().unwrap();
    assert!(floors.len() >= 2);
    let rooms: i64 = floors.iter().map(|f| f["room_count"].as_i64().unwrap()).sum();
    let mut listed = 0;
    for floor in floors {
        let children =
            app.json(&format!("/api/v1/features/{}/children?kind=room", floor["feature_id"])).await;
        listed += children["items"].as_array().unwrap().len();
    }
    assert_eq!(i64::try_from(listed).unwrap(), rooms);
}

async fn a_ticket_of_a_room_is_listed_by_room_and_building(
    app: &TestApp,
    building: i64,
    room: i64,
) {
    let body = json!({"kind": "repair", "title": "会议室灯不亮", "feature_ids": [room],
        "body": {"category": "电", "description": "三盏灯中两盏不亮", "urgency": "normal"}});
    let (status, ticket) = app.post("/api/v1/documents", &body).await;
    assert_eq!(status, 201, "{ticket}");
    assert_eq!(ticket["state"], "open");
    for place in [room, building] {
        let records = app.json(&format!("/api/v1/features/{place}/records")).await;
        assert!(
            records["items"].as_array().unwrap().iter().any(|d| d["doc_id"] == ticket["doc_id"]),
            "{records}"
        );
    }
    let act = format!("/api/v1/documents/{}/actions", ticket["doc_id"]);
    let (status, assigned) = app
        .post(&format!("{act}/assign"), &json!({"revision": 1, "patch": {"assignee": "维修一组"}}))
        .await;
    assert_eq!((status, assigned["state"].as_str()), (200, Some("assigned")), "{assigned}");
    let (status, stale) = app
        .post(&format!("{act}/close"), &json!({"revision": 1, "patch": {"note": "已修好"}}))
        .await;
    assert_eq!((status, stale["code"].as_str()), (409, Some("revision-conflict")));
    let (status, closed) = app
        .post(&format!("{act}/close"), &json!({"revision": 2, "patch": {"note": "已修好"}}))
        .await;
    assert_eq!((status, closed["state"].as_str()), (200, Some("closed")), "{closed}");
    let history = app.json(&format!("/api/v1/documents/{}", ticket["doc_id"])).await;
    assert_eq!(history["events"].as_array().unwrap().len(), 3);
}

async fn faults_of_a_form_come_all_at_once(app: &TestApp, room: i64) {
    let body = json!({"kind": "repair", "title": "", "feature_ids": [room], "body": {"category": "没有", "urgency": "later"}});
    let (status, problem) = app.post("/api/v1/documents", &body).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("invalid-document")));
    assert!(problem["errors"].as_array().unwrap().len() >= 3, "{problem}");
}

async fn what_does_not_exist_is_a_404_in_both_languages(app: &TestApp) {
    for path in [
        "/api/v1/features/999999999",
        "/api/v1/vehicles/999999999",
        "/api/v1/documents/999999999",
        "/nothing",
    ] {
        let response = app.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        let problem: Value = response.json().await.unwrap();
        assert!(
            !problem["detail"]["zh"].as_str().unwrap().is_empty()
                && !problem["detail"]["en"].as_str().unwrap().is_empty()
        );
    }
    assert_eq!(
        app.get("/api/v1/search?q=a&colour=red").await.status(),
        400,
        "unknown parameters are refused"
    );
}

async fn the_page_comes_with_a_strict_policy(app: &TestApp) {
    let response = app.get("/").await;
    assert_eq!(response.status(), 200);
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(response.text().await.unwrap().contains("机关事务一张图"));
}
