//! Sessions, tokens, and wrong passwords.

use std::time::Duration;

use gis_data::Tx;
use serde_json::{Value, json};
use sqlx::FromRow;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::failed;
use crate::error::ApiResult;
use crate::identity::By;
use crate::identity::secret::Digest;
use crate::identity::sign_in::Origin;
use crate::identity::throttle::Subject;

/// A session or token that is good.
#[derive(FromRow)]
pub(in crate::identity) struct Found {
    pub(in crate::identity) id: i64,
    pub(in crate::identity) user_id: i64,
    pub(in crate::identity) expires_at: OffsetDateTime,
    pub(in crate::identity) seen_at: OffsetDateTime,
    pub(in crate::identity) permissions: Vec<String>,
}

pub(in crate::identity) async fn session_by_digest(
    tx: &mut Tx,
    digest: &Digest,
    idle: Duration,
) -> ApiResult<Option<Found>> {
    sqlx::query_as(
        "select s.session_id as id, s.user_id, s.expires_at, s.last_seen_at as seen_at, '{}'::text[] as permissions
         from session s join app_user u using (user_id)
         where s.token_hash = $1 and s.ended_at is null and s.expires_at > now() and u.disabled_at is null
           and s.last_seen_at > now() - make_interval(secs => $2)",
    )
    .bind(digest.as_slice())
    .bind(idle.as_secs_f64())
    .fetch_optional(&mut **tx)
    .await
    .map_err(failed("find a session"))
}

pub(in crate::identity) async fn token_by_digest(
    tx: &mut Tx,
    digest: &Digest,
) -> ApiResult<Option<Found>> {
    sqlx::query_as(
        "select t.token_id as id, t.user_id, t.expires_at, coalesce(t.last_used_at, t.created_at) as seen_at, t.permissions
         from api_token t join app_user u using (user_id)
         where t.token_hash = $1 and t.revoked_at is null and t.expires_at > now() and u.disabled_at is null
           and not u.must_change_password",
    )
    .bind(digest.as_slice())
    .fetch_optional(&mut **tx)
    .await
    .map_err(failed("find a token"))
}

pub(in crate::identity) async fn visit(tx: &mut Tx, by: By) -> ApiResult<()> {
    let (sql, id) = match by {
        By::Session(id) => ("update session set last_seen_at = now() where session_id = $1", id),
        By::Token(id) => ("update api_token set last_used_at = now() where token_id = $1", id),
    };
    sqlx::query(sql).bind(id).execute(&mut **tx).await.map_err(failed("write a visit down"))?;
    Ok(())
}

pub(in crate::identity) async fn open_session(
    tx: &mut Tx,
    user_id: i64,
    digest: &Digest,
    expires_at: OffsetDateTime,
    from: &Origin,
) -> ApiResult<i64> {
    sqlx::query_scalar(
        "insert into session (user_id, token_hash, expires_at, address, agent)
         values ($1, $2, $3, $4, left($5, 300)) returning session_id",
    )
    .bind(user_id)
    .bind(digest.as_slice())
    .bind(expires_at)
    .bind(&from.address)
    .bind(&from.agent)
    .fetch_one(&mut **tx)
    .await
    .map_err(failed("open a session"))
}

/// How many were ended.
pub(in crate::identity) async fn end_sessions(
    tx: &mut Tx,
    user_id: i64,
    only: Option<i64>,
) -> ApiResult<u64> {
    let done = sqlx::query(
        "update session set ended_at = now()
         where user_id = $1 and ended_at is null and ($2::bigint is null or session_id = $2)",
    )
    .bind(user_id)
    .bind(only)
    .execute(&mut **tx)
    .await
    .map_err(failed("end sessions"))?;
    Ok(done.rows_affected())
}

pub(in crate::identity) async fn end_other_sessions(
    tx: &mut Tx,
    user_id: i64,
    keep: Option<i64>,
) -> ApiResult<()> {
    sqlx::query(
        "update session set ended_at = now() where user_id = $1 and ended_at is null and session_id is distinct from $2",
    )
    .bind(user_id)
    .bind(keep)
    .execute(&mut **tx)
    .await
    .map_err(failed("end other sessions"))?;
    Ok(())
}

#[derive(FromRow)]
struct SessionRow {
    session_id: i64,
    created_at: OffsetDateTime,
    last_seen_at: OffsetDateTime,
    address: String,
    agent: String,
}

/// Those that run, the newest first.
pub(in crate::identity) async fn sessions_of(
    tx: &mut Tx,
    user_id: i64,
    current: Option<i64>,
    idle: Duration,
) -> ApiResult<Value> {
    let rows: Vec<SessionRow> = sqlx::query_as(
        "select session_id, created_at, last_seen_at, address, agent from session
         where user_id = $1 and ended_at is null and expires_at > now()
           and last_seen_at > now() - make_interval(secs => $2)
         order by session_id desc limit 200",
    )
    .bind(user_id)
    .bind(idle.as_secs_f64())
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("list sessions"))?;
    let shown = |r: SessionRow| {
        json!({
            "session_id": r.session_id,
            "created_at": r.created_at.format(&Rfc3339).ok(),
            "last_seen_at": r.last_seen_at.format(&Rfc3339).ok(),
            "address": r.address,
            "agent": r.agent,
            "is_current": Some(r.session_id) == current,
        })
    };
    Ok(json!({"items": rows.into_iter().map(shown).collect::<Vec<_>>()}))
}

