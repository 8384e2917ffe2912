//! Packs buildings into a lot so that none leaves it and none comes too near another.

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::block::Block;
use super::draft::{Axes, Draft, Form};
use super::shape::{Pt, bounding_rect, distance, left, length, overlap, pt, sides, within};

/// A lot in its own frame with what stands on it so far.
#[derive(Debug)]
pub(super) struct Packer {
    pub(super) axes: Axes,
    /// The lot in the frame of `axes`.
    pub(super) lot: Vec<Pt>,
    pub(super) low: Pt,
    pub(super) high: Pt,
    block: usize,
    /// Rectangles that later buildings must keep out of.
    taken: Vec<Vec<Pt>>,
    pub(super) drafts: Vec<Draft>,
}

/// What a building is, apart from its shape.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    pub(super) use_kind: &'static str,
    pub(super) floors: (u8, u8),
    pub(super) floors_below: u8,
    pub(super) storey_m: f64,
    pub(super) years: (u16, u16),
}

impl Kind {
    pub(super) fn new(use_kind: &'static str, floors: (u8, u8), years: (u16, u16)) -> Self {
        let storey_m = match use_kind {
            "住宅" | "农房" => 3.0,
            "工业" | "仓储" => 6.5,
            "商业" => 4.2,
            _ => 3.8,
        };
        let floors_below = u8::from(floors.0 >= 10) + u8::from(floors.0 >= 20);
        Self { use_kind, floors, floors_below, storey_m, years }
    }
}

/// A rectangle to build in: its middle in the lot's frame, its size, and the room left around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) middle: Pt,
    pub(super) width: f64,
    pub(super) depth: f64,
    pub(super) gap: f64,
    /// The direction of the width in the lot's frame.
    pub(super) axis: Pt,
}

/// How rows of buildings fill a lot; pairs are the lowest and highest of what is drawn.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) width: (f64, f64),
    pub(super) depth: (f64, f64),
    pub(super) gap: (f64, f64),
    pub(super) lane: (f64, f64),
    /// The part of the slots that stays empty.
    pub(super) empty: f64,
    pub(super) forms: &'static [Form],
}

impl Packer {
    /// The frame lies along the lot's longer side, or near east where houses should face south.
    pub(super) fn new(block: &Block, index: usize, facing: Facing) -> Self {
        Self::on_lot(&block.lot, index, facing)
    }

    pub(super) fn on_lot(lot: &[Pt], index: usize, facing: Facing) -> Self {
        let rect = bounding_rect(lot);
        let mut x = rect.axis;
        if facing == Facing::South && x.x.abs() < x.y.abs() {
            x = left(x);
        }
        if x.x < 0.0 {
            x = pt(-x.x, -x.y);
        }
        let axes = Axes { origin: rect.centre, x };
        let lot: Vec<Pt> = lot.iter().map(|&p| axes.to_local(p)).collect();
        let (mut low, mut high) = (pt(f64::MAX, f64::MAX), pt(f64::MIN, f64::MIN));
        for p in &lot {
            low = pt(low.x.min(p.x), low.y.min(p.y));
            high = pt(high.x.max(p.x), high.y.max(p.y));
        }
        Self { axes, lot, low, high, block: index, taken: Vec::new(), drafts: Vec::new() }
    }

    /// Keeps a place free, such as a sports ground; gives its outline in the city's frame.
    pub(super) fn reserve(&mut self, slot: Slot) -> Option<Vec<Pt>> {
        self.is_free(slot).then(|| {
            self.taken.push(slot.rectangle(slot.gap / 2.0));
            self.axes.ring(&slot.rectangle(0.0))
        })
    }

    /// Whether a slot lies in the lot and clear of all that is taken.
    pub(super) fn is_free(&self, slot: Slot) -> bool {
        let guard = slot.rectangle(slot.gap / 2.0);
        let reach = length(pt(slot.width, slot.depth)) / 2.0 + slot.gap;
        within(&slot.rectangle(1.5), &self.lot)
            && self.taken.iter().all(|other| {
                let far = length(other[0] - slot.middle) > reach + distance(other[0], other[2]);
                far || !overlap(other, &guard)
            })
    }

