//! The accounts of the demo: one for each way of looking at the city. They exist in demo mode only.

use gis_data::{Store, Viewer};

use super::{password, queries};

/// An account of the demo: over the whole city, or over its first county.
pub(crate) struct DemoAccount {
    pub(crate) login: &'static str,
    pub(crate) name: &'static str,
    pub(crate) role_id: &'static str,
    /// The code of the organisation it is granted over.
    org: &'static str,
    clearance: i16,
}

const CITY: &str = "U01";
const COUNTY: &str = "U0151";

/// All of them.
pub(crate) const DEMO_ACCOUNTS: [DemoAccount; 8] = [
    demo("supervisor", "示例主管", "supervisor", CITY, 3),
    demo("planner", "示例规划员", "planner", CITY, 1),
    demo("dispatcher", "示例调度员", "dispatcher", CITY, 1),
    demo("county", "示例区县主管", "supervisor", COUNTY, 1),
    demo("wall", "示例大屏", "wall", CITY, 0),
    demo("admin", "示例系统管理员", "system-admin", CITY, 0),
    demo("security", "示例安全管理员", "security-admin", CITY, 0),
    demo("auditor", "示例审计员", "auditor", CITY, 0),
];

const fn demo(
    login: &'static str,
    name: &'static str,
    role_id: &'static str,
    org: &'static str,
    clearance: i16,
) -> DemoAccount {
    DemoAccount { login, name, role_id, org, clearance }
}

/// Makes the accounts that are missing and gives all of them this password.
pub(crate) async fn ensure_demo_accounts(store: &Store, secret: &str) -> anyhow::Result<()> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    let hash = password::hash(secret.to_owned()).await?;
    for account in &DEMO_ACCOUNTS {
        let (login, name) = (account.login, account.name);
        let user_id =
            queries::ensure_demo_account(&mut tx, login, name, account.org, &hash).await?;
        queries::ensure_demo_grant(
            &mut tx,
            user_id,
            account.role_id,
            account.org,
            account.clearance,
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}
