//! Coordinate systems as files write them out, and what happens where they are not accepted or contradicted.

use std::path::PathBuf;
use std::process::Command;

use gis_data::crs::Crs;
use gis_data::import::{ImportError, ImportLayer, ImportRequest, Note};

use crate::bench::{Bench, collection, polygon, request};
use crate::formats::ogr2ogr;
use crate::refused::refused;

/// In the belt of EPSG:4549, near 120.15, 30.28.
const IN_METRES: &str =
    "[[514432,3351162],[514532,3351162],[514532,3351262],[514432,3351262],[514432,3351162]]";

/// Every accepted system of China as the database of EPSG has it, without its code and as ESRI writes it.
#[tokio::test]
async fn every_definition_of_cgcs2000_is_known_by_what_it_is_made_of() {
    let mut bench = Bench::new().await;
    let rows = bench
        .texts(
            "select srid || ' ' || srtext from spatial_ref_sys
             where srid = 4490 or srid between 4491 and 4554 or srid in (4326, 3857, 32650, 32750) order by srid",
        )
        .await;
    assert_eq!(rows.len(), 69);
    for row in rows {
        let (srid, wkt) = row.split_once(' ').unwrap();
        let code = format!("EPSG:{srid}");
        assert_eq!(Crs::from_wkt(wkt).unwrap().code(), code);
        let uncoded = wkt.replace("AUTHORITY[\"EPSG\"", "AUTHORITY[\"NONE\"");
        assert_eq!(Crs::from_wkt(&uncoded).unwrap().code(), code, "{uncoded}");
    }
    for code in
        ["4490", "4491", "4501", "4502", "4512", "4513", "4533", "4534", "4549", "4554", "3857"]
    {
        for dialect in ["wkt_esri", "wkt2_2018", "wkt1"] {
            let output = Command::new("gdalsrsinfo")
                .args(["-o", dialect, &format!("EPSG:{code}")])
                .output()
                .expect("gdalsrsinfo, which `.ci/setup test` installs");
            let wkt = String::from_utf8(output.stdout).unwrap();
            let wkt = wkt.replace("\"EPSG\"", "\"NONE\"");
            let known = Crs::from_wkt(&wkt).unwrap_or_else(|e| panic!("{e}: {wkt}"));
            assert_eq!(known.code(), format!("EPSG:{code}"), "{dialect}: {wkt}");
        }
    }
}

fn metric(bench: &Bench) -> PathBuf {
    bench.file("metric.geojson", collection(&[polygon("1", r#"{"code":"1"}"#, IN_METRES)]))
}

#[tokio::test]
async fn the_old_datums_are_refused_in_every_format_and_the_way_out_is_told() {
    let mut bench = Bench::new().await;
    let from = metric(&bench);
    for (extension, format) in [("shp", "ESRI Shapefile"), ("gpkg", "GPKG"), ("fgb", "FlatGeobuf")]
    {
        for (code, datum) in [("EPSG:2437", "Beijing 1954"), ("EPSG:2385", "Xian 1980")] {
            let to = format!("{}.{extension}", datum.replace(' ', ""));
            let file = ogr2ogr(&from, &to, &["-f", format, "-a_srs", code]);
            let error = refused(
                &mut bench,
                request(&file, ImportLayer::Parcels),
                &[datum, "100 m", "--crs"],
            )
            .await;
            assert!(matches!(error, ImportError::FileCrs(_)), "{error}");
            assert!(error.message_zh().contains("--crs"), "{}", error.message_zh());
        }
    }
}

#[tokio::test]
async fn a_system_that_contradicts_the_file_is_used_and_told() {
    let bench = Bench::new().await;
    let from = metric(&bench);
    for (to, arguments, told) in [
        ("a.shp", &["-f", "ESRI Shapefile", "-a_srs", "EPSG:2437"][..], "Beijing"),
        ("b.gpkg", &["-f", "GPKG", "-a_srs", "EPSG:4548"], "EPSG:4548"),
        ("c.fgb", &["-f", "FlatGeobuf", "-a_srs", "EPSG:4490"], "EPSG:4490"),
    ] {
        let file = ogr2ogr(&from, to, arguments);
        let declared = ImportRequest {
            crs: Some("EPSG:4549".parse().unwrap()),
            ..request(&file, ImportLayer::Parcels)
        };
        let report = bench.import_as(declared).await.unwrap();
        assert_eq!((report.inserted, report.crs.as_str()), (1, "EPSG:4549"), "{report}");
        let [Note::OtherCrs { file, used }] = report.notes.as_slice() else { panic!("{report}") };
        assert!(file.contains(told) && used == "EPSG:4549", "{report}");
        let text = report.to_string();
        assert!(text.contains("已按 --crs 指定的 EPSG:4549 读取"), "{text}");
    }
}

#[tokio::test]
async fn a_file_that_says_no_system_is_not_guessed_at() {
    let mut bench = Bench::new().await;
    let from = metric(&bench);
    let shp = ogr2ogr(&from, "silent.shp", &["-f", "ESRI Shapefile"]);
    std::fs::remove_file(shp.with_extension("prj")).unwrap();
    let words = ["Shapefile", "does not say", "--crs EPSG:4490"];
    refused(&mut bench, request(&shp, ImportLayer::Parcels), &words).await;
    let local = shp.with_extension("prj");
    let belt = r#"PROJCS["某市独立坐标系",GEOGCS["GCS",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],PARAMETER["Central_Meridian",120.5],UNIT["Meter",1.0]]"#;
    std::fs::write(local, belt).unwrap();
    let words = ["某市独立坐标系", "EPSG:4491 to 4554", "--crs"];
    refused(&mut bench, request(&shp, ImportLayer::Parcels), &words).await;
    let declared = ImportRequest {
        crs: Some("EPSG:4549".parse().unwrap()),
        ..request(&shp, ImportLayer::Parcels)
    };
    assert_eq!(bench.import_as(declared).await.unwrap().inserted, 1);
}

#[tokio::test]
async fn metres_in_a_table_are_no_degrees_and_a_swapped_table_is_told() {
    let mut bench = Bench::new().await;
    let table = bench.file("m.csv", "名称,x,y\n南门,514432,3351162\n");
    let words = ["wrong coordinate system", "514432, 3351162", "look like metres"];
    refused(&mut bench, request(&table, ImportLayer::Facilities), &words).await;
    let surveyed = bench.file("s.csv", "名称,x,y\n南门,3351162,514432\n");
    let declared = ImportRequest {
        crs: Some("EPSG:4549".parse().unwrap()),
        ..request(&surveyed, ImportLayer::Facilities)
    };
    refused(&mut bench, declared, &["swapped", "X points north"]).await;
}
