//! After an edit: which zooms need the vertices of what was edited, and of the neighbours with which it shares some, or did.

use std::collections::{BTreeMap, BTreeSet};

use super::need::{Corners, Needs, share_a_vertex};
use super::{FeatureRef, OwnedFeature, Snapshot};
use crate::{FeatureId, Viewer};

/// The features that were put, and those of their neighbours whose vertices are needed at other zooms than before.
pub(super) fn thinned(
    before: &Snapshot,
    now: &Snapshot,
    changed: &BTreeSet<FeatureId>,
    last: u8,
) -> Vec<OwnedFeature> {
    let program = Viewer::program();
    let mut affected: BTreeMap<FeatureId, FeatureRef<'_>> = BTreeMap::new();
    for id in changed {
        let put = now.get(*id, &program);
        affected.extend(put.map(|f| (*id, f)));
        for edited in [before.get(*id, &program), put].into_iter().flatten() {
            let corners = Corners::of(edited.geometry);
            let near = now.touching(&edited.bbox).into_iter();
            let sharing = near.filter(|f| share_a_vertex(&corners, &edited.bbox, f.geometry));
            affected.extend(sharing.map(|f| (f.id, f)));
        }
    }
    let thinned = affected.into_values().filter_map(|f| {
        let mut needs = Needs::of(f.geometry);
        let others = now.touching(&f.bbox).into_iter().filter(|other| other.id != f.id);
        others.for_each(|other| needs.meet(other.geometry));
        let needs = needs.finish(last);
        (changed.contains(&f.id) || needs != f.geometry.needs()).then(|| {
            let mut owned = OwnedFeature::from(f);
            owned.thin(needs);
            owned
        })
    });
    thinned.collect()
}
