//! All fences, found by place.

use gis_data::LonLat;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::plane::{Plane, metres_per_degree};
use super::{Ask, Fence, FenceId};

/// How far about a vehicle is looked for edges: first near by, and further when there is none.
const REACHES_M: [f64; 3] = [400.0, 2_000.0, 10_000.0];

/// Distances are shortened by this much when they say how far a vehicle may go, more than the planes
/// in which they are taken can be wrong within the longest reach.
const CAUTION: f64 = 0.98;

/// Fences in the order of their ids, with a tree of their boxes. It never changes: a change of a
/// fence makes a new index.
#[derive(Debug, Clone)]
pub struct FenceIndex {
    fences: Vec<Fence>,
    /// Which of them ask about vehicles outside.
    confining: Vec<usize>,
    tree: RTree<Entry>,
    edition: u64,
}

type Entry = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// What lies about a place: the fences that a step has to look at, and how far nothing changes.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    /// Fences in which the place is or whose box the way has met, with the signed distance, by id.
    pub(super) met: Vec<(&'a Fence, f64)>,
    /// As long as the vehicle is no further from here, it is on the same side of every edge.
    pub(super) calm_m: f64,
}

impl FenceIndex {
    /// Of two fences with the same id the later one counts.
    pub fn new(fences: impl IntoIterator<Item = Fence>) -> Self {
        let mut fences: Vec<Fence> = fences.into_iter().collect();
        fences.reverse();
        fences.sort_by_key(|fence| fence.id);
        fences.dedup_by_key(|fence| fence.id);
        let boxes = fences.iter().enumerate().map(|(at, fence)| {
            let [west, south, east, north] = fence.shape.sides();
            Entry::new(Rectangle::from_corners([west, south], [east, north]), at)
        });
        let tree = RTree::bulk_load(boxes.collect());
        let edition = fingerprint(&fences);
        let asks = |at: &usize| fences[*at].asks.contains(&Ask::Outside);
        let confining = (0..fences.len()).filter(asks).collect();
        Self { fences, confining, tree, edition }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.fences.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.fences.is_empty()
    }

    /// In the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Fence> {
        self.fences.iter()
    }

    /// Those that ask about vehicles outside, in the order of their ids.
    pub fn confining(&self) -> impl Iterator<Item = &Fence> {
        self.confining.iter().filter_map(|at| self.fences.get(*at))
    }

    /// The fence of this name.
    pub fn get(&self, id: FenceId) -> Option<&Fence> {
        let at = self.fences.binary_search_by_key(&id, |fence| fence.id).ok()?;
        self.fences.get(at)
    }

    /// The fences in which a place lies, by id: what is drawn, without any hysteresis.
    pub fn containing(&self, place: LonLat) -> Vec<FenceId> {
        let local = Plane::about(place);
        let mut ids: Vec<FenceId> = self
            .within([place.lon(), place.lat(), place.lon(), place.lat()])
            .filter(|fence| fence.shape.signed_distance_in(&local, place) <= 0.0)
            .map(|fence| fence.id)
            .collect();
        ids.sort_unstable();
        ids
    }

    /// A fingerprint of all that steps depend on: what was learned of one index holds for another
    /// of the same edition.
    pub fn edition(&self) -> u64 {
        self.edition
    }

    /// What a vehicle that went from `from` to `place` has to look at.
    pub(super) fn about(&self, from: LonLat, place: LonLat) -> Surroundings<'_> {
        let way = [
            from.lon().min(place.lon()),
            from.lat().min(place.lat()),
            from.lon().max(place.lon()),
            from.lat().max(place.lat()),
        ];
        let local = Plane::about(place);
        let (x_m, y_m) = metres_per_degree(place.lat());
        let mut found = Surroundings { met: Vec::new(), calm_m: 0.0 };
        for reach_m in REACHES_M {
            let (east, north) = (reach_m / x_m.max(1.0), reach_m / y_m);
            let wide = [
                way[0].min(place.lon() - east),
                way[1].min(place.lat() - north),
                way[2].max(place.lon() + east),
                way[3].max(place.lat() + north),
            ];
            let mut calm_m = reach_m;
            found.met.clear();
            for fence in self.within(wide) {
                let sides = fence.shape.sides();
                let on_the_way = overlap(sides, way);
                if !on_the_way && local.to_box(sides) >= calm_m {
                    continue;
                }
                let signed = fence.shape.signed_distance_in(&local, place);
                calm_m = calm_m.min(signed.abs());
                if on_the_way {
                    found.met.push((fence, signed));
                }
            }
            found.calm_m = calm_m * CAUTION;
            if calm_m < reach_m {
                break;
            }
        }
        found.met.sort_unstable_by_key(|(fence, _)| fence.id);
        found
    }

    fn within(&self, [west, south, east, north]: [f64; 4]) -> impl Iterator<Item = &Fence> {
        let sides = AABB::from_corners([west, south], [east, north]);
        self.tree
            .locate_in_envelope_intersecting(&sides)
            .filter_map(|entry| self.fences.get(entry.data))
    }
}

fn overlap(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// FNV-1a: the same in every run, which the hasher of the standard library does not promise.
fn fingerprint(fences: &[Fence]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |word: u64| {
        for byte in word.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for fence in fences {
        add(fence.id.0.cast_unsigned());
        add(fence.dwell_limit_ms.unwrap_or(-1).cast_unsigned());
        fence.shape.numbers().for_each(|number| add(number.to_bits()));
    }
    hash
}
