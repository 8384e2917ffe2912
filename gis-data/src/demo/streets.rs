//! Lays out the streets: a skeleton of rings, avenues and river banks, then ever smaller streets
//! that halve the faces until each is a block of its quarter's size.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::arrangement::{Course, Curve, arrange};
use super::city::RoadClass;
use super::mesh::{Anchor, Mesh, NO_STREET, arc, straightness};
use super::name::Names;
use super::shape::{
    Pt, bounding_rect, centroid, contains, distance, dot, left, length, meeting, pt,
    segment_distance, sides, signed_area, unit,
};
use super::terrain::{BANK_M, BELT_M, Ring, Terrain, Zone};

/// A named street.
#[derive(Debug, Clone)]
pub(super) struct Street {
    pub(super) name: String,
    pub(super) class: RoadClass,
    /// Laid out before the blocks; blocks' own streets may be prolonged, these not.
    skeleton: bool,
}

/// The streets and the faces between them.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) mesh: Mesh,
    pub(super) streets: Vec<Street>,
    /// For each face what it is for.
    pub(super) lands: Vec<Land>,
}

/// What a face between streets is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Land {
    River,
    Moat,
    /// Between the motorway and its frontage roads.
    Belt,
    Block,
}

pub(super) fn lay_out(terrain: &Terrain, names: &mut Names, rng: &mut ChaCha8Rng) -> Layout {
    let mut skeleton = Skeleton { terrain, names, curves: Vec::new(), streets: Vec::new() };
    skeleton.rings();
    skeleton.river_banks();
    skeleton.avenues(rng);
    let Skeleton { curves, streets, .. } = skeleton;
    let (points, edges) = arrange(&curves);
    let mesh = Mesh::new(points, &edges);
    let lands = (0..mesh.face_count()).map(|face| land(&mesh, face, &streets, terrain)).collect();
    let mut layout = Layout { mesh, streets, lands };
    layout.divide(terrain, names, rng);
    layout
}

struct Skeleton<'a> {
    terrain: &'a Terrain,
    names: &'a mut Names,
    curves: Vec<Curve>,
    streets: Vec<Street>,
}

