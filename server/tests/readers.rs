//! Every tile is read alike by those who did not write it: the browsers' decoder and GDAL. `fast-mvt`, which wrote it, is the
//! third.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use fast_mvt::{MvtFeatureRef, MvtReaderRef, MvtValueRef};
use serde_json::{Value, json};
use sqlx::PgConnection;
use support::{Database, TestApp, free_port, printed, run};

const LAYERS: [&str; 7] =
    ["green", "water", "roads", "parcels", "buildings", "rooms", "facilities"];
/// GDAL takes a process for each layer of each tile.
const EACH_FOR_GDAL: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_is_read_alike_by_all_decoders() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for (z, x, y) in addresses(&mut app.database.psql().await).await {
        let path = format!("/tiles/{}/{z}/{x}/{y}", LAYERS.join(","));
        let response = app.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        let name = format!("{z}-{x}-{y}.mvt");
        std::fs::write(folder.path().join(&name), response.bytes().await.unwrap()).unwrap();
        names.push((name, (z, x, y)));
    }
    let read = by_browsers(folder.path());
    let (mut layers, mut features, mut by_gdal) = (0, 0, 0);
    for (n, (name, address)) in names.iter().enumerate() {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        let reader = MvtReaderRef::new(&bytes).unwrap();
        assert_eq!(reader.layer_count(), read[name].as_object().unwrap().len(), "{name}");
        for layer in reader.layers() {
            let theirs = &read[name][layer.name()];
            let ids: Vec<u64> = layer.features().filter_map(MvtFeatureRef::id).collect();
            assert_eq!(numbers(&theirs["ids"]), ids, "{name} {}", layer.name());
            assert_eq!(theirs["version"], 2);
            assert_eq!(theirs["extent"], layer.extent());
            let outside = theirs["outside"].as_array().unwrap();
            assert!(outside.is_empty(), "{name} {}: {outside:?}", layer.name());
            assert!(theirs["vertices"].as_u64().unwrap() >= ids.len() as u64);
            if n % EACH_FOR_GDAL == 0 {
                let found = gdal(&folder.path().join(name), layer.name(), *address);
                let ids: BTreeSet<u64> = ids.into_iter().collect();
                assert_eq!(found, ids, "{name} {} by GDAL", layer.name());
                by_gdal += 1;
            }
            layers += 1;
            features += layer.features().count();
        }
    }
    println!("{} tiles, {layers} layers ({by_gdal} by GDAL too), {features} features", names.len());
    assert!(names.len() > 80 && layers > 250 && features > 10_000);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maplibre_tile_says_what_the_mapbox_tile_says() {
    let everything = ["demo", "--city", "small", "--vehicles", "0", "--mlt", &LAYERS.join(",")];
    let app = TestApp::start_on(Database::create().await, &everything).await;
    let folder = tempfile::tempdir().unwrap();
    let mut written = Vec::new();
    for (z, x, y) in addresses(&mut app.database.psql().await).await.into_iter().step_by(4) {
        let path = format!("/tiles/{}/{z}/{x}/{y}", LAYERS.join(","));
        let mvt = app.get(&path).await;
        assert_eq!(mvt.headers()["content-type"], "application/vnd.mapbox-vector-tile");
        let asked = app.client.get(format!("{}{path}", app.base));
        let mlt = asked.header("accept", "application/vnd.maplibre-tile").send().await.unwrap();
        assert_eq!(mlt.headers()["content-type"], "application/vnd.maplibre-tile");
        assert_ne!(mlt.headers()["etag"], mvt.headers()["etag"]);
        let name = format!("{z}-{x}-{y}.mlt");
        std::fs::write(folder.path().join(&name), mlt.bytes().await.unwrap()).unwrap();
        written.push((name, mvt.bytes().await.unwrap()));
    }
    let read = by_browsers(folder.path());
    let (mut features, mut smaller) = (0, 0);
    for (name, mvt) in &written {
        let reader = MvtReaderRef::new(mvt).unwrap();
        for layer in reader.layers() {
            let theirs = &read[name][layer.name()];
            assert_eq!(theirs["extent"], layer.extent(), "{name} {}", layer.name());
            let expected: Vec<Value> = layer.features().map(|f| told(&f)).collect();
            let found = without_vertices(theirs["features"].as_array().unwrap());
            assert_eq!(found, expected, "{name} {}", layer.name());
            features += expected.len();
        }
        let mlt = std::fs::metadata(folder.path().join(name)).unwrap().len();
        smaller += usize::from(mlt < mvt.len() as u64);
    }
    println!("{} tiles, {smaller} of them smaller, {features} features", written.len());
    assert!(features > 3_000 && 10 * smaller > 9 * written.len());
    // Vehicles are not among the layers that are named.
    let address = written[0].0.trim_end_matches(".mlt").replace('-', "/");
    let mixed = format!("{}/tiles/{},vehicles/{address}", app.base, LAYERS.join(","));
    let mixed = app.client.get(mixed).header("accept", "application/vnd.maplibre-tile");
    let mixed = mixed.send().await.unwrap();
    assert_eq!(mixed.headers()["content-type"], "application/vnd.mapbox-vector-tile");
    let (http, mqtt) = (free_port(), free_port());
    let (http, mqtt) = (format!("127.0.0.1:{http}"), format!("127.0.0.1:{mqtt}"));
    let unknown = ["--mlt", "buildings,moats", "--listen", &http, "--mqtt-listen", &mqtt, "serve"];
    let unknown = run(&app.database, &unknown);
    assert!(!unknown.status.success(), "a server with an unknown layer started");
    assert!(printed(&unknown).contains("没有图层“moats”"), "{}", printed(&unknown));
    let style: Value = app.get("/styles/light.json").await.json().await.unwrap();
    assert_eq!(style["sources"]["buildings"]["encoding"], "mlt");
    assert!(style["sources"]["vehicles"]["encoding"].is_null());
    app.end().await;
}

