//! What administrators do: accounts are the system administrator's, rights the security administrator's.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use gis_data::Viewer;
use serde::Deserialize;
use serde_json::{Value, json};

use super::sign_in::{Origin, hidden};
use super::throttle::Subject;
use super::{Account, Identity, Known, password, queries, secret};
use crate::audit::{self, Entry, Outcome, Verdict};
use crate::error::{ApiError, ApiResult};

/// An account to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) org_id: Option<i64>,
}

/// A right to be given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGrant {
    pub(crate) role_id: String,
    pub(crate) org_id: Option<i64>,
    pub(crate) clearance: i16,
}

/// What can be done to somebody's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserAction {
    Disable,
    Enable,
    ResetPassword,
    SignOut,
}

impl UserAction {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "disable" => Self::Disable,
            "enable" => Self::Enable,
            "reset-password" => Self::ResetPassword,
            "sign-out" => Self::SignOut,
            _ => return None,
        })
    }

    fn audited(self) -> &'static str {
        match self {
            Self::Disable => "user-disabled",
            Self::Enable => "user-enabled",
            Self::ResetPassword => "password-reset",
            Self::SignOut => "user-signed-out",
        }
    }
}

impl Identity {
    pub(crate) async fn org_of_code(&self, code: &str) -> ApiResult<i64> {
        let mut tx = self.begin().await?;
        queries::org_of_code(&mut tx, code).await?.ok_or_else(|| {
            ApiError::not_found(
                &format!("没有代码为“{code}”的机构"),
                &format!("no organisation with code {code:?}"),
            )
        })
    }

    pub(crate) async fn user_of_login(&self, login: &str) -> ApiResult<i64> {
        let mut tx = self.begin().await?;
        let found = queries::secrets_of(&mut tx, login).await?;
        found.map(|s| s.user_id).ok_or_else(|| {
            ApiError::not_found(&format!("没有账号“{login}”"), &format!("no account {login:?}"))
        })
    }

    /// The account that a command is to work for: as the person themselves would, if they may sign in.
    pub(crate) async fn account_of_login(&self, login: &str) -> ApiResult<Account> {
        let user_id = self.user_of_login(login).await?;
        let mut tx = self.begin().await?;
        let found = queries::secrets_of(&mut tx, login).await?;
        if found.is_none_or(|s| s.is_disabled) {
            return Err(ApiError::forbidden(
                "account-disabled",
                ("账号已停用", "Account disabled"),
                (&format!("账号“{login}”已停用"), &format!("the account {login} is disabled")),
            ));
        }
        super::account::of_user(&mut tx, user_id).await
    }

    pub(crate) async fn users(&self, q: Option<&str>, limit: i64) -> ApiResult<Value> {
        let mut tx = self.begin().await?;
        let (total, mut items) = queries::users(&mut tx, q, limit).await?;
        let ids: Vec<i64> = items.iter().filter_map(|u| u["user_id"].as_i64()).collect();
        let grants = queries::grants_of(&mut tx, &ids).await?;
        for user in &mut items {
            let id = user["user_id"].as_i64().unwrap_or_default();
            let login = user["login"].as_str().unwrap_or_default().to_owned();
            user["grants"] = json!(grants.get(&id).map(Vec::as_slice).unwrap_or_default());
            user["is_locked"] =
                json!(queries::locked_for(&mut tx, &[Subject::Login(&login)]).await?.is_some());
        }
        Ok(json!({"total": total, "items": items}))
    }

