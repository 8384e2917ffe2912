//! Who may connect to the embedded broker, and what under. The broker asks; whoever keeps the credentials answers.

use std::fmt;

use async_trait::async_trait;

use crate::jt808::Register;
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

/// How a JT/T 808 terminal's wish to be registered was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// It shows this code from now on.
    Accepted {
        /// ASCII.
        code: String,
    },
    /// The plate is not that of the vehicle which carries the terminal.
    NoSuchVehicle,
    /// Another device is registered under this number; an administrator's new credential frees it.
    TerminalTaken,
    /// No terminal of this number was given a credential.
    NoSuchTerminal,
}

/// Keeps the credentials.
#[async_trait]
pub trait Door: fmt::Debug + Send + Sync {
    /// Whether the claim is true. Must not wait: thousands of terminals come back at once.
    fn admit(&self, claim: &Claim<'_>) -> bool;

    /// Who somebody of this name is now; `None` when their credential was taken away since.
    fn guest(&self, name: Option<&str>) -> Option<Guest>;

    /// Registers a JT/T 808 terminal; `None` while nobody can tell, as without a database. Default: nobody is
    /// registered.
    async fn register(&self, _terminal: &TerminalId, _claim: &Register) -> Option<Registered> {
        Some(Registered::NoSuchTerminal)
    }

    /// Whether this is the code that the terminal was given at its registration. Default: no.
    fn knows_code(&self, _terminal: &TerminalId, _code: &str) -> bool {
        false
    }
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
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::noise;

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

    /// MQTT 3.1.1, 4.7: whether a filter catches a topic.
    fn catches(filter: &str, topic: &str) -> bool {
        let (mut filter, mut topic) = (filter.split('/'), topic.split('/'));
        loop {
            match (filter.next(), topic.next()) {
                (Some("#"), _) | (None, None) => return true,
                (Some("+"), Some(_)) => {}
                (Some(wanted), Some(level)) if wanted == level => {}
                _ => return false,
            }
        }
    }

    fn anything() -> impl Strategy<Value = String> {
        let levels = [
            "onemap", "v1", "T1", "t1", "T11", "T2", "+", "#", "T+", "T1#", "", "position", "ack",
            "command", "$share", "$SYS", "..", "%2f", "T1\0",
        ];
        let walk = vec(select(levels.to_vec()), 0..7).prop_map(|levels| levels.join("/"));
        let below = vec(select(levels.to_vec()), 0..4)
            .prop_map(|levels| format!("onemap/v1/{}", levels.join("/")));
        let own = noise::text(9).prop_map(|rest| format!("onemap/v1/T1/{rest}"));
        let damaged = noise::damaged(select(vec![
            b"onemap/v1/T1/position".to_vec(),
            b"onemap/v1/T1/command/ack".to_vec(),
        ]));
        let damaged = damaged.prop_map(|b| String::from_utf8_lossy(&b).into_owned());
        prop_oneof![noise::text(40), walk, below, own, damaged]
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_topics_let_a_terminal_speak_under_its_own_name_alone(topic in anything()) {
            let guest = Guest::Terminal(TerminalId::new_checked("T1").unwrap());
            if guest.may_publish(&topic) {
                prop_assert!(topic.starts_with("onemap/v1/T1/"), "{topic:?}");
                prop_assert!(!topic.contains(['+', '#', '\0']), "{topic:?}");
            }
        }

        #[test]
        fn random_filters_let_a_terminal_hear_nothing_of_another(
            filter in anything(),
            other in "T[0-9]{1,2}|[A-Za-z0-9_.-]{1,64}",
            channel in select(vec!["position", "ack", "command", "command/ack", "x"]),
        ) {
            if other == "T1" {
                return Ok(());
            }
            let guest = Guest::Terminal(TerminalId::new_checked("T1").unwrap());
            if guest.may_subscribe(&filter) {
                let topic = format!("onemap/v1/{other}/{channel}");
                prop_assert!(!catches(&filter, &topic), "{filter:?} catches {topic:?}");
                for topic in ["$SYS/brokers", "onemap/v1", "elsewhere"] {
                    prop_assert!(!catches(&filter, topic), "{filter:?} catches {topic:?}");
                }
            }
            prop_assert!(!Guest::Feeder.may_subscribe(&filter));
        }
    }
}
