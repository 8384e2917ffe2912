//! One vehicle on the road network: to a random place, a stop there, and on.

use std::sync::Arc;

use gis_data::demo::RoadGraph;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

const ACCELERATION_MS2: f64 = 1.5;
const BRAKING_MS2: f64 = 2.0;
/// Never slower on a leg, so that every leg ends.
const CRAWL_MS: f64 = 0.8;
/// How far ahead a driver looks for corners.
const LOOK_AHEAD_M: f64 = 250.0;
const STEP_S: f64 = 0.5;
const STOP_S: std::ops::Range<f64> = 30.0..120.0;

/// Where a vehicle is and how it moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Motion {
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) speed_kmh: f64,
    /// Clockwise from north, 0 to below 360.
    pub(super) heading_deg: f64,
}

#[derive(Debug)]
pub(super) struct Driver {
    graph: Arc<RoadGraph>,
    rng: ChaCha8Rng,
    /// Where the leg ends, or where the vehicle stands.
    node: usize,
    leg: Option<Leg>,
    stop_s: f64,
    speed_ms: f64,
    /// How this driver treats limits: a part of the limit.
    temper: f64,
    motion: Motion,
}

/// A way to drive: points, and for each stretch between two of them where it ends and how fast it may be.
#[derive(Debug)]
struct Leg {
    points: Vec<(f64, f64)>,
    stretches: Vec<Stretch>,
    at_m: f64,
    /// The stretch that `at_m` is on.
    on: usize,
}

#[derive(Debug)]
struct Stretch {
    end_m: f64,
    length_m: f64,
    heading_deg: f64,
    limit_ms: f64,
    /// How fast its end may be passed, for the corner there.
    corner_ms: f64,
}

impl Driver {
    /// Stands at a node and leaves within two minutes.
    pub(super) fn new(graph: Arc<RoadGraph>, node: usize, mut rng: ChaCha8Rng) -> Self {
        let place = graph.nodes[node];
        let motion = Motion { lon: place.x, lat: place.y, speed_kmh: 0.0, heading_deg: 0.0 };
        let temper = rng.random_range(0.75..1.0);
        // Some leave at once, so that a simulation shows movement from its first second.
        let stop_s = rng.random_range(-60.0..60.0_f64).max(0.0);
        Self { graph, rng, node, leg: None, stop_s, speed_ms: 0.0, temper, motion }
    }

    /// Lets time pass and tells where the vehicle is then.
    pub(super) fn advance(&mut self, seconds: f64) -> Motion {
        let mut left = seconds.max(0.0);
        while left > 0.0 {
            let step = left.min(STEP_S);
            self.step(step);
            left -= step;
        }
        self.motion
    }

    fn step(&mut self, seconds: f64) {
        if self.leg.is_none() {
            self.stop_s -= seconds;
            if self.stop_s <= 0.0 {
                self.depart();
            }
            return;
        }
        let Some(leg) = &mut self.leg else { return };
        let allowed = leg.allowed_ms(self.temper);
        let faster = self.speed_ms + ACCELERATION_MS2 * seconds;
        let slower = self.speed_ms - 1.5 * BRAKING_MS2 * seconds;
        self.speed_ms = allowed.clamp(slower.max(CRAWL_MS), faster.max(CRAWL_MS));
        leg.at_m += self.speed_ms * seconds;
        if leg.at_m >= leg.length_m() {
            leg.at_m = leg.length_m();
            self.motion = Motion { speed_kmh: 0.0, ..leg.motion(0.0) };
            self.speed_ms = 0.0;
            self.leg = None;
            self.stop_s = self.rng.random_range(STOP_S);
            return;
        }
        while leg.stretches[leg.on].end_m < leg.at_m {
            leg.on += 1;
        }
        self.motion = leg.motion(self.speed_ms * 3.6);
    }

    /// Chooses a destination; with bad luck, tries again a little later.
    fn depart(&mut self) {
        let to = self.rng.random_range(0..self.graph.nodes.len());
        let route = self.graph.route(self.node, to).unwrap_or_default();
        match Leg::along(&self.graph, self.node, &route) {
            Some(leg) => {
                self.node = to;
                self.leg = Some(leg);
            }
            None => self.stop_s = 1.0,
        }
    }
}

impl Leg {
    /// `None` for a way without length.
    fn along(graph: &RoadGraph, from: usize, route: &[usize]) -> Option<Self> {
        let start = graph.nodes[from];
        let mut points = vec![(start.x, start.y)];
        let mut stretches: Vec<Stretch> = Vec::new();
        let (mut node, mut end_m) = (from, 0.0);
        for &index in route {
            let edge = &graph.edges[index];
            let mut line: Vec<_> = edge.line.coords().map(|c| (c.x, c.y)).collect();
            if edge.from != node {
                line.reverse();
            }
            node = graph.across(index, node);
            for point in line {
                let (length_m, heading_deg) = course(points[points.len() - 1], point);
                if length_m < 0.01 {
                    continue;
                }
                end_m += length_m;
                if let Some(before) = stretches.last_mut() {
                    before.corner_ms = corner_ms(before.heading_deg, heading_deg);
                }
                let limit_ms = edge.speed_kmh / 3.6;
                points.push(point);
                stretches.push(Stretch { end_m, length_m, heading_deg, limit_ms, corner_ms: 0.0 });
            }
        }
        (!stretches.is_empty()).then_some(Self { points, stretches, at_m: 0.0, on: 0 })
    }

