//! An edit in the database reaches tiles and browsers, whatever the database goes through meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::Value;
use sqlx::{Connection as _, Executor as _, PgConnection};
use support::{Database, TestApp};

async fn a_building(app: &TestApp) -> i64 {
    let mut psql = app.database.psql().await;
    sqlx::query_scalar(
        "select feature_id from building where name is not null order by feature_id limit 1",
    )
    .fetch_one(&mut psql)
    .await
    .unwrap()
}

/// How long until the search index, which follows the same feed as tiles, knows the name.
async fn seconds_until_found(app: &TestApp, name: &str, limit: Duration) -> Option<f64> {
    let started = Instant::now();
    while started.elapsed() < limit {
        let response = app
            .client
            .get(format!("{}/api/v1/search", app.base))
            .query(&[("q", name)])
            .send()
            .await
            .unwrap();
        if response.status() == 200 {
            let found: Value = response.json().await.unwrap();
            if found["items"].as_array().is_some_and(|items| !items.is_empty()) {
                return Some(started.elapsed().as_secs_f64());
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_by_psql_is_told_to_browsers_within_two_seconds() {
    let app = TestApp::start().await;
    let id = a_building(&app).await;
    let mut socket = app.live().await;
    let mut psql = app.database.psql().await;
    let started = Instant::now();
    sqlx::query("update building set name = '改名试验楼', geom = st_multi(st_translate(geom::geometry, 0.0001, 0)) where feature_id = $1")
        .bind(id)
        .execute(&mut psql)
        .await
        .unwrap();
    let told = tokio::time::timeout(Duration::from_secs(2), async {
        loop {
            let text = socket.next().await.unwrap().unwrap().into_text().unwrap();
            let message: Value = serde_json::from_str(&text).unwrap();
            if message["type"] == "layer_changed" && message["layer"] == "buildings" {
                return message;
            }
        }
    })
    .await
    .expect("the browser is told within 2 s");
    println!("told after {} ms", started.elapsed().as_millis());
    assert_eq!(
        told["bboxes"].as_array().unwrap().len(),
        2,
        "the old place and the new one: {told}"
    );
    assert!(seconds_until_found(&app, "改名试验楼", Duration::from_secs(2)).await.is_some());
    let versions: i64 =
        sqlx::query_scalar("select count(*) from building_version where feature_id = $1")
            .bind(id)
            .fetch_one(&mut psql)
            .await
            .unwrap();
    assert_eq!(versions, 2, "yesterday's building is kept");
    app.end().await;
}

/// Number 1 may commit after number 2: a follower of a mere sequence would lose number 1 for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_commits_long_after_later_ones_is_not_lost() {
    let app = TestApp::start().await;
    let id = a_building(&app).await;
    let mut slow = app.database.psql().await;
    let mut fast = app.database.psql().await;
    let mut open = slow.begin().await.unwrap();
    sqlx::query("update building set name = '迟到提交楼' where feature_id = $1")
        .bind(id)
        .execute(&mut *open)
        .await
        .unwrap();
    for n in 0..5 {
        sqlx::query("update building set name = $1 where feature_id = (select max(feature_id) from building)")
            .bind(format!("先行提交楼{n}"))
            .execute(&mut fast)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(seconds_until_found(&app, "先行提交楼4", Duration::from_secs(2)).await.is_some());
    assert!(
        seconds_until_found(&app, "迟到提交楼", Duration::from_millis(300)).await.is_none(),
        "not committed yet"
    );
    open.commit().await.unwrap();
    assert!(seconds_until_found(&app, "迟到提交楼", Duration::from_secs(2)).await.is_some());
    app.end().await;
}

/// A cluster of this test alone, because it is killed.
struct Cluster {
    dir: tempfile::TempDir,
}

impl Cluster {
    fn script(&self, verb: &str) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/cluster");
        let output =
            Command::new(script).arg(verb).arg(self.dir.path().join("c")).output().unwrap();
        assert!(
            output.status.success(),
            "cluster {verb}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_and_restarting_postgres_loses_no_change() {
    let cluster = Cluster { dir: tempfile::tempdir().unwrap() };
    cluster.script("start");
    let url = cluster.script("url");
    let app = TestApp::start_on(
        Database::create_in(&url).await,
        &["demo", "--city", "small", "--vehicles", "0"],
    )
    .await;
    let id = a_building(&app).await;
    cluster.script("crash");
    cluster.script("start");
    // Straight after the restart, before the server may have found it again.
    let mut psql = PgConnection::connect(&app.database.url).await.unwrap();
    psql.execute(
        format!("update building set name = '重启之后楼' where feature_id = {id}").as_str(),
    )
    .await
    .unwrap();
    let took = seconds_until_found(&app, "重启之后楼", Duration::from_secs(15)).await;
    assert!(took.is_some(), "the change made around the restart is followed");
    println!("followed {:.1} s after the restart", took.unwrap());
    drop(psql);
    app.end().await;
    cluster.script("stop");
    cluster.script("drop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_begins_today_is_in_force_from_midnight_where_the_city_is() {
    let app = TestApp::start().await;
    let id = a_building(&app).await;
    let mut psql = app.database.psql().await;
    let beijing = time::UtcOffset::from_hms(8, 0, 0).unwrap();
    let today = time::OffsetDateTime::now_utc().to_offset(beijing).date();
    // At every hour of the day one of these is in another day than the city.
    for zone in ["Etc/GMT+12", "UTC", "Pacific/Kiritimati"] {
        psql.execute(format!("set time zone '{zone}'").as_str()).await.unwrap();
        sqlx::query(
            "update building_version set valid = daterange($2, null) where feature_id = $1 and upper_inf(valid)",
        )
        .bind(id)
        .bind(today)
        .execute(&mut psql)
        .await
        .unwrap();
        let of_today: i64 =
            sqlx::query_scalar("select count(*) from building where feature_id = $1")
                .bind(id)
                .fetch_one(&mut psql)
                .await
                .unwrap();
        assert_eq!(of_today, 1, "in {zone}");
    }
    sqlx::query("update building set name = '零时试验楼' where feature_id = $1")
        .bind(id)
        .execute(&mut psql)
        .await
        .unwrap();
    let kept: Vec<(Option<time::Date>, Option<time::Date>)> = sqlx::query_as(
        "select lower(valid), upper(valid) from building_version where feature_id = $1 and upper_inf(valid)",
    )
    .bind(id)
    .fetch_all(&mut psql)
    .await
    .unwrap();
    assert_eq!(kept, [(Some(today), None)], "an edit on the day itself begins no other version");
}
