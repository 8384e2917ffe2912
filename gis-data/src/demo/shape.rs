//! Plane geometry in metres: points as vectors, and simple polygons as open counter-clockwise
//! rings. Only arithmetic and square roots, so that every machine gets the same bits.

use geo_types::Coord;

/// A point or vector in the local frame: metres east, metres north.
pub(super) type Pt = Coord<f64>;

pub(super) fn pt(x: f64, y: f64) -> Pt {
    Coord { x, y }
}

pub(super) fn dot(a: Pt, b: Pt) -> f64 {
    a.x * b.x + a.y * b.y
}

pub(super) fn cross(a: Pt, b: Pt) -> f64 {
    a.x * b.y - a.y * b.x
}

pub(super) fn length(a: Pt) -> f64 {
    dot(a, a).sqrt()
}

pub(super) fn distance(a: Pt, b: Pt) -> f64 {
    length(a - b)
}

pub(super) fn unit(a: Pt) -> Pt {
    let length = length(a);
    if length > 0.0 { a / length } else { pt(1.0, 0.0) }
}

/// The vector turned a quarter to the left.
pub(super) fn left(a: Pt) -> Pt {
    pt(-a.y, a.x)
}

/// Consecutive pairs of a ring, the closing one included.
pub(super) fn sides(ring: &[Pt]) -> impl Iterator<Item = (Pt, Pt)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

pub(super) fn signed_area(ring: &[Pt]) -> f64 {
    let Some(&base) = ring.first() else { return 0.0 };
    sides(ring).map(|(a, b)| cross(a - base, b - base)).sum::<f64>() / 2.0
}

pub(super) fn centroid(ring: &[Pt]) -> Pt {
    let Some(&base) = ring.first() else { return pt(0.0, 0.0) };
    let (mut sum, mut weight) = (pt(0.0, 0.0), 0.0);
    for (a, b) in sides(ring) {
        let w = cross(a - base, b - base);
        sum = sum + (a - base + b - base) * (w / 3.0);
        weight += w;
    }
    if weight.abs() < 1e-9 { base } else { base + sum / weight }
}

/// Whether a point lies inside, by the even-odd rule.
pub(super) fn contains(ring: &[Pt], p: Pt) -> bool {
    let mut inside = false;
    for (a, b) in sides(ring) {
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}

/// Where two segments meet: the parameters along each, both within 0 and 1.
pub(super) fn meeting(a: Pt, b: Pt, c: Pt, d: Pt) -> Option<(f64, f64)> {
    let (r, s) = (b - a, d - c);
    let denominator = cross(r, s);
    if denominator.abs() < 1e-12 {
        return None;
    }
    let (t, u) = (cross(c - a, s) / denominator, cross(c - a, r) / denominator);
    ((0.0..=1.0).contains(&t) && (0.0..=1.0).contains(&u)).then_some((t, u))
}

pub(super) fn segment_distance(p: Pt, a: Pt, b: Pt) -> f64 {
    let r = b - a;
    let t = if dot(r, r) > 0.0 { (dot(p - a, r) / dot(r, r)).clamp(0.0, 1.0) } else { 0.0 };
    distance(p, a + r * t)
}

/// Whether no two sides of a ring cross.
pub(super) fn is_simple(ring: &[Pt]) -> bool {
    let sides: Vec<(Pt, Pt)> = sides(ring).collect();
    let n = sides.len();
    (0..n).all(|i| {
        (i + 2..n).filter(|&j| !(i == 0 && j == n - 1)).all(|j| {
            let ((a, b), (c, d)) = (sides[i], sides[j]);
            meeting(a, b, c, d).is_none()
        })
    })
}

/// Whether one polygon lies wholly inside another.
pub(super) fn within(inner: &[Pt], outer: &[Pt]) -> bool {
    inner.iter().all(|&p| contains(outer, p)) && !rings_cross(inner, outer)
}

/// Whether two polygons share any point.
pub(super) fn overlap(a: &[Pt], b: &[Pt]) -> bool {
    rings_cross(a, b)
        || a.first().is_some_and(|&p| contains(b, p))
        || b.first().is_some_and(|&p| contains(a, p))
}

fn rings_cross(one: &[Pt], other: &[Pt]) -> bool {
    sides(one).any(|(a, b)| sides(other).any(|(c, d)| meeting(a, b, c, d).is_some()))
}

/// Moves every side inwards by its own distance; `None` where nothing sensible is left.
pub(super) fn inset(ring: &[Pt], by: &[f64]) -> Option<Vec<Pt>> {
    let n = ring.len();
    let mut moved = Vec::with_capacity(n);
    for i in 0..n {
        let (before, here, after) = (ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n]);
        let (d1, d2) = (by[(i + n - 1) % n], by[i]);
        let (u1, u2) = (unit(here - before), unit(after - here));
        let (n1, n2) = (left(u1), left(u2));
        let turn = cross(u1, u2);
        if turn.abs() < 0.12 {
            moved.push(here + unit(n1 + n2) * d1.max(d2));
        } else {
            let (a, b) = (here + n1 * d1, here + n2 * d2);
            moved.push(a + u1 * (cross(b - a, u2) / turn));
        }
    }
    let moved = tidy(&moved);
    let area = signed_area(&moved);
    let kept = area > 60.0 && area < signed_area(ring) && within(&moved, ring);
    (kept && is_simple(&moved)).then_some(moved)
}

