//! Roles, grants, and what they reach.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use gis_data::{OrgId, Permission, ScopeId, Text2, Tx};
use sqlx::FromRow;
use sqlx::types::Json;

use super::failed;
use crate::error::{ApiError, ApiResult};
use crate::identity::admin::NewGrant;
use crate::identity::role::Role;
use crate::identity::{Grant, OrgName};

/// Brings a role in the database to what the program knows.
pub(in crate::identity) async fn publish_role(tx: &mut Tx, role: &Role) -> ApiResult<()> {
    let names: Vec<&str> = role.permissions.iter().map(|p| p.name()).collect();
    sqlx::query(
        "insert into role (role_id, title, duty, permissions) values ($1, $2, $3, $4)
         on conflict (role_id) do update set title = excluded.title, permissions = excluded.permissions
         where (role.title, role.permissions) is distinct from (excluded.title, excluded.permissions)",
    )
    .bind(role.role_id)
    .bind(Json(Text2::new(role.title.0, role.title.1)))
    .bind(role.duty.name())
    .bind(names)
    .execute(&mut **tx)
    .await
    .map_err(failed("publish a role"))?;
    Ok(())
}

#[derive(FromRow)]
struct GrantRow {
    user_id: i64,
    grant_id: i64,
    role_id: String,
    title: Json<Text2>,
    permissions: Vec<String>,
    org_id: Option<OrgId>,
    org_name: Option<String>,
    clearance: i16,
}

/// What is granted to each of these users now.
pub(in crate::identity) async fn grants_of(
    tx: &mut Tx,
    users: &[i64],
) -> ApiResult<BTreeMap<i64, Vec<Grant>>> {
    let rows: Vec<GrantRow> = sqlx::query_as(
        "select g.user_id, g.grant_id, g.role_id, r.title, r.permissions, g.org_id, o.name as org_name, g.clearance
         from role_grant g join role r using (role_id) left join org o on o.org_id = g.org_id
         where g.revoked_at is null and g.user_id = any($1) order by g.grant_id",
    )
    .bind(users)
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("read grants"))?;
    let mut by_user: BTreeMap<i64, Vec<Grant>> = BTreeMap::new();
    for row in rows {
        by_user.entry(row.user_id).or_default().push(Grant {
            grant_id: row.grant_id,
            role_id: row.role_id,
            title: row.title.0,
            org: row.org_id.zip(row.org_name).map(|(org_id, name)| OrgName { org_id, name }),
            clearance: row.clearance,
            permissions: row.permissions.iter().filter_map(|n| Permission::named(n)).collect(),
        });
    }
    Ok(by_user)
}

/// The scopes of organisations under each grant of a user, up to its clearance: (grant, scope).
pub(in crate::identity) async fn reach(
    tx: &mut Tx,
    user_id: i64,
) -> ApiResult<Vec<(i64, ScopeId)>> {
    sqlx::query_as(
        "with under as (
             select g.grant_id, g.clearance, array_agg(o.org_id) as orgs
             from role_grant g join org top on top.org_id = g.org_id join org o on o.path <@ top.path
             where g.user_id = $1 and g.revoked_at is null group by g.grant_id, g.clearance)
         select u.grant_id, s.scope_id from under u join scope s
           on s.clearance <= u.clearance and (s.managing_orgs && u.orgs or s.using_orgs && u.orgs)",
    )
    .bind(user_id)
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("compile rights"))
}

/// The ground: scopes of no organisation that are open.
pub(in crate::identity) async fn scopes_without_org(tx: &mut Tx) -> ApiResult<Vec<ScopeId>> {
    sqlx::query_scalar(
        "select scope_id from scope where managing_orgs = '{}' and using_orgs = '{}' and clearance = 0",
    )
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("read the scopes of the ground"))
}

