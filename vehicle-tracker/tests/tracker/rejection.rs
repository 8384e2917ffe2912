//! What is bad is kept with its reason, is acknowledged, and stops nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use sqlx::{Connection as _, Executor as _};

use crate::database::Database;
use crate::terminal::position;
use crate::{start, terminal};

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_stored_with_its_reason_and_the_stream_goes_on() {
    let database = Database::create().await;
    database.register(1).await;
    let tracker = start(&database).await;
    let mut known = terminal(&tracker, "T1").await;
    let mut outside = position(5, 105.0);
    outside["lon"] = 181.into();
    let mut zero = position(5, 0.0);
    zero["lat"] = 0.into();
    let mut turned = position(5, 105.0);
    turned["heading"] = 400.into();

    known.deliver("hello").await;
    known.deliver(json!({"t": 5}).to_string()).await;
    known.deliver(position(-600, 105.0).to_string()).await;
    known
        .deliver(json!([position(5, 105.0), outside, zero, turned, position(4, 105.0)]).to_string())
        .await;
    known.deliver(json!({"t": 5, "lon": 1, "lat": 1}).to_string()).await;
    let mut unknown = terminal(&tracker, "NOBODY").await;
    unknown.deliver(position(5, 105.0).to_string()).await;
    known.deliver(position(3, 105.0).to_string()).await;

    let mut connection = database.connect().await;
    let rows: Vec<(String, i32, String, String)> = sqlx::query_as(
        "select reason, item, coalesce(terminal_id, ''), convert_from(payload, 'UTF8')
        from position_reject order by reject_id",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let told: Vec<(&str, i32, &str)> = rows
        .iter()
        .map(|(reason, item, terminal, _)| (reason.as_str(), *item, terminal.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("not_json", 0, "T1"),
            ("broken_payload", 0, "T1"),
            ("future", 0, "T1"),
            ("outside_earth", 2, "T1"),
            ("zero_coordinates", 3, "T1"),
            ("out_of_range", 4, "T1"),
            ("too_old", 0, "T1"),
            ("unknown_terminal", 0, "NOBODY"),
        ]
    );
    assert_eq!(rows[0].3, "hello");
    assert!(rows[3].3.contains("181"), "{}", rows[3].3);
    assert_eq!(database.count("select count(*) from position").await, 3);
    let counted: BTreeMap<_, _> =
        tracker.counters().rejected.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counted.len(), 8);
    assert!(counted.values().all(|count| *count == 1));
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_registered_a_moment_ago_is_known() {
    let database = Database::create().await;
    let tracker = start(&database).await;
    let mut terminal = terminal(&tracker, "T1").await;
    terminal.deliver(position(5, 105.0).to_string()).await;
    database.register(1).await;
    terminal.deliver(position(4, 105.0).to_string()).await;
    assert_eq!(database.count("select count(*) from position").await, 1);
    assert_eq!(database.count("select count(*) from position_reject").await, 1);
    tracker.shutdown().await;
}

/// The schema lets nothing through that the table would refuse, so the refusal is provoked by one
/// more constraint. All three messages are in one batch: it forms while another commit is held back.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_database_refuses_does_not_hold_up_the_others() {
    let database = Database::create().await;
    database.register(4).await;
    let mut owner = database.connect().await;
    owner.execute("alter table position add check (lon <> 107.5)").await.unwrap();
    let tracker = start(&database).await;
    let mut terminals = Vec::new();
    for name in ["T1", "T2", "T3", "T4"] {
        terminals.push(terminal(&tracker, name).await);
    }
    let mut held = owner.begin().await.unwrap();
    held.execute("lock table position_batch in exclusive mode").await.unwrap();
    for (terminal, lon) in terminals.iter_mut().zip([105.0, 105.0, 107.5, 105.0]) {
        terminal.send(position(5, lon).to_string()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    held.rollback().await.unwrap();
    for terminal in &mut terminals {
        assert!(terminal.is_acknowledged_within(Duration::from_secs(10)).await);
    }
    assert_eq!(database.count("select count(*) from position").await, 3);
    let refused = "select count(*) from position_reject where reason = 'refused_by_storage'
        and terminal_id = 'T3' and detail like '%lon%'";
    assert_eq!(database.count(refused).await, 1);
    assert!(tracker.counters().database_errors > 0);
    tracker.shutdown().await;
}