    /// Builds in a slot if the lot has room there.
    pub(super) fn build(
        &mut self,
        slot: Slot,
        form: Form,
        kind: &Kind,
        rng: &mut ChaCha8Rng,
    ) -> Option<&mut Draft> {
        self.reserve(slot)?;
        let (exterior, courtyard) = form.outline(slot.width, slot.depth);
        let place = |ring: Vec<Pt>| -> Vec<Pt> {
            let own = Axes { origin: slot.middle, x: slot.axis };
            ring.iter().map(|&p| self.axes.to_city(own.to_city(p))).collect()
        };
        let draft = Draft {
            exterior: place(exterior),
            courtyard: courtyard.map(place),
            name: None,
            use_kind: kind.use_kind,
            floors_above: rng.random_range(kind.floors.0..=kind.floors.1),
            floors_below: kind.floors_below,
            storey_m: kind.storey_m,
            built_year: rng.random_range(kind.years.0..=kind.years.1),
            block: self.block,
            office: None,
        };
        self.drafts.push(draft);
        self.drafts.last_mut()
    }

    /// Fills the lot with rows, from south to north.
    pub(super) fn rows(&mut self, rows: &Rows, kind: &Kind, rng: &mut ChaCha8Rng) {
        let mut y = self.low.y + 2.0;
        while y < self.high.y {
            let depth = draw(rows.depth, rng);
            for (from, to) in self.spans(y, y + depth) {
                self.row(from, to, y, depth, rows, kind, rng);
            }
            y += depth + draw(rows.lane, rng);
        }
    }

    /// One row between two places along x; the buildings share the length left over.
    #[expect(clippy::too_many_arguments, reason = "a row has a place, a size and a content")]
    pub(super) fn row(
        &mut self,
        from: f64,
        to: f64,
        y: f64,
        depth: f64,
        rows: &Rows,
        kind: &Kind,
        rng: &mut ChaCha8Rng,
    ) {
        let mut x = from + 2.0;
        while x + rows.width.0 + 2.0 <= to {
            let mut width = draw(rows.width, rng).min(to - 2.0 - x);
            let gap = draw(rows.gap, rng);
            let rest = to - 2.0 - x - width - gap;
            if rest > 0.0 && rest < rows.width.0 {
                width = (width + rest).min(rows.width.1 * 1.2);
            }
            if !rng.random_bool(rows.empty) {
                let jitter = rng.random_range(-0.04..0.04) * depth;
                let slot = Slot {
                    middle: pt(x + width / 2.0, y + depth / 2.0 + jitter),
                    width,
                    depth,
                    gap: rows.gap.0 * 0.8,
                    axis: pt(1.0, 0.0),
                };
                let form = rows.forms[rng.random_range(0..rows.forms.len())];
                self.build(slot, form, kind, rng);
            }
            x += width + gap;
        }
    }

    /// Where the lot is wide open between two lines along x.
    pub(super) fn spans(&self, y0: f64, y1: f64) -> Vec<(f64, f64)> {
        let at = |y: f64| {
            let mut xs: Vec<f64> = sides(&self.lot)
                .filter(|(a, b)| (a.y > y) != (b.y > y))
                .map(|(a, b)| a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y))
                .collect();
            xs.sort_by(f64::total_cmp);
            xs.chunks_exact(2).map(|c| (c[0], c[1])).collect::<Vec<_>>()
        };
        let mut spans = at(y0);
        for y in [y0.midpoint(y1), y1] {
            let line = at(y);
            spans = spans
                .iter()
                .flat_map(|&(a, b)| line.iter().map(move |&(c, d)| (a.max(c), b.min(d))))
                .filter(|(a, b)| b > a)
                .collect();
        }
        spans
    }
}

impl Slot {
    pub(super) fn new(middle: Pt, width: f64, depth: f64, gap: f64) -> Self {
        Self { middle, width, depth, gap, axis: pt(1.0, 0.0) }
    }

    /// The rectangle, grown on every side.
    fn rectangle(&self, grown: f64) -> Vec<Pt> {
        let own = Axes { origin: self.middle, x: self.axis };
        let (x, y) = (self.width / 2.0 + grown, self.depth / 2.0 + grown);
        own.ring(&[pt(-x, -y), pt(x, -y), pt(x, y), pt(-x, y)])
    }
}

/// Which way a lot's frame looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facing {
    /// Along the lot's longer side.
    Street,
    /// The x axis within 45 degrees of east.
    South,
}

pub(super) fn draw((low, high): (f64, f64), rng: &mut ChaCha8Rng) -> f64 {
    if high > low { rng.random_range(low..high) } else { low }
}
