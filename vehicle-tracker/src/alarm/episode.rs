//! What findings add up to, and how two verdicts over the same time differ.

use std::collections::BTreeMap;

use gis_data::LonLat;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::finding::{Finding, Key};
use super::rule::Level;

/// Something that lasted from a moment to another, as the last finding about it tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// How bad.
    pub level: Level,
    /// When it ended, `None` while it lasts: epoch milliseconds.
    pub ended_ms: Option<i64>,
    /// Where it was seen last. WGS 84.
    pub place: Option<LonLat>,
    /// The last evidence.
    pub evidence: Value,
}

/// How a later verdict differs from an earlier one.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// It is there after all.
    Added(Key, Episode),
    /// It is not the same any more: when it ended, how bad it was or what was seen.
    Changed(Key, Episode),
    /// It never was.
    Withdrawn(Key),
}

/// Findings in their order, as episodes.
pub fn episodes(findings: impl IntoIterator<Item = Finding>) -> BTreeMap<Key, Episode> {
    let mut episodes = BTreeMap::new();
    for Finding { key, level, ended_ms, place, evidence, .. } in findings {
        episodes.insert(key, Episode { level, ended_ms, place, evidence });
    }
    episodes
}

/// What to tell those who know the earlier verdict, by key.
pub fn differences(
    earlier: &BTreeMap<Key, Episode>,
    later: &BTreeMap<Key, Episode>,
) -> Vec<Difference> {
    let gone = earlier.keys().filter(|key| !later.contains_key(key));
    let mut differences: Vec<_> = gone.map(|key| Difference::Withdrawn(key.clone())).collect();
    for (key, episode) in later {
        match earlier.get(key) {
            None => differences.push(Difference::Added(key.clone(), episode.clone())),
            Some(was) if was != episode => {
                differences.push(Difference::Changed(key.clone(), episode.clone()));
            }
            Some(_) => {}
        }
    }
    differences
}
