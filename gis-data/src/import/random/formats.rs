//! The same for every format that GDAL writes: files of a small town, in which something was changed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::super::ImportLayer;
use super::{is_answered, rows_in};
use crate::noise;

const TOWN: &str = r#"{"type":"FeatureCollection","features":[
    {"type":"Feature","properties":{"code":"B-1","name":"示例楼","用途":"办公","height":48.25,"built_year":1994},
     "geometry":{"type":"Polygon","coordinates":[[[121.49,31.24],[121.491,31.24],[121.491,31.241],[121.49,31.24]],
        [[121.4904,31.2401],[121.4908,31.2401],[121.4908,31.2404],[121.4904,31.2401]]]}},
    {"type":"Feature","properties":{"code":"B-2"},"geometry":{"type":"MultiPolygon","coordinates":[
        [[[121.5,31.24],[121.501,31.24],[121.501,31.241],[121.5,31.24]]],
        [[[121.502,31.24],[121.503,31.24],[121.503,31.241],[121.502,31.24]]]]}},
    {"type":"Feature","properties":{"code":"B-3","height":null},"geometry":null}]}"#;

const POINTS: &str = r#"{"type":"FeatureCollection","features":[
    {"type":"Feature","properties":{"name":"示例食堂","type":"食堂"},"geometry":{"type":"Point","coordinates":[121.4,31.2]}},
    {"type":"Feature","properties":{"name":"门岗"},"geometry":{"type":"Point","coordinates":[121.5,31.2]}}]}"#;

/// The files that one file of a format is made of: those beside it, or those packed in it.
type Parts = Vec<(String, Vec<u8>)>;

/// Every format, by the extension of the file that is named, as GDAL writes it.
static MADE: LazyLock<BTreeMap<&str, Parts>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let town = folder.path().join("town.geojson");
    fs::write(&town, TOWN).unwrap();
    let points = folder.path().join("points.geojson");
    fs::write(&points, POINTS).unwrap();
    let shp = made(&town, "shp", &["-f", "ESRI Shapefile", "-lco", "ENCODING=GBK"]);
    let csv = made(&town, "csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT"]);
    let xlsx = made(&csv, "xlsx", &["-f", "XLSX", "-oo", "KEEP_GEOM_COLUMNS=YES"]);
    let gpx = made(&points, "gpx", &["-f", "GPX", "-nln", "waypoints"]);
    let kml = made(&town, "kml", &["-f", "LIBKML"]);
    let shapefile: Parts =
        ["shp", "dbf", "shx", "prj", "cpg"].map(|part| (part.to_owned(), bytes(&shp, part))).into();
    let alone = |file: &Path, extension: &str| vec![(extension.to_owned(), bytes(file, extension))];
    BTreeMap::from([
        (
            "zip",
            shapefile.iter().map(|(part, bytes)| (format!("t.{part}"), bytes.clone())).collect(),
        ),
        ("shp", shapefile),
        ("csv", alone(&csv, "csv")),
        ("xlsx", unzipped(&xlsx)),
        ("gpkg", alone(&made(&town, "gpkg", &["-f", "GPKG"]), "gpkg")),
        ("kmz", vec![("doc.kml".to_owned(), bytes(&kml, "kml"))]),
        ("kml", alone(&kml, "kml")),
        ("fgb", alone(&made(&town, "fgb", &["-f", "FlatGeobuf"]), "fgb")),
        ("gpx", alone(&gpx, "gpx")),
    ])
});

