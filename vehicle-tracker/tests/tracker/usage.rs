//! What trips, orders and alarms add up to.

use gis_data::{OrgId, Viewer};
use time::macros::date;
use vehicle_tracker::vehicles::{By, Usage, UsageFilter, usage};

use crate::database::Database;
use crate::judged::{organisations, post_order};
use crate::trips::{comes_to, day};
use crate::{start, terminal};

async fn by(database: &Database, viewer: &Viewer, by: By) -> Usage {
    let (from, to) = (date!(2026 - 03 - 01), date!(2026 - 03 - 31));
    let filter = UsageFilter { by, from, to, org: None, vehicle: None };
    usage(&database.store, viewer, &filter).await.unwrap()
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < expected.abs() * 1e-9 + 1e-9
}

#[tokio::test(flavor = "multi_thread")]
async fn days_vehicles_drivers_and_organisations_add_up_to_the_same() {
    let database = Database::create().await;
    let ids = database.register(3).await;
    let (top, below) = organisations(&database).await;
    let tracker = start(&database).await;
    for name in ["T1", "T2"] {
        let day = serde_json::Value::from(day());
        terminal(&tracker, name).await.deliver(day.to_string()).await;
    }
    let mut metres = 0.0;
    for id in &ids[..2] {
        let found = comes_to(&database, *id, |found| found.trips.len() == 2).await;
        metres += found.trips.iter().map(|trip| trip.distance_m).sum::<f64>();
    }
    let program = Viewer::program();
    let total = by(&database, &program, By::Day).await.total;
    assert_eq!((total.trips, total.vehicles, total.days), (4, 2, 2));
    assert!(near(total.distance_m, metres), "{} of {metres}", total.distance_m);
    assert!(!total.has_orders, "nothing is kept of orders");

    post_order(&database, ids[0], 1, false).await;
    let drivers = by(&database, &program, By::Driver).await;
    let names: Vec<_> = drivers.rows.iter().map(|row| (row.key.as_deref(), row.trips)).collect();
    assert!(names.contains(&(None, 2)) && names.contains(&(Some("示例驾驶员"), 2)), "{names:?}");

    for way in [By::Day, By::Month, By::Vehicle, By::Driver, By::Org] {
        let found = by(&database, &program, way).await;
        let sum = found.rows.iter().map(|row| row.distance_m).sum::<f64>();
        assert!(near(sum, metres), "{way:?}: {sum} of {metres}");
        assert_eq!(found.rows.iter().map(|row| row.trips).sum::<i64>(), 4, "{way:?}");
        let outside = found.rows.iter().map(|row| row.outside_trips).sum::<i64>();
        assert_eq!((outside, found.total.outside_trips), (2, 2), "{way:?}");
    }
    let days = by(&database, &program, By::Day).await;
    assert_eq!(days.rows[0].key.as_deref(), Some("2026-03-01"));
    let odometer_m = days.total.odometer_m.unwrap();
    assert!((odometer_m / days.total.odometer_of_m.unwrap() - 1.0).abs() < 0.02, "{odometer_m}");

    let filter = |org, vehicle| UsageFilter {
        by: By::Vehicle,
        from: date!(2026 - 03 - 01),
        to: date!(2026 - 03 - 01),
        org,
        vehicle,
    };
    for (org, count) in [(top, 2), (below, 2), (0, 0)] {
        let found = usage(&database.store, &program, &filter(Some(OrgId(org)), None)).await;
        assert_eq!(found.unwrap().rows.len(), count, "{org}");
    }
    let one = usage(&database.store, &program, &filter(None, Some(ids[1]))).await.unwrap();
    assert_eq!((one.rows.len(), one.rows[0].label.as_deref()), (1, Some("示A00002")));
    let stranger = Viewer::of_scopes("stranger", []);
    assert_eq!(by(&database, &stranger, By::Day).await.total.trips, 0);
    tracker.shutdown().await;
}
