//! Drives that others recorded. The files are not part of the project: `ONEMAP_TEST_DATA` or
//! `../shared/data` beside the repository; absent, they are skipped.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use geo::{Distance as _, Geodesic};
use serde_json::Value as Json;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::relay::{Found, Lane, feed};
use super::*;

/// `None`, with a message, where the file is not here.
fn recorded(file: &str) -> Option<Vec<u8>> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = std::env::var_os("ONEMAP_TEST_DATA")
        .map_or_else(|| repository.join("../shared/data"), PathBuf::from);
    let path = data.join("gps").join(file);
    if !path.exists() {
        #[expect(clippy::print_stderr, reason = "whoever runs the tests must see what did not run")]
        {
            eprintln!("skipped: {} is not here", path.display());
        }
        return None;
    }
    Some(std::fs::read(path).unwrap())
}

const SECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
const OFFSET: &[BorrowedFormatItem<'_>] = format_description!(
    "[year]-[month]-[day] [hour]:[minute]:[second][offset_hour sign:mandatory][offset_minute]"
);

/// The positions of one person, one a moment, in order.
fn geolife(user: &str) -> Option<Vec<Point>> {
    let mut text = String::new();
    let packed = recorded("geolife_sample.txt.gz")?;
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    let mut points = Vec::new();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    for row in rows.records() {
        let row = row.unwrap();
        if &row[3] != user {
            continue;
        }
        let place = LonLat::new_checked(row[1].parse().unwrap(), row[0].parse().unwrap()).unwrap();
        let when = PrimitiveDateTime::parse(&row[2], SECONDS).unwrap().assume_utc();
        points.push(Point::bare(when.unix_timestamp() * 1_000, place));
    }
    points.sort_by(|a, b| {
        let key = |point: &Point| (point.fix_ms, point.place.lon(), point.place.lat());
        key(a).partial_cmp(&key(b)).unwrap()
    });
    points.dedup_by_key(|point| point.fix_ms);
    Some(points)
}

fn found(points: &[Point]) -> (Driving, Vec<Found>) {
    let mut state = Driving::default();
    let found = feed(&mut state, points, &TripRules::default()).found;
    (state, found)
}

fn trips(found: &[Found]) -> Vec<&Trip> {
    found
        .iter()
        .filter_map(|found| match &found.finding {
            Finding::Trip(trip) => Some(trip),
            _ => None,
        })
        .collect()
}

#[test]
fn months_in_beijing_are_the_same_in_order_backwards_by_the_hour_and_twice() {
    for (user, count, km) in [("001", 253, 912.6), ("005", 337, 5_780.1)] {
        let Some(points) = geolife(user) else { return };
        let (state, expected) = found(&points);
        let sum_km = trips(&expected).iter().map(|trip| trip.distance_m).sum::<f64>() / 1_000.0;
        assert_eq!(trips(&expected).len(), count, "{user} {sum_km}");
        assert!((sum_km - km).abs() < 0.1, "{user} {sum_km}");

        let hour = |point: &Point| point.fix_ms / 3_600_000;
        let hours: Vec<&[Point]> = points.chunk_by(|a, b| hour(a) == hour(b)).collect();
        // Backwards each hour feeds all later ones again, so of these not all are taken.
        let first: Vec<Point> = hours.iter().take(80).copied().flatten().copied().collect();
        let (state_then, expected_then) = found(&first);
        let mut lane = Lane::new(TripRules::default());
        for hour in hours.iter().take(80).rev() {
            let _ = lane.put(hour.iter().copied());
        }
        assert_eq!((lane.found(), lane.state()), (&expected_then[..], &state_then));
        for hour in hours.iter().take(80) {
            let change = lane.put(hour.iter().copied());
            assert_eq!((change.void, change.new), (vec![], vec![]));
        }
        let mut lane = Lane::new(TripRules::default());
        for hour in &hours {
            let _ = lane.put(hour.iter().copied());
            let _ = lane.put(hour.iter().copied());
        }
        assert_eq!((lane.found(), lane.state()), (&expected[..], &state));
    }
}

#[test]
fn twenty_minutes_in_munich_are_as_long_as_the_road() {
    let Some(raw) = recorded("munich_x0001.json") else { return };
    let rows: Vec<Json> = serde_json::from_slice(&raw).unwrap();
    let point = |row: &Json| {
        let text = row["point"].as_str().unwrap();
        let text = text.trim_start_matches("POINT(").trim_end_matches(')');
        let (lon, lat) = text.split_once(' ').unwrap();
        let place = LonLat::new_checked(lon.parse().unwrap(), lat.parse().unwrap()).unwrap();
        let when = OffsetDateTime::parse(row["time"].as_str().unwrap(), OFFSET).unwrap();
        Point::bare(when.unix_timestamp() * 1_000, place)
    };
    let points: Vec<Point> = rows.iter().map(point).collect();
    let told = told(&points, &TripRules::default());
    assert_eq!((told.trips.len(), told.stops_ms()), (0, vec![]));
    let Some(Open::Driving(trip)) = told.open else { panic!("no trip") };
    assert_eq!((trip.duration_ms(), trip.leaps), (1_195_000, 0));
    let road = recorded("munich_x0001_matched.geojson").unwrap();
    let road: Json = serde_json::from_slice(&road).unwrap();
    let line: Vec<geo::Point> = road["coordinates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| geo::Point::new(place[0].as_f64().unwrap(), place[1].as_f64().unwrap()))
        .collect();
    let road_m: f64 = line.windows(2).map(|pair| Geodesic.distance(pair[0], pair[1])).sum();
    // In its tunnel the receiver hangs for some time and leaps 470 m when it comes out. The chord of
    // that leap counts; what it cuts off and the creeping at red lights is below half a per cent.
    assert!((trip.distance_m / road_m - 1.0).abs() < 0.005, "{} {road_m}", trip.distance_m);
    assert!(trip.line.len() < 120, "{}", trip.line.len());
}
