//! The broker's door: digests of every terminal's secret in memory, so that thousands come back within seconds.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

use vehicle_tracker::{Claim, Door, Guest, TerminalId};

use super::secret::{Digest, is_same};
use super::{Identity, queries};
use crate::error::ApiResult;

/// The name under which programs of ours publish for many terminals.
const FEEDER: &str = "onemap-feeder";

/// Every credential there is, by terminal.
pub(super) type KeyRing = HashMap<TerminalId, Digest>;

/// The door of this server.
pub(crate) struct BrokerDoor(pub(crate) Arc<Identity>);

impl fmt::Debug for BrokerDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrokerDoor")
    }
}

impl Door for BrokerDoor {
    fn admit(&self, claim: &Claim<'_>) -> bool {
        let (Some(name), Some(secret)) = (claim.name, claim.secret) else { return false };
        let Ok(secret) = str::from_utf8(secret) else { return false };
        let identity = &self.0;
        if name == FEEDER {
            return is_same(secret.as_bytes(), identity.feeder_secret().as_bytes());
        }
        let ring = identity.terminals.read().unwrap_or_else(PoisonError::into_inner);
        let terminal = TerminalId::new_checked(name);
        // A second connection of one client identifier ends the first: nobody takes another terminal's.
        let is_own_id = claim.client_id == name
            || TerminalId::new_checked(claim.client_id).is_none_or(|id| !ring.contains_key(&id));
        let kept = terminal.as_ref().and_then(|terminal| ring.get(terminal));
        is_own_id && kept.is_some_and(|kept| is_same(kept, &identity.terminal_digest(secret)))
    }

    fn guest(&self, name: Option<&str>) -> Option<Guest> {
        let name = name?;
        if name == FEEDER {
            return Some(Guest::Feeder);
        }
        let terminal = TerminalId::new_checked(name)?;
        let ring = self.0.terminals.read().unwrap_or_else(PoisonError::into_inner);
        ring.contains_key(&terminal).then_some(Guest::Terminal(terminal))
    }
}

impl Identity {
    /// Where the program's own publishers connect, with the name and secret that whoever has the database can derive.
    pub(crate) fn feeder_url(&self, mqtt_url: &str) -> String {
        match mqtt_url.split_once("://") {
            Some((scheme, rest)) if !rest.contains('@') => {
                format!("{scheme}://{FEEDER}:{}@{rest}", self.feeder_secret())
            }
            _ => mqtt_url.to_owned(),
        }
    }

    /// The name and secret of programs that publish for many terminals.
    pub(crate) fn feeder(&self) -> (&'static str, String) {
        (FEEDER, self.feeder_secret())
    }

    /// Reads every terminal's digest again.
    pub(super) async fn reload_terminals(&self) -> ApiResult<()> {
        let mut tx = self.begin().await?;
        let ring = queries::key_ring(&mut tx).await?;
        *self.terminals.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    fn feeder_secret(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.key.keyed("feeder", FEEDER))
    }
}
