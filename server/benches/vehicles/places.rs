//! What it costs to ask where vehicles are: in process, on one core, over a province on the move. An R-tree that holds the
//! same places in a plane is the peer, and is asked the same.

use std::f64::consts::{PI, TAU};
use std::hint::black_box;
use std::time::Instant;

use gis_data::{Bbox, LonLat};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};
use vehicle_tracker::fence::{Fence, FenceId, FenceIndex, FenceState, Shape, step};
use vehicle_tracker::moving::{MovingIndex, Step};
use vehicle_tracker::{Handle, Point};

const VEHICLES: u32 = 100_000;
const FENCES: u32 = 23_000;
const QUESTIONS: usize = 4_096;
const NEAREST: usize = 10;
/// Five seconds pass between two of them.
const ROUNDS: usize = 5;
/// A day in a capital, twelve towns and the roads between them. Degrees.
const CITY: [f64; 2] = [103.75, 36.06];
const TOWNS: [[f64; 2]; 12] = [
    [98.50, 39.74],
    [98.28, 39.78],
    [100.45, 38.93],
    [102.19, 38.52],
    [102.64, 37.93],
    [104.17, 36.54],
    [104.62, 35.58],
    [105.72, 34.58],
    [106.67, 35.54],
    [107.64, 35.71],
    [104.92, 33.40],
    [103.21, 35.60],
];
/// Metres of a degree at 36.5 degrees north.
const METRES: [f64; 2] = [89_590.0, 110_970.0];

/// Whether every answer was as fast as is asked.
pub(crate) fn measure() -> bool {
    let mut random = ChaCha8Rng::seed_from_u64(42);
    let mut fleet: Vec<Car> = (0..VEHICLES).map(|n| Car::new(n, &mut random)).collect();
    println!(
        "\nplaces: {VEHICLES} vehicles of a city, twelve towns and the roads between; one core; {QUESTIONS} questions, five seconds on, {ROUNDS} times"
    );
    let (mut ours, mut peer) = (MovingIndex::default(), Peer::default());
    for (n, car) in (0..).zip(&fleet) {
        ours.put(Handle(n), place(car.at));
        peer.put(n, car.at);
    }
    let asked = Questions::new(&fleet, &ours, &mut random);
    let mut spent = [[0.0; 2]; 4];
    let mut stayed = 0;
    for _ in 0..ROUNDS {
        for car in &mut fleet {
            car.drive(&mut random);
        }
        spent[0][0] += timed(|| {
            for (n, car) in (0..).zip(&fleet) {
                stayed += usize::from(ours.put(Handle(n), place(car.at)) == Step::Within);
            }
        });
        spent[0][1] += timed(|| (0..).zip(&fleet).for_each(|(n, car)| peer.put(n, car.at)));
        for (at, places) in [(1, &asked.near), (2, &asked.anywhere)] {
            spent[at][0] += timed(|| {
                for at in places {
                    black_box(ours.nearest(place(*at), NEAREST, f64::INFINITY, |_| true));
                }
            });
            spent[at][1] += timed(|| {
                for at in places {
                    black_box(peer.nearest(*at));
                }
            });
        }
        spent[3][0] += timed(|| {
            for sides in &asked.boxes {
                let bbox = Bbox::new_checked(*sides).unwrap();
                let mut count = 0;
                ours.visit_box(&bbox, |_, _| count += 1);
                black_box(count);
            }
        });
        spent[3][1] += timed(|| {
            for sides in &asked.boxes {
                black_box(peer.inside(*sides));
            }
        });
    }
    let counts = [VEHICLES as usize, QUESTIONS, QUESTIONS, QUESTIONS];
    let names = ["moves", "nearest 10, in traffic", "nearest 10, anywhere", "in a box of twenty"];
    let mut is_good = true;
    for (((name, count), [ours_s, peer_s]), asked) in
        names.into_iter().zip(counts).zip(spent).zip([0.0, 200_000.0, 0.0, 200_000.0])
    {
        let rate = |seconds: f64| (count * ROUNDS) as f64 / seconds;
        let bound = if asked > 0.0 { format!(" (asked {asked:.0}/s)") } else { String::new() };
        println!(
            "  {name}: {:.0}/s{bound}, an R-tree {:.0}/s: {:.1} times",
            rate(ours_s),
            rate(peer_s),
            peer_s / ours_s
        );
        is_good &= rate(ours_s) >= asked;
    }
    println!(
        "  {:.1} % of the moves stay in their cell",
        100.0 * stayed as f64 / (VEHICLES as usize * ROUNDS) as f64
    );
    is_good & fences(&mut fleet, &mut random)
}

/// Fences where vehicles are, so that they are met: half circles, half polygons.
fn fences(fleet: &mut [Car], random: &mut ChaCha8Rng) -> bool {
    let fence = |n: u32| {
        let near = fleet[random.random_range(0..fleet.len())].at;
        let radius_m = random.random_range(50.0..300.0);
        let shape = if n.is_multiple_of(2) {
            Shape::circle_checked(place(near), radius_m)
        } else {
            let corner = |k: u32| {
                let turn = f64::from(k) * TAU / 8.0;
                geo::coord! { x: near[0] + turn.cos() * radius_m / METRES[0], y: near[1] + turn.sin() * radius_m / METRES[1] }
            };
            let ring: geo::LineString = (0..8).map(corner).collect();
            Shape::areas_checked(&geo::MultiPolygon(vec![geo::Polygon::new(ring, Vec::new())]))
        };
        Fence::new(FenceId(n.into()), shape.unwrap())
    };
    let index = FenceIndex::new((0..FENCES).map(fence).collect::<Vec<_>>());
    let mut states = vec![FenceState::default(); fleet.len()];
    let (mut seconds, mut crossings, mut inside) = (0.0, 0, 0);
    for round in 0..=ROUNDS {
        for car in fleet.iter_mut() {
            car.drive(random);
        }
        let fix_ms = i64::try_from(round).unwrap() * 5_000;
        let spent = timed(|| {
            for (state, car) in states.iter_mut().zip(&*fleet) {
                crossings += step(state, &Point::bare(fix_ms, place(car.at)), &index).len();
            }
        });
        // In the first one all are new.
        seconds += if round == 0 { 0.0 } else { spent };
        inside = states.iter().map(|state| state.inside().count()).sum();
    }
    let rate = (fleet.len() * ROUNDS) as f64 / seconds;
    println!(
        "  {FENCES} fences, {:.1} around a vehicle: {rate:.0} fixes/s (asked 50000/s), {crossings} crossings",
        f64::from(inside as u32) / f64::from(VEHICLES)
    );
    rate >= 50_000.0
}

