//! MQTT topics of the product, `onemap/v1/{terminal}/{channel}`, and those of OwnTracks,
//! `owntracks/{terminal}/{device}`.

use std::fmt;
use std::str::FromStr;

const PREFIX: &str = "onemap/v1/";

const OWNTRACKS: &str = "owntracks/";

/// What a consumer of all that terminals say subscribes to.
pub(crate) const FILTERS: [&str; 4] =
    ["onemap/v1/+/position", "onemap/v1/+/jt808", "owntracks/+/+", "onemap/v1/+/command/ack"];

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
    /// Terminal to us: frames of JT/T 808.
    Jt808,
    /// Terminal to us: what the OwnTracks app says of its device.
    OwnTracks,
    /// Us to the terminal: what has been committed.
    Ack,
    /// Us to the terminal: an order.
    Command,
    /// Terminal to us: the answer to an order.
    CommandAck,
}

impl Channel {
    /// Those that a topic of our own names.
    const NAMED: [Self; 5] =
        [Self::Position, Self::Jt808, Self::Ack, Self::Command, Self::CommandAck];

    fn name(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Jt808 => "jt808",
            Self::OwnTracks => "owntracks",
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
    /// OwnTracks' name of the device; empty on other channels.
    device: Box<str>,
}

impl Topic {
    /// A topic of our own.
    pub fn of(terminal: TerminalId, channel: Channel) -> Self {
        Self { terminal, channel, device: Box::default() }
    }
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
        if let Some(rest) = topic.strip_prefix(OWNTRACKS) {
            let (terminal, device) = rest.split_once('/').ok_or(NotOurs::Foreign)?;
            if device.is_empty() || device.contains('/') {
                return Err(NotOurs::Foreign);
            }
            let channel = Channel::OwnTracks;
            return Ok(Self { terminal: named(terminal)?, channel, device: device.into() });
        }
        let rest = topic.strip_prefix(PREFIX).ok_or(NotOurs::Foreign)?;
        let (terminal, channel) = rest.split_once('/').ok_or(NotOurs::Foreign)?;
        let channel =
            Channel::NAMED.into_iter().find(|c| c.name() == channel).ok_or(NotOurs::Foreign)?;
        Ok(Self::of(named(terminal)?, channel))
    }
}

fn named(terminal: &str) -> Result<TerminalId, NotOurs> {
    TerminalId::new_checked(terminal).ok_or_else(|| NotOurs::BadTerminal(terminal.to_owned()))
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.channel {
            Channel::OwnTracks => write!(f, "{OWNTRACKS}{}/{}", self.terminal, self.device),
            channel => write!(f, "{PREFIX}{}/{}", self.terminal, channel.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    #[test]
    fn every_topic_reads_back_as_printed() {
        for channel in Channel::NAMED {
            let terminal = TerminalId::new_checked("DEMO-0001").unwrap();
            let topic = Topic::of(terminal, channel);
            assert_eq!(topic.to_string().parse(), Ok(topic));
        }
        let topic: Topic = "owntracks/jane/phone".parse().unwrap();
        assert_eq!((topic.terminal.as_str(), topic.channel), ("jane", Channel::OwnTracks));
        assert_eq!(topic.to_string(), "owntracks/jane/phone");
    }

    #[test]
    fn a_topic_of_somebody_else_is_foreign() {
        for topic in [
            "",
            "onemap/v1",
            "onemap/v1/a",
            "onemap/v1/a/other",
            "owntracks/a",
            "owntracks/a/b/c",
            "owntracks/a/",
            "onemap/v1/a/owntracks",
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
        let valid = ("[A-Za-z0-9_.-]{1,64}", proptest::sample::select(&Channel::NAMED))
            .prop_map(|(name, channel)| format!("{PREFIX}{name}/{}", channel.name()).into_bytes());
        let damaged = noise::damaged(valid).prop_map(|b| String::from_utf8_lossy(&b).into_owned());
        let owntracks =
            (noise::text(70), noise::text(9)).prop_map(|(a, b)| format!("{OWNTRACKS}{a}/{b}"));
        prop_oneof![noise::text(80), shaped, named, damaged, owntracks]
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
                    let begins = |prefix| text.starts_with(&format!("{prefix}{name}/"));
                    prop_assert!(begins(PREFIX) || begins(OWNTRACKS), "{text:?}");
                }
                Err(NotOurs::Foreign) => {}
            }
        }

        #[test]
        fn random_good_names_make_topics(
            name in "[A-Za-z0-9_.-]{1,64}",
            channel in proptest::sample::select(&Channel::NAMED),
        ) {
            let topic = Topic::of(TerminalId::new_checked(&name).unwrap(), channel);
            prop_assert_eq!(topic.to_string().parse(), Ok(topic));
        }
    }
}
