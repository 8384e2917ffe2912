//! Clusters: of the right vehicles, by differences as by counting anew, and of no others.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::PI;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::hub::clusters::{Counted, Telling, are_many, is_far};
use crate::hub::feed::CLUSTER_TICK;

/// What happens to one of the vehicles.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Move(i64, (f64, f64), f32),
    Assign(i64, i32),
    Leave(i64),
    Wait(i64),
}

fn vehicle() -> impl Strategy<Value = i64> {
    1..=VEHICLES
}

const VEHICLES: i64 = 40;

/// All over the earth, and often in one city.
fn place() -> impl Strategy<Value = (f64, f64)> {
    prop_oneof![
        1 => (-180.0..=180.0, -90.0..=90.0),
        4 => (105.0..105.5, 36.0..36.5),
    ]
}

fn deeds(most: usize) -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        8 => (vehicle(), place(), 0.0..80.0_f32).prop_map(|(id, at, kmh)| Deed::Move(id, at, kmh)),
        1 => (vehicle(), 1..=3).prop_map(|(id, scope)| Deed::Assign(id, scope)),
        1 => vehicle().prop_map(Deed::Leave),
        1 => (1..400_000_i64).prop_map(Deed::Wait),
    ];
    vec(deed, 0..=most)
}

fn views() -> impl Strategy<Value = View> {
    let corner = prop_oneof![place(), Just((-180.0, -90.0)), Just((104.0, 35.0))];
    (corner, 0.0..360.0, 0.0..180.0, 0.0..14.0).prop_map(|((west, south), wide, high, zoom)| {
        let sides = [west, south, f64::min(west + wide, 180.0), f64::min(south + high, 90.0)];
        View { bbox: Bbox::new_checked(sides).unwrap(), zoom, cluster_above: Some(0) }
    })
}

fn viewers() -> impl Strategy<Value = Viewer> {
    let some = vec(1..=3, 0..=2)
        .prop_map(|scopes| Viewer::of_scopes("county", scopes.into_iter().map(ScopeId)));
    prop_oneof![Just(Viewer::program()), some]
}

/// A fleet and its clock.
struct Town {
    live: Arc<Live>,
    now_ms: i64,
}

impl Town {
    fn new() -> Self {
        let scopes: Vec<i32> = (0..VEHICLES).map(|n| i32::try_from(n % 3).unwrap() + 1).collect();
        Self { live: live_with(&scopes), now_ms: 1_000_000 }
    }

    fn happen(&mut self, deed: Deed) {
        self.now_ms += 1;
        match deed {
            Deed::Move(id, (lon, lat), kmh) => {
                let position = LivePosition {
                    place: LonLat::new_checked(lon, lat).unwrap(),
                    speed_kmh: Some(kmh),
                    heading_deg: None,
                    fix_ms: self.now_ms,
                    received_ms: self.now_ms,
                };
                self.live.apply_positions([(FeatureId(id), position)], self.now_ms);
            }
            Deed::Assign(id, scope) => {
                let info = VehicleInfo {
                    feature_id: FeatureId(id),
                    scope: ScopeId(scope),
                    plate: format!("示B{id:05}"),
                    name: String::new(),
                    vehicle_type: "".into(),
                    org: None,
                    terminal_id: None,
                };
                self.live.apply_infos(vec![info], self.now_ms);
            }
            Deed::Leave(id) => self.live.remove([FeatureId(id)]),
            Deed::Wait(ms) => {
                self.now_ms += ms;
                self.live.apply_clock(self.now_ms);
            }
        }
    }

    fn counted(&self, viewer: &Viewer, view: &View) -> Clusters {
        Counted::of(&self.live.look(), viewer, view).all()
    }
}

/// Column and row by the formula of the textbook, of a grid of 2^level.
fn column_and_row(lon: f64, lat: f64, level: u8) -> (f64, f64) {
    let cells = f64::from(1_u32 << level);
    let lat = lat.clamp(-85.051_128_779, 85.051_128_779).to_radians();
    let y = 0.5 - (PI / 4.0 + lat / 2.0).tan().ln() / (2.0 * PI);
    let whole = |v: f64| (v * cells).floor().clamp(0.0, cells - 1.0);
    (whole((lon + 180.0) / 360.0), whole(y))
}

/// What a browser makes of what it is told.
fn apply(has: &mut BTreeMap<Cell, Cluster>, news: &Clusters) {
    for cell in &news.gone {
        assert!(has.remove(cell).is_some(), "a cell goes that never came");
    }
    has.extend(news.cells.iter().map(|cluster| (cluster.cell, *cluster)));
}