pub(in crate::identity) async fn grant(
    tx: &mut Tx,
    user_id: i64,
    new: &NewGrant,
    by: &str,
) -> ApiResult<i64> {
    let made: Result<i64, sqlx::Error> = sqlx::query_scalar(
        "insert into role_grant (user_id, role_id, duty, org_id, clearance, granted_by)
         values ($1, $2, coalesce((select duty from role where role_id = $2), 'none'), $3, $4, $5) returning grant_id",
    )
    .bind(user_id)
    .bind(&new.role_id)
    .bind(new.org_id)
    .bind(new.clearance)
    .bind(by)
    .fetch_one(&mut **tx)
    .await;
    made.map_err(|error| match error.as_database_error().and_then(|e| e.constraint()) {
        Some("role_grant_duties_separated") => ApiError::new(
            StatusCode::CONFLICT,
            "duties-separated",
            ("三员分立", "Duties are separated"),
            (
                "系统管理员、安全管理员、审计员不能由同一账号兼任",
                "one account never holds two of the three administrators",
            ),
        ),
        Some("role_grant_once") => ApiError::new(
            StatusCode::CONFLICT,
            "granted-already",
            ("已有这项授权", "Granted already"),
            ("该账号在此机构已有这个角色", "the account has this role over this organisation"),
        ),
        Some("role_grant_role_id_duty_fkey") => ApiError::bad_request(
            &format!("没有角色“{}”", new.role_id),
            &format!("no role {:?}", new.role_id),
        ),
        Some("role_grant_org_id_fkey") => {
            ApiError::bad_request("没有这个机构", "no such organisation")
        }
        Some("role_grant_clearance_check") => {
            ApiError::bad_request("密级须为 0–3", "a clearance is 0 to 3")
        }
        _ => failed("grant a right")(error),
    })
}

/// Whose it was: (user, login, role).
pub(in crate::identity) async fn revoke(
    tx: &mut Tx,
    grant_id: i64,
    by: &str,
) -> ApiResult<Option<(i64, String, String)>> {
    sqlx::query_as(
        "update role_grant g set revoked_at = now(), revoked_by = $2 from app_user u
         where g.grant_id = $1 and g.revoked_at is null and u.user_id = g.user_id
         returning u.user_id, u.login, g.role_id",
    )
    .bind(grant_id)
    .bind(by)
    .fetch_optional(&mut **tx)
    .await
    .map_err(failed("revoke a right"))
}

pub(in crate::identity) async fn ensure_demo_grant(
    tx: &mut Tx,
    user_id: i64,
    role_id: &str,
    org_code: &str,
    clearance: i16,
) -> ApiResult<()> {
    sqlx::query(
        "insert into role_grant (user_id, role_id, duty, org_id, clearance, granted_by)
         select $1, r.role_id, r.duty, o.org_id, $4, 'demo' from role r, org o
         where r.role_id = $2 and o.code = $3
           and not exists (select from role_grant g where g.user_id = $1 and g.granted_by = 'demo')",
    )
    .bind(user_id)
    .bind(role_id)
    .bind(org_code)
    .bind(clearance)
    .execute(&mut **tx)
    .await
    .map_err(failed("grant a demo right"))?;
    Ok(())
}

/// The oldest transaction that is still open, and the rows of all later ones: (transaction, number).
pub(in crate::identity) async fn access_changes(
    tx: &mut Tx,
    horizon: u64,
) -> ApiResult<(u64, BTreeSet<(u64, i64)>)> {
    let rows: Vec<(String, Option<String>, Option<i64>)> = sqlx::query_as(
        "select pg_snapshot_xmin(pg_current_snapshot())::text, c.xid::text, c.seq
         from (values (1)) as one(row) left join access_change c on c.xid >= $1::text::xid8",
    )
    .bind(horizon.to_string())
    .fetch_all(&mut **tx)
    .await
    .map_err(failed("follow rights"))?;
    let next = rows.first().and_then(|r| r.0.parse().ok()).unwrap_or(horizon);
    let seen = rows.into_iter().filter_map(|(_, xid, seq)| Some((xid?.parse().ok()?, seq?)));
    Ok((next, seen.collect()))
}
