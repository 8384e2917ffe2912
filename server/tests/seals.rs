//! Vehicles that must stand over the holidays, as those who seal them meet it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Person, TestApp};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const SEALS: &str = "/api/v1/seals";

async fn asked(app: &TestApp, person: &Person, path: &str) -> (u16, Value) {
    let response = person.client.get(format!("{}{path}", app.base)).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn done(app: &TestApp, person: &Person, path: &str, body: &Value) -> (u16, Value) {
    let request = person.client.post(format!("{}{path}", app.base)).json(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn hours_from_now(hours: f64) -> OffsetDateTime {
    OffsetDateTime::now_utc() + time::Duration::seconds_f64(hours * 3_600.0)
}

fn text(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap()
}

/// It stood for an hour, and half an hour ago it was driven two kilometres.
fn drive(app: &TestApp, terminal: &str) {
    let standing = (0..17).map(|n| (-95.0 + 4.0 * f64::from(n), 105.5, 0));
    // 0.0012 degrees are 107 m here: 39 km/h.
    let driving = (1..20).map(|n| (-30.0 + f64::from(n) / 6.0, 105.5 + 0.0012 * f64::from(n), 39));
    let positions: Vec<Value> = standing
        .chain(driving)
        .map(|(minutes, lon, kmh)| {
            json!({"t": text(hours_from_now(minutes / 60.0)), "lon": lon, "lat": 36.5, "speed_kmh": kmh})
        })
        .collect();
    let (name, secret) = app.gateway();
    let status = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &app.mqtt_port.to_string(), "-q", "1", "-u", &name])
        .args(["-P", &secret, "-t", &format!("onemap/v1/{terminal}/position")])
        .args(["-m", &json!(positions).to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

/// Waits for as many movements of a sealed vehicle, and answers them.
async fn movements(app: &TestApp, person: &Person, vehicle: i64, count: usize) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let path = format!("/api/v1/alarms?rule=sealed_movement&vehicle={vehicle}");
        let (status, told) = asked(app, person, &path).await;
        assert_eq!(status, 200, "{told}");
        let found = told["items"].as_array().unwrap();
        if found.len() == count {
            return found.clone();
        }
        assert!(began.elapsed() < Duration::from_secs(30), "not {count} movements: {told}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

struct Fleet {
    terminal: String,
    vehicle: i64,
    org: i64,
}

/// A vehicle outside of the county.
async fn far_vehicle(app: &TestApp) -> Fleet {
    let mut psql = app.database.psql().await;
    let (terminal, vehicle, org) = sqlx::query_as(
        "select t.terminal_id, t.vehicle_id, v.org_id from terminal t join vehicle v on v.feature_id = t.vehicle_id
         join org o using (org_id), org county
         where county.code = 'U0151' and not o.path <@ county.path order by t.terminal_id limit 1",
    )
    .fetch_one(&mut psql)
    .await
    .unwrap();
    Fleet { terminal, vehicle, org }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sealed_vehicle_did_is_found_and_taken_back_with_the_seal() {
    let app = TestApp::start().await;
    let Fleet { terminal, vehicle, org } = far_vehicle(&app).await;
    let (dispatcher, county) = (app.sign_in("dispatcher").await, app.sign_in("county").await);
    drive(&app, &terminal);
    movements(&app, &dispatcher, vehicle, 0).await;

    // Sealed after the fact: what was driven in the period is found.
    let plan = json!({"org_id": org, "vehicles": [vehicle], "starts_at": text(hours_from_now(-1.0)),
        "ends_at": text(hours_from_now(48.0)), "spares_orders": true, "reason": "节假日封存"});
    let (status, seal) = done(&app, &dispatcher, SEALS, &plan).await;
    assert_eq!((status, &seal["state"]), (201, &json!("standing")), "{seal}");
    assert_eq!(
        (&seal["vehicle_count"], &seal["vehicles"][0]["feature_id"]),
        (&json!(1), &json!(vehicle))
    );
    let found = movements(&app, &dispatcher, vehicle, 1).await;
    assert_eq!(found[0]["rule"], "sealed_movement", "{found:?}");
    let (_, listed) = asked(&app, &dispatcher, SEALS).await;
    assert_eq!(
        (&listed["items"][0]["alarms"], &listed["next"]),
        (&json!(1), &Value::Null),
        "{listed}"
    );
    let (_, shown) = asked(&app, &dispatcher, &format!("/api/v1/vehicles/{vehicle}")).await;
    assert_eq!(shown["sealed_until"], listed["items"][0]["ends_at"], "{shown}");

    // Others' seals are neither seen nor ended.
    let (status, theirs) = asked(&app, &county, SEALS).await;
    assert!(status == 403 || theirs["items"] == json!([]), "{theirs}");
    let path = |deed: &str| format!("{SEALS}/{}/{deed}", seal["seal_id"]);
    for deed in ["lift", "withdraw"] {
        let (status, told) = done(&app, &county, &path(deed), &json!({})).await;
        assert!([403, 404].contains(&status), "{deed}: {told}");
    }

    let (status, ended) = done(&app, &dispatcher, &path("lift"), &json!({})).await;
    assert_eq!(
        (status, &ended["state"], &ended["ended_by"]),
        (200, &json!("lifted"), &json!("dispatcher"))
    );
    let (status, told) = done(&app, &dispatcher, &path("lift"), &json!({})).await;
    assert_eq!(status, 409, "{told}");
    assert!(told["detail"]["zh"].as_str().unwrap().contains("已解封"), "{told}");
    let (_, shown) = asked(&app, &dispatcher, &format!("/api/v1/vehicles/{vehicle}")).await;
    assert_eq!(shown["sealed_until"], Value::Null, "{shown}");
    // It was driven before it was lifted.
    movements(&app, &dispatcher, vehicle, 1).await;

    let (status, withdrawn) = done(&app, &dispatcher, &path("withdraw"), &json!({})).await;
    assert_eq!((status, &withdrawn["state"]), (200, &json!("withdrawn")), "{withdrawn}");
    movements(&app, &dispatcher, vehicle, 0).await;
    let (_, listed) = asked(&app, &dispatcher, SEALS).await;
    assert_eq!(listed["items"], json!([]));
    let (_, listed) = asked(&app, &dispatcher, &format!("{SEALS}?state=withdrawn")).await;
    assert_eq!(listed["items"][0]["seal_id"], seal["seal_id"]);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seals_are_made_for_what_is_known_and_listed_page_by_page() {
    let app = TestApp::start().await;
    let Fleet { org, .. } = far_vehicle(&app).await;
    let dispatcher = app.sign_in("dispatcher").await;
    let plan = |from: f64, to: f64, reason: &str| {
        json!({"org_id": org, "starts_at": text(hours_from_now(from)), "ends_at": text(hours_from_now(to)),
            "spares_orders": false, "reason": reason})
    };
    let mut bad = plan(2.0, 1.0, " ");
    bad["vehicles"] = json!([0]);
    let (status, told) = done(&app, &dispatcher, SEALS, &bad).await;
    assert_eq!(status, 400, "{told}");
    for part in ["封存时段", "事由", "不属于该单位"] {
        assert!(told["detail"]["zh"].as_str().unwrap().contains(part), "{part}: {told}");
    }
    bad["org_id"] = json!(0);
    let (_, told) = done(&app, &dispatcher, SEALS, &bad).await;
    assert!(told["detail"]["en"].as_str().unwrap().contains("no organisation 0"), "{told}");

    for (from, to, reason) in [(24.0, 48.0, "一"), (72.0, 96.0, "二"), (-96.0, -72.0, "三")] {
        let (status, seal) = done(&app, &dispatcher, SEALS, &plan(from, to, reason)).await;
        assert_eq!(status, 201, "{seal}");
        assert!(seal["vehicle_count"].as_i64().unwrap() > 0, "all of the organisation's: {seal}");
        assert_eq!(seal["is_whole"], true, "{seal}");
    }
    let mut reasons = Vec::new();
    let mut path = format!("{SEALS}?limit=1");
    loop {
        let (_, page) = asked(&app, &dispatcher, &path).await;
        reasons.extend(page["items"].as_array().unwrap().iter().map(|s| s["reason"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{SEALS}?limit=1&cursor={next}");
    }
    assert_eq!(reasons, ["二", "一", "三"], "the last to begin first, each once");
    for (state, count) in [("upcoming", 2), ("standing", 0), ("over", 1)] {
        let (_, page) = asked(&app, &dispatcher, &format!("{SEALS}?state={state}")).await;
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{state}: {page}");
    }
    let (status, told) = asked(&app, &dispatcher, &format!("{SEALS}?cursor=x")).await;
    assert_eq!(status, 400, "{told}");
    let (_, holidays) = asked(&app, &dispatcher, "/api/v1/seals/holidays").await;
    let names: Vec<&str> =
        holidays["items"].as_array().unwrap().iter().map(|h| h["name"].as_str().unwrap()).collect();
    assert!(names.iter().any(|name| name.contains("国庆")), "{holidays}");
    app.end().await;
}
