//! `mqtt://[user:password@]host[:port]`.

use std::fmt;
use std::str::FromStr;

use crate::error::TrackerError;

const PORT: u16 = 1883;

/// A broker's address, checked.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    /// Name or address; an IPv6 address without its brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// User name and password.
    pub credentials: Option<(String, String)>,
}

impl FromStr for BrokerUrl {
    type Err = TrackerError;

    fn from_str(url: &str) -> Result<Self, TrackerError> {
        let wrong = |reason: &str| TrackerError::BrokerUrl {
            url: hide_password(url),
            reason: reason.to_owned(),
        };
        let rest = ["mqtt://", "tcp://"]
            .into_iter()
            .find_map(|scheme| url.strip_prefix(scheme))
            .ok_or_else(|| wrong("it must begin with mqtt:// or tcp://"))?
            .trim_end_matches('/');
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((who, place)) => {
                let (user, password) = who.split_once(':').unwrap_or((who, ""));
                (Some((user.to_owned(), password.to_owned())), place)
            }
            None => (None, rest),
        };
        let (host, port) = match place.strip_prefix('[').and_then(|p| p.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, after)) => {
                let port = after.strip_prefix(':');
                (host, Some(port.ok_or_else(|| wrong("what follows the host is not a port"))?))
            }
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        let is_foreign = |c: char| c.is_whitespace() || c.is_control() || "/?#[]".contains(c);
        if host.is_empty() || host.contains(is_foreign) {
            return Err(wrong("the host is missing or not a host"));
        }
        let port = match port {
            Some(text) => text
                .parse()
                .ok()
                .filter(|port: &u16| *port > 0 && port.to_string() == text)
                .ok_or_else(|| wrong("the port is not a number from 1 to 65535"))?,
            None => PORT,
        };
        Ok(Self { host: host.to_owned(), port, credentials })
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BrokerUrl({self})")
    }
}

fn hide_password(url: &str) -> String {
    url.rsplit_once('@').map_or_else(|| url.to_owned(), |(_, place)| format!("…@{place}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::noise;

    #[test]
    fn an_address_is_read_with_all_its_parts() {
        let url: BrokerUrl = "mqtt://onemap:a:b@broker.example:2883".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port), ("broker.example", 2883));
        assert_eq!(url.credentials, Some(("onemap".to_owned(), "a:b".to_owned())));
        let url: BrokerUrl = "tcp://[::1]".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port), ("::1", 1883));
    }

    #[test]
    fn a_wrong_address_is_refused_without_telling_the_password() {
        for url in [
            "localhost:1883",
            "mqtts://u:secret@host",
            "mqtt://u:secret@host:x",
            "mqtt://u:secret@",
        ] {
            let told = url.parse::<BrokerUrl>().unwrap_err().to_string();
            assert!(!told.contains("secret"), "{told}");
        }
    }

    fn anything() -> impl Strategy<Value = String> {
        let scheme = prop_oneof![Just("mqtt://"), Just("tcp://"), Just("mqtts://"), Just("")];
        let place = prop_oneof![
            noise::text(20),
            "[a-z0-9.:@/?#\\[\\] +-]{0,16}",
            "\\[[0-9a-f:]{1,9}\\][:x]?[0-9+]{0,5}",
            "[a-z]{1,9}(:[0-9+-]{0,6})?/{0,2}",
        ];
        (scheme, place).prop_map(|(scheme, place)| format!("{scheme}{place}"))
    }

    proptest! {
        #![proptest_config(noise::config())]

        #[test]
        fn random_text_is_an_address_only_when_nothing_of_it_is_lost(url in anything()) {
            let Ok(read) = url.parse::<BrokerUrl>() else { return Ok(()) };
            let BrokerUrl { host, port, credentials } = read;
            prop_assert!(!host.is_empty() && port > 0, "{url:?}");
            let forbidden = |c: char| c.is_whitespace() || c.is_control() || "/?#@[]".contains(c);
            prop_assert!(!host.contains(forbidden), "{url:?}: {host:?}");
            let place = url.split_once("://").unwrap().1.trim_end_matches('/');
            let place = credentials.map_or(place, |_| place.rsplit_once('@').unwrap().1);
            // A port, where there is one, in digits.
            let tail = place.rsplit_once(':').map_or("", |(_, port)| port);
            prop_assert!(tail.is_empty() || host.contains(':') || tail.parse() == Ok(port), "{url:?}");
            let spellings = [
                host.clone(),
                format!("[{host}]"),
                format!("{host}:{port}"),
                format!("[{host}]:{port}"),
            ];
            prop_assert!(spellings.iter().any(|s| s == place), "{url:?} became {host:?} {port}");
        }

        #[test]
        fn random_wrong_addresses_never_tell_the_password(
            scheme in "(mqtt|tcp|mqtts|http)?:?/{0,2}",
            place in noise::text(20),
        ) {
            let url = format!("{scheme}onemap:5ecretWord@{place}");
            let told = match url.parse::<BrokerUrl>() {
                Ok(url) => format!("{url} {url:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            prop_assert!(!told.contains("5ecretWord"), "{told}");
        }
    }
}
