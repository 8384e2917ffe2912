//! What can be asked of a terminal.

use serde::{Deserialize, Serialize};

/// The longest text that a terminal's display takes, in characters.
pub const MOST_TEXT: usize = 200;

/// How some makers' terminals begin the texts by which they are configured: nobody is to do so by the way.
const CONFIGURING: [char; 6] = ['#', '*', '<', '＃', '＊', '＜'];

/// What a terminal is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum CommandKind {
    /// To say where it is, now 点名.
    Locate {},
    /// To show a text to the driver, and to read it out 文本下发.
    Text {
        /// 1 to [`MOST_TEXT`] characters; not one that a terminal takes for a configuration.
        text: String,
    },
    /// To report so often from now on 汇报间隔.
    Interval {
        /// 1 to 3,600.
        seconds: u32,
    },
    /// To warn the driver above a speed 限速.
    SpeedLimit {
        /// 10 to 200.
        kmh: u32,
    },
}

/// What came of it, as the terminal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not.
    Failed,
    /// The terminal does not know how.
    Unsupported,
}

impl CommandKind {
    /// The stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Locate {} => "locate",
            Self::Text { .. } => "text",
            Self::Interval { .. } => "interval",
            Self::SpeedLimit { .. } => "speed_limit",
        }
    }

    /// Whether its numbers are within their limits.
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Locate {} => true,
            Self::Text { text } => {
                (1..=MOST_TEXT).contains(&text.trim().chars().count())
                    && !text.chars().any(char::is_control)
                    && !text.trim_start().starts_with(CONFIGURING)
            }
            Self::Interval { seconds } => (1..=3_600).contains(seconds),
            Self::SpeedLimit { kmh } => (10..=200).contains(kmh),
        }
    }

    /// Whether a second person has to let it pass: all that changes something in the vehicle.
    pub fn needs_approval(&self) -> bool {
        !matches!(self, Self::Locate {})
    }
}

impl Outcome {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unsupported => "unsupported",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_at_their_edges() {
        let text = |count: usize| CommandKind::Text { text: "示".repeat(count) };
        assert!(text(1).is_sound() && text(MOST_TEXT).is_sound());
        assert!(!text(0).is_sound() && !text(MOST_TEXT + 1).is_sound());
        assert!(!CommandKind::Text { text: "  ".to_owned() }.is_sound());
        assert!(!CommandKind::Text { text: "a\u{7}".to_owned() }.is_sound());
        assert!(!CommandKind::Text { text: " #2014*SET*T".to_owned() }.is_sound());
        for (seconds, is_sound) in [(0, false), (1, true), (3_600, true), (3_601, false)] {
            assert_eq!(CommandKind::Interval { seconds }.is_sound(), is_sound, "{seconds}");
        }
        for (kmh, is_sound) in [(9, false), (10, true), (200, true), (201, false)] {
            assert_eq!(CommandKind::SpeedLimit { kmh }.is_sound(), is_sound, "{kmh}");
        }
    }
}