fn made(from: &Path, extension: &str, arguments: &[&str]) -> PathBuf {
    let to = from.with_extension(extension);
    let output = Command::new("ogr2ogr").args(arguments).arg(&to).arg(from).output();
    let output = output.expect("ogr2ogr, which `.ci/setup test` installs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    to
}

fn bytes(file: &Path, extension: &str) -> Vec<u8> {
    fs::read(file.with_extension(extension)).unwrap()
}

fn unzipped(file: &Path) -> Parts {
    let mut archive = ZipArchive::new(File::open(file).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// Writes a file and what belongs to it, and gives the file.
fn written(folder: &Path, extension: &str, parts: &Parts) -> PathBuf {
    let file = folder.join("t").with_extension(extension);
    if matches!(extension, "zip" | "kmz" | "xlsx") {
        let mut zip = ZipWriter::new(File::create(&file).unwrap());
        let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, content) in parts {
            zip.start_file(name.as_str(), plain).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap();
    } else {
        for (part, content) in parts {
            fs::write(folder.join("t").with_extension(part), content).unwrap();
        }
    }
    file
}

/// A format, and its parts with one of them changed.
fn damaged_parts() -> impl Strategy<Value = (&'static str, Parts)> {
    let formats: Vec<&'static str> = MADE.keys().copied().collect();
    select(formats).prop_flat_map(|format| {
        let parts = MADE[format].clone();
        let which = select((0..parts.len()).collect::<Vec<_>>());
        which.prop_flat_map(move |which| {
            let parts = parts.clone();
            noise::damaged(Just(parts[which].1.clone())).prop_map(move |changed| {
                let mut parts = parts.clone();
                parts[which].1 = changed;
                (format, parts)
            })
        })
    })
}

fn extension() -> impl Strategy<Value = &'static str> {
    select(vec!["shp", "zip", "csv", "tsv", "xlsx", "gpkg", "kml", "kmz", "fgb", "gpx"])
}

#[test]
fn the_town_is_read_from_every_format() {
    for (extension, parts) in MADE.iter() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(folder.path(), extension, parts);
        let layer =
            if *extension == "gpx" { ImportLayer::Facilities } else { ImportLayer::Buildings };
        let rows = rows_in(&file, layer).unwrap_or_else(|e| panic!("{extension}: {e}"));
        let good = rows.iter().filter(|row| row.verdict.is_ok()).count();
        assert_eq!(good, 2, "{extension}: {rows:?}");
    }
}

proptest! {
    #![proptest_config(noise::config())]

    #[test]
    fn random_changes_in_any_part_are_refused_or_judged_row_by_row(
        (extension, parts) in damaged_parts(),
        layer in super::layer(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = written(folder.path(), extension, &parts);
        is_answered(rows_in(&file, layer), layer)?;
    }

    #[test]
    fn random_bytes_with_the_name_of_a_format_are_refused_or_judged(
        content in prop_oneof![
            noise::bytes(300),
            noise::text(200).prop_map(String::into_bytes),
            select(MADE.keys().copied().collect::<Vec<_>>()).prop_flat_map(|format| {
                let folder = tempfile::tempdir().unwrap();
                let file = written(folder.path(), format, &MADE[format]);
                noise::damaged(Just(fs::read(file).unwrap()))
            }),
        ],
        extension in extension(),
        layer in super::layer(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t").with_extension(extension);
        fs::write(&file, content).unwrap();
        is_answered(rows_in(&file, layer), layer)?;
    }

    #[test]
    fn random_tables_of_text_are_refused_or_judged(
        lines in proptest::collection::vec(proptest::collection::vec(cell(), 1..5), 0..6),
        delimiter in select(vec![",", ";", "\t"]),
        layer in super::layer(),
    ) {
        let rows: Vec<String> = lines.iter().map(|cells| cells.join(delimiter)).collect();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.csv");
        fs::write(&file, format!("名称{delimiter}lon{delimiter}lat\n{}", rows.join("\n"))).unwrap();
        is_answered(rows_in(&file, layer), layer)?;
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        noise::text(6),
        any::<f64>().prop_map(|number| number.to_string()),
        select(vec!["121.4", "31.2", "121,4", "办公楼", "\"", "\"a\"", "", "NaN", "-inf", "1e400"])
            .prop_map(str::to_owned),
    ]
}
