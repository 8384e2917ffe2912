//! What a vehicle is doing, told from its newest fix and the clock.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::LivePosition;

/// At this speed a vehicle is moving; receivers that stand still drift below it.
const MOVING_KMH: f32 = 3.0;
const FRESH_MS: i64 = 120_000;
const OFFLINE_MS: i64 = 300_000;

/// A vehicle's status; the number is what browsers get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Status {
    /// No position has ever been stored.
    Unknown = 0,
    /// At least 3 km/h, told less than 120 s ago.
    Moving = 1,
    /// Heard of within 300 s, and not moving.
    Idle = 2,
    /// Silent for more than 300 s.
    Offline = 3,
}

impl Status {
    /// Every status, in the order of its number.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Moving, Self::Idle, Self::Offline];

    /// The status at a moment of the server's clock.
    pub fn at(position: Option<&LivePosition>, now_ms: i64) -> Self {
        let Some(position) = position else { return Self::Unknown };
        let age_ms = now_ms - position.fix_ms;
        if age_ms > OFFLINE_MS {
            Self::Offline
        } else if age_ms < FRESH_MS && position.speed_kmh.is_some_and(|v| v >= MOVING_KMH) {
            Self::Moving
        } else {
            Self::Idle
        }
    }

    /// The name in URLs and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Moving => "moving",
            Self::Idle => "idle",
            Self::Offline => "offline",
        }
    }

    /// The number in the live stream.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl FromStr for Status {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|s| s.name() == name)
            .ok_or_else(|| format!("{name:?} is not one of unknown, moving, idle, offline"))
    }
}

#[cfg(test)]
mod tests {
    use gis_data::LonLat;

    use super::*;

    #[test]
    fn status_follows_speed_and_age() {
        let now_ms = 10_000_000;
        let told = |age_s: i64, speed_kmh| {
            let position = LivePosition {
                place: LonLat::new_checked(1.0, 2.0).unwrap(),
                speed_kmh,
                heading_deg: None,
                fix_ms: now_ms - age_s * 1_000,
                received_ms: now_ms,
            };
            Status::at(Some(&position), now_ms)
        };
        assert_eq!(Status::at(None, now_ms), Status::Unknown);
        assert_eq!(told(119, Some(3.0)), Status::Moving);
        assert_eq!(told(119, Some(2.9)), Status::Idle);
        assert_eq!(told(120, Some(50.0)), Status::Idle);
        assert_eq!(told(-30, Some(50.0)), Status::Moving);
        assert_eq!(told(300, None), Status::Idle);
        assert_eq!(told(301, Some(50.0)), Status::Offline);
    }
}