impl Skeleton<'_> {
    fn street(&mut self, name: &str, class: RoadClass) -> u32 {
        self.streets.push(Street { name: name.to_owned(), class, skeleton: true });
        u32::try_from(self.streets.len() - 1).expect("a skeleton has few streets")
    }

    fn ring(&mut self, ring: &Ring, outwards_m: f64, street: u32) {
        let points = ring.sample(outwards_m, 70.0);
        self.curves.push(Curve { points, course: Course::Closed, street });
    }

    fn rings(&mut self) {
        let terrain = self.terrain;
        self.ring(&terrain.boundary, 0.0, NO_STREET);
        let motorway = self.street("云澜绕城高速", RoadClass::Motorway);
        self.ring(&terrain.motorway, 0.0, motorway);
        for (name, outwards_m) in [("绕城内辅路", -BELT_M), ("绕城外辅路", BELT_M)] {
            let frontage = self.street(name, RoadClass::Tertiary);
            self.ring(&terrain.motorway, outwards_m, frontage);
        }
        if let Some(inner) = &terrain.inner_ring {
            let street = self.street("内环快速路", RoadClass::Trunk);
            self.ring(inner, 0.0, street);
        }
        let old = self.street("环城路", RoadClass::Primary);
        self.ring(&terrain.old_town, 0.0, old);
        if terrain.has_moat {
            let lane = self.street("城河沿", RoadClass::Tertiary);
            self.ring(&terrain.old_town, -90.0, lane);
        }
    }

    fn river_banks(&mut self) {
        let terrain = self.terrain;
        let reach = 11_500.0 * terrain.scale;
        for (name, side) in [("滨江东路", -1.0), ("滨江西路", 1.0)] {
            let street = self.street(name, RoadClass::Secondary);
            let mut points = Vec::new();
            let mut north_m = reach;
            while north_m > -reach {
                let aside = side * (terrain.river_half(north_m) + BANK_M);
                points.push(terrain.beside_river(north_m, aside));
                north_m -= 60.0;
            }
            self.curves.push(Curve { points, course: Course::Open, street });
        }
    }

    fn avenues(&mut self, rng: &mut ChaCha8Rng) {
        let scale = self.terrain.scale;
        let full = scale >= 1.0;
        let spacing = if full { 1_240.0 } else { 640.0 };
        for (half, along_x) in [(12_000.0 * scale, false), (10_000.0 * scale, true)] {
            let reach = if along_x { 12_500.0 * scale } else { 10_500.0 * scale };
            let mut rank = 0_u32;
            let mut at = -half + rng.random_range(0.0..spacing * 0.5);
            while at < half {
                let main = rank.is_multiple_of(3);
                let class = if main { RoadClass::Primary } else { RoadClass::Secondary };
                let along = if along_x { pt(1.0, 0.0) } else { pt(0.0, 1.0) };
                let name = self.names.street(class, along, false);
                let line = |t: f64| self.terrain.bend(if along_x { pt(t, at) } else { pt(at, t) });
                let mut points = Vec::new();
                let mut t = -reach;
                while t <= reach {
                    points.push(line(t));
                    t += 80.0;
                }
                let street = self.street(&name, class);
                self.avenue(&points, main, along_x, street);
                at += spacing * rng.random_range(0.86..1.14);
                rank += 1;
            }
        }
    }

    /// Main avenues reach the boundary, the others the motorway's inner frontage; neither runs
    /// beside a ring or along the river, where it would leave slivers.
    fn avenue(&mut self, points: &[Pt], main: bool, eastward: bool, street: u32) {
        let limit = if main {
            self.terrain.boundary.sample(0.0, 70.0)
        } else {
            self.terrain.motorway.sample(-BELT_M, 70.0)
        };
        let steps: Vec<(Pt, bool)> = points
            .windows(2)
            .map(|pair| {
                let along = pair[1] - pair[0];
                let in_river = !eastward && self.terrain.near_river(pair[0], BANK_M + 90.0);
                let kept = contains(&limit, pair[0])
                    && !in_river
                    && !self.terrain.runs_beside_a_ring(pair[0], along);
                (pair[0], kept)
            })
            .collect();
        for piece in steps.split(|&(_, kept)| !kept).filter(|piece| piece.len() > 4) {
            // One more step at each end makes sure that the limit is crossed.
            let (first, last) = (piece[0].0, piece[piece.len() - 1].0);
            let mut points = vec![first + (first - piece[1].0)];
            points.extend(piece.iter().map(|&(p, _)| p));
            points.push(last + (last - piece[piece.len() - 2].0));
            self.curves.push(Curve { points, course: Course::Open, street });
        }
    }
}

fn land(mesh: &Mesh, face: u32, streets: &[Street], terrain: &Terrain) -> Land {
    let halves = mesh.around(face);
    let outline: Vec<Pt> = halves.iter().map(|&h| mesh.origin(h)).collect();
    let touches = |name: &str| {
        halves.iter().any(|&h| streets.get(mesh.street(h) as usize).is_some_and(|s| s.name == name))
    };
    let middle = centroid(&outline);
    if touches("云澜绕城高速") {
        Land::Belt
    } else if (touches("滨江东路") && touches("滨江西路"))
        || (terrain.near_river(middle, 10.0) && contains(&outline, middle))
    {
        Land::River
    } else if terrain.has_moat && touches("环城路") && touches("城河沿") {
        Land::Moat
    } else {
        Land::Block
    }
}

/// How large blocks of a quarter may be, in square metres, and how narrow.
fn block_limit(zone: Zone) -> (f64, f64) {
    match zone {
        Zone::OldTown => (15_000.0, 75.0),
        Zone::Centre => (28_000.0, 110.0),
        Zone::Campus => (95_000.0, 160.0),
        Zone::Living => (46_000.0, 120.0),
        Zone::Industry => (80_000.0, 150.0),
        Zone::CountyTown => (24_000.0, 95.0),
        Zone::Country => (700_000.0, 400.0),
    }
}

