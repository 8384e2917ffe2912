//! Tiles over HTTP, read by an independent decoder: GDAL's MVT driver.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::f64::consts::PI;
use std::process::Command;

use serde_json::Value;
use sqlx::Row as _;
use support::TestApp;

/// The tile as `GeoJSON` in Web Mercator, by `ogr2ogr`; `mvt_id` is the feature id.
fn decoded(bytes: &[u8], layer: &str, (z, x, y): (u8, u32, u32)) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tile.mvt");
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("ogr2ogr")
        .args(["-f", "GeoJSON", "/vsistdout/"])
        .arg(&path)
        .arg(layer)
        .args(["-a_srs", "EPSG:3857", "-lco", "COORDINATE_PRECISION=3"])
        .args([
            "-oo",
            &format!("X={x}"),
            "-oo",
            &format!("Y={y}"),
            "-oo",
            &format!("Z={z}"),
            "-oo",
            "CLIP=NO",
        ])
        .output()
        .expect("ogr2ogr, which `.ci/setup test` installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_hold_what_the_database_holds() {
    let app = TestApp::start().await;
    every_tile_of_a_building_decodes_to_it_with_its_area(&app).await;
    a_tile_outside_the_earth_is_a_404_that_says_so(&app).await;
    a_tile_outside_the_zooms_of_every_layer_is_a_404_that_says_so(&app).await;
    an_empty_tile_is_a_204(&app).await;
    an_unchanged_tile_is_a_304(&app).await;
    tilejson_and_style_name_the_layers(&app).await;
    app.end().await;
}

async fn every_tile_of_a_building_decodes_to_it_with_its_area(app: &TestApp) {
    let mut psql = app.database.psql().await;
    let rows = sqlx::query(
        "select b.feature_id, st_area(st_transform(b.geom::geometry, 3857)) as area,
                array_agg(format('%s/%s', tx, ty)) as tiles
         from ((select * from building order by st_area(geom), feature_id limit 20)
               union (select * from building order by md5(feature_id::text), feature_id limit 20)) b,
              lateral (select st_transform(b.geom::geometry, 3857) as g) m,
              lateral generate_series(floor((st_xmin(g) + 20037508.342789244) / 611.49622628141)::int,
                                      floor((st_xmax(g) + 20037508.342789244) / 611.49622628141)::int) tx,
              lateral generate_series(floor((20037508.342789244 - st_ymax(g)) / 611.49622628141)::int,
                                      floor((20037508.342789244 - st_ymin(g)) / 611.49622628141)::int) ty
         where st_intersects(g, st_tileenvelope(16, tx, ty))
         group by b.feature_id, b.geom",
    )
    .fetch_all(&mut psql)
    .await
    .unwrap();
    assert!(rows.len() > 30, "the smallest and some others");
    let buildings = rows.len();
    let (mut across_an_edge, mut worst) = (0, 0.0_f64);
    for row in rows {
        let (id, area): (i64, f64) = (row.get("feature_id"), row.get("area"));
        let tiles: Vec<String> = row.get("tiles");
        across_an_edge += usize::from(tiles.len() > 1);
        let mut decoded_area = 0.0;
        for tile in &tiles {
            let (x, y) = tile
                .split_once('/')
                .map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap()))
                .unwrap();
            let response = app.get(&format!("/tiles/buildings/16/{x}/{y}")).await;
            assert_eq!(response.status(), 200, "tile 16/{tile} covers building {id}");
            let json = decoded(&response.bytes().await.unwrap(), "buildings", (16, x, y));
            let found = json["features"]
                .as_array()
                .unwrap()
                .iter()
                .find(|f| f["properties"]["mvt_id"] == id);
            let geometry = found
                .unwrap_or_else(|| panic!("building {id} is not in tile 16/{tile}"))["geometry"]
                .to_string();
            let (inside, is_valid): (f64, bool) = sqlx::query_as(
                "select st_area(st_intersection(st_makevalid(g), st_tileenvelope(16, $2, $3))), st_isvalid(g)
                 from (select st_setsrid(st_geomfromgeojson($1), 3857) as g) t",
            )
            .bind(geometry)
            .bind(i32::try_from(x).unwrap())
            .bind(i32::try_from(y).unwrap())
            .fetch_one(&mut psql)
            .await
            .unwrap();
            assert!(is_valid, "building {id} in tile 16/{tile} is no valid polygon");
            decoded_area += inside;
        }
        worst = worst.max((decoded_area - area).abs() / area);
        assert!(worst < 0.01, "building {id}: {decoded_area} m² decoded, {area} m² stored");
    }
    println!(
        "{buildings} buildings decoded, {across_an_edge} across a tile edge, the worst off by {:.2} %",
        100.0 * worst
    );
}

