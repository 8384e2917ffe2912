//! What a terminal tells besides time, place and motion.

use serde_json::{Map, Value, json};

/// All of it may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// Above the sea.
    pub altitude_m: Option<f64>,
    /// In use.
    pub satellites: Option<u8>,
    /// What the vehicle has driven in its life.
    pub odometer_km: Option<f64>,
    /// What is in the tank.
    pub fuel_l: Option<f64>,
    /// Whether the ignition (ACC) is on.
    pub ignition: Option<bool>,
    /// Whether the receiver had a fix; without one the place is its last, or any.
    pub is_fixed: Option<bool>,
    /// The bits of status of JT/T 808.
    pub status_bits: Option<u32>,
    /// The alarm bits of JT/T 808; 0 where none is told.
    pub alarm_bits: u32,
    /// What nothing here reads, by its own names.
    pub extra: Option<Map<String, Value>>,
}

impl Told {
    /// The wire's names and values of what is told.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let mut told = Map::new();
        for (name, value) in [
            ("alt", self.altitude_m.map(Value::from)),
            ("satellites", self.satellites.map(Value::from)),
            ("odometer_km", self.odometer_km.map(Value::from)),
            ("fuel_l", self.fuel_l.map(Value::from)),
            ("ignition", self.ignition.map(Value::from)),
            ("fixed", self.is_fixed.map(Value::from)),
            ("status_bits", self.status_bits.map(Value::from)),
            ("alarm_bits", (self.alarm_bits != 0).then(|| json!(self.alarm_bits))),
            ("extra", self.extra.clone().map(Value::from)),
        ] {
            told.extend(value.map(|value| (name.to_owned(), value)));
        }
        told
    }

    /// What of it belongs to the content of a fix, empty where none is told: a terminal that sends
    /// again may see other satellites, but its odometer and its alarms at that moment are as they were.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let mut content = Vec::new();
        for (tag, value) in [(1, self.altitude_m), (2, self.odometer_km), (3, self.fuel_l)] {
            if let Some(value) = value {
                content.push(tag);
                content.extend((value + 0.0).to_le_bytes());
            }
        }
        for (tag, value) in [(4, self.ignition), (5, self.is_fixed)] {
            content.extend(value.map(|value| [tag, u8::from(value)]).into_iter().flatten());
        }
        for (tag, bits) in
            [(6, self.status_bits), (7, Some(self.alarm_bits).filter(|bits| *bits != 0))]
        {
            if let Some(bits) = bits {
                content.push(tag);
                content.extend(bits.to_le_bytes());
            }
        }
        content
    }
}
