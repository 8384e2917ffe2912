//! The live state shows what was committed, by whomever and in whatever order.

use std::time::Duration;

use gis_data::{Bbox, FeatureId, Viewer};
use sqlx::{Connection as _, Executor as _};
use time::OffsetDateTime;
use vehicle_tracker::vehicles::{self, VehicleFilter};
use vehicle_tracker::{Delta, Status, Update, View};

use crate::database::Database;
use crate::terminal::position;
use crate::{eventually, start, terminal};

fn lon_of(tracker: &vehicle_tracker::Tracker, id: FeatureId) -> Option<f64> {
    tracker.live().get(id)?.position.map(|p| p.place.lon())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_reaches_an_open_feed_within_a_second() {
    let database = Database::create().await;
    let id = database.register(1).await[0];
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    let mut feed = tracker.hub().subscribe(Viewer::program());
    let bbox = Bbox::new_checked([104.0, 36.0, 106.0, 37.0]).unwrap();
    feed.look_at(View { bbox, zoom: 10.0, cluster_above: None });
    let Update::Snapshot { vehicles, total, .. } = feed.next().await else { panic!("no snapshot") };
    assert_eq!((vehicles.len(), total), (0, 1));

    terminal.deliver(position(1, 105.0).to_string()).await;
    let told = tokio::time::timeout(Duration::from_secs(1), async {
        loop {
            if let Update::Delta(delta) = feed.next().await {
                return delta;
            }
        }
    });
    let Delta { entered, moved, gone, .. } = told.await.expect("a difference within a second");
    assert_eq!((entered[0].info.feature_id, entered[0].status), (id, Status::Moving));
    assert!(moved.is_empty() && gone.is_empty());

    terminal.deliver(position(0, 110.0).to_string()).await;
    let left = loop {
        if let Update::Delta(delta) = feed.next().await {
            break delta.gone;
        }
    };
    assert_eq!(left, [(id, entered[0].handle)]);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_tracker_knows_every_latest_position() {
    let database = Database::create().await;
    let ids = database.register(2).await;
    let tracker = start(&database).await;
    terminal(&tracker, "T1").await.deliver(position(5, 105.0).to_string()).await;
    tracker.shutdown().await;

    // Whether the latest positions were written before the end or not.
    let tracker = start(&database).await;
    assert_eq!(lon_of(&tracker, ids[0]), Some(105.0));
    database.comes_to("select count(*) from vehicle_latest where lon = 105.0", 1).await;
    tracker.shutdown().await;

    let tracker = start(&database).await;
    assert_eq!(lon_of(&tracker, ids[0]), Some(105.0));
    let list = vehicles::list(&tracker.live(), &Viewer::program(), &VehicleFilter::default());
    assert_eq!((list.total, list.by_status["moving"], list.by_status["unknown"]), (2, 1, 1));
    tracker.shutdown().await;
}

/// Number 1 commits after number 2: a follower that only looked past the highest number it has seen
/// would never show it.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_commits_long_after_later_ones_is_still_shown() {
    let database = Database::create().await;
    let ids = database.register(2).await;
    let tracker = start(&database).await;
    let now = OffsetDateTime::now_utc().unix_timestamp() * 1_000;
    let text = format!(
        r#"[{{"vehicle_id":{},"lon":111.0,"lat":36.0,"speed_kmh":null,"heading":null,"fix_ms":{now},"received_ms":{now}}}]"#,
        ids[0]
    );
    let mut slow = database.connect().await;
    let mut open = slow.begin().await.unwrap();
    sqlx::query("insert into position_batch (position_count, payload) values (1, $1)")
        .bind(zstd::bulk::compress(text.as_bytes(), 1).unwrap())
        .execute(&mut *open)
        .await
        .unwrap();

    let mut terminal = terminal(&tracker, "T2").await;
    for lon in [105.0, 105.1, 105.2] {
        terminal.deliver(position(5, lon).to_string()).await;
        eventually("the later batch is shown", || lon_of(&tracker, ids[1]) == Some(lon)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(lon_of(&tracker, ids[0]), None);
    open.commit().await.unwrap();
    eventually("the late batch is shown", || lon_of(&tracker, ids[0]) == Some(111.0)).await;
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_servers_commits_and_new_vehicles_are_shown() {
    let database = Database::create().await;
    let (ours, theirs) = (start(&database).await, start(&database).await);
    let id = database.register(1).await[0];
    terminal(&theirs, "T1").await.deliver(position(5, 105.0).to_string()).await;
    eventually("the vehicle of another server is shown", || lon_of(&ours, id) == Some(105.0)).await;
    let mut owner = database.connect().await;
    owner.execute("update vehicle set plate = '示B00001'").await.unwrap();
    let is_shown = || ours.live().get(id).is_some_and(|v| v.info.plate == "示B00001");
    eventually("the new plate is shown", is_shown).await;
    owner
        .execute(
            "insert into org (code, name, path, level, color) values ('T', '示例局', 't', 1, '#000000');
            update vehicle set org_id = (select org_id from org where code = 'T')",
        )
        .await
        .unwrap();
    let org = || ours.live().get(id).and_then(|v| v.info.org.clone()).map(|org| org.1.to_string());
    eventually("whose it is, is shown", || org().as_deref() == Some("示例局")).await;
    owner.execute("update org set name = '示例新局' where code = 'T'").await.unwrap();
    eventually("its new name is shown", || org().as_deref() == Some("示例新局")).await;
    owner.execute("update terminal set terminal_id = 'T9'").await.unwrap();
    let terminal = || ours.live().get(id).and_then(|v| v.info.terminal_id.clone());
    eventually("the new terminal is shown", || terminal().as_deref() == Some("T9")).await;
    owner
        .execute("update feature set scope_id = scope_for('{}', '{}', 3::smallint, 'vehicle') where kind = 'vehicle'")
        .await
        .unwrap();
    let scope: i32 =
        database.count("select scope_id::bigint from feature").await.try_into().unwrap();
    let is_moved = || ours.live().get(id).is_some_and(|v| v.info.scope.0 == scope);
    eventually("the new scope counts", is_moved).await;
    ours.shutdown().await;
    theirs.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_state_catches_up_after_lost_connections() {
    let database = Database::create().await;
    let id = database.register(1).await[0];
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    let mut killer = database.connect().await;
    for lon in [105.0, 106.0, 107.0] {
        killer
            .execute(
                "select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid()",
            )
            .await
            .unwrap();
        terminal.deliver(position(5, lon).to_string()).await;
        eventually("the position is shown", || lon_of(&tracker, id) == Some(lon)).await;
    }
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_track_is_in_order_of_time_thinned_to_its_limit_and_cut_to_rights() {
    let database = Database::create().await;
    let id = database.register(1).await[0];
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    let points: Vec<_> =
        (0..100).map(|n| position(1 + i64::from(n), 105.0 + f64::from(n) / 1_000.0)).collect();
    terminal.deliver(serde_json::Value::from(points).to_string()).await;
    let span = OffsetDateTime::now_utc() - time::Duration::hours(1)..OffsetDateTime::now_utc();
    let program = Viewer::program();
    let track = |viewer: Viewer, limit| {
        let (store, span) = (database.store.clone(), span.clone());
        async move { vehicles::track(&store, &viewer, id, span, limit).await.unwrap() }
    };
    let all = track(program.clone(), 1_000).await;
    assert_eq!(all.len(), 100);
    assert!(all.is_sorted_by_key(|p| p.fix_ms));
    let thin = track(program, 10).await;
    assert!((8..=11).contains(&thin.len()), "{}", thin.len());
    assert_eq!((thin.first(), thin.last()), (all.first(), all.last()));
    assert!(track(Viewer::of_scopes("stranger", []), 10).await.is_empty());
    let today = vehicles::today(&database.store).await.unwrap();
    assert_eq!((today.stored, today.rejected), (100, 0));
    tracker.shutdown().await;
}
