//! A planar subdivision as half-edges: streets are edges, blocks are faces, and splitting a face by
//! a new street keeps the neighbours' outlines in step.

use super::shape::{Pt, dot, left, signed_area, unit};

/// The edge belongs to no street: the boundary of the city.
pub(super) const NO_STREET: u32 = u32::MAX;
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Half {
    origin: u32,
    next: u32,
    prev: u32,
    face: u32,
}

/// Half-edges come in pairs: the twin of `h` is `h ^ 1`, and `h / 2` is the edge.
#[derive(Debug, Default)]
pub(super) struct Mesh {
    pub(super) points: Vec<Pt>,
    /// For each edge its street.
    pub(super) streets: Vec<u32>,
    halves: Vec<Half>,
    /// For each face one of its half-edges.
    faces: Vec<u32>,
    degree: Vec<u8>,
}

/// Where a street that splits a face begins or ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    /// At the origin of a half-edge.
    Vertex(u32),
    /// Somewhere along a half-edge.
    Along(u32, Pt),
}

impl Mesh {
    /// Builds the faces of a connected plane graph without dead ends.
    pub(super) fn new(points: Vec<Pt>, edges: &[(u32, u32, u32)]) -> Self {
        let mut mesh = Self { degree: vec![0; points.len()], points, ..Self::default() };
        let mut leaving = vec![Vec::new(); mesh.points.len()];
        for &(a, b, street) in edges {
            for (from, to) in [(a, b), (b, a)] {
                let id = mesh.half_count();
                leaving[from as usize].push((id, to));
                mesh.halves.push(Half { origin: from, next: NONE, prev: NONE, face: NONE });
                mesh.degree[from as usize] += 1;
            }
            mesh.streets.push(street);
        }
        for (vertex, halves) in leaving.iter_mut().enumerate() {
            let here = mesh.points[vertex];
            let points = &mesh.points;
            halves.sort_by(|a, b| {
                let bearing = |to: u32| pseudo_angle(points[to as usize] - here);
                bearing(a.1).total_cmp(&bearing(b.1))
            });
            // Arriving by the twin of one, the next is the neighbour to the right of it.
            for (i, &(half, _)) in halves.iter().enumerate() {
                let next = halves[(i + halves.len() - 1) % halves.len()].0;
                mesh.halves[(half ^ 1) as usize].next = next;
                mesh.halves[next as usize].prev = half ^ 1;
            }
        }
        for start in 0..mesh.half_count() {
            if mesh.halves[start as usize].face != NONE {
                continue;
            }
            let loop_halves = mesh.walk(start);
            let outline: Vec<Pt> = loop_halves.iter().map(|&h| mesh.origin(h)).collect();
            if signed_area(&outline) > 0.0 {
                let face = mesh.face_count();
                mesh.faces.push(start);
                for half in loop_halves {
                    mesh.halves[half as usize].face = face;
                }
            }
        }
        mesh
    }

    pub(super) fn face_count(&self) -> u32 {
        u32::try_from(self.faces.len()).expect("a city has fewer than four billion faces")
    }

    fn half_count(&self) -> u32 {
        u32::try_from(self.halves.len()).expect("a city has fewer than four billion edges")
    }

    /// The half-edges around a face, counter-clockwise.
    pub(super) fn around(&self, face: u32) -> Vec<u32> {
        self.walk(self.faces[face as usize])
    }

    pub(super) fn origin(&self, half: u32) -> Pt {
        self.points[self.vertex(half) as usize]
    }

    pub(super) fn target(&self, half: u32) -> Pt {
        self.origin(half ^ 1)
    }

    pub(super) fn vertex(&self, half: u32) -> u32 {
        self.halves[half as usize].origin
    }

    pub(super) fn degree(&self, vertex: u32) -> u8 {
        self.degree[vertex as usize]
    }

    pub(super) fn street(&self, half: u32) -> u32 {
        self.streets[(half / 2) as usize]
    }