impl Layout {
    fn outline(&self, face: u32) -> (Vec<u32>, Vec<Pt>) {
        let halves = self.mesh.around(face);
        let outline = halves.iter().map(|&h| self.mesh.origin(h)).collect();
        (halves, outline)
    }

    fn divide(&mut self, terrain: &Terrain, names: &mut Names, rng: &mut ChaCha8Rng) {
        let mut open: Vec<u32> = (0..self.mesh.face_count())
            .filter(|&face| self.lands[face as usize] == Land::Block)
            .rev()
            .collect();
        while let Some(face) = open.pop() {
            let (_, outline) = self.outline(face);
            let area = signed_area(&outline);
            let middle = centroid(&outline);
            let (limit, narrow_m) = block_limit(terrain.zone(middle));
            let park = terrain.lakes.iter().any(|&lake| contains(&outline, lake));
            let limit = if park { 420_000.0 } else { limit };
            if area < limit * rng.random_range(0.75..1.35) {
                continue;
            }
            let class = if area > 900_000.0 {
                RoadClass::Secondary
            } else if area > 260_000.0 {
                RoadClass::Tertiary
            } else {
                RoadClass::Residential
            };
            if let Some(new) = self.halve(face, class, narrow_m, terrain, names, rng) {
                self.lands.push(Land::Block);
                open.extend([face, new]);
            }
        }
    }

    fn halve(
        &mut self,
        face: u32,
        class: RoadClass,
        narrow_m: f64,
        terrain: &Terrain,
        names: &mut Names,
        rng: &mut ChaCha8Rng,
    ) -> Option<u32> {
        let (halves, outline) = self.outline(face);
        let rect = bounding_rect(&outline);
        for attempt in 0..10 {
            let (axis, reach) = if attempt < 7 {
                (rect.axis, rect.half_long)
            } else {
                (left(rect.axis), rect.half_short)
            };
            let tilt = rng.random_range(-0.09..0.09);
            let shift = rng.random_range(-0.16..0.16) * reach;
            let direction = unit(left(axis) + axis * tilt);
            let snap_m = if attempt < 4 { 38.0 } else { 9.0 };
            let Some((from, to)) =
                self.chord(&halves, rect.centre + axis * shift, direction, snap_m)
            else {
                continue;
            };
            let (a, b) = (self.place(from), self.place(to));
            let far_enough = |street: &[Pt]| {
                street.iter().all(|&p| {
                    sides(&outline).all(|(c, d)| {
                        segment_distance(a, c, d) < 1.0
                            || segment_distance(b, c, d) < 1.0
                            || segment_distance(p, c, d) > narrow_m * 0.35
                    })
                })
            };
            let middle = (a + b) / 2.0;
            if distance(a, b) < narrow_m * 0.5 || !far_enough(&[middle]) {
                continue;
            }
            if !self.leaves_room(&halves, from, to, narrow_m) {
                continue;
            }
            let swell = if distance(a, b) > 420.0 { rng.random_range(-0.07..0.07) } else { 0.0 };
            let mut bends = if swell == 0.0 { Vec::new() } else { arc(a, b, swell, 6) };
            if !far_enough(&bends) || crosses(&outline, a, &bends, b) {
                bends.clear();
            }
            let street = self.prolonged(from, to, class).unwrap_or_else(|| {
                let old = terrain.zone(middle) == Zone::OldTown;
                let name = names.street(class, b - a, old);
                self.streets.push(Street { name, class, skeleton: false });
                u32::try_from(self.streets.len() - 1).expect("a city has few streets")
            });
            return Some(self.mesh.split(from, &bends, to, street));
        }
        None
    }

    fn place(&self, anchor: Anchor) -> Pt {
        match anchor {
            Anchor::Vertex(half) => self.mesh.origin(half),
            Anchor::Along(_, p) => p,
        }
    }

