//! One vehicle in one fence, from the first fix inside until it is out for certain.

use gis_data::LonLat;
use serde::{Deserialize, Serialize};

use super::crossing::{Crossing, CrossingKind};
use super::state::Last;
use super::{Fence, FenceId, distance_m, plane};
use crate::point::Point;

/// The least width of the strip along an edge in which a vehicle that was inside still is.
const BAND_M: f64 = 20.0;

/// A stay that only one fix knows of counts when it took so long.
const STAY_MS: i64 = 15_000;

/// Between fixes further apart the straight way says nothing about what lies on it.
const GAP_MS: i64 = 600_000;

/// A fix at less than this, or without ignition, is one of a vehicle that stands: where a lone one
/// lies is the receiver's noise.
const STANDING_KMH: f32 = 3.0;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Visit {
    pub(super) fence: FenceId,
    /// When and where the edge was passed.
    since: Pass,
    /// `Inside` or `Enter` once it is certain.
    certain: Option<CrossingKind>,
    /// Whether the first fix inside was one of a standing vehicle.
    stood: bool,
    dwell_told: bool,
    /// Since it is out of what is drawn.
    out: Option<Out>,
}

/// Outside the edge, perhaps within the band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Out {
    since: Pass,
    fixes: u32,
    beyond: u32,
    stood: bool,
}

/// A passing of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Pass {
    at_ms: i64,
    place: LonLat,
}

/// A fix in front of a fence.
#[derive(Clone, Copy)]
pub(super) struct Approach<'a> {
    pub(super) fence: &'a Fence,
    pub(super) signed_m: f64,
    pub(super) last: Option<Last>,
    pub(super) point: &'a Point,
    /// The place of the fix as it is kept.
    pub(super) here: LonLat,
}

/// What a visit has become.
pub(super) enum Became {
    Same,
    Over,
}

impl Visit {
    /// The first fix inside, or a way that led through; `None` when the vehicle is not inside now.
    pub(super) fn begun(approach: &Approach<'_>, told: &mut Vec<Crossing>) -> Option<Self> {
        let Some(last) = approach.last else {
            return (approach.signed_m <= 0.0).then(|| Self::found(approach, told));
        };
        if approach.signed_m > 0.0 {
            approach.passed_through(last, told);
            return None;
        }
        if approach.fence.shape.signed_distance_m(last.place) <= 0.0 {
            // The fence was drawn about a vehicle that was there already.
            return Some(Self::found(approach, told));
        }
        Some(Self {
            fence: approach.fence.id,
            since: approach.way_in(last),
            certain: None,
            stood: approach.stands(),
            dwell_told: false,
            out: None,
        })
    }

    /// The next fix.
    pub(super) fn goes_on(&mut self, approach: &Approach<'_>, told: &mut Vec<Crossing>) -> Became {
        let Some(last) = approach.last else { return Became::Same };
        let inside = approach.signed_m <= 0.0;
        match self.certain {
            None if inside => {
                self.make_certain(approach, told);
                self.dwell(approach.fence, approach.point.fix_ms, told);
                Became::Same
            }
            None => {
                let out = approach.way_out(last);
                let stayed = out.at_ms - self.since.at_ms >= STAY_MS && !self.stood;
                if stayed || distance_m(self.since.place, out.place) >= approach.band_m() {
                    self.make_certain(approach, told);
                    self.leave(approach, out, told);
                }
                Became::Over
            }
            Some(_) if inside => self.inside(approach, last, told),
            Some(_) => self.outside(approach, last, told),
        }
    }

    /// Whether it is more than one fix that might be noise.
    pub(super) fn is_certain(&self) -> bool {
        self.certain.is_some()
    }

    /// Whether nothing is pending: only passing the edge or staying too long can change it.
    pub(super) fn is_calm(&self) -> bool {
        self.certain.is_some() && self.out.is_none()
    }

    /// When the limit of the fence will be over, until that was told.
    pub(super) fn due_ms(&self, fence: &Fence) -> Option<i64> {
        let limit_ms = fence.dwell_limit_ms.filter(|_| !self.dwell_told)?;
        Some(self.since.at_ms.saturating_add(limit_ms))
    }

    /// Tells that the limit is over when it was by a moment.
    pub(super) fn dwell(&mut self, fence: &Fence, now_ms: i64, told: &mut Vec<Crossing>) {
        let due = self.due_ms(fence).filter(|due_ms| *due_ms <= now_ms && self.is_certain());
        if let Some(at_ms) = due {
            self.dwell_told = true;
            let (fence, place) = (self.fence, self.since.place);
            let kind = CrossingKind::Dwell;
            told.push(Crossing { fence, kind, at_ms, place, known_ms: now_ms });
        }
    }

