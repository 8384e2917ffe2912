//! Signing in and out, and what somebody may do with their own account.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;
use gis_data::{Permission, Tx};
use serde_json::json;
use time::OffsetDateTime;

use super::cookie::TOKEN_PREFIX;
use super::provider::{Provider, ProviderFault};
use super::role::WALL;
use super::throttle::Subject;
use super::{
    ABSOLUTE, ABSOLUTE_WALL, Account, Identity, account, password, queries, second_factor, secret,
};
use crate::audit::{self, Entry, Outcome};
use crate::error::{ApiError, ApiResult};

/// Where a request comes from, as the log and the list of sessions say it.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) address: String,
    pub(crate) agent: String,
}

/// What was typed.
pub(crate) struct Credentials {
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) code: Option<String>,
}

/// Somebody is in.
pub(crate) struct SignedIn {
    pub(crate) account: Account,
    /// For the cookie; kept nowhere.
    pub(crate) secret: String,
    pub(crate) expires_at: OffsetDateTime,
}

impl Identity {
    /// Name and password, and the second factor where there is one, become a session. Every attempt is logged.
    pub(crate) async fn sign_in(&self, typed: Credentials, from: &Origin) -> ApiResult<SignedIn> {
        let login = typed.login.trim().to_lowercase();
        let subjects = [Subject::Login(&login), Subject::Address(&from.address)];
        let mut tx = self.begin().await?;
        if let Some(wait) = queries::locked_for(&mut tx, &subjects).await? {
            audit::append(&mut tx, &attempt(&login, from, Outcome::Refused, "locked-out")).await?;
            tx.commit().await.map_err(queries::failed("log a refusal"))?;
            return Err(locked_out(wait));
        }
        let secrets = queries::secrets_of(&mut tx, &login).await?;
        drop(tx);
        let hash = secrets.as_ref().and_then(|s| s.password_hash.clone());
        let is_known = password::verify(typed.password, hash).await.map_err(hidden)?;
        let Some(secrets) = secrets.filter(|s| is_known && !s.is_disabled) else {
            return Err(self.refuse(&login, &subjects, from, wrong_credentials()).await?);
        };
        let mut tx = self.begin().await?;
        if let Some(sealed) = &secrets.totp_secret {
            let Some(code) = typed.code.filter(|code| !code.trim().is_empty()) else {
                return Err(second_factor_needed());
            };
            let plain = self
                .key
                .open(sealed)
                .ok_or_else(|| hidden(anyhow::anyhow!("the server's key is another")))?;
            let step = second_factor::matched_step(&plain, &code, now_s(), secrets.totp_last_step);
            let Some(step) = step else {
                drop(tx);
                return Err(self
                    .refuse(&login, &subjects, from, wrong_second_factor(StatusCode::UNAUTHORIZED))
                    .await?);
            };
            queries::use_step(&mut tx, secrets.user_id, step).await?;
        }
        queries::forget_failures(&mut tx, &Subject::Login(&login).key()).await?;
        let entry = attempt(&login, from, Outcome::Ok, "");
        begin_session(tx, secrets.user_id, &entry, from).await
    }

    /// Somebody whom the identity provider knows; `None` when there is no such account here, or it is disabled.
    pub(crate) async fn sign_in_as(
        &self,
        login: &str,
        from: &Origin,
    ) -> ApiResult<Option<SignedIn>> {
        let mut tx = self.begin().await?;
        let secrets = queries::secrets_of(&mut tx, login).await?;
        let by = json!({"by": "oidc"});
        let Some(secrets) = secrets.filter(|s| !s.is_disabled) else {
            let why = json!({"by": "oidc", "why": "oidc-no-account"});
            let entry = attempt(login, from, Outcome::Failed, "").with(why);
            audit::append(&mut tx, &entry).await?;
            tx.commit().await.map_err(queries::failed("log a refusal"))?;
            return Ok(None);
        };
        let entry = attempt(login, from, Outcome::Ok, "").with(by);
        begin_session(tx, secrets.user_id, &entry, from).await.map(Some)
    }

