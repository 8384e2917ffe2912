//! Rings in any order become parts: outer rings run clockwise, holes the other way.

use super::super::shape::{Position, Ring};

/// Parts, each an outer ring and its holes. A hole belongs to the smallest outer ring around it; one that is in
/// none is a part of its own, as GDAL has it too.
pub(super) fn parts_of(rings: Vec<Ring>) -> Vec<Vec<Ring>> {
    let (outer, holes): (Vec<Ring>, Vec<Ring>) =
        rings.into_iter().partition(|ring| doubled_area(ring) <= 0.0);
    // Some programs write every ring counter-clockwise.
    if outer.is_empty() {
        return holes.into_iter().map(|ring| vec![ring]).collect();
    }
    let boxes: Vec<Sides> = outer.iter().map(|ring| sides(ring)).collect();
    let mut parts: Vec<Vec<Ring>> = outer.into_iter().map(|ring| vec![ring]).collect();
    for hole in holes {
        match owner(&hole, &parts, &boxes).and_then(|n| parts.get_mut(n)) {
            Some(part) => part.push(hole),
            None => parts.push(vec![hole]),
        }
    }
    parts
}

/// West, south, east, north.
type Sides = [f64; 4];

fn owner(hole: &[Position], parts: &[Vec<Ring>], boxes: &[Sides]) -> Option<usize> {
    let inner = sides(hole);
    let mut around: Vec<(usize, f64)> = boxes
        .iter()
        .enumerate()
        .filter(|(_, outer)| is_within(inner, **outer))
        .map(|(n, [west, south, east, north])| (n, (east - west) * (north - south)))
        .collect();
    around.sort_by(|a, b| a.1.total_cmp(&b.1));
    let outer_of = |n: usize| parts.get(n).and_then(|part| part.first());
    around.iter().map(|(n, _)| *n).find(|n| outer_of(*n).is_some_and(|outer| contains(outer, hole)))
}

fn sides(ring: &[Position]) -> Sides {
    ring.iter().fold(
        [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
        |[west, south, east, north], [x, y]| {
            [west.min(*x), south.min(*y), east.max(*x), north.max(*y)]
        },
    )
}

fn is_within([w, s, e, n]: Sides, [west, south, east, north]: Sides) -> bool {
    west <= w && south <= s && e <= east && n <= north
}

/// Whether a ring is inside another: by its first vertex that is not on it.
fn contains(outer: &[Position], ring: &[Position]) -> bool {
    ring.iter().find_map(|vertex| is_inside(outer, *vertex)).unwrap_or(true)
}

/// `None` on the ring itself.
fn is_inside(ring: &[Position], [x, y]: Position) -> Option<bool> {
    let mut inside = false;
    for (a, b) in ring.iter().zip(ring.iter().skip(1)) {
        let ([ax, ay], [bx, by]) = (*a, *b);
        let side = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
        let is_beside = x >= ax.min(bx) && x <= ax.max(bx) && y >= ay.min(by) && y <= ay.max(by);
        if side == 0.0 && is_beside {
            return None;
        }
        if (ay > y) != (by > y) && (side > 0.0) == (by > ay) {
            inside = !inside;
        }
    }
    Some(inside)
}

/// Positive for a ring that runs counter-clockwise. Counted from its first vertex, because far from the origin the
/// products would lose what they differ in.
fn doubled_area(ring: &[Position]) -> f64 {
    let [x0, y0] = ring.first().copied().unwrap_or_default();
    ring.iter()
        .zip(ring.iter().skip(1))
        .map(|([ax, ay], [bx, by])| (ax - x0) * (by - y0) - (bx - x0) * (ay - y0))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64, is_hole: bool) -> Ring {
        let mut ring = vec![[x, y], [x, y + side], [x + side, y + side], [x + side, y], [x, y]];
        if is_hole {
            ring.reverse();
        }
        ring
    }

    #[test]
    fn holes_go_to_the_smallest_ring_around_them_in_whatever_order() {
        let far = 40_500_000.0;
        let town = square(far, 3e6, 100.0, false);
        let pond = square(far + 10.0, 3e6 + 10.0, 60.0, true);
        let island = square(far + 20.0, 3e6 + 20.0, 30.0, false);
        let well = square(far + 25.0, 3e6 + 25.0, 2.0, true);
        let parts = parts_of(vec![well.clone(), island.clone(), pond.clone(), town.clone()]);
        assert_eq!(parts, [vec![island, well], vec![town, pond]]);
    }

    #[test]
    fn a_hole_that_touches_its_ring_is_in_it_and_one_outside_is_a_part() {
        let outer = square(0.0, 0.0, 10.0, false);
        let touching = vec![[0.0, 0.0], [5.0, 2.0], [5.0, 5.0], [0.0, 0.0]];
        let outside = square(20.0, 0.0, 5.0, true);
        let parts = parts_of(vec![outer.clone(), touching.clone(), outside.clone()]);
        assert_eq!(parts, [vec![outer, touching], vec![outside]]);
    }

    #[test]
    fn rings_that_all_run_the_other_way_are_parts() {
        let (one, two) = (square(0.0, 0.0, 1.0, true), square(5.0, 0.0, 1.0, true));
        assert_eq!(parts_of(vec![one.clone(), two.clone()]), [vec![one], vec![two]]);
    }
}
