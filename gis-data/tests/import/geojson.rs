//! GeoJSON in, and in again.

use gis_data::import::{ImportLayer, ImportMode, ImportOutcome, ImportRequest};

use crate::bench::{BOW, Bench, OTHER, SQUARE, collection, polygon, request};

#[tokio::test]
async fn good_rows_go_to_their_layer_and_bad_rows_to_the_problems_with_every_fault() {
    let mut bench = Bench::new().await;
    let few_in_a_bow = format!("{BOW},[[121.6,31.2],[121.6,31.2]]");
    let file = bench.file(
        "town.geojson",
        collection(&[
            polygon("1", r#"{"building":"office","name":"示例办公楼","height":20.5}"#, SQUARE),
            polygon("2", "{}", &few_in_a_bow),
            r#"{"type":"Feature","id":3,"properties":null,"geometry":null}"#.to_owned(),
            r#"{"type":"Feature","id":4,"properties":{},"geometry":{"type":"Point","coordinates":[121.5,31.2]}}"#
                .to_owned(),
            r#"{"type":"Feature","id":5,"properties":{},"geometry":{"type":"Polygon","coordinates":[[[1,"x"],[null]]]}}"#
                .to_owned(),
        ]),
    );
    let report = bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!((report.read, report.inserted, report.rejected), (5, 1, 4));
    assert!(matches!(report.outcome, ImportOutcome::Committed(_)));

    let stored = bench
        .texts(
            "select concat_ws('|', name, use_kind, height_m, st_geometrytype(geom), round(area_m2))
             from building",
        )
        .await;
    assert_eq!(stored, ["示例办公楼|办公|20.5|ST_MultiPolygon|106"]);
    let problems = bench
        .texts(
            "select concat_ws('|', row_no, fault_no, source_ref, code, ring, vertex, lon, lat)
             from import_problem order by row_no, fault_no",
        )
        .await;
    assert_eq!(
        problems,
        [
            "2|1|2|self_intersection|0|0|121.601|31.241",
            "2|2|2|too_few_points|1|121.6|31.2",
            "3|1|3|empty",
            "4|1|4|wrong_type",
            "5|1|5|not_numbers|0|0",
            "5|2|5|not_numbers|0|1",
        ]
    );
    let text = report.to_string();
    assert!(text.contains("读取 5 行") && text.contains("5 rows read"), "{text}");
    assert!(text.contains("121.601, 31.241"), "{text}");
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    let mut bench = Bench::new().await;
    let rows = [polygon("1", "{}", SQUARE), polygon("1", "{}", OTHER), polygon("2", "{}", BOW)];
    let file = bench.file("town.geojson", collection(&rows));
    let first = bench.import(&file, ImportLayer::Parcels).await.unwrap();
    assert_eq!((first.inserted, first.rejected), (2, 1), "two parts of one id are two features");
    let before = bench.everything().await;
    let second = bench.import(&file, ImportLayer::Parcels).await.unwrap();
    assert_eq!((second.inserted, second.updated, second.unchanged), (0, 0, 2));
    assert_eq!(second.outcome, ImportOutcome::NothingNew);
    assert_eq!(bench.everything().await, before);
}

#[tokio::test]
async fn a_changed_row_corrects_its_feature_and_leaves_the_others_alone() {
    let mut bench = Bench::new().await;
    let rows = |name: &str| {
        collection(&[
            polygon("1", &format!(r#"{{"name":"{name}"}}"#), SQUARE),
            polygon("2", "{}", OTHER),
        ])
    };
    let file = bench.file("town.geojson", rows("旧名"));
    bench.import(&file, ImportLayer::Buildings).await.unwrap();
    bench.execute("update building set address = '人民路1号' where name = '旧名'").await;
    let changes = bench.count("select count(*) from feature_change").await;

    bench.file("town.geojson", rows("新名"));
    let report = bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!((report.inserted, report.updated, report.unchanged), (0, 1, 1));
    assert_eq!(
        bench.texts("select name || address from building where name is not null").await,
        ["新名人民路1号"],
        "what the file does not say stays"
    );
    assert_eq!(bench.count("select count(*) from feature").await, 2);
    let all = "select count(*) from feature_change";
    assert_eq!(bench.count(all).await, changes + 1, "only the corrected building has changed");
}

#[tokio::test]
async fn yesterdays_building_is_kept_when_an_import_corrects_it() {
    let mut bench = Bench::new().await;
    let file = bench.file("town.geojson", collection(&[polygon("1", "{}", SQUARE)]));
    bench.import(&file, ImportLayer::Buildings).await.unwrap();
    bench.execute("update building_version set valid = daterange(city_today() - 9, null)").await;
    bench.file("town.geojson", collection(&[polygon("1", "{}", OTHER)]));
    bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!(bench.count("select count(*) from building_version").await, 2);
    assert_eq!(
        bench.count("select count(*) from building where st_x(st_centroid(geom)) > 121.4999").await,
        1
    );
}

#[tokio::test]
async fn a_deleted_building_stays_away_until_its_row_changes() {
    let mut bench = Bench::new().await;
    let file = bench.file("town.geojson", collection(&[polygon("1", "{}", SQUARE)]));
    bench.import(&file, ImportLayer::Buildings).await.unwrap();
    bench.execute("delete from building").await;
    bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!(bench.count("select count(*) from building").await, 0);
    bench.file("town.geojson", collection(&[polygon("1", "{}", OTHER)]));
    bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!(bench.count("select count(*) from building").await, 1);
    assert_eq!(bench.count("select count(*) from feature").await, 1, "the same feature");
}

#[tokio::test]
async fn rows_without_id_are_known_again_after_an_insertion_before_them() {
    let mut bench = Bench::new().await;
    let row = |ring: &str| polygon("null", "{}", ring);
    let file = bench.file("town.geojson", collection(&[row(SQUARE)]));
    bench.import(&file, ImportLayer::Buildings).await.unwrap();
    let first = bench.count("select feature_id from building").await;
    bench.file("town.geojson", collection(&[row(OTHER), row(SQUARE)]));
    let report = bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!((report.inserted, report.updated, report.unchanged), (1, 0, 1));
    let still = format!(
        "select count(*) from building where feature_id = {first} and st_x(st_centroid(geom)) < 121.495"
    );
    assert_eq!(bench.count(&still).await, 1);
}

#[tokio::test]
async fn a_trial_reports_the_same_and_writes_nothing() {
    let mut bench = Bench::new().await;
    let rows = [polygon("1", "{}", SQUARE), polygon("2", "{}", BOW)];
    let file = bench.file("town.geojson", collection(&rows));
    let before = bench.everything().await;
    let trial =
        ImportRequest { mode: ImportMode::DryRun, ..request(&file, ImportLayer::Buildings) };
    let report = bench.import_as(trial).await.unwrap();
    assert_eq!((report.inserted, report.rejected), (1, 1));
    assert_eq!(report.outcome, ImportOutcome::DryRun);
    assert_eq!(bench.everything().await, before);
}

/// The same square in six systems; truth is what PostGIS makes of it with the EPSG database.
#[tokio::test]
async fn declared_systems_land_where_postgis_puts_them() {
    let mut bench = Bench::new().await;
    for code in [4490, 4528, 4549, 3857, 32651] {
        let ring = bench
            .texts(&format!(
                "select st_asgeojson(st_transform(st_setsrid(st_geomfromgeojson(
                    '{{\"type\":\"Polygon\",\"coordinates\":[{SQUARE}]}}'), 4326), {code}), 9)::json
                    -> 'coordinates' ->> 0"
            ))
            .await
            .remove(0);
        let file =
            bench.file(&format!("in{code}.geojson"), collection(&[polygon("1", "{}", &ring)]));
        let declared = ImportRequest {
            crs: Some(format!("EPSG:{code}").parse().unwrap()),
            ..request(&file, ImportLayer::Parcels)
        };
        bench.import_as(declared).await.unwrap();
    }
    let off = bench
        .count(&format!(
            "select count(*) from parcel where st_hausdorffdistance(geom, st_setsrid(st_geomfromgeojson(
                '{{\"type\":\"Polygon\",\"coordinates\":[{SQUARE}]}}'), 4326)) > 1e-8"
        ))
        .await;
    assert_eq!((bench.count("select count(*) from parcel").await, off), (5, 0));
}