    /// The identity provider, where there is one.
    pub(crate) fn provider(&self) -> Option<&Provider> {
        self.provider.as_ref()
    }

    pub(crate) async fn send_off(
        &self,
        provider: &Provider,
    ) -> Result<(String, String), ProviderFault> {
        provider.send_off(&self.key).await
    }

    pub(crate) async fn who_came(
        &self,
        provider: &Provider,
        carried: &str,
        answered: (String, &str),
    ) -> Result<String, ProviderFault> {
        provider.who_came(&self.key, carried, answered).await
    }

    /// That a way in by the provider led nowhere.
    pub(crate) async fn log_provider_fault(
        &self,
        login: &str,
        fault: &ProviderFault,
        from: &Origin,
    ) -> ApiResult<()> {
        let why = fault.to_string().chars().take(300).collect::<String>();
        tracing::warn!(why, "no sign-in by the identity provider");
        let detail = json!({"by": "oidc", "why": why});
        let mut tx = self.begin().await?;
        let entry = attempt(login, from, Outcome::Failed, "").with(detail);
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("log a refusal"))
    }

    async fn refuse(
        &self,
        login: &str,
        subjects: &[Subject<'_>],
        from: &Origin,
        refusal: ApiError,
    ) -> ApiResult<ApiError> {
        let mut tx = self.begin().await?;
        queries::count_failure(&mut tx, subjects).await?;
        audit::append(&mut tx, &attempt(login, from, Outcome::Failed, refusal.code())).await?;
        tx.commit().await.map_err(queries::failed("count a wrong password"))?;
        Ok(refusal)
    }

    /// Ends sessions of a user: one, or all.
    pub(crate) async fn end_sessions(
        &self,
        account: &Account,
        only: Option<i64>,
        from: &Origin,
    ) -> ApiResult<()> {
        let mut tx = self.begin().await?;
        let ended = queries::end_sessions(&mut tx, account.user_id, only).await?;
        if ended == 0 && only.is_some() {
            return Err(ApiError::not_found("没有这个会话", "no such session"));
        }
        let entry = Entry::of(&account.login, "sign-out", from).with(json!({"sessions": ended}));
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("end a session"))?;
        self.forget();
        Ok(())
    }

    /// A new password of one's own, which ends every other session.
    pub(crate) async fn change_password(
        &self,
        account: &Account,
        keep_session: Option<i64>,
        current: String,
        new: String,
        from: &Origin,
    ) -> ApiResult<()> {
        self.confirm_password(account, current, from).await?;
        let mut faults = password::faults(&new, &account.login, &account.name);
        let mut tx = self.begin().await?;
        for old in queries::password_history(&mut tx, account.user_id, password::HISTORY).await? {
            if password::verify(new.clone(), Some(old)).await.map_err(hidden)? {
                faults.push(gis_data::Text2::new(
                    "不能与最近用过的密码相同",
                    "must not be one of the last passwords",
                ));
                break;
            }
        }
        if !faults.is_empty() {
            let errors: Vec<_> = faults.iter().map(|m| json!({"message": m})).collect();
            return Err(ApiError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "weak-password",
                ("密码不符合要求", "Password not accepted"),
                ("请按所列要求修改", "change it as listed"),
            )
            .with_errors(json!(errors)));
        }
        let hash = password::hash(new).await.map_err(hidden)?;
        queries::set_password(&mut tx, account.user_id, &hash, false).await?;
        queries::end_other_sessions(&mut tx, account.user_id, keep_session).await?;
        audit::append(&mut tx, &Entry::of(&account.login, "change-password", from)).await?;
        tx.commit().await.map_err(queries::failed("change a password"))?;
        self.forget();
        Ok(())
    }

    /// Draws a second factor, which is in force once a code of it was shown.
    pub(crate) async fn offer_second_factor(
        &self,
        account: &Account,
    ) -> ApiResult<second_factor::Offer> {
        let offer = second_factor::offer(&account.login).map_err(hidden)?;
        let sealed = self.key.seal(&offer.secret).map_err(hidden)?;
        let mut tx = self.begin().await?;
        if !queries::offer_second_factor(&mut tx, account.user_id, &sealed).await? {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                "second-factor-in-force",
                ("动态口令已启用", "Second factor in force"),
                ("请先停用现有的动态口令", "take the present one away first"),
            ));
        }
        tx.commit().await.map_err(queries::failed("keep a second factor"))?;
        Ok(offer)
    }

    pub(crate) async fn confirm_second_factor(
        &self,
        account: &Account,
        code: &str,
        from: &Origin,
    ) -> ApiResult<()> {
        let mut tx = self.begin().await?;
        let sealed = queries::offered_second_factor(&mut tx, account.user_id).await?;
        let step = sealed
            .and_then(|sealed| self.key.open(&sealed))
            .and_then(|plain| second_factor::matched_step(&plain, code, now_s(), 0));
        let Some(step) = step else {
            return Err(wrong_second_factor(StatusCode::UNPROCESSABLE_ENTITY));
        };
        queries::confirm_second_factor(&mut tx, account.user_id, step).await?;
        audit::append(&mut tx, &Entry::of(&account.login, "second-factor-on", from)).await?;
        tx.commit().await.map_err(queries::failed("confirm a second factor"))?;
        self.forget();
        Ok(())
    }

    pub(crate) async fn drop_second_factor(
        &self,
        account: &Account,
        password: String,
        from: &Origin,
    ) -> ApiResult<()> {
        self.confirm_password(account, password, from).await?;
        let mut tx = self.begin().await?;
        queries::drop_second_factor(&mut tx, account.user_id).await?;
        audit::append(&mut tx, &Entry::of(&account.login, "second-factor-off", from)).await?;
        tx.commit().await.map_err(queries::failed("drop a second factor"))?;
        self.forget();
        Ok(())
    }

    /// A token for a program: no more than its maker holds, and not for ever.
    pub(crate) async fn make_token(
        &self,
        account: &Account,
        name: &str,
        permissions: &BTreeSet<Permission>,
        days: u16,
        from: &Origin,
    ) -> ApiResult<(i64, String)> {
        if let Some(p) = permissions.iter().find(|p| !account.permissions.contains(p)) {
            return Err(ApiError::not_allowed(&[*p]));
        }
        let name = name.trim();
        if !(1..=64).contains(&name.chars().count())
            || !(1..=365).contains(&days)
            || permissions.is_empty()
        {
            return Err(ApiError::bad_request(
                "令牌须有 1–64 个字的名称、至少一项权限，有效期 1–365 天",
                "a token has a name of 1 to 64 characters, a permission at least, and lasts 1 to 365 days",
            ));
        }
        let drawn = format!("{TOKEN_PREFIX}{}", secret::draw().map_err(hidden)?);
        let names: Vec<String> = permissions.iter().map(|p| p.name().to_owned()).collect();
        let mut tx = self.begin().await?;
        let digest = secret::digest(&drawn);
        let id =
            queries::make_token(&mut tx, account.user_id, name, &digest, &names, i32::from(days))
                .await?;
        let entry = Entry::of(&account.login, "token-made", from)
            .on(&id.to_string())
            .with(json!({"name": name, "permissions": names, "days": days}));
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("make a token"))?;
        Ok((id, drawn))
    }

    pub(crate) async fn revoke_token(
        &self,
        account: &Account,
        id: i64,
        from: &Origin,
    ) -> ApiResult<()> {
        let mut tx = self.begin().await?;
        if !queries::revoke_token(&mut tx, account.user_id, id).await? {
            return Err(ApiError::not_found("没有这个令牌", "no such token"));
        }
        let entry = Entry::of(&account.login, "token-revoked", from).on(&id.to_string());
        audit::append(&mut tx, &entry).await?;
        tx.commit().await.map_err(queries::failed("revoke a token"))?;
        self.forget();
        Ok(())
    }

    pub(crate) async fn sessions_of(
        &self,
        account: &Account,
        current: Option<i64>,
    ) -> ApiResult<serde_json::Value> {
        let mut tx = self.begin().await?;
        queries::sessions_of(&mut tx, account.user_id, current, super::IDLE).await
    }

    pub(crate) async fn tokens_of(&self, account: &Account) -> ApiResult<serde_json::Value> {
        let mut tx = self.begin().await?;
        queries::tokens_of(&mut tx, account.user_id).await
    }

    /// Whoever sits at an open session must know the password before it or the second factor is changed; guessing
    /// it is counted like guessing at the door.
    async fn confirm_password(
        &self,
        account: &Account,
        typed: String,
        from: &Origin,
    ) -> ApiResult<()> {
        let subjects = [Subject::Login(&account.login)];
        let mut tx = self.begin().await?;
        if let Some(wait) = queries::locked_for(&mut tx, &subjects).await? {
            return Err(locked_out(wait));
        }
        let secrets = queries::secrets_of(&mut tx, &account.login).await?;
        drop(tx);
        let hash = secrets.and_then(|s| s.password_hash);
        if password::verify(typed, hash).await.map_err(hidden)? {
            return Ok(());
        }
        Err(self.refuse(&account.login, &subjects, from, wrong_credentials()).await?)
    }
}

