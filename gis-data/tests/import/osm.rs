//! OSM PBF: ways, multipolygon relations, and what is missing from an extract.

use gis_data::import::{ImportError, ImportLayer, ImportRequest};

use crate::bench::{Bench, request};
use crate::pbf::Osm;

const LON: f64 = 9.52;
const LAT: f64 = 47.14;

/// A house, a house with a courtyard made of three ways, and what must not count.
fn village() -> Osm {
    let mut osm = Osm::default();
    osm.corners(1, LON, LAT, 0.0001);
    osm.corners(11, LON + 0.001, LAT, 0.0004);
    osm.corners(21, LON + 0.0011, LAT + 0.0001, 0.0001);
    osm.way(100, &[1, 2, 3, 4, 1], &[("building", "house"), ("name", "Haus Beispiel")]);
    osm.way(101, &[11, 12, 13], &[]);
    osm.way(102, &[11, 14, 13], &[]);
    osm.way(103, &[21, 22, 23, 24, 21], &[]);
    osm.way(104, &[1, 2, 3, 4, 1], &[("building", "no")]);
    osm.way(105, &[1, 2, 3, 4, 1], &[("landuse", "residential")]);
    let members = [(101, "outer"), (102, "outer"), (103, "inner")];
    osm.relation(200, &members, &[("type", "multipolygon"), ("building", "school")]);
    osm.relation(201, &[(100, "outline")], &[("type", "building"), ("building", "house")]);
    osm
}

#[tokio::test]
async fn ways_and_multipolygons_become_buildings() {
    let mut bench = Bench::new().await;
    let file = bench.file("village.osm.pbf", village().file());
    let report = bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!((report.read, report.inserted, report.rejected), (2, 2, 0), "{report}");
    let stored = bench
        .texts(
            "select concat_ws('|', source_ref, use_kind, name, st_nrings(geom),
                round((area_m2 / st_area(st_makeenvelope(0, 47.14, 0.0001, 47.1401, 4326)::geography))::numeric, 1))
             from building join feature_source using (feature_id) order by source_ref",
        )
        .await;
    assert_eq!(stored, ["relation/200|教育|2|15.0", "way/100|住宅|Haus Beispiel|1|1.0"]);

    let report = bench.import(&file, ImportLayer::Parcels).await.unwrap();
    assert_eq!(report.inserted, 1);
    assert_eq!(bench.texts("select land_use from parcel").await, ["住宅用地"]);
    assert_eq!(
        bench.count("select count(*) from feature").await,
        3,
        "the same way is two features"
    );
}

#[tokio::test]
async fn the_same_object_in_another_extract_is_the_same_feature() {
    let bench = Bench::new().await;
    let one = bench.file("one.osm.pbf", village().file());
    bench.import(&one, ImportLayer::Buildings).await.unwrap();
    let other = bench.file("other.osm.pbf", village().file());
    let report = bench.import(&other, ImportLayer::Buildings).await.unwrap();
    assert_eq!((report.inserted, report.unchanged), (0, 2));
}

#[tokio::test]
async fn what_an_extract_lacks_is_told_by_number() {
    let mut bench = Bench::new().await;
    let mut osm = village();
    osm.way(110, &[1, 2, 3, 77, 78, 1], &[("building", "yes")]);
    osm.way(111, &[1, 2, 3, 4], &[("building", "yes")]);
    osm.relation(210, &[(101, "outer")], &[("type", "multipolygon"), ("building", "yes")]);
    osm.relation(211, &[(900, "outer")], &[("type", "multipolygon"), ("building", "yes")]);
    let file = bench.file("part.osm.pbf", osm.file());
    let report = bench.import(&file, ImportLayer::Buildings).await.unwrap();
    assert_eq!((report.inserted, report.rejected), (2, 4));
    let problems = bench
        .texts("select concat_ws('|', source_ref, code, message) from import_problem order by row_no, fault_no")
        .await;
    let heads: Vec<&str> = problems.iter().map(|p| p.rsplit_once('|').unwrap().0).collect();
    assert_eq!(
        heads,
        [
            "way/110|missing_member",
            "way/110|missing_member",
            "way/111|not_closed",
            "relation/210|not_closed",
            "relation/210|not_closed",
            "relation/211|missing_member",
        ]
    );
    assert!(problems.first().unwrap().ends_with("文件缺少节点 77"), "{problems:?}");
}

#[tokio::test]
async fn facilities_are_nodes_and_areas() {
    let mut bench = Bench::new().await;
    let mut osm = village();
    osm.node(50, LON, LAT, &[("amenity", "charging_station")]);
    osm.node(51, LON, LAT, &[("amenity", "bench")]);
    osm.way(120, &[1, 2, 3, 4, 1], &[("amenity", "parking"), ("name", "P1")]);
    let file = bench.file("f.osm.pbf", osm.file());
    bench.import(&file, ImportLayer::Facilities).await.unwrap();
    assert_eq!(
        bench.texts("select class || name from facility order by 1").await,
        ["停车场P1", "充电桩充电桩"]
    );
}

/// Cut at every byte: each is refused, except the ends of whole blocks, where the file has fewer
/// objects and lacks nothing that it names.
#[tokio::test]
async fn a_file_that_is_cut_off_anywhere_leaves_the_database_as_it_was() {
    let mut bench = Bench::new().await;
    let whole = village().file();
    let before = bench.everything().await;
    let mut accepted = 0;
    for length in 1..whole.len() {
        let file = bench.file("cut.osm.pbf", whole.get(..length).unwrap());
        match bench.import(&file, ImportLayer::Buildings).await {
            Ok(_) => accepted += 1,
            Err(
                ImportError::CutOff { .. }
                | ImportError::Malformed { .. }
                | ImportError::UnknownFormat(_)
                | ImportError::NoRows(_),
            ) => {
                if accepted == 0 {
                    assert_eq!(bench.everything().await, before, "{length}");
                }
            }
            Err(other) => panic!("{length}: {other}"),
        }
    }
    assert_eq!(accepted, 1, "the one cut between the blocks of ways and relations");
}

#[tokio::test]
async fn another_system_is_refused_because_the_format_fixes_it() {
    let bench = Bench::new().await;
    let file = bench.file("village.osm.pbf", village().file());
    let declared = ImportRequest {
        crs: Some("EPSG:4549".parse().unwrap()),
        ..request(&file, ImportLayer::Buildings)
    };
    let error = bench.import_as(declared).await.unwrap_err();
    assert!(matches!(error, ImportError::FixedCrs(_)), "{error}");
}