/// The part of a polygon to the left of a line through `p` along `direction`; exact for convex
/// polygons, and for others the outline may touch itself along the line.
pub(super) fn clip_left(ring: &[Pt], p: Pt, direction: Pt) -> Vec<Pt> {
    let side = |q: Pt| cross(direction, q - p);
    let mut kept = Vec::with_capacity(ring.len() + 2);
    for (a, b) in sides(ring) {
        let (sa, sb) = (side(a), side(b));
        if sa >= 0.0 {
            kept.push(a);
        }
        if (sa > 0.0 && sb < 0.0) || (sa < 0.0 && sb > 0.0) {
            kept.push(a + (b - a) * (sa / (sa - sb)));
        }
    }
    kept
}

/// Drops corners that repeat the one before or lead straight back.
pub(super) fn tidy(ring: &[Pt]) -> Vec<Pt> {
    let mut kept: Vec<Pt> = Vec::with_capacity(ring.len());
    for &p in ring {
        if kept.last().is_none_or(|&last| distance(last, p) > 0.4) {
            kept.push(p);
        }
    }
    while kept.len() > 1 && distance(kept[0], kept[kept.len() - 1]) <= 0.4 {
        kept.pop();
    }
    let n = kept.len();
    let spike = |i: usize| {
        let (before, here, after) = (kept[(i + n - 1) % n], kept[i], kept[(i + 1) % n]);
        dot(unit(here - before), unit(after - here)) < -0.99
    };
    let sound: Vec<Pt> = (0..n).filter(|&i| !spike(i)).map(|i| kept[i]).collect();
    if sound.len() == n || n < 3 { kept } else { tidy(&sound) }
}

/// The convex kernel-like inset: what lies at least `by` behind every side's line.
pub(super) fn inset_convex(ring: &[Pt], by: &[f64]) -> Option<Vec<Pt>> {
    let mut kept = ring.to_vec();
    for ((a, b), &d) in sides(ring).zip(by) {
        let along = unit(b - a);
        kept = clip_left(&kept, a + left(along) * d, along);
        if kept.len() < 3 {
            return None;
        }
    }
    let kept = tidy(&kept);
    (signed_area(&kept) > 60.0 && is_simple(&kept)).then_some(kept)
}

/// A rectangle of any direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rect {
    pub(super) centre: Pt,
    /// Unit vector along the longer side.
    pub(super) axis: Pt,
    pub(super) half_long: f64,
    pub(super) half_short: f64,
}

/// The smallest rectangle, among those along one of the sides, around a polygon.
pub(super) fn bounding_rect(ring: &[Pt]) -> Rect {
    let mut best: Option<(f64, Rect)> = None;
    for (a, b) in sides(ring).filter(|&(a, b)| distance(a, b) > 5.0) {
        let axis = unit(b - a);
        let normal = left(axis);
        let (mut low, mut high) = (pt(f64::MAX, f64::MAX), pt(f64::MIN, f64::MIN));
        for &p in ring {
            let q = pt(dot(p, axis), dot(p, normal));
            low = pt(low.x.min(q.x), low.y.min(q.y));
            high = pt(high.x.max(q.x), high.y.max(q.y));
        }
        let (size, middle) = (high - low, (low + high) / 2.0);
        if best.as_ref().is_none_or(|(area, _)| size.x * size.y < *area - 1e-6) {
            let centre = axis * middle.x + normal * middle.y;
            let (half_x, half_y) = (size.x / 2.0, size.y / 2.0);
            let rect = if half_x >= half_y {
                Rect { centre, axis, half_long: half_x, half_short: half_y }
            } else {
                Rect { centre, axis: normal, half_long: half_y, half_short: half_x }
            };
            best = Some((size.x * size.y, rect));
        }
    }
    best.map_or(
        Rect { centre: centroid(ring), axis: pt(1.0, 0.0), half_long: 0.0, half_short: 0.0 },
        |(_, rect)| rect,
    )
}
