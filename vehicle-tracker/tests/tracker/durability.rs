//! Nothing that was acknowledged is lost, and nothing is stored twice.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _};

use crate::database::Database;
use crate::terminal::position;
use crate::{start, start_with, terminal};

const STORED: &str = "select count(*) from position";

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_is_acknowledged_only_after_its_commit() {
    let database = Database::create().await;
    database.register(1).await;
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;

    let mut blocker = database.connect().await;
    let mut held = blocker.begin().await.unwrap();
    held.execute("lock table position_batch in exclusive mode").await.unwrap();
    terminal.send(position(5, 105.0).to_string()).await;
    assert!(!terminal.is_acknowledged_within(Duration::from_millis(700)).await);
    assert_eq!(database.count(STORED).await, 0);

    held.rollback().await.unwrap();
    assert!(terminal.is_acknowledged_within(Duration::from_secs(10)).await);
    assert_eq!(database.count(STORED).await, 1);
    assert_eq!(tracker.counters().acknowledged, 1);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_position_sent_again_adds_nothing() {
    let database = Database::create().await;
    database.register(1).await;
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    let mut first = position(5, 105.0);
    terminal.deliver(first.to_string()).await;
    // Another serial is another delivery, not another position.
    first["serial"] = 9.into();
    terminal.deliver(format!("[{first},{first}]")).await;
    // The same moment with another content is another position.
    first["lon"] = 105.1.into();
    terminal.deliver(first.to_string()).await;
    assert_eq!(database.count(STORED).await, 2);
    let counters = tracker.counters();
    assert_eq!((counters.stored, counters.duplicate), (2, 2));
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_out_of_order_does_not_move_the_latest_position_back() {
    let database = Database::create().await;
    database.register(1).await;
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    terminal.deliver(position(5, 105.0).to_string()).await;
    terminal.deliver(position(3_600, 106.0).to_string()).await;
    assert_eq!(database.count(STORED).await, 2);
    database.comes_to("select count(*) from vehicle_latest where lon = 105.0", 1).await;
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_connections_lose_no_acknowledged_position() {
    let database = Database::create().await;
    database.register(1).await;
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    let mut killer = database.connect().await;
    for number in 0..40 {
        terminal.send(position(100 - number, 105.0).to_string()).await;
        if number % 4 == 0 {
            killer
                .execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()",
                )
                .await
                .unwrap();
        }
        assert!(terminal.is_acknowledged_within(Duration::from_secs(20)).await, "number {number}");
        assert_eq!(database.count(STORED).await, number + 1);
    }
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_outage_ends_the_connection_without_an_acknowledgement() {
    let database = Database::create().await;
    database.register(1).await;
    let tracker = start_with(&database, Duration::from_millis(300)).await;
    let mut publisher = terminal(&tracker, "T1").await;
    let mut owner = database.connect().await;
    owner.execute("alter table position rename to position_away").await.unwrap();
    publisher.send(position(5, 105.0).to_string()).await;
    assert!(publisher.is_cut_off_within(Duration::from_secs(20)).await);

    owner.execute("alter table position_away rename to position").await.unwrap();
    let mut again = terminal(&tracker, "T1").await;
    again.deliver(position(5, 105.0).to_string()).await;
    assert_eq!(database.count(STORED).await, 1);
    assert_eq!(tracker.counters().refused, 1);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_commits_and_acknowledges_what_was_taken() {
    let database = Database::create().await;
    database.register(1).await;
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    let mut blocker = database.connect().await;
    let mut held = blocker.begin().await.unwrap();
    held.execute("lock table position_batch in exclusive mode").await.unwrap();
    terminal.send(position(5, 105.0).to_string()).await;
    assert!(!terminal.is_acknowledged_within(Duration::from_millis(300)).await);
    let closing = tokio::spawn(tracker.shutdown());
    tokio::time::sleep(Duration::from_millis(100)).await;
    held.rollback().await.unwrap();
    assert!(terminal.is_acknowledged_within(Duration::from_secs(10)).await);
    closing.await.unwrap();
    assert_eq!(database.count(STORED).await, 1);
}
