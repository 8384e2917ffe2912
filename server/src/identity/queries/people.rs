//! Accounts and their secrets.

use gis_data::{OrgId, Tx};
use serde_json::{Value, json};
use sqlx::FromRow;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::failed;
use crate::error::{ApiError, ApiResult};
use crate::identity::OrgName;
use axum::http::StatusCode;

/// The installation's key, which the first start keeps.
pub(in crate::identity) async fn server_key(tx: &mut Tx, drawn: &[u8]) -> ApiResult<[u8; 32]> {
    sqlx::query("insert into server_key (key) values ($1) on conflict do nothing")
        .bind(drawn)
        .execute(&mut **tx)
        .await
        .map_err(failed("keep the server's key"))?;
    let key: Vec<u8> = sqlx::query_scalar("select key from server_key")
        .fetch_one(&mut **tx)
        .await
        .map_err(failed("read the server's key"))?;
    key.try_into()
        .map_err(|_wrong| ApiError::internal(&GisLike("the server's key has not 32 bytes")))
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct GisLike(&'static str);

/// A person without rights and secrets.
pub(in crate::identity) struct Person {
    pub(in crate::identity) login: String,
    pub(in crate::identity) name: String,
    pub(in crate::identity) org: Option<OrgName>,
    pub(in crate::identity) must_change_password: bool,
    pub(in crate::identity) has_second_factor: bool,
}

pub(in crate::identity) async fn person(tx: &mut Tx, user_id: i64) -> ApiResult<Person> {
    #[derive(FromRow)]
    struct Row {
        login: String,
        name: String,
        org_id: Option<OrgId>,
        org_name: Option<String>,
        must_change_password: bool,
        has_second_factor: bool,
    }
    let row: Row = sqlx::query_as(
        "select u.login, u.name, u.org_id, o.name as org_name, u.must_change_password,
                u.totp_confirmed_at is not null as has_second_factor
         from app_user u left join org o using (org_id) where u.user_id = $1",
    )
    .bind(user_id)
    .fetch_one(&mut **tx)
    .await
    .map_err(failed("read an account"))?;
    let org = row.org_id.zip(row.org_name).map(|(org_id, name)| OrgName { org_id, name });
    Ok(Person {
        login: row.login,
        name: row.name,
        org,
        must_change_password: row.must_change_password,
        has_second_factor: row.has_second_factor,
    })
}

/// What is compared at the door.
#[derive(FromRow)]
pub(in crate::identity) struct Secrets {
    pub(in crate::identity) user_id: i64,
    pub(in crate::identity) password_hash: Option<String>,
    pub(in crate::identity) is_disabled: bool,
    /// Only a confirmed one.
    pub(in crate::identity) totp_secret: Option<Vec<u8>>,
    pub(in crate::identity) totp_last_step: i64,
}

pub(in crate::identity) async fn secrets_of(
    tx: &mut Tx,
    login: &str,
) -> ApiResult<Option<Secrets>> {
    sqlx::query_as(
        "select user_id, password_hash, disabled_at is not null as is_disabled, totp_last_step,
                case when totp_confirmed_at is not null then totp_secret end as totp_secret
         from app_user where login = $1",
    )
    .bind(login)
    .fetch_optional(&mut **tx)
    .await
    .map_err(failed("read an account's secrets"))
}

/// A code is good once: of two sign-ins with one code the second finds the step used.
pub(in crate::identity) async fn use_step(tx: &mut Tx, user_id: i64, step: i64) -> ApiResult<()> {
    let done = sqlx::query(
        "update app_user set totp_last_step = $2 where user_id = $1 and totp_last_step < $2",
    )
    .bind(user_id)
    .bind(step)
    .execute(&mut **tx)
    .await
    .map_err(failed("use a second factor"))?;
    if done.rows_affected() == 0 {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "wrong-second-factor",
            ("动态口令已用过", "Code already used"),
            ("请等待下一个动态口令", "wait for the next code"),
        ));
    }
    Ok(())
}

/// Keeps a secret that is not yet in force; `false` when one is.
pub(in crate::identity) async fn offer_second_factor(
    tx: &mut Tx,
    user_id: i64,
    sealed: &[u8],
) -> ApiResult<bool> {
    let done = sqlx::query(
        "update app_user set totp_secret = $2 where user_id = $1 and totp_confirmed_at is null",
    )
    .bind(user_id)
    .bind(sealed)
    .execute(&mut **tx)
    .await
    .map_err(failed("keep a second factor"))?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::identity) async fn offered_second_factor(
    tx: &mut Tx,
    user_id: i64,
) -> ApiResult<Option<Vec<u8>>> {
    sqlx::query_scalar("select totp_secret from app_user where user_id = $1 and totp_confirmed_at is null for update")
        .bind(user_id)
        .fetch_optional(&mut **tx)
        .await
        .map(Option::flatten)
        .map_err(failed("read a second factor"))
}

pub(in crate::identity) async fn confirm_second_factor(
    tx: &mut Tx,
    user_id: i64,
    step: i64,
) -> ApiResult<()> {
    sqlx::query(
        "update app_user set totp_confirmed_at = now(), totp_last_step = $2 where user_id = $1",
    )
    .bind(user_id)
    .bind(step)
    .execute(&mut **tx)
    .await
    .map_err(failed("confirm a second factor"))?;
    Ok(())
}

pub(in crate::identity) async fn drop_second_factor(tx: &mut Tx, user_id: i64) -> ApiResult<()> {
    sqlx::query(
        "update app_user set totp_secret = null, totp_confirmed_at = null where user_id = $1",
    )
    .bind(user_id)
    .execute(&mut **tx)
    .await
    .map_err(failed("drop a second factor"))?;
    Ok(())
}

