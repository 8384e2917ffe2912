//! Who is asking: accounts, sessions, tokens, and the viewer that what was granted compiles to.
//!
//! A request shows a cookie or a token; [`Identity::known`] answers from memory and asks the database only the first
//! time. Whatever may change the answer is recorded in `access_change`, which [`follow`] reads twice a second.

mod account;
mod admin;
mod cookie;
mod demo;
mod door;
mod follow;
mod password;
mod provider;
mod queries;
mod role;
mod second_factor;
mod secret;
mod sign_in;
mod terminal;
mod throttle;
mod unmask;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use gis_data::{Store, Tx, Viewer};
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::error::ApiResult;
use secret::{Digest, ServerKey};

pub(crate) use account::{Account, Grant, OrgName};
pub(crate) use admin::{NewGrant, NewUser, UserAction, command_line};
pub(crate) use cookie::{Presented, cookie_named, is_same_site, session_cookie, without_cookie};
pub(crate) use demo::{DEMO_ACCOUNTS, ensure_demo_accounts};
pub(crate) use door::BrokerDoor;
pub(crate) use follow::follow;
pub(crate) use provider::{LoginClaim, Provider, ProviderFault, ProviderSettings, ROUND_TRIP};
pub(crate) use queries::failed;
pub(crate) use role::{Duty, ROLES, clearances, publish_roles};
pub(crate) use sign_in::{Credentials, Origin};

/// Nobody asked for anything: the session is over.
const IDLE: Duration = Duration::from_mins(30);
/// A working day and some.
const ABSOLUTE: Duration = Duration::from_hours(12);
/// A screen on a wall.
const ABSOLUTE_WALL: Duration = Duration::from_hours(180 * 24);
/// How much later than in memory a visit is written down.
const SEEN_EVERY_S: i64 = 60;
/// How often one refusal is written to the log.
const REFUSAL_EVERY: Duration = Duration::from_mins(1);
/// A flood of refusals must not become a flood of rows.
const REFUSALS_HELD: usize = 1_000;

/// Everybody this server knows, and how it came to know them.
pub(crate) struct Identity {
    store: Store,
    key: ServerKey,
    provider: Option<Provider>,
    known: RwLock<HashMap<Digest, Arc<Known>>>,
    terminals: RwLock<door::KeyRing>,
    /// When each refusal was last written to the log.
    refused: Mutex<HashMap<(String, String), Instant>>,
    /// Moves whenever rights may have changed; open streams look at their viewer again.
    epoch: watch::Sender<u64>,
}

/// Somebody who has shown a session or a token.
pub(crate) struct Known {
    pub(crate) account: Account,
    pub(crate) by: By,
    /// Unix seconds.
    expires_at: i64,
    /// Unix seconds; masks are lifted until then.
    unmasked_until: Option<i64>,
    seen_at: AtomicI64,
    written_at: AtomicI64,
}

/// How somebody is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// A browser's session.
    Session(i64),
    /// A program's token.
    Token(i64),
}

impl Identity {
    /// Reads the server's key, or draws it on the first start.
    pub(crate) async fn open(store: Store) -> anyhow::Result<Self> {
        Self::open_with(store, None).await
    }

    /// The same with an identity provider.
    pub(crate) async fn open_with(
        store: Store,
        provider: Option<Provider>,
    ) -> anyhow::Result<Self> {
        let mut tx = store.as_viewer(&Viewer::program()).await?;
        let key = queries::server_key(&mut tx, &secret::draw_bytes()?).await?;
        tx.commit().await?;
        let identity = Self {
            store,
            key: ServerKey::new(key),
            provider,
            known: RwLock::default(),
            terminals: RwLock::default(),
            refused: Mutex::default(),
            epoch: watch::Sender::new(0),
        };
        identity.reload_terminals().await?;
        Ok(identity)
    }

    /// Whoever shows this, if anybody: a session that runs, or a token that is good. It counts as a visit.
    pub(crate) async fn known(&self, presented: &Presented) -> ApiResult<Option<Arc<Known>>> {
        let Some(known) = self.peek(presented).await? else { return Ok(None) };
        self.visit(&known, OffsetDateTime::now_utc().unix_timestamp()).await?;
        Ok(Some(known))
    }

    /// The same without a visit: an open stream alone does not keep a session alive.
    pub(crate) async fn peek(&self, presented: &Presented) -> ApiResult<Option<Arc<Known>>> {
        let digest = secret::digest(presented.secret());
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let held = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&digest).cloned();
        if let Some(known) = held {
            if known.is_current(now) {
                return Ok(Some(known));
            }
            // Another server may have seen the session since: the database decides.
            self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&digest);
        }
        let epoch = *self.epoch.borrow();
        let mut tx = self.begin().await?;
        let Some(known) = account::load(&mut tx, presented, &digest, IDLE).await? else {
            return Ok(None);
        };
        drop(tx);
        let known = Arc::new(known);
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Rights that changed while they were being read are read again by the next request.
        if *self.epoch.borrow() == epoch {
            all.insert(digest, Arc::clone(&known));
        }
        Ok(Some(known))
    }

    /// Tells whenever rights may have changed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.epoch.subscribe()
    }

    /// Forgets what was compiled; the next requests compile it anew.
    pub(crate) fn forget(&self) {
        self.epoch.send_modify(|epoch| *epoch += 1);
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn is_first_refusal(&self, login: &str, asked: &str) -> bool {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|_, at| at.elapsed() < REFUSAL_EVERY);
        if refused.len() >= REFUSALS_HELD {
            return false;
        }
        refused.insert((login.to_owned(), asked.to_owned()), Instant::now()).is_none()
    }

    async fn begin(&self) -> ApiResult<Tx> {
        Ok(self.store.as_viewer(&Viewer::program()).await?)
    }

    /// Writes a visit down now and then: often enough for the idle time, seldom enough for a busy map.
    async fn visit(&self, known: &Known, now: i64) -> ApiResult<()> {
        known.seen_at.store(now, Ordering::Relaxed);
        let written = known.written_at.load(Ordering::Relaxed);
        let is_mine = now - written >= SEEN_EVERY_S
            && known
                .written_at
                .compare_exchange(written, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_mine {
            let mut tx = self.begin().await?;
            queries::visit(&mut tx, known.by).await?;
            tx.commit().await.map_err(failed("write a visit down"))?;
        }
        Ok(())
    }
}

impl Known {
    /// When it is over, however busy.
    pub(crate) fn expires_at(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.expires_at).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Until when masks are lifted.
    pub(crate) fn unmasked_until(&self) -> Option<OffsetDateTime> {
        self.unmasked_until.and_then(|until| OffsetDateTime::from_unix_timestamp(until).ok())
    }

    fn is_current(&self, now: i64) -> bool {
        let idle = i64::try_from(IDLE.as_secs()).unwrap_or(i64::MAX);
        now < self.expires_at
            && self.unmasked_until.is_none_or(|until| now < until)
            && (matches!(self.by, By::Token(_))
                || now - self.seen_at.load(Ordering::Relaxed) < idle)
    }
}