    fn length_m(&self) -> f64 {
        self.stretches.last().map_or(0.0, |s| s.end_m)
    }

    /// The speed from which every limit and corner ahead can still be met by braking.
    fn allowed_ms(&self, temper: f64) -> f64 {
        let mut allowed = self.stretches[self.on].limit_ms * temper;
        for (index, stretch) in self.stretches.iter().enumerate().skip(self.on) {
            let ahead_m = stretch.end_m - self.at_m;
            if ahead_m > LOOK_AHEAD_M {
                break;
            }
            let next_limit = self.stretches.get(index + 1).map_or(0.0, |s| s.limit_ms * temper);
            let then = stretch.corner_ms.min(next_limit);
            allowed = allowed.min((then * then + 2.0 * BRAKING_MS2 * ahead_m.max(0.0)).sqrt());
        }
        allowed
    }

    fn motion(&self, speed_kmh: f64) -> Motion {
        let on = self.on.min(self.stretches.len() - 1);
        let stretch = &self.stretches[on];
        let part = 1.0 - ((stretch.end_m - self.at_m) / stretch.length_m).clamp(0.0, 1.0);
        let (a, b) = (self.points[on], self.points[on + 1]);
        Motion {
            lon: a.0 + (b.0 - a.0) * part,
            lat: a.1 + (b.1 - a.1) * part,
            speed_kmh,
            heading_deg: stretch.heading_deg,
        }
    }
}

/// A straight corner costs nothing; a right angle is taken at 20 km/h, a turn at walking speed.
fn corner_ms(before_deg: f64, after_deg: f64) -> f64 {
    let turn = ((after_deg - before_deg + 540.0).rem_euclid(360.0) - 180.0).abs();
    match turn {
        t if t < 10.0 => f64::INFINITY,
        t if t < 30.0 => 14.0,
        t if t < 60.0 => 9.0,
        t if t < 120.0 => 5.5,
        _ => 2.0,
    }
}

/// Metres and degrees clockwise from north between two places a stretch of road apart.
fn course(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let north_m = (b.1 - a.1) * 111_195.0;
    let east_m = (b.0 - a.0) * 111_195.0 * a.1.to_radians().cos();
    (north_m.hypot(east_m), east_m.atan2(north_m).to_degrees().rem_euclid(360.0))
}

#[cfg(test)]
mod tests {
    use gis_data::demo::{CityPlan, CitySize, generate};
    use rand::SeedableRng as _;

    use super::*;

    #[test]
    fn a_vehicle_follows_the_roads_smoothly_keeps_limits_and_rests_at_destinations() {
        let city = generate(&CityPlan { seed: 7, size: CitySize::Small });
        let graph = Arc::new(city.road_graph);
        let fastest = graph.edges.iter().map(|e| e.speed_kmh).fold(0.0, f64::max);
        let mut driver = Driver::new(Arc::clone(&graph), 0, ChaCha8Rng::seed_from_u64(1));
        let mut before = driver.advance(0.0);
        let (mut driven_m, mut rested_s) = (0.0, 0);
        for _ in 0..3_600 {
            let now = driver.advance(1.0);
            let (moved_m, heading) = course((before.lon, before.lat), (now.lon, now.lat));
            assert!(now.speed_kmh <= fastest, "{now:?}");
            assert!((0.0..360.0).contains(&now.heading_deg), "{now:?}");
            assert!(moved_m <= fastest / 3.6 + 0.1, "jumped {moved_m} m");
            assert!((now.speed_kmh - before.speed_kmh) / 3.6 <= ACCELERATION_MS2 + 0.1);
            // On a straight, the way it went is the heading it tells.
            if moved_m > 2.0 && (before.heading_deg - now.heading_deg).abs() < 1e-9 {
                let apart = ((heading - now.heading_deg + 540.0).rem_euclid(360.0) - 180.0).abs();
                assert!(apart < 1.0, "went {heading}, told {}", now.heading_deg);
            }
            driven_m += moved_m;
            rested_s += i32::from(now.speed_kmh == 0.0);
            before = now;
        }
        assert!(driven_m > 5_000.0, "{driven_m} m in an hour");
        assert!((30..3_000).contains(&rested_s), "{rested_s} s of rest in an hour");
    }

    #[test]
    fn the_same_seed_drives_the_same_way() {
        let city = generate(&CityPlan { seed: 7, size: CitySize::Small });
        let graph = Arc::new(city.road_graph);
        let drive = |seed| {
            let mut driver = Driver::new(Arc::clone(&graph), 3, ChaCha8Rng::seed_from_u64(seed));
            (0..300).map(|_| driver.advance(1.0)).collect::<Vec<_>>()
        };
        assert_eq!(drive(5), drive(5));
        assert_ne!(drive(5), drive(6));
    }
}
