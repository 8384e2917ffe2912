//! The same town in every format, as GDAL writes it: what comes in is what comes in as GeoJSON.

use std::path::{Path, PathBuf};
use std::process::Command;

use gis_data::import::{ImportLayer, ImportReport, ImportRequest, Note};

use crate::bench::{Bench, collection, polygon, request};

/// A millimetre, in degrees of latitude.
const MILLIMETRE: &str = "9e-9";

/// A building with a hole, one of two parts that says nothing of itself, one without a geometry and one with an empty one.
pub(crate) fn town() -> String {
    collection(&[
        r#"{"type":"Feature","properties":{"code":"B-1","name":"示例办公楼","用途":"办公","floors_above":12,"height":48.25,"address":"示例市人民路8号，\"东\"楼","built_year":1994},"geometry":{"type":"Polygon","coordinates":[[[121.49,31.24],[121.491,31.24],[121.491,31.241],[121.49,31.241],[121.49,31.24]],[[121.4903,31.2403],[121.4903,31.2406],[121.4906,31.2406],[121.4906,31.2403],[121.4903,31.2403]]]}}"#.to_owned(),
        r#"{"type":"Feature","properties":{"code":"B-2","name":null,"用途":null,"floors_above":null,"height":null,"address":null,"built_year":null},"geometry":{"type":"MultiPolygon","coordinates":[[[[121.5,31.24],[121.501,31.24],[121.501,31.241],[121.5,31.24]]],[[[121.502,31.24],[121.503,31.24],[121.503,31.241],[121.502,31.24]]]]}}"#.to_owned(),
        r#"{"type":"Feature","properties":{"code":"B-3","name":"没有图形","用途":"住宅","floors_above":3,"height":null,"address":null,"built_year":2001},"geometry":null}"#.to_owned(),
        r#"{"type":"Feature","properties":{"code":"B-4","name":"空图形"},"geometry":{"type":"Polygon","coordinates":[]}}"#.to_owned(),
    ])
}

/// Facilities that are points.
fn points() -> String {
    collection(&[
        r#"{"type":"Feature","properties":{"name":"示例食堂","class":"食堂"},"geometry":{"type":"Point","coordinates":[121.4712345,31.2387654]}}"#.to_owned(),
        r#"{"type":"Feature","properties":{"name":"东门 <岗> & 亭","class":"门岗"},"geometry":{"type":"Point","coordinates":[121.5,31.2]}}"#.to_owned(),
    ])
}

/// Makes a file of another as GDAL does.
pub(crate) fn ogr2ogr(from: &Path, to: &str, arguments: &[&str]) -> PathBuf {
    let to = from.with_file_name(to);
    let output = Command::new("ogr2ogr")
        .args(arguments)
        .arg(&to)
        .arg(from)
        .output()
        .expect("ogr2ogr, which `.ci/setup test` installs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    to
}

/// Everything that is kept of a source's buildings, and whether each is within a millimetre of the one that `town.geojson`
/// has under the same name.
async fn stored(bench: &mut Bench, source: &str) -> Vec<String> {
    bench
        .texts(&format!(
            "select concat_ws('|', s.source_ref, b.code, coalesce(b.name, '-'), coalesce(b.use_kind, '-'),
                coalesce(b.floors_above::text, '-'), coalesce(b.height_m::text, '-'), coalesce(b.address, '-'),
                coalesce(b.built_year::text, '-'), st_numgeometries(b.geom), st_nrings(b.geom), st_coorddim(b.geom),
                st_hausdorffdistance(b.geom, o.geom) < {MILLIMETRE})
             from feature_source s join building b using (feature_id)
             join feature_source os on os.source = 'town:buildings' and os.source_ref = s.source_ref
             join building o on o.feature_id = os.feature_id
             where s.source = '{source}:buildings' order by 1"
        ))
        .await
}

const EXPECTED: [&str; 2] = [
    "B-1|B-1|示例办公楼|办公|12|48.25|示例市人民路8号，\"东\"楼|1994|1|2|2|t",
    "B-2|B-2|-|-|-|-|-|-|2|2|2|t",
];

