//! The roles of the product. They are data in the database, published from here at every migration.

use gis_data::{Permission, Store, Text2, Viewer};
use serde::Serialize;

use super::queries;

/// One of the three administrators 三员, of which nobody holds two (GB/T 22239-2019 8.1.4.2 d).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Duty {
    None,
    System,
    Security,
    Audit,
}

/// A role 角色.
#[expect(clippy::struct_field_names, reason = "as the column and the wire name it")]
pub(crate) struct Role {
    pub(crate) role_id: &'static str,
    pub(crate) title: (&'static str, &'static str),
    pub(crate) duty: Duty,
    pub(crate) permissions: &'static [Permission],
}

use Permission::{
    Command, Edit, Export, Import, ManageIcons, ManageRights, ManageStandards, ManageTerminals,
    ManageUsers, Read, ReadAudit, Record, Track, Unmask,
};

/// All of them.
pub(crate) const ROLES: [Role; 9] = [
    Role {
        role_id: "system-admin",
        title: ("系统管理员", "System administrator"),
        duty: Duty::System,
        permissions: &[Read, Import, ManageUsers, ManageTerminals, ManageIcons],
    },
    Role {
        role_id: "security-admin",
        title: ("安全管理员", "Security administrator"),
        duty: Duty::Security,
        permissions: &[ManageRights],
    },
    Role {
        role_id: "auditor",
        title: ("审计员", "Auditor"),
        duty: Duty::Audit,
        permissions: &[ReadAudit],
    },
    Role {
        role_id: "supervisor",
        title: ("主管", "Supervisor"),
        duty: Duty::None,
        permissions: &[Read, Track, Record, Export, Unmask],
    },
    Role {
        role_id: "planner",
        title: ("规划员", "Planner"),
        duty: Duty::None,
        permissions: &[Read, Edit, Record, Export, ManageStandards],
    },
    Role {
        role_id: "dispatcher",
        title: ("调度员", "Dispatcher"),
        duty: Duty::None,
        permissions: &[Read, Track, Record, Command],
    },
    Role {
        role_id: "clerk",
        title: ("经办人", "Clerk"),
        duty: Duty::None,
        permissions: &[Read, Record],
    },
    Role {
        role_id: "reader", title: ("查阅人", "Reader"), duty: Duty::None, permissions: &[Read]
    },
    Role {
        role_id: "wall", title: ("大屏", "Big screen"), duty: Duty::None, permissions: &[Read]
    },
];

/// The role whose sessions last for half a year: a screen that runs for weeks has nobody to sign it in again.
pub(crate) const WALL: &str = "wall";

/// What clearances 密级 are called, from the lowest.
pub(crate) fn clearances() -> [Text2; 4] {
    [
        Text2::new("公开", "Open"),
        Text2::new("内部", "Internal"),
        Text2::new("敏感", "Sensitive"),
        Text2::new("核心", "Core"),
    ]
}

/// Brings the database to these roles. Run after every migration.
pub(crate) async fn publish_roles(store: &Store) -> anyhow::Result<()> {
    let mut tx = store.as_viewer(&Viewer::program()).await?;
    for role in &ROLES {
        queries::publish_role(&mut tx, role).await?;
    }
    tx.commit().await?;
    Ok(())
}

impl Duty {
    /// The name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::System => "system",
            Self::Security => "security",
            Self::Audit => "audit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_joins_what_the_three_administrators_keep_apart() {
        let apart =
            [(ManageUsers, Duty::System), (ManageRights, Duty::Security), (ReadAudit, Duty::Audit)];
        for (permission, duty) in apart {
            for role in &ROLES {
                assert_eq!(
                    role.permissions.contains(&permission),
                    role.duty == duty,
                    "{permission:?} of {}",
                    role.role_id
                );
            }
        }
    }
}