/// When the masks that are lifted now fall again.
pub(in crate::identity) async fn unmasked_until(
    tx: &mut Tx,
    session_id: i64,
) -> ApiResult<Option<OffsetDateTime>> {
    sqlx::query_scalar(
        "select max(until_at) from unmasking where session_id = $1 and ended_at is null and until_at > now()",
    )
    .bind(session_id)
    .fetch_one(&mut **tx)
    .await
    .map_err(failed("look for lifted masks"))
}

pub(in crate::identity) async fn begin_unmasking(
    tx: &mut Tx,
    session_id: i64,
    reason: &str,
    until: OffsetDateTime,
) -> ApiResult<()> {
    sqlx::query("insert into unmasking (session_id, reason, until_at) values ($1, $2, $3)")
        .bind(session_id)
        .bind(reason)
        .bind(until)
        .execute(&mut **tx)
        .await
        .map_err(failed("lift masks"))?;
    Ok(())
}

/// Whether there was one to end.
pub(in crate::identity) async fn end_unmasking(tx: &mut Tx, session_id: i64) -> ApiResult<bool> {
    let done = sqlx::query(
        "update unmasking set ended_at = now() where session_id = $1 and ended_at is null and until_at > now()",
    )
    .bind(session_id)
    .execute(&mut **tx)
    .await
    .map_err(failed("put masks back"))?;
    Ok(done.rows_affected() > 0)
}

pub(in crate::identity) async fn make_token(
    tx: &mut Tx,
    user_id: i64,
    name: &str,
    digest: &Digest,
    permissions: &[String],
    days: i32,
) -> ApiResult<i64> {
    sqlx::query_scalar(
        "insert into api_token (user_id, name, token_hash, permissions, expires_at)
         values ($1, $2, $3, $4, now() + make_interval(days => $5)) returning token_id",
    )
    .bind(user_id)
    .bind(name)
    .bind(digest.as_slice())
    .bind(permissions)
    .bind(days)
    .fetch_one(&mut **tx)
    .await
    .map_err(failed("make a token"))
}

pub(in crate::identity) async fn revoke_token(
    tx: &mut Tx,
    user_id: i64,
    id: i64,
) -> ApiResult<bool> {
    let done = sqlx::query(
        "update api_token set revoked_at = now() where user_id = $1 and token_id = $2 and revoked_at is null",
    )
    .bind(user_id)
    .bind(id)
    .execute(&mut **tx)
    .await
    .map_err(failed("revoke a token"))?;
    Ok(done.rows_affected() == 1)
}

#[derive(FromRow)]
struct TokenRow {
    token_id: i64,
    name: String,
    permissions: Vec<String>,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    last_used_at: Option<OffsetDateTime>,
}

pub(in crate::identity) async fn tokens_of(tx: &mut Tx, user_id: i64) -> ApiResult<Value> {
    let rows: Vec<TokenRow> = sqlx::query_as(
        "select token_id, name, permissions, created_at, expires_at, last_used_at from api_token
         where user_id = $1 and revoked_at is null and expires_at > now() order by token_id desc limit 200",
    )
    .bind(user_id)
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("list tokens"))?;
    let shown = |r: TokenRow| {
        json!({
            "token_id": r.token_id,
            "name": r.name,
            "permissions": r.permissions,
            "created_at": r.created_at.format(&Rfc3339).ok(),
            "expires_at": r.expires_at.format(&Rfc3339).ok(),
            "last_used_at": r.last_used_at.and_then(|at| at.format(&Rfc3339).ok()),
        })
    };
    Ok(json!({"items": rows.into_iter().map(shown).collect::<Vec<_>>()}))
}

/// The longest time that one of the subjects still has to wait.
pub(in crate::identity) async fn locked_for(
    tx: &mut Tx,
    subjects: &[Subject<'_>],
) -> ApiResult<Option<Duration>> {
    let mut longest = None;
    for subject in subjects {
        let counted: Option<(i32, f64)> = sqlx::query_as(
            "select failures, extract(epoch from now() - last_at)::float8 from sign_in_failure where subject = $1",
        )
        .bind(subject.key())
        .fetch_optional(&mut **tx)
        .await
        .map_err(failed("count wrong passwords"))?;
        let left = counted.and_then(|(failures, ago)| {
            let ago = Duration::from_secs_f64(ago.max(0.0));
            subject.wait_after(failures)?.checked_sub(ago).filter(|left| !left.is_zero())
        });
        longest = longest.max(left);
    }
    Ok(longest)
}

/// One more for each; after a quiet day counting begins anew.
pub(in crate::identity) async fn count_failure(
    tx: &mut Tx,
    subjects: &[Subject<'_>],
) -> ApiResult<()> {
    let keys: Vec<String> = subjects.iter().map(|s| s.key()).collect();
    sqlx::query(
        "insert into sign_in_failure as f (subject, failures, last_at) select unnest($1::text[]), 1, now()
         on conflict (subject) do update set last_at = now(),
             failures = case when f.last_at < now() - interval '1 day' then 1 else f.failures + 1 end",
    )
    .bind(keys)
    .execute(&mut **tx)
    .await
    .map_err(failed("count a wrong password"))?;
    Ok(())
}

pub(in crate::identity) async fn forget_failures(tx: &mut Tx, subject: &str) -> ApiResult<()> {
    sqlx::query(
        "delete from sign_in_failure where subject = $1 or last_at < now() - interval '1 day'",
    )
    .bind(subject)
    .execute(&mut **tx)
    .await
    .map_err(failed("forget wrong passwords"))?;
    Ok(())
}
