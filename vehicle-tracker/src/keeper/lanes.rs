//! What is remembered of every vehicle between two passes. Most stand still most of the time: what is remembered of them is
//! packed until they are heard of again, and only their alarms are looked at when time passes. Of a large fleet more is packed
//! than that: packing takes a microsecond, and what is not packed takes ten times the memory.

use std::collections::BTreeMap;

use gis_data::FeatureId;

use super::lane::{Came, Lane, Packed};
use super::settings::Settings;

/// Vehicles that are remembered as they are.
const MOST_AWAKE: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Lanes {
    held: BTreeMap<FeatureId, Held>,
    awake: usize,
}

#[derive(Debug)]
struct Held {
    lane: Sleep,
    /// Whether a position came since the last tick.
    is_fed: bool,
}

#[derive(Debug)]
enum Sleep {
    Awake(Box<Lane>),
    Asleep(Packed),
}

impl Lanes {
    /// Of a vehicle that is to go on; it is not remembered until it is put back.
    pub(super) fn take(&mut self, vehicle: FeatureId) -> Option<Lane> {
        match self.held.remove(&vehicle)?.lane {
            Sleep::Awake(lane) => {
                self.awake -= 1;
                Some(*lane)
            }
            // One that does not unpack is made anew from its checkpoint.
            Sleep::Asleep(packed) => packed.unpacked(),
        }
    }

    pub(super) fn holds(&self, vehicle: FeatureId) -> bool {
        self.held.contains_key(&vehicle)
    }

    pub(super) fn put(&mut self, vehicle: FeatureId, mut lane: Lane) {
        lane.rest();
        let packed = if self.awake < MOST_AWAKE { None } else { lane.packed() };
        let lane = packed.map_or_else(|| Sleep::Awake(Box::new(lane)), Sleep::Asleep);
        self.awake += usize::from(matches!(lane, Sleep::Awake(_)));
        self.held.insert(vehicle, Held { lane, is_fed: true });
    }

    pub(super) fn forget(&mut self) {
        self.held.clear();
        self.awake = 0;
    }

    /// Lets time pass for at most so many vehicles from one on, in their order, and packs those that were not heard of since
    /// it last did. Answers where to go on; `None` after the last one.
    pub(super) fn tick(
        &mut self,
        from: FeatureId,
        most: usize,
        now_ms: i64,
        settings: &Settings,
        mut came_to: impl FnMut(FeatureId, Came),
    ) -> Option<FeatureId> {
        let mut vehicles = self.held.range_mut(from..);
        for (vehicle, held) in vehicles.by_ref().take(most) {
            let mut came = Came::default();
            let setting = settings.of(*vehicle);
            let is_fed = std::mem::take(&mut held.is_fed);
            match &mut held.lane {
                Sleep::Asleep(packed) => packed.tick(now_ms, &setting, &mut came),
                Sleep::Awake(lane) => {
                    lane.tick(now_ms, &setting, &mut came);
                    lane.rest();
                    if !is_fed && let Some(packed) = lane.packed() {
                        held.lane = Sleep::Asleep(packed);
                        self.awake -= 1;
                    }
                }
            }
            came_to(*vehicle, came);
        }
        vehicles.next().map(|(vehicle, _)| *vehicle)
    }
}

#[cfg(test)]
mod tests {
    use gis_data::LonLat;

    use super::*;
    use crate::point::Point;
    use crate::trip::TripRules;

    const CAR: FeatureId = FeatureId(1);

    /// Drives and stands by turns, a position each 20 s.
    fn points() -> Vec<Point> {
        let mut lon = 105.0;
        let point = |n: i64| {
            let is_driving = n % 200 < 80;
            lon += if is_driving { 0.002 } else { 0.000_001 };
            let place = LonLat::new_checked(lon, 36.0).unwrap();
            let speed_kmh = Some(if is_driving { 32.0 } else { 0.0 });
            let odometer_km = Some((lon - 105.0) * 90.0);
            Point { speed_kmh, odometer_km, fuel_l: Some(40.0), ..Point::bare(n * 20_000, place) }
        };
        (0..1_000).map(point).collect()
    }

    fn fed(lane: &mut Lane, points: &[Point], settings: &Settings) -> String {
        let mut came = Came::default();
        lane.feed(points, &TripRules::default(), &settings.of(CAR), &mut came);
        let states: Vec<_> = came.checkpoints.iter().map(|c| serde_json::to_value(&c.1)).collect();
        format!("{:?} {:?} {states:?}", came.found, came.alarms)
    }

    #[test]
    fn a_vehicle_that_was_packed_goes_on_as_if_it_had_not_been() {
        let settings = Settings::new();
        let (mut awake, mut lanes) = (Lane::default(), Lanes::default());
        for (n, some) in points().chunks(37).enumerate() {
            let mut lane = lanes.take(CAR).unwrap_or_default();
            assert_eq!(fed(&mut awake, some, &settings), fed(&mut lane, some, &settings), "{n}");
            lanes.put(CAR, lane);
            lanes.tick(CAR, 1, 0, &settings, |_, _| {});
            assert!(matches!(lanes.held[&CAR].lane, Sleep::Awake(_)), "it was fed just now");
            lanes.tick(CAR, 1, 0, &settings, |_, _| {});
            assert!(matches!(lanes.held[&CAR].lane, Sleep::Asleep(_)), "not packed");
        }
    }

    #[test]
    fn time_passes_for_each_vehicle_once_a_round_however_many_at_a_time() {
        let (settings, mut lanes) = (Settings::new(), Lanes::default());
        for id in [5, 9, 2, 7, 4] {
            lanes.put(FeatureId(id), Lane::default());
        }
        let (mut from, mut seen) = (Some(FeatureId(i64::MIN)), Vec::new());
        while let Some(next) = from {
            from = lanes.tick(next, 2, 0, &settings, |vehicle, _| seen.push(vehicle.0));
        }
        assert_eq!(seen, [2, 4, 5, 7, 9]);
        assert_eq!(lanes.awake, 5, "all were fed since the last round");
        assert_eq!(lanes.tick(FeatureId(0), 9, 0, &settings, |_, _| {}), None);
        assert_eq!(lanes.awake, 0);
    }
}
