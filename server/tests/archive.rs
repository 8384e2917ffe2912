//! Layers exported to archives, read by GDAL, by SQL and by the product itself, and archives served as base maps.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and says what it measured"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use fast_mvt::MvtReaderRef;
use flate2::read::GzDecoder;
use geo_types::{Geometry, LineString};
use gis_data::{
    FeatureId, GeometryType, Layer, OwnedFeature, ScopeId, Snapshot, Text2, Value as Attribute,
    Viewer,
};
use reqwest::header::HeaderMap;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use support::{Database, ONEMAP, Person, TestApp, free_port, printed, run};
use tiles::{About, Base, Existing, Held, Order, Source, TileCoord};
use time::OffsetDateTime;

/// What is exported: polygons, lines and points, with and without an organisation.
const LAYERS: &str = "water,roads,parcels,buildings,rooms,facilities";
/// The last zoom that is exported.
const DEEPEST: u8 = 17;
/// The account `county` of the demo sees this organisation and what is under it.
const COUNTY: &str = "U0151";

#[tokio::test(flavor = "multi_thread")]
async fn layers_leave_as_archives_and_archives_come_in_as_base_maps() {
    let dir = tempfile::tempdir().unwrap();
    let (photo, streets) = bases(dir.path());
    let named = |name: &str, file: &Path| format!("{name}={}", file.display());
    let bases = [named("photo", &photo), named("streets-2026", &streets)].join(",");
    let arguments = ["demo", "--city", "small", "--vehicles", "0", "--base", &bases];
    let app = TestApp::start_on(Database::create().await, &arguments).await;
    base_maps_come_back_byte_for_byte(&app, &photo, &streets).await;
    the_style_has_base_maps_under_its_layers(&app).await;
    every_tile_of_an_archive_is_the_one_that_its_viewer_gets(&app, dir.path()).await;
    the_archive_of_a_county_holds_nothing_of_another(&app, dir.path()).await;
    gdal_reads_what_the_database_holds(&app, dir.path()).await;
    whoever_may_not_export_gets_nothing(&app, dir.path()).await;
    an_interrupted_export_leaves_no_file(&app);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_map_that_is_broken_ends_the_start() {
    let database = Database::create().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("half.pmtiles");
    fs::write(&file, b"PMTiles\x03 and no more").unwrap();
    let (listen, mqtt) = (free_port(), free_port());
    for (base, told) in [
        (format!("half={}", file.display()), "open the base map half"),
        ("gone=/nowhere/gone.mbtiles".to_owned(), "open the base map gone"),
        (format!("a={0},a={0}", file.display()), "open the base map a"),
        ("Half=x.pmtiles".to_owned(), "NAME=FILE"),
    ] {
        let output = run(
            &database,
            &[
                "serve",
                "--base",
                &base,
                "--listen",
                &format!("127.0.0.1:{listen}"),
                "--mqtt-listen",
                &format!("127.0.0.1:{mqtt}"),
            ],
        );
        assert!(!output.status.success(), "{base}");
        assert!(printed(&output).contains(told), "{base}: {}", printed(&output));
    }
    database.drop().await;
}

/// A street in nobody's layer.
struct Street(Layer);

impl Source for Street {
    fn layer(&self) -> &Layer {
        &self.0
    }

    fn version(&self, _coord: TileCoord) -> u64 {
        1
    }

    fn held(&self) -> Held<'_> {
        let along = LineString::from(vec![(105.0, 36.0), (105.2, 36.1)]);
        let street = OwnedFeature::new(
            FeatureId(1),
            ScopeId(1),
            &Geometry::from(along),
            vec![Attribute::Text(Arc::from("东街"))],
        );
        Held::Memory(Arc::new(Snapshot::of(vec![street.unwrap()], 16, 1)))
    }
}

/// Pictures in MBTiles, with the plain table that others write, and streets in PMTiles.
fn bases(dir: &Path) -> (PathBuf, PathBuf) {
    let (photo, streets) = (dir.join("photo.mbtiles"), dir.join("streets.pmtiles"));
    let sqlite = Connection::open(&photo).unwrap();
    sqlite
        .execute_batch(
            "create table metadata (name text, value text);
             insert into metadata values ('name', '航拍 2026'), ('format', 'jpg'), ('bounds', '105,35,106,37'),
                                         ('attribution', '© <b>测绘院</b>');
             create table tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob);",
        )
        .unwrap();
    for row in 0..4 {
        let picture: Vec<u8> = [0xff, 0xd8, 0xff].into_iter().chain([row; 500]).collect();
        sqlite.execute("insert into tiles values (2, 3, ?1, ?2)", params![row, picture]).unwrap();
    }
    let layer = Layer {
        layer_id: "streets".to_owned(),
        relation: "streets".to_owned(),
        geometry_column: "geom".to_owned(),
        geometry: GeometryType::Line,
        title: Text2::new("街道", "Streets"),
        group_id: "base".to_owned(),
        attributes: Vec::new(),
        min_zoom: 3,
        max_zoom: 9,
        ordinal: 0,
        style: json!({}),
        version: 1,
        updated_at: OffsetDateTime::UNIX_EPOCH,
    };
    let order = Order {
        sources: &[&Street(layer)],
        viewer: &Viewer::program(),
        area: None,
        zooms: None,
        most_tiles: 1_000,
        existing: Existing::Refuse,
        about: About { name: "街道", notice: None, data_at: "2026-01-01T00:00:00Z" },
    };
    tiles::export(&order, &streets, &AtomicBool::new(false), &mut |_| {}).unwrap();
    (photo, streets)
}

