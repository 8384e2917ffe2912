//! A rule is a value: its names, its numbers, and what it remembers of a vehicle.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::finding::Say;
use super::input::Input;
use super::setting::Setting;
use super::threshold::Threshold;

/// How bad something is: 1 severe, 2 a warning, 3 a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level(pub u8);

/// A rule. All are in `RULES`.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its stable name.
    pub code: &'static str,
    /// What it finds, in Chinese.
    pub zh: &'static str,
    /// What it finds, in English.
    pub en: &'static str,
    /// How bad it is where nobody said otherwise under `<code>.level`; 0 there turns the rule off.
    pub level: Level,
    /// What it finds, in a sentence.
    pub explained: &'static str,
    /// The numbers it goes by.
    pub thresholds: &'static [Threshold],
    pub(super) fresh: fn() -> Box<dyn Judge>,
    pub(super) restored: fn(Value) -> serde_json::Result<Box<dyn Judge>>,
    pub(super) unpacked: fn(&[u8]) -> postcard::Result<Box<dyn Judge>>,
}

/// What a rule remembers of one vehicle: small, and a function of what it was fed with.
pub(super) trait Memory:
    Debug + Default + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Takes the next input of the vehicle.
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>);
}

/// A memory of any rule.
pub(super) trait Judge: Debug + Send + Sync {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>);
    /// Whether it is as good as one that was never fed.
    fn is_fresh(&self) -> bool;
    /// For the file: a later program reads it.
    fn saved(&self) -> Value;
    /// For the memory of this program.
    fn packed(&self) -> postcard::Result<Vec<u8>>;
    fn copied(&self) -> Box<dyn Judge>;
}

impl Level {
    /// Somebody has to act now.
    pub const SEVERE: Self = Self(1);
    /// Somebody has to look into it.
    pub const WARNING: Self = Self(2);
    /// Worth knowing.
    pub const NOTICE: Self = Self(3);
}

impl Rule {
    /// A rule that remembers an `M`.
    pub(super) const fn of<M: Memory>(
        code: &'static str,
        (zh, en): (&'static str, &'static str),
        level: Level,
        explained: &'static str,
        thresholds: &'static [Threshold],
    ) -> Self {
        let (fresh, restored, unpacked) = (fresh::<M>, restored::<M>, unpacked::<M>);
        Self { code, zh, en, level, explained, thresholds, fresh, restored, unpacked }
    }
}

impl<M: Memory> Judge for M {
    fn judge(&mut self, input: &Input, setting: &Setting<'_>, say: &mut Say<'_>) {
        Memory::judge(self, input, setting, say);
    }

    fn is_fresh(&self) -> bool {
        *self == M::default()
    }

    fn saved(&self) -> Value {
        serde_json::to_value(self).expect("memories hold numbers, words and lists of these")
    }

    fn packed(&self) -> postcard::Result<Vec<u8>> {
        postcard::to_stdvec(self)
    }

    fn copied(&self) -> Box<dyn Judge> {
        Box::new(self.clone())
    }
}

fn fresh<M: Memory>() -> Box<dyn Judge> {
    Box::new(M::default())
}

fn restored<M: Memory>(saved: Value) -> serde_json::Result<Box<dyn Judge>> {
    Ok(Box::new(serde_json::from_value::<M>(saved)?))
}

fn unpacked<M: Memory>(packed: &[u8]) -> postcard::Result<Box<dyn Judge>> {
    Ok(Box::new(postcard::from_bytes::<M>(packed)?))
}
