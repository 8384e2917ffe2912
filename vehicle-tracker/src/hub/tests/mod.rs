//! What clients are told, each within its rights.

mod clusters;
mod news;

use gis_data::{LonLat, ScopeId};
use tokio::time::Instant;

use super::feed::TICK;
use super::*;
use crate::live::{LivePosition, VehicleInfo};

fn live_with(scopes: &[i32]) -> Arc<Live> {
    let live = Arc::new(Live::default());
    let register = (1..).zip(scopes).map(|(id, scope)| VehicleInfo {
        feature_id: FeatureId(id),
        scope: ScopeId(*scope),
        plate: format!("示A{id:05}"),
        name: String::new(),
        vehicle_type: "".into(),
        org: None,
        terminal_id: None,
    });
    live.apply_infos(register.collect(), 0);
    live
}

fn put(live: &Live, id: i64, lon: f64, fix_ms: i64) {
    let place = LonLat::new_checked(lon, 30.0).unwrap();
    let position =
        LivePosition { place, speed_kmh: None, heading_deg: None, fix_ms, received_ms: fix_ms };
    live.apply_positions([(FeatureId(id), position)], fix_ms);
}

fn view(west: f64, east: f64) -> View {
    let bbox = Bbox::new_checked([west, 29.0, east, 31.0]).unwrap();
    View { bbox, zoom: 10.0, cluster_above: None }
}

async fn differences(feed: &mut ClientFeed) -> (Vec<i64>, Vec<i64>) {
    loop {
        if let Update::Delta(Delta { entered, moved, gone, .. }) = feed.next().await {
            let there = entered.iter().chain(&moved).map(|v| v.info.feature_id.0).collect();
            return (there, gone.iter().map(|(id, _)| id.0).collect());
        }
    }
}

async fn snapshot(feed: &mut ClientFeed) -> (Vec<i64>, usize) {
    loop {
        if let Update::Snapshot { vehicles, total, .. } = feed.next().await {
            return (vehicles.iter().map(|v| v.info.feature_id.0).collect(), total);
        }
    }
}

/// Whether several ticks pass without a difference.
async fn is_quiet(feed: &mut ClientFeed) -> bool {
    tokio::time::timeout(3 * TICK, differences(feed)).await.is_err()
}

#[tokio::test]
async fn a_client_hears_of_what_enters_moves_in_and_leaves_its_view() {
    let live = live_with(&[1, 1]);
    put(&live, 1, 100.0, 1);
    put(&live, 2, 120.0, 1);
    let mut feed = Hub::new(Arc::clone(&live)).subscribe(Viewer::program());
    feed.look_at(view(99.0, 101.0));
    assert_eq!(snapshot(&mut feed).await, (vec![1], 2));
    put(&live, 2, 100.5, 2);
    assert_eq!(differences(&mut feed).await, (vec![2], vec![]));
    put(&live, 1, 130.0, 3);
    assert_eq!(differences(&mut feed).await, (vec![], vec![1]));
    feed.look_at(view(129.0, 131.0));
    assert_eq!(snapshot(&mut feed).await, (vec![1], 2));
}

#[tokio::test]
async fn many_moves_between_two_reads_become_one_difference() {
    let live = live_with(&[1]);
    let mut feed = Hub::new(Arc::clone(&live)).subscribe(Viewer::program());
    feed.look_at(view(99.0, 101.0));
    snapshot(&mut feed).await;
    for n in 1..1_000 {
        put(&live, 1, 100.0 + f64::from(n) * 1e-4, i64::from(n));
    }
    assert_eq!(differences(&mut feed).await, (vec![1], vec![]));
    assert!(is_quiet(&mut feed).await);
}

#[tokio::test]
async fn a_client_never_hears_of_vehicles_it_may_not_see() {
    let live = live_with(&[1, 2]);
    put(&live, 1, 100.0, 1);
    put(&live, 2, 100.0, 1);
    let hub = Hub::new(Arc::clone(&live));
    let mut feed = hub.subscribe(Viewer::of_scopes("county", [ScopeId(2)]));
    feed.look_at(view(99.0, 101.0));
    assert_eq!(snapshot(&mut feed).await, (vec![2], 1));
    put(&live, 1, 100.1, 2);
    assert!(is_quiet(&mut feed).await);
    feed.set_viewer(Viewer::of_scopes("county", []));
    assert_eq!(differences(&mut feed).await, (vec![], vec![2]));
}

#[tokio::test]
async fn a_silent_city_sends_a_heartbeat_every_two_seconds() {
    let live = live_with(&[1, 2]);
    let mut feed = Hub::new(live).subscribe(Viewer::of_scopes("county", [ScopeId(2)]));
    feed.look_at(view(99.0, 101.0));
    snapshot(&mut feed).await;
    feed.next().await;
    let before = Instant::now();
    let Update::Heartbeat { counts } = feed.next().await else { panic!("no heartbeat") };
    assert_eq!(counts.total, 1);
    let waited_ms = before.elapsed().as_millis();
    assert!((1_500..3_000).contains(&waited_ms), "{waited_ms} ms");
}
