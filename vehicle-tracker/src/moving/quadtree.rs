//! Vehicles in buckets, one bucket to a cell, cells quartered where vehicles crowd.

use gis_data::LonLat;

use super::Step;
use super::cell::{Cell, DEEPEST};
use crate::live::Handle;

/// A cell is quartered when it would hold more.
const ROOM: usize = 16;
/// Quarters become one cell again when they hold no more than this together; the distance to `ROOM`
/// keeps a vehicle at an edge from doing and undoing it.
const FEW: usize = 8;

const NONE: u32 = u32::MAX;
const NODE: u32 = 1 << 31;
const ROOT: u32 = 0;

/// A vehicle on its way into a bucket or out of it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: Handle,
    place: LonLat,
}

/// The vehicles of a cell. In the smallest cells a full bucket has others behind it.
///
/// Places stand apart from ids, next to what is read first: most searches look at no more.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
struct Bucket {
    /// Behind this one, or in the list of what is free.
    next: u32,
    len: u8,
    /// Of the cell; any vehicle in it says which one it is.
    depth: u8,
    places: [LonLat; ROOM],
    ids: [Handle; ROOM],
}

/// What stands in a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Child {
    /// No vehicle.
    Nothing,
    /// Four quarters.
    Node(u32),
    /// Vehicles.
    Bucket(u32),
}

/// Every vehicle is in one bucket: the one of the cell in which it is.
///
/// No bucket is empty. Node 0 is the whole earth. What is free hangs in lists in place.
#[derive(Debug)]
pub(super) struct Quadtree {
    nodes: Vec<[u32; 4]>,
    buckets: Vec<Bucket>,
    free_node: u32,
    free_bucket: u32,
    /// The bucket of each vehicle, by handle: handles are given in turn.
    homes: Vec<u32>,
    len: usize,
}

/// The nodes from the earth down to a bucket, with the quarter taken in each.
struct Path {
    steps: [(u32, usize); DEEPEST as usize],
    len: usize,
}

impl Default for Quadtree {
    fn default() -> Self {
        Self {
            nodes: vec![[NONE; 4]],
            buckets: Vec::new(),
            free_node: NONE,
            free_bucket: NONE,
            homes: Vec::new(),
            len: 0,
        }
    }
}

