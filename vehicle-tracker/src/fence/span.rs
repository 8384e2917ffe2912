//! Which parts of a straight way lie inside something. Metres from the beginning of the way.

use super::plane::Plane;

/// From which to which fraction of a way; `from <= to`, both from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Span {
    /// Cut to the way; `None` when nothing of it is left.
    fn cut(from: f64, to: f64) -> Option<Self> {
        let (from, to) = (from.max(0.0), to.min(1.0));
        (from <= to).then_some(Self { from, to })
    }
}

/// Through a polygon: the line of the way crosses its rings an even number of times, and every
/// second stretch between two crossings lies inside.
pub(super) fn through_rings<'a>(
    plane: &Plane,
    way: [f64; 2],
    rings: impl Iterator<Item = &'a [[f64; 2]]>,
    spans: &mut Vec<Span>,
) {
    let mut crossings = Vec::new();
    for ring in rings {
        let mut from = plane.metres(ring[0]);
        for &point in &ring[1..] {
            let to = plane.metres(point);
            if (cross(way, from) > 0.0) != (cross(way, to) > 0.0) {
                let edge = [to[0] - from[0], to[1] - from[1]];
                crossings.push(cross(from, edge) / cross(way, edge));
            }
            from = to;
        }
    }
    crossings.sort_by(f64::total_cmp);
    spans.extend(crossings.chunks_exact(2).filter_map(|pair| Span::cut(pair[0], pair[1])));
}

/// Through a circle.
pub(super) fn through_circle(
    way: [f64; 2],
    centre: [f64; 2],
    radius_m: f64,
    spans: &mut Vec<Span>,
) {
    let square = dot(way, way);
    let half = dot(way, centre);
    let root = half * half - square * (dot(centre, centre) - radius_m * radius_m);
    if square > 0.0 && root >= 0.0 {
        let root = root.sqrt();
        spans.extend(Span::cut((half - root) / square, (half + root) / square));
    }
}

/// Through a line with round ends and joints: a circle about each point, a rectangle about each
/// segment.
pub(super) fn through_corridor(
    plane: &Plane,
    way: [f64; 2],
    points: &[[f64; 2]],
    half_m: f64,
    spans: &mut Vec<Span>,
) {
    let mut from = plane.metres(points[0]);
    through_circle(way, from, half_m, spans);
    for &point in &points[1..] {
        let to = plane.metres(point);
        through_circle(way, to, half_m, spans);
        let axis = [to[0] - from[0], to[1] - from[1]];
        let length = axis[0].hypot(axis[1]);
        let aside = [-axis[1], axis[0]];
        let along = within(dot(way, axis), dot(from, axis), 0.0, length * length);
        let across = within(dot(way, aside), dot(from, aside), -half_m * length, half_m * length);
        if let (Some(along), Some(across)) = (along, across) {
            spans.extend(Span::cut(along.0.max(across.0), along.1.min(across.1)));
        }
        from = to;
    }
}

/// In order, those that touch made one.
pub(super) fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|one, other| one.from.total_cmp(&other.from));
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => merged.push(span),
        }
    }
    merged
}

/// For which fractions `least <= rate · fraction − offset <= most`.
fn within(rate: f64, offset: f64, least: f64, most: f64) -> Option<(f64, f64)> {
    if rate == 0.0 {
        return (least..=most).contains(&-offset).then_some((0.0, 1.0));
    }
    let (one, other) = ((offset + least) / rate, (offset + most) / rate);
    Some((one.min(other), one.max(other)))
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}
