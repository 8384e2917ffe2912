//! A terminal's message reaches a browser; what cannot be a position is kept with its reason.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
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

/// Says of the vehicles of some terminals that they drive by a place.
fn put_all(app: &TestApp, terminals: &[(String, i64)], lon: f64) {
    for (terminal, _) in terminals {
        let at = json!({"t": now_ms(), "lon": lon, "lat": 36.5, "speed_kmh": 40, "heading": 90});
        publish(app, terminal, &at.to_string());
    }
}

/// What somebody far away is told until it is as expected: by cell the count, how many move, and the longitude.
async fn clusters_until(
    socket: &mut support::Live,
    is_expected: impl Fn(&BTreeMap<String, Told>) -> bool,
) -> BTreeMap<String, Told> {
    let mut cells = BTreeMap::new();
    let told = tokio::time::timeout(Duration::from_secs(10), async {
        while !is_expected(&cells) {
            let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["type"] == "snapshot" {
                cells.clear();
            }
            let clusters = &message["clusters"];
            for cell in clusters["remove"].as_array().into_iter().flatten() {
                cells.remove(&cell.to_string());
            }
            for c in clusters["cells"].as_array().into_iter().flatten() {
                let counts = (c[4].as_u64().unwrap(), c[5].as_u64().unwrap());
                let lon = c[2].as_f64().unwrap();
                cells.insert(json!([c[0], c[1]]).to_string(), (counts.0, counts.1, lon));
            }
        }
    });
    assert!(told.await.is_ok(), "{cells:?}");
    cells
}

/// The next message of a kind.
async fn message_of(socket: &mut support::Live, kind: &str) -> Value {
    loop {
        let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
        let message: Value = serde_json::from_str(&text).unwrap();
        if message["type"] == kind {
            return message;
        }
    }
}

/// What is told of a cell: how many, how many of them move, and the longitude where they stand.
type Told = (u64, u64, f64);

#[tokio::test(flavor = "multi_thread")]
async fn from_far_away_each_is_told_how_many_of_the_own_vehicles_there_are() {
    let app = TestApp::start().await;
    let county = app.sign_in("county").await;
    let own = county.client.get(format!("{}/api/v1/vehicles?limit=500", app.base));
    let own: Value = own.send().await.unwrap().json().await.unwrap();
    let own = own["items"].as_array().unwrap();
    let own: BTreeSet<i64> = own.iter().map(|v| v["feature_id"].as_i64().unwrap()).collect();
    let mut psql = app.database.psql().await;
    let terminals: Vec<(String, i64)> =
        sqlx::query_as("select terminal_id, vehicle_id from terminal order by terminal_id")
            .fetch_all(&mut psql)
            .await
            .unwrap();
    let (ours, theirs): (Vec<_>, Vec<_>) =
        terminals.into_iter().partition(|(_, vehicle)| own.contains(vehicle));
    let (ours, theirs) = (&ours[..3], &theirs[..4]);
    // One cell of zoom 8, and the bubble of the county is where its own stand.
    put_all(&app, ours, 105.5);
    put_all(&app, theirs, 105.6444);

    let far =
        json!({"subscribe": {"bbox": [104.0, 36.0, 107.0, 37.0], "zoom": 8, "cluster_above": 2}});
    let mut sockets = [app.live().await, app.live_of(&county.cookie).await.unwrap()];
    for socket in &mut sockets {
        socket.send(Message::text(far.to_string())).await.unwrap();
    }
    let [of_all, of_county] = &mut sockets;
    let sum = |cells: &BTreeMap<String, Told>| cells.values().map(|c| c.0).sum::<u64>();
    let all = clusters_until(of_all, |cells| sum(cells) == 7).await;
    let told = clusters_until(of_county, |cells| sum(cells) == 3).await;
    assert_eq!((all.len(), told.len()), (1, 1));
    let (count, moving, lon) = told.values().next().unwrap();
    assert_eq!((*count, *moving), (3, 3));
    assert!((lon - 105.5).abs() < 0.02, "{lon}");

    // Others drive over the edge of the cell, which changes nothing of that; what it keeps of its own comes as itself, and of others never.
    put_all(&app, theirs, 105.6446);
    clusters_until(of_all, |cells| cells.len() == 2).await;
    let keep = json!({"keep": [ours[0].1, theirs[0].1]});
    of_county.send(Message::text(keep.to_string())).await.unwrap();
    let delta = message_of(of_county, "delta").await;
    let kept: Vec<i64> =
        delta["upsert"].as_array().unwrap().iter().map(|v| v[0].as_i64().unwrap()).collect();
    assert_eq!((kept, delta["clusters"].is_null()), (vec![ours[0].1], true));

    // A client that does not ask has vehicles, however many there are.
    let old = json!({"subscribe": {"bbox": [104.0, 36.0, 107.0, 37.0], "zoom": 8}});
    of_county.send(Message::text(old.to_string())).await.unwrap();
    let snapshot = message_of(of_county, "snapshot").await;
    assert!(snapshot["clusters"].is_null());
    assert_eq!(snapshot["vehicles"].as_array().unwrap().len(), 3);
    app.end().await;
}

fn now_ms() -> i64 {
    i64::try_from(time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap()
}
