//! Deadlines count working days by the notices that come with the program.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::World;

#[tokio::test]
async fn deadlines_skip_holidays_and_count_working_weekends() {
    let world = World::create().await;
    let published = modules::publish_calendar(&world.store).await.unwrap();
    assert!(published > 90, "{published}");
    for (began, working_days, last) in [
        ("2026-02-12", 5, "2026-02-26"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-04-30", 7, "2026-05-13"),
    ] {
        let asked = format!(
            "select (due_after('{began} 10:00+08', {working_days}) at time zone 'Asia/Shanghai')::date::text"
        );
        assert_eq!(world.read(&asked).await, [last], "{working_days} working days after {began}");
    }
    // What an administrator has changed stays.
    world.as_superuser("update calendar_day set is_working = true where day = '2026-02-17'").await;
    modules::publish_calendar(&world.store).await.unwrap();
    let kept =
        world.read("select is_working::text from calendar_day where day = '2026-02-17'").await;
    assert_eq!(kept, ["true"]);
}
