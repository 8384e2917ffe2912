//! All searchable things, scanned: 30,000 entries take a few milliseconds, and nothing can be stale.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use serde::Serialize;

use super::entry::{Entry, Matched, folded};
use crate::{FeatureId, FeatureRef, Mirror, Mirrors, Personal, ScopeId, Viewer};

/// Something found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Found {
    /// What.
    pub feature_id: FeatureId,
    /// By which of its texts.
    pub matched: Matched,
}

/// The index of one server.
#[derive(Debug, Default)]
pub struct SearchIndex {
    entries: RwLock<HashMap<FeatureId, Entry>>,
}

impl SearchIndex {
    /// Indexes everything that is in memory.
    pub fn of(mirrors: &Mirrors) -> Self {
        let index = Self::default();
        for mirror in mirrors.in_order() {
            let snapshot = mirror.snapshot();
            let mut entries = index.entries.write().unwrap_or_else(PoisonError::into_inner);
            entries.extend(snapshot.iter().filter_map(|f| Some((f.id, entry(mirror, &f)?))));
        }
        index
    }

    /// Indexes everything again, after too many changes to follow one by one.
    pub fn rebuild(&self, mirrors: &Mirrors) {
        let fresh = Self::of(mirrors).entries.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.entries.write().unwrap_or_else(PoisonError::into_inner) = fresh;
    }

    /// Reads changed features of a layer again. A layer that is not searched says nothing of its features: a theme draws
    /// the same rooms as their own layer does, and what leaves it is still there.
    pub fn refresh(&self, mirror: &Mirror, changed: &[FeatureId]) {
        if weight_of(&mirror.layer().layer_id).is_none() {
            return;
        }
        let snapshot = mirror.snapshot();
        let program = Viewer::program();
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        for id in changed {
            match snapshot.get(*id, &program).and_then(|f| entry(mirror, &f)) {
                Some(found) => entries.insert(*id, found),
                None => entries.remove(id),
            };
        }
    }

    /// Adds or replaces a vehicle by its plate and name.
    pub fn put_vehicle(&self, id: FeatureId, scope: ScopeId, plate: &str, name: &str) {
        let entry = Entry::new(scope, 1, &[(Matched::Plate, plate), (Matched::Name, name)]);
        self.entries.write().unwrap_or_else(PoisonError::into_inner).insert(id, entry);
    }

    /// Forgets a thing.
    pub fn remove(&self, id: FeatureId) {
        self.entries.write().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// The best matches that the viewer sees, best first.
    pub fn find(&self, question: &str, limit: usize, viewer: &Viewer) -> Vec<Found> {
        let question = folded(question);
        if question.is_empty() {
            return Vec::new();
        }
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let mut hits: Vec<(u8, u8, FeatureId, Matched)> = entries
            .iter()
            .filter(|(_, e)| viewer.sees(e.scope))
            .filter_map(|(id, e)| {
                let (rank, matched) = e.rank(&question, viewer.reads(Personal::Plate, e.scope))?;
                Some((rank, e.weight, *id, matched))
            })
            .collect();
        // An exact text wins; then a good match of a road weighs less than a fair one of a building.
        hits.sort_unstable_by_key(|&(rank, weight, id, _)| {
            (if rank == 0 { 0 } else { rank + weight }, weight, id)
        });
        hits.truncate(limit);
        hits.into_iter().map(|(_, _, feature_id, matched)| Found { feature_id, matched }).collect()
    }
}

fn entry(mirror: &Mirror, feature: &FeatureRef<'_>) -> Option<Entry> {
    let layer = mirror.layer();
    let weight = weight_of(&layer.layer_id)?;
    let texts: Vec<(Matched, &str)> = layer
        .attributes
        .iter()
        .zip(feature.values.iter())
        .filter_map(|(attribute, value)| {
            let matched = match attribute.name.as_str() {
                "name" => Matched::Name,
                "code" => Matched::Code,
                "number" => Matched::Number,
                _ => return None,
            };
            value.as_text().map(|text| (matched, text))
        })
        .collect();
    (!texts.is_empty()).then(|| Entry::new(feature.scope, weight, &texts))
}

/// How far behind the best a layer's features come; none for layers that are not searched.
fn weight_of(layer_id: &str) -> Option<u8> {
    match layer_id {
        "buildings" => Some(0),
        "parcels" | "facilities" => Some(1),
        "rooms" => Some(2),
        "roads" | "water" | "green" => Some(4),
        _ => None,
    }
}
