//! MQTT topics of the product: `onemap/v1/{terminal}/{channel}`.

use std::fmt;
use std::str::FromStr;

const PREFIX: &str = "onemap/v1/";

/// What a consumer of every terminal's positions subscribes to.
pub(crate) const POSITION_FILTER: &str = "onemap/v1/+/position";

/// A terminal's name: 1 to 64 of `A-Z a-z 0-9 _ . -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalId(Box<str>);

impl TerminalId {
    /// `None` when the name is empty, longer than 64 characters or has a character outside the set.
    pub fn new_checked(name: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        let fits = (1..=64).contains(&name.len()) && name.bytes().all(allowed);
        fits.then(|| Self(Box::from(name)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TerminalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a topic is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Terminal to us: one position or an array of them.
    Position,
    /// Us to the terminal: what has been committed.
    Ack,
    /// Us to the terminal: an order.
    Command,
    /// Terminal to us: the answer to an order.
    CommandAck,
}

impl Channel {
    const ALL: [Self; 4] = [Self::Position, Self::Ack, Self::Command, Self::CommandAck];

    fn name(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Ack => "ack",
            Self::Command => "command",
            Self::CommandAck => "command/ack",
        }
    }
}

/// A topic of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Whose.
    pub terminal: TerminalId,
    /// What for.
    pub channel: Channel,
}

/// Why a text is not a topic of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOurs {
    /// Somebody else's topic; it passes untouched.
    Foreign,
    /// Our shape, but this cannot name a terminal.
    BadTerminal(String),
}

impl FromStr for Topic {
    type Err = NotOurs;

    fn from_str(topic: &str) -> Result<Self, NotOurs> {
        let rest = topic.strip_prefix(PREFIX).ok_or(NotOurs::Foreign)?;
        let (terminal, channel) = rest.split_once('/').ok_or(NotOurs::Foreign)?;
        let channel =
            Channel::ALL.into_iter().find(|c| c.name() == channel).ok_or(NotOurs::Foreign)?;
        let terminal = TerminalId::new_checked(terminal)
            .ok_or_else(|| NotOurs::BadTerminal(terminal.to_owned()))?;
        Ok(Self { terminal, channel })
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}/{}", self.terminal, self.channel.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    #[test]
    fn every_topic_reads_back_as_printed() {
        for channel in Channel::ALL {
            let terminal = TerminalId::new_checked("DEMO-0001").unwrap();
            let topic = Topic { terminal, channel };
            assert_eq!(topic.to_string().parse(), Ok(topic));
        }
    }

    #[test]
    fn a_topic_of_somebody_else_is_foreign() {
        for topic in [
            "",
            "onemap/v1",
            "onemap/v1/a",
            "onemap/v1/a/other",
            "owntracks/a/b",
            "onemap/v2/a/position",
        ] {
            assert_eq!(topic.parse::<Topic>(), Err(NotOurs::Foreign), "{topic}");
        }
    }

    #[test]
    fn a_terminal_that_no_terminal_can_have_is_told_apart() {
        let long = "x".repeat(65);
        for name in ["", "车", "a b", "a+", long.as_str()] {
            let topic = format!("onemap/v1/{name}/position");
            assert_eq!(topic.parse::<Topic>(), Err(NotOurs::BadTerminal(name.to_owned())));
        }
    }

    fn anything() -> impl Strategy<Value = String> {
        let shaped =
            (noise::text(70), noise::text(12)).prop_map(|(a, b)| format!("{PREFIX}{a}/{b}"));
        let named = noise::text(70).prop_map(|name| format!("{PREFIX}{name}/position"));
        let valid = ("[A-Za-z0-9_.-]{1,64}", proptest::sample::select(&Channel::ALL))
            .prop_map(|(name, channel)| format!("{PREFIX}{name}/{}", channel.name()).into_bytes());
        let damaged = noise::damaged(valid).prop_map(|b| String::from_utf8_lossy(&b).into_owned());
        prop_oneof![noise::text(80), shaped, named, damaged]
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_text_is_a_topic_only_when_it_prints_back(text in anything()) {
            match text.parse::<Topic>() {
                Ok(topic) => {
                    let name = topic.terminal.as_str();
                    prop_assert!(!name.is_empty() && name.len() <= 64);
                    prop_assert!(!name.contains(['/', '+', '#', '$', '\0', ' ']), "{name:?}");
                    prop_assert_eq!(topic.to_string(), text);
                }
                Err(NotOurs::BadTerminal(name)) => {
                    prop_assert!(TerminalId::new_checked(&name).is_none());
                    prop_assert!(text.starts_with(&format!("{PREFIX}{name}/")), "{text:?}");
                }
                Err(NotOurs::Foreign) => {}
            }
        }

        #[test]
        fn random_good_names_make_topics(
            name in "[A-Za-z0-9_.-]{1,64}",
            channel in proptest::sample::select(&Channel::ALL),
        ) {
            let topic = Topic { terminal: TerminalId::new_checked(&name).unwrap(), channel };
            prop_assert_eq!(topic.to_string().parse(), Ok(topic));
        }
    }
}