/// What came over the wire, with nothing unpacked: status, content coding, headers, body.
async fn raw(
    app: &TestApp,
    person: &Person,
    (path, (name, value)): (&str, (&str, &str)),
) -> (u16, Option<String>, HeaderMap, Vec<u8>) {
    let client = reqwest::Client::builder().no_gzip().build().unwrap();
    let request = client.get(format!("{}{path}", app.base)).header("cookie", &person.cookie);
    let response = request.header(name, value).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let coding = headers.get("content-encoding").map(|v| v.to_str().unwrap().to_owned());
    (status, coding, headers, response.bytes().await.unwrap().to_vec())
}

async fn base_maps_come_back_byte_for_byte(app: &TestApp, photo: &Path, streets: &Path) {
    let person = app.sign_in("county").await;
    let sqlite = Connection::open(photo).unwrap();
    for y in 0..4_u32 {
        let stored: Vec<u8> = sqlite
            .query_row("select tile_data from tiles where tile_row = ?1", [3 - y], |row| row.get(0))
            .unwrap();
        let path = format!("/base/photo/2/3/{y}");
        let (status, coding, headers, body) =
            raw(app, &person, (&path, ("accept-encoding", "gzip, zstd"))).await;
        assert_eq!((status, coding), (200, None));
        assert_eq!(headers["content-type"], "image/jpeg");
        assert!(body == stored, "{path}");
        let tag = headers["etag"].to_str().unwrap();
        let (status, _, _, body) = raw(app, &person, (&path, ("if-none-match", tag))).await;
        assert_eq!((status, body.len()), (304, 0));
    }
    // The file as the specification has it, by a reader of its own: the first tile of a clustered archive.
    let bytes = fs::read(streets).unwrap();
    let number = |at: usize| {
        usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap()
    };
    let (status, coding, headers, body) =
        raw(app, &person, ("/base/streets-2026/3/6/3", ("accept-encoding", "gzip"))).await;
    assert_eq!((status, coding.as_deref()), (200, Some("gzip")));
    assert_eq!(headers["content-type"], "application/vnd.mapbox-vector-tile");
    assert!(bytes[number(56)..].starts_with(&body) && body.len() > 40);
    let (status, coding, _, unpacked) =
        raw(app, &person, ("/base/streets-2026/3/6/3", ("accept-encoding", "identity"))).await;
    assert_eq!((status, coding), (200, None));
    assert_eq!(unpacked, plain(&body));
    let layer_names: Vec<String> =
        MvtReaderRef::new(&unpacked).unwrap().layers().map(|l| l.name().to_owned()).collect();
    assert_eq!(layer_names, ["streets"]);

    assert_eq!(app.get("/base/photo/2/0/0").await.status(), 204);
    assert_eq!(app.get("/base/photo/9/0/0").await.status(), 204);
    for path in ["/base/none/0/0/0", "/base/photo/2/4/0", "/base/photo/255/0/0", "/base/photo"] {
        assert_eq!(app.get(path).await.status(), 404, "{path}");
    }
    let nobody = reqwest::get(format!("{}/base/photo/2/3/0", app.base)).await.unwrap();
    assert_eq!(nobody.status(), 401);
    let document = app.json("/base/photo.json").await;
    assert_eq!(document["name"], "航拍 2026");
    assert_eq!(document["attribution"], "© 测绘院");
    assert_eq!(document["bounds"], json!([105.0, 35.0, 106.0, 37.0]));
    assert_eq!(document["tiles"], json!([format!("{}/base/photo/{{z}}/{{x}}/{{y}}", app.base)]));
    let document = app.json("/base/streets-2026.json").await;
    assert_eq!(document["vector_layers"][0]["id"], "streets");
}

