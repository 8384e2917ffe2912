//! The broker's door: digests of every terminal's secret in memory, so that thousands come back within seconds.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};
use vehicle_tracker::jt808::Register;
use vehicle_tracker::{Claim, Door, Guest, Registered, TerminalId};

use super::secret::{Digest, is_same};
use super::sign_in::Origin;
use super::{Identity, queries};
use crate::audit::{self, Entry};
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

#[async_trait]
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

    async fn register(&self, terminal: &TerminalId, claim: &Register) -> Option<Registered> {
        let registered = self.0.register_device(terminal, claim).await;
        registered
            .inspect_err(
                |error| tracing::warn!(%terminal, ?error, "a terminal could not be registered"),
            )
            .ok()
    }

    fn knows_code(&self, terminal: &TerminalId, code: &str) -> bool {
        let expected = self.0.code_of(terminal);
        expected.is_some_and(|expected| is_same(expected.as_bytes(), code.as_bytes()))
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

    /// Registers a JT/T 808 device under a number that was given a credential. The first device after that is taken at
    /// its word, and from then on only one that says the same of itself: the protocol has no secret before this.
    async fn register_device(
        &self,
        terminal: &TerminalId,
        claim: &Register,
    ) -> ApiResult<Registered> {
        let mut tx = self.begin().await?;
        let on_file = queries::terminal_on_file(&mut tx, terminal.as_str()).await?;
        let Some(on_file) = on_file.filter(|on_file| on_file.has_secret) else {
            return Ok(Registered::NoSuchTerminal);
        };
        // Without a plate the standard lets the vehicle's own number stand there, which is not on file.
        if claim.plate_colour != 0 && !claim.plate.is_empty() && claim.plate != on_file.plate {
            tracing::warn!(%terminal, "refused: registers another plate than that of its vehicle");
            return Ok(Registered::NoSuchVehicle);
        }
        let said = said(claim);
        match on_file.registration {
            Some(kept) if kept != said => return Ok(Registered::TerminalTaken),
            Some(_) => {}
            None => {
                queries::set_registration(&mut tx, terminal.as_str(), &said).await?;
                let gateway = Origin { address: "jt808".to_owned(), agent: String::new() };
                let entry = Entry::of(terminal.as_str(), "terminal-registered", &gateway)
                    .on(terminal.as_str())
                    .with(said);
                audit::append(&mut tx, &entry).await?;
                tx.commit().await.map_err(queries::failed("register a terminal"))?;
            }
        }
        let code = self.code_of(terminal);
        Ok(code.map_or(Registered::NoSuchTerminal, |code| Registered::Accepted { code }))
    }

    /// What a registered device shows: derived from its credential, so that a new one or none ends it.
    fn code_of(&self, terminal: &TerminalId) -> Option<String> {
        let ring = self.terminals.read().unwrap_or_else(PoisonError::into_inner);
        let credential = data_encoding::HEXLOWER.encode(ring.get(terminal)?);
        let mut code = data_encoding::HEXLOWER
            .encode(&self.key.keyed("jt808", &format!("{terminal} {credential}")));
        // What every terminal has room for; 64 bits.
        code.truncate(16);
        Some(code)
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

/// What a device says of itself that does not change.
fn said(claim: &Register) -> Value {
    json!({"maker": claim.maker, "model": claim.model, "device": claim.terminal_id})
}