    /// Answers the account with its first password, which is shown once and has to be changed.
    pub(crate) async fn create_user(
        &self,
        by: &Account,
        new: &NewUser,
        from: &Origin,
    ) -> ApiResult<(i64, String)> {
        let login = new.login.trim();
        let is_login = (2..=64).contains(&login.len())
            && login.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && login
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
        let name = new.name.trim();
        if !is_login || !(1..=64).contains(&name.chars().count()) {
            return Err(ApiError::bad_request(
                "账号须以小写字母开头，由 2–64 个小写字母、数字、点、横线组成；姓名为 1–64 个字",
                "a login begins with a small letter and has 2 to 64 small letters, digits, dots and dashes; a name has 1 to 64 characters",
            ));
        }
        let first = secret::draw_password().map_err(hidden)?;
        let hash = password::hash(first.clone()).await.map_err(hidden)?;
        let mut tx = self.begin().await?;
        let user_id = queries::create_user(&mut tx, login, name, new.org_id, &hash).await?;
        let entry = Entry::of(&by.login, "user-created", from)
            .on(login)
            .with(json!({"name": name, "org_id": new.org_id}));
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("make an account"))?;
        Ok((user_id, first))
    }

    /// Answers a new first password where the action makes one.
    pub(crate) async fn act_on_user(
        &self,
        by: &Account,
        user_id: i64,
        action: UserAction,
        from: &Origin,
    ) -> ApiResult<Option<String>> {
        if user_id == by.user_id
            && matches!(action, UserAction::Disable | UserAction::ResetPassword)
        {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                "own-account",
                ("不能对自己的账号执行此操作", "Not on one's own account"),
                ("请由另一位系统管理员操作", "another system administrator has to do this"),
            ));
        }
        let mut tx = self.begin().await?;
        let login =
            queries::login_of(&mut tx, user_id).await?.ok_or_else(|| unknown_user(user_id))?;
        let mut first = None;
        match action {
            UserAction::Disable => queries::set_disabled(&mut tx, user_id, true).await?,
            UserAction::Enable => queries::set_disabled(&mut tx, user_id, false).await?,
            UserAction::ResetPassword => {
                let drawn = secret::draw_password().map_err(hidden)?;
                let hash = password::hash(drawn.clone()).await.map_err(hidden)?;
                queries::set_password(&mut tx, user_id, &hash, true).await?;
                queries::drop_second_factor(&mut tx, user_id).await?;
                queries::forget_failures(&mut tx, &Subject::Login(&login).key()).await?;
                first = Some(drawn);
            }
            UserAction::SignOut => {}
        }
        if action != UserAction::Enable {
            queries::end_sessions(&mut tx, user_id, None).await?;
        }
        audit::append(&mut tx, &Entry::of(&by.login, action.audited(), from).on(&login)).await?;
        tx.commit().await.map_err(queries::failed("change an account"))?;
        self.forget();
        Ok(first)
    }

    pub(crate) async fn grant(
        &self,
        by: &Account,
        user_id: i64,
        new: &NewGrant,
        from: &Origin,
    ) -> ApiResult<i64> {
        if user_id == by.user_id {
            return Err(own_rights());
        }
        let mut tx = self.begin().await?;
        let login =
            queries::login_of(&mut tx, user_id).await?.ok_or_else(|| unknown_user(user_id))?;
        let grant_id = queries::grant(&mut tx, user_id, new, &by.login).await?;
        let entry = Entry::of(&by.login, "right-granted", from).on(&login).with(json!({
            "grant_id": grant_id, "role": new.role_id, "org_id": new.org_id, "clearance": new.clearance,
        }));
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("grant a right"))?;
        self.forget();
        Ok(grant_id)
    }

    /// That somebody looked whether the log is whole, and what they found.
    pub(crate) async fn log_verification(
        &self,
        by: &Account,
        verdict: &Verdict,
        from: &Origin,
    ) -> ApiResult<()> {
        let outcome = if verdict.fault.is_none() { Outcome::Ok } else { Outcome::Failed };
        let entry = Entry::of(&by.login, "audit-verified", from)
            .ended(outcome)
            .with(json!({"checked": verdict.checked, "fault": verdict.fault}));
        let mut tx = self.begin().await?;
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("log a verification"))
    }

    /// That somebody takes the log out of the system.
    pub(crate) async fn log_export(
        &self,
        by: &Account,
        asked: Value,
        from: &Origin,
    ) -> ApiResult<()> {
        let entry = Entry::of(&by.login, "audit-exported", from).with(asked);
        let mut tx = self.begin().await?;
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("log an export"))
    }

    /// That somebody takes layers out of the system, as tiles in a file.
    pub(crate) async fn log_tiles_export(
        &self,
        by: &Account,
        (file, outcome): (&str, Outcome),
        asked: Value,
        from: &Origin,
    ) -> ApiResult<()> {
        let entry =
            Entry::of(&by.login, "tiles-exported", from).on(file).ended(outcome).with(asked);
        let mut tx = self.begin().await?;
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("log an export"))
    }

    /// That somebody asked for what they may not have; the same again within a minute is not written again.
    pub(crate) async fn log_refusal(
        &self,
        known: &Known,
        asked: &str,
        from: &Origin,
    ) -> ApiResult<()> {
        if !self.is_first_refusal(&known.account.login, asked) {
            return Ok(());
        }
        let entry =
            Entry::of(&known.account.login, "refusal", from).on(asked).ended(Outcome::Refused);
        let mut tx = self.begin().await?;
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("log a refusal"))
    }

    pub(crate) async fn revoke(&self, by: &Account, grant_id: i64, from: &Origin) -> ApiResult<()> {
        let mut tx = self.begin().await?;
        let Some((user_id, login, role)) = queries::revoke(&mut tx, grant_id, &by.login).await?
        else {
            return Err(ApiError::not_found(
                "没有这项授权，或已撤销",
                "no such grant, or it is revoked",
            ));
        };
        if user_id == by.user_id {
            return Err(own_rights());
        }
        let entry = Entry::of(&by.login, "right-revoked", from)
            .on(&login)
            .with(json!({"grant_id": grant_id, "role": role}));
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("revoke a right"))?;
        self.forget();
        Ok(())
    }
}

/// Who works at the command line has the database's own rights; the log says so.
pub(crate) fn command_line() -> (Account, Origin) {
    let account = Account {
        user_id: 0,
        login: "command-line".to_owned(),
        name: "command-line".to_owned(),
        org: None,
        must_change_password: false,
        has_second_factor: false,
        grants: Vec::new(),
        permissions: BTreeSet::new(),
        viewer: Viewer::program(),
    };
    (account, Origin { address: "local".to_owned(), agent: String::new() })
}

fn unknown_user(user_id: i64) -> ApiError {
    ApiError::not_found(&format!("没有编号为 {user_id} 的账号"), &format!("no account {user_id}"))
}

fn own_rights() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "own-account",
        ("不能更改自己的权限", "Not one's own rights"),
        ("请由另一位安全管理员操作", "another security administrator has to do this"),
    )
}