#[tokio::test]
async fn the_system_named_in_the_file_is_used() {
    let mut bench = Bench::new().await;
    let belt = "[[514432.148,3351162.269],[514532.148,3351162.269],[514532.148,3351262.269],[514432.148,3351162.269]]";
    let named = collection(&[polygon("1", "{}", belt)]).replacen(
        "\"features\"",
        r#""crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4549"}},"features""#,
        1,
    );
    let file = bench.file("belt.geojson", named);
    let report = bench.import(&file, ImportLayer::Parcels).await.unwrap();
    assert_eq!(report.crs, "EPSG:4549");
    // The reference point of `cs2cs`: 120.15, 30.28.
    let near = "select count(*) from parcel
        where st_distance(geom::geography, st_point(120.15, 30.28)::geography) < 0.01";
    assert_eq!(bench.count(near).await, 1);
}

#[tokio::test]
async fn facilities_are_points_and_areas_become_a_point_inside() {
    let mut bench = Bench::new().await;
    let point = r#"{"type":"Feature","id":1,"properties":{"amenity":"charging_station"},"geometry":{"type":"Point","coordinates":[121.5,31.2,7]}}"#;
    let file = bench.file(
        "f.json",
        collection(&[
            point.to_owned(),
            polygon("2", r#"{"class":"食堂","name":"示例食堂"}"#, SQUARE),
        ]),
    );
    bench.import(&file, ImportLayer::Facilities).await.unwrap();
    let stored = bench
        .texts("select concat_ws('|', name, class, round(st_x(geom)::numeric, 5)) from facility order by st_x(geom)")
        .await;
    assert_eq!(stored, ["示例食堂|食堂|121.49005", "充电桩|充电桩|121.50000"]);
}
