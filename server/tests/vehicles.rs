//! A terminal's message reaches a browser; what cannot be a position is kept with its reason.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use support::TestApp;
use tokio_tungstenite::tungstenite::Message;

/// As one of the terminals that the gateway speaks for.
fn publish(app: &TestApp, terminal: &str, payload: &str) {
    let (name, secret) = app.gateway();
    publish_as(app, (&name, &secret), terminal, payload);
}

fn publish_as(app: &TestApp, (name, secret): (&str, &str), terminal: &str, payload: &str) {
    let status = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &app.mqtt_port.to_string(), "-q", "1"])
        .args(["-u", name, "-P", secret])
        .args(["-t", &format!("onemap/v1/{terminal}/position"), "-m", payload])
        .status()
        .expect("mosquitto_pub, which `.ci/setup test` installs");
    assert!(status.success(), "{payload}");
}

async fn a_terminal(app: &TestApp) -> (String, i64) {
    let mut psql = app.database.psql().await;
    sqlx::query_as("select terminal_id, vehicle_id from terminal order by terminal_id limit 1")
        .fetch_one(&mut psql)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_pub_moves_a_vehicle_in_an_open_browser_within_a_second() {
    let app = TestApp::start().await;
    let (terminal, vehicle) = a_terminal(&app).await;
    let mut socket = app.live().await;
    let subscribe = json!({"subscribe": {"bbox": [105.0, 36.0, 106.0, 37.0], "zoom": 12, "layers": ["vehicles"]}});
    socket.send(Message::text(subscribe.to_string())).await.unwrap();
    let secret = app.credential_of(&terminal).await;
    let started = Instant::now();
    publish_as(
        &app,
        (&terminal, &secret),
        &terminal,
        &json!({"t": now_ms(), "lon": 105.5123, "lat": 36.4987, "speed_kmh": 43, "heading": 90})
            .to_string(),
    );
    let seen = tokio::time::timeout(Duration::from_secs(1), async {
        loop {
            let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
            let message: Value = serde_json::from_str(&text).unwrap();
            for list in ["vehicles", "upsert"] {
                for v in message[list].as_array().into_iter().flatten() {
                    if v[0] == vehicle {
                        return v.clone();
                    }
                }
            }
        }
    })
    .await
    .expect("the vehicle moves within a second");
    println!("seen after {} ms", started.elapsed().as_millis());
    assert_eq!(
        (seen[1].as_f64(), seen[2].as_f64(), seen[6].as_i64()),
        (Some(105.5123), Some(36.4987), Some(1))
    );
    let shown = app.json(&format!("/api/v1/vehicles/{vehicle}")).await;
    assert_eq!(shown["status"], "moving");
    let track = app.json(&format!("/api/v1/vehicles/{vehicle}/track")).await;
    assert_eq!(track["points"].as_array().unwrap().len(), 1);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_position_is_kept_with_its_reason_and_stops_nothing() {
    let app = TestApp::start().await;
    let (terminal, vehicle) = a_terminal(&app).await;
    publish(&app, "nobody-knows", &json!({"t": now_ms(), "lon": 105.5, "lat": 36.5}).to_string());
    publish(&app, &terminal, "{broken");
    publish(&app, &terminal, &json!({"t": now_ms(), "lon": 205.5, "lat": 36.5}).to_string());
    publish(
        &app,
        &terminal,
        &json!({"t": now_ms() + 3_600_000, "lon": 105.5, "lat": 36.5}).to_string(),
    );
    publish(
        &app,
        &terminal,
        &json!([{"t": now_ms(), "lon": 105.5, "lat": 36.5}, {"t": now_ms(), "lon": 105.5}])
            .to_string(),
    );
    let mut psql = app.database.psql().await;
    let rejected: i64 = sqlx::query_scalar("select count(*) from position_reject")
        .fetch_one(&mut psql)
        .await
        .unwrap();
    let reasons: i64 = sqlx::query_scalar("select count(distinct reason) from position_reject")
        .fetch_one(&mut psql)
        .await
        .unwrap();
    let stored: i64 = sqlx::query_scalar("select count(*) from position where vehicle_id = $1")
        .bind(vehicle)
        .fetch_one(&mut psql)
        .await
        .unwrap();
    assert_eq!((rejected, stored), (5, 1));
    assert!(reasons >= 4, "{reasons} different reasons");
    let admin = app.sign_in("admin").await;
    let metrics = admin.client.get(format!("{}/metrics", app.base)).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("onemap_positions_rejected_total{reason=\"unknown_terminal\"} 1"),
        "{metrics}"
    );
    let overview = app.json("/api/v1/overview").await;
    let figure = |id: &str| {
        overview["figures"].as_array().unwrap().iter().find(|f| f["id"] == id).unwrap()["value"]
            .as_f64()
    };
    assert_eq!(figure("positions_rejected_today"), Some(5.0));
    app.end().await;
}

fn now_ms() -> i64 {
    i64::try_from(time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap()
}
