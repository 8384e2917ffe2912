//! All rules over one vehicle.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::finding::{Finding, Say};
use super::input::Input;
use super::rule::{Judge, Level, Rule};
use super::rules::RULES;
use super::setting::Setting;

/// What all rules remember of one vehicle.
///
/// In formats that people can read it is `{code: memory}`; a rule that was not there when it was stored begins afresh, one
/// that is gone is forgotten. In others it is a list of rules' numbers and packed memories, which only the program that
/// wrote it can read.
#[derive(Debug)]
pub struct Watch {
    rules: &'static [Rule],
    /// What is not as good as fresh, by the number of its rule: of most vehicles most rules remember nothing.
    memories: Vec<(u8, Box<dyn Judge>)>,
}

impl Watch {
    /// Over a vehicle that nothing is known of.
    pub fn new() -> Self {
        Self::over(RULES)
    }

    /// Takes the next input, in the order of time, and tells what the rules find in it, in their order.
    pub fn step(&mut self, input: &Input, setting: &Setting<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        for (n, rule) in (0..).zip(self.rules) {
            if let Some(level) = level(rule, setting) {
                let say = &mut Say { rule, level, found: &mut found };
                self.memory(n, rule).judge(input, setting, say);
            }
        }
        found
    }

    /// Gives back what no rule needs to remember. Until then it is kept, because the next position mostly comes at once.
    pub fn rest(&mut self) {
        self.memories.retain(|(_, memory)| !memory.is_fresh());
        self.memories.shrink_to_fit();
    }

    pub(super) fn over(rules: &'static [Rule]) -> Self {
        Self { rules, memories: Vec::new() }
    }

    fn memory(&mut self, n: u8, rule: &Rule) -> &mut dyn Judge {
        let at = self.memories.binary_search_by_key(&n, |(n, _)| *n).unwrap_or_else(|at| {
            self.memories.insert(at, (n, (rule.fresh)()));
            at
        });
        &mut *self.memories[at].1
    }
}

/// How bad what a rule finds is for a vehicle; `None` where it is turned off.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut to 0 to 3")]
fn level(rule: &Rule, setting: &Setting<'_>) -> Option<Level> {
    let set = setting.thresholds;
    if set.vehicle.is_empty() && set.organisation.is_empty() {
        return Some(rule.level);
    }
    match set.set(&format!("{}.level", rule.code)) {
        None => Some(rule.level),
        Some((level, _)) => Some(Level(level.clamp(0.0, 3.0) as u8)).filter(|level| level.0 > 0),
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Watch {
    fn clone(&self) -> Self {
        let memories = self.memories.iter().map(|(n, memory)| (*n, memory.copied())).collect();
        Self { rules: self.rules, memories }
    }
}

impl Serialize for Watch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = self.memories.iter().filter(|(_, memory)| !memory.is_fresh());
        if serializer.is_human_readable() {
            let code = |n: u8| self.rules[usize::from(n)].code;
            return serializer.collect_map(kept.map(|(n, memory)| (code(*n), memory.saved())));
        }
        let packed = kept.map(|(n, memory)| Ok((*n, memory.packed()?)));
        let packed: postcard::Result<Vec<(u8, Vec<u8>)>> = packed.collect();
        packed.map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Watch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut watch = Self::new();
        if !deserializer.is_human_readable() {
            for (n, packed) in Vec::<(u8, Vec<u8>)>::deserialize(deserializer)? {
                let rule = RULES.get(usize::from(n)).ok_or(D::Error::custom("no such rule"))?;
                watch.memories.push((n, (rule.unpacked)(&packed).map_err(D::Error::custom)?));
            }
            return Ok(watch);
        }
        let mut saved = BTreeMap::<String, Value>::deserialize(deserializer)?;
        for (n, rule) in (0..).zip(RULES) {
            if let Some(memory) = saved.remove(rule.code) {
                let at = |fault| D::Error::custom(format!("memory of {}: {fault}", rule.code));
                watch.memories.push((n, (rule.restored)(memory).map_err(at)?));
            }
        }
        Ok(watch)
    }
}