async fn the_style_has_base_maps_under_its_layers(app: &TestApp) {
    let style = app.json("/styles/dark.json").await;
    let told = &style["metadata"]["onemap:bases"];
    assert_eq!(
        told[0],
        json!({"id": "base.photo", "title": "航拍 2026", "attribution": "© 测绘院"})
    );
    assert_eq!(told[1]["id"], "base.streets-2026");
    assert_eq!(style["sources"]["base.photo"]["type"], "raster");
    assert_eq!(style["sources"]["base.streets-2026"]["type"], "vector");
    let layers = style["layers"].as_array().unwrap();
    let ids: Vec<&str> = layers.iter().map(|l| l["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids[..5],
        [
            "background",
            "base.photo-raster",
            "base.streets-2026-streets-fill",
            "base.streets-2026-streets-line",
            "base.streets-2026-streets-circle"
        ]
    );
    assert!(!ids[5].starts_with("base."), "our layers lie above");
    assert_eq!(layers[1]["layout"]["visibility"], "visible");
    assert_eq!(layers[2]["layout"]["visibility"], "none");
}

fn plain(gzip: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(gzip).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Exports for an account; answers what the command printed.
fn exported(app: &TestApp, file: &Path, login: &str) -> String {
    let zooms = format!("0-{DEEPEST}");
    let file = file.to_str().unwrap();
    let output =
        run(&app.database, &["export", file, "--layers", LAYERS, "--zooms", &zooms, "--as", login]);
    assert!(output.status.success(), "{}", printed(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Addresses with their tiles, as MBTiles has them.
fn rows(file: &Path) -> Vec<(TileCoord, Vec<u8>)> {
    let sqlite = Connection::open(file).unwrap();
    let mut statement = sqlite
        .prepare("select zoom_level, tile_column, (1 << zoom_level) - 1 - tile_row, tile_data from tiles")
        .unwrap();
    statement
        .query_map((), |row| {
            let coord = TileCoord::new_checked(row.get(0)?, row.get(1)?, row.get(2)?).unwrap();
            Ok((coord, row.get(3)?))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

async fn every_tile_of_an_archive_is_the_one_that_its_viewer_gets(app: &TestApp, dir: &Path) {
    for login in ["supervisor", "county"] {
        let person = app.sign_in(login).await;
        let (one, other) =
            (dir.join(format!("{login}.mbtiles")), dir.join(format!("{login}.pmtiles")));
        let (told, told_too) = (exported(app, &one, login), exported(app, &other, login));
        let tiles = rows(&one);
        assert!(tiles.len() > 200, "{login} sees {} tiles", tiles.len());
        for line in [&told, &told_too] {
            assert!(line.contains(&format!(": {} tiles, ", tiles.len())), "{line}");
        }
        let base = Base::open("again", &other).unwrap();
        assert_eq!((base.title(), base.attribution()), (login, "示例数据（虚构）"));
        for (coord, gzip) in &tiles {
            let path = format!("/tiles/{LAYERS}/{coord}");
            let response = person.client.get(format!("{}{path}", app.base)).send().await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
            assert!(response.bytes().await.unwrap() == plain(gzip), "{path} for {login}");
            let stored = base.tile(*coord, Some("gzip")).unwrap();
            assert!(stored.unwrap().bytes == *gzip, "{path} in PMTiles");
        }
        println!("{login}: {told}");
    }
}

fn ids(tiles: &[(TileCoord, Vec<u8>)]) -> BTreeSet<i64> {
    let mut found = BTreeSet::new();
    for (_, gzip) in tiles {
        let bytes = plain(gzip);
        let reader = MvtReaderRef::new(&bytes).unwrap();
        for layer in reader.layers() {
            found.extend(layer.features().filter_map(|f| i64::try_from(f.id()?).ok()));
        }
    }
    found
}

async fn the_archive_of_a_county_holds_nothing_of_another(app: &TestApp, dir: &Path) {
    // As the rules of granting say it, and not as the program does.
    let foreign: Vec<i64> = sqlx::query_scalar(
        "with mine as (
             select o.org_id from org o, org top where top.code = $1
               and starts_with(o.path::text || '.', top.path::text || '.'))
         select f.feature_id from feature f join scope s using (scope_id)
         where not (s.clearance <= 1 and (
             exists (select from mine m where m.org_id = any(s.managing_orgs || s.using_orgs))
             or s.clearance = 0 and cardinality(s.managing_orgs || s.using_orgs) = 0))",
    )
    .bind(COUNTY)
    .fetch_all(&mut app.database.psql().await)
    .await
    .unwrap();
    let foreign: BTreeSet<i64> = foreign.into_iter().collect();
    let county = ids(&rows(&dir.join("county.mbtiles")));
    let city = ids(&rows(&dir.join("supervisor.mbtiles")));
    let astray: Vec<&i64> = county.intersection(&foreign).collect();
    assert!(astray.is_empty(), "{astray:?}");
    assert!(city.intersection(&foreign).count() > 100, "who sees the city has them");
    assert!(county.len() > 100 && county.is_subset(&city), "{}", county.len());
}

async fn gdal_reads_what_the_database_holds(app: &TestApp, dir: &Path) {
    let zoom = format!("ZOOM_LEVEL={DEEPEST}");
    let output = Command::new("ogr2ogr")
        .args(["-f", "GeoJSON", "/vsistdout/"])
        .arg(dir.join("supervisor.mbtiles"))
        .args(["buildings", "-oo", &zoom, "-select", "code"])
        .output()
        .expect("ogr2ogr, which `.ci/setup test` installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let features = json["features"].as_array().unwrap();
    let read: BTreeSet<&str> =
        features.iter().map(|f| f["properties"]["code"].as_str().unwrap()).collect();
    let stored: Vec<String> = sqlx::query_scalar("select code from layer_buildings")
        .fetch_all(&mut app.database.psql().await)
        .await
        .unwrap();
    assert!(stored.len() > 500, "{} buildings", stored.len());
    assert_eq!(read, stored.iter().map(String::as_str).collect());
    let output =
        Command::new("ogrinfo").arg(dir.join("supervisor.mbtiles")).output().expect("ogrinfo");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    for layer in LAYERS.split(',') {
        assert!(told.lines().any(|line| line.ends_with(&format!(": {layer}"))), "{told}");
    }
}

async fn whoever_may_not_export_gets_nothing(app: &TestApp, dir: &Path) {
    let file = dir.join("none.pmtiles");
    let there = dir.join("county.pmtiles");
    let before = fs::read(&there).unwrap();
    let path = file.to_str().unwrap();
    for (arguments, told) in [
        (vec![path, "--layers", "roads"], "<--as <LOGIN>|--everything>"),
        (vec![path, "--layers", "roads", "--as", "county", "--everything"], "cannot be used with"),
        (vec![path, "--layers", "roads", "--as", "nobody"], "nobody"),
        (vec![path, "--layers", "roads", "--as", "auditor"], "may not export"),
        (vec![path, "--layers", "vehicles", "--everything"], "no layer is named \"vehicles\""),
        (vec![path, "--layers", "roads", "--everything", "--most-tiles", "3"], "--most-tiles"),
        (vec![there.to_str().unwrap(), "--layers", "roads", "--everything"], "--force"),
    ] {
        let output = run(&app.database, &[&["export"], &arguments[..]].concat());
        assert!(!output.status.success(), "{arguments:?}");
        assert!(printed(&output).contains(told), "{arguments:?}: {}", printed(&output));
    }
    assert!(!file.exists() && fs::read(&there).unwrap() == before);
    let output = run(
        &app.database,
        &["export", there.to_str().unwrap(), "--layers", "roads", "--everything", "--force"],
    );
    assert!(output.status.success(), "{}", printed(&output));
    assert!(fs::read(&there).unwrap() != before);
    assert!(Base::open("again", &there).is_ok());
    let auditor = app.sign_in("auditor").await;
    let url = format!("{}/api/v1/audit?action=tiles-exported", app.base);
    let log: Value = auditor.client.get(url).send().await.unwrap().json().await.unwrap();
    let outcomes: Vec<&str> =
        log["items"].as_array().unwrap().iter().map(|e| e["outcome"].as_str().unwrap()).collect();
    // Newest first: the last one, the two that began and failed, and the four that were compared.
    assert_eq!(outcomes, ["ok", "failed", "ok", "failed", "ok", "ok", "ok", "ok", "ok"], "{log}");
    let newest = &log["items"][0];
    assert_eq!((&newest["actor"], &newest["target"]), (&json!("command-line"), &json!(there)));
    assert_eq!(newest["detail"]["everything"], true);
}

fn an_interrupted_export_leaves_no_file(app: &TestApp) {
    for kind in ["pmtiles", "mbtiles"] {
        let dir = tempfile::tempdir().unwrap();
        let begun = || fs::read_dir(dir.path()).unwrap().count() > 0;
        let mut child = Command::new(ONEMAP)
            .args(["export", "--layers", LAYERS, "--everything", "--zooms", "6-22"])
            .arg(dir.path().join(format!("city.{kind}")))
            .env("DATABASE_URL", &app.database.url)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while !begun() {
            assert!(Instant::now() < deadline, "the export did not begin within 30 s");
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_millis(300));
        assert!(child.try_wait().unwrap().is_none(), "it is still at it");
        let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(!child.wait().unwrap().success());
        assert!(!begun(), "{kind}: {:?}", fs::read_dir(dir.path()).unwrap().next());
    }
}
