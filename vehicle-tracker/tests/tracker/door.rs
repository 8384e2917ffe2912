//! A door with credentials for terminals of every name but `stranger`, and for one feeder.

use std::sync::Mutex;

use async_trait::async_trait;
use vehicle_tracker::jt808::Register;
use vehicle_tracker::{Claim, Door, Guest, Registered, TerminalId};

/// What feeders connect with.
pub(crate) const FEEDER: &str = "feeder:feeder-secret";

/// The terminals whose credential was taken away.
#[derive(Debug, Default)]
pub(crate) struct KeyRing {
    revoked: Mutex<Vec<String>>,
}

impl KeyRing {
    pub(crate) fn revoke(&self, terminal: &str) {
        self.revoked.lock().unwrap().push(terminal.to_owned());
    }
}

/// The secret of a terminal.
pub(crate) fn secret_of(terminal: &str) -> String {
    format!("secret of {terminal}")
}

#[async_trait]
impl Door for KeyRing {
    fn admit(&self, claim: &Claim<'_>) -> bool {
        let (Some(name), Some(secret)) = (claim.name, claim.secret) else { return false };
        let expected = match self.guest(claim.name) {
            Some(Guest::Feeder) => "feeder-secret".to_owned(),
            Some(Guest::Terminal(_)) => secret_of(name),
            None => return false,
        };
        secret == expected.as_bytes()
    }

    fn guest(&self, name: Option<&str>) -> Option<Guest> {
        let name = name?;
        if name == "feeder" {
            return Some(Guest::Feeder);
        }
        let is_revoked = self.revoked.lock().unwrap().iter().any(|revoked| revoked == name);
        (!is_revoked && name != "stranger")
            .then(|| TerminalId::new_checked(name).map(Guest::Terminal))
            .flatten()
    }

    async fn register(&self, terminal: &TerminalId, claim: &Register) -> Option<Registered> {
        Some(match claim.plate.as_str() {
            "示A00001" => Registered::Accepted { code: secret_of(terminal.as_str()) },
            _ => Registered::NoSuchVehicle,
        })
    }

    fn knows_code(&self, terminal: &TerminalId, code: &str) -> bool {
        self.guest(Some(terminal.as_str())).is_some() && code == secret_of(terminal.as_str())
    }
}
