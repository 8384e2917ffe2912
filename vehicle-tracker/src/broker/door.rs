//! Who may connect to the embedded broker, and what under. The broker asks; whoever keeps the credentials answers.

use std::fmt;

use crate::topic::{TerminalId, Topic};

/// What a client says of itself when it connects.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The MQTT client identifier.
    pub client_id: &'a str,
    /// The user name; a terminal's own.
    pub name: Option<&'a str>,
    /// The password.
    pub secret: Option<&'a [u8]>,
}

/// Somebody who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guest {
    /// A terminal: its own topics and no others.
    Terminal(TerminalId),
    /// A program of ours that publishes for many terminals: simulator, replay, a gateway.
    Feeder,
}

/// Keeps the credentials.
pub trait Door: fmt::Debug + Send + Sync {
    /// Whether the claim is true. Must not wait: thousands of terminals come back at once.
    fn admit(&self, claim: &Claim<'_>) -> bool;

    /// Who somebody of this name is now; `None` when their credential was taken away since.
    fn guest(&self, name: Option<&str>) -> Option<Guest>;
}

impl Guest {
    /// Whether this guest may publish there.
    pub fn may_publish(&self, topic: &str) -> bool {
        match self {
            Self::Feeder => true,
            // A name that cannot be a terminal's is refused later, with its reason on file.
            Self::Terminal(own) => topic.parse::<Topic>().is_ok_and(|topic| topic.terminal == *own),
        }
    }

    /// Whether this guest may listen there: a terminal to what is sent to itself, without wildcards before its name.
    pub fn may_subscribe(&self, filter: &str) -> bool {
        match self {
            Self::Feeder => false,
            Self::Terminal(own) => {
                let mut levels = filter.split('/');
                levels.next() == Some("onemap")
                    && levels.next() == Some("v1")
                    && levels.next() == Some(own.as_str())
                    && levels.next().is_some()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_speaks_and_listens_under_its_own_name_only() {
        let guest = Guest::Terminal(TerminalId::new_checked("T1").unwrap());
        for (topic, may) in [
            ("onemap/v1/T1/position", true),
            ("onemap/v1/T1/command/ack", true),
            ("onemap/v1/T2/position", false),
            ("onemap/v1/T1", false),
            ("onemap/v1/T11/position", false),
            ("somewhere/else", false),
        ] {
            assert_eq!(guest.may_publish(topic), may, "{topic}");
        }
        for (filter, may) in [
            ("onemap/v1/T1/command", true),
            ("onemap/v1/T1/ack", true),
            ("onemap/v1/T1/#", true),
            ("onemap/v1/T1/+", true),
            ("onemap/v1/T1", false),
            ("onemap/v1/T1#", false),
            ("onemap/v1/+/position", false),
            ("onemap/v1/T2/command", false),
            ("onemap/#", false),
            ("#", false),
            ("+/v1/T1/command", false),
            ("$share/g/onemap/v1/T1/command", false),
            ("$SYS/#", false),
        ] {
            assert_eq!(guest.may_subscribe(filter), may, "{filter}");
        }
        assert!(!Guest::Feeder.may_subscribe("onemap/v1/T1/command"));
    }
}
