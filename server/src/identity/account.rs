//! One account as it is now: the person, what was granted, and the viewer that it compiles to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use gis_data::{OrgId, Permission, ScopeId, ScopeSet, Text2, Tx, Viewer};
use serde::Serialize;
use time::OffsetDateTime;

use super::queries;
use super::secret::Digest;
use super::{By, Known, Presented};
use crate::error::ApiResult;

/// An account with everything that was granted to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Account {
    pub(crate) user_id: i64,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) org: Option<OrgName>,
    pub(crate) must_change_password: bool,
    pub(crate) has_second_factor: bool,
    pub(crate) grants: Vec<Grant>,
    /// Held somewhere, or without a place.
    pub(crate) permissions: BTreeSet<Permission>,
    pub(crate) viewer: Viewer,
}

/// An organisation as people name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct OrgName {
    pub(crate) org_id: OrgId,
    pub(crate) name: String,
}

/// A role over an organisation and all below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "as the column and the wire name it")]
pub(crate) struct Grant {
    pub(crate) grant_id: i64,
    pub(crate) role_id: String,
    pub(crate) title: Text2,
    pub(crate) org: Option<OrgName>,
    pub(crate) clearance: i16,
    #[serde(skip)]
    pub(crate) permissions: Vec<Permission>,
}

/// Finds who shows the secret of this digest; `None` for nobody.
pub(super) async fn load(
    tx: &mut Tx,
    presented: &Presented,
    digest: &Digest,
    idle: Duration,
) -> ApiResult<Option<Known>> {
    let found = match presented {
        Presented::Cookie(_) => queries::session_by_digest(tx, digest, idle).await?,
        Presented::Token(_) => queries::token_by_digest(tx, digest).await?,
    };
    let Some(found) = found else { return Ok(None) };
    let mut account = of_user(tx, found.user_id).await?;
    let mut unmasked_until = None;
    let by = match presented {
        Presented::Cookie(_) => {
            let until = queries::unmasked_until(tx, found.id).await?;
            if until.is_some() {
                account.viewer = account.viewer.unmasked();
            }
            unmasked_until = until.map(OffsetDateTime::unix_timestamp);
            By::Session(found.id)
        }
        Presented::Token(_) => {
            let only: BTreeSet<Permission> =
                found.permissions.iter().filter_map(|name| Permission::named(name)).collect();
            account.viewer = account.viewer.limited_to(&only);
            account.permissions.retain(|p| only.contains(p));
            By::Token(found.id)
        }
    };
    let seen_at = found.seen_at.unix_timestamp();
    Ok(Some(Known {
        account,
        by,
        expires_at: found.expires_at.unix_timestamp(),
        unmasked_until,
        seen_at: AtomicI64::new(seen_at),
        written_at: AtomicI64::new(seen_at),
    }))
}

/// The account of a user who exists.
pub(super) async fn of_user(tx: &mut Tx, user_id: i64) -> ApiResult<Account> {
    let person = queries::person(tx, user_id).await?;
    let grants = queries::grants_of(tx, &[user_id]).await?.remove(&user_id).unwrap_or_default();
    let reach = queries::reach(tx, user_id).await?;
    let open_to_all: Vec<ScopeId> = queries::scopes_without_org(tx).await?;
    let mut allowed: BTreeMap<Permission, BTreeSet<ScopeId>> = BTreeMap::new();
    // What belongs to no organisation, the ground itself, is seen by everybody who has signed in.
    allowed.entry(Permission::Read).or_default().extend(&open_to_all);
    for grant in &grants {
        for permission in &grant.permissions {
            let scopes = allowed.entry(*permission).or_default();
            scopes.extend(reach.iter().filter(|r| r.0 == grant.grant_id).map(|r| r.1));
        }
    }
    let permissions = grants.iter().flat_map(|g| g.permissions.iter().copied()).collect();
    let compiled = allowed
        .into_iter()
        .map(|(permission, scopes)| (permission, scopes.into_iter().collect::<ScopeSet>()))
        .collect();
    let viewer = Viewer::compiled(&person.login, compiled);
    Ok(Account {
        user_id,
        viewer,
        permissions,
        grants,
        login: person.login,
        name: person.name,
        org: person.org,
        must_change_password: person.must_change_password,
        has_second_factor: person.has_second_factor,
    })
}

impl Account {
    /// Whether it may do one of these anywhere.
    pub(crate) fn may_any(&self, permissions: &[Permission]) -> bool {
        permissions.iter().any(|p| self.permissions.contains(p))
    }
}
