//! Terminals with the troubles of the field, and their ledgers against the database.

use std::time::Duration;

use gis_data::demo::{City, CityPlan, CitySize, generate};
use sqlx::{Connection as _, Executor as _};
use tokio_util::sync::CancellationToken;
use vehicle_tracker::simulate::{self, LedgerReport, SimulateOptions, Trial, Troubles};
use vehicle_tracker::vehicles::{Registration, register};
use vehicle_tracker::{TerminalId, Tracker};

use crate::database::Database;
use crate::door::FEEDER;
use crate::start_with;

const TERMINALS: usize = 50;

fn options(tracker: &Tracker) -> SimulateOptions {
    SimulateOptions {
        broker_url: format!("mqtt://{FEEDER}@{}", tracker.mqtt_address().unwrap()),
        vehicles: TERMINALS,
        rate_hz: 5.0,
        seed: 11,
    }
}

/// So many troubles that each comes within seconds.
fn grim() -> Troubles {
    Troubles {
        jt808_share: 0.5,
        offline_share: 0.2,
        offline_s: 2.0,
        duplicate_share: 0.1,
        disorder_share: 0.1,
        skew_share: 0.3,
        jumps_per_hour: 400.0,
        drift_share: 0.05,
        no_fix_share: 0.1,
        gzip_share: 0.2,
    }
}

/// A small city with as many vehicles as are to speak, all registered.
async fn city(database: &Database) -> City {
    let mut city = generate(&CityPlan { seed: 7, size: CitySize::Small });
    let own = city.vehicles.clone();
    city.vehicles = own.iter().cycle().take(TERMINALS).cloned().collect();
    for (number, vehicle) in city.vehicles.iter_mut().enumerate() {
        vehicle.terminal_id = format!("trouble-{number}");
        vehicle.plate = format!("示T{number:05}");
    }
    let vehicles: Vec<_> = city
        .vehicles
        .iter()
        .map(|v| Registration {
            terminal: TerminalId::new_checked(&v.terminal_id).unwrap(),
            plate: v.plate.clone(),
            name: v.name.clone(),
            vehicle_type: v.vehicle_type.to_owned(),
            org: None,
        })
        .collect();
    register(&database.store, &vehicles).await.unwrap();
    city
}

async fn compare(trial: &Trial, database: &Database) -> LedgerReport {
    trial.compare(&database.store).await.unwrap()
}

/// Backends are killed, then the table is away for longer than the server waits, which ends connections.
async fn interrupt(database: &Database, stop: CancellationToken) {
    let mut owner = database.connect().await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        owner
            .execute(
                "select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()",
            )
            .await
            .unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    owner.execute("alter table position rename to position_away").await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    owner.execute("alter table position_away rename to position").await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    owner.close().await.unwrap();
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn troubled_terminals_lose_nothing_through_outages_and_what_is_missing_is_told() {
    let database = Database::create().await;
    let city = city(&database).await;
    let tracker = start_with(&database, Duration::from_millis(300)).await;
    let stop = CancellationToken::new();
    let driving = simulate::trial(options(&tracker), grim(), &database.store, &city, stop.clone());
    let (trial, ()) = tokio::join!(driving, interrupt(&database, stop));
    let trial = trial.unwrap();

    let report = compare(&trial, &database).await;
    assert!(report.is_clean(), "{report:#?}");
    assert_eq!(report.terminals, TERMINALS);
    assert!((10..=40).contains(&report.jt808_terminals), "{report:#?}");
    assert!(tracker.counters().refused > 0, "the outage refused nobody");
    assert!(report.acknowledged > 1_000 && report.stored > 1_000, "{report:#?}");
    assert_eq!(report.acknowledged, report.positions, "all is acknowledged in the end");
    let troubles = &report.troubles;
    assert!(troubles.offline_spells > 10 && troubles.batches > 10, "{report:#?}");
    assert!(troubles.duplicates > 100 && troubles.disordered > 100, "{report:#?}");
    for reason in ["future", "too_old", "zero_coordinates"] {
        let counts = report.rejected[reason];
        assert!(counts.found > 0 && counts.found == counts.expected, "{reason}: {report:#?}");
    }
    let on_file = database.count("select count(*) from position").await;
    assert_eq!(u64::try_from(on_file).unwrap(), report.stored);

    // A row that is gone, one that is there again under another key, and one that nobody sent.
    let mut owner = database.connect().await;
    owner
        .execute(
            "with twice as (insert into position (vehicle_id, fix_time, content_hash, lon, lat, speed_kmh, heading_deg,
                    terminal_id, received_at)
                select vehicle_id, fix_time, 1, lon, lat, speed_kmh, heading_deg, terminal_id, received_at
                from position order by fix_time, vehicle_id limit 1),
            invented as (insert into position (vehicle_id, fix_time, content_hash, lon, lat, terminal_id, received_at)
                select vehicle_id, fix_time, 2, 0, 1, terminal_id, received_at
                from position order by fix_time, vehicle_id limit 1)
            delete from position where (vehicle_id, fix_time, content_hash) in (
                select vehicle_id, fix_time, content_hash from position order by fix_time desc, vehicle_id limit 1)",
        )
        .await
        .unwrap();
    owner.close().await.unwrap();
    let report = compare(&trial, &database).await;
    let counts = (report.lost.count, report.twice.count, report.invented.count);
    assert_eq!(counts, (1, 1, 1), "{report:#?}");
    assert!(!report.is_clean());
    assert_eq!(report.misjudged.count, 0);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn terminals_that_nobody_registered_are_told_as_that() {
    let database = Database::create().await;
    let city = generate(&CityPlan { seed: 7, size: CitySize::Small });
    let tracker = start_with(&database, Duration::from_mins(1)).await;
    let stop = CancellationToken::new();
    let stopping = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        stop.cancel();
    };
    let options = SimulateOptions { vehicles: 3, ..options(&tracker) };
    let driving =
        simulate::trial(options, Troubles::default(), &database.store, &city, stop.clone());
    let (trial, ()) = tokio::join!(driving, stopping);
    let report = compare(&trial.unwrap(), &database).await;
    assert_eq!((report.lost.count, report.stored), (0, 0), "{report:#?}");
    assert!(report.rejected["unknown_terminal"].found > 0 && !report.is_clean());
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_beyond_all_is_refused_with_its_limits() {
    let database = Database::create().await;
    let city = generate(&CityPlan { seed: 7, size: CitySize::Small });
    let troubles = Troubles { offline_share: 1.0, ..Troubles::default() };
    let options = SimulateOptions {
        broker_url: "mqtt://127.0.0.1:1".to_owned(),
        vehicles: 1,
        rate_hz: 1.0,
        seed: 1,
    };
    let stop = CancellationToken::new();
    let refused = simulate::trial(options, troubles, &database.store, &city, stop).await;
    let told = refused.unwrap_err().to_string();
    assert!(told.contains("offline share is 1, it must be from 0 to 0.95"), "{told}");
}