async fn a_tile_outside_the_earth_is_a_404_that_says_so(app: &TestApp) {
    for path in ["/tiles/buildings/14/16384/0", "/tiles/buildings/0/0/1", "/tiles/buildings/23/0/0"]
    {
        let response = app.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem: Value = response.json().await.unwrap();
        assert_eq!(problem["code"], "tile-outside-earth", "{path}");
        assert!(problem["detail"]["zh"].as_str().unwrap().contains("超出地球范围"));
    }
}

async fn a_tile_outside_the_zooms_of_every_layer_is_a_404_that_says_so(app: &TestApp) {
    let response = app.get("/tiles/buildings,rooms/3/6/3").await;
    assert_eq!(response.status(), 404);
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["code"], "tile-outside-zooms");
    assert!(problem["detail"]["zh"].as_str().unwrap().contains("buildings"));
    // One of the layers has this zoom: then there is a tile, here an empty one.
    assert_eq!(app.get("/tiles/roads,rooms/7/0/0").await.status(), 204);
}

async fn an_empty_tile_is_a_204(app: &TestApp) {
    let response = app.get("/tiles/buildings/14/0/0").await;
    assert_eq!(response.status(), 204);
    assert!(response.bytes().await.unwrap().is_empty());
}

async fn an_unchanged_tile_is_a_304(app: &TestApp) {
    let bounds = app.json("/tiles/roads.json").await["bounds"].clone();
    let (lon, lat) = (
        f64::midpoint(bounds[0].as_f64().unwrap(), bounds[2].as_f64().unwrap()),
        f64::midpoint(bounds[1].as_f64().unwrap(), bounds[3].as_f64().unwrap()),
    );
    let (x, y) = tile_at(13, lon, lat);
    let url = format!("{}/tiles/roads/13/{x}/{y}", app.base);
    let first = app.client.get(&url).send().await.unwrap();
    assert_eq!(first.status(), 200);
    let again = app
        .client
        .get(&url)
        .header("if-none-match", &first.headers()["etag"])
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 304);
    // Compressed it is the same tile under another tag, and says what it depends on.
    let ask = async |coding: &str| {
        let asked = app.client.get(&url).header("accept-encoding", coding);
        let answer = asked.send().await.unwrap();
        let header =
            |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        let told = (header("content-encoding"), header("etag").unwrap(), header("vary").unwrap());
        (told, answer.bytes().await.unwrap())
    };
    let ((plain_coding, plain_tag, vary), plain) = ask("identity").await;
    let ((coding, tag, _), packed) = ask("zstd").await;
    assert_eq!((plain_coding, coding.as_deref()), (None, Some("zstd")));
    assert!(plain_tag != tag && vary.contains("accept-encoding") && vary.contains("cookie"));
    // RFC 8878, 3.1.1: how such a frame begins.
    assert!(packed.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) && packed.len() < plain.len());
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the earth")]
fn tile_at(z: u8, lon: f64, lat: f64) -> (u32, u32) {
    let n = f64::from(1_u32 << z);
    let y = (1.0 - lat.to_radians().tan().asinh() / PI) / 2.0;
    (((lon + 180.0) / 360.0 * n) as u32, (y * n) as u32)
}

async fn tilejson_and_style_name_the_layers(app: &TestApp) {
    let document = app.json("/tiles/buildings,rooms.json").await;
    assert_eq!(document["tilejson"], "3.0.0");
    let ids: Vec<&str> = document["vector_layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["buildings", "rooms"]);
    for theme in ["light", "dark", "wall"] {
        let style = app.json(&format!("/styles/{theme}.json?lang=zh")).await;
        assert_eq!(style["version"], 8);
        for source in
            ["buildings", "floors", "rooms", "parcels", "facilities", "roads", "water", "green"]
        {
            let tiles = style["sources"][source]["tiles"][0].as_str().unwrap();
            assert!(tiles.starts_with(&app.base), "{theme} {source}: {tiles} is on our own host");
        }
    }
    assert_eq!(app.get("/styles/neon.json").await.status(), 404);
}
