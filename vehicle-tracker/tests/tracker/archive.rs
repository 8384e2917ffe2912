//! Days of positions go to files and come back; whatever goes wrong, a day is in the database or in a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Executor as _;
use time::OffsetDateTime;
use vehicle_tracker::TrackerError;
use vehicle_tracker::archive::{
    FileFault, Gone, Policy, Stayed, Step, Summary, archive, days_away, due, faults, restore,
};

use crate::database::Database;
use crate::trips::{BEGAN_MS, comes_to, day};
use crate::{start, terminal};

fn policy(folder: &Path) -> Policy {
    Policy { folder: Some(folder.to_owned()), positions_days: 30, rejects_days: 30 }
}

async fn run(database: &Database, folder: &Path) -> Summary {
    archive(&database.store, &policy(folder), &mut |_| {}).await.unwrap()
}

/// A day so many days ago with a position of twenty vehicles each ten seconds, received a minute later; every column
/// has values of its kind, and most have none here and there.
async fn fill(database: &Database, days_ago: i32) {
    let mut connection = database.connect().await;
    let statement = format!(
        "select ensure_position_partition(current_date - {days_ago});
        insert into position select v, t, hashtextextended(t::text, v), 105 + v / 7.0 + s * 1e-7,
            36 - s / 3e5, nullif(s % 97, 0) / 3.0, (s * 1.1)::numeric % 360, nullif(s % 5, 0), nullif(s % 3, 0) * 1e12::bigint,
            (s % 3)::smallint, 'T' || v, t + interval '1 minute', (s % 2)::smallint,
            case when s % 2 = 1 then 105.1 + s / 3e6 end, case when s % 2 = 1 then 36.1 end,
            nullif(s % 11, 0) * 1.7, nullif(s % 13, 0)::smallint, nullif(s % 7, 0) * 1000.03, nullif(s % 17, 0) / 7.0,
            case s % 3 when 0 then true when 1 then false end, nullif(-s, 0), s,
            case s % 4 when 0 then jsonb_build_object('名', s, 'x', array[1.5, null]) end
        from generate_series(1, 20) v cross join generate_series(0, 8639) s
        cross join lateral (select ((current_date - {days_ago})::timestamp at time zone 'UTC')
            + s * interval '10.000001 seconds' as t) t
        where t < ((current_date - {days_ago} + 1)::timestamp at time zone 'UTC')"
    );
    sqlx::raw_sql(&statement).execute(&mut connection).await.unwrap();
}

