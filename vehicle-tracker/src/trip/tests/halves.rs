//! Random drives: halves give what the whole gives, and so does any order.

use std::f64::consts::TAU;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

use super::relay::{Fed, Lane, feed};
use super::*;
use crate::quality::Quality;

/// A piece of a drive: how long between two positions, how fast, how many of them.
#[derive(Debug, Clone)]
struct Piece {
    gap_ms: i64,
    east_m: f64,
    north_m: f64,
    count: usize,
    fuel_l: Option<f32>,
    ignition: Option<bool>,
    odometer: bool,
    wild: Option<(f64, f64)>,
}

fn piece() -> impl Strategy<Value = Piece> {
    let gap_ms = prop_oneof![
        4 => Just(1_000),
        4 => 500..20_000_i64,
        2 => 20_000..400_000_i64,
        1 => 3_000_000..9_000_000_i64,
    ];
    let kmh = prop_oneof![3 => Just(0.0), 1 => 0.0..4.0, 1 => 4.0..30.0, 3 => 30.0..130.0];
    let wild = option::weighted(0.2, (-9_000.0..9_000.0, -9_000.0..9_000.0));
    let told = (option::of(0.0_f32..80.0), option::of(any::<bool>()), any::<bool>());
    (gap_ms, kmh, 0.0..TAU, 1..60_usize, told, wild).prop_map(
        |(gap_ms, kmh, angle, count, (fuel_l, ignition, odometer), wild)| {
            let m = kmh / 3.6 * f64::from(u32::try_from(gap_ms).unwrap()) / 1_000.0;
            let (east_m, north_m) = (m * angle.cos(), m * angle.sin());
            Piece { gap_ms, east_m, north_m, count, fuel_l, ignition, odometer, wild }
        },
    )
}

fn drive() -> impl Strategy<Value = Vec<Point>> {
    (vec(piece(), 1..25), vec((-4.0..4.0, -4.0..4.0), 64)).prop_map(|(pieces, jitter)| {
        let (mut ms, mut x, mut y, mut way_m) = (1_700_000_000_123, 0.0, 0.0, 0.0_f64);
        let mut points: Vec<Point> = Vec::new();
        for piece in &pieces {
            for i in 0..piece.count {
                ms += piece.gap_ms;
                x = (x + piece.east_m).clamp(-5e6, 5e6);
                y = (y + piece.north_m).clamp(-5e6, 5e6);
                way_m += piece.east_m.hypot(piece.north_m);
                let (dx, dy) = jitter[points.len() % jitter.len()];
                let off = piece.wild.filter(|_| i < 4).unwrap_or_default();
                points.push(Point {
                    speed_kmh: (i % 3 > 0).then_some(12.34),
                    fuel_l: piece.fuel_l,
                    ignition: piece.ignition,
                    odometer_km: piece.odometer.then_some(way_m / 1_000.0),
                    quality: if i == 7 { Quality::NO_FIX } else { Quality::GOOD },
                    ..at(ms, (x + dx + off.0, y + dy + off.1))
                });
            }
        }
        points
    })
}

fn whole(points: &[Point], rules: &TripRules) -> (Driving, Fed) {
    let mut state = Driving::default();
    let fed = feed(&mut state, points, rules);
    (state, fed)
}

proptest! {
    #![proptest_config(crate::noise::config())]

    #[test]
    fn two_halves_through_json_give_what_the_whole_gives(drive in drive(), cut in any::<Index>()) {
        let rules = TripRules::default();
        let cut = cut.index(drive.len() + 1);
        let (state, expected) = whole(&drive, &rules);
        let (half, mut fed) = whole(&drive[..cut], &rules);
        let json = serde_json::to_string(&half).unwrap();
        let mut back: Driving = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&back, &half);
        prop_assert_eq!(back.open(), half.open());
        let second = feed(&mut back, &drive[cut..], &rules);
        fed.found.extend(second.found);
        fed.judged.extend(second.judged);
        fed.checkpoints.extend(second.checkpoints);
        prop_assert_eq!(back, state);
        prop_assert_eq!(fed, expected);
    }

    #[test]
    fn time_is_a_chain_of_stops_and_trips(drive in drive()) {
        let rules = TripRules::default();
        let (state, fed) = whole(&drive, &rules);
        let mut end_ms = i64::MIN;
        for found in &fed.found {
            let (start, end) = match &found.finding {
                Finding::Trip(trip) => {
                    prop_assert!(trip.moving_ms <= trip.duration_ms());
                    prop_assert!(trip.distance_m >= rules.trip_m
                        || trip.duration_ms() >= rules.trip_ms || trip.gaps > 0, "{trip:?}");
                    prop_assert!(trip.fuel_used_l.is_none_or(|litres| litres >= 0.0));
                    prop_assert!(trip.points >= 2);
                    prop_assert_eq!(trip.line.first().map(|v| v.at_ms), Some(trip.start_ms));
                    prop_assert_eq!(trip.line.last().map(|v| v.at_ms), Some(trip.end_ms));
                    prop_assert!(trip.line.is_sorted_by_key(|v| v.at_ms));
                    prop_assert!(trip.line.len() <= 512);
                    (trip.start_ms, trip.end_ms)
                }
                Finding::Stop(stop) => {
                    prop_assert!(stop.begun == crate::trip::Begun::FirstSeen
                        || stop.duration_ms() >= rules.stop_ms, "{stop:?}");
                    prop_assert!(stop.ignition_on_ms.is_none_or(|on| on <= stop.duration_ms()));
                    (stop.start_ms, stop.end_ms)
                }
                Finding::Refuel(_) => continue,
            };
            prop_assert!(start < end && start >= end_ms, "{found:?} {end_ms}");
            prop_assert!(end <= found.certain_ms);
            end_ms = end;
        }
        let size = serde_json::to_string(&state).unwrap().len();
        prop_assert!(size < 32_000, "{size}");
    }

    #[test]
    fn any_order_and_any_repetition_give_what_order_gives(
        drive in drive(),
        picks in vec((any::<Index>(), 1..40_usize), 0..40),
    ) {
        let rules = TripRules::default();
        let (state, expected) = whole(&drive, &rules);
        let mut lane = Lane::new(rules);
        let mut known: Vec<_> = Vec::new();
        let runs = picks.iter().map(|(at, count)| {
            let at = at.index(drive.len());
            &drive[at..(at + count).min(drive.len())]
        });
        for run in runs.chain([&drive[..]]) {
            let change = lane.put(run.iter().copied());
            let valid = known.len() - change.void.len();
            prop_assert_eq!(known.split_off(valid), change.void);
            known.extend(change.new);
        }
        prop_assert_eq!(lane.found(), &expected.found[..]);
        prop_assert_eq!(&known, &expected.found);
        prop_assert_eq!(lane.state(), &state);
        for (point, quality) in &expected.judged {
            let there = lane.history().find(|p| p.fix_ms == *point).unwrap();
            prop_assert_eq!(there.quality, *quality);
        }
    }
}