/// Opens a session in the transaction of what led to it, and logs it there.
async fn begin_session(
    mut tx: Tx,
    user_id: i64,
    entry: &Entry<'_>,
    from: &Origin,
) -> ApiResult<SignedIn> {
    let account = account::of_user(&mut tx, user_id).await?;
    let is_wall = !account.grants.is_empty() && account.grants.iter().all(|g| g.role_id == WALL);
    let expires_at = OffsetDateTime::now_utc() + if is_wall { ABSOLUTE_WALL } else { ABSOLUTE };
    let drawn = secret::draw().map_err(hidden)?;
    let digest = secret::digest(&drawn);
    queries::open_session(&mut tx, user_id, &digest, expires_at, from).await?;
    audit::append(&mut tx, entry).await?;
    tx.commit().await.map_err(queries::failed("open a session"))?;
    Ok(SignedIn { account, secret: drawn, expires_at })
}

fn attempt<'a>(login: &'a str, from: &'a Origin, outcome: Outcome, why: &str) -> Entry<'a> {
    let entry = Entry::of(login, "sign-in", from).ended(outcome);
    if why.is_empty() { entry } else { entry.with(json!({"why": why})) }
}

fn now_s() -> u64 {
    u64::try_from(OffsetDateTime::now_utc().unix_timestamp()).unwrap_or_default()
}

/// A failure of ours that tells nothing outside.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn hidden(cause: anyhow::Error) -> ApiError {
    ApiError::internal(cause.as_ref())
}

fn wrong_credentials() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "wrong-credentials",
        ("登录未成功", "Not signed in"),
        ("账号或密码不正确", "the account or the password is not right"),
    )
}

fn second_factor_needed() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "second-factor-needed",
        ("需要动态口令", "Second factor needed"),
        ("请输入手机应用中的 6 位动态口令", "type the six digits of your application"),
    )
}

fn wrong_second_factor(status: StatusCode) -> ApiError {
    ApiError::new(
        status,
        "wrong-second-factor",
        ("动态口令不正确", "Wrong second factor"),
        (
            "动态口令不正确、已用过或已过期，请核对手机时间后重试",
            "the code is wrong, used or over; check the clock of the phone and try again",
        ),
    )
}

fn locked_out(wait: Duration) -> ApiError {
    let minutes = wait.as_secs().div_ceil(60);
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "locked-out",
        ("尝试次数过多", "Too many attempts"),
        (
            &format!("尝试次数过多，请 {minutes} 分钟后再试"),
            &format!("too many attempts; try again in {minutes} minutes"),
        ),
    )
    .retry_after(wait)
}
