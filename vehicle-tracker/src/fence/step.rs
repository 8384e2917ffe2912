//! From fix to fix: what a vehicle did with the fences on its way.

use super::FenceIndex;
use super::crossing::Crossing;
use super::plane::kept;
use super::state::{Calm, FenceState, Last, MOST_VISITS};
use super::visit::{Approach, Became, Visit};
use crate::point::Point;

/// Takes the next fix of a vehicle and tells what it did, in the order of time, a leaving before an
/// entering of the same moment.
///
/// Fixes come in the order of their time; one that is older than the last, or whose place is not to
/// be believed, changes nothing. An entering counts after two fixes inside, after a stay of 15 s, or
/// when the way led from one place of the edge to another at least a band apart; a leaving after two
/// fixes outside of which the last is beyond the band, which is 20 m or the accuracy if that is
/// worse. A vehicle that was inside when it was first seen is `Inside` and did not enter.
pub fn step(state: &mut FenceState, point: &Point, index: &FenceIndex) -> Vec<Crossing> {
    let last = state.last;
    if !point.quality.is_kept() || last.is_some_and(|last| point.fix_ms < last.at_ms) {
        return Vec::new();
    }
    let here = kept(point.place);
    state.last = Some(Last { at_ms: point.fix_ms, place: here });
    let edition = index.edition();
    if state.calm.is_some_and(|calm| calm.holds(edition, point.fix_ms, here)) {
        return Vec::new();
    }
    let around = index.about(last.map_or(here, |last| last.place), here);
    let mut told = Vec::new();
    let approach = |fence, signed_m| Approach { fence, signed_m, last, point, here };
    let followed: Vec<_> = state.visits.iter().map(|visit| visit.fence).collect();
    state.visits.retain_mut(|visit| {
        let Some(fence) = index.get(visit.fence) else { return false };
        let met = around.met.binary_search_by_key(&fence.id, |(fence, _)| fence.id);
        let signed_m =
            met.map_or_else(|_| fence.shape.signed_distance_m(here), |at| around.met[at].1);
        matches!(visit.goes_on(&approach(fence, signed_m), &mut told), Became::Same)
    });
    for &(fence, signed_m) in &around.met {
        let known = followed.binary_search(&fence.id).is_ok();
        if !known && state.visits.len() < MOST_VISITS {
            state.visits.extend(Visit::begun(&approach(fence, signed_m), &mut told));
        }
    }
    state.visits.sort_unstable_by_key(|visit| visit.fence);
    state.calm = calm(state, around.calm_m, index);
    told.sort_by_key(|crossing| (crossing.at_ms, crossing.kind, crossing.fence));
    told
}

/// Tells which limits are over by a moment at which no fix came: a vehicle that sleeps stays too.
pub fn settle(state: &mut FenceState, now_ms: i64, index: &FenceIndex) -> Vec<Crossing> {
    let mut told = Vec::new();
    for visit in state.visits.iter_mut().filter(|visit| visit.is_calm()) {
        if let Some(fence) = index.get(visit.fence) {
            visit.dwell(fence, now_ms, &mut told);
        }
    }
    told
}

fn calm(state: &FenceState, calm_m: f64, index: &FenceIndex) -> Option<Calm> {
    let centre = state.last?.place;
    if !state.visits.iter().all(Visit::is_calm) {
        return None;
    }
    let due = |visit: &Visit| index.get(visit.fence).and_then(|fence| visit.due_ms(fence));
    let until_ms = state.visits.iter().filter_map(due).min();
    Calm::new(index.edition(), centre, calm_m, until_ms)
}
