//! Files of every format that are cut off, damaged or lie about themselves: a named error, and nothing changed.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use gis_data::import::{ImportError, ImportLayer};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bench::{Bench, request};
use crate::formats::{ogr2ogr, town};
use crate::refused::refused;

/// The town in each format.
fn files(bench: &Bench) -> Vec<(PathBuf, &'static str)> {
    let from = bench.file("town.geojson", town());
    let csv = ogr2ogr(&from, "town.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT"]);
    vec![
        (
            ogr2ogr(&from, "town.shp", &["-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"]),
            "Shapefile",
        ),
        (ogr2ogr(&csv, "town.xlsx", &["-f", "XLSX", "-oo", "KEEP_GEOM_COLUMNS=YES"]), "zip"),
        (csv, "CSV"),
        (ogr2ogr(&from, "town.gpkg", &["-f", "GPKG"]), "GeoPackage"),
        (ogr2ogr(&from, "town.kml", &["-f", "LIBKML"]), "KML"),
        (ogr2ogr(&from, "town.fgb", &["-f", "FlatGeobuf"]), "FlatGeobuf"),
    ]
}

#[tokio::test]
async fn files_that_are_cut_off_are_refused() {
    let mut bench = Bench::new().await;
    for (file, format) in files(&bench) {
        let whole = std::fs::read(&file).unwrap();
        for (part, of) in [(1, 4), (1, 2), (19, 20)] {
            // A table that ends with a row is whole; here it ends within its first geometry.
            let length =
                if format == "CSV" { 60 + 20 * part / of } else { whole.len() * part / of };
            std::fs::write(&file, &whole[..length]).unwrap();
            let words = [format];
            let error = refused(&mut bench, request(&file, ImportLayer::Buildings), &words).await;
            let is_named =
                matches!(error, ImportError::CutOff { .. } | ImportError::Malformed { .. });
            assert!(is_named, "{format} at {length} of {}: {error}", whole.len());
        }
    }
}

