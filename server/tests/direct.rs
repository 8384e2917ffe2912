//! A layer that the database draws keeps the contract of those in memory: what is there, for whom, how soon, and how it
//! fails.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fast_mvt::{MvtFeatureRef, MvtReaderRef};
use futures::StreamExt as _;
use futures::future::join_all;
use sqlx::{Connection as _, Executor as _, PgConnection};
use support::{Database, Person, TestApp};

type Ids = BTreeSet<u64>;

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_drawn_by_the_database_keeps_the_contract() {
    let mut app = TestApp::start().await;
    let mut psql = app.database.psql().await;
    let (id, tile) = a_building(&mut psql).await;
    let path = format!("/tiles/buildings/{tile}");
    let county = app.sign_in("county").await;
    let in_memory = (ids(&app, None, &path).await, ids(&app, Some(&county), &path).await);
    assert!(in_memory.0.contains(&id) && in_memory.1.len() < in_memory.0.len());
    app.restart_with(&["--direct", "buildings"]).await;
    app.wait_until_ready().await;
    let held = app.json("/tiles/buildings.json").await["vector_layers"][0]["onemap:held"].clone();
    assert_eq!(held, "database");
    let drawn = (ids(&app, None, &path).await, ids(&app, Some(&county), &path).await);
    for (drawn, in_memory) in [(drawn.0, in_memory.0), (drawn.1, in_memory.1)] {
        // A sliver at the edge of the buffer may be there for one and not for the other.
        let apart: Vec<&u64> = drawn.symmetric_difference(&in_memory).collect();
        assert!(100 * apart.len() < in_memory.len(), "not the same for the same people: {apart:?}");
    }
    an_edit_is_in_the_next_tile(&app, &mut psql, id, &path).await;
    a_change_without_a_place_outdates_every_tile(&app, &mut psql, id, &path).await;
    those_who_ask_at_once_share_one_statement_and_it_ends_with_them(&app, &path).await;
    what_takes_too_long_is_a_504_that_says_so(&app, &path).await;
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_does_not_fit_the_memory_is_drawn_by_the_database() {
    let database = Database::create().await;
    let arguments = ["demo", "--city", "small", "--vehicles", "0", "--layer-memory-mb", "0"];
    let app = TestApp::start_on(database, &arguments).await;
    let mut psql = app.database.psql().await;
    let (id, tile) = a_building(&mut psql).await;
    assert!(ids(&app, None, &format!("/tiles/buildings/{tile}")).await.contains(&id));
    let layers = app.json("/api/v1/layers").await;
    let buildings =
        layers["layers"].as_array().unwrap().iter().find(|l| l["layer_id"] == "buildings");
    assert!(buildings.unwrap()["count"].is_null(), "not counted for a list");
    app.end().await;
}

/// One, and a tile of zoom 14 over it.
async fn a_building(psql: &mut PgConnection) -> (u64, String) {
    let (id, x, y): (i64, i32, i32) = sqlx::query_as(
        "select feature_id, floor((st_x(c) + 180) / 360 * 16384)::int,
                floor((1 - asinh(tan(radians(st_y(c)))) / pi()) / 2 * 16384)::int
         from building, lateral (select st_pointonsurface(geom) as c) m order by st_area(geom) desc limit 1",
    )
    .fetch_one(psql)
    .await
    .unwrap();
    (u64::try_from(id).unwrap(), format!("14/{x}/{y}"))
}

async fn ids(app: &TestApp, person: Option<&Person>, path: &str) -> Ids {
    let client = person.map_or(&app.client, |person| &person.client);
    let response = client.get(format!("{}{path}", app.base)).send().await.unwrap();
    if response.status() == 204 {
        return Ids::new();
    }
    assert_eq!(response.status(), 200, "{path}");
    let bytes = response.bytes().await.unwrap();
    let reader = MvtReaderRef::new(&bytes).unwrap();
    reader
        .layers()
        .flat_map(|l| l.features().filter_map(MvtFeatureRef::id).collect::<Vec<_>>())
        .collect()
}

async fn an_edit_is_in_the_next_tile(app: &TestApp, psql: &mut PgConnection, id: u64, path: &str) {
    let etag = |response: reqwest::Response| response.headers()["etag"].clone();
    let before = etag(app.get(path).await);
    assert_eq!(etag(app.get(path).await), before);
    let mut live = app.live().await;
    sqlx::query("update building_version set name = '改名楼' where feature_id = $1")
        .bind(i64::try_from(id).unwrap())
        .execute(psql)
        .await
        .unwrap();
    let committed = Instant::now();
    while etag(app.get(path).await) == before {
        assert!(committed.elapsed() < Duration::from_secs(2), "the edit is not in the tile");
    }
    assert!(is_in(app, path, "改名楼").await);
    // Browsers hear of it, of a place too wide to say whose building it is.
    let told = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            let message = live.next().await.unwrap().unwrap().into_text().unwrap();
            let message: serde_json::Value = serde_json::from_str(&message).unwrap();
            if message["type"] == "layer_changed" && message["layer"] == "buildings" {
                return message;
            }
        }
    });
    let told = told.await.expect("the live stream tells of the edit");
    let side = |n: usize| told["bboxes"][0][n].as_f64().unwrap();
    assert!(side(2) - side(0) >= 2.0 && side(3) - side(1) >= 2.0, "{told}");
}

