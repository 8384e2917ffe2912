//! Driving is judged by the fences and the orders on file, also by those that come after it.

use gis_data::{FeatureId, Viewer};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _};
use vehicle_tracker::vehicles::{FencePlan, PlanFault, fences, keep_fence, retire_fence};

use crate::database::Database;
use crate::terminal::position;
use crate::trips::{BEGAN_MS, day, has_alarms};
use crate::{start, terminal};

/// An organisation and one below it, to which the vehicles belong.
pub(crate) async fn organisations(database: &Database) -> (i64, i64) {
    let mut owner = database.connect().await;
    let (top, below): (i64, i64) = sqlx::query_as(
        "with top as (insert into org (code, name, path, level, color)
            values ('T', '示例局', 't', 1, '#000000') returning org_id),
        below as (insert into org (code, name, path, level, color)
            values ('TB', '示例处', 't.b', 2, '#000000') returning org_id)
        select top.org_id, below.org_id from top, below",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    let moved = format!("update vehicle set org_id = {below}");
    owner.execute(moved.as_str()).await.unwrap();
    owner.close().await.unwrap();
    (top, below)
}

fn plan(org: i64, more: &Value) -> FencePlan {
    // The first drive of the day leads through its middle, from 105.0 to 105.18.
    let mut plan = json!({
        "name": "办公区", "org_id": org, "asks": ["enter", "leave"],
        "area": {"drawn": {"geometry": {"type": "Point", "coordinates": [105.09, 36.5]}, "metres": 500}},
    });
    for (name, value) in more.as_object().unwrap() {
        plan[name] = value.clone();
    }
    serde_json::from_value(plan).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fence_finds_the_vehicles_that_it_is_about_until_it_is_retired() {
    let database = Database::create().await;
    let ids = database.register(2).await;
    let (top, below) = organisations(&database).await;
    let program = Viewer::program();
    let keep = async |known, plan: &FencePlan| {
        keep_fence(&database.store, &program, "dispatcher", known, plan).await.unwrap()
    };
    let fence = keep(None, &plan(top, &json!({}))).await.unwrap();
    assert_eq!((fence.org_name.as_str(), fence.version), ("示例局", 1));
    // Only the second vehicle, and it may not be so fast here.
    let listed = json!({"name": "限速", "asks": [], "limit_kmh": 30, "vehicles": [ids[1]]});
    keep(None, &plan(below, &listed)).await.unwrap();

    let tracker = start(&database).await;
    for name in ["T1", "T2"] {
        let day = Value::from(day()[..300].to_vec());
        terminal(&tracker, name).await.deliver(day.to_string()).await;
    }
    // The newest first.
    let found = has_alarms(&database, ids[0], &["geofence", "geofence"]).await;
    let about = |kind: &str| format!("fence:{}:{kind}", fence.fence_id);
    assert_eq!([&found[0].about, &found[1].about], [&about("leave"), &about("enter")]);
    let crossed_ms = found[1].started_ms - BEGAN_MS;
    // 0.09 degrees less 500 m, at 0.0012 degrees each 10 s from the 90th position on.
    assert!((1_570_000..1_610_000).contains(&crossed_ms), "{crossed_ms}");
    has_alarms(&database, ids[1], &["speeding", "geofence", "geofence"]).await;

    let changed = plan(top, &json!({"name": "办公区二", "asks": ["enter"]}));
    let stale = keep(Some((fence.fence_id, 7)), &changed).await;
    assert_eq!(stale, Err(PlanFault::Stale));
    let second = keep(Some((fence.fence_id, 1)), &changed).await.unwrap();
    assert_eq!((second.version, second.asks), (2, vec!["enter".to_owned()]));
    let retired = retire_fence(&database.store, &program, "dispatcher", fence.fence_id).await;
    assert_eq!(retired.unwrap(), Ok(()));
    let left: Vec<String> = fences(&database.store, &program)
        .await
        .unwrap()
        .into_iter()
        .map(|fence| fence.name)
        .collect();
    assert_eq!(left, ["限速"]);
    assert_eq!(keep(Some((fence.fence_id, 3)), &changed).await, Err(PlanFault::Unknown));
    tracker.shutdown().await;
}

/// As a module posts it; the document itself is not looked at here.
pub(crate) async fn post_order(
    database: &Database,
    vehicle: FeatureId,
    revision: i32,
    is_void: bool,
) {
    let mut owner = database.connect().await;
    let statement = format!(
        "set session_replication_role = replica;
        update vehicle_duty set superseded_at = now() where doc_id = 77 and superseded_at is null;
        insert into vehicle_duty (vehicle_id, doc_id, revision, starts_at, ends_at, driver, purpose,
            destination, is_late, is_void, actor)
        values ({}, 77, {revision}, to_timestamp({}), to_timestamp({}), '示例驾驶员', '开会', '示例县',
            true, {is_void}, 'dispatcher')",
        vehicle.0,
        BEGAN_MS / 1_000,
        BEGAN_MS / 1_000 + 7_200,
    );
    owner.execute(statement.as_str()).await.unwrap();
    owner.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_approved_after_the_trip_takes_its_alarm_back() {
    let database = Database::create().await;
    let id = database.register(1).await[0];
    let mut owner = database.connect().await;
    owner
        .execute("insert into alarm_threshold (name, value) values ('trip_without_order.level', 2)")
        .await
        .unwrap();
    let tracker = start(&database).await;
    terminal(&tracker, "T1").await.deliver(Value::from(day()).to_string()).await;
    has_alarms(&database, id, &["trip_without_order", "trip_without_order"]).await;
    post_order(&database, id, 1, false).await;
    has_alarms(&database, id, &[]).await;
    tracker.shutdown().await;

    // Cancelled while no server runs: the next one judges again.
    post_order(&database, id, 2, true).await;
    let tracker = start(&database).await;
    has_alarms(&database, id, &["trip_without_order", "trip_without_order"]).await;
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vehicle_that_fell_silent_while_no_server_ran_is_found_by_the_next_and_stays_found() {
    let database = Database::create().await;
    let id = database.register(1).await[0];
    let tracker = start(&database).await;
    let mut car = terminal(&tracker, "T1").await;
    car.deliver(position(120, 105.0).to_string()).await;
    database.comes_to("select count(*) from vehicle_latest", 1).await;
    tracker.shutdown().await;

    // Its last word is older than a driving vehicle is waited for.
    let mut owner = database.connect().await;
    owner
        .execute("insert into alarm_threshold (name, value) values ('offline.least_s', 60), ('offline.intervals', 1)")
        .await
        .unwrap();
    owner.close().await.unwrap();
    let tracker = start(&database).await;
    let found = has_alarms(&database, id, &["offline"]).await;
    tracker.shutdown().await;

    let tracker = start(&database).await;
    for _ in 0..20 {
        // It is never taken back in between: people would hear of it again.
        let again = has_alarms(&database, id, &["offline"]).await;
        assert_eq!((again[0].alarm_id, again[0].ended_ms), (found[0].alarm_id, None));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    tracker.shutdown().await;
}
