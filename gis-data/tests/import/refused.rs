//! Files that are refused as a whole: one clear error, and the database as it was.

use gis_data::import::{ImportError, ImportLayer, ImportRequest};

use crate::bench::{BOW, Bench, OTHER, SQUARE, collection, polygon, request};

/// Imports, expects the refusal to say each of these in English, and nothing to have changed.
pub(crate) async fn refused(
    bench: &mut Bench,
    request: ImportRequest,
    words: &[&str],
) -> ImportError {
    // Something to be left as it was.
    let first = bench.file("first.geojson", collection(&[polygon("1", "{}", OTHER)]));
    bench.import(&first, ImportLayer::Buildings).await.unwrap();
    let before = bench.everything().await;
    let error = bench.import_as(request).await.expect_err("the file must be refused");
    let text = error.to_string();
    for word in words {
        assert!(text.contains(word), "{word:?} in {text:?}");
    }
    assert!(error.message_zh().chars().any(|c| c > '\u{4e00}'), "{}", error.message_zh());
    assert_eq!(bench.everything().await, before, "{text}");
    error
}

#[tokio::test]
async fn an_empty_file() {
    let mut bench = Bench::new().await;
    let file = bench.file("nothing.geojson", "");
    refused(&mut bench, request(&file, ImportLayer::Buildings), &["nothing.geojson", "empty"])
        .await;
}

#[tokio::test]
async fn a_collection_without_features() {
    let mut bench = Bench::new().await;
    let file = bench.file("none.geojson", collection(&[]));
    refused(&mut bench, request(&file, ImportLayer::Buildings), &["no buildings"]).await;
}

#[tokio::test]
async fn a_missing_file_and_a_file_of_another_kind() {
    let mut bench = Bench::new().await;
    let missing = bench.file("x", "x").with_file_name("missing.geojson");
    refused(&mut bench, request(&missing, ImportLayer::Buildings), &["missing.geojson"]).await;
    let picture = bench.file("picture.png", b"\x89PNG\r\n\x1a\n");
    let words = ["picture.png", "none of these: OSM PBF, GeoJSON, Shapefile, CSV, Excel"];
    refused(&mut bench, request(&picture, ImportLayer::Buildings), &words).await;
}

/// Cut at every place where the content is not yet complete, also between two features.
#[tokio::test]
async fn a_geojson_file_that_is_cut_off() {
    let mut bench = Bench::new().await;
    let whole = collection(&[polygon("7", "{}", SQUARE), polygon("8", "{}", OTHER)]);
    let between = whole.find(",{\"type\":\"Feature\",\"id\":8").unwrap();
    for length in [2, whole.len() / 3, between, between + 1, whole.len() - 2, whole.len() - 1] {
        let file = bench.file("cut.geojson", whole.get(..length).unwrap());
        let error =
            refused(&mut bench, request(&file, ImportLayer::Buildings), &["cut off", "line 1"])
                .await;
        assert!(matches!(error, ImportError::CutOff { .. }), "{length}: {error}");
    }
}

#[tokio::test]
async fn a_geojson_file_that_is_damaged_or_something_else() {
    let mut bench = Bench::new().await;
    let whole = collection(&[polygon("7", "{}", SQUARE)]);
    for (content, words) in [
        (whole.replace("121.4901", "NaN"), "line 1"),
        (format!("{whole}{whole}"), "trailing"),
        (polygon("7", "{}", SQUARE), "FeatureCollection"),
        ("{\"type\":\"FeatureCollection\"}".to_owned(), "features are missing"),
    ] {
        let file = bench.file("bad.geojson", content);
        refused(&mut bench, request(&file, ImportLayer::Buildings), &["damaged", words]).await;
    }
}

#[tokio::test]
async fn a_file_whose_only_polygon_crosses_itself() {
    let mut bench = Bench::new().await;
    let file = bench.file("bow.geojson", collection(&[polygon("5", "{}", BOW)]));
    let words = ["none of the 1 rows", "#1 5", "crosses", "121.601, 31.241"];
    refused(&mut bench, request(&file, ImportLayer::Buildings), &words).await;
}

#[tokio::test]
async fn metres_declared_as_degrees() {
    let mut bench = Bench::new().await;
    let metres = "[[514432,3351162],[514532,3351162],[514532,3351262],[514432,3351162]]";
    let file = bench.file("m.geojson", collection(&[polygon("1", "{}", metres)]));
    let words = ["wrong coordinate system", "EPSG:4326", "514432, 3351162", "look like metres"];
    refused(&mut bench, request(&file, ImportLayer::Parcels), &words).await;
}

#[tokio::test]
async fn degrees_declared_in_each_metric_system() {
    let mut bench = Bench::new().await;
    for code in ["EPSG:4549", "EPSG:4528", "EPSG:4498", "EPSG:4509", "EPSG:3857", "EPSG:32650"] {
        let file = bench.file("d.geojson", collection(&[polygon("1", "{}", SQUARE)]));
        let declared = ImportRequest {
            crs: Some(code.parse().unwrap()),
            ..request(&file, ImportLayer::Parcels)
        };
        let words = ["wrong coordinate system", code, "121.49, 31.24", "look like degrees"];
        refused(&mut bench, declared, &words).await;
    }
}

#[tokio::test]
async fn swapped_latitude_and_longitude() {
    let mut bench = Bench::new().await;
    let ring = "[[31.24,121.49],[31.24,121.4901],[31.2401,121.4901],[31.24,121.49]]";
    let file = bench.file("s.geojson", collection(&[polygon("1", "{}", ring)]));
    refused(&mut bench, request(&file, ImportLayer::Parcels), &["31.24, 121.49", "swapped"]).await;
}

#[tokio::test]
async fn an_old_datum_named_in_the_file() {
    let mut bench = Bench::new().await;
    let named = collection(&[polygon("1", "{}", SQUARE)]).replacen(
        "\"features\"",
        r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4610"}},"features""#,
        1,
    );
    let file = bench.file("xian.geojson", named);
    refused(&mut bench, request(&file, ImportLayer::Parcels), &["EPSG:4610", "Xian 1980", "100 m"])
        .await;
}
