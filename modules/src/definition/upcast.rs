//! What becomes of a document of an earlier version: pure, and one version at a time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::kind::Kind;

/// From one version to the next.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upcast {
    /// From this version to the one above it.
    pub from: i32,
    /// Old names of fields and their new ones.
    #[serde(default)]
    pub rename: BTreeMap<String, String>,
    /// Old names of states and their new ones.
    #[serde(default)]
    pub states: BTreeMap<String, String>,
    /// New fields, with what old documents have in them.
    #[serde(default)]
    pub set: BTreeMap<String, Json>,
    /// Of a field: old values and their new ones.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, Json>>,
    /// Fields that are not any more.
    #[serde(default)]
    pub drop: Vec<String>,
}

impl Upcast {
    fn apply(&self, state: &mut String, body: &mut Map<String, Json>) {
        for (old, new) in &self.rename {
            if let Some(value) = body.remove(old) {
                body.insert(new.clone(), value);
            }
        }
        for (field, values) in &self.values {
            if let Some(Json::String(text)) = body.get(field)
                && let Some(new) = values.get(text)
            {
                body.insert(field.clone(), new.clone());
            }
        }
        for (field, value) in &self.set {
            body.entry(field.clone()).or_insert_with(|| value.clone());
        }
        for field in &self.drop {
            body.remove(field);
        }
        if let Some(new) = self.states.get(state) {
            state.clone_from(new);
        }
    }
}

impl Kind {
    /// Brings what a document of an earlier version says to this one.
    pub fn upcast(&self, from: i32, state: &mut String, body: &mut Map<String, Json>) {
        for version in from..self.version {
            for step in self.upcasts.iter().filter(|u| u.from == version) {
                step.apply(state, body);
            }
        }
    }

    /// States of earlier versions, and the present ones that they are read as.
    pub fn former_states(&self) -> BTreeMap<&str, String> {
        let former =
            self.upcasts.iter().flat_map(|u| u.states.keys().map(move |old| (u.from, old)));
        former
            .map(|(from, old)| {
                let mut state = old.clone();
                self.upcast(from, &mut state, &mut Map::new());
                (old.as_str(), state)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_upcast_renames_fills_in_maps_and_drops() {
        let upcast: Upcast = toml::from_str(
            "from = 1\nrename = { colour = 'color' }\nstates = { new = 'open' }\nset = { urgent = false }\n\
             drop = ['fax']\n[values.color]\nred = 'crimson'",
        )
        .unwrap();
        let mut state = "new".to_owned();
        let Json::Object(mut body) = json!({"colour": "red", "fax": "1", "kept": 2}) else {
            panic!()
        };
        upcast.apply(&mut state, &mut body);
        assert_eq!(state, "open");
        assert_eq!(Json::Object(body), json!({"color": "crimson", "urgent": false, "kept": 2}));
    }
}