/// Imports a file and expects of it what the same town as GeoJSON gives.
async fn is_the_town(bench: &mut Bench, request: ImportRequest) -> ImportReport {
    let source = request.file.file_stem().unwrap().to_string_lossy().into_owned();
    let report = bench.import_as(request).await.unwrap_or_else(|e| panic!("{source}: {e}"));
    let faults: Vec<&str> = report.first_problems.iter().map(|p| p.problem.code()).collect();
    // GDAL writes no feature without a place into a FlatGeobuf.
    let is_flat = Path::new(&report.file_name).extension().is_some_and(|it| it == "fgb");
    let empty = if is_flat { 0 } else { 2 };
    assert_eq!(faults, vec!["empty"; empty], "{source}: {report}");
    let counts = (report.read, report.inserted, report.rejected);
    assert_eq!(counts, (2 + empty as u64, 2, empty as u64), "{source}: {report}");
    assert_eq!(stored(bench, &source).await, EXPECTED, "{source}");
    report
}

/// A bench where the town has come in as GeoJSON, and the file it came from.
async fn bench_with_town() -> (Bench, PathBuf) {
    let mut bench = Bench::new().await;
    let file = bench.file("town.geojson", town());
    is_the_town(&mut bench, request(&file, ImportLayer::Buildings)).await;
    (bench, file)
}