/// Everything that the database has, in an order.
async fn content(database: &Database) -> (i64, Option<String>) {
    let mut connection = database.connect().await;
    sqlx::query_as(
        "select count(*), md5(string_agg(p::text, '|' order by vehicle_id, fix_time, content_hash)) from position p",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn only(summary: &Summary) -> (&Gone, PathBuf) {
    let [gone] = summary.gone.as_slice() else { panic!("{summary:?}") };
    (gone, gone.file.clone().unwrap())
}

const PARTITIONS: &str = "select count(*) from pg_inherits where inhparent = 'position'::regclass";

#[tokio::test(flavor = "multi_thread")]
async fn a_day_goes_to_a_file_and_comes_back_as_it_was() {
    let database = Database::create().await;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("positions");
    fill(&database, 40).await;
    let before = content(&database).await;
    let [day] = due(&database.store, &policy(&folder)).await.unwrap().try_into().unwrap();
    assert!(!folder.exists() && day.byte_count > 1_000_000, "{day:?}");
    fill(&database, 3).await;

    let mut steps = Vec::new();
    let summary = archive(&database.store, &policy(&folder), &mut |step| {
        steps.push(match step {
            Step::Written(_, rows) => rows,
            Step::Verifying(..) => 0,
        });
    })
    .await
    .unwrap();
    let (gone, file) = only(&summary);
    assert_eq!((gone.day, gone.rows, &file), (day.day, before.0, &day.file));
    assert!(steps.is_sorted_by(|a, b| a < b || *b == 0), "{steps:?}");
    assert_eq!(database.count(PARTITIONS).await, 1);
    assert_eq!(names(&folder), [format!("position-{}.parquet", day.day)]);
    let per_row = gone.byte_count / gone.rows;
    assert!(per_row < 80, "{per_row} bytes a position in the file");
    let span = |days: i64| {
        let now = OffsetDateTime::now_utc();
        now - time::Duration::days(days)..now
    };
    assert_eq!(days_away(&database.store, &span(60)).await.unwrap(), [day.day]);
    assert!(days_away(&database.store, &span(20)).await.unwrap().is_empty());

    let mut connection = database.connect().await;
    connection.execute("delete from position").await.unwrap();
    for (new, again) in [(before.0.unsigned_abs(), "once"), (0, "twice")] {
        let restored = restore(&database.store, &file, &mut |_, _| {}).await.unwrap();
        assert_eq!(
            (restored.day, restored.rows, restored.new),
            (day.day, before.0, new),
            "{again}"
        );
        assert_eq!(content(&database).await, before, "{again}");
    }
    assert!(days_away(&database.store, &span(60)).await.unwrap().is_empty());

    // What was put back stays as long as what came today, and then needs no second file.
    assert!(run(&database, &folder).await.gone.is_empty());
    connection
        .execute("update position_archive set restored_at = now() - interval '31 days'")
        .await
        .unwrap();
    assert_eq!(only(&run(&database, &folder).await).1, file);
    assert_eq!(names(&folder).len(), 1);
    assert_eq!(database.count("select count(*) from position_archive").await, 1);
    assert_eq!(content(&database).await.0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_stays_where_something_came_lately_or_no_folder_is_named() {
    let database = Database::create().await;
    let dir = tempfile::tempdir().unwrap();
    fill(&database, 40).await;
    fill(&database, 41).await;
    let mut connection = database.connect().await;
    connection
        .execute(
            "update position set received_at = now() - interval '29 days'
            where (vehicle_id, fix_time) = (select vehicle_id, max(fix_time) from position
                where vehicle_id = 7 group by vehicle_id);
            insert into position_reject (received_at, topic, reason, detail, payload)
            select now() - n * interval '1 day', 't', 'not_json', '', '' from generate_series(1, 60) n",
        )
        .await
        .unwrap();
    let before = content(&database).await;
    let nowhere = Policy { folder: None, ..policy(dir.path()) };
    assert!(due(&database.store, &nowhere).await.unwrap().is_empty());
    let summary = archive(&database.store, &nowhere, &mut |_| {}).await.unwrap();
    assert_eq!((summary.gone.len(), summary.rejects), (0, 0));
    assert_eq!(content(&database).await, before);
    assert_eq!(database.count("select count(*) from position_reject").await, 60);

    let summary = run(&database, dir.path()).await;
    assert_eq!(only(&summary).0.rows * 2, before.0);
    assert_eq!(summary.rejects, 31);
    assert_eq!(database.count(PARTITIONS).await, 1);
    assert_eq!(content(&database).await.0 * 2, before.0);
    connection.execute("update position set received_at = fix_time").await.unwrap();
    assert_eq!(run(&database, dir.path()).await.gone.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_what_was_written_takes_nothing_out() {
    let database = Database::create().await;
    let dir = tempfile::tempdir().unwrap();
    fill(&database, 40).await;
    let before = content(&database).await;
    let damages: [fn(&Path); 3] = [
        |path| {
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(file.metadata().unwrap().len() / 2).unwrap();
        },
        |path| {
            let mut bytes = fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(path, bytes).unwrap();
        },
        |path| fs::remove_file(path).unwrap(),
    ];
    for damage in damages {
        let summary = archive(&database.store, &policy(dir.path()), &mut |step| {
            if let Step::Verifying(_, path) = step {
                damage(path);
            }
        })
        .await
        .unwrap();
        let [(_, TrackerError::Archive { .. })] = summary.failed.as_slice() else {
            panic!("{summary:?}")
        };
        assert!(summary.gone.is_empty(), "{summary:?}");
        assert_eq!(content(&database).await, before);
        assert!(names(dir.path()).is_empty(), "{:?}", names(dir.path()));
    }
    // Nowhere to write to.
    let file = dir.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let nowhere = archive(&database.store, &policy(&file), &mut |_| {}).await;
    assert!(nowhere.is_err() || nowhere.is_ok_and(|summary| !summary.failed.is_empty()));
    assert_eq!(content(&database).await, before);

    let file = only(&run(&database, dir.path()).await).1;
    let found = || faults(&database.store, Some(dir.path()));
    assert!(found().await.unwrap().is_empty());
    assert_eq!(faults(&database.store, None).await.unwrap(), [FileFault::NoFolder(1)]);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[1..]).unwrap();
    assert!(matches!(found().await.unwrap()[..], [FileFault::Size { .. }]));
    assert!(restore(&database.store, &file, &mut |_, _| {}).await.is_err());
    assert_eq!(content(&database).await.0, 0);
    fs::remove_file(&file).unwrap();
    assert_eq!(found().await.unwrap(), [FileFault::Missing(file)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_positions_are_stored_and_archived_again_and_trips_stay() {
    let database = Database::create().await;
    let dir = tempfile::tempdir().unwrap();
    let id = database.register(1).await[0];
    let mut connection = database.connect().await;
    let age = "update position set received_at = fix_time";
    let (all, late) = {
        let (mut all, mut late) = (Vec::new(), Vec::new());
        for (n, position) in day().into_iter().enumerate() {
            if n % 40 == 7 { late.push(position) } else { all.push(position) }
        }
        (all, late)
    };
    let tracker = start(&database).await;
    let mut terminal_of = terminal(&tracker, "T1").await;
    terminal_of.deliver(Value::from(all).to_string()).await;
    let drove =
        comes_to(&database, id, |found| found.trips.len() == 2 && found.stops.len() == 2).await;
    connection.execute(age).await.unwrap();
    let first = only(&run(&database, dir.path()).await).1;
    assert_eq!(database.count("select count(*) from position").await, 0);

    // The journal still believes in the partition; nobody's trips are judged by the few that came late.
    terminal_of.deliver(Value::from(late.clone()).to_string()).await;
    let count = i64::try_from(late.len()).unwrap();
    assert_eq!(database.count("select count(*) from position").await, count);
    assert_eq!(database.count("select count(*) from position_reject").await, 0);
    drop(terminal_of);
    tracker.shutdown().await;
    let tracker = start(&database).await;
    let next = |n: i64| json!({"t": BEGAN_MS + 86_400_000 + n * 10_000, "lon": 105.42, "lat": 36.5, "speed_kmh": 0});
    let next: Vec<Value> = (0..30).map(next).collect();
    terminal(&tracker, "T1").await.deliver(Value::from(next).to_string()).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let found = comes_to(&database, id, |found| found.trips.len() == 2).await;
    assert_eq!(found.trips, drove.trips);

    connection.execute(age).await.unwrap();
    let summary = run(&database, dir.path()).await;
    let files: Vec<PathBuf> = summary.gone.iter().filter_map(|gone| gone.file.clone()).collect();
    assert_eq!(summary.gone.iter().map(|gone| gone.rows).collect::<Vec<_>>(), [count, 30]);
    assert_eq!(files[0], dir.path().join("position-2026-03-01-2.parquet"));
    for file in [&first, &files[0]] {
        restore(&database.store, file, &mut |_, _| {}).await.unwrap();
    }
    assert_eq!(database.count("select count(*) from position").await, 720);
    tracker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_at_once_write_each_day_once() {
    let database = Database::create().await;
    let dir = tempfile::tempdir().unwrap();
    for days_ago in [40, 41, 42] {
        fill(&database, days_ago).await;
    }
    let (one, two) = tokio::join!(run(&database, dir.path()), run(&database, dir.path()));
    let rest = run(&database, dir.path()).await;
    let mut days: Vec<_> = [&one, &two, &rest]
        .iter()
        .flat_map(|summary| &summary.gone)
        .filter(|gone| gone.rows > 0)
        .map(|gone| gone.day)
        .collect();
    days.sort();
    days.dedup();
    assert_eq!(days.len(), 3, "{one:?} {two:?} {rest:?}");
    assert_eq!(names(dir.path()).len(), 3);
    assert_eq!(database.count("select count(*) from position_archive").await, 3);
    assert_eq!(database.count(PARTITIONS).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_changes_or_is_in_use_stays_until_the_next_time() {
    let database = Database::create().await;
    let dir = tempfile::tempdir().unwrap();
    fill(&database, 40).await;
    let (count, _) = content(&database).await;
    for change in [
        "update position set quality = 2 where ctid = (select min(ctid) from position)",
        "insert into position (vehicle_id, fix_time, content_hash, lon, lat, terminal_id, received_at)
            select 1, max(fix_time), 1, 1, 1, 'T1', max(received_at) from position",
    ] {
        let summary = archive(&database.store, &policy(dir.path()), &mut |step| {
            if let Step::Verifying(..) = step {
                tokio::task::block_in_place(|| {
                    tokio::runtime::Handle::current().block_on(async {
                        let mut connection = database.connect().await;
                        connection.execute(change).await.unwrap();
                    });
                });
            }
        })
        .await
        .unwrap();
        let [(_, stayed)] = summary.stayed[..] else { panic!("{summary:?}") };
        assert_eq!(stayed, Stayed::Changed, "{change}");
    }
    let before = content(&database).await;
    assert_eq!(before.0, count + 1);

    let mut reader = database.connect().await;
    reader.execute("begin; select from position limit 1").await.unwrap();
    let summary = run(&database, dir.path()).await;
    assert!(matches!(summary.stayed[..], [(_, Stayed::Busy)]), "{summary:?}");
    assert_eq!(content(&database).await, before);
    reader.execute("commit").await.unwrap();
    let written = names(dir.path());
    let file = only(&run(&database, dir.path()).await).1;
    // What was written and could not be let go serves now.
    assert_eq!(names(dir.path()), written);
    assert_eq!(content(&database).await.0, 0);
    restore(&database.store, &file, &mut |_, _| {}).await.unwrap();
    assert_eq!(content(&database).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_passed_a_place_on_a_day_that_is_over_is_found_by_an_index() {
    let database = Database::create().await;
    fill(&database, 9).await;
    let indexed = archive(&database.store, &Policy::default(), &mut |_| {}).await.unwrap().indexed;
    assert_eq!(indexed.len(), 1);
    let again = archive(&database.store, &Policy::default(), &mut |_| {}).await.unwrap().indexed;
    assert!(again.is_empty());
    let mut connection = database.connect().await;
    connection.execute("analyze position").await.unwrap();
    let passed = "from position where fix_time >= (current_date - 9)::timestamp at time zone 'UTC'
        and fix_time < (current_date - 8)::timestamp at time zone 'UTC'
        and point(lon, lat) <@ box(point(105.1428, 35.99), point(105.1432, 36.01))";
    let plan: Vec<(String,)> =
        sqlx::query_as(&format!("explain select distinct vehicle_id {passed}"))
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let plan = plan.into_iter().map(|(line,)| line).collect::<Vec<_>>().join("\n");
    assert!(plan.contains("_place"), "{plan}");
    assert_eq!(database.count(&format!("select count(distinct vehicle_id) {passed}")).await, 1);
}
