//! What is remembered of every vehicle between two passes. Most stand still most of the time: what is remembered of their way
//! is packed until they are heard of again, and only their alarms hear that time passes.

use std::collections::HashMap;

use gis_data::FeatureId;

use super::lane::{Came, Lane, Motion};
use super::settings::Settings;
use crate::alarm::Watch;

#[derive(Debug, Default)]
pub(super) struct Lanes {
    held: HashMap<FeatureId, Held>,
}

#[derive(Debug)]
struct Held {
    watch: Watch,
    motion: Sleep,
    /// Whether a position came since the last tick.
    is_fed: bool,
}

#[derive(Debug)]
enum Sleep {
    Awake(Box<Motion>),
    Asleep(Box<[u8]>),
}

impl Lanes {
    /// Of a vehicle that is to go on; it is not remembered until it is put back.
    pub(super) fn take(&mut self, vehicle: FeatureId) -> Option<Lane> {
        let Held { watch, motion, .. } = self.held.remove(&vehicle)?;
        let motion = match motion {
            Sleep::Awake(motion) => *motion,
            // One that does not unpack is made anew from its checkpoint.
            Sleep::Asleep(packed) => postcard::from_bytes(&packed).ok()?,
        };
        Some(Lane::of(motion, watch))
    }

    pub(super) fn put(&mut self, vehicle: FeatureId, lane: Lane) {
        let (motion, mut watch) = lane.into_parts();
        watch.rest();
        let motion = Sleep::Awake(Box::new(motion));
        self.held.insert(vehicle, Held { watch, motion, is_fed: true });
    }

    pub(super) fn forget(&mut self) {
        self.held.clear();
    }

    /// Lets time pass for all, in the order of vehicles, and packs those that were not heard of since it last did.
    pub(super) fn tick(
        &mut self,
        now_ms: i64,
        settings: &Settings,
        mut came_to: impl FnMut(FeatureId, Came),
    ) {
        let mut all: Vec<_> = self.held.iter_mut().collect();
        all.sort_unstable_by_key(|(vehicle, _)| **vehicle);
        for (vehicle, held) in all {
            let mut came = Came::default();
            came.tick(&mut held.watch, now_ms, &settings.of(*vehicle));
            held.watch.rest();
            came_to(*vehicle, came);
            if !std::mem::take(&mut held.is_fed)
                && let Sleep::Awake(motion) = &held.motion
                && let Ok(packed) = postcard::to_stdvec(&**motion)
            {
                held.motion = Sleep::Asleep(packed.into_boxed_slice());
            }
        }
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
            lanes.tick(0, &settings, |_, _| {});
            assert!(matches!(lanes.held[&CAR].motion, Sleep::Awake(_)), "it was fed just now");
            lanes.tick(0, &settings, |_, _| {});
            let Sleep::Asleep(packed) = &lanes.held[&CAR].motion else { panic!("not packed") };
            assert!(packed.len() < 4_096, "{}", packed.len());
        }
    }
}