async fn is_in(app: &TestApp, path: &str, text: &str) -> bool {
    let bytes = app.get(path).await.bytes().await.unwrap();
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

/// Triggers that know no place, and days that turn, say only which feature it is.
async fn a_change_without_a_place_outdates_every_tile(
    app: &TestApp,
    psql: &mut PgConnection,
    id: u64,
    path: &str,
) {
    let id = i64::try_from(id).unwrap();
    psql.execute("set session_replication_role = replica").await.unwrap();
    sqlx::query("update building_version set name = '无声楼' where feature_id = $1")
        .bind(id)
        .execute(&mut *psql)
        .await
        .unwrap();
    psql.execute("set session_replication_role = default").await.unwrap();
    assert!(!is_in(app, path, "无声楼").await, "nobody has said anything yet");
    sqlx::query(
        "insert into feature_change (layer, feature_id, op) values ('buildings', $1, 'update')",
    )
    .bind(id)
    .execute(psql)
    .await
    .unwrap();
    let said = Instant::now();
    while !is_in(app, path, "无声楼").await {
        assert!(said.elapsed() < Duration::from_secs(2), "the tile is stale");
    }
}

/// Holds the table, so that drawing waits.
async fn held(app: &TestApp) -> PgConnection {
    let mut holder = app.database.psql().await;
    holder.execute("begin; lock table building_version in access exclusive mode").await.unwrap();
    holder
}

async fn drawing(watcher: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity
         where datname = current_database() and state = 'active' and query like 'with met as (%' and pid <> pg_backend_pid()",
    )
    .fetch_one(watcher)
    .await
    .unwrap()
}

async fn those_who_ask_at_once_share_one_statement_and_it_ends_with_them(
    app: &TestApp,
    path: &str,
) {
    // A tile that is in no cache.
    let other = path.replace("/14/", "/13/");
    let parts: Vec<u32> =
        other.rsplit('/').take(2).map(|n| n.parse::<u32>().unwrap() / 2).collect();
    let url = format!("{}/tiles/buildings/13/{}/{}", app.base, parts[1], parts[0]);
    let holder = held(app).await;
    let mut watcher = app.database.psql().await;
    let asking = join_all((0..12).map(|_| app.client.get(&url).send()));
    let asking = tokio::spawn(tokio::time::timeout(Duration::from_secs(1), asking));
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(drawing(&mut watcher).await, 1, "twelve questions, one statement");
    assert!(asking.await.unwrap().is_err(), "they left before it was drawn");
    let left = Instant::now();
    while drawing(&mut watcher).await > 0 {
        assert!(left.elapsed() < Duration::from_secs(3), "the database still draws for nobody");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    holder.close().await.unwrap();
    assert_eq!(
        app.client.get(&url).send().await.unwrap().status(),
        200,
        "and the next is answered"
    );
}

async fn what_takes_too_long_is_a_504_that_says_so(app: &TestApp, path: &str) {
    let mut psql = app.database.psql().await;
    psql.execute("update building_version set name = name || '。'").await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let holder = held(app).await;
    let response = app.get(path).await;
    assert_eq!(response.status(), 504);
    let problem: serde_json::Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "tile-timeout", "{problem}");
    assert!(problem["detail"]["zh"].as_str().unwrap().contains("buildings"), "{problem}");
    holder.close().await.unwrap();
}
