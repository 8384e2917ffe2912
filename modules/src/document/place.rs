//! What hangs off a place, of every kind at once.

use std::collections::BTreeMap;

use gis_data::{FeatureId, Text2, Viewer};
use serde::Serialize;
use serde_json::Map;

use super::{Document, queries, read};
use crate::Result;
use crate::definition::{Phase, Registry};
use crate::engine::Engine;

const DEFAULT_LIMIT: u32 = 50;
const MOST: u32 = 200;

/// What hangs off a place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Records {
    /// One line per kind, also when there are none.
    pub counts: Vec<KindCount>,
    /// The newest ones.
    pub items: Vec<Document>,
}

/// How many documents of a kind there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindCount {
    /// The kind.
    pub kind: String,
    /// What people call it.
    pub title: Text2,
    /// The module it belongs to.
    pub module: String,
    /// All of them but drafts that were discarded.
    pub total: i64,
    /// Those that still wait for somebody.
    pub open: i64,
}

impl Engine {
    /// What hangs off a place or off anything in it: a building answers for its floors and rooms.
    pub async fn records_of(
        &self,
        viewer: &Viewer,
        feature_id: FeatureId,
        limit: Option<u32>,
    ) -> Result<Records> {
        let mut tx = self.begin(viewer).await?;
        let counted = queries::counts_in(&mut tx, viewer, feature_id).await?;
        let limit = limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST);
        let rows = queries::newest_in(&mut tx, viewer, feature_id, limit).await?;
        let items = read::dressed_all(self, &mut tx, viewer, rows).await?;
        Ok(Records { counts: kind_counts(self.registry(), counted), items })
    }

    /// How many documents of each kind the viewer sees.
    pub async fn kind_counts(&self, viewer: &Viewer) -> Result<Vec<KindCount>> {
        let mut tx = self.begin(viewer).await?;
        Ok(kind_counts(self.registry(), queries::counts(&mut tx, viewer).await?))
    }
}

/// Counts by kind, state and version as a line a kind, in the order of the menu.
fn kind_counts(registry: &Registry, counted: Vec<(String, String, i32, i64)>) -> Vec<KindCount> {
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for (name, state, version, count) in counted {
        let Ok(kind) = registry.kind(&name) else { continue };
        let mut state = state;
        kind.upcast(version, &mut state, &mut Map::new());
        let sum = sums.entry(name).or_default();
        let phase = kind.state(&state).map(|s| s.phase);
        sum.0 += if state == super::DISCARDED { 0 } else { count };
        sum.1 += if phase == Some(Phase::Open) { count } else { 0 };
    }
    let kinds = registry.modules().iter().flat_map(|m| m.kinds.iter().map(move |k| (m, k)));
    kinds
        .map(|(module, kind)| {
            let (total, open) = sums.get(&kind.kind).copied().unwrap_or_default();
            KindCount {
                kind: kind.kind.clone(),
                title: kind.title.clone(),
                module: module.about.id.clone(),
                total,
                open,
            }
        })
        .collect()
}