#[tokio::test]
async fn every_format_gives_what_geojson_gives() {
    let (mut bench, from) = bench_with_town().await;
    let shapefile = &["-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"][..];
    for (to, arguments) in [
        ("utf8.shp", shapefile),
        ("gbk.shp", &["-f", "ESRI Shapefile", "-lco", "ENCODING=GBK"]),
        ("zshp.shp", &[shapefile, &["-dim", "XYZ"]].concat()),
        ("mshp.shp", &[shapefile, &["-dim", "XYM"]].concat()),
        ("comma.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT"]),
        ("semicolon.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "-lco", "SEPARATOR=SEMICOLON"]),
        ("tab.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "-lco", "SEPARATOR=TAB"]),
        ("mark.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "-lco", "WRITE_BOM=YES"]),
        ("zcsv.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "-dim", "XYZ"]),
        ("package.gpkg", &["-f", "GPKG"]),
        ("zmgpkg.gpkg", &["-f", "GPKG", "-dim", "XYZM"]),
        ("google.kml", &["-f", "KML", "-dsco", "NameField=name"]),
        ("lib.kml", &["-f", "LIBKML"]),
        ("packed.kmz", &["-f", "LIBKML"]),
        ("flat.fgb", &["-f", "FlatGeobuf"]),
        ("zfgb.fgb", &["-f", "FlatGeobuf", "-dim", "XYZ"]),
        ("plain.fgb", &["-f", "FlatGeobuf", "-lco", "SPATIAL_INDEX=NO"]),
    ] {
        let file = ogr2ogr(&from, to, arguments);
        let report = is_the_town(&mut bench, request(&file, ImportLayer::Buildings)).await;
        assert_eq!((report.crs.as_str(), report.notes.as_slice()), ("EPSG:4326", &[][..]), "{to}");
    }
    let table = from.with_file_name("comma.csv");
    let columns = ["-f", "XLSX", "-oo", "KEEP_GEOM_COLUMNS=YES", "-oo", "AUTODETECT_TYPE=YES"];
    let book = ogr2ogr(&table, "book.xlsx", &columns);
    is_the_town(&mut bench, request(&book, ImportLayer::Buildings)).await;
    let zipped = ogr2ogr(&from, "zipped.shz", &["-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"]);
    let zip = zipped.with_extension("zip");
    std::fs::rename(zipped, &zip).unwrap();
    is_the_town(&mut bench, request(&zip, ImportLayer::Buildings)).await;
}

#[tokio::test]
async fn a_second_import_of_the_same_town_changes_nothing() {
    let (mut bench, from) = bench_with_town().await;
    let file = ogr2ogr(&from, "again.shp", &["-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"]);
    is_the_town(&mut bench, request(&file, ImportLayer::Buildings)).await;
    let before = bench.everything().await;
    let report = bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!((report.inserted, report.updated, report.unchanged), (0, 0, 2), "{report}");
    assert_eq!(bench.everything().await, before);
}

/// The belts and the geographic system of CGCS2000 as GDAL writes them into each format.
#[tokio::test]
async fn the_system_is_read_from_the_file() {
    let (mut bench, from) = bench_with_town().await;
    for code in ["EPSG:4490", "EPSG:4529", "EPSG:4550", "EPSG:4510", "EPSG:4499", "EPSG:32651"] {
        let number = code.trim_start_matches("EPSG:");
        for (extension, format) in
            [("shp", "ESRI Shapefile"), ("gpkg", "GPKG"), ("fgb", "FlatGeobuf")]
        {
            let to = format!("in{number}{extension}.{extension}");
            let mut arguments = vec!["-f", format, "-t_srs", code];
            if extension == "shp" {
                arguments.extend(["-lco", "ENCODING=UTF-8"]);
            }
            let file = ogr2ogr(&from, &to, &arguments);
            let report = is_the_town(&mut bench, request(&file, ImportLayer::Buildings)).await;
            assert_eq!((report.crs.as_str(), report.notes.len()), (code, 0), "{to}");
        }
        let csv = format!("in{number}.csv");
        let file = ogr2ogr(&from, &csv, &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "-t_srs", code]);
        let declared = ImportRequest {
            crs: Some(code.parse().unwrap()),
            ..request(&file, ImportLayer::Buildings)
        };
        is_the_town(&mut bench, declared).await;
    }
}

/// By the language byte of the table, and by its bytes alone.
#[tokio::test]
async fn chinese_attributes_are_read_where_nothing_names_their_encoding() {
    let (mut bench, from) = bench_with_town().await;
    let shapefile = |encoding| ["-f", "ESRI Shapefile", "-lco", encoding];
    let marked = ogr2ogr(&from, "marked.shp", &shapefile("ENCODING=LDID/77"));
    assert!(!marked.with_extension("cpg").exists());
    let report = is_the_town(&mut bench, request(&marked, ImportLayer::Buildings)).await;
    assert!(report.notes.is_empty(), "{report}");

    for (name, encoding, notes) in [
        ("silent.shp", "ENCODING=GBK", &[Note::TakenAsGb18030][..]),
        ("quiet.shp", "ENCODING=UTF-8", &[]),
    ] {
        let file = ogr2ogr(&from, name, &shapefile(encoding));
        std::fs::remove_file(file.with_extension("cpg")).unwrap();
        let table = file.with_extension("dbf");
        let mut bytes = std::fs::read(&table).unwrap();
        bytes[29] = 0;
        std::fs::write(table, bytes).unwrap();
        let report = is_the_town(&mut bench, request(&file, ImportLayer::Buildings)).await;
        assert_eq!(report.notes, notes, "{name}");
    }
    let utf8 = ogr2ogr(&from, "utf8.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_WKT"]);
    let utf8 = std::fs::read_to_string(utf8).unwrap();
    let (gbk, ..) = encoding_rs::GBK.encode(&utf8);
    let file = bench.file("gbk.csv", gbk);
    let report = is_the_town(&mut bench, request(&file, ImportLayer::Buildings)).await;
    assert_eq!(report.notes, [Note::TakenAsGb18030]);
}

#[tokio::test]
async fn a_table_in_chinese_is_understood_and_its_rows_are_told_by_their_lines() {
    let mut bench = Bench::new().await;
    let table = "某市机关设施一览表,,,\n编号,名称,类别,经度（°）,纬度（°）\nF-1,示例食堂,食堂,121.47,31.23\n,,,,\n\
        F-2,南门,门岗,abc,\nF-3,多了一格,食堂,121.4,31.2,x,y\nF-4,没有位置,食堂,,\n";
    let file = bench.file("设施.csv", table);
    let report = bench.import(&file, ImportLayer::Facilities).await.unwrap();
    assert_eq!((report.read, report.inserted, report.rejected), (4, 1, 3), "{report}");
    let stored = "select concat_ws('|', code, name, class, st_x(geom), st_y(geom)) from facility";
    assert_eq!(bench.texts(stored).await, ["F-1|示例食堂|食堂|121.47|31.23"]);
    let problems = "select concat_ws('|', row_no, source_ref, code) from import_problem order by row_no, fault_no";
    assert_eq!(
        bench.texts(problems).await,
        ["5|F-2|no_number", "5|F-2|no_number", "6|F-3|surplus_cells", "7|F-4|empty"]
    );
    let text = report.to_string();
    for words in
        ["列“经度（°）”应为数字，实际为“abc”", "column \"纬度（°）\" needs a number and has \"\""]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn points_come_from_coordinates_in_columns_and_from_receivers() {
    let mut bench = Bench::new().await;
    let from = bench.file("points.geojson", points());
    bench.import(&from, ImportLayer::Facilities).await.unwrap();
    let all = |source: &str| {
        format!(
            "select concat_ws('|', f.name, f.class, round(st_x(f.geom)::numeric, 7), round(st_y(f.geom)::numeric, 7))
             from feature_source s join facility f using (feature_id) where s.source = '{source}:facilities' order by 1"
        )
    };
    let expected = bench.texts(&all("points")).await;
    assert_eq!(expected[1], "示例食堂|食堂|121.4712345|31.2387654");
    let columns = ogr2ogr(&from, "columns.csv", &["-f", "CSV", "-lco", "GEOMETRY=AS_XY"]);
    let book = ogr2ogr(&columns, "columns.xlsx", &["-f", "XLSX"]);
    let gpx = "select name, class as type, geometry from points";
    let files = [
        columns,
        book,
        ogr2ogr(
            &from,
            "receiver.gpx",
            &["-f", "GPX", "-dialect", "sqlite", "-sql", gpx, "-nln", "waypoints"],
        ),
        ogr2ogr(&from, "places.kml", &["-f", "LIBKML"]),
        ogr2ogr(&from, "places.shp", &["-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"]),
        ogr2ogr(&from, "places.gpkg", &["-f", "GPKG"]),
        ogr2ogr(&from, "places.fgb", &["-f", "FlatGeobuf"]),
    ];
    for (n, file) in files.iter().enumerate() {
        let source = format!("source{n}");
        let named = ImportRequest {
            source: Some(source.clone()),
            ..request(file, ImportLayer::Facilities)
        };
        let report = bench.import_as(named).await.unwrap_or_else(|e| panic!("{file:?}: {e}"));
        assert_eq!((report.inserted, report.rejected), (2, 0), "{report}");
        assert_eq!(bench.texts(&all(&source)).await, expected, "{file:?}");
    }
}

#[tokio::test]
async fn lines_are_told_to_be_lines() {
    let bench = Bench::new().await;
    let track = r#"<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">
        <wpt lat="31.2" lon="121.5"><name>起点</name></wpt><wpt lat="north" lon="121.5"/>
        <trk><name>巡查路线</name><trkseg><trkpt lat="31.2" lon="121.5"/><trkpt lat="31.3" lon="121.5"/></trkseg></trk></gpx>"#;
    let file = bench.file("track.gpx", track);
    let report = bench.import(&file, ImportLayer::Facilities).await.unwrap();
    assert_eq!((report.inserted, report.rejected), (1, 2), "{report}");
    let text = report.to_string();
    assert!(text.contains("the geometry is LineString, a polygon or a point is needed"), "{text}");
    assert!(text.contains("column \"lat\" needs a number and has \"north\""), "{text}");
}

/// What was cut off by ten bytes a name still means what it was.
#[tokio::test]
async fn names_cut_short_by_the_shapefile_are_known() {
    let mut bench = Bench::new().await;
    let ring = "[[121.49,31.24],[121.4901,31.24],[121.4901,31.2401],[121.49,31.24]]";
    let properties = r#"{"code":"P-1","不动产权证号":"示例（2020）0001号","土地用途":"住宅用地"}"#;
    let from = bench.file("parcels.geojson", collection(&[polygon("null", properties, ring)]));
    for (name, encoding) in [("one.shp", "ENCODING=GBK"), ("two.shp", "ENCODING=UTF-8")] {
        let file = ogr2ogr(&from, name, &["-f", "ESRI Shapefile", "-lco", encoding]);
        bench.import(&file, ImportLayer::Parcels).await.unwrap();
    }
    let stored = "select concat_ws('|', certificate_no, land_use) from parcel";
    assert_eq!(bench.texts(stored).await, ["示例（2020）0001号|住宅用地"; 2]);
}

#[tokio::test]
async fn one_table_of_several_is_read_and_the_report_says_so() {
    let (bench, from) = bench_with_town().await;
    let file = ogr2ogr(&from, "several.gpkg", &["-f", "GPKG", "-nln", "first"]);
    let more = ["-f", "GPKG", "-update", "-nln", "第二层", "-where", "code = 'B-1'"];
    ogr2ogr(&from, "several.gpkg", &more);
    let report = bench.import(&file, ImportLayer::Buildings).await.unwrap();
    let others = vec!["第二层".to_owned()];
    assert_eq!(report.notes, [Note::OneTable { read: "first".to_owned(), others }]);
    assert_eq!(report.read, 4);
    let text = report.to_string();
    assert!(text.contains("其他可用 --table 指定：第二层"), "{text}");
    let table = |name: &str| ImportRequest {
        table: Some(name.to_owned()),
        ..request(&file, ImportLayer::Buildings)
    };
    let report = bench.import_as(table("第二层")).await.unwrap();
    assert_eq!((report.read, report.notes.len()), (1, 0), "{report}");
    let error = bench.import_as(table("third")).await.unwrap_err().to_string();
    assert!(error.contains("no table \"third\"") && error.contains("first, 第二层"), "{error}");
}
