//! Turns crossing curves into a plane graph: a vertex at every crossing, no dead ends.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::shape::{Pt, distance, meeting};

/// A line of the skeleton.
#[derive(Debug)]
pub(super) struct Curve {
    pub(super) points: Vec<Pt>,
    pub(super) course: Course,
    pub(super) street: u32,
}

/// Whether a curve ends or comes back to its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Open,
    Closed,
}

/// Vertices of curves this close to a crossing give way to it.
const CLEARANCE_M: f64 = 18.0;

struct Segment {
    curve: usize,
    a: Pt,
    b: Pt,
    crossings: Vec<(f64, u32)>,
}

/// The vertices, and for each edge its two vertices and its street.
pub(super) fn arrange(curves: &[Curve]) -> (Vec<Pt>, Vec<(u32, u32, u32)>) {
    let mut segments = segments(curves);
    let mut points = Vec::new();
    cross(&mut segments, &mut points);
    let crossing_count = points.len();
    let mut edges = Vec::new();
    for (index, curve) in curves.iter().enumerate() {
        let mut chain: Vec<u32> = Vec::new();
        for segment in segments.iter().filter(|segment| segment.curve == index) {
            chain.push(push(&mut points, segment.a));
            chain.extend(segment.crossings.iter().map(|&(_, id)| id));
        }
        if curve.course == Course::Open
            && let Some(&end) = curve.points.last()
        {
            chain.push(push(&mut points, end));
        }
        let is_crossing = |id: u32| (id as usize) < crossing_count;
        let crossings: Vec<Pt> =
            chain.iter().filter(|&&id| is_crossing(id)).map(|&id| points[id as usize]).collect();
        chain.retain(|&id| {
            is_crossing(id)
                || crossings.iter().all(|&c| distance(c, points[id as usize]) > CLEARANCE_M)
        });
        edges.extend(chain.windows(2).map(|pair| (pair[0], pair[1], curve.street)));
        if curve.course == Course::Closed
            && let (Some(&first), Some(&last)) = (chain.first(), chain.last())
        {
            edges.push((last, first, curve.street));
        }
    }
    edges.retain(|&(a, b, _)| a != b);
    prune(&points, edges)
}

fn push(points: &mut Vec<Pt>, p: Pt) -> u32 {
    points.push(p);
    u32::try_from(points.len() - 1).expect("a skeleton has fewer than four billion points")
}

fn segments(curves: &[Curve]) -> Vec<Segment> {
    let mut all = Vec::new();
    for (curve, line) in curves.iter().enumerate() {
        let closing = line.points.first().filter(|_| line.course == Course::Closed);
        let ends = line.points.iter().skip(1).chain(closing);
        all.extend(line.points.iter().zip(ends).map(|(&a, &b)| Segment {
            curve,
            a,
            b,
            crossings: Vec::new(),
        }));
    }
    all
}

fn cross(segments: &mut [Segment], points: &mut Vec<Pt>) {
    let boxes = segments.iter().enumerate().map(|(i, s)| {
        GeomWithData::new(Rectangle::from_corners([s.a.x, s.a.y], [s.b.x, s.b.y]), i)
    });
    let tree = RTree::bulk_load(boxes.collect());
    for i in 0..segments.len() {
        let (a, b, curve) = (segments[i].a, segments[i].b, segments[i].curve);
        let area = AABB::from_corners([a.x, a.y], [b.x, b.y]);
        let mut near: Vec<usize> = tree
            .locate_in_envelope_intersecting(&area)
            .map(|other| other.data)
            .filter(|&j| j > i && segments[j].curve != curve)
            .collect();
        near.sort_unstable();
        for j in near {
            if let Some((t, u)) = meeting(a, b, segments[j].a, segments[j].b) {
                let id = push(points, a + (b - a) * t);
                segments[i].crossings.push((t, id));
                segments[j].crossings.push((u, id));
            }
        }
    }
    for segment in segments {
        segment.crossings.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
}

/// Takes away dead ends until there are none, then unused points.
fn prune(points: &[Pt], mut edges: Vec<(u32, u32, u32)>) -> (Vec<Pt>, Vec<(u32, u32, u32)>) {
    loop {
        let mut degree = vec![0_u32; points.len()];
        for &(a, b, _) in &edges {
            degree[a as usize] += 1;
            degree[b as usize] += 1;
        }
        let before = edges.len();
        edges.retain(|&(a, b, _)| degree[a as usize] > 1 && degree[b as usize] > 1);
        if edges.len() == before {
            break;
        }
    }
    let mut renamed = vec![u32::MAX; points.len()];
    let mut kept = Vec::new();
    for edge in &mut edges {
        for end in [&mut edge.0, &mut edge.1] {
            let old = *end as usize;
            if renamed[old] == u32::MAX {
                renamed[old] = push(&mut kept, points[old]);
            }
            *end = renamed[old];
        }
    }
    (kept, edges)
}