impl Quadtree {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, id: Handle) -> Option<LonLat> {
        let bucket = self.bucket(self.home(id)?);
        bucket.position(id).map(|i| bucket.places[i])
    }

    pub(super) fn put(&mut self, id: Handle, place: LonLat) -> Step {
        let Some(home) = self.home(id) else {
            self.len += 1;
            self.insert(ROOT, Cell::EARTH, Entry { id, place });
            return Step::Entered;
        };
        let bucket = self.bucket_mut(home);
        if let Some(i) = bucket.position(id)
            && Cell::around(bucket.places[i], bucket.depth).holds(Cell::of(place))
        {
            bucket.places[i] = place;
            return Step::Within;
        }
        self.take_out(id, home);
        self.insert(ROOT, Cell::EARTH, Entry { id, place });
        Step::Across
    }

    pub(super) fn remove(&mut self, id: Handle) -> Option<LonLat> {
        let home = self.home(id)?;
        let place = self.take_out(id, home);
        self.homes[id.0 as usize] = NONE;
        self.len -= 1;
        place
    }

    /// What stands in the four quarters of a node, in the order of `Cell::quarter`.
    pub(super) fn children(&self, node: u32) -> [Child; 4] {
        self.nodes[node as usize].map(Child::of)
    }

    /// Visits the vehicles of a cell, from its first bucket.
    pub(super) fn visit(&self, first: u32, mut visit: impl FnMut(Handle, LonLat)) {
        let mut at = first;
        while at != NONE {
            let bucket = self.bucket(at);
            for (&place, &id) in bucket.places.iter().zip(&bucket.ids).take(usize::from(bucket.len))
            {
                visit(id, place);
            }
            at = bucket.next;
        }
    }

    fn home(&self, id: Handle) -> Option<u32> {
        self.homes.get(id.0 as usize).copied().filter(|home| *home != NONE)
    }

    fn settle(&mut self, id: Handle, home: u32) {
        let at = id.0 as usize;
        if at >= self.homes.len() {
            self.homes.resize(at + 1, NONE);
        }
        self.homes[at] = home;
    }

    /// Puts a vehicle that is in no bucket into the one of its cell, from a node downwards.
    fn insert(&mut self, node: u32, cell: Cell, entry: Entry) {
        let (mut node, mut cell, step) = (node, cell, Cell::of(entry.place));
        loop {
            let i = cell.quarter_of(step);
            cell = cell.quarter(i);
            match Child::of(self.nodes[node as usize][i]) {
                Child::Node(below) => node = below,
                Child::Nothing => {
                    let bucket = self.new_bucket(cell.depth(), entry);
                    self.nodes[node as usize][i] = bucket;
                    return;
                }
                Child::Bucket(first) => {
                    if usize::from(self.bucket(first).len) == ROOM {
                        if cell.depth() < DEEPEST {
                            let below = self.quartered(first, cell);
                            self.nodes[node as usize][i] = NODE | below;
                            node = below;
                            continue;
                        }
                        self.push_back(first);
                    }
                    self.bucket_mut(first).push(entry);
                    self.settle(entry.id, first);
                    return;
                }
            }
        }
    }

    /// Makes a node of a full bucket.
    fn quartered(&mut self, full: u32, cell: Cell) -> u32 {
        let node = self.new_node();
        let bucket = *self.bucket(full);
        self.free_bucket(full);
        for entry in bucket.entries() {
            self.insert(node, cell, entry);
        }
        node
    }

    /// Makes room in the first bucket of a smallest cell: what it holds goes behind it.
    fn push_back(&mut self, first: u32) {
        let full = *self.bucket(first);
        let behind = self.store(&full);
        let bucket = self.bucket_mut(first);
        (bucket.len, bucket.next) = (0, behind);
    }

    /// Takes a vehicle out of its bucket and tidies up; its home is the caller's to change.
    fn take_out(&mut self, id: Handle, home: u32) -> Option<LonLat> {
        let i = self.bucket(home).position(id)?;
        let place = self.bucket(home).places[i];
        let (path, first) = self.path_to(place)?;
        // The hole is filled from the first bucket, as only that may have room.
        let last = self.bucket_mut(first).pop();
        if last.id != id {
            self.bucket_mut(home).set(i, last);
            if home != first {
                self.settle(last.id, home);
            }
        }
        if self.bucket(first).len == 0 {
            self.pull_up(first, &path);
        }
        self.tidy(&path);
        Some(place)
    }

    fn path_to(&self, place: LonLat) -> Option<(Path, u32)> {
        let mut path = Path { steps: [(NONE, 0); DEEPEST as usize], len: 0 };
        let (mut node, mut cell, step) = (ROOT, Cell::EARTH, Cell::of(place));
        loop {
            let i = cell.quarter_of(step);
            cell = cell.quarter(i);
            path.steps[path.len] = (node, i);
            path.len += 1;
            match Child::of(self.nodes[node as usize][i]) {
                Child::Node(below) => node = below,
                Child::Bucket(first) => return Some((path, first)),
                Child::Nothing => return None,
            }
        }
    }

    /// Fills an empty first bucket from the one behind it, or gives it up.
    fn pull_up(&mut self, first: u32, path: &Path) {
        let behind = self.bucket(first).next;
        if behind == NONE {
            self.free_bucket(first);
            let (node, i) = path.steps[path.len - 1];
            self.nodes[node as usize][i] = NONE;
            return;
        }
        let bucket = *self.bucket(behind);
        *self.bucket_mut(first) = bucket;
        self.move_in(&bucket, first);
        self.free_bucket(behind);
    }

    /// Makes one cell of four quarters again where few vehicles are left, from below upwards.
    fn tidy(&mut self, path: &Path) {
        for depth in (1..path.len).rev() {
            let ((above, i), (node, _)) = (path.steps[depth - 1], path.steps[depth]);
            let Some(few) = self.few_below(node) else { return };
            let mut merged = NONE;
            for child in self.children(node) {
                let Child::Bucket(child) = child else { continue };
                let bucket = *self.bucket(child);
                self.free_bucket(child);
                for entry in bucket.entries() {
                    if merged == NONE {
                        merged = self.new_bucket(bucket.depth - 1, entry);
                    } else {
                        self.bucket_mut(merged).push(entry);
                        self.settle(entry.id, merged);
                    }
                }
            }
            debug_assert_eq!(merged == NONE, few == 0);
            self.nodes[above as usize][i] = merged;
            self.nodes[node as usize][0] = self.free_node;
            self.free_node = node;
        }
    }

    /// How many vehicles are in the quarters of a node, if they are few and it is the last node.
    fn few_below(&self, node: u32) -> Option<usize> {
        let mut few = 0;
        for child in self.children(node) {
            match child {
                Child::Nothing => {}
                Child::Node(_) => return None,
                Child::Bucket(child) => few += usize::from(self.bucket(child).len),
            }
        }
        // A bucket with others behind it may hold few itself, but those behind are full.
        let is_alone = |child| !matches!(child, Child::Bucket(b) if self.bucket(b).next != NONE);
        (few <= FEW && self.children(node).into_iter().all(is_alone)).then_some(few)
    }

    /// Panics where an invariant does not hold.
    #[cfg(test)]
    pub(super) fn sanity_check(&self) {
        let (nodes, buckets, vehicles) = self.check_below(ROOT, Cell::EARTH);
        assert_eq!(vehicles, self.len);
        let free = |mut at: u32, next: &dyn Fn(usize) -> u32| {
            let mut count = 0;
            while at != NONE {
                (count, at) = (count + 1, next(at as usize));
            }
            count
        };
        assert_eq!(nodes + free(self.free_node, &|i| self.nodes[i][0]), self.nodes.len());
        assert_eq!(buckets + free(self.free_bucket, &|i| self.buckets[i].next), self.buckets.len());
    }

    #[cfg(test)]
    fn check_below(&self, node: u32, cell: Cell) -> (usize, usize, usize) {
        assert!(node == ROOT || self.few_below(node).is_none(), "quarters that nobody needs");
        let mut sum = (1, 0, 0);
        for (i, child) in self.children(node).into_iter().enumerate() {
            let quarter = cell.quarter(i);
            match child {
                Child::Nothing => {}
                Child::Node(below) => {
                    let (nodes, buckets, vehicles) = self.check_below(below, quarter);
                    sum = (sum.0 + nodes, sum.1 + buckets, sum.2 + vehicles);
                }
                Child::Bucket(first) => {
                    let mut at = first;
                    while at != NONE {
                        let bucket = self.bucket(at);
                        assert!(bucket.len > 0 && bucket.depth == quarter.depth());
                        assert!(at == first || usize::from(bucket.len) == ROOM);
                        assert!(at == first || quarter.depth() == DEEPEST);
                        for entry in bucket.entries() {
                            assert!(quarter.holds(Cell::of(entry.place)));
                            assert_eq!(self.home(entry.id), Some(at));
                        }
                        sum = (sum.0, sum.1 + 1, sum.2 + usize::from(bucket.len));
                        at = bucket.next;
                    }
                }
            }
        }
        sum
    }

    fn new_node(&mut self) -> u32 {
        let node = self.free_node;
        if node == NONE {
            reserve(&mut self.nodes);
            self.nodes.push([NONE; 4]);
            return low_32(self.nodes.len() - 1);
        }
        self.free_node = std::mem::replace(&mut self.nodes[node as usize], [NONE; 4])[0];
        node
    }

    fn new_bucket(&mut self, depth: u8, Entry { id, place }: Entry) -> u32 {
        self.store(&Bucket { next: NONE, len: 1, depth, places: [place; ROOM], ids: [id; ROOM] })
    }

    /// Gives a bucket a place, and those in it a home.
    fn store(&mut self, bucket: &Bucket) -> u32 {
        let mut index = self.free_bucket;
        if index == NONE {
            index = low_32(self.buckets.len());
            reserve(&mut self.buckets);
            self.buckets.push(*bucket);
        } else {
            self.free_bucket = std::mem::replace(self.bucket_mut(index), *bucket).next;
        }
        self.move_in(bucket, index);
        index
    }

    fn move_in(&mut self, bucket: &Bucket, home: u32) {
        for entry in bucket.entries() {
            self.settle(entry.id, home);
        }
    }

    fn free_bucket(&mut self, index: u32) {
        let next = self.free_bucket;
        let bucket = self.bucket_mut(index);
        (bucket.len, bucket.next) = (0, next);
        self.free_bucket = index;
    }

    fn bucket(&self, index: u32) -> &Bucket {
        &self.buckets[index as usize]
    }

    fn bucket_mut(&mut self, index: u32) -> &mut Bucket {
        &mut self.buckets[index as usize]
    }
}

