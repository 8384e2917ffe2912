//! Trips on file are a function of the positions on file, in whatever order these came.

use std::time::Duration;

use gis_data::{FeatureId, Viewer};
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use sqlx::Connection as _;
use time::OffsetDateTime;
use vehicle_tracker::trip::Open;
use vehicle_tracker::vehicles::{
    Act, ActFault, AlarmFilter, AlarmOnFile, Deed, Journeys, Pending, act_on_alarm, alarms,
    journeys,
};

use crate::database::Database;
use crate::{start, terminal};

/// Morning of a day that is over: stands, drives, stands, drives, stands; a position each 10 s.
pub(crate) const BEGAN_MS: i64 = 1_772_323_200_000;

pub(crate) fn day() -> Vec<Value> {
    let mut noise = ChaCha8Rng::seed_from_u64(5);
    let mut lon = 105.0;
    let mut positions = Vec::new();
    for tick in 0..720_i64 {
        let is_driving = (90..240).contains(&tick) || (400..600).contains(&tick);
        // 0.0012 degrees are 107 m here: 39 km/h.
        lon += if is_driving { 0.0012 } else { 0.0 };
        let jitter = noise.random_range(-0.000_02..0.000_02);
        positions.push(json!({
            "t": BEGAN_MS + tick * 10_000,
            "lon": lon + jitter,
            "lat": 36.5,
            "speed_kmh": if is_driving { 39.0 } else { 0.0 },
            "odometer_km": 1_000.0 + (lon - 105.0) * 89.5,
            "ignition": is_driving,
        }));
    }
    positions
}

fn moment(ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(ms / 1_000).unwrap()
}

async fn on_file(database: &Database, id: FeatureId) -> Journeys {
    let span = moment(BEGAN_MS - 3_600_000)..moment(BEGAN_MS + 86_400_000);
    journeys(&database.store, &Viewer::program(), id, span).await.unwrap()
}

/// Waits for so many trips and stops.
async fn settled(database: &Database, id: FeatureId, trips: usize, stops: usize) -> Journeys {
    comes_to(database, id, |found| (found.trips.len(), found.stops.len()) == (trips, stops)).await
}

