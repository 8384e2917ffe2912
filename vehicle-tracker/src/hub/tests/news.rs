//! What clients are told of alarms and seals, each within its rights.

use std::collections::BTreeSet;

use super::super::feed::NEWS_TICK;
use super::*;

async fn news(feed: &mut ClientFeed) -> BTreeSet<About> {
    loop {
        if let Update::News(about) = feed.next().await {
            return about;
        }
    }
}

/// Whether a second and a half pass without news.
async fn hears_nothing(feed: &mut ClientFeed) -> bool {
    tokio::time::timeout(NEWS_TICK * 3 / 2, news(feed)).await.is_err()
}

#[tokio::test]
async fn many_changes_are_told_once_a_second_and_none_is_left_out() {
    let live = live_with(&[1]);
    let mut feed = Hub::new(Arc::clone(&live)).subscribe(Viewer::program());
    live.news().tell([(About::Alarms, ScopeId(1))]);
    let before = Instant::now();
    assert_eq!(news(&mut feed).await, [About::Alarms].into());
    assert!(before.elapsed() < NEWS_TICK, "the first is told at once");
    for _ in 0..100 {
        live.news().tell([(About::Alarms, ScopeId(1)), (About::Seals, ScopeId(1))]);
    }
    assert_eq!(news(&mut feed).await, [About::Alarms, About::Seals].into());
    assert!(before.elapsed() >= NEWS_TICK);
    assert!(hears_nothing(&mut feed).await);
}

#[tokio::test]
async fn a_client_never_hears_of_alarms_of_vehicles_it_may_not_see() {
    let live = live_with(&[1, 2]);
    let mut feed = Hub::new(Arc::clone(&live)).subscribe(Viewer::of_scopes("county", [ScopeId(2)]));
    live.news().tell([(About::Alarms, ScopeId(1)), (About::Seals, ScopeId(1))]);
    assert!(hears_nothing(&mut feed).await);
    live.news().tell([(About::Seals, ScopeId(2))]);
    assert_eq!(news(&mut feed).await, [About::Seals].into());
    // What was others' before is not told afterwards either: whoever has new rights asks for everything again.
    feed.set_viewer(Viewer::of_scopes("county", [ScopeId(1)]));
    assert!(hears_nothing(&mut feed).await);
}

#[tokio::test]
async fn what_changed_before_a_client_came_is_no_news() {
    let live = live_with(&[1]);
    live.news().tell([(About::Alarms, ScopeId(1))]);
    let mut feed = Hub::new(Arc::clone(&live)).subscribe(Viewer::program());
    assert!(hears_nothing(&mut feed).await);
}