impl Bucket {
    fn entries(&self) -> impl Iterator<Item = Entry> {
        let all = self.places.iter().zip(&self.ids).map(|(&place, &id)| Entry { id, place });
        all.take(usize::from(self.len))
    }

    fn position(&self, id: Handle) -> Option<usize> {
        self.ids.iter().take(usize::from(self.len)).position(|i| *i == id)
    }

    fn set(&mut self, i: usize, entry: Entry) {
        (self.places[i], self.ids[i]) = (entry.place, entry.id);
    }

    fn push(&mut self, entry: Entry) {
        self.set(usize::from(self.len), entry);
        self.len += 1;
    }

    fn pop(&mut self) -> Entry {
        self.len -= 1;
        let last = usize::from(self.len);
        Entry { id: self.ids[last], place: self.places[last] }
    }
}

impl Child {
    fn of(code: u32) -> Self {
        match code {
            NONE => Self::Nothing,
            code if code & NODE == 0 => Self::Bucket(code),
            code => Self::Node(code & !NODE),
        }
    }
}

/// Grows by an eighth, where a vector by itself would double.
fn reserve<T>(vec: &mut Vec<T>) {
    if vec.len() == vec.capacity() {
        vec.reserve_exact((vec.len() / 8).max(16));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "two thousand million nodes do not fit memory")]
fn low_32(index: usize) -> u32 {
    index as u32
}