/// Waits for a minute at most.
pub(crate) async fn comes_to(
    database: &Database,
    id: FeatureId,
    is_there: impl Fn(&Journeys) -> bool,
) -> Journeys {
    for _ in 0..1_200 {
        let found = on_file(database, id).await;
        if is_there(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not there after a minute: {:?}", on_file(database, id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_positions_become_its_trips_whatever_their_order() {
    let database = Database::create().await;
    let ids = database.register(4).await;
    let tracker = start(&database).await;
    let day = day();
    let mut hours_reversed: Vec<Vec<Value>> = day.chunks(120).map(<[Value]>::to_vec).collect();
    hours_reversed.reverse();
    let mut shuffled = day.clone();
    shuffled.shuffle(&mut ChaCha8Rng::seed_from_u64(7));
    let deliveries = [
        day.chunks(60).map(<[Value]>::to_vec).collect::<Vec<_>>(),
        hours_reversed,
        shuffled.chunks(50).map(<[Value]>::to_vec).collect(),
        day.chunks(100).flat_map(|part| [part.to_vec(), part.to_vec()]).collect(),
    ];
    for (index, parts) in deliveries.into_iter().enumerate() {
        let mut terminal = terminal(&tracker, &format!("T{}", index + 1)).await;
        for part in parts {
            terminal.deliver(Value::from(part).to_string()).await;
            // So that the keeper sees the parts one after the other, and not the day at once.
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }
    let in_order = settled(&database, ids[0], 2, 2).await;
    let [first, second] = in_order.trips.as_slice() else { panic!("{in_order:?}") };
    for (trip, begins, ends) in [(first, 89, 240), (second, 399, 600)] {
        let tick = |ms: i64| (ms - BEGAN_MS) / 10_000;
        assert!((tick(trip.start_ms) - begins).abs() <= 2, "{} {begins}", tick(trip.start_ms));
        assert!((tick(trip.end_ms) - ends).abs() <= 2, "{} {ends}", tick(trip.end_ms));
    }
    let km = first.distance_m / 1_000.0;
    assert!((km - 16.1).abs() < 0.3, "{km} km");
    let told = first.odometer_m.unwrap() / 1_000.0;
    assert!((km - told).abs() < 0.3, "{km} km, the odometer says {told}");
    assert!((38.0..41.0).contains(&first.max_kmh), "{}", first.max_kmh);
    assert!(first.line.len() >= 2 && first.line.len() < 60, "{} vertices", first.line.len());
    let Some(Open::Standing(stop)) = &in_order.open else { panic!("{:?}", in_order.open) };
    assert_eq!(stop.end_ms, BEGAN_MS + 7_190_000);
    for (id, how) in ids[1..].iter().zip(["reversed by the hour", "shuffled", "twice"]) {
        let found = settled(&database, *id, 2, 2).await;
        assert_eq!(found.trips, in_order.trips, "{how}");
        assert_eq!(found.stops, in_order.stops, "{how}");
        assert_eq!(found.open, in_order.open, "{how}");
    }
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_while_nobody_had_the_cursor_is_worked_off_pass_by_pass() {
    const VEHICLES: usize = 80;
    let database = Database::create().await;
    let ids = database.register(VEHICLES).await;
    let mut held = database.connect().await;
    let take = "select pg_advisory_lock(hashtextextended('driving cursor', 0))";
    sqlx::query(take).execute(&mut held).await.unwrap();
    let tracker = start(&database).await;
    let day = day();
    assert!(VEHICLES * day.len() > 50_000, "more than a pass takes");
    for index in 1..=VEHICLES {
        let mut terminal = terminal(&tracker, &format!("T{index}")).await;
        terminal.deliver(Value::from(day.clone()).to_string()).await;
    }
    let found: i64 =
        sqlx::query_scalar("select count(*) from trip").fetch_one(&mut held).await.unwrap();
    assert_eq!(found, 0, "nobody works");
    held.close().await.unwrap();
    let first = settled(&database, ids[0], 2, 2).await;
    for id in &ids[1..] {
        let found = settled(&database, *id, 2, 2).await;
        assert_eq!((&found.trips, &found.stops), (&first.trips, &first.stops));
    }
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_goes_on_where_one_ended_and_a_late_position_mends_what_it_worked_out() {
    let database = Database::create().await;
    let id = database.register(1).await[0];
    let day = day();
    // One position flew off: nobody drives 500 km in ten seconds.
    let mut flown = day.clone();
    flown[300]["lon"] = json!(110.0);
    let deliver = async |part: &[Value]| {
        let tracker = start(&database).await;
        terminal(&tracker, "T1").await.deliver(Value::from(part.to_vec()).to_string()).await;
        tracker
    };
    let tracker = deliver(&flown[..200]).await;
    let is_on_its_way = |found: &Journeys| matches!(&found.open, Some(Open::Driving(trip)) if trip.end_ms == BEGAN_MS + 1_990_000);
    comes_to(&database, id, is_on_its_way).await;
    tracker.shutdown().await;
    let tracker = deliver(&flown[250..]).await;
    let with_a_hole = settled(&database, id, 2, 2).await;
    assert!(with_a_hole.trips[0].points < 151);
    tracker.shutdown().await;
    let tracker = deliver(&flown[200..250]).await;
    let is_mended = |found: &Journeys| {
        let points = |found: &Journeys| found.trips.first().map(|trip| trip.points);
        found.trips.len() == 2 && points(found) > points(&with_a_hole)
    };
    comes_to(&database, id, is_mended).await;
    tracker.shutdown().await;
    let drifted = "select count(*) from position where quality & 2 = 2";
    assert_eq!(database.count(drifted).await, 1);
}

/// At 50 km/h with a minute at 150 in its middle, a position each 5 s; far from any stop.
fn fast() -> Vec<Value> {
    let mut lon = 105.0;
    let positions = (0..60_i64).map(|tick| {
        let kmh = if (20..32).contains(&tick) { 150.0 } else { 50.0 };
        lon += kmh / 3.6 * 5.0 / 89_500.0;
        json!({"t": BEGAN_MS + tick * 5_000, "lon": lon, "lat": 36.5, "speed_kmh": kmh})
    });
    positions.collect()
}

async fn alarms_of(database: &Database, id: FeatureId) -> Vec<AlarmOnFile> {
    let filter = AlarmFilter { vehicle: Some(id), limit: 100, ..AlarmFilter::default() };
    alarms(&database.store, &Viewer::program(), &filter).await.unwrap().items
}

pub(crate) async fn has_alarms(
    database: &Database,
    id: FeatureId,
    rules: &[&str],
) -> Vec<AlarmOnFile> {
    for _ in 0..1_200 {
        let found = alarms_of(database, id).await;
        if found.iter().map(|alarm| alarm.rule.as_str()).collect::<Vec<_>>() == rules {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not {rules:?}: {:?}", alarms_of(database, id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn speeding_is_an_alarm_that_people_settle_and_a_late_position_takes_back() {
    let database = Database::create().await;
    let ids = database.register(2).await;
    let tracker = start(&database).await;
    let (mut first, mut second) = (terminal(&tracker, "T1").await, terminal(&tracker, "T2").await);
    let day = fast();
    first.deliver(Value::from(day.clone()).to_string()).await;
    let [alarm] = has_alarms(&database, ids[0], &["speeding"]).await.try_into().unwrap();
    assert_eq!((alarm.state.as_str(), alarm.level), ("open", 2));
    assert!(alarm.ended_ms.is_some_and(|ended| ended > alarm.started_ms), "{alarm:?}");
    assert!(alarm.evidence["thresholds"].to_string().contains("120"), "{}", alarm.evidence);

    let act = async |act, note: &str| {
        let deed = Deed { act, assignee: None, note: note.to_owned() };
        let program = Viewer::program();
        act_on_alarm(&database.store, &program, "dispatcher", alarm.alarm_id, &deed).await.unwrap()
    };
    assert_eq!(act(Act::Acknowledge, "").await.unwrap().state, "acknowledged");
    assert_eq!(act(Act::Acknowledge, "").await, Err(ActFault::OutOfTurn), "twice");
    assert_eq!(act(Act::Close, "").await, Err(ActFault::Incomplete), "without a reason");
    let closed = act(Act::Close, "急救任务").await.unwrap();
    assert_eq!((closed.state.as_str(), closed.acts.as_array().unwrap().len()), ("closed", 2));
    let pending = AlarmFilter { pending: Pending::Only, limit: 9, ..AlarmFilter::default() };
    assert!(alarms(&database.store, &Viewer::program(), &pending).await.unwrap().items.is_empty());

    // Fast at the beginning and at the end of a minute of which nothing else was heard; then it turns out
    // that it was slow all the while between.
    let at = |s: i64, kmh: f64| {
        let lon = 105.0 + f64::from(i32::try_from(s).unwrap()) * 0.000_1;
        json!({"t": BEGAN_MS + s * 1_000, "lon": lon, "lat": 36.5, "speed_kmh": kmh})
    };
    let heard = [at(0, 50.0), at(30, 150.0), at(90, 150.0), at(95, 50.0), at(110, 50.0)];
    second.deliver(Value::from(heard.to_vec()).to_string()).await;
    has_alarms(&database, ids[1], &["speeding"]).await;
    let late: Vec<Value> = (7..18).map(|n| at(n * 5, 50.0)).collect();
    second.deliver(Value::from(late).to_string()).await;
    has_alarms(&database, ids[1], &[]).await;
    assert_eq!(
        database.count("select count(*) from alarm where withdrawn_at is not null").await,
        1
    );
    // What people did is kept whatever becomes of the verdict.
    assert_eq!(database.count("select count(*) from alarm_act").await, 2);
    tracker.shutdown().await;
}
