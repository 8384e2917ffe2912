//! All rules together: what holds for any order of inputs.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::scene::{Scene, circle, duty, east};
use super::*;
use crate::fence::{Ask, FenceId, FenceIndex, FenceState, Shape, step};
use crate::point::Point;
use crate::quality::Quality;

#[test]
fn every_rule_has_a_name_of_its_own_and_numbers_that_begin_with_it() {
    let codes: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len());
    for rule in RULES {
        assert!(rule.code.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", rule.code);
        assert!((1..=3).contains(&rule.level.0) && rule.explained.ends_with('.'));
        assert!(!rule.zh.is_ascii() && rule.en.is_ascii());
        for threshold in rule.thresholds {
            let of = threshold.name.strip_prefix(rule.code);
            assert!(of.is_some_and(|rest| rest.starts_with('.')), "{}", threshold.name);
        }
    }
}

#[test]
fn a_rule_can_be_turned_off_or_made_severe_for_an_organisation() {
    let call = [Input::Point(Point { alarm_bits: 1 << 2, ..Point::bare(0, east(0.0)) })];
    let level = |set: f64| {
        let mut scene = Scene::new();
        scene.thresholds.organisation.insert("terminal_alarm.level".to_owned(), set);
        let found = Watch::new().step(&call[0], &scene.setting());
        found.first().map(|finding| finding.level)
    };
    assert_eq!(level(0.0), None);
    assert_eq!(level(1.0), Some(Level::SEVERE));
}

#[test]
fn a_memory_of_a_rule_that_is_gone_is_forgotten_and_one_that_is_broken_is_refused() {
    let mut saved = serde_json::to_value(Watch::new()).unwrap();
    saved["a_rule_of_old"] = json!({ "any": 1 });
    assert!(serde_json::from_value::<Watch>(saved.clone()).is_ok());
    saved["speeding"] = json!(7);
    let fault = serde_json::from_value::<Watch>(saved).unwrap_err().to_string();
    assert!(fault.starts_with("memory of speeding: "), "{fault}");
}

#[test]
fn verdicts_are_compared_by_key() {
    let scene = Scene::new();
    let found = |bits: &[u32]| {
        let at = |(i, bits): (i64, &u32)| {
            Input::Point(Point { alarm_bits: *bits, ..Point::bare(i * 100_000, east(0.0)) })
        };
        let mut watch = Watch::new();
        let inputs = (0..).zip(bits).map(at);
        episodes(inputs.flat_map(|input| watch.step(&input, &scene.setting())))
    };
    let (earlier, later) = (found(&[1, 0, 2]), found(&[1, 1, 4]));
    assert_eq!(differences(&earlier, &earlier), []);
    let differences = differences(&earlier, &later);
    assert_eq!(differences.len(), 3);
    assert!(matches!(&differences[0], Difference::Withdrawn(key) if key.about == "bit:1"));
    assert!(matches!(&differences[1], Difference::Changed(key, _) if key.about == "bit:0"));
    assert!(matches!(&differences[2], Difference::Added(key, _) if key.about == "bit:2"));
}

/// A vehicle of which everything is known that a rule may ask.
fn scene() -> Scene {
    let line = geo::LineString::from(vec![(105.0, 36.0), (105.02, 36.0)]);
    let corridor = Some(Shape::corridor_checked(&line, 200.0).unwrap());
    let order = duty(2 * 3_600_000, 9 * 3_600_000);
    Scene {
        fences: FenceIndex::new([
            circle(1, 500.0, 400.0).asking(Ask::Enter).asking(Ask::Inside).with_limit(30.0),
            circle(2, 0.0, 900.0).asking(Ask::Outside).asking(Ask::Dwell).with_dwell_limit(90_000),
        ]),
        duties: vec![Duty { corridor, limit_km: Some(3.0), ..order }],
        parking: vec![FenceId(2)],
        ..Scene::new()
            .sealed(20 * 3_600_000, 44 * 3_600_000)
            .with("refuel_misfit.tank_l", 60.0)
            .with("speeding.limit_kmh", 60.0)
            .with("off_hours.level", 1.0)
    }
}

