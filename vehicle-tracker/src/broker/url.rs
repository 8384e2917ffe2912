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
            Some((host, after)) => (host, after.strip_prefix(':')),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        if host.is_empty() || host.contains(['/', '?', ' ']) {
            return Err(wrong("the host is missing or not a host"));
        }
        let port = match port {
            Some(text) => {
                text.parse().map_err(|_not_a_number| wrong("the port is not a number"))?
            }
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
    use super::*;

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
}
