//! Replayed and simulated terminals go the way of real ones.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gis_data::demo::{CityPlan, CitySize, generate};
use tokio_util::sync::CancellationToken;
use vehicle_tracker::replay::{self, ReplayOptions, Speed};
use vehicle_tracker::simulate::{self, SimulateOptions};
use vehicle_tracker::vehicles::{Registration, register};
use vehicle_tracker::{Status, TerminalId, Tracker};

use crate::database::Database;
use crate::door::FEEDER;
use crate::{eventually, start};

const STORED: &str = "select count(*) from position";

fn broker_url(tracker: &Tracker) -> String {
    format!("mqtt://{FEEDER}@{}", tracker.mqtt_address().unwrap())
}

async fn replay(database: &Database, tracker: &Tracker, path: &Path) -> replay::ReplayReport {
    let options =
        ReplayOptions { path: path.to_owned(), broker_url: broker_url(tracker), speed: Speed::Max };
    let mut told = 0;
    let report =
        replay::run(&database.store, &options, &mut |p| told = p.acknowledged).await.unwrap();
    assert_eq!(told, report.positions);
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_stores_every_position_once_however_often_it_runs() {
    let database = Database::create().await;
    let tracker = start(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.csv");
    let mut text = "lat,lng,datetime,uid\n".to_owned();
    for n in 0..1_234 {
        let (minute, second) = (n / 60, n % 60);
        let uid = n % 3;
        writeln!(text, "39.{n:06},116.3,2008-10-23 05:{minute:02}:{second:02},{uid:03}").unwrap();
    }
    std::fs::write(&path, text).unwrap();
    for _ in 0..2 {
        let report = replay(&database, &tracker, &path).await;
        assert_eq!((report.positions, report.terminals, report.messages), (1_234, 3, 3));
        assert_eq!(database.count(STORED).await, 1_234);
    }
    assert_eq!(database.count("select count(*) from vehicle").await, 3);
    tracker.shutdown().await;
}

/// Real data, where it is at hand: `ONEMAP_TEST_DATA` or `../shared/data` beside the repository.
#[tokio::test(flavor = "multi_thread")]
async fn the_geolife_sample_ends_with_217_653_positions_and_a_second_run_adds_none() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = std::env::var_os("ONEMAP_TEST_DATA")
        .map_or_else(|| repository.join("../shared/data"), PathBuf::from);
    let path = data.join("gps/geolife_sample.txt.gz");
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return;
    }
    let database = Database::create().await;
    let tracker = start(&database).await;
    for _ in 0..2 {
        let report = replay(&database, &tracker, &path).await;
        eprintln!("{report}");
        assert_eq!(report.positions, 217_653);
        assert_eq!(database.count(STORED).await, 217_653);
    }
    assert_eq!(tracker.counters().duplicate, 217_653);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_without_a_broker_or_with_a_broken_trace_says_so() {
    let database = Database::create().await;
    let tracker = start(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.csv");
    std::fs::write(
        &path,
        "lat,lng,datetime,uid\n1,2,2008-10-23 05:00:00,1\n1,x,2008-10-23 05:00:01,1\n",
    )
    .unwrap();
    let options = ReplayOptions { path, broker_url: broker_url(&tracker), speed: Speed::Max };
    let error = replay::run(&database.store, &options, &mut |_| {}).await.unwrap_err().to_string();
    assert!(error.contains("line 3"), "{error}");
    assert_eq!(database.count(STORED).await, 1);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn simulated_vehicles_drive_on_the_roads_and_stop_when_told() {
    let city = generate(&CityPlan { seed: 7, size: CitySize::Small });
    let database = Database::create().await;
    let vehicles: Vec<_> = city
        .vehicles
        .iter()
        .take(5)
        .map(|v| Registration {
            terminal: TerminalId::new_checked(&v.terminal_id).unwrap(),
            plate: v.plate.clone(),
            name: v.name.clone(),
            vehicle_type: v.vehicle_type.to_owned(),
            org: None,
        })
        .collect();
    let ids = register(&database.store, &vehicles).await.unwrap();
    let tracker = start(&database).await;
    let options = SimulateOptions {
        broker_url: broker_url(&tracker),
        vehicles: vehicles.len(),
        rate_hz: 5.0,
        seed: 3,
    };
    let stop = CancellationToken::new();
    let (stopping, live) = (stop.clone(), tracker.live());
    let watching = tokio::spawn(async move {
        let is_moving = || {
            let seen: Vec<_> = ids.iter().filter_map(|id| live.get(*id)).collect();
            seen.iter().all(|v| v.position.is_some())
                && seen.iter().any(|v| v.status == Status::Moving)
        };
        eventually("all are seen and some move", is_moving).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        stopping.cancel();
    });
    let report = simulate::run(options, &city, stop).await.unwrap();
    watching.await.unwrap();
    assert_eq!(report.vehicles, vehicles.len());
    assert_eq!(report.sent, report.acknowledged);
    assert_eq!(database.count(STORED).await, i64::try_from(report.acknowledged).unwrap());
    assert_eq!(database.count("select count(*) from position_reject").await, 0);
    tracker.shutdown().await;
}