fn timed(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

fn place([lon, lat]: [f64; 2]) -> LonLat {
    LonLat::new_checked(lon, lat).unwrap()
}

/// Thick in the middle: -1 to 1.
fn bell(random: &mut ChaCha8Rng) -> f64 {
    (0..4).map(|_| random.random::<f64>()).sum::<f64>() / 2.0 - 1.0
}

struct Car {
    at: [f64; 2],
    /// Degrees in five seconds.
    way: [f64; 2],
    is_in_town: bool,
}

impl Car {
    fn new(n: u32, random: &mut ChaCha8Rng) -> Self {
        let turn = random.random::<f64>() * TAU;
        let (at, kmh, turn) = match n % 10 {
            0..3 => {
                let half = [10_000.0, 5_000.0];
                let at = [0, 1]
                    .map(|k: usize| CITY[k] + random.random_range(-1.0..1.0) * half[k] / METRES[k]);
                (at, random.random_range(15.0..45.0), turn)
            }
            3..7 => {
                let town = TOWNS[random.random_range(0..12)];
                let at = [0, 1].map(|k: usize| town[k] + bell(random) * 9_000.0 / METRES[k]);
                (at, random.random_range(15.0..55.0), turn)
            }
            _ => {
                let leg = random.random_range(0..11);
                let (a, b, part) = (TOWNS[leg], TOWNS[leg + 1], random.random::<f64>());
                let at =
                    [0, 1].map(|k: usize| a[k] + (b[k] - a[k]) * part + bell(random) * 0.000_3);
                let ahead = ((b[1] - a[1]) * METRES[1]).atan2((b[0] - a[0]) * METRES[0]);
                let back = if random.random() { PI } else { 0.0 };
                (at, random.random_range(50.0..100.0), ahead + back)
            }
        };
        let metres = kmh / 3.6 * 5.0;
        let way = [metres * turn.cos() / METRES[0], metres * turn.sin() / METRES[1]];
        Self { at, way, is_in_town: n % 10 < 7 }
    }

    /// Five seconds on; in towns some turn.
    fn drive(&mut self, random: &mut ChaCha8Rng) {
        self.at = [0, 1].map(|k: usize| self.at[k] + self.way[k]);
        if self.is_in_town && random.random::<f64>() < 0.1 {
            self.way = [-self.way[1], self.way[0]];
        }
    }
}

struct Questions {
    near: Vec<[f64; 2]>,
    anywhere: Vec<[f64; 2]>,
    /// West, south, east, north.
    boxes: Vec<[f64; 4]>,
}

impl Questions {
    fn new(fleet: &[Car], index: &MovingIndex, random: &mut ChaCha8Rng) -> Self {
        let mut near = Vec::new();
        let mut anywhere = Vec::new();
        let mut boxes = Vec::new();
        for _ in 0..QUESTIONS {
            let at = fleet[random.random_range(0..fleet.len())].at;
            near.push(at.map(|degrees| degrees + bell(random) * 0.01));
            anywhere.push([random.random_range(96.0..108.0), random.random_range(33.0..40.0)]);
            // A square that has the area of the circle with the twenty nearest.
            let far = index.nearest(place(at), 20, f64::INFINITY, |_| true);
            let half_m = far.last().unwrap().1 * 0.886;
            let [wide, high] = METRES.map(|metres| half_m / metres);
            boxes.push([at[0] - wide, at[1] - high, at[0] + wide, at[1] + high]);
        }
        Self { near, anywhere, boxes }
    }
}

type Leaf = GeomWithData<[f64; 2], u32>;

/// In metres of a plane, which is cheaper than the ellipsoid.
#[derive(Default)]
struct Peer {
    tree: RTree<Leaf>,
    places: Vec<[f64; 2]>,
}

impl Peer {
    fn put(&mut self, n: u32, at: [f64; 2]) {
        let to = flat(at);
        match self.places.get_mut(n as usize) {
            Some(place) => {
                let from = std::mem::replace(place, to);
                self.tree.remove(&Leaf::new(from, n));
            }
            None => self.places.push(to),
        }
        self.tree.insert(Leaf::new(to, n));
    }

    fn nearest(&self, at: [f64; 2]) -> Vec<(u32, f64)> {
        let nearest = self.tree.nearest_neighbor_iter_with_distance_2(&flat(at));
        nearest.take(NEAREST).map(|(leaf, square)| (leaf.data, square.sqrt())).collect()
    }

    fn inside(&self, [west, south, east, north]: [f64; 4]) -> usize {
        let envelope = AABB::from_corners(flat([west, south]), flat([east, north]));
        self.tree.locate_in_envelope(&envelope).count()
    }
}

fn flat(at: [f64; 2]) -> [f64; 2] {
    [at[0] * METRES[0], at[1] * METRES[1]]
}
