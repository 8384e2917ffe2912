//! A part of a layer in tiles: `filter=` in CQL2 and `properties=`, from memory and from the database alike.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use fast_mvt::MvtReaderRef;
use serde_json::{Value, json};
use sqlx::PgConnection;
use support::TestApp;

/// Filters in CQL2 text, in CQL2 JSON, and what PostgreSQL is asked to know the truth.
fn filters() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "floors_above >= 5 AND use_kind = 'office'",
            json!({"op": "and", "args": [
                {"op": ">=", "args": [{"property": "floors_above"}, 5]},
                {"op": "=", "args": [{"property": "use_kind"}, "office"]}]}),
            "floors_above >= 5 and use_kind = 'office'",
        ),
        (
            "name LIKE '%楼' OR height_m IS NULL",
            json!({"op": "or", "args": [
                {"op": "like", "args": [{"property": "name"}, "%楼"]},
                {"op": "isNull", "args": [{"property": "height_m"}]}]}),
            "name like '%楼' or height_m is null",
        ),
        (
            "NOT (floors_above BETWEEN 2 AND 30)",
            json!({"op": "not", "args": [
                {"op": "between", "args": [{"property": "floors_above"}, 2, 30]}]}),
            "not (floors_above between 2 and 30)",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_says_what_is_in_a_tile_wherever_the_layer_is() {
    let mut app = TestApp::start().await;
    let mut psql = app.database.psql().await;
    let (tile, area) = a_busy_tile(&mut psql).await;
    for is_direct in [false, true] {
        if is_direct {
            app.restart_with(&["--direct", "buildings"]).await;
            app.wait_until_ready().await;
        }
        what_passes_the_filter_is_there(&app, &mut psql, &tile, &area).await;
        chosen_attributes_are_there_and_no_others(&app, &tile).await;
        hidden_features_are_counted_by_the_filter(&app, &mut psql).await;
        what_cannot_be_asked_is_a_400_that_says_why(&app, &tile).await;
    }
    app.end().await;
}

/// A tile of zoom 16, where nothing is hidden, and its box with the buffer in SQL.
async fn a_busy_tile(psql: &mut PgConnection) -> (String, String) {
    let (x, y): (i32, i32) = sqlx::query_as(
        "select floor((st_x(c) + 180) / 360 * 65536)::int as x,
                floor((1 - asinh(tan(radians(st_y(c)))) / pi()) / 2 * 65536)::int as y
         from building, lateral (select st_pointonsurface(geom) as c) m group by 1, 2 order by count(*) desc limit 1",
    )
    .fetch_one(psql)
    .await
    .unwrap();
    let area = format!("st_transform(st_tileenvelope(16, {x}, {y}, margin => 64.0 / 4096), 4326)");
    (format!("16/{x}/{y}"), area)
}

struct Read {
    ids: BTreeSet<u64>,
    keys: BTreeSet<String>,
    merged: i64,
}

async fn read(app: &TestApp, tile: &str, query: &[(&str, &str)]) -> Read {
    let url = format!("{}/tiles/buildings/{tile}", app.base);
    let response = app.client.get(url).query(query).send().await.unwrap();
    assert!(response.status().is_success(), "{query:?}: {}", response.text().await.unwrap());
    let bytes = response.bytes().await.unwrap();
    let mut read = Read { ids: BTreeSet::new(), keys: BTreeSet::new(), merged: 0 };
    for layer in MvtReaderRef::new(&bytes).unwrap().layers() {
        for feature in layer.features() {
            read.ids.extend(feature.id());
            let tags: BTreeMap<&str, _> = feature.properties().map(Result::unwrap).collect();
            if let Some(merged) = tags.get("merged") {
                let digits = format!("{merged:?}");
                let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
                read.merged += digits.parse::<i64>().unwrap();
            }
            read.keys.extend(tags.into_keys().map(str::to_owned));
        }
    }
    read
}

async fn what_passes_the_filter_is_there(
    app: &TestApp,
    psql: &mut PgConnection,
    tile: &str,
    area: &str,
) {
    for (text, json, sql) in filters() {
        let sql = format!(
            "select feature_id from building where st_intersects(geom, {area}) and ({sql})"
        );
        let truth: Vec<i64> = sqlx::query_scalar(&sql).fetch_all(&mut *psql).await.unwrap();
        let truth: BTreeSet<u64> = truth.into_iter().map(|id| u64::try_from(id).unwrap()).collect();
        let by_text = read(app, tile, &[("filter", text)]).await;
        let json = json.to_string();
        let by_json = read(app, tile, &[("filter", &json), ("filter-lang", "cql2-json")]).await;
        assert_eq!(by_text.ids, truth, "{text}");
        assert_eq!(by_json.ids, truth, "{json}");
    }
    let all = read(app, tile, &[]).await.ids;
    assert!(all.len() > 10, "a tile with something to choose from: {all:?}");
}

async fn chosen_attributes_are_there_and_no_others(app: &TestApp, tile: &str) {
    let keys = |read: Read| read.keys.into_iter().collect::<Vec<_>>();
    assert_eq!(
        keys(read(app, tile, &[("properties", "use_kind,name")]).await),
        ["name", "use_kind"]
    );
    assert!(keys(read(app, tile, &[("properties", "")]).await).is_empty());
    assert!(keys(read(app, tile, &[]).await).len() > 4);
}

/// At zoom 12 most of the small city is hidden behind squares: what is drawn and what is counted add up to what passes.
async fn hidden_features_are_counted_by_the_filter(app: &TestApp, psql: &mut PgConnection) {
    let tiles: Vec<(i32, i32)> = sqlx::query_as(
        "select distinct floor((st_x(c) + 180) / 360 * 4096)::int,
                floor((1 - asinh(tan(radians(st_y(c)))) / pi()) / 2 * 4096)::int
         from building, lateral (select st_centroid(geom) as c) m",
    )
    .fetch_all(&mut *psql)
    .await
    .unwrap();
    let (x, y) = tiles[0];
    let tile = format!("12/{x}/{y}");
    let (all, some) =
        (read(app, &tile, &[]).await, read(app, &tile, &[("filter", "floors_above <= 3")]).await);
    let met = |condition: &str| {
        format!(
            "select count(*) from building where geom && st_transform(st_tileenvelope(12, {x}, {y}, margin => 65.0 / 4096), 4326) and {condition}"
        )
    };
    for (read, condition) in [(all, "true"), (some, "floors_above <= 3")] {
        let count: i64 = sqlx::query_scalar(&met(condition)).fetch_one(&mut *psql).await.unwrap();
        let drawn = i64::try_from(read.ids.len()).unwrap() + read.merged;
        // Those at the rim may have nothing left of them in the tile.
        assert!((drawn - count).abs() * 50 <= count, "{condition}: {drawn} of {count}");
    }
}

async fn what_cannot_be_asked_is_a_400_that_says_why(app: &TestApp, tile: &str) {
    let url = format!("{}/tiles/buildings/{tile}", app.base);
    for (key, value, word) in [
        ("filter", "colour = 'red'", "colour"),
        ("filter", "floors_above >", ""),
        ("filter", "floors_above = 'three'", ""),
        ("filter-lang", "ecql", "ecql"),
        ("properties", "name,colour", "colour"),
        ("colour", "red", "colour"),
    ] {
        let response = app.client.get(&url).query(&[(key, value)]).send().await.unwrap();
        assert_eq!(response.status(), 400, "{key}={value}");
        let problem: Value = response.json().await.unwrap();
        for lang in ["zh", "en"] {
            let detail = problem["detail"][lang].as_str().unwrap();
            assert!(!detail.is_empty() && detail.contains(word), "{key}={value}: {problem}");
        }
    }
}