pub(in crate::identity) async fn password_history(
    tx: &mut Tx,
    user_id: i64,
    count: i64,
) -> ApiResult<Vec<String>> {
    sqlx::query_scalar(
        "select password_hash from password_history where user_id = $1 order by set_at desc limit $2",
    )
    .bind(user_id)
    .bind(count)
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("read earlier passwords"))
}

pub(in crate::identity) async fn set_password(
    tx: &mut Tx,
    user_id: i64,
    hash: &str,
    must_change: bool,
) -> ApiResult<()> {
    sqlx::query(
        "with changed as (
             update app_user set password_hash = $2, password_set_at = now(), must_change_password = $3
             where user_id = $1 returning user_id)
         insert into password_history (user_id, set_at, password_hash) select user_id, clock_timestamp(), $2 from changed",
    )
    .bind(user_id)
    .bind(hash)
    .bind(must_change)
    .execute(&mut **tx)
    .await
    .map_err(failed("set a password"))?;
    Ok(())
}

pub(in crate::identity) async fn create_user(
    tx: &mut Tx,
    login: &str,
    name: &str,
    org_id: Option<i64>,
    hash: &str,
) -> ApiResult<i64> {
    let made: Result<i64, sqlx::Error> = sqlx::query_scalar(
        "insert into app_user (login, name, org_id) values ($1, $2, $3) returning user_id",
    )
    .bind(login)
    .bind(name)
    .bind(org_id)
    .fetch_one(&mut **tx)
    .await;
    let user_id =
        made.map_err(|error| match error.as_database_error().and_then(|e| e.constraint()) {
            Some("app_user_login_key") => ApiError::new(
                StatusCode::CONFLICT,
                "login-taken",
                ("账号已存在", "Login taken"),
                (
                    &format!("已有账号“{login}”，请换一个"),
                    &format!("there is an account {login:?} already"),
                ),
            ),
            Some("app_user_org_id_fkey") => {
                ApiError::bad_request("没有这个机构", "no such organisation")
            }
            _ => failed("make an account")(error),
        })?;
    set_password(tx, user_id, hash, true).await?;
    Ok(user_id)
}

pub(in crate::identity) async fn login_of(tx: &mut Tx, user_id: i64) -> ApiResult<Option<String>> {
    sqlx::query_scalar("select login from app_user where user_id = $1 for update")
        .bind(user_id)
        .fetch_optional(&mut **tx)
        .await
        .map_err(failed("find an account"))
}

pub(in crate::identity) async fn set_disabled(
    tx: &mut Tx,
    user_id: i64,
    is_disabled: bool,
) -> ApiResult<()> {
    sqlx::query(
        "update app_user set disabled_at = case when $2 then coalesce(disabled_at, now()) end where user_id = $1",
    )
    .bind(user_id)
    .bind(is_disabled)
    .execute(&mut **tx)
    .await
    .map_err(failed("disable or enable an account"))?;
    Ok(())
}

#[derive(FromRow)]
struct UserRow {
    user_id: i64,
    login: String,
    name: String,
    org_id: Option<i64>,
    org_name: Option<String>,
    is_disabled: bool,
    must_change_password: bool,
    has_second_factor: bool,
    last_seen_at: Option<OffsetDateTime>,
    total: i64,
}

/// By login, with how many match.
pub(in crate::identity) async fn users(
    tx: &mut Tx,
    q: Option<&str>,
    limit: i64,
) -> ApiResult<(i64, Vec<Value>)> {
    let rows: Vec<UserRow> = sqlx::query_as(
        "select u.user_id, u.login, u.name, u.org_id, o.name as org_name, u.disabled_at is not null as is_disabled,
                u.must_change_password, u.totp_confirmed_at is not null as has_second_factor,
                (select max(s.last_seen_at) from session s where s.user_id = u.user_id) as last_seen_at,
                count(*) over () as total
         from app_user u left join org o using (org_id)
         where $1::text is null or strpos(u.login, lower($1)) > 0 or strpos(u.name, $1) > 0 or strpos(o.name, $1) > 0
         order by u.login limit $2",
    )
    .bind(q)
    .bind(limit)
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("list accounts"))?;
    let total = rows.first().map_or(0, |r| r.total);
    let shown = |r: UserRow| {
        json!({
            "user_id": r.user_id,
            "login": r.login,
            "name": r.name,
            "org": r.org_id.zip(r.org_name).map(|(org_id, name)| json!({"org_id": org_id, "name": name})),
            "is_disabled": r.is_disabled,
            "must_change_password": r.must_change_password,
            "has_second_factor": r.has_second_factor,
            "last_seen_at": r.last_seen_at.and_then(|at| at.format(&Rfc3339).ok()),
        })
    };
    Ok((total, rows.into_iter().map(shown).collect()))
}

/// A demo account with this password, made when it is missing.
pub(in crate::identity) async fn ensure_demo_account(
    tx: &mut Tx,
    login: &str,
    name: &str,
    org_code: &str,
    hash: &str,
) -> ApiResult<i64> {
    sqlx::query_scalar(
        "insert into app_user (login, name, org_id, password_hash, password_set_at, must_change_password)
         values ($1, $2, (select org_id from org where code = $3), $4, now(), false)
         on conflict (login) do update set password_hash = excluded.password_hash
         returning user_id",
    )
    .bind(login)
    .bind(name)
    .bind(org_code)
    .bind(hash)
    .fetch_one(&mut **tx)
    .await
    .map_err(failed("make a demo account"))
}

pub(in crate::identity) async fn org_of_code(tx: &mut Tx, code: &str) -> ApiResult<Option<i64>> {
    sqlx::query_scalar("select org_id from org where code = $1")
        .bind(code)
        .fetch_optional(&mut **tx)
        .await
        .map_err(failed("find an organisation"))
}
