//! Whole files of real data. They are not part of the project: `ONEMAP_SHARED_DATA` names their folder,
//! else it is `shared/data` beside the project; where it is absent these tests say so and pass.

use std::path::{Path, PathBuf};

use gis_data::import::{ImportError, ImportLayer, ImportOutcome, ImportReport};

use crate::bench::Bench;

/// The file, or `None` after saying that the test is skipped.
fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ONEMAP_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let file = folder.join(name);
    if file.exists() {
        return Some(file);
    }
    #[expect(clippy::print_stderr, reason = "whoever runs the tests must see what did not run")]
    {
        eprintln!("SKIPPED: {} is absent", file.display());
    }
    None
}

async fn twice(bench: &mut Bench, file: &Path, layer: ImportLayer) -> ImportReport {
    let first = bench.import(file, layer).await.unwrap();
    #[expect(clippy::print_stderr, reason = "the figures are the point of this run")]
    {
        eprintln!("{first}");
    }
    let before = bench.everything().await;
    let second = bench.import(file, layer).await.unwrap();
    assert_eq!(second.outcome, ImportOutcome::NothingNew);
    assert_eq!((second.inserted, second.updated), (0, 0));
    assert_eq!(bench.everything().await, before, "importing twice changes nothing");
    first
}

/// osm2pgsql makes 8,995 building polygons of this file.
#[tokio::test]
async fn liechtenstein_has_the_buildings_that_osm2pgsql_finds() {
    let Some(file) = shared("osm/liechtenstein.osm.pbf") else { return };
    let mut bench = Bench::new().await;
    let report = twice(&mut bench, &file, ImportLayer::Buildings).await;
    assert!(report.inserted.abs_diff(8_995) <= 90, "{report}");
    assert_eq!(report.read, report.inserted + report.rejected);
    let explained = "select count(distinct row_no) from import_problem";
    assert_eq!(bench.count(explained).await, i64::try_from(report.rejected).unwrap());
    assert_eq!(bench.count("select count(*) from building where name is not null").await, 145);
}

/// osm2pgsql makes 385 land-use polygons of this file.
#[tokio::test]
async fn liechtenstein_has_the_land_uses_that_osm2pgsql_finds() {
    let Some(file) = shared("osm/liechtenstein.osm.pbf") else { return };
    let mut bench = Bench::new().await;
    let report = twice(&mut bench, &file, ImportLayer::Parcels).await;
    assert!(report.inserted.abs_diff(385) <= 3, "{report}");
}

#[tokio::test]
async fn shanghai_keeps_every_building_also_those_cut_in_two() {
    let Some(file) = shared("osm/shanghai_buildings.geojson") else { return };
    let mut bench = Bench::new().await;
    let report = twice(&mut bench, &file, ImportLayer::Buildings).await;
    assert_eq!((report.inserted, report.rejected), (1_475, 0), "{report}");
    assert_eq!(bench.count("select count(*) from building where name is not null").await, 223);
}

#[tokio::test]
async fn shanghai_keeps_every_land_use() {
    let Some(file) = shared("osm/shanghai_landuse.geojson") else { return };
    let mut bench = Bench::new().await;
    let report = twice(&mut bench, &file, ImportLayer::Parcels).await;
    assert_eq!((report.inserted, report.rejected), (261, 0), "{report}");
}

#[tokio::test]
async fn real_files_cut_off_are_refused() {
    let (Some(pbf), Some(json)) =
        (shared("osm/liechtenstein.osm.pbf"), shared("osm/shanghai_buildings.geojson"))
    else {
        return;
    };
    let mut bench = Bench::new().await;
    let before = bench.everything().await;
    for (file, name) in [(pbf, "cut.osm.pbf"), (json, "cut.geojson")] {
        let content = std::fs::read(file).unwrap();
        for share in [3, 2] {
            let cut = bench.file(name, content.get(..content.len() / share).unwrap());
            let error = bench.import(&cut, ImportLayer::Buildings).await.unwrap_err();
            assert!(matches!(error, ImportError::CutOff { .. }), "{name}: {error}");
        }
    }
    assert_eq!(bench.everything().await, before);
}