/// Two days or so: points, events and ticks in order, with the crossings of the points.
fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let any_step = (0..12_u8, 1..1_500_i64, -1500.0..1500.0_f64, any::<u8>());
    proptest::collection::vec(any_step, 1..250).prop_map(|steps| {
        let (fences, mut state) = (scene().fences, FenceState::default());
        let (mut at_ms, mut metres) = (0_i64, 0.0_f64);
        let mut inputs = Vec::new();
        for (kind, seconds, dx, dice) in steps {
            // Mostly seconds, sometimes a long sleep.
            at_ms += if dice % 8 == 0 { seconds * 10_000 } else { seconds * 30 };
            let place = east(metres);
            let input = match kind {
                0 => Input::Tick(at_ms),
                1 => Input::Event(Event::TripBegan { at_ms, place }),
                2 => Input::Event(Event::TripEnded { at_ms, place, metres: f64::abs(metres) }),
                3 => Input::Event(Event::StopBegan { at_ms, place }),
                4 => Input::Event(Event::StopEnded { at_ms }),
                5 => Input::Event(Event::Refuelled { at_ms, litres: f64::from(dice) / 2.7 }),
                _ => {
                    metres = (metres + dx / 3.0).clamp(-3e4, 3e4);
                    let bits = if dice < 40 { 1 << (dice % 32) } else { 0 };
                    let point = Point {
                        speed_kmh: Some(f32::from(dice) / 2.3),
                        ignition: Some(dice % 5 > 1),
                        fuel_l: Some(if dice > 128 { 61.7 } else { 33.3 }),
                        odometer_km: Some(1_234.567 + metres.abs() / 997.0),
                        alarm_bits: bits,
                        quality: if dice == 77 { Quality::DRIFT } else { Quality::GOOD },
                        ..Point::bare(at_ms, east(metres))
                    };
                    let crossings = step(&mut state, &point, &fences);
                    inputs.extend(crossings.into_iter().map(Input::Crossing));
                    Input::Point(point)
                }
            };
            inputs.push(input);
        }
        inputs
    })
}

fn judged(scene: &Scene, inputs: &[Input]) -> Vec<Finding> {
    let mut watch = Watch::new();
    inputs.iter().flat_map(|input| watch.step(input, &scene.setting())).collect()
}

proptest! {
    #![proptest_config(crate::noise::config())]

    #[test]
    fn a_memory_that_went_through_json_goes_on_the_same(inputs in inputs(), cut in 0..250_usize) {
        let scene = scene();
        let (mut straight, mut stored) = (Watch::new(), Watch::new());
        for (at, input) in inputs.iter().enumerate() {
            if at == cut {
                let text = serde_json::to_string(&stored).unwrap();
                prop_assert!(text.len() < 20_000);
                stored = serde_json::from_str(&text).unwrap();
            }
            let (one, other) = (straight.step(input, &scene.setting()), stored.step(input, &scene.setting()));
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(serde_json::to_value(&straight).unwrap(), serde_json::to_value(&stored).unwrap());
    }

    #[test]
    fn a_memory_that_was_packed_goes_on_the_same(inputs in inputs()) {
        let scene = scene();
        let (mut straight, mut packed) = (Watch::new(), Watch::new());
        for input in &inputs {
            let bytes = postcard::to_stdvec(&packed).unwrap();
            prop_assert!(bytes.len() < 10_000);
            packed = postcard::from_bytes(&bytes).unwrap();
            let (one, other) = (straight.step(input, &scene.setting()), packed.step(input, &scene.setting()));
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(serde_json::to_value(&straight).unwrap(), serde_json::to_value(&packed).unwrap());
    }

    #[test]
    fn a_recomputation_gives_the_same_episodes_and_a_copy_goes_its_own_way(inputs in inputs(), cut in 0..250_usize) {
        let scene = scene();
        let whole = judged(&scene, &inputs);
        let (before, after) = inputs.split_at(cut.min(inputs.len()));
        let mut watch = Watch::new();
        let mut found: Vec<_> = before.iter().flat_map(|i| watch.step(i, &scene.setting())).collect();
        let checkpoint = watch.clone();
        for input in after {
            watch.step(input, &scene.setting());
        }
        let mut again = checkpoint;
        found.extend(after.iter().flat_map(|i| again.step(i, &scene.setting())));
        prop_assert_eq!(differences(&episodes(whole), &episodes(found)), []);
    }

    #[test]
    fn each_episode_opens_once_and_ends_once(inputs in inputs()) {
        let (mut open, mut over) = (BTreeSet::new(), BTreeSet::new());
        for finding in judged(&scene(), &inputs) {
            let key = finding.key.clone();
            prop_assert!(!over.contains(&key), "{finding:?} after its end");
            match finding.change {
                Change::Opened => prop_assert!(open.insert(key.clone()), "{finding:?} twice"),
                Change::Updated | Change::Ended => prop_assert!(open.contains(&key), "{finding:?}"),
            }
            if let Some(ended_ms) = finding.ended_ms {
                prop_assert!(ended_ms >= finding.key.started_ms, "{finding:?}");
                over.insert(key);
            } else {
                prop_assert!(finding.change != Change::Ended);
            }
            prop_assert!(finding.evidence["thresholds"].is_array());
        }
    }
}