proptest! {
    #![proptest_config(crate::noise::config())]

    #[test]
    fn random_fleets_are_counted_as_the_vehicles_that_this_viewer_sees_in_the_cells_of_the_view(
        deeds in deeds(120), view in views(), viewer in viewers(),
    ) {
        let mut town = Town::new();
        for deed in deeds {
 town.happen(deed);
}
        let told = town.counted(&viewer, &view);
        let [west, south, east, north] = view.bbox.to_array();
        let (first, top) = column_and_row(west, north, told.level);
        let (last, bottom) = column_and_row(east, south, told.level);
        let mut expected = Counts::default();
        for vehicle in town.live.select(&viewer, |v| v.position.is_some()) {
            let place = vehicle.position.unwrap().place;
            let (column, row) = column_and_row(place.lon(), place.lat(), told.level);
            if (first..=last).contains(&column) && (top..=bottom).contains(&row) {
                expected.add(vehicle.status);
            }
        }
        let sum = |of: fn(&Cluster) -> u32| told.cells.iter().map(of).sum::<u32>() as usize;
        prop_assert_eq!(sum(|c| c.count), expected.total);
        prop_assert_eq!(sum(|c| c.moving), expected.moving);
        prop_assert_eq!(sum(|c| c.idle), expected.idle);
        for Cluster { cell, place, count, moving, idle } in &told.cells {
            prop_assert!(*count > 0 && moving + idle <= *count);
            let bits = 32 - u32::from(told.level);
            prop_assert_eq!((place.x >> bits, place.y >> bits), (cell.x, cell.y), "stands in its cell");
        }
    }

    #[test]
    fn random_deeds_told_as_differences_come_to_what_counting_anew_comes_to(
        rounds in vec(deeds(30), 1..6), view in views(), viewer in viewers(), later in viewers(),
    ) {
        let mut town = Town::new();
        let mut counted = Counted::of(&town.live.look(), &viewer, &view);
        let mut has = BTreeMap::new();
        apply(&mut has, &counted.all());
        for deeds in rounds {
            let told = town.live.look().newest();
            for deed in deeds {
 town.happen(deed);
}
            let seen = town.live.look();
            for (handle, was) in seen.changed_since(told).unwrap() {
                counted.step(was, seen.at(handle).and_then(LiveVehicle::standing), &viewer);
            }
            drop(seen);
            counted.news().iter().for_each(|news| apply(&mut has, news));
            let anew = town.counted(&viewer, &view);
            prop_assert_eq!(has.values().copied().collect::<Vec<_>>(), anew.cells);
            prop_assert!(counted.news().is_none(), "nothing is told twice");
        }
        counted.count(&town.live.look(), &later);
        counted.news().iter().for_each(|news| apply(&mut has, news));
        let anew = town.counted(&later, &view);
        prop_assert_eq!(has.values().copied().collect::<Vec<_>>(), anew.cells, "after other rights");
    }
}

#[test]
fn what_is_told_already_decides_on_the_edge() {
    use Telling::{Clusters, Vehicles};
    assert!(!is_far(13.0, Vehicles) && is_far(12.9, Vehicles));
    assert!(!is_far(13.5, Clusters) && is_far(13.4, Clusters));
    assert!(!are_many(2_000, 2_000, Vehicles) && are_many(2_001, 2_000, Vehicles));
    assert!(!are_many(1_500, 2_000, Clusters) && are_many(1_501, 2_000, Clusters));
    assert!(!is_far(f64::NAN, Vehicles));
}

/// A view that has clusters of more than four vehicles.
fn far(west: f64, east: f64) -> View {
    View { cluster_above: Some(4), ..view(west, east) }
}

/// The next update that tells clusters: whether it is a snapshot, the vehicles that come with it, the clusters.
async fn clusters(feed: &mut ClientFeed) -> (bool, Vec<i64>, Clusters) {
    let ids = |vehicles: &[LiveVehicle]| vehicles.iter().map(|v| v.info.feature_id.0).collect();
    loop {
        match feed.next().await {
            Update::Snapshot { vehicles, clusters: Some(clusters), .. } => {
                return (true, ids(&vehicles), clusters);
            }
            Update::Delta(Delta { entered, clusters: Some(clusters), .. }) => {
                return (false, ids(&entered), clusters);
            }
            Update::Snapshot { .. } => panic!("vehicles, where clusters were expected"),
            Update::Delta(_) | Update::News(_) | Update::Heartbeat { .. } => {}
        }
    }
}

fn counts(told: &Clusters) -> Vec<u32> {
    told.cells.iter().map(|cluster| cluster.count).collect()
}

/// Ten vehicles of two scopes by turns in one cell.
fn ten_of_two() -> Arc<Live> {
    let live = live_with(&[1, 2, 1, 2, 1, 2, 1, 2, 1, 1]);
    for id in 1..=10_i32 {
        put(&live, i64::from(id), 100.0 + f64::from(id) * 1e-4, 1);
    }
    live
}