#[tokio::test]
async fn noise_with_the_name_of_a_format_is_refused_as_such() {
    let mut bench = Bench::new().await;
    let noise: Vec<u8> =
        (1..4_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    for (name, format) in [
        ("noise.shp", "Shapefile"),
        ("noise.zip", "Shapefile"),
        ("noise.csv", "CSV"),
        ("noise.xlsx", "zip"),
        ("noise.gpkg", "GeoPackage"),
        ("noise.kml", "KML"),
        ("noise.fgb", "FlatGeobuf"),
        ("noise.gpx", "GPX"),
        ("noise.geojson", "GeoJSON"),
    ] {
        let file = bench.file(name, &noise);
        refused(&mut bench, request(&file, ImportLayer::Buildings), &[format]).await;
    }
}

#[tokio::test]
async fn a_shapefile_without_its_table_and_one_with_the_table_of_another() {
    let mut bench = Bench::new().await;
    let from = bench.file("town.geojson", town());
    let shp = ogr2ogr(&from, "town.shp", &["-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"]);
    let dbf = shp.with_extension("dbf");
    let table = std::fs::read(&dbf).unwrap();
    std::fs::remove_file(&dbf).unwrap();
    let words = ["town.shp", ".dbf", "attributes"];
    let error = refused(&mut bench, request(&shp, ImportLayer::Buildings), &words).await;
    assert!(error.message_zh().contains(".dbf"), "{}", error.message_zh());

    // A table in capitals, as old programs write it, is found.
    std::fs::write(shp.with_extension("DBF"), &table).unwrap();
    bench.import(&shp, ImportLayer::Buildings).await.unwrap();
    std::fs::remove_file(shp.with_extension("DBF")).unwrap();

    let mut fewer = table.clone();
    fewer[4] -= 1;
    std::fs::write(&dbf, fewer).unwrap();
    let words = [".dbf has 3 records", ".shp has more"];
    refused(&mut bench, request(&shp, ImportLayer::Buildings), &words).await;

    let mut gbk = table;
    let (text, ..) = encoding_rs::GBK.encode("示例");
    let at = gbk.len() - 200;
    gbk[at..at + text.len()].copy_from_slice(&text);
    std::fs::write(&dbf, gbk).unwrap();
    let words = ["record 4", "UTF-8", ".cpg"];
    refused(&mut bench, request(&shp, ImportLayer::Buildings), &words).await;
    std::fs::write(shp.with_extension("cpg"), "EBCDIC").unwrap();
    refused(&mut bench, request(&shp, ImportLayer::Buildings), &["unknown encoding", "EBCDIC"])
        .await;
}

/// Numbers that claim two gigabytes and more cost neither memory nor time.
#[tokio::test]
async fn large_claims_in_headers_are_refused_at_once() {
    let mut bench = Bench::new().await;
    let made = files(&bench);
    let file = |extension: &str| {
        made.iter()
            .map(|(file, _)| file)
            .find(|file| file.extension().unwrap() == extension)
            .unwrap()
    };
    let huge = 0x7fff_ff00_u32;
    for (extension, part, at, bytes, words) in [
        ("shp", "shp", 24, huge.to_be_bytes(), ["Shapefile", "says it has"]),
        (
            "shp",
            "shp",
            104,
            huge.to_be_bytes(),
            ["record 1 of the .shp claims", "4294966784 bytes"],
        ),
        ("shp", "dbf", 4, huge.to_le_bytes(), ["the .dbf says it has", "2147483392 records"]),
        ("shp", "shx", 100, huge.to_be_bytes(), ["entry 1 of the .shx", "remove it"]),
        ("fgb", "fgb", 8, huge.to_le_bytes(), ["FlatGeobuf", "the header claims 2147483392 bytes"]),
        ("gpkg", "gpkg", 28, huge.to_be_bytes(), ["GeoPackage", "cut off"]),
    ] {
        let (named, damaged) = (file(extension), file(extension).with_extension(part));
        let whole = std::fs::read(&damaged).unwrap();
        let mut lying = whole.clone();
        lying[at..at + 4].copy_from_slice(&bytes);
        std::fs::write(&damaged, lying).unwrap();
        let started = Instant::now();
        refused(&mut bench, request(named, ImportLayer::Buildings), &words).await;
        assert!(started.elapsed().as_secs() < 10, "{part} {at}");
        std::fs::write(&damaged, whole).unwrap();
    }
}

fn archive(bench: &Bench, name: &str, entries: &[(&str, &[u8])]) -> PathBuf {
    let file = bench.file(name, "");
    let mut zip = ZipWriter::new(std::fs::File::create(&file).unwrap());
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    file
}

/// Two hundred megabytes of nothing in two hundred kilobytes.
#[tokio::test]
async fn an_archive_that_swells_is_refused_before_it_is_unpacked() {
    let mut bench = Bench::new().await;
    let nothing = vec![0; 200 << 20];
    for (name, entries) in [
        ("bomb.zip", [("town.shp", nothing.as_slice()), ("town.dbf", b"")]),
        ("bomb.kmz", [("doc.kml", &nothing), ("readme.txt", b"")]),
        ("bomb.xlsx", [("xl/sharedStrings.xml", &nothing), ("xl/workbook.xml", b"<a/>")]),
    ] {
        let file = archive(&bench, name, &entries);
        assert!(std::fs::metadata(&file).unwrap().len() < 1 << 20);
        let words = ["unpacks from", "209715200 bytes", "100 times"];
        refused(&mut bench, request(&file, ImportLayer::Parcels), &words).await;
    }
}

#[tokio::test]
async fn an_archive_without_a_shapefile_and_one_with_two() {
    let mut bench = Bench::new().await;
    let file = archive(&bench, "notes.zip", &[("readme.txt", b"hello")]);
    refused(&mut bench, request(&file, ImportLayer::Parcels), &["the archive has no .shp"]).await;

    let from = bench.file("town.geojson", town());
    let shp = ogr2ogr(&from, "town.shp", &["-f", "ESRI Shapefile", "-lco", "ENCODING=GBK"]);
    let read = |extension: &str| std::fs::read(shp.with_extension(extension)).unwrap();
    let (shapes, table, system, encoding) = (read("shp"), read("dbf"), read("prj"), read("cpg"));
    let file = archive(
        &bench,
        "two.zip",
        &[
            ("甲/房屋.shp", &shapes),
            ("甲/房屋.dbf", &table),
            ("甲/房屋.prj", &system),
            ("甲/房屋.cpg", &encoding),
            ("乙.shp", &shapes),
        ],
    );
    let report = bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!(report.inserted, 2, "{report}");
    assert!(report.to_string().contains("只读取了 甲/房屋"), "{report}");
    let second = gis_data::import::ImportRequest {
        table: Some("乙".to_owned()),
        crs: Some("EPSG:4490".parse().unwrap()),
        ..request(&file, ImportLayer::Buildings)
    };
    refused(&mut bench, second, &["乙.shp", ".dbf"]).await;
}

#[tokio::test]
async fn a_table_without_places_says_what_it_needs() {
    let mut bench = Bench::new().await;
    let file = bench.file("people.csv", "姓名,电话\n张三,1\n");
    let words = ["no columns that say where", "经度", "lat", "wkt", "姓名 | 电话"];
    refused(&mut bench, request(&file, ImportLayer::Buildings), &words).await;
    let open = bench.file("open.csv", "名称,lon,lat\n\"南门,121,31\n东门,121,31\n");
    let words = ["cut off", "quote is not closed", "line 2"];
    refused(&mut bench, request(&open, ImportLayer::Facilities), &words).await;
    let mixed = bench.file("mixed.csv", b"\xd6\xd0\xce\xc4,lon,lat\n\xe4\xb8\xad\xff,121,31\n");
    refused(&mut bench, request(&mixed, ImportLayer::Facilities), &["CSV", "gb18030"]).await;
}