    fn found(approach: &Approach<'_>, told: &mut Vec<Crossing>) -> Self {
        let since = Pass { at_ms: approach.point.fix_ms, place: approach.here };
        told.push(approach.crossing(CrossingKind::Inside, since));
        let fence = approach.fence.id;
        let certain = Some(CrossingKind::Inside);
        Self { fence, since, certain, stood: false, dwell_told: false, out: None }
    }

    fn make_certain(&mut self, approach: &Approach<'_>, told: &mut Vec<Crossing>) {
        self.certain = Some(CrossingKind::Enter);
        told.push(approach.crossing(CrossingKind::Enter, self.since));
    }

    fn leave(&mut self, approach: &Approach<'_>, out: Pass, told: &mut Vec<Crossing>) {
        self.dwell(approach.fence, out.at_ms, told);
        told.push(approach.crossing(CrossingKind::Leave, out));
    }

    fn inside(&mut self, approach: &Approach<'_>, last: Last, told: &mut Vec<Crossing>) -> Became {
        if let Some(out) = self.out.take() {
            let back = approach.way_in(last);
            let away_ms = back.at_ms - out.since.at_ms;
            if out.beyond > 0 && away_ms >= STAY_MS && !out.stood {
                self.leave(approach, out.since, told);
                *self = Self {
                    since: back,
                    certain: None,
                    stood: approach.stands(),
                    dwell_told: false,
                    ..*self
                };
                return Became::Same;
            }
        }
        self.dwell(approach.fence, approach.point.fix_ms, told);
        Became::Same
    }

    fn outside(&mut self, approach: &Approach<'_>, last: Last, told: &mut Vec<Crossing>) -> Became {
        let fresh = || Out { since: approach.way_out(last), fixes: 0, beyond: 0, stood: true };
        let mut out = self.out.take().unwrap_or_else(fresh);
        out.fixes = out.fixes.saturating_add(1);
        if approach.signed_m > approach.band_m() {
            out.beyond = out.beyond.saturating_add(1);
            out.stood &= approach.stands();
            if out.fixes >= 2 {
                self.leave(approach, out.since, told);
                return Became::Over;
            }
        } else if out.beyond == 0 {
            // Within the band it has not left.
            self.dwell(approach.fence, approach.point.fix_ms, told);
        }
        self.out = Some(out);
        Became::Same
    }
}

impl Approach<'_> {
    /// From out to out, but through the fence: it counts when the way in it is longer than the band.
    fn passed_through(&self, last: Last, told: &mut Vec<Crossing>) {
        if self.point.fix_ms - last.at_ms > GAP_MS {
            return;
        }
        let spans = self.fence.shape.spans(last.place, self.here);
        for span in spans.iter().filter(|span| span.from > 0.0 && span.to < 1.0) {
            let (way_in, way_out) = (self.pass(last, span.from), self.pass(last, span.to));
            if distance_m(way_in.place, way_out.place) >= self.band_m() {
                told.push(self.crossing(CrossingKind::Enter, way_in));
                told.push(self.crossing(CrossingKind::Leave, way_out));
            }
        }
    }

    /// Where the way from the fix before went in for the last time.
    fn way_in(&self, last: Last) -> Pass {
        let spans = self.fence.shape.spans(last.place, self.here);
        self.pass(last, spans.last().map_or(1.0, |span| span.from))
    }

    /// Where the way from the fix before came out for the first time.
    fn way_out(&self, last: Last) -> Pass {
        let spans = self.fence.shape.spans(last.place, self.here);
        self.pass(last, spans.first().map_or(0.0, |span| span.to))
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "the time between two fixes is far below 2^53 ms"
    )]
    fn pass(&self, last: Last, fraction: f64) -> Pass {
        let took_ms = (self.point.fix_ms - last.at_ms) as f64;
        Pass {
            at_ms: last.at_ms + (took_ms * fraction).round() as i64,
            place: plane::between(last.place, self.here, fraction),
        }
    }

    fn band_m(&self) -> f64 {
        self.point.accuracy_m.map_or(BAND_M, |accuracy_m| f64::from(accuracy_m).max(BAND_M))
    }

    fn stands(&self) -> bool {
        self.point.ignition == Some(false)
            || self.point.speed_kmh.is_some_and(|speed_kmh| speed_kmh < STANDING_KMH)
    }

    fn crossing(&self, kind: CrossingKind, pass: Pass) -> Crossing {
        let Pass { at_ms, place } = pass;
        Crossing { fence: self.fence.id, kind, at_ms, place, known_ms: self.point.fix_ms }
    }
}