#[tokio::test]
async fn two_viewers_are_told_each_how_many_of_their_own_there_are() {
    let live = ten_of_two();
    let hub = Hub::new(Arc::clone(&live));
    let mut all = hub.subscribe(Viewer::program());
    let mut county = hub.subscribe(Viewer::of_scopes("county", [ScopeId(1)]));
    for feed in [&mut all, &mut county] {
        feed.look_at(far(99.0, 101.0));
    }
    let (_, _, of_all) = clusters(&mut all).await;
    let (_, _, of_county) = clusters(&mut county).await;
    assert_eq!((counts(&of_all), counts(&of_county)), (vec![10], vec![6]));
    // Where the bubble stands tells nothing of the others either.
    let own = [1, 3, 5, 7, 9, 10].map(|id| 100.0 + f64::from(id) * 1e-4);
    let middle = own.iter().sum::<f64>() / 6.0;
    let lon = of_county.cells[0].place.to_lonlat().lon();
    assert!((lon - middle).abs() < 0.002, "{lon} {middle}");

    // One of the other scope goes to another cell: the county hears nothing of it.
    put(&live, 2, 100.9, 2);
    let (is_new, _, of_all) = clusters(&mut all).await;
    assert_eq!((is_new, counts(&of_all)), (false, vec![9, 1]));
    let quiet = tokio::time::timeout(CLUSTER_TICK + 3 * TICK, clusters(&mut county)).await;
    assert!(quiet.is_err(), "{quiet:?}");
    put(&live, 1, 100.9, 2);
    assert_eq!(counts(&clusters(&mut county).await.2), [5, 1]);

    // With other rights it counts others, and where those are not more than its limit it has them themselves.
    county.set_viewer(Viewer::of_scopes("county", [ScopeId(2)]));
    assert_eq!(counts(&clusters(&mut county).await.2), [3], "and one in the other cell, as before");
    county.set_viewer(Viewer::of_scopes("county", []));
    assert_eq!(snapshot(&mut county).await.0, [0_i64; 0]);
}

#[tokio::test]
async fn a_view_that_fills_has_clusters_and_one_that_empties_has_vehicles_without_going_to_and_fro()
{
    let live = live_with(&[1; 6]);
    (1..=4).for_each(|id| put(&live, id, 100.0, 1));
    let mut feed = Hub::new(Arc::clone(&live)).subscribe(Viewer::program());
    feed.look_at(far(99.0, 101.0));
    assert_eq!(snapshot(&mut feed).await.0.len(), 4);
    put(&live, 5, 100.0, 1);
    let (is_new, vehicles, told) = clusters(&mut feed).await;
    assert_eq!((is_new, vehicles.len(), counts(&told)), (true, 0, vec![5]));
    put(&live, 5, 120.0, 2);
    let (is_new, _, told) = clusters(&mut feed).await;
    assert_eq!((is_new, counts(&told)), (false, vec![4]), "four are not fewer by enough");
    put(&live, 4, 120.0, 2);
    assert_eq!(snapshot(&mut feed).await.0.len(), 3);
    put(&live, 4, 100.0, 3);
    assert_eq!(differences(&mut feed).await.0, [4], "four are not more by enough");
    // Near enough to be told apart, and a client that knows of no clusters.
    put(&live, 5, 100.0, 3);
    clusters(&mut feed).await;
    feed.look_at(View { zoom: 14.0, ..far(99.0, 101.0) });
    assert_eq!(snapshot(&mut feed).await.0.len(), 5);
    feed.look_at(view(99.0, 101.0));
    assert_eq!(snapshot(&mut feed).await.0.len(), 5);
}

#[tokio::test]
async fn a_vehicle_that_is_kept_is_told_as_itself_wherever_it_is_and_counted_all_the_same() {
    let live = ten_of_two();
    let hub = Hub::new(Arc::clone(&live));
    let mut feed = hub.subscribe(Viewer::of_scopes("county", [ScopeId(1)]));
    feed.look_at(far(99.0, 101.0));
    assert_eq!(clusters(&mut feed).await.1, [0_i64; 0]);
    // The second is of another scope.
    feed.keep(BTreeSet::from([FeatureId(1), FeatureId(2)]));
    assert_eq!(differences(&mut feed).await, (vec![1], vec![]));
    put(&live, 1, 130.0, 2);
    let told = tokio::time::timeout(CLUSTER_TICK + Duration::from_secs(1), differences(&mut feed));
    assert_eq!(told.await.unwrap(), (vec![1], vec![]), "it left the view and is told of");
    feed.look_at(far(99.0, 101.1));
    let (_, vehicles, told) = clusters(&mut feed).await;
    assert_eq!((vehicles, counts(&told)), (vec![1], vec![5]));
    feed.keep(BTreeSet::new());
    assert_eq!(differences(&mut feed).await, (vec![], vec![1]));
}