#[expect(clippy::cast_precision_loss, reason = "as JavaScript holds it")]
fn whole(number: i64) -> f64 {
    number as f64
}

/// A feature as `read-tiles.mjs` tells of it.
fn told(feature: &MvtFeatureRef<'_>) -> Value {
    let mut properties: Vec<(String, Value)> = feature
        .properties()
        .map(|property| {
            let (name, value) = property.unwrap();
            let value = match value {
                MvtValueRef::String(text) => text.into(),
                MvtValueRef::Int(n) | MvtValueRef::SInt(n) => whole(n).into(),
                MvtValueRef::Double(n) => n.into(),
                other => panic!("{name}: no tile has a value like {other:?}"),
            };
            (name.to_owned(), value)
        })
        .collect();
    properties.sort_by(|one, other| one.0.cmp(&other.0));
    json!({ "id": feature.id().unwrap_or(0), "properties": properties })
}

/// Each has some. JavaScript does not say which numbers are whole.
fn without_vertices(features: &[Value]) -> Vec<Value> {
    let number = |value: &Value| value.as_f64().map_or_else(|| value.clone(), Value::from);
    let one = |feature: &Value| {
        assert!(feature["vertices"].as_u64().unwrap() > 0, "{feature}");
        let properties = feature["properties"].as_array().unwrap().iter();
        let properties: Vec<Value> = properties.map(|p| json!([p[0], number(&p[1])])).collect();
        json!({ "id": feature["id"], "properties": properties })
    };
    features.iter().map(one).collect()
}

/// Tiles over features drawn by lot, at every zoom.
async fn addresses(psql: &mut PgConnection) -> Vec<(i32, i32, i32)> {
    sqlx::query_as(
        "select distinct z, floor((st_x(c) + 180) / 360 * (1 << z))::int,
                floor((1 - asinh(tan(radians(st_y(c)))) / pi()) / 2 * (1 << z))::int
         from (select st_centroid(geom) as c from building union all select st_centroid(geom) from parcel
               union all select st_centroid(geom) from room order by 1 limit 3000) m, generate_series(8, 18) z
         where abs(hashtext(st_astext(c) || z)) % 40 = 0 or z < 11",
    )
    .fetch_all(psql)
    .await
    .unwrap()
}

fn by_browsers(folder: &Path) -> Value {
    let web_map = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web-map");
    let output = Command::new("node")
        .arg(web_map.join("e2e/read-tiles.mjs"))
        .arg(folder)
        .output()
        .expect("node, which `.ci/setup test` installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
}

fn gdal(file: &Path, layer: &str, (z, x, y): (i32, i32, i32)) -> BTreeSet<u64> {
    let output = Command::new("ogr2ogr")
        .args(["-f", "GeoJSON", "/vsistdout/"])
        .arg(file)
        .arg(layer)
        .args(["-a_srs", "EPSG:3857", "-oo", "CLIP=NO"])
        .args(["-oo", &format!("X={x}"), "-oo", &format!("Y={y}"), "-oo", &format!("Z={z}")])
        .output()
        .expect("ogr2ogr, which `.ci/setup test` installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let features = json["features"].as_array().unwrap().clone();
    features.iter().filter_map(|f| f["properties"]["mvt_id"].as_u64()).collect()
}
