//! Keeps buildings off the carriageways, also where a wide street ends at a block's corner.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::draft::Draft;
use super::shape::{Pt, contains, meeting, segment_distance, sides};
use super::streets::Layout;

/// Room between a carriageway and a wall.
const KERB_M: f64 = 0.5;

/// All carriageways by place.
pub(super) struct Carriageways {
    /// A middle line and half its width.
    lines: Vec<(Pt, Pt, f64)>,
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl Carriageways {
    pub(super) fn new(layout: &Layout) -> Self {
        let lines: Vec<(Pt, Pt, f64)> = layout
            .mesh
            .edges()
            .filter_map(|(a, b, street)| {
                let street = layout.streets.get(street as usize)?;
                let point = |v: u32| layout.mesh.points[v as usize];
                Some((point(a), point(b), street.class.width_m() / 2.0))
            })
            .collect();
        let boxes = lines.iter().enumerate().map(|(i, &(a, b, _))| {
            GeomWithData::new(Rectangle::from_corners([a.x, a.y], [b.x, b.y]), i)
        });
        Self { tree: RTree::bulk_load(boxes.collect()), lines }
    }

    pub(super) fn clear_of(&self, draft: &Draft) -> bool {
        let ring = &draft.exterior;
        let reach = 20.0;
        let low = ring.iter().fold([f64::MAX; 2], |l, p| [l[0].min(p.x), l[1].min(p.y)]);
        let high = ring.iter().fold([f64::MIN; 2], |h, p| [h[0].max(p.x), h[1].max(p.y)]);
        let around = AABB::from_corners(
            [low[0] - reach, low[1] - reach],
            [high[0] + reach, high[1] + reach],
        );
        self.tree.locate_in_envelope_intersecting(&around).all(|line| {
            let (a, b, half_m) = self.lines[line.data];
            let least = half_m + KERB_M;
            !contains(ring, a)
                && sides(ring).all(|(c, d)| {
                    meeting(a, b, c, d).is_none()
                        && segment_distance(c, a, b) > least
                        && segment_distance(a, c, d) > least
                        && segment_distance(b, c, d) > least
                })
        })
    }
}