    /// The longest straight way through a face along a line, its ends drawn to junctions nearby.
    fn chord(
        &self,
        halves: &[u32],
        through: Pt,
        direction: Pt,
        snap_m: f64,
    ) -> Option<(Anchor, Anchor)> {
        let far = direction * 30_000.0;
        let mut hits: Vec<(f64, usize)> = Vec::new();
        for (i, &half) in halves.iter().enumerate() {
            let (a, b) = (self.mesh.origin(half), self.mesh.target(half));
            if let Some((t, u)) = meeting(through - far, through + far, a, b)
                && u < 1.0
            {
                hits.push((t, i));
            }
        }
        hits.sort_by(|a, b| a.0.total_cmp(&b.0));
        let longest =
            hits.chunks_exact(2).max_by(|a, b| (a[1].0 - a[0].0).total_cmp(&(b[1].0 - b[0].0)))?;
        let at = |t: f64| through - far + far * (2.0 * t);
        let anchor = |(t, i): (f64, usize)| self.snapped(halves, i, at(t), snap_m);
        let (from, to) = (anchor(longest[0])?, anchor(longest[1])?);
        let (a, b) = (self.place(from), self.place(to));
        // A street may not leave another at a sharp angle.
        let square = |anchor: Anchor, away: Pt| {
            let around = match anchor {
                Anchor::Vertex(half) => self.mesh.leaving(half),
                Anchor::Along(half, _) => vec![half, half ^ 1],
            };
            around.iter().all(|&half| {
                straightness(away, self.mesh.target(half) - self.mesh.origin(half)) < 0.8
            })
        };
        (square(from, b - a) && square(to, a - b)).then_some((from, to))
    }

    fn snapped(&self, halves: &[u32], i: usize, p: Pt, snap_m: f64) -> Option<Anchor> {
        let near = |&&half: &&u32| distance(self.mesh.origin(half), p) < snap_m;
        let junction = halves
            .iter()
            .filter(near)
            .filter(|&&half| self.mesh.degree(self.mesh.vertex(half)) == 3)
            .min_by(|&&a, &&b| {
                distance(self.mesh.origin(a), p).total_cmp(&distance(self.mesh.origin(b), p))
            });
        if let Some(&half) = junction {
            return Some(Anchor::Vertex(half));
        }
        let half = halves[i];
        let next = halves[(i + 1) % halves.len()];
        for end in [half, next] {
            if distance(self.mesh.origin(end), p) < 14.0 {
                return (self.mesh.degree(self.mesh.vertex(end)) < 4)
                    .then_some(Anchor::Vertex(end));
            }
        }
        Some(Anchor::Along(half, p))
    }

    /// Whether both halves are wide enough to build on.
    fn leaves_room(&self, halves: &[u32], from: Anchor, to: Anchor, narrow_m: f64) -> bool {
        let (a, b) = (self.place(from), self.place(to));
        let along = unit(b - a);
        let (mut leftmost, mut rightmost) = (0.0_f64, 0.0_f64);
        for &half in halves {
            let aside = dot(self.mesh.origin(half) - a, left(along));
            leftmost = leftmost.max(aside);
            rightmost = rightmost.max(-aside);
        }
        leftmost.min(rightmost) > narrow_m * 0.7
    }

    /// The street that a new one would carry straight on, at either end.
    fn prolonged(&self, from: Anchor, to: Anchor, class: RoadClass) -> Option<u32> {
        let (a, b) = (self.place(from), self.place(to));
        [(from, b - a), (to, a - b)].into_iter().find_map(|(anchor, away)| {
            let Anchor::Vertex(half) = anchor else { return None };
            self.mesh.leaving(half).into_iter().find_map(|other| {
                let id = self.mesh.street(other);
                let street = self.streets.get(id as usize)?;
                let on = self.mesh.origin(other) - self.mesh.target(other);
                let same = street.class == class && !street.skeleton;
                (same && length(on) > 1.0 && straightness(on, away) > 0.93).then_some(id)
            })
        })
    }
}

fn crosses(outline: &[Pt], a: Pt, bends: &[Pt], b: Pt) -> bool {
    let mut path = vec![a];
    path.extend_from_slice(bends);
    path.push(b);
    path.windows(2).any(|step| {
        sides(outline).any(|(c, d)| {
            let touches_end = [a, b].iter().any(|&e| segment_distance(e, c, d) < 1.0);
            !touches_end && meeting(step[0], step[1], c, d).is_some()
        })
    })
}