    /// The two vertices and the street of every edge.
    pub(super) fn edges(&self) -> impl Iterator<Item = (u32, u32, u32)> + '_ {
        self.streets
            .iter()
            .enumerate()
            .map(|(i, &street)| (self.halves[2 * i].origin, self.halves[2 * i + 1].origin, street))
    }

    /// The half-edges that leave the origin of a half-edge, itself first.
    pub(super) fn leaving(&self, half: u32) -> Vec<u32> {
        let mut all = vec![half];
        loop {
            let turned = self.halves[(all[all.len() - 1] ^ 1) as usize].next;
            if turned == half {
                return all;
            }
            all.push(turned);
        }
    }

    /// Splits a face by a street between two anchors with bends in between; gives the new face.
    pub(super) fn split(&mut self, from: Anchor, bends: &[Pt], to: Anchor, street: u32) -> u32 {
        let start = self.anchor(from);
        let end = self.anchor(to);
        let (before_start, before_end) =
            (self.halves[start as usize].prev, self.halves[end as usize].prev);
        let old_face = self.halves[start as usize].face;
        let new_face = self.face_count();
        let (first, mut last) = (self.half_count(), 0);
        let mut vertex = self.vertex(start);
        for i in 0..=bends.len() {
            let next_vertex = match bends.get(i) {
                Some(&bend) => self.add_point(bend, 2),
                None => self.vertex(end),
            };
            let id = self.half_count();
            self.halves.push(Half {
                origin: vertex,
                next: id + 2,
                prev: id.wrapping_sub(2),
                face: old_face,
            });
            self.halves.push(Half {
                origin: next_vertex,
                next: id.wrapping_sub(1),
                prev: id + 3,
                face: new_face,
            });
            self.streets.push(street);
            vertex = next_vertex;
            last = id;
        }
        self.link(before_start, first);
        self.link(last, end);
        self.link(before_end, last + 1);
        self.link(first + 1, start);
        self.degree[self.halves[start as usize].origin as usize] += 1;
        self.degree[self.halves[end as usize].origin as usize] += 1;
        self.faces[old_face as usize] = first;
        self.faces.push(first + 1);
        for half in self.walk(first + 1) {
            self.halves[half as usize].face = new_face;
        }
        new_face
    }

    fn anchor(&mut self, anchor: Anchor) -> u32 {
        match anchor {
            Anchor::Vertex(half) => half,
            Anchor::Along(half, p) => self.split_edge(half, p),
        }
    }

    /// Puts a vertex into an edge; gives the half-edge that leaves it in the same face.
    fn split_edge(&mut self, half: u32, p: Pt) -> u32 {
        let twin = half ^ 1;
        let middle = self.add_point(p, 2);
        let (ahead, behind) = (self.half_count(), self.half_count() + 1);
        let (h, t) = (self.halves[half as usize], self.halves[twin as usize]);
        self.halves.push(Half { origin: middle, next: NONE, prev: NONE, face: h.face });
        self.halves.push(Half { origin: t.origin, next: NONE, prev: NONE, face: t.face });
        self.streets.push(self.street(half));
        self.link(ahead, if h.next == twin { behind } else { h.next });
        self.link(half, ahead);
        self.link(if t.prev == half { ahead } else { t.prev }, behind);
        self.link(behind, twin);
        self.halves[twin as usize].origin = middle;
        ahead
    }

    fn add_point(&mut self, p: Pt, degree: u8) -> u32 {
        self.points.push(p);
        self.degree.push(degree);
        u32::try_from(self.points.len() - 1).expect("a city has fewer than four billion points")
    }

    fn link(&mut self, half: u32, next: u32) {
        self.halves[half as usize].next = next;
        self.halves[next as usize].prev = half;
    }

    fn walk(&self, start: u32) -> Vec<u32> {
        let mut halves = vec![start];
        loop {
            let next = self.halves[halves[halves.len() - 1] as usize].next;
            if next == start {
                return halves;
            }
            halves.push(next);
        }
    }
}

/// Grows with the direction of a vector from east counter-clockwise, without trigonometry.
pub(super) fn pseudo_angle(v: Pt) -> f64 {
    let p = v.y / (v.x.abs() + v.y.abs());
    if v.x < 0.0 {
        2.0 - p
    } else if v.y < 0.0 {
        4.0 + p
    } else {
        p
    }
}

/// How sharply one direction turns into another: 1 straight on, -1 back.
pub(super) fn straightness(a: Pt, b: Pt) -> f64 {
    dot(unit(a), unit(b))
}

/// Points of an arc between two ends that swells to the left by a part of its length.
pub(super) fn arc(from: Pt, to: Pt, swell: f64, pieces: u8) -> Vec<Pt> {
    let along = to - from;
    (1..pieces)
        .map(|i| {
            let t = f64::from(i) / f64::from(pieces);
            from + along * t + left(along) * (4.0 * swell * t * (1.0 - t))
        })
        .collect()
}
